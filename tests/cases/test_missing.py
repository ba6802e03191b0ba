"""A failed delivery is no answer: the feedback goes on, and somebody goes to the door."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Q
from django.test import Client

from cases import missing
from cases.models import Attachment, Call, Caller, Case, Clock, NoticeDelivery
from cases.models.call import matter_q
from cases.notices import outgoing_texts, sending
from cases.queries import field
from cases.refusals import MoveRefused
from cases.web.files import readable
from ledger import clock, post
from ledger.models import Entry
from parties.gate import OutOfScope
from parties.models import Account
from tests import town
from tests.builders import a_fact, a_move, a_photo, walk
from tests.cases.notices.sent import a_case, a_gateway, make_due
from tests.receivers import http_receiver

WAYS = ("accept", "dispatch", "sign", "resolve")
TAKEN, REFUSED = (200, b'{"code": "0", "id": "m-1"}'), (200, b'{"code": "7"}')


@pytest.fixture
def gateway_side(town):
    with http_receiver(TAKEN) as found:
        a_gateway(found.url)
        yield found


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(outgoing_texts.quiet, "until", lambda hours, at: None)


def answered(**how) -> Case:
    """Told by text a moment ago, and sent."""
    case = a_case(through=WAYS, **how)
    case = a_move(case, "answer", when=clock.now(), by="bumen", channel="sms")
    go_out()
    return case


def go_out() -> None:
    post.deliver_pending()
    sending.send_due()


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def the_answer(case: Case) -> NoticeDelivery:
    return NoticeDelivery.objects.get(case=case, event="text.answered")


def feedback(case: Case) -> Clock:
    return Clock.objects.filter(case=case, stage="feedback").latest("round")


def waits_at_the_door(case: Case, username: str) -> bool:
    return [one.waits for one in field.todo_rows(town.actor(username, clock.now())).filter(pk=case.pk)] == [
        "door"
    ]


def lost(case: Case) -> Case:
    missing.hear(pk=the_answer(case).pk, receipt="not_arrived", at=clock.now())
    return fresh(case)


class TestWhatIsTexted:
    def test_a_receipt_goes_out_by_itself_and_the_answer_where_it_was_said_so(self, gateway_side):
        case = answered()
        kinds = list(
            NoticeDelivery.objects.filter(case=case, call__isnull=False).values_list("event", flat=True)
        )
        assert sorted(kinds) == ["text.answered", "text.rate", "text.received"]
        assert any("外墙已清洗完毕" in one.json["content"] for one in gateway_side.got)
        post.deliver_pending()
        assert NoticeDelivery.objects.filter(case=case, call__isnull=False).count() == 3

    def test_who_has_no_mobile_number_is_not_told_by_text(self, gateway_side):
        case = a_case(through=WAYS, caller={"name": "孟庆芳", "phone": "05372212345"})
        with pytest.raises(MoveRefused, match="没有能收短信的手机号"):
            a_move(case, "answer", when=clock.now(), by="bumen", channel="sms")

    def test_of_what_is_confidential_it_says_nothing(self, gateway_side):
        answered(confidential=True)
        for one in gateway_side.got:
            assert "外墙" not in one.json["content"] and "查询码" in one.json["content"]


class TestLost:
    @pytest.mark.parametrize("receipt", ["not_arrived", "silent"])
    def test_the_caller_was_not_told_and_the_feedback_goes_on(self, gateway_side, receipt):
        case = answered()
        assert fresh(case).status == "answered" and feedback(case).state == "stopped"
        assert missing.hear(pk=the_answer(case).pk, receipt=receipt, at=clock.now())
        case = fresh(case)
        assert case.status == "resolved" and case.answered_at is None and case.door_since is not None
        assert feedback(case).state == "running" and feedback(case).round == 1
        assert not Clock.objects.filter(case=case, stage="grace", state="running").exists()
        call = Call.objects.get(case=case)
        assert call.told_at is None and call.missed_at is not None and call.told == "外墙已清洗完毕。"
        assert waits_at_the_door(case, "wangge") and not waits_at_the_door(case, "wangge2")

    def test_the_first_word_stands(self, gateway_side):
        case = answered()
        row = the_answer(case)
        assert missing.hear(pk=row.pk, receipt="arrived", at=clock.now())
        assert not missing.hear(pk=row.pk, receipt="not_arrived", at=clock.now())
        assert fresh(case).status == "answered"

    def test_the_same_word_again_changes_nothing(self, gateway_side):
        case = answered()
        assert missing.hear(pk=the_answer(case).pk, receipt="not_arrived", at=clock.now())
        version = fresh(case).version
        assert not missing.hear(pk=the_answer(case).pk, receipt="not_arrived", at=clock.now())
        assert fresh(case).version == version and Entry.objects.filter(event="case.missed").count() == 1

    def test_no_receipt_in_time_is_none(self, gateway_side):
        case = answered()
        assert missing.sweep(clock.now()) == 0
        late = clock.now() + dt.timedelta(hours=24, minutes=1)
        assert missing.sweep(late) >= 1
        assert the_answer(case).receipt == "silent" and fresh(case).door_since is not None

    def test_a_gateway_that_will_not_take_it(self, gateway_side):
        gateway_side.answers = [TAKEN, REFUSED]
        case = answered()
        for _n in range(sending.GIVE_UP_AFTER):
            make_due()
            sending.send_due()
        assert the_answer(case).state == "given_up" and fresh(case).status == "answered"
        missing.sweep(clock.now())  # also after a worker that died between the two
        assert fresh(case).status == "resolved" and waits_at_the_door(case, "wangge")

    def test_who_was_told_otherwise_since_was_told(self, gateway_side):
        case = answered()
        Call.objects.filter(case=case).update(told_at=clock.now(), told_channel="phone")
        assert lost(case).status == "answered"

    def test_a_case_that_is_over_stays_over(self, gateway_side):
        case = answered()
        Case.objects.filter(pk=case.pk).update(status="closed")
        assert lost(case).status == "closed"


class TestAtTheDoor:
    def test_the_form_says_what_was_to_be_told_and_takes_a_signature(self, gateway_side):
        case = lost(answered())
        client = Client()
        client.force_login(Account.objects.get(username="wanggezhang"))
        said = client.get(f"/cases/{case.number}/moves/answer/").content.decode()
        assert "外墙已清洗完毕。</textarea>" in said and "data-sign=" in said and 'name="signed"' in said
        assert 'value="visit" checked' in said

    def test_a_picture_of_the_door_is_a_signature_and_kept_from_who_may_not_read(self, gateway_side):
        case = lost(answered())
        when = case.last_at + dt.timedelta(minutes=1)
        paper = a_photo(town.actor("wanggezhang", when), when)
        a_move(case, "answer", when=when, by="wanggezhang", channel="visit", attachments=[paper])
        kept = Attachment.objects.get(pk=paper)
        assert kept.kind == "signature" and kept.case_id == case.pk
        for username in ("wanggezhang", "bumen"):
            assert readable(town.actor(username, clock.now()), kept.pk).pk == kept.pk
        for stranger in ("linju", "wangge2"):
            with pytest.raises(OutOfScope):
                readable(town.actor(stranger, clock.now()), kept.pk)

    def test_the_grid_worker_tells_it_with_a_signature(self, gateway_side):
        case = lost(answered())
        when = case.last_at + dt.timedelta(minutes=1)
        with pytest.raises(MoveRefused, match="签名或录音"):
            a_move(case, "answer", when=when, by="wanggezhang", channel="visit")
        paper = a_photo(town.actor("wanggezhang", when), when)
        case = a_move(case, "answer", when=when, by="wanggezhang", channel="visit", attachments=[paper])
        assert case.status == "answered" and case.door_since is None
        call = Call.objects.get(case=case)
        assert (call.told_channel, call.missed_at) == ("visit", None) and call.told_at is not None
        assert feedback(case).state == "stopped" and not waits_at_the_door(case, "wangge")

    def test_or_with_who_took_it_and_who_saw_it(self, gateway_side):
        case = lost(answered())
        when = case.last_at + dt.timedelta(minutes=1)
        case = a_move(
            case, "answer", when=when, by="wanggezhang", channel="visit", signed="孟庆芳，见证人邻居李大姐"
        )
        assert case.status == "answered"

    def test_without_a_failed_text_the_grid_worker_has_no_such_right(self, gateway_side):
        case = a_case(through=WAYS, by="jiedao")
        with pytest.raises(MoveRefused) as refusal:
            a_move(case, "answer", when=clock.now(), by="wanggezhang", channel="visit")
        assert refusal.value.status == 403

    def test_rework_takes_the_task_away(self, gateway_side):
        case = walk(lost(answered()), "rework")
        assert case.door_since is None and not waits_at_the_door(case, "wangge")

    def test_one_of_several_callers(self, gateway_side):
        """Who was reached stays told; the one at the door is told, and then the case is answered."""
        first = a_case(caller={"name": "孟庆芳", "phone": "13905371234"})
        second = a_case(caller={"name": "李四", "phone": "13905375678"})
        walk(second, "merge", by="jiedao", target=first.number)
        case = walk(fresh(first), *WAYS)
        case = a_move(case, "answer", when=clock.now(), by="bumen", channel="sms")
        go_out()
        rows = NoticeDelivery.objects.filter(event="text.answered")
        assert rows.count() == 2
        missing.hear(pk=rows.get(call__caller__name="李四").pk, receipt="not_arrived", at=clock.now())
        case = fresh(case)
        told = dict(Call.objects.values_list("caller__name", "told_at"))
        assert case.status == "resolved" and told["李四"] is None and told["孟庆芳"] is not None
        when = case.last_at + dt.timedelta(minutes=1)
        a_move(case, "answer", when=when, by="wanggezhang", channel="visit", signed="李四")
        assert Call.objects.get(caller__name="孟庆芳").told_at == told["孟庆芳"]

    def test_told_apart_by_text_and_lost(self, gateway_side):
        case = a_case(through=WAYS)
        call = Call.objects.get(case=case)
        case = a_fact(
            case, "tell", by="bumen", when=clock.now(), call=call.pk, told="已清洗。", channel="sms"
        )
        go_out()
        case = lost(case)
        assert case.status == "resolved" and case.door_since is not None
        assert Call.objects.get(pk=call.pk).told_at is None and feedback(case).state == "running"


@pytest.mark.usefixtures("town")
class TestWished:
    """Who asked to be told at the door is: without any text, and without having asked twice."""

    CALLER = {"name": "王奶奶", "contact_by": "visit"}

    def waits(self, case: Case, username: str) -> list[str]:
        rows = field.todo_rows(town.actor(username, clock.now())).filter(pk=case.pk)
        return [one.waits for one in rows]

    def test_the_grid_worker_goes_there_with_proof(self):
        case = a_case(through=WAYS, by="jiedao", caller=self.CALLER)
        assert self.waits(case, "wanggezhang") == ["door_wish"]
        shown = field.todos(town.actor("wanggezhang", clock.now()), clock.now())
        assert [one["hint"] for one in shown if one["number"] == case.number] == [
            "反映人要上门告诉他，请带上答复去"
        ]
        with pytest.raises(MoveRefused, match="签名或录音"):
            a_move(case, "answer", when=clock.now(), by="wanggezhang", channel="visit")
        case = a_move(
            case, "answer", when=clock.now(), by="wanggezhang", channel="visit", signed="王奶奶、李四"
        )
        assert case.status == "answered" and case.door_since is None
        assert self.waits(case, "wanggezhang") == []

    def test_rework_takes_it_away_and_the_next_result_brings_it_back(self):
        case = walk(a_case(through=WAYS, by="jiedao", caller=self.CALLER), "rework")
        assert case.door_since is None and self.waits(case, "wanggezhang") == []
        assert self.waits(walk(case, "resolve"), "wanggezhang") == ["door_wish"]

    def test_also_where_the_wish_came_with_a_joined_case(self):
        first = a_case(by="jiedao", caller={"name": "孟庆芳", "phone": "13905371234"})
        walk(a_case(by="jiedao", caller=self.CALLER), "merge", by="jiedao", target=first.number)
        case = walk(fresh(first), *WAYS)
        assert case.door_since is not None and self.waits(case, "wanggezhang") == ["door_wish"]

    def test_nobody_else_is_visited(self):
        case = a_case(through=WAYS, by="jiedao", caller={"name": "孟庆芳", "phone": "13905371234"})
        assert case.door_since is None and self.waits(case, "wanggezhang") == []


def test_the_calls_of_a_matter_are_found_by_their_cases():
    """The cases first: a condition on both tables at once is one that no index answers."""
    mine = (
        Call.objects.filter(matter_q(1), withdrawn_at=None),
        Caller.objects.filter(matter_q(1, 2, via="call__")),
        Call.objects.filter(matter_q(1), Q(pk=1) | Q(caller__phone="13905371234")),
    )
    for rows in mine:
        outer, _in, inner = str(rows.query).partition('"cases_call"."case_id" IN (')
        assert "merged_into_id" in inner and "cases_case" not in outer, outer
