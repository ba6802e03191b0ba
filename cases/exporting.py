"""A list taken out as CSV or XLSX: exactly what is filtered and the maker may see, read piece by piece, with who took
it out, when and by which filter as its last line. Callers are in no column, words are masked as on the page, sensitive
cases are there for desk and holder only. Every export is an entry."""

from __future__ import annotations

import csv
import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from cases import errands, rulebook
from cases.kinds import CHANNELS, KINDS, LEVELS, ORIGINS, STATUSES, URGENCIES
from cases.models import Case, Export
from cases.queries import colours, lists, narrowing, views
from cases.queries.masking import title_for
from cases.refusals import malformed, not_ready
from cases.scope import listable_q
from grid import workbooks
from grid.columns import guarded
from ledger import clock
from ledger.actor import Actor
from parties import commands, directory
from parties.access import actor_of
from parties.gate import NOT_FOUND, OutOfScope

LIFE = dt.timedelta(hours=24)
AT_ONCE = 1000  # rows while one waits
CHUNK = 500  # rows in memory at a time
MOST = 200_000
FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": workbooks.MEDIA_TYPE}
FIELDS = (*lists.FIELDS, "callers", "promised_at", "resolved_at", "answered_at", "ended_at")

Cell = Callable[[Actor, Case, dt.datetime], Any]


def _time(value: dt.datetime | None) -> str:
    return value.astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M") if value else ""


def _item(case: Case) -> str:
    item = rulebook.item_by_id(case.item_id)
    return f"{item.code} {item.name}" if item else ""


COLUMNS: tuple[tuple[object, Cell], ...] = (
    (gettext_lazy("工单编号"), lambda by, case, at: case.number),
    (gettext_lazy("状态"), lambda by, case, at: str(STATUSES[case.status])),
    (gettext_lazy("内容"), lambda by, case, at: title_for(by, case)),
    (gettext_lazy("类型"), lambda by, case, at: str(KINDS[case.kind])),
    (gettext_lazy("小项"), lambda by, case, at: _item(case)),
    (gettext_lazy("紧急程度"), lambda by, case, at: str(URGENCIES[case.urgency])),
    (gettext_lazy("层级"), lambda by, case, at: str(LEVELS[case.level])),
    (gettext_lazy("地点"), lambda by, case, at: case.place_text),
    (gettext_lazy("来源"), lambda by, case, at: str(ORIGINS[case.origin])),
    (gettext_lazy("渠道"), lambda by, case, at: str(CHANNELS[case.channel])),
    (gettext_lazy("反映人数"), lambda by, case, at: case.callers),
    (gettext_lazy("经办单位"), lambda by, case, at: directory.name_of(case.holder_id, short=True)),
    (gettext_lazy("经办人"), lambda by, case, at: lists.person_of(case)),
    (gettext_lazy("登记时间"), lambda by, case, at: _time(case.received_at)),
    (gettext_lazy("承诺办结"), lambda by, case, at: _time(case.promised_at)),
    (gettext_lazy("当前时限"), lambda by, case, at: _time(case.next_due_at)),
    (gettext_lazy("时限状态"), lambda by, case, at: str(narrowing.COLOURS[colours.of_case(case, at)])),
    (gettext_lazy("办结时间"), lambda by, case, at: _time(case.resolved_at)),
    (gettext_lazy("反馈时间"), lambda by, case, at: _time(case.answered_at)),
    (gettext_lazy("结束时间"), lambda by, case, at: _time(case.ended_at)),
)


def rows_of(by: Actor, at: dt.datetime, where: str, query: str) -> tuple[QuerySet[Case], views.View]:
    """The cases of a view that may leave the house, in its order."""
    view = views.view(by, at, where, views.parse(query))
    rows = view.rows.filter(listable_q(by))
    keys = [key.field if not key.descending else f"-{key.field}" for key in view.order]
    return rows.order_by(*keys), view


def ask(
    *, by: Actor, at: dt.datetime, form: Any, where: Any, query: Any, request_key: str, body_hash: str
) -> Export:
    """Write down what is to be taken out. `run` makes the file."""
    if form not in FORMS:
        raise malformed(_("请选 CSV 或 XLSX。"), form=_("没有这个选项。"))
    if where not in views.TABS or not isinstance(query, str) or len(query) > views.LONGEST:
        raise malformed(_("没有这个列表。"), where=_("没有这个选项。"))
    rows, view = rows_of(by, at, where, query)
    if view.faults:
        raise not_ready("；".join(view.faults.values()), **view.faults)
    total = rows[: MOST + 1].count()
    if total > MOST:
        raise not_ready(_("一次最多导出 %(n)s 件，请加上条件分几次。") % {"n": MOST})
    return errands.begin(
        Export, by=by, request_key=request_key, body_hash=body_hash, asked_at=at, form=form, where=where,
        query=view.address(), words=view.words[:400], total=total, expires_at=at + LIFE,
    )  # fmt: skip


def run(*, pk: int) -> Export | None:
    """Make the file; None where somebody else is at it. Nothing is there before all of it is."""
    with errands.alone(Export, pk) as row:
        if row is None or row.is_over:
            return row
        at = clock.now()
        by = actor_of(row.asked_by_id, at)
        with override(by.language):
            try:
                _make(row, by, at)
            except Exception:
                errands.save(row, state=Export.State.FAILED, finished_at=clock.now())
                raise
        return row


def _make(row: Export, by: Actor, at: dt.datetime) -> None:
    errands.save(row, state=Export.State.RUNNING, done=0)
    rows, view = rows_of(by, at, row.where, row.query)
    name = f"{row.pk}-{secrets.token_hex(16)}.{row.form}"
    path = folder() / name
    try:
        with path.open("wb") as file:
            n = write(file, row.form, by, at, rows, view.words, lambda done: errands.save(row, done=done))
        with transaction.atomic():
            filters = sorted(view.filters)
            payload = {"export": row.pk, "form": row.form, "list": row.where, "rows": n, "filters": filters}
            commands.note_export(by=by, at=at, payload=payload)
            over = {"done": n, "total": n, "state": Export.State.DONE, "finished_at": clock.now()}
            errands.save(row, file=name, **over)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write(
    file: IO[bytes],
    form: str,
    by: Actor,
    at: dt.datetime,
    rows: QuerySet[Case],
    words: str,
    progress: Callable[[int], object] = lambda done: None,
) -> int:
    """The sheet into an open file; how many cases it has."""
    counted = [0]

    def lines() -> Iterator[list[Any]]:
        yield [str(label) for label, _cell in COLUMNS]
        for case in _piece_by_piece(rows):
            counted[0] += 1
            yield [
                guarded(value) if isinstance(value, str) else value
                for _label, cell in COLUMNS
                for value in [cell(by, case, at)]
            ]
            if counted[0] % CHUNK == 0:
                progress(counted[0])
        yield [watermark(by, at, words, counted[0])]

    if form == "xlsx":
        workbooks.write(file, _("工单"), lines())
    else:
        write_csv(file, lines())
    return counted[0]


def write_csv(file: IO[bytes], lines: Iterable[Iterable[Any]]) -> None:
    """With the mark by which spreadsheet programs know UTF-8."""
    file.write(b"\xef\xbb\xbf")
    write_row = csv.writer(_Bytes(file), lineterminator="\r\n").writerow
    for line in lines:
        write_row(line)


def _piece_by_piece(rows: QuerySet[Case]) -> Iterator[Case]:
    """By a cursor of the database: never more than a piece of it in memory."""
    return rows.only(*FIELDS).annotate(person_name=lists.PERSON).iterator(chunk_size=CHUNK)


class _Bytes:
    """What csv writes, as UTF-8."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode())


def watermark(by: Actor, at: dt.datetime, words: str, n: int, counted: str = "") -> str:
    """Who took it out, for whom it works, when, and what was filtered; `counted` where it is no cases."""
    unit = next((directory.name_of(grant.unit_id, short=True) for grant in by.grants if grant.unit_id), "")
    said = {"name": by.name, "unit": unit, "at": _time(at), "words": words}
    said["counted"] = counted or _("共 %(n)s 件") % {"n": n}
    return guarded(
        _("导出人：%(name)s（%(unit)s） %(at)s；条件：%(words)s；%(counted)s。内部资料，请勿外传。") % said
    )


# -- the file


def folder() -> Path:
    """Below MEDIA_ROOT, which no URL serves."""
    path = Path(settings.MEDIA_ROOT) / "exports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def mine(by: Actor, pk: int) -> Export:
    """An export for who made it; for everybody else there is none."""
    row = Export.objects.filter(asked_by_id=by.id, pk=pk).first()
    if row is None:
        raise OutOfScope(NOT_FOUND)
    return row


def file_of(row: Export, at: dt.datetime) -> Path | None:
    """The file while it is to be had."""
    if row.state != Export.State.DONE or not row.file or at >= row.expires_at:
        return None
    path = folder() / row.file
    return path if path.is_file() else None


def forget_expired(at: dt.datetime) -> int:
    """Drop the files whose time is over."""
    found = 0
    for row in Export.objects.exclude(file="").filter(expires_at__lte=at):
        (folder() / row.file).unlink(missing_ok=True)
        Export.objects.filter(pk=row.pk).update(file="")
        found += 1
    return found
