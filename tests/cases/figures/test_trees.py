"""By which tree a figure reads: last month as at the call stands whatever the tree does; today's tree moves all of it, and
loses nothing; what came later is listed."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.figures import later, rising, spread
from cases.figures.asking import Period, Subject, subject_of
from cases.figures.catalogue import RATES
from cases.figures.measuring import measure, summary
from cases.figures.splitting import split
from cases.figures.trees import CALL, TODAY
from cases.models import Case, Clock
from cases.sla import sweep
from grid import commands as ground
from grid.models import Place
from ledger import clock, post
from tests.builders import GRID_ITEM, a_case, a_fact
from tests.cases.walking import local
from tests.pages import Reader
from tests.town import COMMUNITY, COMMUNITY_2, GRID, GRID_3, STREET, SYSTEM

pytestmark = pytest.mark.django_db
NOVEMBER = Period.of_days(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
MOVED_AT = dt.datetime(2026, 12, 7, 2, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 12, 8, 2, tzinfo=dt.UTC)


@pytest.fixture
def month(town):
    """November in two communities: ended, open, late; in the grid that will move and beside it."""
    for n in range(4):
        when = local(f"{23 + n} 09:10")
        a_case("answered", when=when)
        a_case(when=when, item=GRID_ITEM)  # open ever since, and late
        a_case("resolved", when=when, place=GRID_3, by="jiedao")
    a_case(when=local("24 11:00"), place=COMMUNITY, by="jiedao", item=GRID_ITEM)
    sweep.sweep(at=NOVEMBER.until)  # what fell due keeps the place where it did
    return town


def values(subject: Subject) -> dict[str, tuple[int, int]]:
    found = summary(subject, NOVEMBER, NOW)
    return {code: (found[code].numerator, found[code].denominator) for code in RATES}


def of(town, code: str, tree: str) -> Subject:
    return subject_of(town.place(code).path, tree=tree)


def everything(town, tree: str) -> dict[str, object]:
    """All that is read by place: figures, rankings, splits, what rises, where it came."""
    street = of(town, STREET, tree)
    parts: dict[str, object] = {
        code: values(of(town, code, tree)) for code in (STREET, COMMUNITY, COMMUNITY_2)
    }
    parts["ranking"] = {pk: {c: (v.numerator, v.denominator) for c, v in each.items()} for pk, each in measure(street, NOVEMBER, NOW).each.items()}  # fmt: skip
    for code in ("resolve_on_time", "patrol", "settled_at_level", "declined_rightly"):
        parts[code] = {k: (v.numerator, v.denominator) for k, v in split(code, "place", street, NOVEMBER, NOW).items()}  # fmt: skip
    parts["rising"] = {(row.pk, row.now) for row in rising.rising(street, NOVEMBER, NOW).places}
    parts["heat"] = spread.heat(street, NOVEMBER, NOW, "community").spots
    return parts


def move_grid(town) -> None:
    place = Place.objects.get(code=GRID)
    ground.move_place(
        place=place,
        version=place.version,
        parent=Place.objects.get(code=COMMUNITY_2),
        by=town.actor("admin", MOVED_AT),
        at=MOVED_AT,
        basis="济任政办发〔2026〕5号",
    )
    post.deliver_pending()


def merge(town) -> None:
    place = Place.objects.get(code=COMMUNITY)
    ground.merge_places(
        places=[place],
        versions=[place.version],
        target=Place.objects.get(code=COMMUNITY_2),
        by=town.actor("admin", MOVED_AT),
        at=MOVED_AT,
        basis="济任政办发〔2026〕6号",
    )
    post.deliver_pending()


@pytest.mark.parametrize("change", [move_grid, merge])
def test_last_month_as_at_the_call_stands_and_todays_tree_moves_all_of_it(month, change):
    town = month
    before, grid = everything(town, CALL), values(of(town, GRID, CALL))
    assert before == everything(town, TODAY)  # the tree has never changed
    change(town)
    assert Case.objects.filter(grid_id=town.place(GRID).pk, community_id=town.place(COMMUNITY_2).pk).exists()
    assert everything(town, CALL) == before
    assert values(of(town, GRID, CALL)) == grid == values(of(town, GRID, TODAY))
    today = everything(town, TODAY)
    assert today[STREET] == before[STREET]
    both = [before[COMMUNITY], before[COMMUNITY_2]]
    left = today[COMMUNITY]
    for code in RATES:
        n = tuple(one + other for one, other in zip(both[0][code], both[1][code], strict=True))  # type: ignore[index]
        assert tuple(a + b for a, b in zip(today[COMMUNITY_2][code], left[code], strict=True)) == n, code  # type: ignore[index]
    if change is merge:
        assert {n for pair in left.values() for n in pair} == {0}  # type: ignore[attr-defined]
    else:
        assert left["patrol"] == (0, 1)  # type: ignore[index]
    # every number opens to its rows by that tree, and the change of each case is listed
    assert {one.event for one in later.entries(of(town, STREET, CALL), NOVEMBER)} >= {"case.rehomed"}
    with clock.frozen(NOW):
        link = f"/dashboard/?place={COMMUNITY_2}&from=2026-11-01&to=2026-11-30"
        assert Reader("quji").open(link).says("按当时的区划")
        reader = Reader("quji").open(f"{link}&tree=today")
        assert reader.says("按今天的区划：每件都算在它的地点今天所在的地方")


def test_a_place_put_right_by_hand_counts_where_it_was_put(month):
    """Who took the call had the wrong place: that is no change of the tree, and what the tree does afterwards is none
    of it."""
    town = month
    case = Case.objects.filter(grid_id=town.place(GRID).pk, status="received").earliest("pk")
    a_fact(case, "relocate", by="zhiban", when=local("27 15:00"), place=GRID_3, reason="走错了")
    put_right = everything(town, CALL)
    assert put_right[COMMUNITY]["patrol"] == (0, 8) and put_right[COMMUNITY_2]["patrol"] == (0, 5)  # type: ignore[index]
    move_grid(town)
    assert everything(town, CALL) == put_right


@pytest.mark.parametrize("swept", [True, False])
def test_what_fell_due_stands_where_it_did_though_no_sweep_has_seen_it(town, swept):
    """A grid moves between the due time and the sweep: what was late by then is late where it was."""
    case = a_case(through=("accept", "dispatch", "sign"))
    late, runs = (Clock.objects.get(case=case, stage=stage) for stage in ("resolve", "feedback"))
    at = late.due_at + (runs.due_at - late.due_at) / 2
    if swept:
        sweep.sweep(at)
    grid = Place.objects.get(code=GRID)
    there = Place.objects.get(code=COMMUNITY_2)
    ground.move_place(place=grid, parent=there, version=grid.version, by=SYSTEM, at=at)
    case.refresh_from_db()
    for row, community in ((late, COMMUNITY), (runs, COMMUNITY_2)):
        old = row.path
        row.refresh_from_db()
        assert row.community_id == town.place(community).pk
        assert row.path == (old if row.pk == late.pk else case.path)
