"""What somebody filled in, from a form or from JSON, becomes what a command takes; every fault at once, by field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import finding
from grid.models import Place
from ledger import clock, days
from parties import directory
from parties.commands.accounts import REASONS
from parties.errors import PartiesRefused
from parties.kinds import KINDS
from parties.models import Account, Organisation
from parties.models.accounts import LANGUAGES
from parties.roles import DUTIES, ROLES

LONGEST = 400
TRUE = (True, "1", "true", "on")
FALSE = (False, None, "", "0", "false")


@dataclass(frozen=True)
class Field:
    """One thing to fill in. Types: line, lines, bool, kind, role, duty, language, reason, place, unit, account, day (its
    first instant), last_day (the instant after it)."""

    name: str
    label: Any
    type: str = "line"
    required: bool = False
    hint: Any = ""


BASIS = Field("basis", gettext_lazy("依据（文号）"), required=True)


class Unfit(ValueError):
    """One value cannot be used."""


def read(fields: Sequence[Field], sent: Mapping[str, Any]) -> dict[str, Any]:
    """field → value of those that were sent. PartiesRefused (422) with every fault."""
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in fields:
        raw = sent.get(field.name)
        if isinstance(raw, str):
            raw = raw.replace("\x00", "").strip()
        if field.type != "bool" and (raw is None or (raw == "" and field.type != "lines")):
            if field.required:
                faults[field.name] = _("请填写“%(field)s”。") % {"field": field.label}
            continue
        if field.type == "bool" and field.name not in sent:
            continue
        try:
            values[field.name] = READERS[field.type](raw)
        except Unfit as unfit:
            faults[field.name] = str(unfit)
    if faults:
        raise PartiesRefused("".join(faults.values()), fields=faults)
    return values


def version_of(sent: Mapping[str, Any]) -> int:
    """The version the asker saw."""
    raw = str(sent.get("version", "")).strip()
    if not re.fullmatch(r"[0-9]{1,9}", raw):
        raise PartiesRefused(
            _("请带上您看到的版本号再提交。"), status=400, fields={"version": _("缺少版本号。")}
        )
    return int(raw)


# -- one reader per type


def _line(raw: Any) -> str:
    if not isinstance(raw, str | int | float) or isinstance(raw, bool):
        raise Unfit(_("请用文字填写。"))
    text = " ".join(str(raw).split())
    if len(text) > LONGEST:
        raise Unfit(_("太长。"))
    return text


def _lines(raw: Any) -> list[str]:
    parts = re.split(r"[\n、，,；;]", raw) if isinstance(raw, str) else raw
    if not isinstance(parts, list) or len(parts) > 50:
        raise Unfit(_("请填写文字的列表。"))
    found = [_line(part) for part in parts]
    if any(len(one) > 80 for one in found):
        raise Unfit(_("每个别名最多 80 个字。"))
    return [one for one in found if one]


def _bool(raw: Any) -> bool:
    if raw in TRUE:
        return True
    if raw in FALSE:
        return False
    raise Unfit(_("请填是或否。"))


def _place(raw: Any) -> Place:
    """By its code, or by a name or initials that fit one place only."""
    text = _line(raw)
    place = finding.by_code(text)
    if place is None:
        found = finding.search(text, limit=2)
        if len(found) > 1 and not (found[0].name == text and found[1].name != text):
            raise Unfit(_("有几个地点都对得上“%(q)s”，请填编码。") % {"q": text[:40]})
        place = found[0] if found else None
    if place is None:
        raise Unfit(_("没找到“%(q)s”这个地点。") % {"q": text[:40]})
    return place


def _unit(raw: Any) -> Organisation:
    """By its code, or by a name, short name or alias that is one unit's only."""
    text = _line(raw)
    org = directory.current(directory.by_code(text)) or directory.named(text)
    if org is None:
        raise Unfit(_("没找到“%(q)s”这个单位。") % {"q": text[:40]})
    return Organisation.objects.get(pk=org.id)


def _account(raw: Any) -> Account:
    account = Account.objects.select_related("person").filter(username=_line(raw).lower()).first()
    if account is None:
        raise Unfit(_("没有这个账号。"))
    return account


def _one_of(table: Mapping[str, Any]) -> Callable[[Any], str]:
    def choose(raw: Any) -> str:
        if not isinstance(raw, str) or raw not in table:
            raise Unfit(_("没有这个选项。"))
        return str(raw)

    return choose


def _day(raw: Any) -> dt.datetime:
    """The first instant of the day, where the clocks hang."""
    try:
        return clock.local_midnight(days.read(raw))
    except days.NoDay as wrong:
        raise Unfit(wrong.sentence) from None


def _last_day(raw: Any) -> dt.datetime:
    return _day(raw) + dt.timedelta(days=1)


READERS: dict[str, Callable[[Any], Any]] = {
    "line": _line,
    "lines": _lines,
    "bool": _bool,
    "place": _place,
    "unit": _unit,
    "account": _account,
    "kind": _one_of(KINDS),
    "role": _one_of(ROLES),
    "duty": _one_of(DUTIES),
    "language": _one_of(dict(LANGUAGES)),
    "reason": _one_of(REASONS),
    "day": _day,
    "last_day": _last_day,
}
