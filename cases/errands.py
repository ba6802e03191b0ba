"""Long work for one person: done while one waits where it is little, by a worker where it is much. Its row says how far
it is; what a dead worker left is taken up again, and nothing is done twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from cases.models.desk import Errand
from cases.refusals import malformed, not_ready
from ledger import book, clock
from ledger.actor import Actor

Row = TypeVar("Row", bound=Errand)
Alone = TypeVar("Alone", bound=models.Model)

SILENT = dt.timedelta(seconds=90)  # without a sign of life: its worker is gone
KEPT = 30  # per person and kind; older ones that are over go when a new one is asked for


def begin(model: type[Row], *, by: Actor, request_key: str, body_hash: str, **values: Any) -> Row:
    """A new row, or the one that this request made before. Another request under the same key is refused."""
    if not request_key:
        raise malformed(_("表单不完整，请刷新页面再交一次。"))
    request_key = book.body_hash(request_key)  # as long as it may be
    try:
        with transaction.atomic():
            old = model.objects.filter(asked_by_id=by.id).exclude(state__in=("waiting", "running"))
            old.filter(pk__in=list(old.order_by("-pk").values_list("pk", flat=True)[KEPT:])).delete()
            return model.objects.create(
                asked_by_id=by.id, request_key=request_key, body_hash=body_hash, **values
            )
    except IntegrityError:
        found = model.objects.filter(asked_by_id=by.id, request_key=request_key).first()
        if found is None:
            raise
    if found.body_hash != body_hash:
        raise not_ready(_("这个幂等键已用于另一个请求，请换一个。"))
    return found


def left(model: type[Row], at: dt.datetime) -> list[Row]:
    """Those that nobody is at: waiting for a while, or begun by a worker that fell silent."""
    rows = model.objects.filter(state__in=("waiting", "running"), asked_at__lt=at - SILENT)
    return [row for row in rows.order_by("pk") if row.beaten_at is None or row.beaten_at < at - SILENT]


def save(row: Errand, **values: Any) -> None:
    """Set and save; and a sign of life."""
    values["beaten_at"] = clock.now()
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


@contextmanager
def alone(model: type[Alone], pk: int) -> Iterator[Alone | None]:
    """The row for the one worker that is at it, None for any other; the lock goes with the connection."""
    number = 0x51B0 + sum(map(ord, model.__name__))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [number, pk])
        got = bool(cursor.fetchone()[0])
    try:
        yield model._default_manager.filter(pk=pk).first() if got else None
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [number, pk])
