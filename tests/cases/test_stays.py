"""谁手里多久: minutes counted from dispatch, rests kept apart; against a recount from the ledger on random walks."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import stays
from cases.models import Case, Holding
from cases.queries import dossier, holdings
from cases.sla import sweep
from cases.sla.board import ClockBoard
from cases.sla.calendar import DEFAULT
from tests.builders import a_case, a_move, walk
from tests.cases.reliefs.filing import answered, asked, in_hand
from tests.house.holders import recount
from tests.town import MONDAY

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
SENT = ("accept", "dispatch", "sign")


def of(case: Case, at: dt.datetime) -> list[tuple[str, int, int, int, int]]:
    """(unit, wall, opening, paused, counted) of every stay that took time."""
    from parties import directory

    case.refresh_from_db()
    found = holdings.of(case, dossier.read(case), ClockBoard.load(case), at)
    return [
        (
            directory.by_id(one.unit).code,
            one.minutes.wall,
            one.minutes.opening,
            one.minutes.paused,
            one.minutes.worked,
        )
        for one in found
        if one.minutes.wall or one.until is None
    ]


@pytest.mark.django_db
class TestWhoHadItHowLong:
    def test_from_dispatch_and_not_from_sign_for(self, town):
        case = a_case("assigned")  # 09:02
        case = a_move(case, "sign", when=MONDAY + 5 * HOUR)
        assert case.held_since == MONDAY + dt.timedelta(minutes=2)
        # 09:02 to 15:00 with the hour and a half of noon left out
        assert of(case, MONDAY + 6 * HOUR)[-1] == ("GV24", 358, 268, 0, 268)

    def test_a_hold_is_charged_to_nobody(self, town):
        case = a_case(through=SENT)
        case = a_move(case, "hold", when=MONDAY + HOUR, until=MONDAY + 3 * DAY)
        case = a_move(case, "resume", when=MONDAY + DAY)
        wall, opening, paused, worked = of(case, MONDAY + DAY + HOUR)[-1][1:]
        assert opening == 418 + 90 and paused == 360 + 30 and worked == opening - paused
        assert wall == 25 * 60 - 2

    def test_who_resumes_late_works_from_the_end_of_the_hold(self, town):
        case = a_case(through=SENT)
        case = a_move(case, "hold", when=MONDAY + HOUR, until=MONDAY + 2 * HOUR)
        case = a_move(case, "resume", when=MONDAY + 5 * HOUR)
        assert case.rests[-1]["to"] == (MONDAY + 2 * HOUR).isoformat()
        assert of(case, MONDAY + 5 * HOUR)[-1][3] == 60

    def test_a_hold_counts_from_when_it_was_asked_for(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=MONDAY + HOUR)  # 10:00, granted at 14:00
        answered(relief, when=MONDAY + 5 * HOUR)
        assert of(case, MONDAY + 6 * HOUR)[-1] == ("GV24", 358, 268, 210, 58)
        assert recount(case) == []

    def test_a_question_is_a_pause_too(self, town):
        case = walk(a_case(through=()), "ask", by="jiedao")  # 09:01
        case = a_move(case, "supply", when=MONDAY + HOUR)
        assert of(case, MONDAY + HOUR)[-1][3] == 59

    def test_what_comes_after_the_resolve_counts_for_nobody(self, town):
        case = a_case(through=SENT)
        case = a_move(case, "resolve", when=MONDAY + HOUR)
        case = a_move(case, "rework", when=MONDAY + 4 * HOUR)
        case = a_move(case, "resolve", when=MONDAY + 5 * HOUR)
        unit, _wall, opening, paused, worked = of(case, MONDAY + DAY)[-1]
        assert (unit, paused, worked) == ("GV24", 0, 58 + 30) and opening > worked

    def test_closed_and_reopened(self, town):
        case = walk(a_case(through=SENT), "resolve", "answer")
        sweep.sweep(MONDAY + 5 * DAY)
        case.refresh_from_db()
        case = a_move(case, "reopen", when=MONDAY + 7 * DAY)
        before = of(case, MONDAY + 7 * DAY)[-1][4]
        assert before <= 3
        assert of(case, MONDAY + 7 * DAY + HOUR)[-1][4] == before + 60

    def test_a_hold_goes_on_with_the_next_holder(self, town):
        from cases import following

        case = a_case(through=SENT)
        case = a_move(case, "hold", when=MONDAY + HOUR, until=MONDAY + 3 * DAY)
        following.hand_over(town.org("GV24").pk, town.org("GV25").pk, by=town.SYSTEM, at=MONDAY + 2 * HOUR)
        first, second = of(case, MONDAY + 3 * HOUR)[-2:]
        assert first[0] == "GV24" and first[3] == 60 and first[4] == 58
        assert second[0] == "GV25" and second[3] == second[2] and second[4] == 0

    def test_the_share_is_of_the_limit(self, town):
        case = a_case(through=SENT)
        case.refresh_from_db()
        board = ClockBoard.load(case)
        rule = board.latest("resolve").rule
        stay = holdings.of(case, dossier.read(case), board, MONDAY + 12 * HOUR)[-1]
        assert (rule["unit"], rule["amount"]) == ("day", 2)
        assert stay.share == pytest.approx((12 * 60 - 2) / (48 * 60), abs=0.001)

    def test_an_assisting_part_has_its_own_row(self, town):
        case = walk(a_case("accepted"), "dispatch", organisation="GV24", assisting=["TS02-370811015"])
        case = walk(case, "sign", by="zhongdui")
        found = holdings.of(case, dossier.read(case), ClockBoard.load(case), MONDAY + HOUR)
        assert [(one.part, one.until) for one in found if one.part] == [(1, None)]
        case = a_move(case, "resolve", when=MONDAY + HOUR, by="zhongdui")
        row = Holding.objects.get(case=case, part=1)
        assert (row.wall_minutes, row.worked_minutes) == (58, 58)
        assert recount(case) == []


INSTANTS = st.integers(0, 60 * 24 * 4).map(lambda n: MONDAY + dt.timedelta(minutes=n))


@settings(deadline=None, max_examples=60)
@given(st.lists(INSTANTS, min_size=2, max_size=8, unique=True), st.booleans())
def test_minutes_against_every_minute_counted(instants, open_end):
    """Rests are every second stretch; each minute of the calendar asked one by one."""
    first, *marks, last = sorted(instants)
    rests = [
        {"kind": "hold" if n % 2 else "done", "from": a.isoformat(), "to": b.isoformat()}
        for n, (a, b) in enumerate(zip(marks[::2], marks[1::2], strict=False))
    ]
    if open_end and len(marks) % 2:
        rests.append({"kind": "ask", "from": marks[-1].isoformat()})
    found = stays.measure(first, last, rests, DEFAULT)
    wall = opening = paused = worked = busy = 0
    at = first
    while at < last:
        is_open = DEFAULT.opening_seconds(at, at + dt.timedelta(minutes=1)) > 0
        kind = next((r["kind"] for r in rests if r["from"] <= at.isoformat() < r.get("to", "9")), "")
        wall, opening = wall + 1, opening + is_open
        paused += is_open and kind in ("hold", "ask")
        worked += is_open and not kind
        busy += not kind
        at += dt.timedelta(minutes=1)
    assert (found.wall, found.opening, found.paused, found.worked, found.busy) == (
        wall,
        opening,
        paused,
        worked,
        busy,
    )
