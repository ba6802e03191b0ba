"""Sheets of places as they come: CSV (plain or gzipped; UTF-8, with or without BOM, UTF-16, GB18030) and XLSX.

Reading only; what a sheet does to the tree is `grid.importing`.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from django.utils.translation import gettext as _

from grid import kinds, workbooks
from grid.columns import COLUMNS, DIVISION_LEVELS, FORMULA_STARTS, NEEDED, named
from grid.errors import Unreadable
from ledger import days

LARGEST = 200 * 1024 * 1024  # bytes after unpacking: the whole country has some 40 MB
MOST_ROWS = 1_000_000
DATA = Path(__file__).parent / "data"
_PIECE = 1 << 16
NO_FACTS: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class Row:
    """One line of a sheet, as written. `number` is its line, the header being 1. `facts` holds what else it
    says, by the names of `grid.facts.FIELDS`, with `managed_by` as a code."""

    number: int
    code: str
    name: str
    level: str
    parent_code: str = ""
    facts: Mapping[str, Any] = field(default_factory=lambda: NO_FACTS)
    problems: tuple[str, ...] = ()


def read_file(path: Path | str) -> list[Row]:
    """The rows of a file: CSV, `.gz` or XLSX, told by its first bytes. Raises Unreadable with a sentence."""
    try:
        with Path(path).open("rb") as file:
            return read(file)
    except OSError as problem:
        raise Unreadable(
            _("文件打不开：{why}").format(why=problem.strerror or problem.__class__.__name__)
        ) from None


def read_files(paths: Sequence[Path | str]) -> list[Row]:
    """The rows of several files as if they were one; a row's number is its line in its own file."""
    rows: list[Row] = []
    for path in paths:
        rows += read_file(path)
    return rows


def read_bytes(content: bytes) -> list[Row]:
    return read(io.BytesIO(content))


def read(file: IO[bytes]) -> list[Row]:
    """The rows of an open file that can be read from its beginning more than once."""
    with _opened(file, LARGEST) as lines:
        return _rows(lines)


def is_packed(content: bytes) -> bool:
    """A workbook or a gzipped file: nobody knows how much it holds before it was unpacked."""
    return content[:2] in (b"PK", b"\x1f\x8b")


def lines_of(file: IO[bytes], most: int, largest: int) -> list[tuple[int, Sequence[str]]]:
    """The first lines of an open file as cells, whatever its form; blank ones too. Raises Unreadable where it has
    more than `largest` bytes when unpacked, having read no more than that."""
    if file.seek(0, io.SEEK_END) > largest:
        raise Unreadable(_("文件太大。"))
    file.seek(0)
    with _opened(file, largest) as lines:
        return list(islice(lines, most))


@contextmanager
def _opened(file: IO[bytes], largest: int) -> Iterator[Iterable[tuple[int, Sequence[str]]]]:
    """(number, cells) of every line, whatever the file's form."""
    start = file.read(4)
    file.seek(0)
    if start[:2] == b"PK":
        yield workbooks.lines(file, largest)
        return
    if start[:2] == b"\x1f\x8b":
        file = _unpacked(file, largest)
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        yield _lines(text)
    finally:
        text.detach()  # the file is closed by who opened it


def read_text(text: str) -> list[Row]:
    """The rows of a sheet's text; blank lines are skipped, but counted."""
    return _rows(_lines(io.StringIO(text, newline="")))


def _unpacked(file: IO[bytes], largest: int) -> IO[bytes]:
    whole = io.BytesIO()
    try:
        with gzip.open(file) as packed:
            while piece := packed.read(_PIECE):
                if whole.write(piece) and whole.tell() > largest:
                    raise Unreadable(_("文件太大。"))
    except (OSError, EOFError, zlib.error):
        raise Unreadable(_("压缩文件已损坏。")) from None
    whole.seek(0)
    return whole


def _encoding(file: IO[bytes]) -> str:
    """The first encoding in which the whole file can be read; its place is the beginning again."""
    start = file.read(2)
    encodings = ["utf-16"] if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else []
    for encoding in [*encodings, "utf-8-sig", "gb18030"]:
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
                if file.tell() > LARGEST:
                    raise Unreadable(_("文件太大。"))
            decoder.decode(b"", final=True)
        except UnicodeError:
            continue
        file.seek(0)
        return encoding
    raise Unreadable(_("文字编码读不懂：请用 UTF-8 或 GB18030。"))


def _lines(text: IO[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """(number, cells) of every line; comma, tab or semicolon, whichever the header has most of."""
    header = text.readline()
    text.seek(0)
    between = max(",\t;", key=header.count)
    lines = csv.reader(text, delimiter=between)
    try:
        for cells in lines:
            yield lines.line_num, cells
    except csv.Error as problem:
        raise Unreadable(_("第 {n} 行读不懂：{why}").format(n=lines.line_num, why=problem)) from None


def _rows(lines: Iterator[tuple[int, Sequence[str]]]) -> list[Row]:
    names = named(next(lines, (1, ()))[1])
    level = _level_of_division(names)
    missing = [column for column in NEEDED if column not in names]
    if missing and not level:
        raise _without(missing)
    at = {name: n for n, name in enumerate(names) if name}
    said = [(name, at[name], read) for name, read in _FACTS.items() if name in at]
    shared: dict[str, str] = {}  # the same word in thousands of rows is kept once
    rows = []
    for number, cells in lines:
        if any(cells) and any(cell.strip() for cell in cells):
            row = _row(number, cells, at, said, level)
            if level == kinds.TOP and len(row.code) != 2:
                raise _without(missing)
            row.parent_code = shared.setdefault(row.parent_code, row.parent_code)
            row.level = shared.setdefault(row.level, row.level)
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise Unreadable(_("行数太多：一次最多 {n} 行。").format(n=MOST_ROWS))
    return rows


def _level_of_division(names: Sequence[str]) -> str:
    """The level of a file of the national tables, which tell it by the columns they have; "" for others."""
    if "level" in names:
        return ""
    if list(names) == ["code", "name"]:
        return kinds.TOP
    return next((level for column, level in DIVISION_LEVELS.items() if column in names), "")


def _without(columns: Sequence[str]) -> Unreadable:
    said = (f"{column}（{COLUMNS[column][0]}）" for column in columns)
    return Unreadable(_("缺少列：{columns}").format(columns="、".join(said)))


Said = list[tuple[str, int, Callable[[str], Any]]]


def _row(number: int, cells: Sequence[str], at: Mapping[str, int], said: Said, level: str) -> Row:
    def cell(name: str) -> str:
        n = at.get(name, -1)
        if not 0 <= n < len(cells):
            return ""
        text = cells[n].strip()
        return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text

    if level:
        column = next((column for column, of in DIVISION_LEVELS.items() if of == level), "")
        return Row(number, cell("code"), cell("name"), level, cell(column))
    facts: dict[str, Any] = {}
    problems: list[str] = []
    for name, _n, read_fact in said:
        if text := cell(name):
            try:
                facts[name] = read_fact(text)
            except ValueError:
                problems.append(_("“{column}”读不懂：{text}").format(column=name, text=text))
    code, parent = cell("code"), cell("parent_code")
    problems += [
        _("编码 {code} 存成了数字，超过 15 位的已经丢失；请把这一列改成文本再填").format(code=mangled)
        for mangled in (code, parent)
        if mangled.startswith(workbooks.LOST)
    ]
    return Row(number, code, cell("name"), cell("level"), parent, facts or NO_FACTS, tuple(problems))


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


def _management(text: str) -> str:
    word = kinds.read_management(text)
    if word is None:
        raise ValueError(text)
    return word


_FACTS: dict[str, Callable[[str], Any]] = {
    "households": _count,
    "residents": _count,
    "lon": _degrees,
    "lat": _degrees,
    "aliases": _names,
    "managed_by": str,
    "management": _management,
    "valid_from": days.read,
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
