"""One voice per caller and matter, from when the caller was told."""

from __future__ import annotations

import pytest

from cases import hearing, missing, moves
from cases.models import Call, Case, Voice, VoicePast
from cases.refusals import MoveRefused
from tests import town as places
from tests.builders import CALLER, a_case, a_fact, a_move, walk
from tests.cases.test_joining import join
from tests.cases.voices_of_callers import HOUR, an_answered, rate, ratings
from tests.cases.walking import fresh, last, local
from tests.house.invariants import faults

pytestmark = pytest.mark.django_db
ANSWERED = ("accept", "dispatch", "sign", "resolve", "answer")


@pytest.fixture(autouse=True)
def tray(settings):
    settings.DEMO = True


def with_two(town, second=CALLER) -> tuple[Case, Call, Call]:
    """A matter of two calls, by default of one and the same caller."""
    case = a_case(when=local("23 09:00"))
    again = join(town, case, when="23 11:00", caller=second).call
    return fresh(case), case.calls.order_by("pk")[0], again


def test_it_says_whose_answer_and_where(town):
    case = an_answered()
    voice = Voice.objects.get()
    assert (voice.case_id, voice.call_id, voice.told_at) == (
        case.pk,
        case.calls.get().pk,
        case.calls.get().told_at,
    )
    assert voice.organisation_id == case.holder_id == town.org("GV24").pk
    assert (voice.path, voice.street_id, voice.grid_id) == (case.path, case.street_id, case.grid_id)
    assert voice.rated_at is None and not ratings().exists()


def test_nobody_is_told_what_a_patrol_found(town):
    walk(a_case(by="wangge", origin="patrol", caller=None), "accept", "dispatch", "sign", "resolve")
    assert not Voice.objects.exists()


def test_who_called_twice_is_one(town):
    case, first, again = with_two(town)
    case = walk(case, *ANSWERED)
    assert Voice.objects.get().call_id == first.pk
    rate(case, Call.objects.get(pk=again.pk), step="poor")
    assert (Voice.objects.get().call_id, Voice.objects.get().step) == (first.pk, "poor")
    with pytest.raises(MoveRefused):
        rate(case, Call.objects.get(pk=first.pk), later=2 * HOUR)
    assert hearing.everybody_spoke(fresh(case))


def test_two_callers_are_two_and_both_must_have_spoken(town):
    case, first, other = with_two(town, {"name": "李", "phone": "13911110000"})
    case = walk(case, *ANSWERED)
    assert set(Voice.objects.values_list("call_id", flat=True)) == {first.pk, other.pk}
    rate(case, Call.objects.get(pk=other.pk))
    assert not hearing.everybody_spoke(fresh(case))
    rate(case, Call.objects.get(pk=first.pk), later=2 * HOUR)
    assert hearing.everybody_spoke(fresh(case))


def test_who_left_no_number_is_one_for_each_call(town):
    case = a_case(when=local("23 09:00"), caller={"name": "", "anonymous": True})
    join(town, case, when="23 11:00", caller={"name": "", "anonymous": True})
    walk(fresh(case), *ANSWERED)
    assert Voice.objects.count() == 2


def test_told_apart_first_it_is_not_told_again_by_the_answer(town):
    case, first, again = with_two(town)
    case = walk(case, *ANSWERED[:-1])
    at = max(case.last_at, local("23 16:00"))
    case = a_fact(case, "tell", by="bumen", call=again.pk, when=at, told="已办好。", channel="visit")
    assert (Voice.objects.get().call_id, Voice.objects.get().told_at) == (first.pk, at)
    walk(fresh(case), "answer")
    assert Voice.objects.get().told_at == at and not VoicePast.objects.exists()


def test_told_anew_the_entry_says_what_stood_before(town):
    case = an_answered()
    rate(case, solved="no", step="poor")
    before = Voice.objects.get()
    case = a_move(fresh(case), "reopen", by="jiedao", when=fresh(case).last_at + 2 * HOUR)
    case = walk(fresh(case), "resolve", "answer")
    now = Voice.objects.get()
    assert now.told_at > before.told_at and (now.step, now.rated_at) == (before.step, before.rated_at)
    spoke, told = VoicePast.objects.order_by("until")
    assert (spoke.event, spoke.rated_at, spoke.told_at) == ("case.rated", None, before.told_at)
    assert (told.event, told.step, told.told_at, told.case_id) == (
        "case.answered",
        "poor",
        before.told_at,
        case.pk,
    )
    assert faults(fresh(case)) == [] and not hearing.everybody_spoke(fresh(case))
    rate(fresh(case), solved="yes", step="good")
    assert (Voice.objects.get().step, VoicePast.objects.count()) == ("good", 3)


def test_of_a_merged_case_the_voice_is_heard_where_the_matter_lives(town):
    target = a_case(when=local("23 09:00"))
    case = a_case(when=local("23 10:00"), caller={"name": "李", "phone": "13911110000"})
    a_move(case, "merge", by="jiedao", target=target.number, when=local("23 11:00"))
    walk(fresh(target), *ANSWERED)
    assert set(Voice.objects.values_list("case_id", flat=True)) == {target.pk} and Voice.objects.count() == 2


def test_a_text_that_did_not_arrive_was_no_answer(town):
    case, first, other = with_two(town, {"name": "李", "phone": "13911110000"})
    case = walk(case, *ANSWERED)
    moves.perform(
        number=case.number,
        move="miss",
        by=missing.BY,
        at=case.last_at + HOUR,
        version=case.version,
        call=first.pk,
    )
    told = dict(Voice.objects.values_list("call_id", "told_at"))
    assert told[first.pk] is None and told[other.pk] is not None
    assert last(fresh(case)).payload["was"]["voices"][0]["call_id"] == first.pk
    assert places.org("GV24").pk == Voice.objects.get(pk=first.pk).organisation_id
