"""XLSX in and out. Formulas are never worked out: what a file last stored is read, text is written as text."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from grid.errors import Unreadable

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_PARTS = 500
MOST_COLUMNS = 60
EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number; what is longer has lost its end
LOST = "≈"  # marks such a number


def lines(file: IO[bytes], largest: int) -> Iterator[tuple[int, Sequence[str]]]:
    """(number, cells as text) of the first sheet's rows. Raises Unreadable.

    `largest`: bytes after unpacking. The sizes an archive states bound what is ever unpacked from it."""
    _check(file, largest)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a stated size may be wrong or huge
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
            yield number, [_text(value) for value in cells]
        book.close()
    except Unreadable:
        raise
    except Exception as problem:  # openpyxl raises whatever the broken part led to
        raise Unreadable(
            _("工作簿读不懂：请用 Excel 或 WPS 另存为 .xlsx 再试（{why}）。").format(
                why=problem.__class__.__name__
            )
        ) from None


def _check(file: IO[bytes], largest: int) -> None:
    try:
        parts = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Unreadable(_("工作簿已损坏。")) from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > largest:
        raise Unreadable(_("文件太大。"))
    file.seek(0)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e24:
        value = int(value)
    if isinstance(value, int) and abs(value) >= EXACT:
        return f"{LOST}{value}"
    if isinstance(value, dt.datetime):
        value = value.date() if value.time() == dt.time() else value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def write(file: IO[bytes], title: str, rows: Iterable[Sequence[Any]]) -> None:
    """A workbook of one sheet, row by row; the first is its header. Text stays text, whatever it looks like."""
    write_sheets(file, {title: rows})


def write_sheets(file: IO[bytes], sheets: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """The same of several, by title."""
    book = Workbook(write_only=True)
    bold = Font(bold=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        for n, row in enumerate(rows):
            sheet.append([_written(sheet, value, bold if n == 0 else None) for value in row])
    book.save(file)


def _written(sheet: Any, value: Any, font: Font | None) -> Any:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    cell = WriteOnlyCell(sheet, value)
    cell.data_type, cell.number_format = "s", "@"
    if font is not None:
        cell.font = font
    return cell


def written(title: str, rows: Iterable[Sequence[Any]]) -> bytes:
    whole = io.BytesIO()
    write(whole, title, rows)
    return whole.getvalue()
