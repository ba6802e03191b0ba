"""What the templates need beyond Django's own: icons, times, the three-part rail, fields of a move.

Nothing here reads the database, asks the clock or judges a right: every tag turns what it is given into markup.
Marks (icons, chips, the rail) are made in `marks`; charts drawn by the server live in `huying_charts`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone

from cases.sla.phrases import _, ngettext
from cases.templatetags import inputs, letters, marks, rows, tables, trees

register = template.Library()

# -- marks of one piece ---------------------------------------------------------------------------------------

register.filter("chip", marks.chip)
register.filter("p", marks.bar)
register.filter("initial", marks.initial)
register.filter("tint", marks.tint)
for tag in (
    marks.icon,
    marks.item_icon,
    marks.time_chip,
    marks.urgency_chip,
    marks.status_chip,
    marks.task_chip,
    marks.banner,
    marks.dot,
    marks.move_face,
    marks.rail,
    rows.case_row,
    rows.column_head,
    tables.opens,
    tables.rank_row,
    tables.week_row,
    trees.tree_rows,
    inputs.idempotency_key,
    inputs.field,
    letters.key_letters,
    letters.key_line,
    letters.key_rows,
):
    register.simple_tag(tag)


# -- times and amounts --------------------------------------------------------------------------------------


def _local(value: date | datetime) -> date | datetime:
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def _moment(value: Any, with_time: str, day_only: str) -> str:
    if not value:
        return ""
    if isinstance(value, str):
        return value
    local = _local(value)
    return local.strftime(with_time if isinstance(local, datetime) else day_only)


@register.filter
def hm(value: Any) -> str:
    """11-21 09:32 — the way lists print a time."""
    return _moment(value, "%m-%d %H:%M", "%m-%d")


@register.filter
def clock_hm(value: Any) -> str:
    """09:32"""
    return _moment(value, "%H:%M", "")


@register.filter
def iso(value: Any) -> str:
    """For the datetime attribute of <time>."""
    if not value or isinstance(value, str):
        return value or ""
    return _local(value).isoformat()


@register.filter
def long_date(value: Any) -> str:
    """2026年11月21日"""
    if not value or isinstance(value, str):
        return value or ""
    local = _local(value)
    return _("%(year)s年%(month)s月%(day)s日") % {"year": local.year, "month": local.month, "day": local.day}


@register.filter
def long_time(value: Any) -> str:
    """11月21日 09:32 — the way residents read a time."""
    if not value or isinstance(value, str):
        return value or ""
    local = _local(value)
    day = _("%(month)s月%(day)s日") % {"month": local.month, "day": local.day}
    return f"{day} {local:%H:%M}" if isinstance(local, datetime) else day


@register.filter
def duration(value: Any) -> str:
    """1 天 4 小时, 3 小时 06 分, 24 分: never decimals. Takes seconds or a timedelta; the sign is dropped."""
    if value is None or value == "":
        return ""
    seconds = value.total_seconds() if isinstance(value, timedelta) else float(value)
    minutes = int(abs(seconds) // 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    if days and hours:
        return _("%(days)s 天 %(hours)s 小时") % {"days": days, "hours": hours}
    if days:
        return ngettext("%(n)s 天", "%(n)s 天", days) % {"n": days}
    if hours and minutes:
        return _("%(hours)s 小时 %(minutes)s 分") % {"hours": hours, "minutes": f"{minutes:02d}"}
    if hours:
        return ngettext("%(n)s 小时", "%(n)s 小时", hours) % {"n": hours}
    return ngettext("%(n)s 分", "%(n)s 分", minutes) % {"n": minutes}


signed = register.filter("signed", marks.signed)


@register.filter
def grouped(value: Any) -> str:
    """48271903 → 4827 1903: a code people read aloud."""
    text = str(value or "")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


@register.filter
def thousands(value: Any) -> str:
    """1150 → 1,150"""
    return f"{value:,}" if isinstance(value, int) else str(value if value is not None else "")


# -- dictionaries -------------------------------------------------------------------------------------------


@register.filter
def get(mapping: Any, key: str) -> Any:
    """mapping[key], or nothing: for optional keys and posted values."""
    return mapping.get(key, "") if hasattr(mapping, "get") else ""
