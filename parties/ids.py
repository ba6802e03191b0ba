"""Ids before the rows, so that a row is written once, with its path and the head of its chain."""

from __future__ import annotations

from django.db import connection
from django.db.models import Model


def fresh_ids(model: type[Model], n: int) -> list[int]:
    """`n` unused primary keys of the model's own sequence, ascending; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, n],
        )
        return [row[0] for row in cursor.fetchall()]


def fresh_id(model: type[Model]) -> int:
    return fresh_ids(model, 1)[0]
