"""Being away, from the form to the queue of the substitute and back; over the interface the same."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Case, Notice
from cases.queries import absences, narrowing, workload
from ledger import clock, post, reading
from parties import commands, directory
from parties.access import actor_of
from parties.models import Absence
from tests import town as towns
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.web.test_workload import some
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MARK = '<span class="chip info">代办</span>'


def leave(
    who: str = "bumen2", substitute: str | None = "bumen", *, by: str = "", days: int = 3, ahead: int = 0
):
    at = clock.now()
    return commands.set_absence(
        by=towns.actor(by or who), at=at, account=towns.account(who), reason="leave",
        since=at + ahead * DAY, until=at + (ahead + days) * DAY,
        substitute=towns.account(substitute) if substitute else None,
    )  # fmt: skip


def dates(**more) -> dict[str, str]:
    today = clock.today()
    return {
        "since": today.isoformat(), "until": (today + 2 * DAY).isoformat(), "reason": "trip", **more
    }  # fmt: skip


def test_what_falls_due_is_shown_before_it_is_entered(town):
    some(2, to="bumen2")
    reader = Reader("bumen2").open("/absences/")
    assert reader.says("我要离岗", "吴国栋") and "许保平" not in reader.text
    reader.send("absences", action="check", **dates(substitute="bumen"))
    assert reader.status == 200 and reader.says("您不在时到期 2 件", "代办：吴国栋")
    assert not Absence.objects.exists()
    reader.send("absences", action="set")
    row = Absence.objects.get()
    assert (row.account.username, row.substitute.username, row.reason) == ("bumen2", "bumen", "trip")
    assert row.until == clock.local_midnight(clock.today() + 3 * DAY)
    assert Reader("bumen2").open("/absences/").says("离岗中", "不在时到期 2 件", "提前返岗")
    assert Reader("bumen").open("/absences/").says("由您代办", "梁超")
    Reader("bumen2").open("/absences/").send(f"absences/{row.pk}", action="end")
    assert Absence.objects.get().ended_at is not None


def test_a_refusal_is_a_sentence_and_keeps_what_was_typed(town):
    reader = Reader("bumen2").open("/absences/")
    reader.send("absences", action="check", since="2020-01-01", until="2020-01-02", reason="trip")
    assert reader.status == 422 and reader.says("离岗的最后一天不能早于今天") and "2020-01-02" in reader.text
    leave()
    reader = Reader("bumen2").open("/absences/")
    reader.send("absences", action="check", **dates())
    reader.send("absences", action="set")
    assert reader.status == 409 and reader.says("这段时间已经填过离岗")


def test_the_head_enters_it_for_a_member_and_nobody_else_does(town):
    assert Reader("fuzeren").open("/absences/?person=bumen2").says("替梁超登记离岗")
    for stranger in ("bumen", "huanwei", "zhiban"):
        assert Reader(stranger).open("/absences/?person=bumen2").status == 404
    assert Reader("zhiban").open("/absences/?person=jiedao").status == 200
    row = leave(by="fuzeren")
    post.deliver_pending()
    told = set(Notice.objects.filter(event="account.absence_set").values_list("account__username", flat=True))
    assert told == {"bumen2", "bumen"}
    assert Reader("bumen").open("/notices/").says("梁超", "离岗")
    assert Reader("huanwei").open(f"/absences/{row.pk}/").status == 404
    assert Api("bumen").post(f"absences/{row.pk}/end/", {}).status_code == 403


def test_the_substitute_has_the_work_in_the_queue_and_acts_in_the_own_name(town):
    case = walk(some(1, to="bumen2")[0], "sign", by="bumen2")
    assert MARK not in Reader("bumen").open("/queue/").text
    row = leave()
    assert MARK in Reader("bumen").open("/queue/?mine=1").text
    assert MARK not in Reader("bumen2").open("/queue/").text  # who is away sees the own as ever
    case = a_move(case, "resolve", when=clock.now(), by="bumen")
    entry = list(reading.timeline("case", case.pk))[-1]
    bumen, absent = town.account("bumen"), town.account("bumen2")
    assert (entry.actor_id, entry.payload["for"]) == (bumen.pk, absent.pk)
    assert bumen.person_id in case.handler_people
    assert Reader("jiedao").open(f"/cases/{case.number}/").says("吴国栋（代梁超）")
    told = Api("bumen").get(f"cases/{case.number}/timeline/").json()["results"][-1]
    assert told["details"]["for"]["username"] == "bumen2"
    commands.end_absence(by=towns.actor("bumen2"), at=clock.now(), absence=row)
    assert MARK not in Reader("bumen").open("/queue/?mine=1").text


def test_it_returns_by_itself(town):
    case = some(1, to="bumen2")[0]
    leave(days=2)
    bumen = town.account("bumen").pk
    assert actor_of(bumen, clock.now()).stands_in
    with clock.frozen(clock.now() + 3 * DAY) as at:
        back = actor_of(bumen, at)
        assert not back.stands_in
        assert Case.objects.get(pk=case.pk).holder_account.username == "bumen2"
        assert not Case.objects.filter(narrowing.mine_q(back), pk=case.pk).exists()


def test_out_of_the_absent_ones_hands(town):
    case = some(1, to="bumen2")[0]
    leave()
    case = a_fact(case, "pass_on", when=clock.now(), by="bumen", person="bumen")
    assert case.holder_account.username == "bumen"


def test_notices_go_to_the_substitute_too(town):
    case = walk(some(1, to="bumen2")[0], "sign", by="bumen2")
    about = some(1, to="bumen2")[0]
    Case.objects.filter(pk=about.pk).update(about_account=town.account("bumen"))
    leave()
    post.deliver_pending()
    Notice.objects.all().delete()
    a_fact(case, "urge", when=clock.now(), by="jiedao", text="请快些")
    a_fact(Case.objects.get(pk=about.pk), "urge", when=clock.now(), by="jiedao", text="请快些")
    post.deliver_pending()
    told = {(row.account.username, row.case_id) for row in Notice.objects.filter(event="case.urged")}
    assert told == {("bumen2", case.pk), ("bumen", case.pk), ("bumen2", about.pk)}
    reader = Reader("bumen").open("/notices/")
    assert reader.says("代 梁超") and "代 梁超" not in Reader("bumen2").open("/notices/").text
    assert Api("bumen").get("notices/").json()["results"][0]["for"] == ["梁超"]


def test_the_heads_numbers_open_what_they_count(town):
    some(2, to="bumen2")
    some(1, to="bumen")
    leave(ahead=0)
    unit, head = directory.by_code("GV24"), towns.actor("fuzeren")
    found = {one.username: one for one in workload.of(head, unit, clock.now())}
    assert (found["bumen2"].away, found["bumen"].away) == (2, 0)
    url = workload.url_of(unit, found["bumen2"], "away")
    assert Reader("fuzeren").open(url).text.count('data-row="') == 2
    assert Reader("bumen2").open(absences.due_url("bumen2")).text.count('data-row="') == 2
    assert Reader("fuzeren").open("/workload/").says("离岗中", "代办：吴国栋", "不在时到期 2 件")


def test_the_same_over_the_interface(town):
    some(1, to="bumen2")
    api, at = Api("bumen2"), clock.now()
    period = {"since": at.isoformat(), "until": (at + 3 * DAY).isoformat()}
    assert api.get("absences/candidates/", period).json() == {
        "candidates": [{"username": "bumen", "name": "吴国栋"}, {"username": "fuzeren", "name": "郑德明"}],
        "due": 1,
    }
    made = api.post("absences/", {**period, "substitute": "bumen"})
    assert made.status_code == 201 and made.json()["due"] == 1
    pk = made.json()["id"]
    assert api.post("absences/", period).status_code == 409
    assert Api("bumen").get("absences/").json()["results"][0]["reason"] is None
    longer = {**period, "until": (at + 9 * DAY).isoformat(), "reason": "health"}
    assert api.put(f"absences/{pk}/", longer).json()["substitute"] is None
    assert Api("fuzeren").get(f"absences/{pk}/").json()["reason"] == "health"
    assert Api("huanwei").get(f"absences/{pk}/").status_code == 404
    assert api.post(f"absences/{pk}/end/", {}).json()["ended_at"]
    assert api.post(f"absences/{pk}/end/", {}).status_code == 409
    for wrong in (
        {"since": "x", "until": "y"},
        {"since": "2026-01-01", "until": "2026-02-01"},
        {**period, "substitute": "nobody"},
    ):
        assert Api("bumen2").post("absences/", wrong).status_code == 422  # fmt: skip
    assert Api("bumen").get("absences/candidates/", {**period, "person": "bumen2"}).status_code == 404


def test_a_worker_of_the_next_grid(town):
    case = a_case(through=(), by="wangge")
    assert not Reader("wangge2").open(f"/cases/{case.number}/").says("登记")
    commands.set_absence(
        by=towns.actor("wangge"), at=clock.now(), account=towns.account("wangge"), reason="leave",
        since=clock.now(), until=clock.now() + DAY, substitute=towns.account("wangge2"),
    )  # fmt: skip
    assert Reader("wangge2").open(f"/cases/{case.number}/").status == 200
    assert Reader("wangge2").open("/absences/").says("由您代办")
