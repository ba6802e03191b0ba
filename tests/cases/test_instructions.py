"""批示: written by an official, answered by whoever has the case, told to both, read with its words masked."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.lifecycle import FACTS
from cases.models import Case, Instruction, Notice, Words
from cases.sla import sweep
from ledger import post
from parties.gate import OutOfScope
from tests.builders import CALLER, a_case, a_fact, walk
from tests.cases.walking import DAY, HOUR, events, fact_refused, fresh, last
from tests.house.invariants import faults
from tests.town import OTHER_GRID

WANTED = f"{CALLER['name']}反映的外墙请尽快清洗，电话 {CALLER['phone']}。"


def in_hand() -> Case:
    return a_case(through=("accept", "dispatch", "sign"))


def instructed(case: Case, *, days: int = 3, by: str = "lingdao", **more) -> Case:
    return a_fact(case, "instruct", by=by, text=WANTED, until=case.last_at + days * DAY, **more)


def told(event: str) -> set[str]:
    post.deliver_pending()
    return set(Notice.objects.filter(event=event).values_list("account__username", flat=True))


def test_it_is_one_entry_and_one_row_and_changes_nothing_else(town):
    case = in_hand()
    before = (case.status, case.version, case.holder_id, case.next_due_at)
    case = instructed(case)
    assert (case.status, case.version, case.holder_id, case.next_due_at) == before
    row = Instruction.objects.get()
    assert events(case)[-1] == "case.instructed" and row.seq == last(case).seq
    assert (row.instructed_at, row.answer_by, row.answered_at) == (last(case).at, case.word_due_at, None)
    assert (row.street_id, row.path) == (case.street_id, case.path)
    assert Words.objects.get(case=case, seq=row.seq).texts == {"text": WANTED}
    assert CALLER["phone"] not in str(last(case).payload)
    assert faults(fresh(case)) == []


def test_the_holder_says_what_came_of_it(town):
    case = instructed(instructed(in_hand(), days=5), days=2)
    rows = list(Instruction.objects.order_by("pk"))
    assert case.word_due_at == rows[1].answer_by < rows[0].answer_by
    case = a_fact(case, "report", by="bumen", text="今天下午施工，已围挡。")
    assert case.word_due_at is None
    assert last(case).payload["instructions"] == [row.seq for row in rows]
    assert last(case).payload["late"] is False
    for row in Instruction.objects.all():
        assert (row.answered_at, row.answered_seq) == (last(case).at, last(case).seq)
        assert (row.answered_unit_id, row.answered_by_id) == (case.holder_id, town.account("bumen").pk)
    assert fact_refused("not_ready", case, "report", by="bumen", text="再说一遍")
    assert faults(fresh(case)) == []


def test_late_is_late(town):
    case = instructed(in_hand(), days=1)
    case = a_fact(case, "report", by="bumen", when=case.last_at + 2 * DAY, text="才办。")
    assert last(case).payload["late"] is True


class TestWho:
    def test_writes_it(self, town):
        case = in_hand()
        sent = {"text": WANTED, "until": case.last_at + DAY}
        for who in (
            "wangge",
            "shequ",
            "jiedao",
            "zhiban",
            "bumen",
            "fuzeren",
            "ducha",
            "admin",
            "shenji",
            "quji",
        ):
            fact_refused("not_yours", case, "instruct", by=who, **sent)
        elsewhere = a_case(place=OTHER_GRID, by="linju")
        with pytest.raises(OutOfScope):
            a_fact(elsewhere, "instruct", by="lingdao", text=WANTED, until=elsewhere.last_at + DAY)

    def test_answers_it(self, town):
        case = instructed(in_hand())
        for who in ("lingdao", "wangge", "jiedao", "ducha", "admin"):
            fact_refused("not_yours", case, "report", by=who, text="办了")
        assert a_fact(case, "report", by="bumen2", text="办了").word_due_at is None

    def test_a_desk_that_has_it_answers(self, town):
        case = instructed(a_case())
        assert a_fact(case, "report", by="jiedao", text="已派人去看").word_due_at is None


@pytest.mark.parametrize("ahead", [dt.timedelta(0), -HOUR, 91 * DAY])
def test_a_time_that_leaves_none_or_lies_too_far(town, ahead):
    case = in_hand()
    when = case.last_at + HOUR
    assert fact_refused(
        "not_ready", case, "instruct", by="lingdao", when=when, text=WANTED, until=when + ahead
    )
    assert not Instruction.objects.exists()


def test_nothing_waits_where_nobody_wrote(town):
    assert "批示" in fact_refused("not_ready", in_hand(), "report", by="bumen", text="办了")


def test_what_has_ended_may_still_be_answered(town):
    case = walk(instructed(in_hand()), "resolve", "answer", by="bumen")
    sweep.sweep(case.last_at + 5 * DAY)
    case = fresh(case)
    assert case.status == "closed" and case.word_due_at is not None
    assert a_fact(case, "report", by="bumen", text="已办完").word_due_at is None


def test_both_sides_are_told(town):
    case = instructed(in_hand())
    assert told("case.instructed") == {"bumen"}
    notice = Notice.objects.get(event="case.instructed")
    assert notice.facts["until"] and CALLER["phone"] not in str(notice.facts)
    a_fact(case, "report", by="bumen", text="办了")
    assert told("case.instruction_answered") == {"lingdao"}


def test_both_facts_are_of_the_table():
    assert (FACTS["instruct"].capability, FACTS["report"].who) == ("instruct", "holder")
