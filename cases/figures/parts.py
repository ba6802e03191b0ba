"""Parts of a number: what an address narrows the rows behind it by, the same for a page of rows and for a list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core import signing
from django.db.models import Q, Subquery
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import kinds, rulebook
from cases.figures.catalogue import BY_STAGE, Words
from cases.models.call import Call, Caller
from ledger import clock as host
from parties import directory

# a column of the case that holds one of a few words
WORDS: dict[str, Mapping[str, Words]] = {
    "origin": kinds.ORIGINS,
    "channel": kinds.CHANNELS,
    "level": kinds.LEVELS,
    "raised_level": kinds.LEVELS,
    "resolved_level": kinds.LEVELS,
    "kind": kinds.KINDS,
    "urgency": kinds.URGENCIES,
}
WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip
NAMES = (*WORDS, "item", "unit", "stage", "weekday", "hour", "after", "caller")
SALT = "huying.caller"


@dataclass
class Part:
    """`q` over the rows, the parameters that name it, and the part in words."""

    q: Q = field(default_factory=Q)
    kept: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def narrow(self, name: str, value: str, q: Q, words: object) -> None:
        self.q &= q
        self.kept[name] = value
        self.said.append(str(words))


def part_of(
    asked: Mapping[str, str],
    *,
    prefix: str,
    unit: str,
    when: str,
    staged: bool = False,
    as_of: dt.datetime | None = None,
) -> Part:
    """`prefix` leads from the rows to the case ("case__"), `unit` and `when` are the columns of whose they are and of when
    they count; `staged` rows have a stage. What cannot be read narrows nothing."""
    found = Part()
    for name, words in WORDS.items():
        value = asked.get(name, "")
        if value in words:
            said = words[value]
            if name == "raised_level":
                said = _("登记在%(level)s") % {"level": said}
            elif name == "resolved_level":
                said = _("由%(level)s办结") % {"level": said}
            found.narrow(name, value, Q(**{f"{prefix}{name}": value}), said)
    if (item := rulebook.item(asked.get("item", ""))) is not None:
        found.narrow("item", item.code, Q(**{f"{prefix}item_id": item.id}), item.name)
    if (org := directory.by_code(asked.get("unit", ""))) is not None:
        found.narrow("unit", org.code, Q(**{unit: org.id}), org.short_name or org.name)
    if (stage := asked.get("stage", "")) in BY_STAGE and staged:
        found.narrow("stage", stage, Q(stage=stage), BY_STAGE[stage].name)
    _of_hours(found, asked, when)
    if (value := asked.get("caller", "")) and (call := _call_of(value)):
        found.narrow(
            "caller", value, Q(**{f"{prefix}pk__in": cases_of_caller(call, as_of)}), _("同一位反映人")
        )
    return found


def _of_hours(found: Part, asked: Mapping[str, str], when: str) -> None:
    day, hour = _number(asked.get("weekday", ""), 1, 7), _number(asked.get("hour", ""), 0, 23)
    if day is not None:
        is_day = Exact(ExtractIsoWeekDay(when, tzinfo=host.LOCAL), day)
        found.narrow("weekday", str(day), Q(is_day), WEEKDAYS[day - 1])
    if hour is not None:
        is_hour = Exact(ExtractHour(when, tzinfo=host.LOCAL), hour)
        found.narrow("hour", str(hour), Q(is_hour), _("%(hour)s 点") % {"hour": hour})
    try:
        after = dt.datetime.fromisoformat(asked.get("after", ""))
    except ValueError:
        return
    if after.tzinfo is not None:
        words = _("%(time)s 以后") % {"time": after.astimezone(host.LOCAL).strftime("%m-%d %H:%M")}
        found.narrow("after", after.isoformat(), Q(**{f"{when}__gte": after}), words)


def _number(word: str, least: int, most: int) -> int | None:
    if not (word.isascii() and word.isdigit()) or len(word) > 2:
        return None
    return int(word) if least <= int(word) <= most else None


# -- somebody who called more than once


def caller_key(call_id: int) -> str:
    """Names whoever made this call, in an address: it says nothing of the number, and nobody can make one up."""
    return signing.Signer(salt=SALT).sign(str(call_id)).replace(":", ".", 1)


def _call_of(key: str) -> int | None:
    try:
        return int(signing.Signer(salt=SALT).unsign(key.replace(".", ":", 1)))
    except (signing.BadSignature, ValueError):
        return None


def cases_of_caller(call_id: int, as_of: dt.datetime | None = None) -> Subquery:
    """Ids of the cases in which the number of this call's caller is heard: of those that say who called. Whatever number
    is narrowed by it, a guarded case is not told by its caller's other ones."""
    phone = Caller.objects.filter(call_id=call_id).exclude(phone="").values("phone")[:1]
    named = {"caller__anonymous": False, "case__sensitive": False, "case__confidential": False}
    calls = Call.objects.filter(caller__phone=Subquery(phone), **named)
    if as_of is not None:
        calls = calls.filter(received_at__lte=as_of)
    return Subquery(calls.values("case_id"))
