"""Many cases, one move each: what could be done is done once, what could not says why, and nobody outside sees it."""

from __future__ import annotations

import pytest

from cases import bulk, errands, tasks
from cases.models import Bulk, Case
from cases.refusals import MoveRefused
from ledger import clock
from ledger.models import Entry
from tests import town as towns
from tests.builders import a_case, walk
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def some(n: int, **more) -> list[Case]:
    return [a_case(when=clock.now() - bulk.dt.timedelta(hours=2), text=f"第{i}件", **more) for i in range(n)]


def picked(cases):
    return [{"number": case.number, "version": case.version} for case in cases]


def ask(move, cases, who="bumen", key="k", **details):
    return bulk.ask(
        by=towns.actor(who), at=clock.now(), move=move, cases=picked(cases), details=details,
        request_key=key, body_hash="h",
    )  # fmt: skip


def test_each_is_done_or_says_why(town):
    good, moved = some(3, through=("accept", "dispatch")), some(1, through=("accept", "dispatch"))
    stale = picked(moved)
    walk(moved[0], "sign")
    row = bulk.ask(
        by=towns.actor("bumen"), at=clock.now(), move="sign", request_key="k", body_hash="h", details={},
        cases=[*picked(good), *stale, {"number": "GYG20200101-0001", "version": 1}],
    )  # fmt: skip
    bulk.run(pk=row.pk)
    row.refresh_from_db()
    statuses = [status for _number, _words, status in row.results]
    assert row.state == "done" and statuses == [200, 200, 200, 409, 404]
    assert all(bool(words) == (status != 200) for _number, words, status in row.results)
    assert set(Case.objects.filter(status="in_hand").values_list("pk", flat=True)) == {
        c.pk for c in [*good, *moved]
    }


def test_run_twice_acts_once(town):
    cases = some(2, through=("accept", "dispatch"))
    row = ask("sign", cases)
    assert ask("sign", cases).pk == row.pk
    bulk.run(pk=row.pk)
    before = Entry.objects.count()
    Bulk.objects.filter(pk=row.pk).update(
        state="running", results=[], done=0
    )  # as if the worker died before it wrote
    bulk.run(pk=row.pk)
    row.refresh_from_db()
    assert Entry.objects.count() == before and [status for *_rest, status in row.results] == [200, 200]


def test_another_body_under_the_key(town):
    cases = some(2, through=("accept", "dispatch"))
    ask("sign", cases)
    with pytest.raises(MoveRefused):
        bulk.ask(by=towns.actor("bumen"), at=clock.now(), move="sign", cases=picked(cases[:1]), details={},
                 request_key="k", body_hash="other")  # fmt: skip


def test_one_is_at_it_at_a_time(town):
    row = ask("sign", some(1, through=("accept", "dispatch")))
    with errands.alone(Bulk, row.pk) as mine:
        assert (
            mine is not None
        )  # the same connection may take its own lock again; another's is tested by races


def test_accept_and_dispatch_each_to_its_own(town):
    cases = some(2)
    row = ask("accept_dispatch", cases, who="jiedao")
    bulk.run(pk=row.pk)
    assert {case.holder.code for case in Case.objects.all()} == {"GV24"}
    assert {case.status for case in Case.objects.all()} == {"assigned"}


def test_to_whom_nobody_is_named(town, monkeypatch):
    case = some(1)[0]
    monkeypatch.setattr(
        bulk.decide, "decide", lambda *a, **k: type("D", (), {"lead": None, "assisting": ()})()
    )
    row = ask("accept_dispatch", [case], who="jiedao")
    bulk.run(pk=row.pk)
    row.refresh_from_db()
    assert row.results[0][2] == 422 and Case.objects.get().status == "received"


def test_extension_and_taking_up(town):
    cases = some(2, through=("accept", "dispatch", "sign"))
    for n, (move, details) in enumerate(
        [
            ("take_up", {}),
            (
                "extension",
                {"ground": "weather", "measure": "已围挡", "next_step": "雨停后施工", "reason": "连日下雨"},
            ),
        ]
    ):
        fresh = list(Case.objects.all())
        needs = {need.field for need in bulk.WAYS[move].needs}
        row = ask(move, fresh, key=f"k{n}", **{k: v for k, v in details.items() if k in needs})
        bulk.run(pk=row.pk)
        row.refresh_from_db()
        assert row.state == "done" and len(row.results) == len(cases)
        if move == "take_up":
            assert {status for *_rest, status in row.results} == {200}


@pytest.mark.parametrize(
    "cases", ["x", None, [1], [{"number": "A"}], [{"version": 1}], [{"number": "", "version": 1}]]
)
def test_what_cannot_be_read(town, cases):
    with pytest.raises(MoveRefused) as refused:
        bulk.ask(
            by=towns.actor("bumen"),
            at=clock.now(),
            move="sign",
            cases=cases,
            details={},
            request_key="k",
            body_hash="",
        )
    assert refused.value.status == 400


def test_not_yours_not_known_too_many(town):
    for who, move, cases, status in (
        ("linju", "accept", [{"number": "A", "version": 1}], 403),
        ("bumen", "reject", [{"number": "A", "version": 1}], 400),
        ("bumen", "sign", [], 422),
        ("bumen", "sign", [{"number": f"A{n}", "version": 1} for n in range(bulk.MOST + 1)], 422),
    ):
        with pytest.raises(MoveRefused) as refused:
            bulk.ask(
                by=towns.actor(who),
                at=clock.now(),
                move=move,
                cases=cases,
                details={},
                request_key="k",
                body_hash="",
            )
        assert refused.value.status == status, move


def test_what_a_dead_worker_left(town):
    row = ask("sign", some(1, through=("accept", "dispatch")))
    long_ago = clock.now() - 2 * errands.SILENT
    Bulk.objects.filter(pk=row.pk).update(asked_at=long_ago, state="running", beaten_at=long_ago)
    assert tasks.finish_errands() == 1 and tasks.finish_errands() == 0
    assert Case.objects.get().status == "in_hand"


# -- on the page


def test_ticked_on_the_queue_and_done(town):
    cases = some(3, through=("accept", "dispatch"))
    clerk = Reader("bumen").open("/queue/?tab=sign")
    form = next(form for form in clerk.forms if form.ident == "queue")
    form.action = "/bulk/sign/"
    clerk.send(form, number=[f"{case.number}@{case.version}" for case in cases[:2]])
    assert clerk.status == 200 and clerk.path.startswith("/bulk/") and clerk.says("已办 2")
    assert Case.objects.filter(status="in_hand").count() == 2


def test_all_that_is_filtered_with_the_number_said(town):
    cases = some(3, through=("accept", "dispatch"))
    clerk = Reader("bumen").open(f"/queue/?tab=sign&place={towns.GRID}")
    form = next(form for form in clerk.forms if form.ident == "queue")
    form.action = "/bulk/sign/"
    clerk.send(form, number=None, all="1")
    assert clerk.says("批量签收：3 件") and Case.objects.filter(status="in_hand").count() == 0
    walk(cases[0], "sign")  # meanwhile
    clerk.send("sign")
    assert clerk.says("已办 2", "没有办 1", "刚被别人改过")


def test_nothing_ticked(town):
    some(1, through=("accept", "dispatch"))
    clerk = Reader("bumen").open("/queue/")
    form = next(form for form in clerk.forms if form.ident == "queue")
    form.action = "/bulk/sign/"
    clerk.send(form, number=None)
    assert clerk.status == 422 and clerk.says("没有选中工单")


def test_a_report_is_its_askers_alone(town):
    row = ask("sign", some(1, through=("accept", "dispatch")))
    assert Reader("fuzeren").open(f"/bulk/{row.pk}/").status == 404
    assert Reader("bumen").open(f"/bulk/{row.pk}/").status == 200


def test_over_the_interface(town):
    cases = some(2, through=("accept", "dispatch"))
    body = {"move": "sign", "cases": picked(cases)}
    first = Api("bumen").post("cases/bulk/", body, key="once")
    again = Api("bumen").post("cases/bulk/", body, key="once")
    assert first.status_code == again.status_code == 202 and first.json() == again.json()
    assert [one["status"] for one in first.json()["results"]] == [200, 200]
    assert Api("bumen").post("cases/bulk/", {**body, "move": "take_up"}, key="once").status_code == 422
    pk = first.json()["id"]
    assert Api("bumen").get(f"cases/bulk/{pk}/").json()["done"] == 2
    assert Api("fuzeren").get(f"cases/bulk/{pk}/").status_code == 404
