"""What a change of the tree means for people and organisations; registered in config/wiring.py.

A move takes postings and the places served along, as they hang on the place itself; a committee whose
community went to another street goes under that street's office. An end hands postings, services and the
desk over to the successors (the desk, which only one can have, to the first), and is refused where there is
none. A return brings back what went over at the end and has not been touched since (`parties.handover`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grid import tree
from grid.followers import Change, Impact
from grid.models import Place
from ledger import clock
from ledger.actor import Actor
from parties import handover
from parties.commands import organisations as units
from parties.models import Organisation, Posting, Serving
from parties.models.postings import standing_q
from parties.roles import ROLES, WAITING

FEW = 3  # examples by name


class PartiesFollower:
    """Follows places for the parties."""

    def impact(self, change: Change) -> Iterator[Impact]:
        if change.kind == "moved":
            yield from self._moving(change, tree.within(change.old_path, "place__path"))
        elif change.kind == "merged":
            yield from self._handed_over(change)
            below = tree.within(change.old_path, "place__path")
            yield from self._moving(change, below, but=change.place)
        elif change.kind in ("retired", "split"):
            yield from self._handed_over(change)
        elif change.kind == "restored":
            yield from self._brought_back(change)

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "moved":
            for committee, office in _committees_to_rehang(change):
                units.rehang(units.lock(committee), office, by=by, at=at)
        elif change.kind == "retired" and change.successors:
            handover.desks(change.place, change.successors[0], at, by)
            handover.services(change.place, change.successors, at)
            handover.postings(change.place, change.successors, at, by)
        elif change.kind == "restored":
            handover.back(change.place, change.successors, at, by)

    def _moving(self, change: Change, below, but: Place | None = None) -> Iterator[Impact]:
        postings = Posting.objects.filter(below, standing_q(clock.now()))
        if but is not None:
            postings = postings.exclude(place=but)
        if count := postings.count():
            yield Impact(
                "postings", count, _("{n} 项任职随地点移动").format(n=count), examples=_posted(postings)
            )
        for committee, office in _committees_to_rehang(change):
            yield Impact(
                "organisations",
                1,
                _("“{name}”改属“{office}”").format(name=committee.name, office=office.name),
            )

    def _handed_over(self, change: Change) -> Iterator[Impact]:
        postings = Posting.objects.filter(standing_q(clock.now()), place=change.place)
        servings = Serving.objects.filter(place=change.place, until=None)
        desks = Organisation.objects.filter(desk_of=change.place, retired_at=None)
        found = (
            ("postings", postings.count(), _("{n} 项任职"), change.successors, _posted(postings)),
            ("servings", servings.count(), _("{n} 个服务单位"), change.successors, _names(servings, "organisation__name")),
            ("desks", desks.count(), _("{n} 个受理台"), change.successors[:1], _names(desks, "name")),
        )  # fmt: skip
        for subject, count, words, heirs, examples in found:
            if not count:
                continue
            what = words.format(n=count)
            if not heirs:
                sentence = _("{what}没有去处，请指定承接地点").format(what=what)
            else:
                sentence = _("{what}转到“{name}”").format(what=what, name=_("”“").join(h.name for h in heirs))
            yield Impact(subject, count, sentence, blocks=not heirs, examples=examples)
        yield from self._seats(change, postings)
        if len(change.successors) > 1 and desks.exists():
            others = _("”“").join(heir.name for heir in change.successors[1:])
            sentence = _("“{names}”还没有受理台，设立前由上一级受理").format(names=others)
            yield Impact("desks", len(change.successors) - 1, sentence)

    def _seats(self, change: Change, postings: QuerySet[Posting]) -> Iterator[Impact]:
        """Nobody comes to sit where their role may not, or to reach further than was confirmed."""
        rows = list(postings.order_by("pk"))
        for heir in change.successors:
            unfit = [row.pk for row in rows if not handover.may_sit(row, heir)]
            if unfit:
                sentence = _("{n} 项任职的角色不能在“{name}”任职，请先改任或结束").format(
                    n=len(unfit), name=heir.name
                )
                few = _posted(postings.filter(pk__in=unfit))
                yield Impact("postings", len(unfit), sentence, blocks=True, examples=few)
            wider = [row.pk for row in rows if row.role in WAITING]
            if wider and handover.widens(change.place, heir, change.successors, clock.now()):
                sentence = _("其中 {n} 项到“{name}”后管得更宽，须由另一人重新确认").format(
                    n=len(wider), name=heir.name
                )
                few = _posted(postings.filter(pk__in=wider))
                yield Impact("postings", len(wider), sentence, examples=few)

    def _brought_back(self, change: Change) -> Iterator[Impact]:
        for subject, rows, words in (
            (
                "postings",
                handover.postings_to_return(change.place, change.successors, clock.now()),
                _("{n} 项任职回到这里"),
            ),
            ("servings", handover.services_to_return(change.place), _("{n} 个服务单位回到这里")),
            ("desks", handover.desks_to_return(change.place), _("{n} 个受理台回到这里")),
        ):
            if count := len(rows):
                yield Impact(subject, count, words.format(n=count))


def _posted(postings: QuerySet[Posting]) -> tuple[str, ...]:
    rows = postings.order_by("pk").values_list("account__person__name", "role")[:FEW]
    return tuple(f"{name} {ROLES[role].label}" for name, role in rows)


def _names(rows: QuerySet, field: str) -> tuple[str, ...]:
    return tuple(rows.order_by("pk").values_list(field, flat=True)[:FEW])


def _committees_to_rehang(change: Change) -> list[tuple[Organisation, Organisation]]:
    """Committees of moved communities that hang under a street's office, each with the office to come."""
    street = Place.objects.filter(kind="street", pk__in=tree.path_ids(change.new_path)).first()
    if street is None or change.place.pk == street.pk:
        return []
    office = Organisation.objects.filter(
        kind="street_office", servings__place=street, servings__until=None, retired_at=None
    ).first()
    committees = Organisation.objects.filter(
        tree.within(change.old_path, "desk_of__path")
        | (tree.within(change.new_path, "desk_of__path") if change.kind == "moved" else Q(pk__in=[])),
        kind="committee",
        parent__kind="street_office",
        retired_at=None,
    )
    if change.kind == "merged":
        committees = committees.exclude(desk_of=change.place)  # that desk is handed over, not moved
    return [(unit, office) for unit in committees.exclude(parent=office)] if office else []
