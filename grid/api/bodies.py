"""From what a request says of a place to what a command takes; every fault by field."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from grid import commands, finding
from grid.errors import TreeRefused
from grid.models import Place
from ledger import clock, days

WHOLE_AT_MOST = 2**31 - 1


class Malformed(TreeRefused):
    """Unreadable, or without a version."""

    def __init__(self, sentence: str, **fields: str) -> None:
        super().__init__(sentence, status=400, fields=fields)


class Unfit(ValueError):
    """One value cannot be used."""


def text(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > 400:
        raise Unfit(_("请用文字填写。"))
    return raw


def texts(raw: Any) -> list[str]:
    if not isinstance(raw, list) or len(raw) > 50:
        raise Unfit(_("请填写文字的列表。"))
    found = [text(one) for one in raw]
    if any(len(one) > 120 for one in found):
        raise Unfit(_("太长。"))
    return found


def degrees(most: float) -> Callable[[Any], float]:
    def read(raw: Any) -> float:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise Unfit(_("坐标不是数字。"))
        if not math.isfinite(raw) or not -most <= raw <= most:
            raise Unfit(_("坐标超出范围。"))
        return float(raw)

    return read


def count(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= WHOLE_AT_MOST:
        raise Unfit(_("请填写一个数。"))
    return raw


def day(raw: Any) -> dt.date:
    try:
        return days.read(raw)
    except days.NoDay as wrong:
        raise Unfit(wrong.sentence) from None


def area(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Unfit(_("边界要用 GeoJSON。"))
    return raw


def place(raw: Any) -> Place:
    found = finding.by_code(raw) if isinstance(raw, str) else None
    if found is None:
        raise Unfit(_("没有这个编码的地点。"))
    return found


READERS: dict[str, Callable[[Any], Any]] = {
    "kind": text,
    "name": text,
    "code": text,
    "parent": place,
    "target": place,
    "managed_by": place,
    "basis": text,
    "aliases": texts,
    "boundary": area,
    "datum": text,
    "lon": degrees(180),
    "lat": degrees(90),
    "households": count,
    "residents": count,
    "management": text,
    "valid_from": day,
    "effective_on": day,
}


def others(raw: Any) -> list[tuple[Place, int]]:
    """What is merged along: [{code, version}], each with the version its asker saw."""
    if not raw:
        return []
    if not isinstance(raw, list) or not all(isinstance(one, Mapping) for one in raw):
        raise bad("parts")
    return [(_place_in(one.get("code"), "parts"), version(one)) for one in raw[:200]]


def parts(raw: Any) -> list[commands.Part]:
    """What a place is split into: [{name, code?, children: [code], boundary?}]."""
    if not isinstance(raw, list) or not raw or not all(isinstance(one, Mapping) for one in raw):
        raise bad("parts")
    found = []
    for one in raw[:50]:
        children = one.get("children") or []
        if not isinstance(children, list):
            raise bad("parts")
        said = read(one, "name", "code", "boundary", required=("name",))
        carried = {"boundary": said["boundary"]} if "boundary" in said else {}
        places = tuple(_place_in(code, "parts") for code in children)
        found.append(commands.Part(said["name"], places, said.get("code"), carried))
    return found


def _place_in(raw: Any, field: str) -> Place:
    try:
        return place(raw)
    except Unfit as unfit:
        raise TreeRefused(str(unfit), fields={field: str(unfit)}) from None


def bad(field: str) -> TreeRefused:
    return TreeRefused(_("请求里“{field}”的格式不对。").format(field=field), fields={field: _("格式不对")})


def midnight(raw: Any, now: dt.datetime) -> dt.date | None:
    """The day at whose beginning a change is to take effect, from a date or an instant; None: now."""
    if raw is None or raw == "":
        return None
    wrong = TreeRefused(_("生效时刻只能是现在，或今天之后的零点。"), fields={"at": _("不是零点")})
    if not isinstance(raw, str):
        raise wrong
    try:
        if len(raw) == len("2026-11-21"):
            wanted = days.read(raw)
        else:
            instant = dt.datetime.fromisoformat(raw)
            local = instant.replace(tzinfo=clock.LOCAL) if instant.tzinfo is None else instant
            wanted = clock.local_date(local)
            if clock.local_midnight(wanted) != local:
                raise wrong
    except (ValueError, OverflowError):  # the latter: at either end of the calendar
        raise wrong from None
    if wanted <= clock.local_date(now):
        raise wrong
    return wanted


def read(sent: Mapping[str, Any], *names: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The named fields that were sent, read; TreeRefused (422) with every fault at once."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name in names:
        raw = sent.get(name)
        if raw is None or raw == "":
            if name in required:
                faults[name] = _("请填写。")
            continue
        try:
            values[name] = READERS[name](raw)
        except Unfit as unfit:
            faults[name] = str(unfit)
    if faults:
        raise TreeRefused(_("有几处要改：") + "；".join(faults.values()), fields=faults)
    return values


def values(sent: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the named fields that were sent, read; null (or empty) for one that is to be cleared."""
    said = [name for name in names if name in sent]
    return {**dict.fromkeys(said), **read(sent, *said)}


def several(raw: Any, field: str) -> list[Place]:
    """Places by code."""
    if not isinstance(raw, list):
        raise bad(field)
    return [_place_in(code, field) for code in raw[:50]]


def version(sent: Mapping[str, Any]) -> int:
    """The version the asker saw; Malformed without one."""
    raw = sent.get("version")
    if isinstance(raw, str) and raw.isascii() and raw.isdigit():
        return int(raw[:18])
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Malformed(_("请带上您看到的版本号再提交。"), version=_("缺少版本号。"))
    return raw
