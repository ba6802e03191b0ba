"""What a change of a calendar or a policy would do to open deadlines, row by row for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models.calendars import CalendarDay
from cases.notice_import import Plan
from cases.notices.messages import STAGES
from cases.queries.opening_year import MARKS
from cases.replanning import Moved
from cases.sla.phrases import WEEKDAYS, hours_words

PER_PAGE = 50


def page(moved: Sequence[Moved], number: int, here: str) -> dict[str, Any]:
    """One page of the deadlines, those that really move first."""
    ordered = sorted(moved, key=lambda one: (not one.moves, one.old.due_at, one.clock.pk))
    pages = max(1, -(-len(ordered) // PER_PAGE))
    number = min(number, pages)
    first = (number - 1) * PER_PAGE
    joint = "&" if "?" in here else "?"
    words = {"first": first + 1, "last": min(first + PER_PAGE, len(ordered)), "all": len(ordered)}
    return {
        "count": len(ordered),
        "moving": sum(one.moves for one in ordered),
        "rows": [row(one) for one in ordered[first : first + PER_PAGE]],
        "page": {
            "words": _("第 %(first)s–%(last)s 个，共 %(all)s 个") % words,
            "next": f"{here}{joint}page={number + 1}" if number < pages else "",
            "previous": f"{here}{joint}page={number - 1}" if number > 1 else "",
        }
        if pages > 1
        else None,
    }


def row(one: Moved) -> dict[str, Any]:
    case = one.clock.case
    return {
        "number": case.number,
        "url": reverse("cases:detail", args=[case.number]),
        "stage": STAGES.get(one.clock.stage, one.clock.stage),
        "round": one.clock.round,
        "paused": one.clock.state == "paused",
        "old": one.old.due_at,
        "new": one.new.due_at,
        "moves": one.moves,
        "later": one.new.due_at > one.old.due_at,
        "provisional": one.new.provisional,
    }


def days(plan: Plan) -> list[dict[str, Any]]:
    """Every day the notice names, and what it changes."""
    changed = {change.date: change for change in plan.changes}
    found = []
    for date, named in sorted(plan.reading.days.items()):
        change = changed.get(date)
        found.append(
            {
                "date": date,
                "weekday": _(WEEKDAYS[date.weekday()]),
                "kind": str(CalendarDay.Kind(named.kind).label),
                "mark": MARKS[named.kind][0],
                "css": MARKS[named.kind][1],
                "name": named.name,
                "changes": change is not None,
                "before": _before(change.before) if change is not None else "",
                "conflict": change is not None and change.overwrites,
            }
        )
    return found


def _before(day: Any) -> str:
    words = str(MARKS[day.kind][2])
    return f"{words} {day.name or hours_words(day.hours)}".strip()


def kept(plan: Plan) -> list[str]:
    return [
        f"{day.date.isoformat()} {CalendarDay.Kind(day.kind).label} {day.name}".strip() for day in plan.kept
    ]
