"""What a move's form asks for: from what was sent to clean values, or a sentence per field.

A `Need` of the table names a type; here is one reader per type. `choices()` serves the same lists to
forms and API.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases import kinds, rulebook
from cases.lifecycle import Need
from cases.models.case import Case
from ledger import clock
from parties import directory

MAX_TEXT = 4000
MAX_FILES = 9

CHOICES: dict[str, Mapping[str, object]] = {
    "kinds": kinds.KINDS,
    "urgencies": kinds.URGENCIES,
    "rounds": kinds.ROUNDS,
    "contact_channels": kinds.CONTACT_CHANNELS,
    "reject_grounds": kinds.REJECT_GROUNDS,
    "decline_grounds": kinds.DECLINE_GROUNDS,
    "hold_grounds": kinds.HOLD_GROUNDS,
    "extension_grounds": kinds.EXTENSION_GROUNDS,
    "exclusion_grounds": kinds.EXCLUSION_GROUNDS,
    "satisfaction": kinds.SATISFACTION,
    "solved": kinds.SOLVED,
}

# what has no business in a text: control codes, halves of characters, the marks that turn writing round
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


class Unfit(ValueError):
    """One field's value cannot be used; the message is for the reader."""


def clean(needs: tuple[Need, ...], sent: Mapping[str, Any], case: Case | None) -> tuple[dict, dict[str, str]]:
    """(clean values, sentences by field). Unknown fields are left out; optional empty ones too."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for need in needs:
        raw = sent.get(need.field)
        if raw is None or raw == "" or raw == []:
            if need.required is True or (need.required == "case" and not _case_has(case, need.field)):
                faults[need.field] = _("请填写“%(label)s”。") % {"label": need.label}
            continue
        try:
            values[need.field] = read(need.type, raw)
        except Unfit as unfit:
            faults[need.field] = str(unfit)
    return values, faults


def _case_has(case: Case | None, field: str) -> bool:
    if case is None:
        return False
    return case.item_id is not None if field == "item" else bool(getattr(case, field, None))


def read(kind: str, raw: Any) -> Any:
    """One value of a type of the table; raises Unfit."""
    base, _colon, of = kind.partition(":")
    return READERS[base](raw, of)


def text(raw: Any, of: str = "", *, limit: int = MAX_TEXT) -> str:
    if not isinstance(raw, str):
        raise Unfit(_("请用文字填写。"))
    value = _CONTROL.sub("", raw.replace("\r\n", "\n")).strip()
    if not value:
        raise Unfit(_("请用文字填写。"))
    if len(value) > limit:
        raise Unfit(_("最多 %(limit)s 个字，现在是 %(n)s 个。") % {"limit": limit, "n": len(value)})
    return value


def degrees(raw: Any, most: float) -> float:
    """A latitude (`most` 90) or a longitude (180)."""
    try:
        value = float(raw)
    except (TypeError, ValueError):
        raise Unfit(_("坐标不是数字。")) from None
    if not -most <= value <= most:
        raise Unfit(_("坐标超出范围。"))
    return value


def _choice(raw: Any, of: str) -> str:
    if not isinstance(raw, str) or raw not in CHOICES[of]:
        raise Unfit(_("没有这个选项。"))
    return raw


def _code(raw: Any, of: str) -> Any:
    if not isinstance(raw, str) or _CONTROL.search(raw):
        raise Unfit(_("请填写编码。"))
    if of == "item":
        item = rulebook.item(raw)
        if item is None or item.retired:
            raise Unfit(_("网格清单里没有“%(code)s”这一小项。") % {"code": raw[:20]})
        return item
    if of == "organisation":
        return _organisation(raw)
    return raw.strip()


def _organisation(raw: str) -> directory.Org:
    org = directory.current(directory.by_code(raw.strip()))
    if org is None or org.retired:
        raise Unfit(_("没有编码为“%(code)s”的单位。") % {"code": raw[:40]})
    return org


def _codes(raw: Any, of: str) -> tuple[Any, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise Unfit(_("请填写编码的列表。"))
    told = [part for part in parts if part.strip()]
    if of == "place":
        return tuple(dict.fromkeys(_code(part, of) for part in told))
    return tuple(dict.fromkeys(_organisation(part) for part in told))


def _bool(raw: Any, of: str) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "1", "on", "yes"):
        return True
    if isinstance(raw, str) and raw.lower() in ("false", "0", "off", "no"):
        return False
    raise Unfit(_("请回答是或否。"))


def instant(raw: Any, of: str = "") -> dt.datetime:
    """ISO 8601; a naive one is local time."""
    if isinstance(raw, dt.datetime):
        value = raw
    else:
        try:
            value = parse_datetime(raw) if isinstance(raw, str) else None
        except ValueError:
            value = None
    if value is None or not 2000 <= value.year <= 2100:
        raise Unfit(_("请按“2026-11-21 17:30”的样子填写时间。"))
    if value.tzinfo is None:
        value = value.replace(tzinfo=clock.LOCAL)
    return value.astimezone(dt.UTC)


def _ids(raw: Any, of: str) -> tuple[uuid.UUID, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw
    try:
        found = tuple(dict.fromkeys(uuid.UUID(str(part)) for part in parts if str(part).strip()))
    except (TypeError, ValueError):
        raise Unfit(_("材料编号不对，请重新上传。")) from None
    if len(found) > MAX_FILES:
        raise Unfit(_("一次最多 %(n)s 份材料。") % {"n": MAX_FILES})
    return found


def _case(raw: Any, of: str) -> str:
    if not isinstance(raw, str) or not re.fullmatch(r"[0-9A-Za-z-]{6,32}", raw.strip()):
        raise Unfit(_("请填写工单编号。"))
    return raw.strip()


def _call(raw: Any, of: str) -> int:
    """The id of a call."""
    if isinstance(raw, bool) or not re.fullmatch("[0-9]{1,15}", str(raw).strip()):
        raise Unfit(_("请选一位反映人。"))
    return int(raw)


def _number(raw: Any, of: str) -> int:
    """A whole number above nought."""
    if isinstance(raw, bool) or not re.fullmatch("[0-9]{1,4}", str(raw).strip()) or not int(raw):
        raise Unfit(_("请填写一个大于 0 的整数。"))
    return int(raw)


READERS: dict[str, Callable[[Any, str], Any]] = {
    "text": text,
    "choice": _choice,
    "code": _code,
    "codes": _codes,
    "bool": _bool,
    "time": instant,
    "ids": _ids,
    "case": _case,
    "number": _number,
    "call": _call,
}
