"""Filing: by the holder, before the deadline, on grounds, with what was made safe and what the caller was told."""

from __future__ import annotations

import pytest

from cases.models import Relief, Words
from cases.sla import clock as sla
from cases.sla import sweep
from cases.sla.board import ClockBoard
from tests.builders import a_case, walk
from tests.cases.reliefs.filing import answered, asked, cannot, granted, in_hand
from tests.cases.walking import DAY, MINUTE, clock, clocks, fresh, last, local, repost
from tests.house.invariants import faults

STREET_DESK = "ZX-370811015"


def test_what_a_filing_leaves(town):
    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    case = fresh(case)
    assert (relief.n, relief.kind, relief.state, relief.ground) == (1, "extension", "asked", "complex")
    assert (relief.amount, relief.unit, relief.due_before) == (2, "day", local("25 09:00"))
    assert (relief.rung, relief.desk.code, relief.organisation.code) == ("street", STREET_DESK, "GV24")
    assert clocks(case)["relief"] == "running" and clocks(case)["resolve"] == "running"
    assert clock(case, "relief").due_at == local("24 17:30")  # one working day, the day of filing not counted
    assert clock(case, "relief").organisation.code == STREET_DESK
    assert case.version == 4 and case.status == "in_hand"  # asking moves nothing
    entry = last(case)
    assert entry.event == "relief.asked" and entry.seq == relief.seq
    assert "检测" not in str(entry.payload) and entry.payload["to"] == STREET_DESK
    texts = Words.objects.get(case=case, seq=relief.seq).texts
    assert texts["measure"] == "已围挡并设警示牌。" and texts["told"].startswith("已电话")
    assert faults(case) == []


def test_after_the_deadline_it_is_refused_with_a_sentence(town):
    case = in_hand()
    for kind in ("extension", "hold", "exclusion"):
        assert "时限已过" in cannot(asked, case, kind, when=local("25 09:00"))
        assert "时限已过" in cannot(asked, case, kind, when=local("26 10:00"))
    assert asked(case, when=local("25 09:00") - MINUTE)


@pytest.mark.parametrize("stranger", ["jiedao", "wangge", "ducha", "shequ"])
def test_only_who_holds_it_asks(town, stranger):
    assert cannot(asked, in_hand(), kind="not_yours", by=stranger)


def test_the_words_are_asked_for(town):
    case = in_hand()
    for name in ("ground", "reason", "measure", "told"):
        assert cannot(asked, case, **{name: ""})
    for name in ("until", "next_step", "attachments"):
        assert cannot(asked, case, "hold", **{name: ""})
    assert "没有这个选项" in cannot(asked, case, "hold", ground="complex")
    patrol = in_hand(caller=None)
    assert asked(patrol, told="").state == "asked"  # nobody to tell


def test_how_much(town):
    case = in_hand()
    assert cannot(asked, case, amount="3") and cannot(asked, case, amount="0")
    assert cannot(asked, case, "hold", until=local("23 08:00"))
    assert "30" in cannot(asked, case, "hold", when=local("23 15:00"), until=local("23 15:01") + 30 * DAY)
    assert asked(case, "hold", when=local("23 15:00"), until=local("23 15:00") + 30 * DAY)


def test_less_than_one_is_no_extension(town):
    """Half an hour again is no whole hour: a sentence, on the page too, and no failure at the grant."""
    case = in_hand(when=local("23 09:00"))
    board = ClockBoard.load(case)
    board.replace_rule("resolve", sla.Rule("resolve", "0.5", "hour"), case.last_at)
    board.save()
    assert "不足一个整单位" in cannot(asked, case, when=local("23 09:10"))
    assert asked(case, "hold", when=local("23 09:10")).state == "asked"


def test_an_hour_and_a_half_gives_an_hour(town):
    case = in_hand(when=local("23 09:00"))
    board = ClockBoard.load(case)
    board.replace_rule("resolve", sla.Rule("resolve", "1.5", "hour"), case.last_at)
    board.save()
    relief = granted(case, when=local("23 09:10"))
    assert (relief.amount, relief.unit, clock(case, "resolve").due_at) == (1, "hour", local("23 11:30"))


def test_one_at_a_time(town):
    case = in_hand()
    asked(case)
    assert "等批复" in cannot(asked, case, "hold")


def test_from_where(town):
    assert cannot(asked, a_case("received"), kind="not_from_here", by="jiedao")
    assert cannot(asked, walk(in_hand(), "resolve"), kind="not_from_here")
    assert asked(a_case("accepted"), "hold", by="jiedao").state == "asked"
    held = walk(in_hand(), "hold")
    assert cannot(asked, held, "extension", kind="not_from_here")
    assert asked(held, "exclusion").rung == "supervisor"


class TestWhoAnswers:
    def test_the_desk_that_sent_it_out(self, town):
        assert asked(in_hand()).desk.code == STREET_DESK

    def test_the_desk_above_where_the_desk_works_itself(self, town):
        case = a_case(item="0108", through=("accept", "start"))
        relief = asked(case, by="shequ")
        assert relief.desk.code == STREET_DESK
        own = a_case("accepted")  # at the street's desk
        assert asked(own, "hold", by="jiedao").desk.code == "ZX-370811"

    def test_exclusions_and_later_ones_the_supervisor(self, town):
        case = in_hand()
        assert asked(case, "exclusion").rung == "supervisor"
        case = in_hand()
        answered(asked(case), "refuse")
        relief = asked(case)
        assert (relief.n, relief.rung, relief.desk) == (2, "supervisor", None)

    def test_what_was_taken_back_does_not_count(self, town):
        case = in_hand()
        answered(asked(case), "withdraw", by="bumen")
        assert asked(case).rung == "street"


class TestHowOften:
    def test_an_extension_once(self, town):
        case = in_hand()
        granted(case)
        assert "1 次" in cannot(asked, case)
        assert asked(case, "hold").rung == "supervisor"

    def test_a_hold_twice(self, town):
        case = in_hand()
        granted(case, "hold", when=local("23 10:00"), until=local("24 10:00"))
        case = walk(fresh(case), "resume", by="bumen")
        granted(case, "hold", by="ducha")
        case = walk(fresh(case), "resume", by="bumen")
        assert "2 次" in cannot(asked, case, "hold")
        assert Relief.objects.filter(case=case, state="granted").count() == 2

    def test_nothing_after_an_exclusion(self, town):
        case = in_hand()
        granted(case, "exclusion", by="ducha")
        assert "已剔除" in cannot(asked, case)


def test_a_case_that_ended_takes_what_waits_with_it(town):
    case = in_hand()
    relief = asked(case)
    case = walk(fresh(case), "resolve", "answer")
    sweep.sweep(case.last_at + 4 * DAY)
    case = fresh(case)
    assert case.status == "closed"
    assert clocks(case)["relief"] == "ended"
    assert "了结" in cannot(answered, relief, kind="not_from_here")
    case = walk(case, "reopen")
    again = asked(case)
    relief.refresh_from_db()
    assert (relief.state, again.n, again.state, again.rung) == ("lapsed", 2, "asked", "street")
    assert faults(fresh(case)) == []


def test_somebody_else_posted_there_may_ask_too(town):
    repost("huanwei", "department_clerk", "GV24")
    assert asked(in_hand(), by="huanwei").organisation.code == "GV24"
