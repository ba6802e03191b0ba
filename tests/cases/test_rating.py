"""One voice per caller and case; not solved is checked by somebody else first."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils.dateparse import parse_datetime

from cases import rating, reactions
from cases.models import Attachment, Call, Case, Finding
from cases.queries import case_list, track
from cases.refusals import MoveRefused
from cases.sla import sweep
from ledger import clock, post, reading
from tests import town as places
from tests.builders import CALLER, a_case, a_fact, a_photo, walk
from tests.cases.test_joining import join
from tests.cases.voices_of_callers import an_answered, asked, rate, ratings
from tests.cases.walking import clock as clock_of
from tests.cases.walking import events, fresh, last, local
from tests.house.invariants import faults

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def tray(settings):
    settings.DEMO = True  # texts leave into the tray


def no(case: Case, **more) -> MoveRefused:
    before = fresh(case).chain_length
    with pytest.raises(MoveRefused) as refusal:
        rate(case, **more)
    assert fresh(case).chain_length == before
    return refusal.value


def deliver(case: Case) -> Case:
    with clock.frozen(fresh(case).last_at):
        post.deliver_pending()
    return fresh(case)


class TestAVoice:
    def test_is_an_entry_without_words(self, town):
        case = an_answered()
        rate(case, step="very_good", words="谢谢，电话13812345678别打了")
        entry, case = last(fresh(case)), fresh(case)
        assert entry.event == "case.rated" and entry.actor_role == "system:resident"
        payload = {name: value for name, value in entry.payload.items() if name != "was"}
        assert payload == {"call": case.calls.get().pk, "step": "very_good", "solved": "yes"}
        (before,) = entry.payload["was"]["voices"]
        assert parse_datetime(before["told_at"]) == case.answered_at and "rated_at" not in before
        assert case.words.get(seq=entry.seq).texts["words"].startswith("谢谢")
        row = ratings().get()
        assert (row.step, row.solved, row.case_id) == ("very_good", "yes", case.pk) and faults(case) == []

    def test_is_one(self, town):
        case = an_answered()
        rate(case)
        assert no(case, step="poor", later=2 * DAY / 24).status == 409

    def test_of_who_called_twice_is_one(self, town):
        case = a_case(when=local("23 09:00"))
        again = join(town, case, when="23 11:00", caller=CALLER).call
        other = join(town, case, when="23 12:00", caller={"name": "李", "phone": "13911110000"}).call
        case = walk(fresh(case), "accept", "dispatch", "sign", "resolve", "answer")
        rate(case, case.calls.order_by("pk").first())
        assert no(case, call=Call.objects.get(pk=again.pk)).status == 409
        rate(case, Call.objects.get(pk=other.pk), step="poor")
        assert ratings().count() == 2

    def test_sent_twice(self, town):
        case = an_answered()
        sent = {"call": case.calls.get(), "sent": {"solved": "yes", "step": "good"}, "at": case.last_at + DAY}
        one = rating.rate(**sent, request_key="k", body_hash="h")
        assert rating.rate(**sent, request_key="k", body_hash="h") == one
        with pytest.raises(MoveRefused):
            rating.rate(**sent, request_key="k", body_hash="other")

    @pytest.mark.parametrize("at", ["received", "in_hand", "resolved"])
    def test_comes_after_the_answer(self, town, at):
        assert no(a_case(at)).status == 409

    def test_says_both_things_in_known_words(self, town):
        case = an_answered()
        for said in (
            {"step": ""},
            {"solved": ""},
            {"step": "五星"},
            {"solved": "maybe"},
            {"words": "长" * 5000},
        ):
            assert no(case, **said).status == 422

    def test_is_of_a_caller(self, town):
        found = a_case("resolved", caller=None)
        call = found.calls.get()
        Case.objects.filter(pk=found.pk).update(status="answered", answered_at=found.last_at)
        assert no(fresh(found), call=call).status == 409

    def test_is_too_late_after_thirty_days(self, town):
        case = an_answered()
        assert no(case, later=31 * DAY).status == 409


class TestSolved:
    def test_ends_the_waiting_once_everybody_said_so(self, town):
        case = a_case(when=local("23 09:00"))
        join(town, case, when="23 12:00", caller={"name": "李", "phone": "13911110000"})
        case = walk(fresh(case), "accept", "dispatch", "sign", "resolve", "answer")
        first, second = case.calls.order_by("pk")
        rate(case, first)
        assert deliver(case).status == "answered"
        rate(case, second, step="poor")
        case = deliver(case)
        assert case.status == "closed" and faults(case) == []


class TestNotSolved:
    @pytest.fixture
    def doubted(self, town) -> Case:
        case = an_answered()
        rate(case, solved="no", step="poor", words="还在漏")
        return deliver(case)

    def test_is_checked_first(self, doubted):
        assert doubted.status == "answered" and doubted.doubted_at is not None and faults(doubted) == []
        check = clock_of(doubted, "verify")
        assert check.state == "running" and check.started_at == doubted.doubted_at
        waits = Case.objects.filter(case_list.to_verify_q(places.actor("wangge")))
        assert list(waits) == [doubted]
        assert not Case.objects.filter(case_list.to_verify_q(places.actor("bumen"))).exists()

    def test_in_part_too(self, town):
        case = an_answered()
        rate(case, solved="partly", step="fair")
        assert deliver(case).doubted_at is not None

    def test_the_waiting_does_not_end_it(self, doubted):
        sweep.sweep(doubted.last_at + 4 * DAY)
        assert fresh(doubted).status == "answered"

    def test_found_done_the_caller_gets_the_evidence(self, doubted):
        photo = a_photo(places.actor("wangge"))
        case = a_fact(
            doubted, "verify", by="wangge", done=True, text="接头已换，不漏了。", attachments=[photo]
        )
        assert case.doubted_at is None and last(case).payload["doubted"] is True
        assert clock_of(case, "verify").outcome == "met" and faults(fresh(case)) == []
        call = Call.objects.select_related("case", "caller").get(case=case)
        page = track.result(call, case.last_at)
        assert "接头已换" in str(page["timeline"]) and photo in str(page["timeline"])
        assert [str(file.pk) for file in track.photos_for(call)] == [photo]
        assert not Finding.objects.exists()
        assert deliver(case).status == "closed"  # looked at, and everybody has rated

    def test_found_undone_it_is_opened_again_with_a_draft(self, doubted):
        case = walk(doubted, "reopen", by="wangge", reason="北侧还在漏")
        assert (case.status, case.doubted_at, case.reopens) == ("in_hand", None, 1)
        assert last(case).payload["doubted"] == "GV24" and faults(fresh(case)) == []
        deliver(case)
        finding = Finding.objects.get(kind="false_resolve")
        assert (finding.state, finding.organisation.code, finding.rule) == ("drafted", "GV24", "doubted")
        case = walk(fresh(case), "resolve", "answer")
        rate(case, step="good")  # the last word on the last answer
        assert ratings().get().solved == "yes" and events(fresh(case)).count("case.rated") == 2

    def test_nobody_who_handled_it_looks(self, doubted):
        with pytest.raises(MoveRefused):
            a_fact(doubted, "verify", by="bumen", done=True)
        with pytest.raises(MoveRefused):
            walk(doubted, "reopen", by="bumen")

    def test_undone_by_a_check_is_said_as_reopening(self, doubted):
        with pytest.raises(MoveRefused, match="重办"):
            a_fact(doubted, "verify", by="wangge", done=False)

    def test_after_it_was_closed(self, town):
        case = an_answered()
        sweep.sweep(case.last_at + 4 * DAY)
        case = fresh(case)
        assert case.status == "closed"
        with pytest.raises(MoveRefused):
            a_fact(case, "verify", by="wangge", done=True)
        rate(case, solved="no", step="very_poor", later=DAY)
        case = deliver(case)
        assert case.status == "closed" and case.doubted_at is not None and faults(case) == []
        assert list(Case.objects.filter(case_list.to_verify_q(places.actor("wangge")))) == [case]
        again = walk(case, "reopen", by="wangge")
        assert again.status == "in_hand" and faults(fresh(again)) == []


class TestAskedFor:
    def test_every_caller_gets_an_own_key(self, town):
        case = a_case(when=local("23 09:00"))
        join(town, case, when="23 12:00", caller={"name": "李", "phone": "13911110000"})
        join(town, case, when="23 12:10", caller={"name": "王", "contact_by": "visit"})
        case = walk(fresh(case), "accept", "dispatch", "sign", "resolve", "answer")
        assert not asked().exists()
        deliver(case)
        assert asked().count() == 2
        assert len({text.sealed for text in asked()}) == 2

    def test_not_for_an_answer_that_fell_meanwhile(self, town):
        case = a_case("answered")
        walk(case, "reopen", by="zhiban")
        deliver(case)
        assert not asked().exists()

    def test_once(self, town):
        case = an_answered()
        entry = next(one for one in case_entries(case) if one.event == "case.answered")
        assert asked().count() == 1
        reactions.ask_for_ratings(entry)
        assert asked().count() == 1

    def test_files_of_the_work_are_not_the_callers(self, town):
        case = an_answered()
        assert Attachment.objects.filter(case=case).exists()
        assert not track.photos_for(case.calls.get()).exists()


def case_entries(case: Case):
    return reading.timeline(Case.SUBJECT, case.pk)


def test_what_is_doubted_waits_for_who_checks_it(town):
    case = an_answered()
    rate(case, solved="no", step="poor")
    mine = {
        who: list(Case.objects.filter(case_list.mine_q(places.actor(who))))
        for who in ("wangge", "bumen", "linju")
    }
    assert mine == {"wangge": [fresh(case)], "bumen": [], "linju": []}
