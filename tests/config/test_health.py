"""/healthz: well only when every part shows it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache

from cases.models import Clock
from cases.sla import sweep
from config import heartbeat, tasks
from config.cache import ForgivingCache
from ledger import clock, post, reading
from ledger.models import Delivery
from tests.builders import a_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pulse():
    with heartbeat.client() as valkey:
        valkey.delete(heartbeat.key(heartbeat.WORKER), heartbeat.key(heartbeat.BEAT))


def ask(client):
    answer = client.get("/healthz")
    return answer.status_code, answer.json()


def test_without_a_pulse_it_is_ill(client):
    status, facts = ask(client)
    assert status == 503
    assert facts["status"] == "ill"
    assert facts["ill"] == ["worker", "beat"]
    assert facts["database"] == facts["broker"] == "ok"


def test_with_a_pulse_it_is_well(client):
    tasks.beat_once.apply()
    status, facts = ask(client)
    assert (status, facts["status"], facts["ill"]) == (200, "ok", [])
    assert facts["worker_age"] < 5
    assert facts["clock_skew"] == 0
    assert facts["outbox_age"] == 0


def test_an_old_pulse_is_told_apart(client):
    now = clock.now()
    with heartbeat.client() as valkey:
        heartbeat.note(valkey, heartbeat.WORKER, now)
        heartbeat.note(valkey, heartbeat.BEAT, now - timedelta(seconds=settings.HEALTH_HEARTBEAT_SECONDS + 5))
    status, facts = ask(client)
    assert status == 503
    assert facts["ill"] == ["beat"]


def test_a_host_whose_clock_is_wrong_is_ill(client):
    tasks.beat_once.apply()
    with clock.frozen(clock.now() + timedelta(seconds=3)):
        status, facts = ask(client)
    assert status == 503
    assert "clock_skew" in facts["ill"]
    assert facts["clock_skew"] == pytest.approx(-3, abs=1)


def test_a_dead_broker_is_ill_and_costs_no_time(client, settings):
    settings.VALKEY = type(settings.VALKEY)(path="/nowhere/valkey.sock")
    start = clock.now()
    status, facts = ask(client)
    assert status == 503
    assert facts["broker"] == "unreachable"
    assert facts["database"] == "ok"
    assert (clock.now() - start).total_seconds() < 2


def test_it_asks_for_no_login_and_forbids_what_a_page_may_not_do(client):
    answer = client.get("/healthz")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "unsafe-inline" not in policy.split("style-src-attr")[0]
    assert answer["Permissions-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_cache_that_cannot_be_reached_is_a_miss():
    cache.set("kept", 1)
    assert cache.get("kept") == 1
    dead = ForgivingCache("unix:///nowhere/valkey.sock", settings.CACHES["default"])
    assert dead.get("kept", "default") == "default"
    dead.set("kept", 2)
    assert dead.get_many(["kept"]) == {}
    assert dead.add("kept", 3) is True
    assert dead.delete("kept") is False
    assert dead.incr("kept") == 1
    assert dead.get_or_set("kept", 4) == 4


class TestSweep:
    """How far the sweep is behind, by the database's time."""

    def test_nothing_due_is_no_lag(self, client):
        facts = ask(client)[1]
        assert (facts["sweep_lag"], facts["sweep_waiting"], facts["sweep_pass_age"]) == (0, 0, None)

    def test_what_waits_too_long_makes_it_ill(self, client, town):
        tasks.beat_once.apply()
        a_case(when=sweep.database_now() - timedelta(days=3, hours=1))
        status, facts = ask(client)
        assert status == 503 and "sweep_lag" in facts["ill"]
        assert facts["sweep_lag"] > 2 * 24 * 3600 and facts["sweep_waiting"] >= 2
        swept = sweep.sweep()
        status, facts = ask(client)
        assert (facts["sweep_lag"], facts["sweep_waiting"]) == (0, 0) and "sweep_lag" not in facts["ill"]
        assert facts["sweep_pass_did"] == swept.total > 0 and 0 <= facts["sweep_pass_age"] < 5

    def test_a_little_late_is_well(self, client, town):
        tasks.beat_once.apply()
        case = a_case(when=sweep.database_now())
        late = sweep.database_now() - timedelta(seconds=settings.HEALTH_SWEEP_SECONDS / 2)
        Clock.objects.filter(case=case, stage="accept").update(next_at=late)
        facts = ask(client)[1]
        assert facts["ill"] == [] and facts["sweep_waiting"] == 1
        assert facts["sweep_lag"] == pytest.approx(settings.HEALTH_SWEEP_SECONDS / 2, abs=5)

    def test_deliveries_that_wait_and_that_were_given_up(self, client, town):
        case = a_case()
        for n, attempts in enumerate((1, 3, post.GIVE_UP_AFTER)):
            entry = reading.timeline("case", case.pk)[0].pk
            Delivery.objects.create(entry_id=entry, reaction=f"r{n}", attempts=attempts)
        facts = ask(client)[1]
        assert (facts["deliveries_waiting"], facts["deliveries_given_up"]) == (2, 1)
