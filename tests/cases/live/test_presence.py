"""Who is on a case, kept in a real Valkey: come, stay, take over, go; and nothing breaks where Valkey is dead."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from redis import Redis

from cases.live import presence, wire
from cases.queries import live
from ledger import clock
from tests.builders import a_case, a_fact
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db
SENT = ("accept", "dispatch", "sign")


@pytest.fixture
def case(town):
    made = a_case(through=SENT)
    valkey = wire.client()
    valkey.delete(f"huying:here:{made.pk}")
    yield made
    valkey.delete(f"huying:here:{made.pk}")


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


NOW = clock.now()


def names(case, at=NOW) -> list[str]:
    return [one.name for one in presence.here([case.pk], at).get(case.pk, [])]


def test_a_lease_lasts_ninety_seconds_and_as_long_as_it_is_renewed(town, case):
    bumen = town.actor("bumen")
    lease, people = presence.beat(case, bumen, NOW)
    assert [one.name for one in people] == ["吴国栋"] and presence.LEASE_ID.fullmatch(lease)
    assert names(case, after(89)) == ["吴国栋"] and names(case, after(91)) == []
    again, people = presence.beat(case, bumen, after(60), lease=lease)
    assert again == lease and len(people) == 1
    assert names(case, after(120)) == ["吴国栋"] and names(case, after(151)) == []
    assert 0 < wire.client().ttl(f"huying:here:{case.pk}") <= presence.LEASE


def test_the_first_has_it_and_who_takes_over_comes_before(town, case):
    first, second = town.actor("bumen"), town.actor("bumen2")
    presence.beat(case, first, NOW)
    lease, _ = presence.beat(case, second, after(1))
    assert names(case, after(2)) == ["吴国栋", "梁超"]
    taken, people = presence.beat(case, second, after(3), lease=lease, take=True)
    assert [one.name for one in people] == ["梁超", "吴国栋"] and people[0].taken
    assert "梁超 接手了" in live.scene(first, case, people)["words"]
    assert live.scene(second, case, people, taken)["ahead"] is False
    presence.leave(case, second, taken)
    assert names(case, after(4)) == ["吴国栋"]


@pytest.mark.parametrize(
    "lease", ["x", "0000000000000.ffffffff.0", "9999999999999.ffffffff.0", "1.2.3.4", "' OR 1"]
)
def test_a_lease_made_up_puts_nobody_before_others(town, case, lease):
    presence.beat(case, town.actor("bumen"), NOW)
    _mine, people = presence.beat(case, town.actor("bumen2"), after(1), lease=lease)
    assert [one.name for one in people] == ["吴国栋", "梁超"]


def test_one_cannot_end_the_lease_of_another(town, case):
    lease, _ = presence.beat(case, town.actor("bumen"), NOW)
    presence.leave(case, town.actor("bumen2"), lease)
    assert names(case) == ["吴国栋"]


def test_who_may_not_see_the_case_sees_nobody(town, case):
    presence.beat(case, town.actor("bumen"), clock.now())
    for method in ("GET", "POST", "DELETE"):
        assert Api("linju").raw(method, f"cases/{case.number}/presence/", "{}").status_code == 404
    assert live.here_of(town.actor("linju"), [case.number], clock.now()) == {}
    assert live.here_of(town.actor("jiedao"), [case.number], clock.now()) == {case.number: "吴国栋 正在办理"}
    assert live.here_of(town.actor("bumen"), [case.number], clock.now()) == {}, "oneself"


def test_who_has_no_part_looks_and_takes_no_lease(town, case):
    answer = Api("shenji").post(f"cases/{case.number}/presence/", {"take": True})
    assert answer.status_code == 200 and answer.json()["lease"] == "" and names(case, clock.now()) == []


def test_the_interface_comes_stays_and_goes(case):
    one, other = Api("bumen"), Api("bumen2")
    lease = one.post(f"cases/{case.number}/presence/", {}).json()["lease"]
    seen = other.get(f"cases/{case.number}/presence/")
    assert seen.json()["here"][0]["name"] == "吴国栋" and seen.json()["ahead"]
    same = other.get(f"cases/{case.number}/presence/", **{"If-None-Match": seen["ETag"]})
    assert same.status_code == 304
    assert one.raw("DELETE", f"cases/{case.number}/presence/", f'{{"lease": "{lease}"}}').status_code == 204
    assert other.get(f"cases/{case.number}/presence/").json()["here"] == []


def test_with_a_dead_valkey_everything_goes_on(town, case, monkeypatch):
    dead = Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2)
    monkeypatch.setattr(wire, "client", lambda **how: dead)
    monkeypatch.setattr(wire, "_rests_until", 0.0)
    start = time.monotonic()
    assert presence.beat(case, town.actor("bumen"), NOW) is None and presence.here([case.pk], NOW) == {}
    answer = Api("bumen").post(f"cases/{case.number}/presence/", {})
    assert answer.status_code == 200 and answer.json()["here"] == []
    assert Reader("bumen").open(f"/cases/{case.number}/").status == 200
    assert a_fact(case, "note", by="bumen", text="照记。").chain_length == case.chain_length + 1
    assert wire._rests_until > start, "asked once, then left alone for a while"
