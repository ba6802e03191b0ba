"""Work behind the page. Running twice equals running once."""

from __future__ import annotations

from celery import shared_task

from ledger import clock, versions
from parties.publishing import publish_due


@shared_task(name="parties.publish_drafts", queue="clocks", ignore_result=True)
def publish_drafts() -> dict[str, int]:
    """Publish the drafts of the tree whose midnight has come; beat calls it every 30 s."""
    versions.refresh()
    published, failed = publish_due(clock.now())
    return {"published": published, "failed": failed}
