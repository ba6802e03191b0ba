"""Lists of cases: the filters of `GET cases/`, the queues of the desks, their order.

Every filter narrows what `visible_to` lets through; none widens it. Unknown values are refused by name.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cases import claims, rulebook
from cases.figures.asking import Period, subject_of
from cases.figures.behind import CODES, PARTS, cases_behind
from cases.figures.trees import tree_named
from cases.kinds import OPEN
from cases.models.case import ANCESTORS, Case
from cases.models.holding import Part
from cases.queries import colours, disputes, narrowing, ordering
from cases.queries.ordering import NEWEST
from cases.queries.search import NUMBERLIKE, at_or_below, search_q
from cases.scope import listed, own_units, visible
from grid import finding
from grid.paging import Key
from ledger import clock, days
from ledger.actor import Actor, Grant
from parties import directory, seats

QUEUES = ("mine", "reported", "returned", "disputed", "claims", "breaching", "word", "all")
# what waits for one is listed whatever it is about
BASES: Mapping[str, Callable[[Actor], QuerySet[Case]]] = {"mine": visible, "disputed": disputes.waiting}
FEW_UNITS = 3  # whose cases are walked unit by unit
MOST_URGENT = ordering.BY_DUE
# below the desk's own place: who is posted here looks after the ground itself
WORKED = ("section", "grid", "building", "unit", "household", "estate")


class BadFilter(ValueError):
    """Some values cannot be read: field → sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("；".join(fields.values()))
        self.fields = dict(fields)


@dataclass
class Asked:
    """A filtered, ordered list, ready to be paged: of `base` what goes by any of `ways`, all of it without."""

    base: QuerySet[Case]
    order: tuple[Key, ...]
    ways: tuple[Q, ...] = ()
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> QuerySet[Case]:
        return self.base.filter(functools.reduce(operator.or_, self.ways)) if self.ways else self.base


def asked_for(by: Actor, at: dt.datetime, query: Mapping[str, str]) -> Asked:
    """What a query string asks for, inside the actor's scope. Raises BadFilter naming every bad value."""
    queue = query.get("queue", "").strip()
    asked = Asked(BASES.get(queue, listed)(by), MOST_URGENT if queue and queue != "all" else NEWEST)
    behind = bool(query.get("figure", "").strip())
    if behind:
        _behind_a_number(asked, query, at)
    if queue == "mine":
        asked.ways = mine_ways(by)
    # of a dashboard's number these name whose it is
    skipped = {*(("place", "organisation") if behind else ()), *(("queue",) if asked.ways else ())}
    asked.base, faults = _narrowed(asked.base, by, at, query, skipped)
    asked.faults |= faults
    if sort := query.get("sort", "").strip():
        _in_order(asked, sort)
    if asked.faults:
        raise BadFilter(asked.faults)
    return asked


def _in_order(asked: Asked, sort: str) -> None:
    if not (known := ordering.known(sort)):
        asked.faults["sort"] = narrowing.unknown(sort)
        return
    asked.order = ordering.keys_of(known)
    asked.base = ordering.ready(asked.base, asked.order)


def narrowed(
    rows: QuerySet[Case], by: Actor, at: dt.datetime, query: Mapping[str, str]
) -> tuple[QuerySet[Case], dict[str, str]]:
    """These rows by every filter that the query names, and a sentence for each value that cannot be read."""
    return _narrowed(rows, by, at, query, ())


def _narrowed(
    rows: QuerySet[Case], by: Actor, at: dt.datetime, query: Mapping[str, str], skipped: Collection[str]
) -> tuple[QuerySet[Case], dict[str, str]]:
    faults = {}
    for name, narrow in NARROWING.items():
        if (value := query.get(name, "").strip()) and name not in skipped:
            try:
                rows = rows.filter(narrow(value, by, at))
            except LookupError as unreadable:
                faults[name] = str(unreadable.args[0])
    return rows, faults


def _behind_a_number(asked: Asked, query: Mapping[str, str], at: dt.datetime) -> None:
    """The cases that a number of the dashboard counts: `figure`, `part`, and the number's own subject and days."""
    code, part = query["figure"].strip(), query.get("part", "").strip() or "denominator"
    if code not in CODES or part not in PARTS:
        asked.faults["figure"] = narrowing.unknown(code)
        return
    place = finding.by_code(query["place"]) if query.get("place") else None
    org = directory.current(directory.by_code(query["organisation"])) if query.get("organisation") else None
    subject = subject_of(place.path if place else "", org, tree=tree_named(query.get("tree", "")))
    try:
        first, last = (days.read(query.get(name, "")) for name in ("from", "to"))
        period = Period.of_days(first, last)
    except ValueError:
        asked.faults["figure"] = _("请从看板上的数字打开。")
        return
    asked.base = asked.base.filter(cases_behind(code, part, subject, period, at, query))


# -- each filter


def _queue(value: str, by: Actor, at: dt.datetime) -> Q:
    if value not in QUEUES:
        raise LookupError(narrowing.unknown(value))
    return queue_q(value, by, at)


NARROWING: dict[str, narrowing.Narrow] = {
    **{name: one.narrow for name, one in narrowing.FILTERS.items()},
    "queue": _queue,
    "q": search_q,
}


__all__ = [
    "NUMBERLIKE",
    "BadFilter",
    "asked_for",
    "at_or_below",
    "mine_q",
    "queue_q",
    "search_q",
    "to_verify_q",
]


# -- queues


def queue_q(name: str, by: Actor, at: dt.datetime) -> Q:
    """One of QUEUES; to be joined with `visible_to`."""
    if name == "mine":
        return mine_q(by)
    if name == "reported":
        return Q(reporter_ids__contains=[by.id]) if by.id is not None else Q(pk__in=[])
    if name == "returned":
        return disputes.RETURNED
    if name == "disputed":
        return disputes.DISPUTED
    if name == "claims":
        return claims.open_q()
    if name == "word":
        return Q(word_due_at__isnull=False)
    if name == "breaching":
        return Q(status__in=OPEN) & colours.q("red", at)
    return Q()


def mine_q(by: Actor) -> Q:
    """What waits for this person or the unit this person works for."""
    return functools.reduce(operator.or_, mine_ways(by))


def mine_ways(by: Actor) -> tuple[Q, ...]:
    """The ways in which something waits for one; each can be walked on an index of its own, all at once cannot."""
    waits = Q(status__in=("received", "accepted", "assigned", "in_hand"))
    waits |= Q(status="resolved", origin="resident")
    ways = (
        *(held & waits for held in _held(by)),
        _parts_q(by),
        _to_supply_q(by),
        to_verify_q(by, after=False),
    )
    # all of it is open: said apart, for only then is an index of what is open of use
    return (*(Q(status__in=OPEN) & way for way in ways), to_verify_q(by, before=False))


def _held(by: Actor) -> list[Q]:
    """Held by one's unit; of the committee's cases a grid worker's are those of the own grid."""
    units = sorted(own_units(by))
    held = [Q(holder_id=unit) for unit in units] if len(units) <= FEW_UNITS else [Q(holder_id__in=units)]
    for grant in by.grants:
        if grant.place_path and grant.unit_id is not None and grant.place_kind in WORKED:
            held.append(Q(holder_id=grant.unit_id) & _here(grant))
    return held


def _here(grant: Grant) -> Q:
    if grant.place_kind in ANCESTORS:
        return Q(**{f"{grant.place_kind}_id": grant.place_id})
    return Q(path__startswith=grant.place_path)


def _parts_q(by: Actor) -> Q:
    """An assisting part of one's unit is open."""
    posted = sorted(directory.under(*(g.organisation_path for g in by.grants if g.organisation_path)))
    if not posted:
        return Q(pk__in=[])
    own = Part.objects.filter(
        case=OuterRef("pk"), organisation_id__in=posted, state__in=("assigned", "in_hand")
    )
    return Q(Exists(own), open_parts__gt=0)


def _to_supply_q(by: Actor) -> Q:
    """The reporter, or who works the ground, can supply what was asked."""
    known = Q(reporter_ids__contains=[by.id]) if by.id is not None else Q(pk__in=[])
    for grant in by.grants_for("take"):
        if grant.place_kind in WORKED:
            known |= _here(grant)
    return Q(status="awaiting_info") & known


def to_verify_q(by: Actor, *, before: bool = True, after: bool = True) -> Q:
    """Resolved and a check is due (`before` the answer), or a caller says that it is not solved (`after` it); and one
    stands outside the chain, or every desk from one's own upwards handled it (or is empty, or who it is about), and one
    did not oneself."""
    places = all_did = Q(pk__in=[])
    units: set[int] = set()
    for grant in by.grants_for("verify"):
        if grant.place_path:
            places |= _here(grant)
            units |= {grant.unit_id} if grant.unit_id is not None else set()
            desks = [
                unit
                for unit in directory.desks_over(grant.place_path)
                if seats.is_staffed(unit, "verify", by.at or clock.now(), grant.place_path)
            ]
            if desks:
                all_did |= Q(handler_units__contains=[unit.id for unit in desks])
            for about in desks:  # which does not count as one that could
                if others := [unit.id for unit in desks if not unit.path.startswith(about.path)]:
                    all_did |= Q(about_organisation=about.id, handler_units__contains=others)
    checked = [item.id for item in rulebook.items() if item.check_required]
    due = Q(origin="patrol") | Q(item_id__in=checked)
    handled = Q(handler_units__overlap=sorted(units)) & ~all_did if units else Q(pk__in=[])
    if by.person_id is not None:
        handled |= Q(handler_people__contains=[by.person_id])
    waiting = Q(pk__in=[])
    if before:
        waiting |= Q(status="resolved", verified_at=None) & due
    if after:
        waiting |= Q(doubted_at__isnull=False)
    return waiting & places & ~handled
