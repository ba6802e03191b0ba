"""The tables of a page as CSV or XLSX: `?form=csv|xlsx` on the page's own address, `&table=` one of them by its place.

What is taken out is what the page prints for its reader, masked and scoped the same, and no other. One after another in a
CSV, a sheet each in a workbook; a column of “a ÷ b” becomes two. The last line says who took it out, when and of what; it
is an entry, as every export is."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from html import unescape
from html.parser import HTMLParser
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from cases import exporting
from cases.web import errors
from cases.web.answers import private
from grid import workbooks
from grid.columns import guarded
from ledger import clock
from parties import commands

Args = ParamSpec("Args")
SHARES = re.compile(r"(−?[\d,]+) ÷ (−?[\d,]+)")
NUMBER = re.compile(r"−?\d{1,3}(,\d{3})*|−?\d+")
UNFIT = re.compile(r"[][*/?:\\]")  # in the name of a sheet
QUIET = ("svg", "script", "style", "button", "form", "template")
EMPTY = ("", "—", "–")
MOST = 5000  # rows of one page that is taken out whole; longer lists leave as lists of cases do


@dataclass
class Table:
    title: str
    head: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)


class _Tables(HTMLParser):
    """The tables of a page, each under the heading before it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Table] = []
        self.heading = ""
        self.words: list[str] | None = None
        self.row: list[str] | None = None
        self.span = 1
        self.in_head = self.in_table = False
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in QUIET:
            self.quiet += 1
        elif tag in ("h1", "h2"):
            self.words = []
        elif tag == "table":
            self.in_table = True
            self.found.append(Table(given.get("data-title") or self.heading))
        elif tag == "thead":
            self.in_head = True
        elif tag == "tr" and self.in_table:
            self.row = []
        elif tag in ("th", "td") and self.row is not None:
            self.words, self.span = [], int(given.get("colspan") or 1)
        elif tag == "br" and self.words is not None:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in QUIET:
            self.quiet -= 1
        elif tag in ("h1", "h2") and self.words is not None:
            self.heading, self.words = _tidy(self.words), None
        elif tag in ("th", "td") and self.row is not None and self.words is not None:
            self.row += [_tidy(self.words), *[""] * (self.span - 1)]
            self.words = None
        elif tag == "tr" and self.row is not None:
            table = self.found[-1]
            if self.in_head:
                table.head = self.row
            else:
                table.rows.append(self.row)
            self.row = None
        elif tag == "thead":
            self.in_head = False
        elif tag == "table":
            self.in_table = False

    def handle_data(self, data: str) -> None:
        if self.words is not None and not self.quiet:
            self.words.append(data)


def _tidy(words: list[str]) -> str:
    return " ".join("".join(words).split())


def tables_of(page: str) -> list[Table]:
    reader = _Tables()
    reader.feed(page)
    for table in reader.found:
        _part_shares(table)
        table.head = [guarded(value) for value in table.head]
        table.rows = [[_cell(value) for value in row] for row in table.rows]
    return [table for table in reader.found if table.rows]


def _part_shares(table: Table) -> None:
    """A column of numerator ÷ denominator becomes two."""
    for n in reversed(range(len(table.head))):
        cells = [row[n] if n < len(row) else "" for row in table.rows]
        if not any(SHARES.fullmatch(cell) for cell in cells):
            continue
        if not all(cell in EMPTY or SHARES.fullmatch(cell) for cell in cells):
            continue
        names = table.head[n].split(" ÷ ")
        table.head[n : n + 1] = names if len(names) == 2 else [_("分子"), _("分母")]
        for row, cell in zip(table.rows, cells, strict=True):
            pair = SHARES.fullmatch(cell)
            row[n : n + 1] = list(pair.groups()) if pair else ["", ""]


def _cell(text: str) -> Any:
    """A whole number as one; what stands for nothing, empty."""
    if text in EMPTY:
        return ""
    if NUMBER.fullmatch(text) and len(text) < 16:
        return int(text.replace(",", "").replace("−", "-"))
    return guarded(text)


def size_of(request: HttpRequest, usual: int) -> int:
    """How many rows a paged table is to have on one page: all of them where it is taken out."""
    return MOST if _is_taken(request) else usual


def too_long(request: HttpRequest, total: int, list_url: str = "") -> HttpResponse | None:
    """Instead of a file that would be cut: how long it is, and the list of the same cases (`list_url`), which leaves
    whole."""
    if total <= MOST or not _is_taken(request):
        return None
    sentence = _("一共 %(n)s 条，这里一次最多导出 %(most)s 条，没有导出。") % {"n": total, "most": MOST}
    if not list_url:
        return errors.answer(request, 422, sentence, hint=_("把时段改短，分几次导出。"))
    hint = _("到工单列表里可以导出同样的全部工单；或者把时段改短，分几次导出。")
    ways = [{"label": _("到列表里导出"), "url": list_url, "primary": True}]
    return errors.answer(request, 422, sentence, hint=hint, actions=ways)


def _is_taken(request: HttpRequest) -> bool:
    return request.GET.get("form") in exporting.FORMS


def takes_out(
    view: Callable[Concatenate[HttpRequest, Args], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Args], HttpResponse]:
    """A page whose tables may be taken out."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        form = request.GET.get("form", "")
        answer = view(request, *args, **kwargs)
        if form not in exporting.FORMS or answer.status_code != 200 or request.method != "GET":
            return answer
        page = answer.content.decode()
        found = tables_of(page)
        which = request.GET.get("table", "")
        if which.isascii() and which.isdigit() and len(which) < 4:
            found = found[int(which) - 1 : int(which)] if int(which) else []
        if not found:
            return errors.answer(request, 404, _("这一页没有表格可以导出。"))
        title = re.search(r"<title>(.*?)</title>", page, re.S)
        return _file(request, form, found, _tidy([unescape(title[1])]).rpartition(" · ")[0] if title else "")

    return asked


def _file(request: HttpRequest, form: str, found: list[Table], title: str) -> HttpResponse:
    by, at = request.actor, clock.now()
    days = [request.GET[name] for name in ("from", "to") if request.GET.get(name)]
    days = days or [request.GET.get("period") or request.GET.get("week") or f"{clock.local_date(at)}"]
    if as_of := request.GET.get("as_of", ""):
        days.append(_("截至 %(day)s") % {"day": as_of})
    said = " ".join([title, *days])
    total = sum(len(table.rows) for table in found)
    mark = [exporting.watermark(by, at, said, total, _("共 %(n)s 行") % {"n": total})]
    whole = io.BytesIO()
    if form == "xlsx":
        sheets = {_name(n, table): [table.head, *table.rows, mark] for n, table in enumerate(found, 1)}
        workbooks.write_sheets(whole, sheets)
    else:
        lines: list[list[Any]] = []
        for table in found:
            lines += (
                [[table.title], table.head, *table.rows, []] if len(found) > 1 else [table.head, *table.rows]
            )
        exporting.write_csv(whole, [*lines, mark])
    commands.note_export(by=by, at=at, payload=_entry(request, form, total))
    answer = HttpResponse(whole.getvalue(), content_type=exporting.FORMS[form])
    name = re.sub(r"[^\w.-]+", "-", "-".join([title, *days])).strip("-")[:120]
    header = content_disposition_header(True, f"{name}.{form}")
    answer["Content-Disposition"] = header or "attachment"
    return private(answer)


def _name(n: int, table: Table) -> str:
    """As a workbook takes it: short, without its signs, and each once."""
    return f"{n} {UNFIT.sub(' ', table.title)}"[:31].strip()


def _entry(request: HttpRequest, form: str, rows: int) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "form": form,
        "list": match.url_name if match else "",
        "rows": rows,
        "filters": sorted(set(request.GET) - {"form", "table"}),
    }
