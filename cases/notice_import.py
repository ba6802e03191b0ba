"""Importing a year's notice: what it would change and which open deadlines would move, then the import itself.

The calendar changes in one transaction with one entry; then every provisional open clock that was counted over
the notice's days is planned again, an entry each (`cases.replanning`). The same notice again changes nothing
and finishes what was left.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases import calendar_edits, calendars, replanning
from cases.models.calendars import Calendar, CalendarDay, CalendarNotice
from cases.models.rules import RuleTable
from cases.refusals import not_ready
from cases.replanning import Moved, Period
from cases.sla import calendar as opening
from cases.sla import notice_sheet
from cases.sla.announcement import Reading
from ledger import clock
from ledger.actor import Actor

SECONDS = 20.0  # so long a page waits for the deadlines; a task does the rest


@dataclass(frozen=True)
class Change:
    """One day that the notice would write: what the calendar says of it before and after."""

    date: dt.date
    before: opening.Day
    after: CalendarDay
    overwrites: bool  # does it contradict a dated exception that stands?


@dataclass(frozen=True)
class Plan:
    """What an import would do. `kept`: days of the year that stand in the calendar and the notice does not name."""

    notice: CalendarNotice
    reading: Reading
    changes: Sequence[Change]
    kept: Sequence[CalendarDay]
    faults: Sequence[str]
    doubts: Sequence[str]
    published_until: dt.date
    period: Period
    codes: frozenset[str]

    @property
    def changes_calendar(self) -> bool:
        return (
            bool(self.changes)
            or self.published_until != calendars.calendar(self.notice.calendar.code).published_until
        )

    def moved(self) -> list[Moved]:
        """The open provisional deadlines that the import would plan again, those that would move and those that
        would only become certain."""
        if self.faults:
            return []
        if not self.changes_calendar:
            now = replanning.waiting(self.period)
            return [] if not now else replanning.would_move(self.period, calendars.calendar)
        instead = calendars.Instead(
            self.notice.calendar.code,
            {change.date: change.after for change in self.changes},
            self.published_until,
        )
        return replanning.would_move(self.period, lambda code: calendars.if_so(code, instead))


# -- before


def submit(
    *,
    by: Actor,
    at: dt.datetime,
    calendar: Calendar,
    text: str,
    year: int | None = None,
    basis: str = "",
) -> CalendarNotice:
    """Keep a notice for its preview; the same words for the same calendar are the row that is there."""
    calendar_edits.require(by, calendar)
    try:
        text = notice_sheet.tidy(text)
        reading = notice_sheet.read(text, year)
    except notice_sheet.Unreadable as unreadable:
        raise not_ready(str(unreadable), text=str(unreadable)) from unreadable
    digest = hashlib.sha256(text.encode()).hexdigest()
    notice, _created = CalendarNotice.objects.get_or_create(
        calendar=calendar,
        digest=digest,
        year=reading.year,
        defaults={"text": text, "basis": basis.strip()[:120], "sent_by": by.id, "sent_at": at},
    )
    return notice


def plan(notice: CalendarNotice) -> Plan:
    """What importing it now would do."""
    reading = notice_sheet.read(notice.text, notice.year)
    code = notice.calendar.code
    now = calendars.calendar(code)
    rows = {date: _row(notice.calendar, date, reading) for date in sorted(reading.days)}
    changes = []
    for date, row in rows.items():
        said = now.days.get(date)  # what the weekday rule or the statutory holidays give is no dated word
        spans = now.ordinary if row.intervals is None else calendars.hours(row.intervals)
        if said is None or (said.kind, said.hours) != (row.kind, spans):
            changes.append(Change(date, now.day(date), row, overwrites=said is not None))
    own = calendars.own_days(code)
    until = max(now.published_until, dt.date(reading.year, 12, 31))
    return Plan(
        notice=notice,
        reading=reading,
        changes=changes,
        kept=[day for date, day in own.items() if date.year == reading.year and date not in rows],
        faults=[*reading.faults, *_out_of_turn(reading.year, now)],
        doubts=reading.doubts,
        published_until=until,
        period=Period(frozenset(calendars.below(code)), reading.first, reading.last),
        codes=frozenset(calendars.below(code)),
    )


def _row(calendar: Calendar, date: dt.date, reading: Reading) -> CalendarDay:
    named = reading.days[date]
    spans = calendar_edits.fitting(named.kind, named.hours)
    return CalendarDay(calendar=calendar, date=date, kind=named.kind, intervals=spans, name=named.name)


def _out_of_turn(year: int, now: opening.Calendar) -> list[str]:
    if year > now.published_until.year + 1:
        return [_("请先导入 %(year)s 年的通知，中间不能空一年。") % {"year": now.published_until.year + 1}]
    if year < now.published_from.year:
        return [_("日历自 %(day)s 起才有通知，不能补更早的年份。") % {"day": now.published_from.isoformat()}]
    return []


# -- the import


@dataclass(frozen=True)
class Imported:
    days: int
    clocks: int
    left: int  # cases with deadlines still to be planned again


def apply(
    *, by: Actor, at: dt.datetime, notice: CalendarNotice, sure: bool = False, seconds: float | None = None
) -> Imported:
    """Write the days of a notice, then plan the deadlines again. `sure`: the doubts were read. Not inside a
    transaction: the deadlines go batch by batch."""
    calendar_edits.require(by, notice.calendar)
    with RuleTable.change("calendars", "rules.notice_imported", by=by, at=at) as payload:
        done = plan(notice)  # once more, under the lock
        if done.faults:
            raise not_ready(_("这份通知还不能导入：%(fault)s") % {"fault": done.faults[0]})
        if done.doubts and not sure:
            raise not_ready(_("有没看懂的地方，请核对后勾选确认。"), sure=_("请勾选。"))
        if done.changes_calendar:
            row = Calendar.objects.select_for_update().get(pk=notice.calendar_id)
            dates = calendar_edits.write_days(row, {one.date: one.after for one in done.changes})
            calendar_edits.write_columns(row, published_until=done.published_until)
            payload.update(
                calendar=row.code,
                year=notice.year,
                notice=notice.pk,
                dates=[date.isoformat() for date in dates],
                published_until=done.published_until.isoformat(),
            )
        CalendarNotice.objects.filter(pk=notice.pk, applied_at=None).update(applied_at=at, applied_by=by.id)
    planned = finish(by=by, at=at, notice=notice, seconds=seconds)
    return Imported(len(done.changes), planned.clocks, planned.left)


def finish(
    *, by: Actor, at: dt.datetime, notice: CalendarNotice, seconds: float | None = None
) -> replanning.Done:
    """Plan again what an imported notice has not reached yet."""
    period = plan(notice).period
    return replanning.apply(
        replanning.waiting(period), replanning.newest_calendar(period), by=by, at=at, seconds=seconds
    )


def finish_all(*, by: Actor, at: dt.datetime) -> int:
    """The same for every imported notice of this year and the next: a clock that came into the year later (a relief,
    a pause) still counts by the calendar from before. How many were planned again; run again it finds none."""
    year = clock.local_date(at).year
    notices = CalendarNotice.objects.filter(applied_at__isnull=False, year__in=(year, year + 1))
    return sum(
        finish(by=by, at=at, notice=notice).clocks
        for notice in notices.select_related("calendar").order_by("year", "applied_at", "pk")
    )
