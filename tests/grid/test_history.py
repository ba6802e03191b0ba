"""How the tree was: by the day, by the difference of two, by one place's story; cheap at any size."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grid import commands, history
from ledger import clock
from tests.grid.ground import AT, SYSTEM, Ground

COMMUNITY, COMMUNITY_2, GRID, GRID_2 = "370811015001", "370811015002", "370811015001001", "370811015001002"
DAY = dt.timedelta(days=1)
FIRST = clock.local_date(AT)


def day(n: int) -> dt.date:
    return FIRST + n * DAY


def change(ground: Ground, command, code: str, n: int, /, **more):
    place = ground[code]
    return command(place=place, version=place.version, by=SYSTEM, at=AT + n * DAY, **more)


@pytest.fixture
def story(ground) -> Ground:
    """Day 1: renamed. 2: moved. 3: recoded. 4: merged. 5: back again. 6: split."""
    change(ground, commands.rename_place, COMMUNITY_2, 1, name="琵琶新社区")
    change(ground, commands.move_place, GRID_2, 2, parent=ground[COMMUNITY_2])
    change(ground, commands.recode_place, GRID, 3, code="G-1")
    commands.merge_places(
        places=[ground[COMMUNITY_2]], versions=[2], target=ground[COMMUNITY], by=SYSTEM, at=AT + 4 * DAY
    )
    change(ground, commands.restore_place, COMMUNITY_2, 5)
    parts = [
        commands.Part("东", (ground["G-1"], ground["370811015001701"])),
        commands.Part("西", (ground[GRID_2],)),
    ]
    change(ground, commands.split_place, COMMUNITY, 6, parts=parts)
    return ground


def names(n: int, above: int | None) -> list[str]:
    return [place.name for place in history.children(day(n), above)]


def test_each_day_is_as_it_was(story):
    one, two, street = story[COMMUNITY].pk, story[COMMUNITY_2].pk, story["370811015"].pk
    assert history.states(day(-1)) == {}
    assert names(0, street) == ["前铺社区居民委员会", "琵琶山社区居民委员会"]
    assert names(1, street) == ["前铺社区居民委员会", "琵琶新社区"]
    assert names(1, one) == ["前铺第一网格", "前铺第二网格", "锦绣花园"] and names(1, two) == []
    assert names(2, two) == ["前铺第二网格"] and "前铺第二网格" not in names(2, one)
    assert history.by_code(day(2), GRID).code == GRID and history.by_code(day(3), GRID).code == "G-1"
    assert names(4, street) == ["前铺社区居民委员会"] and "前铺第二网格" in names(4, one)
    assert names(5, street) == ["前铺社区居民委员会", "琵琶新社区"]
    assert names(6, street) == ["琵琶新社区", "东", "西"]
    assert history.states(day(6))[one].retired and names(6, None) == ["山东省"]
    line = history.lines(day(2), [history.by_code(day(2), GRID_2)])[story[GRID_2].pk]
    assert [place.name for place in line][-2:] == ["琵琶新社区", "前铺第二网格"]
    assert {place.id for place in history.within(day(2), two)} == {two, story[GRID_2].pk}


def test_the_difference_of_two_days(story):
    told = {one.name: one.kinds for one in history.difference(day(1), day(3))}
    assert told == {"前铺第二网格": ("moved",), "前铺第一网格": ("recoded",)}
    assert history.difference(day(3), day(3)) == []
    told = {one.name: one.kinds for one in history.difference(day(3), day(5))}
    assert told == {"前铺第二网格": ("moved",)}  # merged and back again: nothing of it shows
    told = {one.name: one.kinds for one in history.difference(day(5), day(6))}
    assert told["东"] == told["西"] == ("opened",) and told["前铺社区居民委员会"] == ("retired",)


def test_the_difference_below_one_place_tells_what_left_it(story):
    one, two = story[COMMUNITY], story[COMMUNITY_2]

    def told(root, n: int, m: int, **more) -> dict[str, tuple[str, ...]]:
        return {d.name: d.kinds for d in history.difference(day(n), day(m), root=root.path, **more)}

    assert told(one, 1, 2) == told(two, 1, 2) == {"前铺第二网格": ("moved",)}
    assert told(two, 2, 3) == {} and told(one, 2, 3) == {"前铺第一网格": ("recoded",)}
    assert told(two, 0, 1) == {"琵琶新社区": ("renamed",)} and told(one, 0, 1) == {}
    assert told(story["370811111"], 0, 6) == {}
    whole = {d.name: d.kinds for d in history.difference(day(0), day(6))}
    assert told(story["37"], 0, 6) == told(story["370811015"], 0, 6) == whole
    assert told(one, 0, 6, most=4) == {
        "前铺社区居民委员会": ("retired",),
        "前铺第一网格": ("recoded", "moved"),
        "前铺第二网格": ("moved",),
        "锦绣花园": ("moved",),
    }
    assert told(one, -1, 6) == {}  # opened and retired again, and what was below stands elsewhere
    with pytest.raises(history.TooMany):
        history.difference(day(-1), day(6), root=story["37"].path, most=3)


def test_what_is_below_something_that_left_is_told_too(ground):
    change(ground, commands.move_place, GRID, 1, parent=ground[COMMUNITY_2])
    change(ground, commands.rename_place, "370811015001001001", 2, name="一号楼")
    root = ground[COMMUNITY].path
    told = {one.name: one.kinds for one in history.difference(day(0), day(2), root=root)}
    assert told == {"前铺第一网格": ("moved",), "一号楼": ("renamed",)}
    assert history.difference(day(1), day(2), root=root) == []


def test_a_whole_branch_is_read_level_by_level(story):
    street = story["370811015"].pk
    for n in range(7):
        known = history.states(day(n))
        wanted = {
            pk for pk, line in history.lines(day(n), known.values()).items() if street in {o.id for o in line}
        }
        assert {place.id for place in history.within(day(n), street)} == wanted
    assert history.within(day(-1), street) == []
    with pytest.raises(history.TooMany):
        history.within(day(2), street, 3)
    with CaptureQueriesContext(connection) as found:
        history.within(day(2), street)
    assert len(found) == 5  # itself, communities, grids, buildings, and nothing below


def test_several_changes_at_one_instant_are_one(ground):
    place = ground[COMMUNITY]
    for n, name in enumerate(("甲", "乙", "丙")):
        commands.rename_place(place=place, name=name, version=n + 1, by=SYSTEM, at=AT + DAY)
    (told,) = history.difference(day(0), day(1))
    assert (told.before.name, told.after.name) == ("前铺社区居民委员会", "丙")


def test_a_change_at_midnight_belongs_to_the_day_it_begins(ground):
    place = ground[COMMUNITY]
    commands.rename_place(place=place, name="甲", version=1, by=SYSTEM, at=clock.local_midnight(day(1)))
    assert history.states(day(0))[place.pk].name != "甲" == history.states(day(1))[place.pk].name


def test_a_places_story(story):
    told = [(one.event, one.sentence) for one in history.timeline(story[COMMUNITY_2])]
    assert told == [
        ("place.restored", "恢复"),
        ("place.retired", "停用，由“前铺社区居民委员会”承接"),
        ("place.renamed", "原名“琵琶山社区居民委员会”，更名"),
        ("place.opened", "在“观音阁街道”下新设"),
    ]
    moved = history.timeline(story[GRID_2])[-2]
    assert moved.sentence == "由“前铺社区居民委员会”改到“琵琶新社区”之下"


def test_what_it_costs(story):
    def statements(call) -> int:
        with CaptureQueriesContext(connection) as found:
            call()
        return len(found)

    place = story[COMMUNITY]

    def costs() -> list[int]:
        return [
            statements(lambda: history.states(day(2))),
            statements(lambda: history.children(day(2), place.pk)),
            statements(lambda: history.difference(day(0), day(6))),
            statements(lambda: history.timeline(place)),
        ]

    before = costs()
    for n in range(20):
        story.open("grid", f"第{n}网格", COMMUNITY_2)
    assert before == costs() == [1, 1, 3, 5]
