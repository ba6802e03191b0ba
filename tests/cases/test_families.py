"""One matter in several places: the whole waits for each of them, and each is a case of its own."""

from __future__ import annotations

from cases.models import Call, Case
from cases.sla import sweep
from ledger import post
from tests.builders import GRID_ITEM, a_case, a_fact, a_move, walk
from tests.cases.walking import HOUR, clock, events, fact_refused, fresh, last, refused
from tests.house.invariants import faults
from tests.town import COMMUNITY, COMMUNITY_2, GRID_3, STREET

TO_DO = "各社区清理外墙涂料。"


def a_whole(town, **more):
    return a_case(through=("accept",), place=STREET, by="jiedao", **more)


def spread(case, places=(COMMUNITY, COMMUNITY_2), by="jiedao"):
    return a_fact(case, "spread", by=by, places=list(places), text=TO_DO)


def test_a_case_for_each_place(town):
    case = spread(a_whole(town))
    children = list(Case.objects.filter(parent=case).order_by("pk"))
    assert [child.place.code for child in children] == [COMMUNITY, COMMUNITY_2] and case.child_count == 2
    assert {child.status for child in children} == {"received"} and {child.item_id for child in children} == {
        case.item_id
    }
    assert Call.objects.get(case=children[0]).text == TO_DO and not children[0].has_caller
    assert last(case).payload["n"] == 2 and "case.received" in events(children[0])
    for one in (case, *children):
        assert faults(fresh(one)) == []


def test_the_whole_waits_for_each(town):
    case = spread(a_whole(town, item=GRID_ITEM))
    one, two = Case.objects.filter(parent=case).order_by("pk")
    case = walk(case, "start", by="jiedao")
    sentence = refused("not_ready", case, "resolve", by="jiedao")
    assert one.number in sentence and two.number in sentence
    walk(one, "settle", by="shequ")
    assert one.number not in refused("not_ready", case, "resolve", by="jiedao")
    two = a_fact(two, "unlink", by="jiedao", reason="那里另有安排。")
    assert two.parent_id is None and fresh(case).child_count == 1
    assert walk(fresh(case), "resolve", by="jiedao").status == "resolved"
    assert faults(fresh(case)) == faults(fresh(two)) == []


def test_an_existing_one_goes_under_it(town):
    case, other = a_whole(town), a_case(place=GRID_3, by="jiedao")
    other = a_fact(other, "link", by="jiedao", parent=case.number)
    assert other.parent_id == case.pk and fresh(case).child_count == 1
    assert events(case)[-1] == "case.child_linked" and faults(fresh(case)) == faults(fresh(other)) == []
    assert "先脱开" in fact_refused("not_ready", other, "link", by="jiedao", parent=case.number)
    assert "只有一层" in fact_refused("not_ready", a_case(), "link", by="jiedao", parent=other.number)
    assert "先脱开" in fact_refused("not_ready", fresh(case), "link", by="jiedao", parent=a_case().number)


def test_not_under_an_ended_hidden_or_guarded_one(town):
    case = a_case()
    assert "没有编号" in fact_refused("not_ready", case, "link", by="jiedao", parent="GYG20990101-0001")
    assert "没有编号" in fact_refused("not_ready", case, "link", by="jiedao", parent=case.number)
    assert "不能再挂" in fact_refused(
        "not_ready", case, "link", by="jiedao", parent=a_case("rejected").number
    )
    guarded = a_case(confidential=True, by="jiedao")
    assert "保密" in fact_refused("not_ready", case, "link", by="jiedao", parent=guarded.number)
    assert "保密" in fact_refused("not_ready", guarded, "spread", by="jiedao", places=[COMMUNITY], text=TO_DO)


def test_nothing_half_done(town):
    case = a_whole(town)
    before = Case.objects.count()
    assert fact_refused("not_ready", case, "spread", by="jiedao", places=[COMMUNITY, STREET], text=TO_DO)
    assert fact_refused("not_ready", case, "spread", by="jiedao", places=["nowhere"], text=TO_DO)
    assert fact_refused("not_ready", case, "spread", by="jiedao", places=[], text=TO_DO)
    assert fact_refused("not_yours", case, "spread", by="jiedao", places=["370811111"], text=TO_DO)
    assert Case.objects.count() == before and fresh(case).child_count == 0


def test_merging_keeps_families_whole(town):
    elder = a_case(place=STREET, by="jiedao")
    case = spread(a_whole(town))
    assert "母件" in refused("not_ready", case, "merge", by="jiedao", target=elder.number)
    child = Case.objects.filter(parent=case).earliest("pk")
    assert "母件" in refused("not_ready", child, "merge", by="jiedao", target=elder.number)
    twin = Case.objects.filter(parent=case).latest("pk")
    merged = walk(twin, "merge", by="jiedao", target=child.number)
    assert merged.status == "merged"
    assert walk(merged, "unmerge", by="zhiban").parent_id == case.pk


def done_everywhere(town, **more):
    """A whole and one place under it, both resolved."""
    case = spread(a_whole(town, item=GRID_ITEM, **more), places=(COMMUNITY,))
    child = walk(Case.objects.get(parent=case), "settle", by="shequ")
    return walk(fresh(case), "start", "resolve", by="jiedao"), child


def again(child):
    """A place that was done is to be done again."""
    return walk(child, "rework", by="zhiban", reason="涂料还在。")


def test_nobody_is_told_that_all_is_done_while_a_place_is_open_again(town):
    case, one = done_everywhere(town)
    one = again(one)
    assert one.number in refused("not_ready", case, "answer", by="jiedao")
    a_fact(one, "unlink", by="jiedao", reason="那里另有安排。")
    assert walk(fresh(case), "answer", by="jiedao").status == "answered"
    assert faults(fresh(case)) == faults(fresh(one)) == []


def test_what_waited_for_a_place_closes_when_it_is_done(town):
    case, one = done_everywhere(town)
    case = walk(case, "answer", by="jiedao")
    one = again(one)
    over = clock(case, "grace").due_at
    sweep.sweep(over + HOUR)
    assert fresh(case).status == "answered"
    a_move(fresh(one), "resolve", when=over + 2 * HOUR, by="shequ")
    post.deliver_pending()
    assert fresh(case).status == "closed" and faults(fresh(case)) == []


def test_what_waited_for_a_place_closes_when_it_is_cut_loose(town):
    case, one = done_everywhere(town)
    case = walk(case, "answer", by="jiedao")
    one = again(one)
    over = clock(case, "grace").due_at
    sweep.sweep(over + HOUR)
    a_fact(one, "unlink", by="jiedao", when=over + 2 * HOUR, reason="那里另有安排。")
    post.deliver_pending()
    assert fresh(case).status == "closed" and faults(fresh(case)) == []
