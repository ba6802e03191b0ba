"""Answers of figures as a table: `?format=csv`, or `Accept: text/csv`. One line for each figure of each row, the columns
named as in the JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer

from grid.columns import guarded

Line = dict[str, Any]


def lines(data: Mapping[str, Any]) -> list[Line]:
    """{results: [row]} row by row, each once for every one of its `figures`; {name: figure} one by one."""
    if "results" not in data:
        return [{"figure": name, **value} for name, value in data.items()]
    found = []
    for row in data["results"]:
        own = {name: value for name, value in row.items() if name != "figures"}
        found += [{**own, "figure": code, **value} for code, value in row.get("figures", {}).items()] or [own]
    return found


def written(rows: Iterable[Line]) -> str:
    """With the mark by which spreadsheet programs know UTF-8; no text is a formula to them."""
    rows = list(rows)
    head = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        cells = ["" if row.get(name) is None else row[name] for name in head]
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])
    return "\ufeff" + out.getvalue()


class CsvRenderer(BaseRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        if (renderer_context or {})["response"].status_code >= 400:
            return json.dumps(data, ensure_ascii=False)
        return written(lines(data))


RENDERERS = [JSONRenderer, CsvRenderer]
