"""Duty rows as a sheet: its columns, read and written. What a sheet does to the rows is `cases.duty_import`."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.routing.learning import Suggestion
from grid import columns, sheets, workbooks
from grid.columns import FORMULA_STARTS, guarded
from grid.errors import Unreadable
from ledger import days

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 5_000
# name → how the export heads it, and what else a sheet may call it
COLUMNS: dict[str, tuple[str, ...]] = {
    "item": ("小项", "小项编号", "事项", "item_code"),
    "category": ("大类", "大类编号", "category_code"),
    "place": ("地点", "地点编码", "place_code"),
    "organisation": ("单位", "单位编码", "承办单位", "责任单位", "unit"),
    "template": ("镇街机构", "模板"),
    "part": ("角色", "主协办", "role"),
    "direct": ("街道直派", "直派"),
    "since": ("生效日", "自", "from"),
    "until": ("失效日", "至", "to"),
    "basis": ("依据", "文号"),
    "status": ("状态",),
    "support": ("支持数",),
    "confidence": ("把握",),
    "alternatives": ("其他去向",),
    "note": ("名称说明", "说明"),
}
NEEDED = ("place",)
PARTS = {
    "lead": ("主办", "lead"),
    "assist": ("协办", "assist"),
    "offer": ("愿意帮忙", "愿帮", "offer"),
}
YES = frozenset({"1", "是", "y", "yes", "true", "√", "允许"})
NO = frozenset({"", "0", "否", "n", "no", "false", "×", "不允许"})
SUGGESTED = frozenset({"建议", "suggested"})

MEANT = columns.meant(COLUMNS)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sheet, as written, by our names of columns. `number` is its line, the header being 1."""

    number: int
    cells: Mapping[str, str]
    problems: tuple[str, ...] = ()
    part: str = "lead"
    direct: bool | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    @property
    def suggested(self) -> bool:
        return self.cells.get("status", "").lower() in SUGGESTED


# -- in


def read(file: IO[bytes]) -> list[Line]:
    """The lines of an open file (CSV in UTF-8, UTF-16 or GB18030, plain or gzipped; XLSX). Raises Unreadable."""
    lines = sheets.lines_of(file, MOST_ROWS + 2, LARGEST)
    if not lines:
        raise Unreadable(_("表里没有数据行。"))
    names = columns.named(lines[0][1], MEANT)
    lacking = [name for name in NEEDED if name not in names]
    if not {"item", "category"} & set(names):
        lacking.append("item")
    if not {"organisation", "template"} & set(names):
        lacking.append("organisation")
    if lacking:
        said = "、".join(f"{COLUMNS[name][0]}（{name}）" for name in lacking)
        raise Unreadable(_("缺少列：{columns}").format(columns=said))
    found = [
        _line(number, dict(zip(names, cells, strict=False)))
        for number, cells in lines[1:]
        if any(cell.strip() for cell in cells)
    ]
    if not found:
        raise Unreadable(_("表里没有数据行。"))
    if len(found) > MOST_ROWS:
        raise Unreadable(_("行数太多：一次最多 {n} 行。").format(n=MOST_ROWS))
    return found


def read_bytes(content: bytes) -> list[Line]:
    return read(io.BytesIO(content))


def line_of(number: int, cells: Mapping[str, str]) -> Line:
    """A line from its cells by our names of columns, as kept or as a form sent them."""
    return _line(number, cells)


def _line(number: int, raw: Mapping[str, str]) -> Line:
    cells = {name: _plain(text) for name, text in raw.items() if name}
    problems: list[str] = []
    part = cells.get("part", "") or "lead"
    known = next((name for name, words in PARTS.items() if part.lower() in (name, *words)), "")
    if not known:
        problems.append(_unreadable("part", part))
    direct = cells.get("direct", "").lower()
    if direct not in YES | NO:
        problems.append(_unreadable("direct", direct))
    term: dict[str, dt.date | None] = {"since": None, "until": None}
    for name in term:
        if text := cells.get(name, ""):
            try:
                term[name] = days.read(_iso(text))
            except days.NoDay:
                problems.append(_unreadable(name, text))
    problems += [
        _("编码 {code} 存成了数字，超过 15 位的已经丢失；请把这一列改成文本再填").format(code=cells[name])
        for name in ("place", "organisation")
        if cells.get(name, "").startswith(workbooks.LOST)
    ]
    return Line(
        number, cells, tuple(problems), known or "lead", None if not direct else direct in YES, **term
    )


def _unreadable(name: str, text: str) -> str:
    return _("“{column}”读不懂：{text}").format(column=COLUMNS[name][0], text=text[:40])


def _iso(text: str) -> str:
    """2026/1/5, 2026.1.5, 2026年1月5日 → 2026-01-05"""
    for mark in "年月/.":
        text = text.replace(mark, "-")
    parts = text.replace("日", "").split("-")
    return "-".join([parts[0], *(part.zfill(2) for part in parts[1:])])


def _plain(text: str) -> str:
    text = " ".join(text.replace("\x00", "").split())
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


# -- out


def rows(lines: Iterable[Mapping[str, str]]) -> Iterator[list[str]]:
    """The header in the reader's language, then the lines (by our names of columns)."""
    chinese = not (get_language() or "").startswith("en")
    yield [words[0] if chinese else name for name, words in COLUMNS.items()]
    for line in lines:
        told = dict(line)
        if told.get("part") in PARTS and chinese:
            told["part"] = PARTS[told["part"]][0]
        yield [guarded(told.get(name, "")) for name in COLUMNS]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_pieces(lines: Iterable[Mapping[str, str]]) -> Iterator[bytes]:
    """The sheet as CSV, UTF-8 with the mark by which spreadsheet programs know it; piece by piece."""
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield b"\xef\xbb\xbf"
    for row in rows(lines):
        yield write(row).encode()


def workbook(lines: Iterable[Mapping[str, str]]) -> bytes:
    return workbooks.written(_("职责行"), rows(lines))


def save(path: Path, lines: Iterable[Mapping[str, str]]) -> None:
    """To a file, by its ending. Raises OSError."""
    whole = workbook(lines) if path.suffix.lower() == ".xlsx" else b"".join(csv_pieces(lines))
    path.write_bytes(whole)


def evidence(one: Suggestion) -> dict[str, str]:
    """What speaks for a suggestion, as the sheet says it."""
    others = "；".join(f"{name} {n}" for name, n in one.alternatives)
    return {
        "status": "建议",
        "support": f"{one.support}/{one.total}",
        "confidence": f"{one.confidence:.2f}",
        "alternatives": others,
    }
