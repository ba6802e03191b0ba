from __future__ import annotations

import datetime as dt
import io
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from PIL import Image

from cases import evidence
from cases.demo import pictures, play
from cases.models import Attachment, Call, Case, Clock
from cases.scope import visible_to
from cases.sla import sweep
from ledger import clock
from ledger.models import Entry
from tests import ledgers
from tests.house import invariants
from tests.town import COMMUNITY, GRID

pytestmark = pytest.mark.django_db

LOCAL = clock.LOCAL
NOW = dt.datetime(2026, 11, 25, 15, 20, tzinfo=LOCAL)  # a Wednesday afternoon
EVERY_STATUS = {
    "received", "accepted", "assigned", "in_hand", "on_hold", "awaiting_info", "resolved", "answered", "closed",
    "rejected", "withdrawn", "merged",
}  # fmt: skip


@pytest.fixture(autouse=True)
def demo(settings, tmp_path):
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path


def told(case: Case) -> list[str]:
    return list(
        Entry.objects.filter(subject_kind="case", subject_id=case.pk)
        .order_by("seq")
        .values_list("event", flat=True)
    )


def events() -> Counter[str]:
    return Counter(Entry.objects.filter(subject_kind="case").values_list("event", flat=True))


def test_forty_calls_show_every_status_and_every_way(town):
    played = play.play(40, NOW)
    assert (played.known, played.stuck) == (0, [])
    cases = list(Case.objects.order_by("received_at"))
    assert len(cases) == played.taken == 40 + played.merged
    assert {case.status for case in cases} == EVERY_STATUS
    happened = events()
    for event in (
        "escalated",
        "declined",
        "reworked",
        "reopened",
        "held",
        "asked",
        "settled",
        "verified",
        "merged",
    ):
        assert happened[f"case.{event}"], event
    redispatched = [case for case in cases if told(case).count("case.assigned") == 2]
    assert redispatched
    assert all(case.received_at <= NOW and case.last_at <= NOW for case in cases)
    assert cases[0].received_at > NOW - dt.timedelta(days=31)
    assert not [fault for case in cases for fault in invariants.faults(case)]
    assert not ledgers.faults()
    numbers = [case.number for case in cases if case.number.startswith("GYG")]
    assert numbers == sorted(numbers)


def test_everybody_finds_something_to_do_and_the_stranger_nothing(town):
    play.play(60, NOW)

    def seen(name):
        return Case.objects.filter(visible_to(town.actor(name, NOW)))

    assert not seen("linju").exists()
    mine = seen("wangge").filter(grid_id=town.place(GRID).pk)
    assert mine.filter(status="awaiting_info").exists()
    assert mine.filter(status="resolved", origin="patrol").exists()  # to check
    reporter = town.account("wangge").pk
    assert mine.filter(status="resolved", origin="resident", reporter_ids=[reporter]).exists()  # to tell
    desk, department = town.org("ZX-370811015"), town.org("GV24")
    assert seen("jiedao").filter(holder=desk, status="received").count() >= 3
    assert {"assigned", "in_hand", "on_hold"} <= set(
        seen("bumen").filter(holder=department).values_list("status", flat=True)
    )
    assert seen("shequ").filter(holder=town.org(f"JW-{COMMUNITY}"), status="received").exists()
    late = seen("bumen").filter(holder=department, next_due_at__lt=NOW)
    soon = seen("bumen").filter(holder=department, next_due_at__gte=NOW, next_warn_at__lt=NOW)
    assert late.exists() and soon.exists()


def test_who_acts_may_act(town):
    play.play(40, NOW)
    roles = Counter(Entry.objects.filter(subject_kind="case").values_list("event", "actor_role"))
    for event, role in (
        ("case.received", "grid_worker"),
        ("case.accepted", "street_dispatcher"),
        ("case.assigned", "street_dispatcher"),
        ("case.signed", "department_clerk"),
        ("case.resolved", "department_clerk"),
        ("case.declined", "department_clerk"),
    ):
        assert roles[event, role], (event, role)
    assert all(case.handler_people.count(town.account("bumen").person_id) <= 1 for case in Case.objects.all())


def test_about_nine_in_ten_are_resolved_in_time(town):
    play.play(150, NOW)
    stopped = Clock.objects.filter(stage="resolve", outcome="met")
    in_time = [clock.stopped_at <= clock.due_at for clock in stopped]
    assert 0.8 < sum(in_time) / len(in_time) < 1.0


def test_a_second_time_adds_nothing_and_more_calls_only_those(town):
    play.play(40, NOW)
    before = Entry.objects.count()
    again = play.play(40, NOW + dt.timedelta(hours=1))
    assert (again.taken, again.known) == (0, 40 + 1)
    assert Entry.objects.count() == before


def test_the_same_seed_tells_the_same(town):
    from django.db import transaction

    def play_and_forget(seed):
        with transaction.atomic():
            play.play(40, NOW, seed=seed)
            rows = list(
                Case.objects.order_by("external_ref").values_list(
                    "external_ref", "status", "place__code", "title", "received_at", "last_at", "number"
                )
            )
            transaction.set_rollback(True)
        return rows

    first = play_and_forget(7)
    assert first == play_and_forget(7)
    assert first != play_and_forget(8)


@pytest.mark.parametrize(
    "now",
    [
        dt.datetime(2026, 11, 22, 5, 50, tzinfo=LOCAL),  # before a Sunday's dawn
        dt.datetime(2026, 11, 23, 9, 5, tzinfo=LOCAL),  # a Monday morning
        dt.datetime(2027, 2, 8, 11, 0, tzinfo=LOCAL),  # in the middle of the spring holidays
        dt.datetime(2027, 1, 6, 23, 59, tzinfo=LOCAL),  # a year whose holidays are not published
    ],
)
def test_it_can_be_played_at_any_time(town, now):
    played = play.play(40, now)
    assert played.stuck == []
    assert set(Case.objects.values_list("status", flat=True)) == EVERY_STATUS
    sweep.sweep(now)
    assert not [fault for case in Case.objects.all() for fault in invariants.faults(case)]


def test_evidence_is_real_pictures(town):
    play.play(40, NOW)
    photos = Attachment.objects.filter(case__isnull=False)
    assert photos.count() > 20 and not Attachment.objects.filter(case=None).exists()
    with Image.open(evidence.path_of(photos[0].file.name)) as picture:
        assert picture.size == pictures.SIZE
    assert photos.values("sha256").distinct().count() == photos.count()


def test_what_callers_were_told_stands_with_their_call(town):
    play.play(40, NOW)
    answered = Call.objects.filter(case__status__in=("answered", "closed"), case__origin="resident")
    assert answered.exists() and not answered.filter(told="").exists()


def test_nobody_finds_old_news(town):
    play.play(40, NOW)
    pending = Entry.objects.filter(pending=True, subject_kind="case")
    assert pending.exists()
    assert not pending.filter(at__lt=NOW - play.TOLD_WITHIN).exists()


def test_the_command_is_for_the_demo_only():
    with override_settings(DEMO=False), pytest.raises(CommandError, match="演示模式"):
        call_command("demo_town", stdout=io.StringIO(), skip_checks=True)


def test_the_command_loads_everything_and_repeats_harmlessly(town):
    out = io.StringIO()
    call_command("demo_town", calls=12, stdout=out, skip_checks=True)
    assert "工单：12，已有 0" in out.getvalue()
    assert Case.objects.count() == 12
    again = io.StringIO()
    call_command("demo_town", calls=12, stdout=again, skip_checks=True)
    assert "工单：0，已有 12" in again.getvalue()


def test_the_supervisor_finds_drafts_waiting(town):
    """Late desks and departments of the last two days, and a desk that the sweep found silent."""
    from cases.findings import scope
    from ledger import post

    play.play(400, NOW)
    sweep.sweep(NOW)
    while post.deliver_pending():
        pass
    waiting = scope.visible(town.actor("ducha", NOW)).filter(state="drafted")
    assert {"late_response", "late_resolve"} <= set(waiting.values_list("kind", flat=True))
    assert not scope.visible(town.actor("linju", NOW)).exists()
