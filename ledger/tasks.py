"""Deliver what is pending: at once on a hint, and by a sweep that finds what the hint missed."""

from __future__ import annotations

from celery import shared_task

from ledger import post, versions


@shared_task(name=post.SWEEP, queue="post", ignore_result=True)
def sweep_undelivered() -> int:
    """Deliver until a batch finishes nothing; how many entries were finished."""
    versions.refresh()
    total = 0
    while finished := post.deliver_pending():
        total += finished
    return total
