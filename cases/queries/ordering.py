"""In which order a list stands: by what its columns show, forth (`due`) or back (`-due`).

Every order ends with the row's id, so that pages by key neither skip nor repeat a row; what a row does not have
comes last either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case as OneOf
from django.db.models import CharField, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from grid.paging import Key

BY_DUE = (Key("next_due_at", nullable=True), Key("id"))
BY_URGENCY = (Key("rank"), *BY_DUE)
NEWEST = (Key("received_at", descending=True), Key("id", descending=True))


@dataclass(frozen=True)
class Sort:
    """`first`: the way round that a click on the column asks for first."""

    label: object
    fields: tuple[Key, ...]
    first: str = ""
    ranked: bool = False


SORTS: Mapping[str, Sort] = {
    "urgency": Sort(_("特急在前"), BY_URGENCY[:-1], ranked=True),
    "due": Sort(_("剩余时间"), BY_DUE[:-1]),
    "received": Sort(_("登记时间"), (Key("received_at"),), first="-"),
    "held": Sort(_("到手时间"), (Key("held_since"),)),
    "callers": Sort(_("反映人数"), (Key("callers"),), first="-"),
    "place": Sort(_("地点"), (Key("place_text"),)),
    "number": Sort(_("编号"), (Key("number"),), first="-"),
}
ALIASES = {"new": "-received"}


def known(asked: str) -> str:
    """The order asked for as the address says it; "" for one there is not."""
    asked = ALIASES.get(asked, asked)
    return asked if asked.removeprefix("-") in SORTS else ""


def keys_of(asked: str) -> tuple[Key, ...]:
    """The keys of an order that is `known`."""
    back = asked.startswith("-")
    keys = SORTS[asked.removeprefix("-")].fields
    turned = tuple(Key(key.field, key.descending != back, key.nullable) for key in keys)
    return (*turned, Key("id", descending=turned[-1].descending))


def ready(rows: QuerySet[Case], order: tuple[Key, ...]) -> QuerySet[Case]:
    """The rows with what this order needs of them."""
    return ranked(rows) if any(key.field == "rank" for key in order) else rows


def ranked(rows: QuerySet[Case]) -> QuerySet[Case]:
    """`rank` puts 特急 first."""
    first = OneOf(When(urgency="critical", then=Value("0")), default=Value("1"), output_field=CharField())
    return rows.annotate(rank=first)
