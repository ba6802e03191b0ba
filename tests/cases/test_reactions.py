"""What follows an entry: who is told, and what closes by itself."""

from __future__ import annotations

import pytest

from cases import reactions
from cases.models import Clock, Notice
from cases.notices import messages, recipients
from cases.sla import sweep
from config import wiring
from ledger import post, reading
from tests.builders import a_case, a_fact, walk
from tests.cases.walking import DAY, HOUR, fresh, last, local
from tests.town import STREET

SQUAD = f"TS02-{STREET}"


def told(case, event="") -> set[str]:
    """The people whom the last entry (or the last of an event) reached."""
    post.deliver_pending()
    entries = [one for one in reading.timeline("case", case.pk) if not event or one.event == event]
    rows = Notice.objects.filter(entry_id=entries[-1].pk)
    return set(rows.values_list("account__username", flat=True))


STREET_DESK = {"jiedao", "jiedao2", "zhiban"}
COMMITTEE = {"shequ", "shequ2", "wanggezhang"}  # those of it who may accept
DEPARTMENT = {"bumen", "bumen2", "fuzeren"}
SUPERVISORS = {"ducha", "ducha2"}


class TestWhoIsTold:
    def test_a_critical_call_reaches_its_desk(self, town):
        assert told(a_case(urgency="critical")) == STREET_DESK
        assert told(a_case()) == set()

    def test_the_desk_above_and_not_the_one_below(self, town):
        assert told(walk(a_case(item="0108"), "escalate", by="shequ")) == STREET_DESK

    def test_the_desk_below(self, town):
        assert told(walk(a_case(), "hand_down", by="jiedao")) == COMMITTEE

    def test_the_unit_it_is_sent_to(self, town):
        case = a_case("assigned")
        assert told(case) == DEPARTMENT
        assert told(walk(case, "recall", by="jiedao")) == DEPARTMENT  # who had it
        case = walk(a_case("assigned"), "decline", by="bumen")
        assert told(case) == STREET_DESK
        assert told(walk(case, "rule", by="quji", organisation="IN02")) == {"huanwei"}

    def test_however_late_it_is_delivered(self, town):
        assert told(walk(a_case("assigned"), "decline", by="bumen2"), "case.assigned") == DEPARTMENT

    def test_who_did_it_is_not_told(self, town):
        case = a_fact(a_case(), "urge", by="jiedao")
        assert told(case) == STREET_DESK - {"jiedao"}

    def test_the_reporter(self, town):
        case = a_case(through=("accept", "dispatch", "sign", "resolve"))
        assert told(case) == {"wangge"}
        assert told(walk(case, "answer", by="bumen")) == {"wangge"}
        assert told(walk(a_case(), "ask", by="jiedao")) == {"wangge"}
        assert told(walk(a_case(), "reject", by="jiedao")) == {"wangge"}

    def test_who_asked_hears_the_answer(self, town):
        case = walk(a_case(through=("accept", "dispatch", "sign")), "ask", by="bumen")
        assert told(walk(case, "supply", by="wangge")) == {"bumen"}
        case = walk(a_case(), "ask", by="jiedao")
        assert told(walk(case, "supply", by="wangge")) == STREET_DESK

    def test_who_has_it_in_hand(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        assert told(a_fact(case, "urge", by="wangge")) == {"bumen"}
        case = a_fact(case, "assign", by="fuzeren", person="bumen2")
        assert told(case) == {"bumen2"}
        case = walk(walk(case, "resolve", by="bumen2"), "rework", by="wangge")
        assert told(case) == {"bumen2"}

    def test_whom_a_clock_runs_against(self, town):
        case = walk(a_case(item="0604", through=("accept",)), "dispatch", assisting=["IN02"])
        sweep.sweep(local("23 14:33"))
        post.deliver_pending()
        rows = Notice.objects.filter(event="clock.breached")
        reached = {(row.entry_id, row.account.username) for row in rows}
        by_part = {entry.pk: entry.payload["part"] for entry in reading.timeline("case", case.pk)
                   if entry.event == "clock.breached"}  # fmt: skip
        assert {(by_part[entry], name) for entry, name in reached} == {
            *((0, name) for name in DEPARTMENT | STREET_DESK), *((1, name) for name in {"huanwei"} | STREET_DESK),
        }  # fmt: skip

    def test_the_desk_whose_check_is_late(self, town):
        case = a_case(caller=None, through=("accept", "dispatch", "sign", "resolve"))
        sweep.sweep(local("26 09:00"))
        assert told(case, "clock.breached") == STREET_DESK

    def test_a_silence_climbs_to_the_supervisor(self, town):
        case = a_case("assigned")
        due_at = Clock.objects.get(case=case, stage="sign").due_at
        sweep.sweep(due_at)
        assert told(case, "clock.warned") == DEPARTMENT
        sweep.sweep(due_at + HOUR)
        assert told(case, "clock.breached") == DEPARTMENT | STREET_DESK
        sweep.sweep(due_at + DAY + HOUR)
        assert told(case, "clock.silent") == DEPARTMENT | STREET_DESK | SUPERVISORS

    def test_a_policy_says_otherwise(self, town):
        case = a_case("assigned")
        rungs = [
            {"on": "breached", "tell": ["head"]},
            {"on": "breached", "after": [1, "day"], "tell": ["supervisor"]},
        ]
        row = Clock.objects.get(case=case, stage="sign")
        Clock.objects.filter(pk=row.pk).update(rule={**row.rule, "ladder": rungs})
        sweep.sweep(row.due_at + HOUR)
        assert told(case, "clock.breached") == {"fuzeren"}
        sweep.sweep(row.due_at + DAY + HOUR)
        assert told(case, "clock.overdue") == SUPERVISORS

    def test_a_unit_without_a_head_is_told_of_at_the_desk_that_sent_it(self, town):
        case = walk(walk(a_case("assigned"), "decline", by="bumen"), "rule", by="quji", organisation="IN02")
        row = Clock.objects.get(case=case, stage="sign", state="running")
        Clock.objects.filter(pk=row.pk).update(
            rule={**row.rule, "ladder": [{"on": "breached", "tell": ["head"]}]}
        )
        sweep.sweep(row.due_at + HOUR)
        assert told(case, "clock.breached") == STREET_DESK

    def test_late_at_the_desk(self, town):
        case = a_case()
        sweep.sweep(local("24 09:01"))
        assert told(case, "clock.breached") == STREET_DESK


def test_every_wired_event_has_words():
    for event, names in wiring.REACTIONS.items():
        if "notify" in names:
            assert event in messages.TEMPLATES, event
            assert "楼道灯" in messages.sentence(event, {"stage": "accept"}, "楼道灯不亮")
    assert "楼道灯" in messages.sentence("case.unheard", {}, "楼道灯不亮")


def test_telling_twice_tells_once(town):
    case = a_case("assigned")
    post.deliver_pending()
    n = Notice.objects.count()
    reactions.notify(last(case))
    assert Notice.objects.count() == n > 0


def test_told_by_the_postings_of_then(town):
    from parties.models import Posting

    case = a_case("assigned")
    Posting.objects.filter(account=town.account("bumen2")).update(until=case.last_at)
    assert told(case) == DEPARTMENT - {"bumen2"}


def test_a_substitute_is_told_too(town):
    from parties.models import Posting

    Posting.objects.filter(account=town.account("bumen")).update(
        substitute=town.account("zhongdui"), substitute_from=town.FOUNDED, substitute_until=local("30 00:00")
    )
    assert told(a_case("assigned")) == DEPARTMENT | {"zhongdui"}


@pytest.mark.parametrize("meanwhile", ["note", "urgency"])
def test_a_checked_case_closes_whatever_was_noted_meanwhile(town, meanwhile):
    case = a_case(caller=None, through=("accept", "dispatch", "sign", "resolve"))
    case = a_fact(case, "verify", by="wangge", done=True)
    sent = {"note": {"text": "好"}, "urgency": {"urgency": "urgent", "reason": "x"}}[meanwhile]
    a_fact(case, meanwhile, by="jiedao", **sent)
    post.deliver_pending()
    assert fresh(case).status == "closed"


def test_recipients_of_an_unknown_event_are_none(town):
    case = a_case()
    entry = last(case)
    entry.event = "case.unheard"
    assert recipients.of(entry, case) == set()
