"""What stands on a community's board goes along when the community ends, and its address leads on."""

from __future__ import annotations

import pytest

from cases import board, board_places
from cases.models import BoardCard, Case
from grid import commands
from grid.commands import Part
from ledger import versions
from ledger.models import Entry
from parties.models import Organisation, Serving
from tests.builders import a_case
from tests.cases.test_board import STEPS, photo_of
from tests.cases.walking import local
from tests.clients import Api
from tests.pages import Reader
from tests.town import COMMUNITY, COMMUNITY_2, GRID_3, SYSTEM

pytestmark = pytest.mark.django_db
AT, LATER = local("28 12:00"), local("29 12:00")
OLD, KEPT = f"/board/{COMMUNITY_2}/", f"/board/{COMMUNITY}/"


@pytest.fixture
def cards(town):
    """A wish and something done, both of the community that will go; another wish of the one that stays."""
    for code, title in ((COMMUNITY_2, "加两盏路灯"), (COMMUNITY, "修健身角")):
        board.write(
            by=town.actor("jiedao"),
            at=town.MONDAY,
            place=town.place(code),
            kind="wish",
            title=title,
            steps=STEPS,
        )
    release(town)
    return town


def release(town) -> BoardCard:
    case = a_case(at="answered", place=GRID_3, by="jiedao")
    return board.release(
        by=town.actor("jiedao"),
        at=case.last_at,
        case=case,
        title="北侧墙面洗干净了",
        after=photo_of(case),
        looked=True,
    )


def change(town, command, which: str, at=AT, **more):
    place = town.place(which)
    return command(place=place, version=place.version, by=SYSTEM, at=at, **more)


def merge(town, **more):
    place = town.place(COMMUNITY_2)
    return commands.merge_places(
        places=[place], versions=[place.version], target=town.place(COMMUNITY), by=SYSTEM, at=AT, **more
    )


def at_place(code: str) -> set[str]:
    return set(BoardCard.objects.filter(place__code=code, retired_at=None).values_list("title", flat=True))


def test_merged_they_stand_on_the_board_that_stays_and_go_back(cards):
    town = cards
    place, target = town.place(COMMUNITY_2), town.place(COMMUNITY)
    told = merge(town, dry_run=True).impacts
    assert [(one.count, one.sentence) for one in told if one.subject == "board_cards"] == [
        (2, f"2 条公示转到“{target.name}”的公示板")
    ]
    merge(town)
    assert at_place(COMMUNITY) == {"加两盏路灯", "修健身角", "北侧墙面洗干净了"} and not at_place(COMMUNITY_2)
    moved = Entry.objects.filter(event=board.MOVED)
    assert {(one.payload["before"], one.payload["place"]) for one in moved} == {(place.pk, target.pk)}
    assert len(moved) == 2 and "路灯" not in str([one.payload for one in moved])

    answer = Reader().client.get(OLD)
    assert (answer.status_code, answer["Location"]) == (301, KEPT) and "max-age" in answer["Cache-Control"]
    page = Reader().open(OLD)
    assert page.path == KEPT and page.says("加两盏路灯", "北侧墙面洗干净了")
    assert Reader().open(f"/report/?place={COMMUNITY_2}").says(target.name)
    assert Reader().open(f"/board/{GRID_3}/").path == KEPT
    assert Reader("jiedao").open(f"{OLD}edit/").says(target.name, "加两盏路灯")
    assert [one["title"] for one in Api("shequ").get(f"board/{COMMUNITY_2}/").json()]
    # a case of before goes to the board of today
    assert release(town).place == target

    wish = BoardCard.objects.get(title="加两盏路灯")
    board.write(
        by=town.actor("jiedao"), at=AT, place=target, kind="wish", title="加三盏路灯", steps=STEPS,
        pk=wish.pk, version=wish.version,
    )  # fmt: skip
    change(town, commands.restore_place, COMMUNITY_2, at=LATER)
    assert at_place(COMMUNITY_2) == {"加三盏路灯", "北侧墙面洗干净了"} and "修健身角" in at_place(COMMUNITY)
    assert Reader().open(OLD).says("加三盏路灯")


def test_what_was_taken_off_stays_where_it_was(cards):
    town, row = cards, BoardCard.objects.get(title="加两盏路灯")
    board.retire(by=town.actor("jiedao"), at=AT, pk=row.pk, place=row.place, version=1)
    merge(town)
    row.refresh_from_db()
    assert row.place == town.place(COMMUNITY_2) and "加两盏路灯" not in Reader().open(KEPT).text


def test_split_each_goes_with_its_case_and_the_address_lets_choose(cards):
    town = cards
    parts = [Part("琵琶山东社区"), Part("琵琶山西社区", (town.place(GRID_3),))]
    change(town, commands.split_place, COMMUNITY_2, parts=parts)
    east, west = (BoardCard.objects.get(title=title).place for title in ("加两盏路灯", "北侧墙面洗干净了"))
    assert (east.name, west.name) == ("琵琶山东社区", "琵琶山西社区")
    page = Reader().open(OLD)
    assert page.status == 200 and page.path == OLD and page.says("已经分开", east.name, west.name)
    assert f'href="/board/{west.code}/"' in page.text
    assert Reader().open(f"{OLD}poster/").status == 404
    assert board_places.of_case(Case.objects.get(pk=BoardCard.objects.get(kind="done").case_id)) == west


def test_with_nobody_to_take_over_it_is_said(cards):
    town = cards
    row = BoardCard.objects.get(title="加两盏路灯")
    done = BoardCard.objects.get(kind="done")
    page = Reader("admin")
    for child in town.place(COMMUNITY_2).children.filter(retired_at=None):
        change(town, commands.move_place, child.code, parent=town.place(COMMUNITY))
    Serving.objects.filter(place=town.place(COMMUNITY_2)).delete()  # a committee would want a home first
    Organisation.objects.filter(desk_of=town.place(COMMUNITY_2)).update(desk_of=None)
    versions.clear_all()
    change(town, commands.retire_place, COMMUNITY_2)
    assert page.open(OLD).status == 410 and page.says("已经撤销")
    assert row.place_id == BoardCard.objects.get(pk=row.pk).place_id
    assert board.shown(done.pk, "after") is None
    change(town, commands.restore_place, COMMUNITY_2, at=LATER)
    assert Reader().open(OLD).says("加两盏路灯") and board.shown(done.pk, "after") is not None


def test_the_old_code_leads_on(cards):
    change(cards, commands.recode_place, COMMUNITY_2, code="NEW-1")
    answer = Reader().client.get(OLD)
    assert (answer.status_code, answer["Location"]) == (301, "/board/NEW-1/")
