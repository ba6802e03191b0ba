"""Sheets of places as they come: CSV, plain or gzipped, UTF-8 with or without BOM, or GB18030.

Reading only; what a sheet does to the tree is `grid.importing`.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from grid.errors import Unreadable

COLUMNS = ("code", "name", "parent_code", "level")
LARGEST = 200 * 1024 * 1024  # bytes after unpacking: a province has some 10 MB
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Row:
    """One line of a sheet, as written. `number` is its line, the header being 1. `facts` holds what else it
    says, by the names of `grid.facts.FIELDS`, with `managed_by` as a code."""

    number: int
    code: str
    name: str
    level: str
    parent_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_file(path: Path | str) -> list[Row]:
    """The rows of a file, `.gz` or plain. Raises Unreadable with a sentence."""
    try:
        return read_bytes(Path(path).read_bytes())
    except OSError as problem:
        raise Unreadable(
            _("文件打不开：{why}").format(why=problem.strerror or problem.__class__.__name__)
        ) from None


def read_bytes(content: bytes) -> list[Row]:
    """The rows of a sheet's bytes; gzip is told by its first bytes, the encoding by trying."""
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(content)) as unpacked:
                content = unpacked.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error):
            raise Unreadable(_("压缩文件已损坏。")) from None
    if len(content) > LARGEST:
        raise Unreadable(_("文件太大。"))
    return read_text(_decoded(content))


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("文字编码读不懂：请用 UTF-8 或 GB18030。"))


def read_text(text: str) -> list[Row]:
    """The rows of a sheet's text; blank lines are skipped, but counted."""
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [column.strip().lower() for column in next(lines, [])]
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise Unreadable(_("缺少列：{columns}").format(columns="、".join(missing)))
        rows = []
        for values in lines:
            if any(value.strip() for value in values):
                rows.append(_row(lines.line_num, dict(zip(header, values, strict=False))))
    except csv.Error as problem:
        raise Unreadable(_("第 {n} 行读不懂：{why}").format(n=lines.line_num, why=problem)) from None
    return rows


def _row(number: int, cells: Mapping[str, str]) -> Row:
    def cell(name: str) -> str:
        return (cells.get(name) or "").strip()

    facts: dict[str, Any] = {}
    problems: list[str] = []
    for name, read in _FACTS.items():
        if text := cell(name):
            try:
                facts[name] = read(text)
            except ValueError:
                problems.append(_("“{column}”读不懂：{text}").format(column=name, text=text))
    return Row(number, cell("code"), cell("name"), cell("level"), cell("parent_code"), facts, tuple(problems))


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number


def _degrees(text: str) -> float:
    number = float(text)
    if not -180 <= number <= 180:
        raise ValueError(text)
    return number


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.replace("；", ";").split(";") if name.strip()]


_FACTS: dict[str, Callable[[str], Any]] = {
    "households": _count,
    "residents": _count,
    "lon": _degrees,
    "lat": _degrees,
    "aliases": _names,
    "managed_by": str,
    "valid_from": dt.date.fromisoformat,
}


def shipped(name: str) -> list[Row]:
    """A data file of our own."""
    return read_file(DATA / f"{name}.csv")


def numbered(rows: Iterable[Row]) -> dict[str, int]:
    """code → line, of the first row that has it."""
    lines: dict[str, int] = {}
    for row in rows:
        lines.setdefault(row.code, row.number)
    return lines
