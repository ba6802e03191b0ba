"""Commands that change a calendar. Each asks for the capability where the calendar stands, writes one entry into
the chain of the calendars' table and bumps its version. Clocks that run keep the calendar as it was."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import calendars
from cases.models.calendars import OWN, Calendar, CalendarDay
from cases.models.rules import RuleTable
from cases.refusals import not_ready, not_yours
from cases.sla import calendar as opening
from grid.models import Place
from grid.queries import lineage
from grid.tree import path_ids
from ledger.actor import Actor
from parties import access, directory
from parties.models import Organisation

Spans = Sequence[Sequence[str]]
WIDE = ("province", "city", "district")  # who administers one of these keeps the rules that hold for all
KINDS = tuple(CalendarDay.Kind.values)
CLOSED, OPEN = ("holiday",), ("makeup", "half", "hours")
MOST_DAYS = 62  # dates written at once
CODE = re.compile(r"^[A-Za-z0-9_-]{1,24}$")


# -- who may


def keeps_all(by: Actor) -> bool:
    """May this person change what holds for everybody: policies and the calendar of all?"""
    return by.system or any(grant.place_kind in WIDE for grant in by.grants_for("rules"))


def require_all(by: Actor) -> None:
    access.require(by, "rules")
    if not keeps_all(by):
        raise not_yours(_("这条规则对全区有效，须由区级管理员来改。"))


def may_change(by: Actor, calendar: Calendar) -> bool:
    """A calendar of a place or an organisation: where one has that in scope. The root: see `keeps_all`."""
    if calendar.place is not None:
        return by.may("rules", path=calendar.place.path)
    if calendar.organisation is not None:
        return _over(by, calendar.organisation)
    return by.may("rules") and keeps_all(by)


def require(by: Actor, calendar: Calendar) -> None:
    """Refused with 403 where `may_change` says no."""
    access.require(by, "rules")
    if not may_change(by, calendar):
        raise not_yours(_("这份日历不在您的管理范围内。"))


def _over(by: Actor, organisation: Organisation) -> bool:
    """Is the organisation in reach of somebody's `rules`, by its own tree or the places it stands for?"""
    return access.reaches(by, organisation.path, "rules")


def changeable(by: Actor) -> QuerySet[Calendar]:
    rows = Calendar.objects.select_related("place", "organisation")
    return rows.filter(pk__in=[row.pk for row in rows if may_change(by, row)])


# -- days


def set_day(
    *,
    by: Actor,
    at: dt.datetime,
    calendar: Calendar,
    date: dt.date,
    kind: str,
    intervals: Spans | None,
    name: str = "",
    until: dt.date | None = None,
) -> CalendarDay:
    """Say how one date (or each from `date` to `until`) is open: `intervals` are [["08:30", "12:00"], …] (an end
    of 00:00 is 24:00), an empty list on a day of rest, None for the ordinary hours of a make-up workday."""
    require(by, calendar)
    spans = fitting(kind, intervals)
    last = until or date
    _in_range(date, last)
    with RuleTable.change("calendars", "rules.calendar_day_set", by=by, at=at) as payload:
        days = [date + dt.timedelta(days=n) for n in range((last - date).days + 1)]
        named = {"kind": kind, "intervals": spans, "name": name.strip()[:40]}
        rows: dict[dt.date, CalendarDay | None] = {
            day: CalendarDay(calendar=calendar, date=day, **named) for day in days
        }
        if changed := write_days(calendar, rows):
            dates = [day.isoformat() for day in changed]
            payload.update(calendar=calendar.code, dates=dates, kind=kind, intervals=spans)
    return CalendarDay.objects.get(calendar=calendar, date=date, until_seq=None)


def remove_day(*, by: Actor, at: dt.datetime, calendar: Calendar, date: dt.date) -> None:
    """Let a date follow the week again (or the calendar above)."""
    require(by, calendar)
    with RuleTable.change("calendars", "rules.calendar_day_removed", by=by, at=at) as payload:
        if not write_days(calendar, {date: None}):
            raise not_ready(_("这一天没有写过特例。"), date=date.isoformat())
        payload.update(calendar=calendar.code, date=date.isoformat())


def write_days(calendar: Calendar, days: Mapping[dt.date, CalendarDay | None]) -> list[dt.date]:
    """Inside a change: close what stood on these dates and let the new rows stand, where they differ; the dates
    that changed."""
    seq = RuleTable.next_seq("calendars")
    stands = {
        day.date: day for day in CalendarDay.objects.filter(calendar=calendar, date__in=days, until_seq=None)
    }
    changed = [date for date, day in days.items() if not same(stands.get(date), day)]
    closed = [stands[date].pk for date in changed if date in stands]
    CalendarDay.objects.filter(pk__in=closed).update(until_seq=seq)
    fresh = [day for date in changed if (day := days[date]) is not None]
    for day in fresh:
        day.pk, day.since_seq, day.until_seq = None, seq, None
    CalendarDay.objects.bulk_create(fresh)
    return changed


def same(one: CalendarDay | None, other: CalendarDay | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.kind, one.intervals, one.name) == (other.kind, other.intervals, other.name)


def fitting(kind: str, intervals: Spans | None) -> list[list[str]] | None:
    """The intervals as they are kept; refused where they do not fit the kind or each other."""
    if kind not in KINDS:
        raise not_ready(_("没有这个选项：%(value)s。") % {"value": kind}, kind=kind)
    if kind in CLOSED:
        return []
    if not intervals:
        if kind == "makeup":
            return None
        raise not_ready(_("请写明这一天的开放时间。"), intervals=_("请填写，如 08:30-12:00。"))
    return checked(intervals)


def checked(intervals: Spans) -> list[list[str]]:
    """Opening intervals in order, as they are kept; refused where they overlap or run backwards."""
    try:
        read = opening.Calendar({0: calendars.hours(intervals)}, statutory=None).weekly[0]
    except ValueError:
        raise not_ready(
            _("开放时间须按先后排列且不重叠。"), intervals=_("请核对，如 08:30-12:00、13:30-17:30。")
        ) from None
    return [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in read]


def _in_range(date: dt.date, last: dt.date) -> None:
    if not opening.FIRST_YEAR < date.year <= last.year < opening.LAST_YEAR:
        raise not_ready(_("日期超出日历范围（1990 至 2100 年）。"), date=_("请改日期。"))
    if not 0 <= (last - date).days < MOST_DAYS:
        raise not_ready(
            _("一次最多写 %(n)s 天，结束日不能早于开始日。") % {"n": MOST_DAYS}, until=_("请改日期。")
        )


# -- the calendar itself


def set_week(
    *,
    by: Actor,
    at: dt.datetime,
    calendar: Calendar,
    weekly: Mapping[int, Spans] | None,
    tz: str = "",
) -> Calendar:
    """The weekly opening hours by weekday (Monday 0), None for those of the calendar above; and the time zone."""
    require(by, calendar)
    week = None
    if weekly is not None:
        week = {str(day): checked(weekly.get(day, ())) for day in range(7)}
        if not any(week.values()):
            raise not_ready(_("一周里至少要有一天开放。"), weekly=_("请填写开放时间。"))
    elif calendar.parent_id is None:
        raise not_ready(_("最上一级的日历必须写明每周开放时间。"), weekly=_("请填写开放时间。"))
    if tz:
        try:
            ZoneInfo(tz)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise not_ready(
                _("不认识的时区：%(tz)s。") % {"tz": tz[:40]}, tz=_("请写 Asia/Shanghai 这样的名字。")
            ) from None
    with RuleTable.change("calendars", "rules.calendar_changed", by=by, at=at) as payload:
        row = Calendar.objects.select_for_update().get(pk=calendar.pk)
        if write_columns(row, weekly=week, tz=tz or row.tz):
            payload.update(calendar=row.code, weekly=week, tz=row.tz)
    return row


def write_columns(row: Calendar, **changes: Any) -> bool:
    """Inside a change: new values of the calendar's own columns, and what they were before kept; did any
    differ?"""
    before = {name: getattr(row, name) for name in OWN}
    if {**before, **changes} == before:
        return False
    kept = {
        name: value.isoformat() if isinstance(value, dt.date) else value for name, value in before.items()
    }
    row.past = [*row.past, {"until": RuleTable.next_seq("calendars"), **kept}]
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["past", *changes])
    return True


def open_calendar(
    *,
    by: Actor,
    at: dt.datetime,
    place: Place | None = None,
    organisation: Organisation | None = None,
    name: str = "",
) -> Calendar:
    """A calendar of its own for a place or an organisation, at first saying nothing itself. It inherits from the
    nearest above, and those below that inherited from there inherit from it."""
    if (place is None) == (organisation is None):
        raise not_ready(_("请选一个地点或一个单位。"), owner=_("请选择。"))
    owner: Place | Organisation | None = place or organisation
    if owner is None or owner.retired_at is not None:
        raise not_ready(_("它已停用，不能有自己的日历。"), owner=_("请另选。"))
    calendar = Calendar(place=place, organisation=organisation, name=name.strip()[:60], code="")
    require(by, calendar)
    with RuleTable.change("calendars", "rules.calendar_opened", by=by, at=at) as payload:
        taken = Calendar.objects.filter(place=place, organisation=organisation)
        if taken.exists():
            raise not_ready(_("它已经有自己的日历了。"), owner=_("请到它的日历里改。"))
        calendar.code = _free_code(owner.code)
        calendar.name = calendar.name or _("%(name)s日历") % {"name": owner.name[:50]}
        everybody = [*Calendar.objects.select_related("place", "organisation"), calendar]
        above = natural_parent(calendar, everybody)
        if above is None:
            raise not_ready(_("还没有总的工作日历，请先装入。"))
        calendar.parent, calendar.tz = above, above.tz
        calendar.save()
        moved = []
        for row in everybody[:-1]:
            if (parent := natural_parent(row, everybody)) is calendar and row.pk != calendar.pk:
                write_columns(row, parent_id=parent.pk)
                moved.append(row.code)
        payload.update(
            calendar=calendar.code,
            place=place.pk if place else None,
            organisation=organisation.pk if organisation else None,
            parent=above.code,
            below=moved,
        )
    return calendar


def natural_parent(calendar: Calendar, among: Sequence[Calendar]) -> Calendar | None:
    """Organisation → the nearest organisation above that has one → the nearest place → the root."""
    by_organisation = {row.organisation_id: row for row in among if row.organisation_id}
    by_place = {row.place_id: row for row in among if row.place_id}
    if calendar.place is not None:
        places = path_ids(calendar.place.path)[:-1]
    elif calendar.organisation is not None:
        for pk in reversed(path_ids(calendar.organisation.path)[:-1]):
            if pk in by_organisation:
                return by_organisation[pk]
        places = _places_of(calendar.organisation)
    else:
        return None
    for pk in reversed(places):
        if pk in by_place:
            return by_place[pk]
    return next((row for row in among if row.code == calendars.ROOT), None)


def _places_of(organisation: Organisation) -> list[int]:
    """The path of the place an organisation stands for: its desk's, or the first it serves; its parent's where
    it has none itself."""
    org = directory.by_id(organisation.pk)
    while org is not None:
        served = (org.desk_of,) if org.desk_of else directory.places_served(org)
        if served:
            path = Place.objects.values_list("path", flat=True).get(pk=min(served))
            return [place.id for place in lineage(path).values()]
        org = directory.by_id(org.parent_id)
    return []


def _free_code(wanted: str) -> str:
    """The owner's own code, or the next free one after it."""
    base = wanted[:20] if CODE.match(wanted[:20]) else "calendar"
    taken = set(Calendar.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(1, 1000) if (code := base if n == 1 else f"{base}-{n}") not in taken)
