"""Calendars for the pages of those who keep them: who inherits from whom, and one year day by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cases import calendars
from cases.calendar_edits import may_change
from cases.models.calendars import Calendar, CalendarDay, CalendarNotice
from cases.sla import calendar as opening
from cases.sla.phrases import WEEKDAYS, hours_words
from ledger.actor import Actor
from parties import directory
from parties.access import reach_of
from parties.models import Account

# what a day is told by: a mark that stands in the square, the look of the mark, the words of the legend
MARKS: dict[str, tuple[object, str, object]] = {
    "workday": ("", "", gettext_lazy("工作日")),
    "rest": (pgettext_lazy("日历格", "休"), "dim", gettext_lazy("每周休息日")),
    "holiday": (pgettext_lazy("日历格", "假"), "chip bad", gettext_lazy("节假日")),
    "makeup": (pgettext_lazy("日历格", "班"), "chip info", gettext_lazy("调休上班")),
    "half": (pgettext_lazy("日历格", "半"), "chip warn", gettext_lazy("半天")),
    "hours": (pgettext_lazy("日历格", "改"), "chip hold", gettext_lazy("变更时间")),
}
SHORT = (
    pgettext_lazy("星期", "一"),
    pgettext_lazy("星期", "二"),
    pgettext_lazy("星期", "三"),
    pgettext_lazy("星期", "四"),
    pgettext_lazy("星期", "五"),
    pgettext_lazy("星期", "六"),
    pgettext_lazy("星期", "日"),
)


# -- all of them


def tree(actor: Actor) -> list[dict[str, Any]]:
    """Every calendar under the one it inherits from, the root first."""
    rows = Calendar.objects.select_related("place", "organisation").order_by("code")
    children: dict[int | None, list[Calendar]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    found: list[dict[str, Any]] = []

    def put(row: Calendar, depth: int) -> None:
        found.append(_line(actor, row, depth))
        for child in children.get(row.pk, ()):
            put(child, depth + 1)

    for root in children.get(None, ()):
        put(root, 0)
    return found


def _line(actor: Actor, row: Calendar, depth: int) -> dict[str, Any]:
    own = calendars.own_days(row.code)
    return {
        "code": row.code,
        "name": row.name or row.code,
        "url": reverse("cases:calendar", args=[row.code]),
        "depth": depth,
        "indent": "　" * depth + ("└ " if depth else ""),
        "whose": whose(row),
        "hours": _("自定每周时间") if row.weekly is not None else _("每周时间随上级"),
        "days": len(own),
        "published_until": calendars.calendar(row.code).published_until,
        "mine": may_change(actor, row),
    }


def whose(row: Calendar) -> str:
    """Whose calendar it is, in words."""
    if row.organisation is not None:
        return _("单位：%(name)s") % {"name": row.organisation.name}
    if row.place is not None:
        return _("地点：%(name)s") % {"name": row.place.name}
    return _("没有自己日历的全部单位")


# -- one of them


def inherits(row: Calendar) -> list[dict[str, str]]:
    """The calendars above, the nearest first."""
    return [
        {"name": above.name or above.code, "url": reverse("cases:calendar", args=[above.code])}
        for above in calendars.line(row.code)[1:]
    ]


def week(row: Calendar) -> list[dict[str, Any]]:
    """The seven days with their hours, as they hold (its own or inherited)."""
    cal = calendars.calendar(row.code)
    return [
        {
            "day": day,
            "field": f"day{day}",
            "label": _(WEEKDAYS[day]),
            "short": SHORT[day],
            "value": plain_hours(cal.weekly[day]),
            "words": hours_words(cal.weekly[day]) or _("不开放"),
        }
        for day in range(7)
    ]


def plain_hours(hours: opening.Hours) -> str:
    """08:30-12:00、13:30-17:30, as the form takes it back."""
    return _("、").join(
        f"{opens:%H:%M}-{'24:00' if closes == dt.time.min else format(closes, '%H:%M')}"
        for opens, closes in hours
    )


def year(row: Calendar, number: int, *, today: dt.date) -> dict[str, Any]:
    """Twelve months of squares, each with its mark, its words, and whether it is provisional."""
    cal = calendars.calendar(row.code)
    own = calendars.own_days(row.code)
    months = [_month(cal, number, month, today, own.__contains__) for month in range(1, 13)]
    kinds = Counter(cell["kind"] for month in months for week in month["weeks"] for cell in week if cell)
    return {
        "number": number,
        "months": months,
        "provisional": any(month["provisional"] for month in months),
        "published_until": cal.published_until,
        "workdays": sum(kinds[kind] for kind in ("workday", "makeup", "half", "hours")),
        "legend": [
            {"mark": mark, "css": css, "words": words, "count": kinds[kind]}
            for kind, (mark, css, words) in MARKS.items()
        ],
    }


def _month(
    cal: opening.Calendar, year: int, month: int, today: dt.date, is_own: Callable[[dt.date], bool]
) -> dict[str, Any]:
    first = dt.date(year, month, 1)
    cells: list[dict[str, Any] | None] = [None] * first.weekday()
    date = first
    while date.month == month:
        cells.append(_cell(cal, date, today, is_own(date)))
        date += dt.timedelta(days=1)
    cells += [None] * (-len(cells) % 7)
    last = date - dt.timedelta(days=1)
    return {
        "name": MONTHS[month],
        "weeks": [cells[at : at + 7] for at in range(0, len(cells), 7)],
        "provisional": cal.touches_unpublished(first, last),
    }


def _cell(cal: opening.Calendar, date: dt.date, today: dt.date, is_own: bool) -> dict[str, Any]:
    day = cal.day(date)
    mark, css, words = MARKS[day.kind]
    told = [str(words), day.name, hours_words(day.hours) if day.kind in ("half", "hours") else ""]
    return {
        "date": date,
        "n": date.day,
        "kind": day.kind,
        "mark": mark,
        "css": css,
        "words": " ".join(part for part in told if part),
        "today": date == today,
        "own": is_own,
    }


def exceptions(row: Calendar, number: int) -> list[dict[str, Any]]:
    """The dates of a year that this calendar names itself."""
    cal = calendars.calendar(row.code)
    return [
        {
            "date": date,
            "weekday": _(WEEKDAYS[date.weekday()]),
            "kind": str(CalendarDay.Kind(day.kind).label),
            "mark": MARKS[day.kind][0],
            "css": MARKS[day.kind][1],
            "name": day.name,
            "hours": hours_words(cal.day(date).hours) or _("不开放"),
        }
        for date, day in sorted(calendars.own_days(row.code).items())
        if date.year == number
    ]


def notices(row: Calendar) -> list[dict[str, Any]]:
    """The notices handed in for this calendar, the newest first."""
    rows = list(CalendarNotice.objects.filter(calendar=row).defer("text")[:20])
    who = dict(
        Account.objects.filter(pk__in={one.applied_by or one.sent_by for one in rows}).values_list(
            "pk", "person__name"
        )
    )
    return [
        {
            "year": one.year,
            "basis": one.basis,
            "sent_at": one.sent_at,
            "applied_at": one.applied_at,
            "who": who.get(one.applied_by or one.sent_by or 0, ""),
            "url": reverse("cases:calendar_notice", args=[row.code, one.pk]),
        }
        for one in rows
    ]


# -- who may get one


def owners(actor: Actor) -> list[dict[str, Any]]:
    """The standing units in reach that could get a calendar of their own, for a choice field."""
    taken = {row.organisation_id for row in calendars.all_rows()}
    roots = reach_of(actor, "rules")
    return [
        {"value": org.code, "label": org.name}
        for org in directory.search()
        if org.id not in taken and org.kind != "committee" and org.path.startswith(roots)
    ]
