"""By which tree a figure reads where its rows stand (SPEC §3: three paths, kept apart).

CALL, the default: everything stands where it stood when it came to count. A clock where it stopped or fell due; a case
where its call was taken, a place put right by hand included, a place that the tree has moved since not. So a period does
not shift when a grid moves. TODAY: the same rows, each where its place, or the one that took over from it, stands in
today's tree. Both are conditions over the columns that the rows carry; where the tree has never changed they are the
same, and cost nothing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models import Case as Switch
from django.db.models import Value as Constant
from django.utils.translation import gettext_lazy as _

from cases.models.case import ANCESTORS
from cases.models.past import CasePast
from grid import homes
from grid.homes import Home
from grid.queries import PlaceLite

CALL, TODAY = TREES = ("call", "today")
WORDS = {CALL: _("按当时的区划"), TODAY: _("按今天的区划")}

RELOCATED = "case.relocated"  # somebody put the place right: no change of the tree
MOVING = (
    "case.rehomed",
    "case.reopened",
    "case.unmerged",
)  # a case goes, or comes back, to where its place is


def tree_named(word: str) -> str:
    """What an address asks for; whatever else it says is the default."""
    return word if word in TREES else CALL


def recorded(place: PlaceLite, path: str, tree: str, prefix: str = "") -> Q:
    """Rows at the place or below it by the columns they carry, read by today's tree if that is asked for. `prefix`
    leads to those that have place columns ("case__")."""
    if place.kind in ANCESTORS:
        found = Q(**{f"{prefix}{place.kind}_id": place.id})
        kinds = ANCESTORS[ANCESTORS.index(place.kind) :]
    else:
        found, kinds = Q(**{f"{prefix}path__startswith": path}), ANCESTORS
    if tree != TODAY:
        return found
    gone = homes.moved()
    for kind in kinds:  # from the top down: of several that a row stood under the lowest says where it is
        here = [home.id for home in gone if home.kind == kind and f"/{place.id}/" in home.path]
        away = [home.id for home in gone if home.kind == kind and f"/{place.id}/" not in home.path]
        if away:
            found &= ~Q(**{f"{prefix}{kind}_id__in": away})
        if here:
            found |= Q(**{f"{prefix}{kind}_id__in": here})
    for home in gone:  # those without a column
        if home.kind not in ANCESTORS and place.kind != home.kind:
            below = Q(**{f"{prefix}path__contains": f"/{home.id}/"})
            found = found | below if f"/{place.id}/" in home.path else found & ~below
    return found


def by_call(here: Q, key: str, then: Q, at: dt.datetime | None = None) -> Q:
    """Cases that stood there when their call was taken: by their columns (`here`), but for those that the tree has moved
    since: by those they had (`then`). `key` is the column that names the case; with `at` as it was known at a past instant."""
    if not homes.moved():
        return here
    moved = moved_by_the_tree(at)
    return (here & ~Q(**{f"{key}__in": moved.values("case_id")})) | Q(
        **{f"{key}__in": moved.filter(then).values("case_id")}
    )


def moved_by_the_tree(at: dt.datetime | None = None) -> QuerySet[CasePast]:
    """Of every case that went somewhere because a place did: how it was at first, since its place was last put right by
    hand."""
    kept = CasePast.objects.all() if at is None else CasePast.objects.filter(until__lte=at)
    put_right = kept.filter(case_id=OuterRef("case_id"), event=RELOCATED, seq__gte=OuterRef("seq"))
    since = kept.filter(~Exists(put_right), case_id__in=kept.filter(event__in=MOVING).values("case_id"))
    return CasePast.objects.filter(pk__in=since.order_by("case_id", "seq").distinct("case_id").values("pk"))


def ancestor(kind: str, tree: str, prefix: str = "") -> F | Switch:
    """The id of the ancestor of that kind, of the columns that a row carries, or in today's tree."""
    column = F(f"{prefix}{kind}_id")
    gone = homes.moved() if tree == TODAY else []
    if not gone:
        return column
    below = ANCESTORS[ANCESTORS.index(kind) :]
    whens = []
    for deep in reversed(below):
        for target, ids in _by_target(gone, deep, kind).items():
            whens.append(When(**{f"{prefix}{deep}_id__in": ids}, then=Constant(target)))
    return Switch(*whens, default=column, output_field=BigIntegerField()) if whens else column


def _by_target(gone: Iterable[Home], kind: str, ancestor: str) -> dict[int | None, list[int]]:
    found: dict[int | None, list[int]] = defaultdict(list)
    for home in gone:
        if home.kind == kind:
            found[home.line.get(ancestor)].append(home.id)
    return found


def as_taken(column: F | Switch, kind: str, then: Q, key: str, at: dt.datetime | None = None) -> F | Switch:
    """That column of cases, but for those that the tree has moved since the one they had; `key` names the case. One
    statement, none where the tree has never changed."""
    if not homes.moved():
        return column
    found: dict[int | None, list[int]] = defaultdict(list)
    for case, pk in moved_by_the_tree(at).filter(then).values_list("case_id", f"{kind}_id"):
        found[pk].append(case)
    whens = [When(**{f"{key}__in": ids}, then=Constant(pk)) for pk, ids in found.items()]
    return Switch(*whens, default=column, output_field=BigIntegerField()) if whens else column
