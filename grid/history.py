"""How the tree was: a place's own story, the tree as of a past day, the difference of two days.

The ledger tells what happened; `PlacePast` keeps how each place was until each of its changes, so the tree of a
past day is the present with a few rows exchanged, whatever the number of changes since. A day is looked at as it
ended: what took effect at its midnight or during it counts. Ancestors of then are found by the links of then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.models import Place, PlaceName
from ledger import clock, reading
from ledger.models import Entry

WORDS: dict[str, Promise] = {
    "place.opened": gettext_lazy("新设"),
    "place.renamed": gettext_lazy("更名"),
    "place.recoded": gettext_lazy("改编码"),
    "place.moved": gettext_lazy("改上级"),
    "place.retired": gettext_lazy("停用"),
    "place.restored": gettext_lazy("恢复"),
}


@dataclass(frozen=True, slots=True)
class Then:
    """A place as it was."""

    id: int
    kind: str
    code: str
    name: str
    above_id: int | None
    retired: bool


# every place as it was just before %(t)s, by id; a place that was not yet opened is left out
_STATE = """
SELECT p.id, p.kind, coalesce(h.code, p.code) AS code, coalesce(h.name, p.name) AS name,
       CASE WHEN h.place_id IS NULL THEN coalesce(p.parent_id, p.superior_id) ELSE h.above_id END AS above_id,
       (CASE WHEN h.place_id IS NULL THEN p.retired_at ELSE h.retired_at END) IS NOT NULL AS retired
FROM grid_place p
LEFT JOIN (SELECT DISTINCT ON (place_id) * FROM grid_placepast WHERE until >= %(t)s {past}
           ORDER BY place_id, until, id) h ON h.place_id = p.id
WHERE EXISTS (SELECT 1 FROM ledger_entry e WHERE e.subject_kind = 'place' AND e.subject_id = p.id
              AND e.seq = 1 AND e.at < %(t)s) {place}
"""


def end_of(day: dt.date) -> dt.datetime:
    """The instant at which a local day is over."""
    return clock.local_midnight(day + dt.timedelta(days=1))


def states(day: dt.date, ids: Iterable[int] | None = None) -> dict[int, Then]:
    """id → the place as it was at the end of a day, retired ones included; one statement, however many. With
    `ids` only these."""
    params: dict[str, Any] = {"t": end_of(day)}
    past = place = ""
    if ids is not None:
        params["ids"] = list(ids)
        past, place = "AND place_id = ANY(%(ids)s)", "AND p.id = ANY(%(ids)s)"
    with connection.cursor() as cursor:
        cursor.execute(_STATE.format(past=past, place=place), params)
        return {row[0]: Then(*row) for row in cursor.fetchall()}


def children(day: dt.date, above: int | None) -> list[Then]:
    """The places that stood directly under one (None: under nothing) at the end of a day, live then, by code;
    one statement, in the measure of those that are or were there."""
    candidates = (
        "AND p.id IN (SELECT id FROM grid_place WHERE parent_id = %(above)s OR superior_id = %(above)s "
        "UNION SELECT place_id FROM grid_placepast WHERE above_id = %(above)s)"
        if above is not None
        else "AND p.kind IN ('province', 'city', 'district')"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({_STATE.format(past='', place=candidates)}) s "  # noqa: S608 -- our own words only
            "WHERE NOT retired AND above_id IS NOT DISTINCT FROM %(above)s ORDER BY code",
            {"t": end_of(day), "above": above},
        )
        return [Then(*row) for row in cursor.fetchall()]


def within(day: dt.date, root: int) -> list[Then]:
    """A place and everything that stood below it at the end of a day, retired ones included; one statement."""
    known = states(day)
    below: dict[int | None, list[Then]] = {}
    for place in known.values():
        below.setdefault(place.above_id, []).append(place)
    found = [known[root]] if root in known else []
    for place in found:  # grows while it is walked
        found += below.get(place.id, ())
    return found


def lines(day: dt.date, places: Iterable[Then]) -> dict[int, list[Then]]:
    """id → what stood above each place and itself, from the top down; at most one statement per level."""
    places = list(places)
    known = {place.id: place for place in places}
    wanted = {place.above_id for place in places if place.above_id} - known.keys()
    while wanted:
        found = states(day, wanted)
        known |= found
        wanted = {place.above_id for place in found.values() if place.above_id} - known.keys()
    return {place.id: _line(place, known) for place in places}


def _line(place: Then, known: Mapping[int, Then]) -> list[Then]:
    line = [place]
    while line[-1].above_id in known:
        line.append(known[line[-1].above_id])  # type: ignore[index]
    return line[::-1]


def by_code(day: dt.date, code: str) -> Then | None:
    """The place that had this code at the end of a day; where none had, the one that a code of another time
    names."""
    rows = Place.objects.filter(code=code).values_list("pk", flat=True)
    former = PlaceName.objects.filter(kind=PlaceName.Kind.CODE, value=code).values_list("place_id", flat=True)
    return next(iter(states(day, {*rows, *former}).values()), None)


@dataclass(frozen=True)
class Difference:
    """What became of one place between two days: `kinds` are opened, renamed, recoded, moved, retired, restored."""

    kinds: tuple[str, ...]
    before: Then | None
    after: Then | None

    @property
    def _shown(self) -> Then:
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def id(self) -> int:
        return self._shown.id

    @property
    def code(self) -> str:
        return self._shown.code

    @property
    def name(self) -> str:
        return self._shown.name

    @property
    def kind(self) -> str:
        return self._shown.kind


def difference(first: dt.date, last: dt.date) -> list[Difference]:
    """How the tree at the end of `last` differs from that at the end of `first`, by code; looks only at places that
    changed in between. Four statements."""
    span = [end_of(first), end_of(last)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place_id FROM grid_placepast WHERE until >= %s AND until < %s UNION "
            "SELECT subject_id FROM ledger_entry WHERE at >= %s AND at < %s AND subject_kind = 'place' AND seq = 1",
            [*span, *span],
        )
        ids = [row[0] for row in cursor.fetchall()]
    before, after = states(first, ids), states(last, ids)
    found = []
    for pk in ids:
        old, new = before.get(pk), after.get(pk)
        if what := _what(old, new):
            found.append(Difference(what, old, new))
    return sorted(found, key=lambda one: (one.code, one.id))


def _what(old: Then | None, new: Then | None) -> tuple[str, ...]:
    if new is None:
        return ()
    if old is None:
        return () if new.retired else ("opened",)
    found = []
    if old.retired != new.retired:
        found.append("retired" if new.retired else "restored")
    if old.name != new.name:
        found.append("renamed")
    if old.code != new.code:
        found.append("recoded")
    if old.above_id != new.above_id:
        found.append("moved")
    return tuple(found)


# -- one place's story


@dataclass(frozen=True)
class Event:
    """One thing that happened to a place; `actor_id` is an account, for the floor above to name."""

    at: dt.datetime
    event: str
    label: str
    sentence: str
    actor_id: int | None
    actor_role: str
    basis: str
    draft: int | None


def timeline(place: Place) -> list[Event]:
    """A place's story, newest first; four statements, whatever its length."""
    entries = [entry for entry in reading.timeline(Place.SUBJECT, place.pk) if entry.event in WORDS]
    names = dict(PlaceName.objects.filter(place=place, kind=PlaceName.Kind.NAME).values_list("pk", "value"))
    codes = {
        code
        for entry in entries
        for code in (*(entry.payload.get(key) for key in ("from", "to", "parent", "successor")),
                     *entry.payload.get("successors", ()))
        if code
    }  # fmt: skip
    called = dict(
        PlaceName.objects.filter(kind=PlaceName.Kind.CODE, value__in=codes).values_list(
            "value", "place__name"
        )
    )
    called |= dict(Place.objects.filter(code__in=codes).values_list("code", "name"))
    return [_event(entry, names, called) for entry in reversed(entries)]


def _event(entry: Entry, names: Mapping[int, str], called: Mapping[str, str]) -> Event:
    said = entry.payload
    label = str(WORDS[entry.event])

    def name(code: str | None) -> str:
        return called.get(code or "", code or "")

    sentence = label
    if entry.event == "place.opened" and said.get("parent"):
        sentence = _("在“{parent}”下新设").format(parent=name(said["parent"]))
    elif entry.event == "place.renamed":
        sentence = _("原名“{name}”，更名").format(name=names.get(said.get("former_name"), ""))
    elif entry.event == "place.recoded":
        sentence = _("编码由 {old} 改为 {new}").format(old=said["from"], new=said["to"])
    elif entry.event == "place.moved":
        sentence = _("由“{old}”改到“{new}”之下").format(old=name(said["from"]), new=name(said["to"]))
    elif entry.event == "place.retired" and said.get("successor"):
        heirs = said.get("successors") or [said["successor"]]
        sentence = _("停用，由“{names}”承接").format(names=_("”“").join(name(code) for code in heirs))
    return Event(
        at=entry.at,
        event=entry.event,
        label=label,
        sentence=sentence,
        actor_id=entry.actor_id,
        actor_role=entry.actor_role,
        basis=said.get("basis", ""),
        draft=said.get("draft"),
    )


def since(versions: Mapping[int, int]) -> dict[int, list[str]]:
    """id → what happened to each place after it had this version, in words with the day, oldest first; one
    statement."""
    rows = Entry.objects.filter(
        subject_kind=Place.SUBJECT, subject_id__in=versions, event__in=WORDS
    ).order_by("subject_id", "seq")
    found: dict[int, list[str]] = {}
    for entry in rows:
        if entry.payload.get("version", 1) > versions[entry.subject_id]:
            at = entry.at.astimezone(clock.LOCAL)
            words = _("{what}（{day}）").format(what=WORDS[entry.event], day=f"{at:%m-%d %H:%M}")
            found.setdefault(entry.subject_id, []).append(words)
    return found
