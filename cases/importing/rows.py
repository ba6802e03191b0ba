"""A record becomes what a call needs, or the sentence that says why it cannot. Pure but for the rulebook."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from cases import call_sheet
from cases.importing.formats import Cells, Format, kind_of
from cases.importing.reading import Record
from cases.kinds import CHANNELS, ORIGINS
from cases.refusals import MoveRefused

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]+(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:[.,]\d+)?秒?|分)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)


class RowRefused(Exception):
    """One row cannot be taken; the message is for the reader."""


@dataclass(frozen=True)
class Row:
    """A row ready to be planned. `received_at` is when it counts as received: a replayed call on its own day,
    so that its number carries that day and its clocks run from then; one without a time, now. `target_at`:
    the given deadline; `closed_at`: when it was done elsewhere."""

    number: int
    ref: str
    place: str
    sheet: call_sheet.Sheet
    received_at: dt.datetime
    target_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None


@dataclass(frozen=True)
class Reader:
    """How the rows of one file are read. `given_deadlines`: the file has a column of them, so what has none
    in it gets none."""

    format: Format
    source: str
    now: dt.datetime
    tz: ZoneInfo
    origin: str = ""
    channel: str = ""
    item: str = ""

    def __post_init__(self) -> None:
        if self.origin and self.origin not in ORIGINS:
            raise ValueError(self.origin)
        if self.channel and self.channel not in CHANNELS:
            raise ValueError(self.channel)

    @property
    def given_deadlines(self) -> bool:
        return bool(self.format.columns.target)

    def ref_of(self, record: Record, seen: Counter[str]) -> str:
        """What the row is known by for ever: the file's own reference, else the row's content and how often
        that has come before. Raises RowRefused for a reference that came before in this file."""
        column = self.format.columns.ref
        if column:
            word = _tidy(record.cells.get(column, ""))
            if not word:
                raise RowRefused(_("没有编号。"))
            ref = f"{self.source}:{word}"
            seen[ref] += 1
            if seen[ref] > 1:
                raise RowRefused(_("编号 %(ref)s 与前面的行重复。") % {"ref": word[:40]})
            return ref
        body = "\x1f".join(record.cells.values())
        ref = f"{self.source}:{hashlib.sha256(body.encode()).hexdigest()[:20]}"
        seen[ref] += 1
        return ref if seen[ref] == 1 else f"{ref}-{seen[ref]}"

    def row(self, record: Record, ref: str) -> Row:
        """Raises RowRefused with every fault of the row in one sentence."""
        if record.problem:
            raise RowRefused(record.problem)
        known, cells = self.format, {name: _tidy(value) for name, value in record.cells.items()}
        columns = known.columns
        called = self._instant(cells, columns.called_at)
        target = self._instant(cells, columns.target)
        closed = self._instant(cells, columns.closed)
        if closed is not None and closed > self.now:
            raise RowRefused(_("结案时间不能在将来。"))
        kind = kind_of(cells.get(columns.kind, "")) if columns.kind else ""
        if kind is None:
            raise RowRefused(_("不认识的类型“%(word)s”。") % {"word": cells[columns.kind][:20]})
        sent: dict[str, Any] = {
            "subject": cells.get(columns.subject, ""),
            "text": known.text_of(cells) if known.text_of else cells.get(columns.text, ""),
            "kind": kind,
            "item": cells.get(columns.item, "") or self.item,
            "channel": self.channel or (known.channel_of(cells) if known.channel_of else known.channel),
            "origin": self.origin or known.origin,
            "called_at": called,
            "outer_due_at": target,
            "external_ref": ref,
        }
        place = known.place_of(cells) if known.place_of else cells.get(columns.place, "")
        try:
            sheet = call_sheet.read(at=self.now, **_fitting_subject(sent))
        except MoveRefused as refused:
            raise RowRefused(str(refused.sentence)) from None
        return Row(record.number, ref, place, sheet, called or self.now, target, closed)

    def _instant(self, cells: Cells, column: str) -> dt.datetime | None:
        word = cells.get(column, "") if column else ""
        return instant(word, self.tz) if word else None


def _fitting_subject(sent: dict[str, Any]) -> dict[str, Any]:
    """A subject too long for one line is part of the text: nothing of what was said is cut."""
    subject = sent["subject"]
    if len(subject) <= call_sheet.LONGEST_SUBJECT:
        return sent
    return {**sent, "subject": "", "text": f"{subject}\n{sent['text']}".strip()}


def instant(word: str, tz: ZoneInfo) -> dt.datetime:
    """An instant as tables write it (2019-08-19 11:48:23, 2018/2/8 9:05, 2019年8月19日, ISO 8601); without a
    zone it is local to `tz`. Raises RowRefused."""
    found = _TIME.fullmatch(word.strip())
    try:
        if found is None:
            raise ValueError
        *parts, zone = found.groups()
        value = dt.datetime(*(int(part or 0) for part in parts))  # noqa: DTZ001  the zone comes next
        at = (
            value.replace(tzinfo=tz)
            if zone is None
            else dt.datetime.fromisoformat(f"{value.isoformat()}{zone}")
        )
        if not 2000 <= at.year <= 2100:
            raise ValueError
        return at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise RowRefused(_("读不懂的时间“%(word)s”。") % {"word": word[:30]}) from None


def _tidy(word: str) -> str:
    """Without control codes, which no database takes, and white space around."""
    return _CONTROL.sub("", word).strip()
