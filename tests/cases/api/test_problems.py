"""Every refusal: its status, its shape, its sentence, and nothing of our insides."""

from __future__ import annotations

import json

import pytest
from django.db import OperationalError

from cases import intake
from tests import builders, town
from tests.builders import a_case
from tests.clients import Api, is_problem


def test_nobody_is_asked_to_sign_in(api):
    case = a_case()
    for path in (
        "me/",
        "cases/",
        f"cases/{case.number}/",
        "places/",
        "categories/",
        "organisations/",
        "notices/",
    ):
        answer = api().get(path)
        is_problem(answer, 401)
        assert answer["WWW-Authenticate"]
    for path in ("calls/", "attachments/", f"cases/{case.number}/moves/accept/"):
        is_problem(api().post(path), 401)
    is_problem(api().client.get("/api/v1/me/", headers={"Authorization": "Token deadbeef"}), 401)
    is_problem(api().client.get("/api/v1/me/", headers={"Authorization": "Token zz zz"}), 401)


def test_a_session_needs_its_csrf_token(api):
    caller = api("wangge", session=True)
    assert caller.get("me/").json()["username"] == "wangge"
    assert caller.call().status_code == 201
    caller.headers.pop("X-CSRFToken")
    is_problem(caller.call(), 403)


def test_unreadable(api):
    wangge = api("wangge")
    for raw in (b"{", b"[1,2]", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"a": NaN}',
                b'{"place": "370811015001001", "text": "a\\u0000b"}', b'{"text": "\\ud800"}'):  # fmt: skip
        assert wangge.raw("POST", "calls/", raw).status_code == 400, raw[:20]
    is_problem(wangge.raw("POST", "calls/", b"<a/>", "text/xml"), 415)
    is_problem(wangge.raw("POST", "calls/", b"a=1", "application/x-www-form-urlencoded"), 415)
    is_problem(wangge.raw("POST", "calls/", json.dumps({"text": "x" * 1_100_000})), 413)
    is_problem(wangge.raw("DELETE", "calls/"), 405)
    is_problem(wangge.raw("PUT", "cases/"), 405)
    is_problem(wangge.get("nowhere/"), 404)
    is_problem(wangge.get("cases/x/y/z/"), 404)


def test_moves_and_facts_that_are_none(api):
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    for name in ("nonsense", "take", "Accept", "__class__"):
        is_problem(api("jiedao").move(seen, name), 404)
    is_problem(api("jiedao").fact(seen, "nonsense"), 404)
    is_problem(api("jiedao").get(f"cases/{case.number}/clocks/nonsense/why/"), 404)
    is_problem(api("jiedao").get("cases/GYG20990101-0001/"), 404)
    is_problem(api("jiedao").get("cases/%00/"), 404)


def test_each_kind_of_refusal(api):
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    jiedao = api("jiedao")
    for bad in (None, "", "x", True, 1.5, [], "²", -1):
        is_problem(jiedao.move({**seen, "version": bad}, "accept"), 400, "version")
    is_problem(api("wangge").move(seen, "accept"), 403)
    is_problem(api("lingdao").move(seen, "accept"), 403)
    is_problem(api("linju").move(seen, "accept"), 404)
    stale = is_problem(jiedao.move({**seen, "version": 99}, "accept"), 409)
    assert stale["type"].endswith(":stale")
    assert stale["case"]["number"] == case.number and stale["case"]["version"] == case.version
    early = is_problem(jiedao.move(seen, "dispatch", organisation="GV24"), 409)
    assert early["type"].endswith(":not-from-here") and early["case"]["status"] == "received"
    accepted = jiedao.move(seen, "accept").json()
    is_problem(jiedao.move(accepted, "dispatch"), 422, "organisation")
    is_problem(jiedao.move(accepted, "dispatch", organisation="NONE"), 422, "organisation")
    is_problem(jiedao.move(accepted, "dispatch", organisation="JD-370811111"), 422, "organisation")
    is_problem(jiedao.move(accepted, "dispatch", organisation=["GV24"]), 422, "organisation")


def test_order_of_the_checks(api):
    """Capability before version before source before who before needs."""
    case = a_case()
    stale = {"number": case.number, "version": 99}
    is_problem(api("lingdao").move(stale, "accept"), 403)
    is_problem(api("jiedao").move(stale, "sign"), 409)
    is_problem(api("linju").move({**stale, "version": None}, "accept"), 404)


def test_a_body_cannot_smuggle(api):
    """Fields that our commands know but no form asks for have no effect."""
    case = a_case(through=("accept", "dispatch", "sign"))
    body = {
        **{"ground": "weather", "until": "2027-01-01", "measure": "围挡", "next_step": "等"},
        **{"granted": True, "by": 1, "number": "x", "at": "2020-01-01", "request_key": "k", "move": "sign"},
    }
    answer = api("quji").move({"number": case.number, "version": case.version}, "hold", **body)
    is_problem(answer, 422)
    answer = api("jiedao").fact(
        {"number": case.number}, "note", text="好", by=1, at=2, granted=True, number="x", fact=3
    )
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("place", ""), ("place", "nowhere"), ("place", 7), ("place", "370811"), ("place", ["x"]),
        ("item", "9999"), ("item", 1), ("kind", "quarrel"), ("urgency", "very"), ("channel", "fax"),
        ("origin", "x"), ("text", 5), ("text", "长" * 20001), ("lat", 91), ("lng", "x"), ("lat", "nan"),
        ("caller", "孟庆芳"), ("caller", {"phone": "call me"}), ("about", "NONE"), ("captured_at", "x"),
        ("captured_at", "2020-01-01T00:00:00+08:00"), ("called_at", "2099-01-01T00:00:00+08:00"),
        ("attachments", ["x"]), ("attachments", 5), ("confidential", "maybe"), ("external_ref", "x" * 81),
        ("outer_due_at", "tomorrow"),
    ],
)  # fmt: skip
def test_calls_that_do_not_fit(api, field, value):
    is_problem(api("wangge").call(**{field: value}), 422, field)


def test_all_faults_at_once(api):
    is_problem(api("wangge").call(kind="x", lat=200, item="none"), 422, "kind", "lat", "item")


def test_a_call_elsewhere(api):
    is_problem(api("wangge").call(place=town.OTHER_GRID), 403)
    is_problem(api("lingdao").call(), 403)
    is_problem(api("bumen").call(), 403)


def test_hostile_numbers_and_names(api):
    wangge = api("wangge")
    for place in ("' OR 1=1 --", "%", "../..", "x" * 5000, "\u202e370811"):
        is_problem(wangge.call(place=place), 422, "place")
    is_problem(wangge.call(text="\u202e\u200b"[:1]), 422)
    is_problem(wangge.call(lat="1e999"), 422, "lat")


def test_unexpected_errors_tell_nothing(api, monkeypatch):
    def broken(**_kwargs):
        raise RuntimeError("secret detail at /work")

    monkeypatch.setattr(intake, "take_call", broken)
    wangge = Api("wangge")
    wangge.client.raise_request_exception = False
    answer = wangge.call()
    is_problem(answer, 500)
    assert "secret" not in answer.content.decode() and "Traceback" not in answer.content.decode()

    def gone(**_kwargs):
        raise OperationalError("server closed the connection at 10.0.0.1")

    monkeypatch.setattr(intake, "take_call", gone)
    answer = wangge.call()
    is_problem(answer, 503)
    assert answer["Retry-After"] and "10.0.0.1" not in answer.content.decode()


def test_in_english_for_who_reads_english(api):
    from parties.models import Account

    Account.objects.filter(username="wangge").update(language="en")
    assert api("wangge").call(kind="x")["Content-Language"] == "en"
    assert api("jiedao").get("nowhere/")["Content-Language"] == "zh-hans"


def test_browsers_language_is_ignored(api):
    answer = api("jiedao").get("cases/x/", **{"Accept-Language": "en"})
    assert "没有找到" in is_problem(answer, 404)["detail"]


def test_rates(api, settings):
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {**rates, "calls": "2/day", "anon": "3/day"},
    }
    from django.core.cache import cache

    cache.clear()
    assert [api("wangge").call().status_code for _n in range(3)] == [201, 201, 429]
    answer = api("wangge").call()
    is_problem(answer, 429)
    assert int(answer["Retry-After"]) > 0
    assert api("wangge").get("cases/").status_code == 200
    assert api("wangge2").call(place=town.GRID_2).status_code == 201
    assert [api().get("me/").status_code for _n in range(4)] == [401, 401, 401, 429]
    cache.clear()


def test_without_a_cache_nothing_breaks(api, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock?db=0"}
    }
    assert api("wangge").call().status_code == 201
    is_problem(api().get("me/"), 401)


def test_refused_moves_change_nothing(api):
    case = a_case(through=("accept", "dispatch", "sign"))
    before = api("bumen").case(case.number)
    api("bumen").move(before, "resolve", result="好了")
    api("bumen").move(before, "decline", ground="not_our_duty", organisation="GV25")
    assert api("bumen").case(case.number) == before | {"colour": before["colour"]}
    assert builders.Case.objects.get(pk=case.pk).chain_length == case.chain_length
