"""An interim answer that did not arrive is none: the feedback it met runs on, and somebody goes to the door."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases import interims, missing
from cases.lifecycle import FACTS
from cases.models import Call, Case, Clock, NoticeDelivery
from cases.notices import outgoing_texts, sending
from cases.queries import field, moves_bar, track
from cases.refusals import MoveRefused
from cases.sla import board
from cases.sla.board import ClockBoard
from ledger import clock, post
from ledger.models import Entry
from tests import town
from tests.builders import a_fact, a_move, walk
from tests.cases.notices.sent import a_case, a_gateway
from tests.house.invariants import faults
from tests.receivers import http_receiver

TAKEN = (200, b'{"code": "0", "id": "m-1"}')
IN_HAND = ("accept", "dispatch", "sign")
SAID = {"done": "已到场看过。", "next": "明天换水泵。"}
LI, MENG = {"name": "李四", "phone": "13905375678"}, {"name": "孟庆芳", "phone": "13905371234"}


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(outgoing_texts.quiet, "until", lambda hours, at: None)


@pytest.fixture
def gateway_side(town):
    with http_receiver(TAKEN) as found:
        a_gateway(found.url)
        yield found


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def told(
    case: Case, *, channel: str = "sms", when: dt.datetime | None = None, by: str = "bumen", **sent
) -> Case:
    """An interim answer a moment ago; its texts have left."""
    when = when or clock.now()
    sent = {**SAID, "until": when + dt.timedelta(hours=20), **sent}
    case = a_fact(case, "interim", by=by, when=when, channel=channel, **sent)
    post.deliver_pending()
    sending.send_due()
    return case


def the_texts(case: Case) -> list[NoticeDelivery]:
    return list(NoticeDelivery.objects.filter(case=case, event="text.interim").order_by("pk"))


def lose(case: Case, name: str = "", receipt: str = "not_arrived") -> Case:
    for row in the_texts(case):
        if not name or row.call.caller.name == name:
            missing.hear(pk=row.pk, receipt=receipt, at=clock.now())
    return fresh(case)


def rounds(case: Case) -> list[tuple[str, str]]:
    found = Clock.objects.filter(case=case, stage="feedback").order_by("round")
    return [(row.state, row.outcome) for row in found]


def waits_for(case: Case, username: str) -> list[str]:
    return [one.waits for one in field.todo_rows(town.actor(username, clock.now())).filter(pk=case.pk)]


class TestLost:
    @pytest.mark.parametrize("receipt", ["not_arrived", "silent"])
    def test_the_feedback_runs_on_with_what_was_left(self, gateway_side, receipt):
        case = a_case(through=IN_HAND)
        before = Clock.objects.get(case=case, stage="feedback").due_at
        case = told(case)
        assert rounds(case) == [("stopped", "met"), ("running", "")]
        case = lose(case, receipt=receipt)
        assert rounds(case) == [("running", ""), ("stopped", "cancelled")]
        assert Clock.objects.get(case=case, stage="feedback", round=1).due_at >= before
        assert ClockBoard.load(case).latest("feedback").round == 1
        assert case.status == "in_hand" and case.door_interim and case.door_since is not None
        assert Call.objects.get(case=case).missed_at is not None
        assert list(faults(case)) == []

    def test_it_counts_neither_as_told_nor_bumps_the_version(self, gateway_side):
        """Who is writing a result must not lose it because a text got lost."""
        case = told(a_case(through=IN_HAND))
        version = case.version
        assert lose(case).version == version
        assert Entry.objects.filter(event="case.interim_missed", subject_id=case.pk).count() == 1

    def test_the_same_word_again_and_two_words_change_nothing(self, gateway_side):
        case = told(a_case(through=IN_HAND))
        lose(case)
        lose(case, receipt="silent")
        assert Entry.objects.filter(event="case.interim_missed").count() == 1

    def test_it_stands_in_the_list_of_the_grid_worker_of_the_place_alone(self, gateway_side):
        case = lose(told(a_case(through=IN_HAND)))
        assert waits_for(case, "wangge") == ["door_interim"] and "door_interim" not in waits_for(
            case, "wangge2"
        )
        (line,) = field.todos(town.actor("wangge", clock.now()), clock.now())
        assert line["url"].endswith("#move-interim") and "阶段性反馈" in line["hint"]

    def test_who_was_told_otherwise_since_was_told(self, gateway_side):
        case = told(a_case(through=IN_HAND))
        case = told(case, channel="phone", when=clock.now() + dt.timedelta(seconds=1))
        case = lose(case)
        assert case.door_since is None and rounds(case)[-1] == ("running", "")

    def test_answered_since_it_stays_answered(self, gateway_side):
        case = walk(told(a_case(through=IN_HAND)), "resolve", "answer")
        assert lose(case).status == "answered" and rounds(case)[-1] == ("stopped", "met")

    def test_the_work_done_takes_the_task_away_and_the_answer_is_due_by_what_was_left(self, gateway_side):
        case = walk(lose(told(a_case(through=IN_HAND))), "resolve")
        assert case.door_since is None and "door_interim" not in waits_for(case, "wangge")
        case = a_move(case, "answer", when=case.last_at, by="bumen", channel="phone")
        assert rounds(case) == [("stopped", "met"), ("stopped", "cancelled")]

    def test_on_hold_nothing_runs(self, gateway_side):
        case = a_case(through=IN_HAND)
        case = told(walk(case, "hold"), when=clock.now())
        case = lose(case)
        assert rounds(case) == [("paused", ""), ("stopped", "cancelled")]
        case = walk(case, "resume")
        assert rounds(case)[0] == ("running", "")

    def test_an_answer_lost_too_goes_before_it(self, gateway_side):
        case = walk(told(a_case(through=IN_HAND)), "resolve")
        case = a_move(case, "answer", when=clock.now(), by="bumen", channel="sms")
        post.deliver_pending()
        sending.send_due()
        missing.hear(
            pk=NoticeDelivery.objects.get(case=case, event="text.answered").pk,
            receipt="silent",
            at=clock.now(),
        )
        case = lose(case)
        assert case.status == "resolved" and case.answer_at_door and rounds(case)[0] == ("running", "")

    def test_a_merge_and_its_undoing_leave_one_clock(self, gateway_side):
        other = a_case(caller=LI, through=())
        case = lose(told(a_case(through=IN_HAND)))
        case = walk(case, "merge", by="jiedao", target=other.number)
        case = walk(case, "unmerge", by="zhiban")
        assert rounds(case) == [("running", ""), ("stopped", "cancelled")]


class TestAtTheDoor:
    def test_the_form_holds_what_the_text_said(self, gateway_side):
        case = lose(told(a_case(through=IN_HAND)))
        at = clock.now()
        form = moves_bar.one(town.actor("wanggezhang", at), case, ClockBoard.load(case), at, "interim")
        values = {one["field"]: one.get("value", "") for one in form["fields"]}
        assert values["done"] == SAID["done"] and values["next"] == SAID["next"] and values["until"]
        assert values["channel"] == "visit" and {"attachments", "signed"} <= values.keys()

    def test_it_wants_something_that_shows_it(self, gateway_side):
        case = lose(told(a_case(through=IN_HAND)))
        with pytest.raises(MoveRefused, match="签名或录音"):
            told(case, channel="visit", by="wanggezhang")
        case = told(case, channel="visit", by="wanggezhang", signed="孟庆芳，见证人李大姐")
        assert case.door_since is None and not case.door_interim
        assert rounds(case) == [("stopped", "met"), ("stopped", "cancelled"), ("running", "")]
        assert Call.objects.get(case=case).missed_at is None

    def test_without_a_lost_text_the_grid_worker_has_no_such_right(self, gateway_side):
        case = a_case(through=IN_HAND, by="jiedao")
        with pytest.raises(MoveRefused) as refusal:
            told(case, channel="visit", by="wanggezhang")
        assert refusal.value.status == 403

    def test_nor_may_he_give_the_answer(self, gateway_side):
        case = told(a_case(through=(*IN_HAND, "resolve"), by="jiedao"))
        case = lose(case)
        assert case.door_interim
        with pytest.raises(MoveRefused) as refusal:
            a_move(case, "answer", when=clock.now(), by="wanggezhang", channel="visit", signed="孟庆芳")
        assert refusal.value.status == 403

    def test_of_two_callers_the_one_is_told_and_the_other_keeps_it(self, gateway_side):
        first = a_case(caller=MENG)
        second = a_case(caller=LI)
        walk(second, "merge", by="jiedao", target=first.number)
        case = told(walk(fresh(first), *IN_HAND))
        assert len(the_texts(case)) == 2
        case = lose(case, "李四")
        missed = dict(Call.objects.values_list("caller__name", "missed_at"))
        assert missed["李四"] is not None and missed["孟庆芳"] is None
        case = told(case, channel="visit", by="wanggezhang", signed="李四")
        seen = {}
        for call in Call.objects.select_related("caller", "case"):
            lines = track.result(call, clock.now())["timeline"]
            seen[call.caller.name] = sum(line["kind"] == "interim" for line in lines)
        assert seen == {"李四": 2, "孟庆芳": 1}

    def test_both_lost_is_one_door(self, gateway_side):
        first = a_case(caller=MENG)
        second = a_case(caller=LI)
        walk(second, "merge", by="jiedao", target=first.number)
        case = lose(told(walk(fresh(first), *IN_HAND)))
        assert rounds(case) == [("running", ""), ("stopped", "cancelled")]
        assert Call.objects.filter(missed_at__isnull=False).count() == 2
        case = told(case, channel="visit", by="wanggezhang", signed="两位都签了")
        assert not Call.objects.filter(missed_at__isnull=False).exists()

    def test_by_text_only_where_everybody_has_a_number(self, gateway_side):
        case = a_case(through=IN_HAND, caller={"name": "孟庆芳", "phone": "05372212345"})
        with pytest.raises(MoveRefused, match="没有能收短信的手机号"):
            told(case)


def test_the_system_alone_may_say_so(gateway_side):
    assert not FACTS["miss_interim"].by_people
    case = told(a_case(through=IN_HAND))
    with pytest.raises(MoveRefused) as refusal:
        a_fact(case, "miss_interim", by="zhiban", when=clock.now(), call=Call.objects.get(case=case).pk)
    assert refusal.value.status == 403
    assert interims.AT_MOST == 5


class Lost(RuleBasedStateMachine):
    """Interim answers by text and by phone, told, lost and found again in any order, among holds and results: the
    feedback is one clock that never ran out of sight, and the door waits for exactly those who were missed."""

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed):
        self.chance = random.Random(seed)
        first = a_case(caller=MENG, when=clock.now() - dt.timedelta(hours=2))
        second = a_case(caller=LI, when=clock.now() - dt.timedelta(hours=2))
        walk(second, "merge", by="jiedao", target=first.number)
        self.case = walk(fresh(first), *IN_HAND)
        self.now = clock.now()
        self.reached: dict[str, bool] = {}

    def later(self):
        self.now += dt.timedelta(minutes=self.chance.choice([1, 30, 300]))
        return self.now

    @rule(channel=st.sampled_from(["sms", "phone"]))
    def tell(self, channel):
        if fresh(self.case).status not in ("in_hand", "on_hold"):
            return
        now = self.later()
        told(self.case, channel=channel, when=now, until=now + dt.timedelta(hours=10))
        if channel == "phone" or self.texts_of_last():
            self.reached = dict.fromkeys(("李四", "孟庆芳"), True)

    def texts_of_last(self):
        last = Entry.objects.filter(event="case.interim", subject_id=self.case.pk).order_by("-seq").first()
        return list(NoticeDelivery.objects.filter(entry_id=last.pk)) if last else []

    @rule(receipt=st.sampled_from(["arrived", "not_arrived", "silent"]), newest=st.booleans())
    def hear(self, receipt, newest):
        rows = self.texts_of_last() if newest else the_texts(self.case)
        rows = [row for row in rows if row.receipt in ("", "awaited")]
        if not rows:
            return
        row = self.chance.choice(rows)
        is_last = row in self.texts_of_last()
        missing.hear(pk=row.pk, receipt=receipt, at=self.later())
        if is_last and receipt != "arrived" and fresh(self.case).status in ("in_hand", "on_hold"):
            self.reached[row.call.caller.name] = False

    @rule()
    def hold_or_resume(self):
        case = fresh(self.case)
        if case.status in ("in_hand", "on_hold"):
            walk(case, "resume" if case.status == "on_hold" else "hold")

    @rule()
    def at_the_door(self):
        if fresh(self.case).door_interim:
            now = self.later()
            told(
                self.case,
                channel="visit",
                by="wanggezhang",
                when=now,
                until=now + dt.timedelta(hours=10),
                signed="签了",
            )
            self.reached = dict.fromkeys(("李四", "孟庆芳"), True)

    @invariant()
    def one_feedback_goes_on_and_the_missed_wait(self):
        if not hasattr(self, "case"):
            return
        case = fresh(self.case)
        live = Clock.objects.filter(case=case, stage="feedback", state__in=board.LIVE)
        assert live.count() == 1 and list(faults(case)) == []
        missed = {
            name
            for name, at in Call.objects.filter(
                case__in=[case.pk, *case.merged_from.values_list("pk", flat=True)]
            ).values_list("caller__name", "missed_at")
            if at is not None
        }
        assert missed == {name for name, was in self.reached.items() if not was}
        assert case.door_interim == bool(missed)


def test_however_texts_are_lost(town):
    with http_receiver(TAKEN) as found:
        a_gateway(found.url)
        run_state_machine_as_test(
            Lost,
            settings=settings(
                max_examples=6,
                stateful_step_count=8,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                derandomize=True,
            ),
        )


@given(names=st.lists(st.sampled_from(["cancelled", "met", "ended", ""]), min_size=1, max_size=6))
def test_the_round_that_counts_is_the_living_one_else_the_last_that_stood(names):
    class Row:
        def __init__(self, n, outcome):
            self.round, self.outcome, self.state = n, outcome, "stopped" if outcome else "running"

    rows = [Row(n, outcome) for n, outcome in enumerate(names, 1)]
    found = board.standing_round(rows)
    if "" in names:
        assert found.state == "running"
    elif set(names) != {"cancelled"}:
        assert found.outcome != "cancelled" and found.round == max(
            row.round for row in rows if row.outcome != "cancelled"
        )
    else:
        assert found is rows[-1]
