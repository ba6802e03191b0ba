"""Another caller of an open case: own receipt, earliest call, earliest due, higher urgency."""

from __future__ import annotations

from functools import partial

import pytest

from cases import intake
from cases.models import Attachment, Call, Case
from cases.refusals import MoveRefused
from tests.builders import CALLER, a_case, a_photo, walk
from tests.cases.walking import clock, events, fresh, last, local
from tests.house.invariants import faults
from tests.threads import at_once
from tests.town import GRID, GRID_2, OTHER_GRID

OTHER = {"name": "李桂兰", "phone": "13805375678"}


def join(
    town, case, *, by="wangge", when="23 10:00", place=GRID, caller=OTHER, text="外墙那些字还在。", **more
):
    return intake.take_call(
        by=town.actor(by, local(when)), at=local(when), place_code=place, text=text, caller=caller, join=case.number, **more
    )  # fmt: skip


def no(kind, town, case, **more) -> str:
    before = Case.objects.filter(pk=case.pk).values().get()
    with pytest.raises(MoveRefused) as refusal:
        join(town, case, **more)
    assert refusal.value.kind == kind
    assert Case.objects.filter(pk=case.pk).values().get() == before
    return str(refusal.value.sentence)


def test_one_more_caller_with_an_own_receipt(town):
    case = a_case()
    taken = join(town, case)
    assert taken.joined and taken.case.pk == case.pk and Case.objects.count() == 1
    assert Call.objects.filter(case=case).count() == 2
    assert taken.call.tracking_code != Call.objects.earliest("pk").tracking_code
    case = fresh(case)
    assert (case.callers, case.version, events(case)) == (2, 1, ["case.received", "case.caller_joined"])
    assert last(case).payload["call"] == taken.call.pk and last(case).payload["callers"] == 2
    assert "李桂兰" not in str(last(case).payload) and faults(case) == []


def test_a_patrols_find_gets_somebody_to_answer(town):
    case = a_case(caller=None)
    join(town, case)
    case = fresh(case)
    assert case.origin == "resident" and case.reachable and case.callers == 1
    assert clock(case, "feedback").due_at == local("26 10:00")
    assert faults(case) == []


def test_earliest_call_earliest_due_higher_urgency(town):
    case = a_case(when=local("23 09:00"))
    join(town, case, by="jiedao", called_at=local("22 09:00"), urgency="urgent")
    case = fresh(case)
    assert case.called_at == local("22 09:00") and case.urgency == "urgent" and case.version == 2
    assert clock(case, "resolve").due_at == local("24 09:00")
    assert faults(case) == []


def test_a_second_patrol_is_no_caller(town):
    case = a_case()
    join(town, case, caller=None, origin="patrol")
    assert fresh(case).callers == 1


def test_photos_come_with_it(town):
    case, photo = a_case(), a_photo(town.actor("wangge"))
    join(town, case, text="", attachments=[photo])
    row = Attachment.objects.get(pk=photo)
    assert (row.case_id, row.seq) == (case.pk, 2)


def test_into_any_open_status_and_no_ended_one(town):
    for way in (
        ("accept", "dispatch"),
        ("accept", "dispatch", "sign"),
        ("accept", "dispatch", "sign", "resolve"),
    ):
        case = a_case(through=way)
        join(town, case, when="23 15:00")
        assert fresh(case).callers == 2 and faults(fresh(case)) == []
    ended = a_case("rejected")
    assert "另立" in no("not_from_here", town, ended)


def test_not_into_what_one_does_not_see(town):
    assert "没有编号" in no("not_ready", town, a_case(place=GRID_2, by="wangge2"))
    hidden = a_case(item="0108", about="account:jiedao", by="quji")
    assert "没有编号" in no("not_ready", town, hidden, by="jiedao")
    with pytest.raises(MoveRefused):
        intake.take_call(
            by=town.actor("wangge"), at=local("23 10:00"), place_code=GRID, text="外墙", join="'; --"
        )


def test_guarded_and_about_ones_stay_apart(town):
    case = a_case()
    assert "保密" in no("not_ready", town, case, confidential=True)
    assert "不同" in no("not_ready", town, case, about="GV25")
    assert "外部编号" in no("not_ready", town, case, external_ref="X-1")
    assert "街道" in no("not_ready", town, case, by="quji", place=OTHER_GRID)


def test_the_same_request_joins_once(town):
    case = a_case()
    first = join(town, case, request_key="k-join", body_hash="h")
    again = join(town, case, request_key="k-join", body_hash="h")
    assert again.replayed and again.joined and again.call.pk == first.call.pk
    assert fresh(case).callers == 2


def test_every_caller_is_told(town):
    case = a_case(through=("accept", "dispatch", "sign", "resolve"))
    join(town, case, when="23 15:00")
    walk(fresh(case), "answer", by="bumen")
    assert set(Call.objects.values_list("told", flat=True)) == {"外墙已清洗完毕。"}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_both_counted():
    from tests import town

    town.plant()
    case = a_case(caller=CALLER)
    jobs = [partial(join, town, case, caller={"phone": f"1390537{n:04d}"}) for n in range(6)]
    assert at_once(*jobs) == []
    assert fresh(case).callers == 7 and Call.objects.filter(case=case).count() == 7
    assert faults(fresh(case)) == []
