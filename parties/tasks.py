"""Work behind the pages of the tree. Running twice equals running once."""

from __future__ import annotations

from celery import shared_task
from django.utils.translation import override

from grid import uploads
from grid.models import Upload
from ledger import clock, versions
from parties.access import actor_of
from parties.publishing import publish_due


@shared_task(name="parties.work_on_sheet", queue="slow", ignore_result=True)
def work_on_sheet(*, pk: str) -> None:
    """Look at a sheet that was handed in, or do one that was confirmed, as the person who handed it in."""
    versions.refresh()
    upload = Upload.objects.filter(pk=pk).first()
    if upload is None:
        return
    at = clock.now()
    by = actor_of(upload.author_id, at)
    with override(by.language):
        if upload.state == Upload.State.CHECKING:
            uploads.look(upload, by=by, at=at)
        elif upload.state == Upload.State.APPLYING:
            uploads.do(upload, by=by, at=at)


@shared_task(name="parties.finish_sheets", queue="slow", ignore_result=True)
def finish_sheets() -> int:
    """Work on the sheets that no worker got or ended; beat calls it every minute."""
    found = 0
    for upload in uploads.left(clock.now()):
        work_on_sheet(pk=str(upload.pk))
        found += 1
    return found


@shared_task(name="parties.publish_drafts", queue="clocks", ignore_result=True)
def publish_drafts() -> dict[str, int]:
    """Publish the drafts of the tree whose midnight has come; beat calls it every 30 s."""
    versions.refresh()
    published, failed = publish_due(clock.now())
    return {"published": published, "failed": failed}
