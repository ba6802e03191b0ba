"""A call that joined the wrong case gets a case of its own, and the case it leaves is as if it had never come."""

from __future__ import annotations

from functools import partial

import pytest

from cases import editing
from cases.models import Attachment, Call, Case
from tests import town
from tests.builders import CALLER, GRID_ITEM, STREET_ITEM, a_case, a_fact, a_move, a_photo, walk
from tests.cases.test_crowding import call, lift
from tests.cases.test_joining import join
from tests.cases.test_merging import snapshot
from tests.cases.walking import clock, events, fact_refused, fresh, last, local
from tests.house.invariants import faults
from tests.threads import at_once

WHY = "说的是另一栋楼。"


def split(case, taken, *, by="zhiban", when="23 14:00"):
    """(the case as it is now, the new one)."""
    case = a_fact(fresh(case), "split", by=by, when=local(when), call=taken.pk, reason=WHY)
    own = Call.objects.select_related("case").get(pk=taken.pk).case
    assert faults(fresh(case)) == faults(own) == []
    return fresh(case), own


def no(case, taken, *, kind="not_ready", by="zhiban"):
    before = Case.objects.count(), snapshot(case)
    sentence = fact_refused(
        kind, fresh(case), "split", by=by, call=taken if isinstance(taken, int) else taken.pk, reason=WHY
    )
    assert (Case.objects.count(), snapshot(case)) == before
    return sentence


def test_a_case_of_its_own_by_the_calls_own_times(town):
    case = a_case(when=local("23 09:00"))
    before = snapshot(case)
    taken = join(town, case, when="23 11:00", item=GRID_ITEM, urgency="urgent").call
    case, own = split(case, taken)
    assert snapshot(case) == before and case.version == 3
    assert events(case)[-1] == "case.caller_split" and last(case).payload["into"] == own.pk
    assert (own.status, own.callers, own.urgency, own.item.code) == ("received", 1, "urgent", GRID_ITEM)
    assert own.called_at == local("23 11:00") and own.reporter_ids == [town.account("wangge").pk]
    assert clock(own, "accept").anchor == clock(own, "feedback").anchor == local("23 11:00")
    assert (
        own.number != case.number
        and events(own) == ["case.received"]
        and last(own).payload["from"] == case.pk
    )
    assert Call.objects.get(pk=taken.pk).tracking_code == taken.tracking_code


def test_due_comes_back(town):
    case = a_case(when=local("23 09:00"))
    due = clock(case, "resolve").due_at
    taken = join(town, case, by="jiedao", called_at=local("22 09:00")).call
    assert clock(case, "resolve").due_at < due
    case, own = split(case, taken)
    assert clock(case, "resolve").due_at == due and case.called_at == local("23 09:00")
    assert clock(own, "resolve").due_at == local("24 09:00")


def test_a_patrols_find_waits_for_nobody_again(town):
    case = a_case(caller=None)
    taken = join(town, case).call
    case, own = split(case, taken)
    assert (case.origin, case.callers, case.reachable) == ("patrol", 0, False)
    assert clock(case, "feedback").outcome == "cancelled" and clock(own, "feedback").state == "running"


def test_photos_go_with_it_and_words_may_be_none(town):
    case, photo = a_case(), a_photo(town.actor("wangge"))
    taken = join(town, case, text="", caller=None, attachments=[photo], item=STREET_ITEM).call
    _case, own = split(case, taken)
    row = Attachment.objects.get(pk=photo)
    assert (row.case_id, row.seq) == (own.pk, 1)


def test_the_lift_falls_with_who_asked_for_it(town):
    case = a_case()
    call(town, case, 1)
    call(town, case, 2)
    assert lift(case) == "urgent"
    case, _own = split(case, Call.objects.filter(case=case).latest("pk"))
    assert (case.urgency, case.lifted_to) == ("normal", "")
    call(town, case, 3, when="23 15:00")
    assert lift(case, "23 16:00") == "urgent"  # and comes again with the next


def test_the_lift_stays_with_enough_of_them(town):
    case = a_case()
    for n in range(1, 4):
        call(town, case, n)
    assert lift(case) == "urgent"
    case, _own = split(case, Call.objects.filter(case=case).latest("pk"))
    assert (case.urgency, case.lifted_to, case.callers) == ("urgent", "urgent", 3)


def test_the_urgency_of_who_stays_stays(town):
    case = a_case()
    one = join(town, case, urgency="urgent").call
    join(town, case, urgency="urgent", caller={"phone": "13905370009"})
    case, _own = split(case, one)
    assert case.urgency == "urgent"


def test_only_what_joined_and_only_once(town):
    case = a_case()
    first = Call.objects.get(case=case)
    taken = join(town, case).call
    assert "不是后来并进来的" in no(case, first)
    assert "不是后来并进来的" in no(case, 987654)
    assert "不是后来并进来的" in no(a_case(), taken)
    case, own = split(case, taken)
    assert "不是后来并进来的" in no(case, taken)
    assert "不是后来并进来的" in no(own, taken)


def test_not_after_its_answer(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    taken = join(town, case, when="23 10:00").call
    case = walk(fresh(case), "resolve", by="bumen")
    case = a_fact(case, "tell", by="bumen", call=taken.pk, told="已经清洗。", channel="phone")
    assert "已经答复过了" in no(case, taken)
    case = walk(case, "answer", by="jiedao")
    assert "已反馈" in no(case, taken, kind="not_from_here")


def test_who_may(town):
    case = a_case(through=("accept",))
    taken = join(town, case, by="jiedao", when="23 10:00").call
    for name in ("jiedao", "shequ", "wangge"):
        assert no(case, taken, by=name, kind="not_yours")
    mine = join(town, case, by="zhiban", when="23 11:00", caller=CALLER).call
    assert "须由别人" in no(case, mine, kind="not_yours")
    split(case, mine, by="quji")


def test_resolved_ones_too_and_then_a_merge_is_undone(town):
    elder = a_case(when=local("23 08:00"))
    taken = join(town, elder, when="23 08:30", urgency="critical").call
    younger = a_move(
        a_case(when=local("23 09:00")), "merge", when=local("23 10:00"), by="jiedao", target=elder.number
    )
    elder, _own = split(elder, taken)
    assert (elder.callers, elder.urgency) == (2, "normal")
    a_move(younger, "unmerge", when=local("23 15:00"), by="zhiban")
    assert fresh(elder).callers == 1 and faults(fresh(elder)) == []


def test_the_same_request_splits_once(town):
    case = a_case()
    taken = join(town, case).call
    for _n in range(2):
        a_fact_with_key(town, case, taken)
    assert Case.objects.count() == 2 and events(case).count("case.caller_split") == 1


def a_fact_with_key(town, case, taken):
    at = local("23 14:00")
    return editing.add_fact(
        number=case.number, fact="split", by=town.actor("zhiban", at), at=at, version=1, call=taken.pk, reason=WHY,
        request_key="k-split", body_hash="h",
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_at_once_split_it_once():
    town.plant()
    case = a_case()
    taken = join(town, case).call
    at = local("23 14:00")
    jobs = [
        partial(
            editing.add_fact, number=case.number, fact="split", by=town.actor(name, at), at=at, version=1,
            call=taken.pk, reason=WHY,
        )
        for name in ("zhiban", "quji")
    ]  # fmt: skip
    assert len(at_once(*jobs)) == 1 and Case.objects.count() == 2
    assert faults(fresh(case)) == faults(Case.objects.latest("pk")) == []
