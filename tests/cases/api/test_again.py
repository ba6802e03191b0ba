"""The same request sent twice acts once and answers the same."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from cases.models import Call, Case, Clock
from ledger.models import Entry
from tests.builders import a_case
from tests.clients import Api, is_problem


def test_a_call(api):
    sent = {"item": "0610", "caller": {"phone": "13905371234"}}
    first = api("wangge").post("calls/", {"place": "370811015001001", "text": "外墙", **sent}, key="k1")
    again = api("wangge").post("calls/", {"place": "370811015001001", "text": "外墙", **sent}, key="k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert Call.objects.count() == Case.objects.count() == 1
    is_problem(api("wangge").post("calls/", {"place": "370811015001001", "text": "别的"}, key="k1"), 422)
    # keys are each caller's own
    other = api("wanggezhang").post("calls/", {"place": "370811015001001", "text": "外墙", **sent}, key="k1")
    assert other.status_code == 201 and other.json()["number"] != first.json()["number"]


def test_a_move_and_a_fact(api):
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    first = api("jiedao").move(seen, "accept", key="m1")
    again = api("jiedao").move(seen, "accept", key="m1")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    is_problem(api("jiedao").move(seen, "accept", key="m1", item="0301"), 422)
    # the same key on another move is another request
    is_problem(api("jiedao").move(first.json(), "dispatch", key="m1", organisation="GV24"), 422)
    for _n in range(2):
        assert api("jiedao").fact(seen, "note", key="n1", text="已联系物业").status_code == 201
    assert Entry.objects.filter(event="case.noted").count() == 1
    assert Entry.objects.filter(event="case.accepted").count() == 1


def test_a_place(api):
    new = {"kind": "grid", "name": "第三网格", "parent": "370811015001"}
    first = api("admin").post("places/", new, key="p1")
    again = api("admin").post("places/", new, key="p1")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    is_problem(api("admin").post("places/", {**new, "name": "第四网格"}, key="p1"), 422)
    path = f"places/{first.json()['code']}/moves/rename/"
    for _n in range(2):
        answer = api("admin").post(path, {"version": 1, "name": "临河网格"}, key="p2")
        assert answer.status_code == 200 and answer.json()["version"] == 2
    assert Entry.objects.filter(event="place.renamed").count() == 1
    is_problem(api("admin").post(path, {"version": 2, "name": "x"}, key="p1"), 422)


def test_a_key_is_good_for_one_thing(api):
    """The ledger is one: a key spent on a place, a call or a fact is spent."""
    admin = api("admin")
    assert (
        admin.post("places/", {"kind": "grid", "name": "新", "parent": "370811015001"}, key="z").status_code
        == 201
    )
    assert api("jiedao").call(place="370811015001001").status_code == 201
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    assert api("jiedao").fact(seen, "note", text="一", key="z").status_code == 201
    is_problem(api("jiedao").move(seen, "accept", key="z"), 422)
    is_problem(api("jiedao").post("calls/", {"place": "370811015001001", "text": "灯"}, key="z"), 422)
    is_problem(api("admin").fact(seen, "note", text="一", key="z"), 422)


def test_a_key_of_a_refused_request_is_free(api):
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    is_problem(api("jiedao").move({**seen, "version": 9}, "accept", key="m2"), 409)
    assert api("jiedao").move(seen, "accept", key="m2").status_code == 200


def test_keys_that_are_none(api):
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    is_problem(api("jiedao").move(seen, "accept", key="x" * 256), 400, "Idempotency-Key")
    assert api("jiedao").move(seen, "accept", key="x" * 255).status_code == 200


# -- really at once: own connections, so the town is committed


@pytest.fixture
def committed(transactional_db):
    from tests import town

    town.plant()
    return town


def at_once(*requests):
    """Run these in threads that start together; their answers in order."""
    answers: list = [None] * len(requests)
    gate = threading.Barrier(len(requests))

    def run(n, request):
        gate.wait()
        try:
            answers[n] = request()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n, request)) for n, request in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_one_call_from_two_threads(committed):
    callers = [Api("wangge") for _n in range(4)]
    answers = at_once(
        *(
            lambda one=one: one.post("calls/", {"place": committed.GRID, "text": "路灯不亮"}, key="same")
            for one in callers
        )
    )
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Case.objects.count() == Call.objects.count() == 1
    assert Entry.objects.filter(event="case.received").count() == 1


def test_one_move_from_two_threads(committed):
    case = a_case()
    callers = [Api("jiedao") for _n in range(4)]
    seen = {"number": case.number, "version": case.version}
    answers = at_once(*(lambda one=one: one.move(seen, "accept", key="same") for one in callers))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert Entry.objects.filter(event="case.accepted").count() == 1


def test_two_people_one_wins(committed):
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    callers = [Api("jiedao"), Api("jiedao2"), Api("zhiban")]
    answers = at_once(*(lambda one=one: one.move(seen, "accept") for one in callers))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    case = Case.objects.get(pk=case.pk)
    assert case.version == seen["version"] + 1 and case.status == "accepted"
    assert Clock.objects.filter(case=case, stage="dispatch").count() == 1


def test_numbers_under_rush_have_no_hole(committed):
    callers = [Api("wangge") for _n in range(4)]
    answers = at_once(*(lambda one=one: [one.call().json()["number"] for _n in range(5)] for one in callers))
    numbers = sorted(int(number.rsplit("-")[1]) for answer in answers for number in answer)
    assert numbers == list(range(1, 21))
    assert connection.vendor == "postgresql"
