"""The box on every page: what somebody typed, as cases, places, items and units; each reader's own scope only.

Suggestions cost two statements: places, and the cases of that number. The page of results is a list like any other.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import rulebook
from cases.models import Call, Case
from cases.queries import lists
from cases.queries.addresses import address
from cases.queries.masking import title_for
from cases.queries.search import NUMBERLIKE, at_or_below, is_spelled_like
from cases.scope import near_q
from cases.spoken import digits
from grid import finding, queries
from grid.models import Place
from ledger.actor import Actor
from parties import directory

FEW = 6
LONGEST = 80
SHORTEST = 7  # digits of a whole number


def suggestions(actor: Actor, typed: str, *, numbers: bool = True) -> list[dict[str, Any]]:
    """Groups {label, hits [{label, hint, url}]} of what the beginning may mean; cases by `numbers` first."""
    q = tidy(typed)
    if not q:
        return []
    groups = [
        (_("工单"), _numbers(actor, q) if numbers else []),
        (_("地点"), _places(q)),
        (_("小项"), _items(q)),
        (_("单位"), _units(q)),
    ]
    return [{"label": label, "hits": hits} for label, hits in groups if hits]


def tidy(typed: str) -> str:
    return " ".join(typed.replace("\x00", "").split())[:LONGEST]


def all_url(q: str) -> str:
    return f"{reverse('cases:search')}?{urlencode({'q': q})}"


def _filtered(**asked: str) -> str:
    return f"{reverse('cases:list')}?{urlencode(asked)}"


def _numbers(actor: Actor, q: str) -> list[dict[str, str]]:
    """Any part of a number; the newest first."""
    if not NUMBERLIKE.fullmatch(q) or not any(char.isdigit() for char in q):
        return []
    rows = lists.with_names(lists.listed(actor).filter(number__contains=q.upper())).order_by(
        "-received_at", "-id"
    )
    return [
        {"label": case.number, "hint": title_for(actor, case), "url": address("detail", case.number)}
        for case in rows[:FEW]
    ]


def _places(q: str) -> list[dict[str, str]]:
    """By name, part of a name, pinyin or its initials, best first; one statement and names from the cache."""
    if len(q) < 2:
        return []
    found = finding.search(q, limit=FEW)
    return [
        {"label": place.name, "hint": queries.path_text(place), "url": _filtered(place=place.code)}
        for place in found
    ]


def _items(q: str) -> list[dict[str, str]]:
    found = [
        item
        for item in rulebook.items()
        if q in item.name or item.code.startswith(q) or is_spelled_like(item.name, q)
    ]
    return [{"label": item.name, "hint": item.code, "url": _filtered(item=item.code)} for item in found[:FEW]]


def _units(q: str) -> list[dict[str, str]]:
    found = sorted(directory.search(q), key=lambda org: len(org.name))[:FEW]
    return [{"label": org.name, "hint": "", "url": _filtered(organisation=org.code)} for org in found]


# -- by phone


def by_phone(actor: Actor, phone: str) -> QuerySet[Case]:
    """Cases in scope with a caller of exactly this number, the newest first. Of confidential and sensitive ones those that one stands near to."""
    digits = digits_of(phone)
    if len(digits) < SHORTEST:
        return Case.objects.none()
    named = Call.objects.filter(caller__phone=digits, caller__anonymous=False).values("case")
    readable = Q(confidential=False) | near_q(actor)
    return lists.listed(actor).filter(readable, pk__in=named).order_by("-received_at", "-id")


def by_name(actor: Actor, name: str, place: Place) -> QuerySet[Case]:
    """Cases in scope at or below the place with a caller, or somebody called for, of exactly this name."""
    said = Q(caller__name=name) | Q(caller__for_person=name)
    named = Call.objects.filter(said, caller__anonymous=False).values("case")
    readable = Q(confidential=False) | near_q(actor)
    here = lists.listed(actor).filter(at_or_below(place), readable, pk__in=named)
    return here.order_by("-received_at", "-id")


def by_code(actor: Actor, code: str) -> QuerySet[Case]:
    """The case in scope whose tracking code was read aloud."""
    named = Call.objects.filter(tracking_code=digits(code)).values("case")
    return lists.listed(actor).filter(Q(confidential=False) | near_q(actor), pk__in=named)


def digits_of(phone: str) -> str:
    """A number as it is kept: digits and the plus before them."""
    return ("+" if phone.strip().startswith(("+", "＋")) else "") + digits(phone)
