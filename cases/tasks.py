"""Work behind the page. Running twice equals running once."""

from __future__ import annotations

from dataclasses import asdict

from celery import shared_task

from cases import simulating
from cases.sla import sweep
from ledger import versions


@shared_task(name="cases.sweep_clocks", queue="clocks", ignore_result=True)
def sweep_clocks() -> dict[str, int]:
    """Flip what is due; beat calls it every 30 s."""
    versions.refresh()
    swept = sweep.sweep()
    return asdict(swept)


@shared_task(name="cases.simulate", queue="slow", ignore_result=True)
def simulate(*, pk: int) -> None:
    """Work out a simulation somebody asked for; its row says how far it is."""
    versions.refresh()
    simulating.run(pk=pk)
