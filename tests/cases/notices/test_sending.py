"""From the entry to the other side: what is planned, tried again, given up, and never lost or said twice."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cases.models import Case, Endpoint, Notice, NoticeDelivery
from cases.notices import kinds, planning, preferences, sending
from cases.notices.messages import TEMPLATES, sentence
from cases.sla import sweep
from ledger import clock, post
from ledger.models import Entry
from tests import ledgers, town
from tests.builders import CALLER, a_fact, walk
from tests.cases.notices.sent import a_case, a_mailbox, an_endpoint, deliver_all, make_due
from tests.cases.walking import local
from tests.receivers import http_receiver, mail_receiver


@pytest.fixture
def receiver():
    with http_receiver() as found:
        yield found


@pytest.fixture
def mailbox():
    with mail_receiver() as found:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=found.port,
        ):
            yield found


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    """Quiet hours are judged by the host's clock; these tests are run at night as well."""
    monkeypatch.setattr(planning.quiet, "until", lambda hours, at: None)


def parent_of(code: str) -> str:
    return town.org(code).parent.code


def states() -> list[str]:
    return list(NoticeDelivery.objects.order_by("id").values_list("state", flat=True))


class TestEndpoints:
    def test_a_unit_hears_of_its_case(self, town, receiver):
        an_endpoint(receiver.url)
        case = a_case("assigned")
        deliver_all()
        [got] = receiver.got
        assert got.json["event"] == "case.assigned" and got.json["number"] == case.number
        assert got.json["text"] == f"{case.number} 新派来，待签收：建筑外立面不洁（前铺社区）"
        assert got.json["link"].endswith(f"/cases/{case.number}/")
        assert states() == ["sent"]
        assert Endpoint.objects.get().sent_at is not None

    def test_nothing_of_the_caller_leaves(self, town, receiver):
        an_endpoint(receiver.url, "GV24", kinds=list(kinds.KINDS))
        case = a_case("assigned", text="孟庆芳 13905371234 说 1号楼 301 室漏水")
        walk(case, "decline")
        deliver_all()
        assert receiver.got
        for got in receiver.got:
            said = got.body.decode()
            assert not [word for word in (*CALLER.values(), "301 室", "漏水", case.title) if word in said], (
                said
            )

    def test_a_unit_above_hears_too_and_another_does_not(self, town, receiver):
        above = an_endpoint(receiver.url + "above", parent_of("GV24"))
        an_endpoint(receiver.url + "other", "GV25")
        a_case("assigned")
        deliver_all()
        assert {got.path for got in receiver.got} == {"/above"} and above.pk

    def test_only_what_it_wants(self, town, receiver):
        an_endpoint(receiver.url, kinds=["returned"])
        an_endpoint(receiver.url, least_urgency="urgent")
        an_endpoint(receiver.url, is_on=False)
        a_case("assigned")
        deliver_all()
        assert receiver.got == []
        a_case("assigned", urgency="critical")
        deliver_all()
        assert len(receiver.got) == 1 and "特急" in receiver.got[0].json["text"]

    @pytest.mark.parametrize("guarded", [{"confidential": True}, {"about": "GV25"}])
    def test_what_is_guarded_goes_to_no_group(self, town, receiver, guarded):
        an_endpoint(receiver.url, kinds=list(kinds.KINDS))
        case = a_case(**guarded)
        Case.objects.filter(pk=case.pk).update(holder_id=town.org("GV24").pk)
        a_fact(case, "urge", by="quji")
        deliver_all()
        assert receiver.got == []

    def test_of_a_sensitive_one_only_its_kind(self, town, receiver):
        an_endpoint(receiver.url)
        case = a_case("accepted")
        Case.objects.filter(pk=case.pk).update(sensitive=True)
        walk(case, "dispatch")
        deliver_all()
        assert receiver.got[0].json["text"] == f"{case.number} 新派来，待签收：问题求助"

    def test_groups_keep_the_quiet_hours_programs_do_not(self, town, receiver, monkeypatch):
        night = clock.now() + dt.timedelta(hours=5)
        monkeypatch.setattr(planning.quiet, "until", lambda hours, at: night)
        an_endpoint(receiver.url, channel="wecom")
        an_endpoint(receiver.url)
        a_case("assigned")
        deliver_all()
        rows = dict(NoticeDelivery.objects.values_list("channel", "next_at"))
        assert rows["wecom"] == night and states() == ["waiting", "sent"]
        a_case("assigned", urgency="critical")  # wakes everybody
        post.deliver_pending()
        critical = NoticeDelivery.objects.filter(case__urgency="critical", channel="wecom").first()
        assert critical.next_at <= clock.now()

    def test_those_concerned_are_named(self, town):
        a_mailbox("bumen", chat_id="wuguodong")
        a_mailbox("fuzeren", chat_id="zhengdeming")
        preferences.choose(by=town.actor("fuzeren"), choices={"assigned": {"mail": "off", "mention": False}})
        with http_receiver((200, b'{"errcode":0}')) as receiver:
            an_endpoint(receiver.url, channel="wecom")
            a_case("assigned")
            deliver_all()
        assert receiver.got[0].json["text"]["mentioned_list"] == ["wuguodong"]


class TestTryingAgain:
    def test_it_fails_twice_and_then_arrives_under_one_key(self, town):
        with http_receiver(500, 503, 200) as receiver:
            an_endpoint(receiver.url)
            a_case("assigned")
            deliver_all()
            assert states() == ["failed"]
            row = NoticeDelivery.objects.get()
            assert (row.error, row.detail, row.tries) == ("status", "500", 1)
            assert row.next_at > clock.now()
            assert sending.send_due() == 0  # not before its time
            for _n in range(2):
                make_due()
                sending.send_due()
        assert states() == ["sent"] and NoticeDelivery.objects.get().tries == 3
        assert len({got.headers["x-huying-delivery"] for got in receiver.got}) == 1

    def test_a_worker_that_dies_in_the_middle(self, town, receiver):
        """Taken, and never heard of again: after its lease another sends it."""
        an_endpoint(receiver.url)
        a_case("assigned")
        post.deliver_pending()
        assert len(sending.take(clock.now())) == 1
        assert sending.send_due() == 0 and receiver.got == []
        make_due(3)
        assert sending.send_due() == 1
        assert states() == ["sent"] and len(receiver.got) == 1

    def test_who_comes_late_from_his_lease_postpones_nothing(self, town, receiver):
        an_endpoint(receiver.url)
        a_case("assigned")
        post.deliver_pending()
        slow = sending.take(clock.now())
        make_due(3)
        quick = sending.take(clock.now())
        lease = NoticeDelivery.objects.get().next_at
        sending._failed(slow, sending.Undelivered("timeout"))
        assert NoticeDelivery.objects.get().next_at == lease
        assert sending.deliver(quick) and states() == ["sent"]

    def test_it_is_given_up_and_stays_to_be_seen(self, town):
        with http_receiver(500) as receiver:
            an_endpoint(receiver.url)
            a_case("assigned")
            deliver_all()
            for _n in range(sending.GIVE_UP_AFTER):
                make_due()
                sending.send_due()
        assert states()[0] == "given_up"
        row = NoticeDelivery.objects.order_by("id").first()
        assert row.tries == sending.GIVE_UP_AFTER and row.error == "status" and row.ended_at

    def test_an_endpoint_that_fails_is_left_alone_and_told_once(self, town):
        with http_receiver(500) as receiver:
            bad = an_endpoint(receiver.url)
            with http_receiver() as good_one:
                an_endpoint(good_one.url)
                for _n in range(6):
                    a_case("assigned")
                post.deliver_pending()
                for _n in range(8):
                    NoticeDelivery.objects.filter(state="failed").update(next_at=clock.now())
                    sending.send_due()
                assert len(good_one.got) == 6  # the other goes on
            assert len(receiver.got) == sending.TIRED_AFTER
        bad.refresh_from_db()
        assert bad.paused_until > clock.now()
        post.deliver_pending()
        told = Notice.objects.filter(event="endpoint.paused")
        assert set(told.values_list("account__username", flat=True)) == {"admin", "fuzeren"}
        assert ledgers.faults() == []

    def test_it_comes_back_to_life(self, town):
        with http_receiver(500, 500, 500, 200) as receiver:
            an_endpoint(receiver.url)
            a_case("assigned")
            deliver_all()
            for _n in range(4):
                make_due()
                sending.send_due()
        row = Endpoint.objects.get()
        assert (row.failures, row.paused_until) == (0, None) and states()[0] == "sent"
        events = Entry.objects.filter(subject_kind="endpoint").order_by("id").values_list("event", flat=True)
        assert list(events) == ["endpoint.opened", "endpoint.paused", "endpoint.resumed"]

    def test_a_reaction_that_runs_twice_plans_once(self, town, receiver):
        an_endpoint(receiver.url)
        a_mailbox("bumen")
        a_case("assigned")
        post.deliver_pending()
        planned = NoticeDelivery.objects.count()
        entry = Entry.objects.get(event="case.assigned")
        told = list(Notice.objects.filter(entry_id=entry.pk).values_list("account_id", flat=True))
        planning.plan(entry, Case.objects.get(), {}, told, clock.now())
        assert NoticeDelivery.objects.count() == planned == 2

    def test_a_dead_broker_loses_nothing(self, town, receiver, monkeypatch):
        """The hint goes nowhere; the sweep of beat finds the rows."""
        from celery import current_app

        def dead(*_args, **_kwargs):
            raise ConnectionError("no broker")

        monkeypatch.setattr(current_app, "send_task", dead)
        an_endpoint(receiver.url)
        a_case("assigned")
        post.deliver_pending()
        planning.hint()
        assert sending.send_due() == 1 and states() == ["sent"]

    @given(st.integers(1, 60))
    def test_pauses_grow_to_a_limit(self, tries):
        seconds = sending.pause(tries).total_seconds()
        assert 0.8 * sending.FIRST <= seconds <= 1.2 * sending.LONGEST


class TestMail:
    def test_who_has_a_mailbox_gets_a_letter(self, town, mailbox):
        a_mailbox("bumen")
        case = a_case("assigned")
        deliver_all()
        [(to, letter)] = mailbox.letters
        assert to == "bumen@renqu.example"
        assert letter["Subject"].strip() == f"{case.number} 新派来，待签收：建筑外立面不洁（前铺社区）"
        assert Notice.objects.filter(account__username="bumen").exists()  # the inbox always

    def test_roles_and_choices(self, town, mailbox):
        """A dispatcher has it on the screen; a head reads a summary; one's own choice stands above."""
        for name in ("bumen", "bumen2", "fuzeren", "jiedao"):
            a_mailbox(name)
        preferences.choose(by=town.actor("bumen2"), choices={"assigned": {"mail": "off", "mention": True}})
        case = a_case("assigned")
        deliver_all()
        assert [to for to, _letter in mailbox.letters] == ["bumen@renqu.example"]
        row = NoticeDelivery.objects.get(notice__account__username="fuzeren")
        assert row.digest == "hour" and row.next_at > clock.now()
        walk(case, "decline")
        post.deliver_pending()
        assert not NoticeDelivery.objects.filter(notice__account__username="jiedao").exists()

    def test_nobody_silences_a_critical_one(self, town, mailbox):
        a_mailbox("bumen2")
        preferences.choose(by=town.actor("bumen2"), choices={"assigned": {"mail": "off", "mention": False}})
        a_case("assigned", urgency="critical")
        deliver_all()
        assert len(mailbox.letters) == 1

    def test_a_summary_is_one_letter(self, town, mailbox):
        a_mailbox("fuzeren")
        numbers = [a_case("assigned").number for _n in range(3)]
        deliver_all()
        assert mailbox.letters == []
        Notice.objects.filter(account__username="fuzeren", case__number=numbers[0]).update(
            read_at=clock.now()
        )
        make_due()
        assert sending.send_due() == 1
        [(_to, letter)] = mailbox.letters
        assert letter["Subject"] == "呼应：2 条消息"
        words = letter.get_content()
        assert numbers[0] not in words and numbers[1] in words and numbers[2] in words
        assert sorted(NoticeDelivery.objects.values_list("state", flat=True)) == ["needless", "sent", "sent"]

    def test_a_summary_that_failed_goes_out_again_as_it_was(self, town, mailbox):
        a_mailbox("fuzeren")
        for _n in range(2):
            a_case("assigned")
        post.deliver_pending()
        make_due()
        mailbox.failing = True
        sending.send_due()
        assert set(states()) == {"failed"}
        a_case("assigned")  # comes too late for it
        post.deliver_pending()
        mailbox.failing = False
        NoticeDelivery.objects.filter(state="failed").update(next_at=clock.now())
        sending.send_due()
        assert mailbox.letters[0][1]["Subject"] == "呼应：2 条消息"
        assert sorted(states()) == ["sent", "sent", "waiting"]

    def test_who_may_see_it_no_more_gets_no_letter(self, town, mailbox):
        a_mailbox("fuzeren")
        case = a_case("assigned")
        post.deliver_pending()
        Case.objects.filter(pk=case.pk).update(about_organisation=town.org("GV24"))
        make_due()
        sending.send_due()
        assert mailbox.letters == [] and states() == ["needless"]

    def test_in_the_readers_language(self, town, mailbox):
        email = a_mailbox("bumen")
        town.account("bumen").__class__.objects.filter(username="bumen").update(language="en")
        a_case("assigned")
        deliver_all()
        assert mailbox.letters[0][0] == email
        with translation.override("en"):
            said = sentence("case.assigned", {}, "建筑外立面不洁")
        assert said in mailbox.letters[0][1]["Subject"]

    def test_quiet_hours_hold_a_letter_back(self, town, mailbox, monkeypatch):
        until = clock.now() + dt.timedelta(hours=3)
        monkeypatch.setattr("cases.reactions.quiet.until", lambda hours, at: until)
        a_mailbox("bumen")
        a_case("assigned")
        deliver_all()
        assert NoticeDelivery.objects.get().next_at == until and mailbox.letters == []

    @override_settings(MAIL_READY=False)
    def test_without_a_mail_server_none_is_planned(self, town):
        a_mailbox("bumen")
        a_case("assigned")
        deliver_all()
        assert states() == []

    def test_an_account_that_was_closed(self, town, mailbox):
        a_mailbox("bumen")
        a_case("assigned")
        post.deliver_pending()
        town.account("bumen").__class__.objects.filter(username="bumen").update(is_active=False)
        sending.send_due()
        row = NoticeDelivery.objects.get()
        assert (row.state, row.error) == ("given_up", "gone")


@pytest.mark.parametrize(
    ("mail", "at", "leaves"),
    [
        ("now", "23 09:10", "23 09:10"),
        ("hour", "23 09:10", "23 10:00"),
        ("hour", "23 23:59", "24 00:00"),
        ("day", "23 07:59", "23 08:00"),
        ("day", "23 08:00", "24 08:00"),
        ("day", "23 22:00", "24 08:00"),
    ],
)
def test_when_a_summary_leaves(mail, at, leaves):
    assert planning.leaves_at(mail, local(at)) == local(leaves)


def test_every_sentence_has_its_kind():
    assert set(kinds.KIND_OF) == set(TEMPLATES), "name its kind in cases/notices/kinds.py"
    assert sum(len(kind.events) for kind in kinds.KINDS.values()) == len(kinds.KIND_OF)


def test_a_clock_that_is_late_reaches_the_group(town, receiver):
    an_endpoint(receiver.url, kinds=["breached"])
    a_case("assigned")
    sweep.sweep(local("24 12:00"))
    post.deliver_pending()
    make_due(60 * 24 * 7)
    sending.send_due()
    assert {got.json["event"] for got in receiver.got} == {"clock.breached"}
