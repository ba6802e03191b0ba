"""Work behind the page. Running twice equals running once."""

from __future__ import annotations

import logging
from dataclasses import asdict

from celery import shared_task

from cases import (
    bulk,
    duty_replay,
    errands,
    evidence,
    exporting,
    missing,
    notice_import,
    reminding,
    simulating,
    tallies,
)
from cases.models import Bulk, CalendarNotice, Export
from cases.notices import planning, sending
from cases.sla import sweep
from ledger import clock, versions
from ledger.actor import system
from parties.access import actor_of

log = logging.getLogger(__name__)


@shared_task(name="cases.sweep_clocks", queue="clocks", ignore_result=True)
def sweep_clocks() -> dict[str, int]:
    """Flip what is due; beat calls it every 30 s."""
    versions.refresh()
    swept = sweep.sweep()
    return {**asdict(swept), "reminded": reminding.sweep(clock.now())}


@shared_task(name="cases.check_tallies", queue="slow", ignore_result=True)
def check_tallies() -> dict[str, int]:
    """By night: what stands beside its source is what the source says. Only told; an admin rebuilds."""
    found = tallies.check()
    for label, n in found.items():
        log.error("rebuild_tallies --check: %s: %s rows differ", label, n)
    return found


@shared_task(name=planning.SEND, queue=planning.QUEUE, ignore_result=True)
def send_notices() -> int:
    """Send what is due outward; how much left. On a hint, and by beat, which finds what the hint missed. Then look what
    did not arrive."""
    versions.refresh()
    sent = sending.send_due()
    missing.sweep(clock.now())
    return sent


@shared_task(name="cases.simulate", queue="slow", ignore_result=True)
def simulate(*, pk: int) -> None:
    """Work out a simulation somebody asked for; its row says how far it is."""
    versions.refresh()
    simulating.run(pk=pk)


@shared_task(name="cases.replay_duties", queue="slow", ignore_result=True)
def replay_duties(*, pk: int) -> None:
    """Route past cases by a draft of duty rows; its row says how far it is."""
    versions.refresh()
    duty_replay.run(pk=pk)


@shared_task(name="cases.finish_notice", queue="slow", ignore_result=True)
def finish_notice(*, pk: int) -> None:
    """Plan again the deadlines that the import of a notice left; nothing where none is left."""
    versions.refresh()
    notice = CalendarNotice.objects.select_related("calendar").get(pk=pk)
    by = actor_of(notice.applied_by, clock.now()) if notice.applied_by else system("import")
    notice_import.finish(by=by, at=clock.now(), notice=notice)


@shared_task(name="cases.finish_notices", queue="slow", ignore_result=True)
def finish_notices() -> int:
    """Plan again the deadlines that came into a year after its notice was imported, by a relief or a pause; how many.
    Beat calls it every night."""
    versions.refresh()
    return notice_import.finish_all(by=system("import"), at=clock.now())


@shared_task(name="cases.run_bulk", queue="default", ignore_result=True)
def run_bulk(*, pk: int) -> None:
    """Do what is left to do of a bulk that somebody asked for; its row says how far it is."""
    versions.refresh()
    bulk.run(pk=pk)


@shared_task(name="cases.run_export", queue="slow", ignore_result=True)
def run_export(*, pk: int) -> None:
    """Make the file of an export that somebody asked for."""
    versions.refresh()
    exporting.run(pk=pk)


@shared_task(name="cases.forget_free_files", queue="slow", ignore_result=True)
def forget_free_files() -> int:
    """Drop the files that nothing took; how many. Beat calls it every night."""
    return evidence.forget_free(clock.now())


@shared_task(name="cases.finish_errands", queue="slow", ignore_result=True)
def finish_errands() -> int:
    """Take up what no worker got or ended, and drop the files whose time is over; beat calls it every minute."""
    versions.refresh()
    at = clock.now()
    exporting.forget_expired(at)
    found = 0
    for row in errands.left(Bulk, at):
        bulk.run(pk=row.pk)
        found += 1
    for made in errands.left(Export, at):
        exporting.run(pk=made.pk)
        found += 1
    for pk in duty_replay.left():
        duty_replay.run(pk=pk)
        found += 1
    return found
