"""Several counts in one statement, each capped: a page with tabs and badges pays one round trip for all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

MOST = 1000


def counts(wanted: Mapping[str, QuerySet], whole: Collection[str] = ()) -> dict[str, int]:
    """name → number of rows, at most MOST + 1 each but for those to be counted `whole`; one statement, none where
    nothing is asked for."""
    parts: list[str] = []
    names: list[str] = []
    params: list[Any] = []
    found = dict.fromkeys(wanted, 0)
    for name, rows in wanted.items():
        try:
            rows = rows.order_by().values("pk")
            sql, given = (rows if name in whole else rows[: MOST + 1]).query.sql_with_params()
        except EmptyResultSet:
            continue
        names.append(name)
        parts.append(f"(SELECT count(*) FROM ({sql}) AS few)")  # noqa: S608 -- compiled by the ORM
        params += given
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)
            found.update(zip(names, cursor.fetchone(), strict=True))
    return found


def shown(n: int) -> str:
    """1000+ where the count was capped."""
    return f"{MOST}+" if n > MOST else str(n)
