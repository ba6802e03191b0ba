"""Lists of cases as pages: which rows a queue holds, in what order, and what a row shows.

A list costs one statement for its rows with the names of persons, and one for their clocks, however many
rows it has. Names of units and items come from caches. Filters and queues are those of `case_list`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import parts, rulebook
from cases.kinds import CHANNELS, KINDS, LEVELS, OPEN, ORIGINS, STATUSES, URGENCIES
from cases.models import Case, Part
from cases.queries import colours
from cases.queries.addresses import address
from cases.queries.counting import shown
from cases.queries.masking import title_for
from cases.queries.rail import AnyClock, chip_words, rail_of
from cases.queries.row_clocks import RowClock, clocks_of
from cases.scope import about_q, listed, own_units, stands_in
from cases.sla.phrases import reader
from grid import paging
from grid.paging import Key
from ledger.actor import Actor
from parties import directory

SIZE = 50
FIELDS = (
    "number", "title", "status", "urgency", "kind", "item_id", "level", "origin", "channel", "place_text", "path",
    "holder_id", "desk_id", "called_at", "received_at", "next_due_at", "next_warn_at", "paused", "unmatched", "declines",
    "raised_level", "sensitive", "confidential", "reporter_ids", "version", "holder_account_id", "callers", "doubted_at",
    "word_due_at",
)  # fmt: skip


PERSON = F("holder_account__person__name")


def with_names(rows: QuerySet[Case]) -> QuerySet[Case]:
    """The columns a row shows, and the person who has the case, in one statement."""
    return rows.only(*FIELDS).annotate(person_name=PERSON)


# -- which cases


def units_of(actor: Actor) -> list[int]:
    """The organisations one works for, with all below those one is posted to."""
    return sorted(own_units(actor) | actor.units)


def desks_of(actor: Actor) -> list[int]:
    """The desks at which one accepts and dispatches."""
    return sorted({g.unit_id for g in actor.grants_for("accept") if g.place_path and g.unit_id is not None})


def held(actor: Actor, units: Collection[int]) -> QuerySet[Case]:
    """What these units hold and the actor may see. What one's own units hold one sees, but for what is about
    oneself: every other reason to see it would be asked of every row for nothing."""
    if own_units(actor).issuperset(units):
        return Case.objects.filter(~about_q(actor), holder_id__in=units)
    return listed(actor).filter(holder_id__in=units)


def in_hand(actor: Actor) -> QuerySet[Case]:
    """What my unit has to sign, to do, to wait for and to tell."""
    waits = Q(status__in=("assigned", "in_hand", "on_hold", "awaiting_info"))
    waits |= Q(status="resolved", origin="resident")
    # all of it is open: said apart, for only then may the database walk its index of what is open
    return held(actor, units_of(actor)).filter(waits, status__in=OPEN)


def wanted(actor: Actor) -> QuerySet[Case]:
    """What an official waits for word on: with my unit, or the last it was with."""
    return held(actor, units_of(actor)).filter(word_due_at__isnull=False)


def assisting_q(actor: Actor) -> Q:
    """An assisting part of a unit one is posted to is open. A list of its own: joined to what one leads, neither
    could walk its index."""
    posted = sorted(directory.under(*(g.organisation_path for g in actor.grants if g.organisation_path)))
    if not posted:
        return Q(pk__in=[])
    part = Part.objects.filter(case=OuterRef("pk"), organisation_id__in=posted, state__in=parts.OPEN)
    return Q(open_parts__gt=0) & Q(Exists(part))


def near_q(at: dt.datetime) -> Q:
    """Open, and past its warning or its due time."""
    return Q(status__in=OPEN, next_warn_at__lte=at)


def late_q(at: dt.datetime) -> Q:
    return Q(status__in=OPEN) & colours.q("red", at)


# -- pages


def page_of(
    rows: QuerySet[Case], order: Sequence[Key], asked: Mapping[str, str], total: int | None, size: int = SIZE
) -> tuple[list[Case], dict[str, str] | None]:
    """The rows of the page that `asked` wants, and what the pager prints. A cursor that cannot be read opens
    the first page. `total` is a capped count, or None where nobody counted."""
    kept = {name: value for name, value in asked.items() if name not in ("nth", "page_size")}
    try:
        page = paging.page(rows, order, {**kept, "page_size": str(size)}, most=max(size, paging.MOST))
    except paging.BadPage:
        kept.pop("cursor", None)
        page = paging.page(rows, order, {**kept, "page_size": str(size)}, most=max(size, paging.MOST))
    first = _ordinal(asked) if kept.get("cursor") else 1
    if not page.rows:
        return [], None
    last = first + len(page.rows) - 1
    words = {"first": first, "last": last, "total": shown(max(total or 0, last))}
    return page.rows, {
        "words": _("第 %(first)s–%(last)s 件，共 %(total)s 件") % words
        if total is not None
        else _("第 %(first)s–%(last)s 件") % words,
        "next": _link(page.next, last + 1),
        "previous": _link(page.previous, max(1, first - size)),
    }


def _ordinal(asked: Mapping[str, str]) -> int:
    raw = asked.get("nth", "")
    return max(1, int(raw)) if raw.isascii() and raw.isdigit() and len(raw) < 8 else 1


def _link(query: str | None, ordinal: int) -> str:
    if query is None:
        return ""
    kept = "&".join(part for part in query.split("&") if not part.startswith("page_size="))
    return f"?{kept}&{urlencode({'nth': ordinal})}"


# -- what a row shows


def rows_of(actor: Actor, cases: Sequence[Case], at: dt.datetime) -> list[dict[str, Any]]:
    """The rows of a list, as templates print them."""
    return rows_of_clocks(actor, cases, clocks_of(cases), at)


def rows_of_clocks(
    actor: Actor, cases: Sequence[Case], clocks: Mapping[int, list[RowClock]], at: dt.datetime
) -> list[dict[str, Any]]:
    """The same with the clocks in hand."""
    with reader():
        return [row_of(actor, case, clocks.get(case.pk, []), at) for case in cases]


def row_of(actor: Actor, case: Case, clocks: Sequence[AnyClock], at: dt.datetime) -> dict[str, Any]:
    """One case as queues, lists and phone cards print it."""
    item, words = rulebook.item_by_id(case.item_id), _labels(get_language() or "")
    return {
        "number": case.number,
        "version": case.version,
        "title": title_for(actor, case),
        "status": case.status,
        "status_label": words["status"][case.status],
        "urgency": case.urgency,
        "urgency_label": words["urgency"][case.urgency],
        "kind_label": words["kind"][case.kind],
        "item_name": item.name if item else "",
        "item_code": item.code if item else "",
        "level_label": words["level"][case.level],
        "place_text": case.place_text,
        "called_at": case.called_at,
        "holder_name": directory.name_of(case.holder_id, short=True),
        "holder_person": person_of(case),
        "mine": case.holder_account_id is not None and case.holder_account_id == actor.id,
        "stand_in": stands_in(actor, case),
        "origin_label": words["origin"][case.origin],
        "channel_label": words["channel"][case.channel],
        "colour": colours.of_case(case, at),
        "time_words": chip_words(case, clocks, at),
        "rail": rail_of(case, clocks, at),
        "url": address("detail", case.number),
        "unmatched": case.unmatched and case.status in ("received", "accepted"),
        "callers": case.callers,
        "tag": callers_words(case),
        "acts": [],
    }


def callers_words(case: Case) -> str:
    """How many called about it, where it is more than one."""
    return _("%(n)s 人反映") % {"n": case.callers} if case.callers > 1 else ""


def person_of(case: Case) -> str:
    """Who has the case, as `with_names` read it with the row or as its own page did."""
    if case.holder_account_id is None:
        return ""
    name = case.__dict__.get("person_name")
    return case.holder_account.person.name if name is None else name


@lru_cache(maxsize=8)
def _labels(language: str) -> dict[str, dict[str, str]]:
    """The words of a row in the reader's language, looked up once."""
    tables = {
        "status": STATUSES,
        "urgency": URGENCIES,
        "kind": KINDS,
        "level": LEVELS,
        "origin": ORIGINS,
        "channel": CHANNELS,
    }
    return {name: {key: str(word) for key, word in table.items()} for name, table in tables.items()}
