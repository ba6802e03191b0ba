"""Several callers, each told: all at once, or one by one; the case is in time when the last of them was."""

from __future__ import annotations

from cases.models import Call
from cases.queries import track
from ledger import clock as now
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.test_joining import join
from tests.cases.walking import clock, events, fact_refused, fresh, local
from tests.house.invariants import faults

TOLD = {"told": "您说的北侧已另外补刷。", "channel": "visit"}


def with_two(town):
    case = a_case(through=("accept", "dispatch", "sign", "resolve"))
    join(town, case, when="23 15:00")
    return fresh(case)


def test_one_apart_and_the_others_by_the_answer(town):
    case = with_two(town)
    first, second = Call.objects.order_by("pk")
    case = a_fact(case, "tell", by="bumen", call=second.pk, when=local("23 16:00"), **TOLD)
    assert events(case)[-1] == "case.caller_told" and clock(case, "feedback").state == "running"
    assert case.status == "resolved" and faults(fresh(case)) == []
    assert "已经答复过" in fact_refused("not_ready", case, "tell", by="bumen", call=second.pk, **TOLD)
    a_move(fresh(case), "answer", when=local("23 17:00"), by="bumen")
    told = dict(Call.objects.values_list("pk", "told"))
    assert told == {first.pk: "外墙已清洗完毕。", second.pk: TOLD["told"]}
    assert clock(case, "feedback").stopped_at == local("23 17:00") and faults(fresh(case)) == []


def test_each_reads_the_own_answer_and_nobody_elses(town):
    case = with_two(town)
    first, second = Call.objects.order_by("pk")
    a_fact(case, "tell", by="bumen", call=second.pk, when=local("23 16:00"), **TOLD)
    a_move(fresh(case), "answer", when=local("23 17:00"), by="bumen")
    for call, own, other in (
        (first, "外墙已清洗完毕。", TOLD["told"]),
        (second, TOLD["told"], "外墙已清洗完毕。"),
    ):
        page = str(track.result(Call.objects.get(pk=call.pk), now.now()))
        assert own in page and other not in page


def test_what_was_said_before_rework_is_said_again(town):
    case = with_two(town)
    second = Call.objects.latest("pk")
    case = a_fact(case, "tell", by="bumen", call=second.pk, when=local("23 16:00"), **TOLD)
    case = walk(case, "rework", "resolve", "answer")
    assert set(Call.objects.values_list("told", flat=True)) == {"外墙已清洗完毕。"}


def test_not_a_call_of_another_case(town):
    case = with_two(town)
    other = a_case()
    assert "没有这位" in fact_refused(
        "not_ready", case, "tell", by="bumen", call=other.calls.get().pk, **TOLD
    )
    for call in ("x", -1, 10**20, True, None):
        assert fact_refused("not_ready", case, "tell", by="bumen", call=call, **TOLD)
    assert fact_refused("not_yours", case, "tell", by="shenji", call=1, **TOLD)
