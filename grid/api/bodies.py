"""From what a request says of a place to what a command takes; every fault by field."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from grid import finding
from grid.errors import TreeRefused
from grid.models import Place

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
        return dt.date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise Unfit(_("请按“2026-11-21”的样子填写日期。")) from None


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
    "valid_from": day,
}


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


def version(sent: Mapping[str, Any]) -> int:
    """The version the asker saw; Malformed without one."""
    raw = sent.get("version")
    if isinstance(raw, str) and raw.isascii() and raw.isdigit():
        return int(raw[:18])
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Malformed(_("请带上您看到的版本号再提交。"), version=_("缺少版本号。"))
    return raw
