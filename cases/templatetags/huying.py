"""What the templates need beyond Django's own: icons, times, the three-part rail, fields of a move.

Nothing here reads the database, asks the clock or judges a right: every tag turns what it is given into markup.
Marks (icons, chips, the rail) are made in `marks`; charts drawn by the server live in `huying_charts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from cases.sla.phrases import _, ngettext
from cases.templatetags import marks, rows

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
    marks.rail,
    rows.case_row,
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


@register.filter
def signed(value: Any) -> str:
    """+1.3, −0.6 (a real minus), 0"""
    if value is None or value == "":
        return ""
    number = float(value)
    text = f"{abs(number):g}"
    return f"+{text}" if number > 0 else f"−{text}" if number < 0 else "0"


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


# -- forms --------------------------------------------------------------------------------------------------


@register.simple_tag
def idempotency_key() -> SafeString:
    """A hidden field that makes a form act once, however often it is sent."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid4().hex)


def _values(found: Mapping[str, Any], posted: Any) -> list[str]:
    name = found["field"]
    if posted and hasattr(posted, "getlist"):
        return [str(value) for value in posted.getlist(name)]
    value = posted.get(name) if isinstance(posted, Mapping) and name in posted else found.get("value")
    if value is None or value == "":
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple | set) else [str(value)]


def _options(choices: Sequence[Any], chosen: list[str]) -> list[dict[str, Any]]:
    """Choices as the template prints them; each may be {value, label}, a pair, or {label, choices} for a group."""
    options: list[dict[str, Any]] = []
    for choice in choices or ():
        if isinstance(choice, Mapping) and "choices" in choice:
            options.append({"group": choice["label"], "options": _options(choice["choices"], chosen)})
            continue
        value, label = (choice["value"], choice["label"]) if isinstance(choice, Mapping) else choice
        hint = choice.get("hint", "") if isinstance(choice, Mapping) else ""
        options.append({"value": value, "label": label, "hint": hint, "chosen": str(value) in chosen})
    return options


@register.filter
def option_tags(options: Sequence[Mapping[str, Any]]) -> SafeString:
    """The inside of a select. Written here because a page may hold a thousand options, and a template loop
    over them costs more than the rest of the page."""
    return SafeString("".join(_option_tag(one) for one in options))


def _option_tag(one: Mapping[str, Any]) -> str:
    if "group" in one:
        return f'<optgroup label="{escape(one["group"])}">{option_tags(one["options"])}</optgroup>'
    chosen = " selected" if one["chosen"] else ""
    return f'<option value="{escape(one["value"])}"{chosen}>{escape(one["label"])}</option>'


@register.simple_tag
def tick_tags(options: Sequence[Mapping[str, Any]], name: str) -> SafeString:
    """Boxes to tick, group by group."""
    return SafeString("".join(_tick_tag(one, escape(name)) for one in options))


def _tick_tag(one: Mapping[str, Any], name: str) -> str:
    if "group" in one:
        inside = "".join(_tick_tag(each, name) for each in one["options"])
        return f'<b class="small muted">{escape(one["group"])}</b>{inside}'
    chosen = " checked" if one["chosen"] else ""
    box = f'<input type="checkbox" name="{name}" value="{escape(one["value"])}"{chosen}>'
    return f'<label class="tick">{box}<span>{escape(one["label"])}</span></label>'


@register.inclusion_tag("components/field.html")
def field(
    found: Mapping[str, Any], posted: Any = None, faults: Any = None, prefix: str = "f"
) -> dict[str, Any]:
    """One labelled input from a need: {field, type, required, label, choices, hint, value, error, placeholder, attrs}.

    Types: text (several lines), line, number, tel, date, datetime, choice, seg (radios side by side), choices
    (several), bool, files, hidden; and those of the table of moves (choice:kinds, code:item, codes:organisation, ids,
    time, case). `required` is shown when it is True: "case" is judged by the command. What was posted comes back;
    a fault stands under its field.
    """
    chosen = _values(found, posted)
    options = _options(found.get("choices") or found.get("groups") or (), chosen)
    kind = _input_for(str(found.get("type") or "line"), bool(options))
    faults = faults if isinstance(faults, Mapping) else {}
    fault = faults.get(found["field"]) or found.get("error") or ""
    if isinstance(fault, list | tuple):
        fault = " ".join(str(one) for one in fault)
    ident = f"{prefix}-{found['field']}"
    described = " ".join(
        part
        for part in (f"{ident}-hint" if found.get("hint") else "", f"{ident}-fault" if fault else "")
        if part
    )
    return {
        "id": ident,
        "name": found["field"],
        "type": kind,
        "label": found.get("label") or found["field"],
        "required": found.get("required") is True,
        "hint": found.get("hint") or "",
        "placeholder": found.get("placeholder") or "",
        "fault": fault,
        "described": described,
        "value": chosen[0] if chosen else "",
        "options": options,
        "empty": found.get("empty", _("请选择")),
        "refresh": found.get("refresh") or "",
        "rows": found.get("rows") or 3,
        "accept": found.get("accept") or "image/*",
        "long": len(options) > 3,
        "kept": chosen if kind == "files" else [],
    }


# other names for the same inputs, so that a need can say what it means
_INPUTS = {
    "string": "line",
    "case": "line",
    "textarea": "text",
    "select": "choice",
    "code": "choice",
    "radio": "seg",
    "codes": "choices",
    "ids": "files",
    "attachments": "files",
    "boolean": "bool",
    "phone": "tel",
    "integer": "number",
    "time": "datetime",
}


def _input_for(kind: str, listed: bool) -> str:
    """The input for a type; what has nothing to choose from (a place, a case) is typed."""
    kind = kind.partition(":")[0]
    kind = _INPUTS.get(kind, kind)
    return "line" if kind in ("choice", "choices", "seg") and not listed else kind
