"""How the tree was: a place's own story, the tree as of a past day, the difference of two days.

The ledger tells what happened; `PlacePast` keeps how each place was until each of its changes, so the tree of a
past day is the present with a few rows exchanged, whatever the number of changes since. A day is looked at as it
ended: what took effect at its midnight or during it counts. Ancestors of then are found by the links of then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import facts, kinds, tree
from grid.errors import TreeRefused
from grid.models import Place, PlaceName, Succession
from ledger import clock, reading
from ledger.models import Entry

WORDS: dict[str, Promise] = {
    "place.opened": gettext_lazy("新设"),
    "place.renamed": gettext_lazy("更名"),
    "place.recoded": gettext_lazy("改编码"),
    "place.moved": gettext_lazy("改上级"),
    "place.facts_set": gettext_lazy("改资料"),
    "place.boundary_set": gettext_lazy("改边界"),
    "place.retired": gettext_lazy("停用"),
    "place.restored": gettext_lazy("恢复"),
}
TAKEN_OVER = gettext_lazy("并来")  # of an end, as its successor has it


@dataclass(frozen=True, slots=True)
class Then:
    """A place as it was."""

    id: int
    kind: str
    code: str
    name: str
    above_id: int | None
    retired: bool


# places as they were just before %(t)s, by id; a place that was not yet opened is left out
_STATE = """
SELECT p.id, p.kind, coalesce(h.code, p.code) AS code, coalesce(h.name, p.name) AS name,
       CASE WHEN h.place_id IS NULL THEN coalesce(p.parent_id, p.superior_id) ELSE h.above_id END AS above_id,
       (CASE WHEN h.place_id IS NULL THEN p.retired_at ELSE h.retired_at END) IS NOT NULL AS retired
FROM grid_place p
LEFT JOIN LATERAL (SELECT * FROM grid_placepast WHERE place_id = p.id AND until >= %(t)s
                   ORDER BY until, id LIMIT 1) h ON true
WHERE EXISTS (SELECT 1 FROM ledger_entry e WHERE e.subject_kind = 'place' AND e.subject_id = p.id
              AND e.seq = 1 AND e.at < %(t)s) {place}
"""
# those that are or were directly under any of %(above)s
_UNDER = """AND p.id IN (
    SELECT id FROM grid_place WHERE parent_id = ANY(%(above)s) OR superior_id = ANY(%(above)s)
    UNION SELECT place_id FROM grid_placepast WHERE above_id = ANY(%(above)s))"""


class TooMany(TreeRefused):
    """More than the asker is ready to read."""

    def __init__(self, most: int) -> None:
        super().__init__(_("太多了：超过 {n} 个。请缩小范围，从下一级看起。").format(n=most))


def end_of(day: dt.date) -> dt.datetime:
    """The instant at which a local day is over."""
    return clock.local_midnight(day + dt.timedelta(days=1))


def states(day: dt.date, ids: Iterable[int] | None = None) -> dict[int, Then]:
    """id → the place as it was at the end of a day, retired ones included; one statement, however many. With
    `ids` only these."""
    params: dict[str, Any] = {"t": end_of(day)}
    if ids is not None:
        params["ids"] = list(ids)
    with connection.cursor() as cursor:
        cursor.execute(_STATE.format(place="" if ids is None else "AND p.id = ANY(%(ids)s)"), params)
        return {row[0]: Then(*row) for row in cursor.fetchall()}


def children(day: dt.date, above: int | None) -> list[Then]:
    """The places that stood directly under one (None: under nothing) at the end of a day, live then, by code;
    one statement, in the measure of those that are or were there."""
    if above is not None:
        found = _directly_under(day, [above])
    else:
        place = "AND p.kind IN ('province', 'city', 'district')"
        with connection.cursor() as cursor:
            cursor.execute(_STATE.format(place=place), {"t": end_of(day)})
            found = [then for then in (Then(*row) for row in cursor.fetchall()) if then.above_id is None]
    return sorted((place for place in found if not place.retired), key=lambda place: place.code)


def within(day: dt.date, root: int, most: int | None = None) -> list[Then]:
    """A place and everything that stood below it at the end of a day, retired ones included; one statement per
    level, in the measure of what is or was there. Raises TooMany where that is more than `most`."""
    level = list(states(day, [root]).values())
    found = [*level]
    while level:
        level = _directly_under(day, [place.id for place in level], most)
        found += level
        if most is not None and len(found) > most:
            raise TooMany(most)
    return found


def _directly_under(day: dt.date, above: Sequence[int], most: int | None = None) -> list[Then]:
    """The places that stood directly under any of these; one more than `most` at the most."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({_STATE.format(place=_UNDER)}) s "  # noqa: S608 -- our own words only
            "WHERE above_id = ANY(%(above)s) LIMIT %(limit)s",
            {"t": end_of(day), "above": list(above), "limit": None if most is None else most + 1},
        )
        return [Then(*row) for row in cursor.fetchall()]


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


def difference(first: dt.date, last: dt.date, *, root: str = "", most: int | None = None) -> list[Difference]:
    """How the tree at the end of `last` differs from that at the end of `first`, by code; looks only at places that
    changed in between. Three statements. With `root`, the id-path of a place, only what stood at or below it on
    either day, so also what left it; one more statement for each level. Raises TooMany where more than `most` places
    changed."""
    branches = [root, *_moved_away(first, last, root)] if root else []
    ids = _changed(first, last, branches, most)
    before, after = states(first, ids), states(last, ids)
    if root:
        inside = _below(first, before, root) | _below(last, after, root)
        ids = [pk for pk in ids if pk in inside]
    found = []
    for pk in ids:
        old, new = before.get(pk), after.get(pk)
        if what := _what(old, new):
            found.append(Difference(what, old, new))
    return sorted(found, key=lambda one: (one.code, one.id))


def _changed(first: dt.date, last: dt.date, branches: Sequence[str], most: int | None) -> list[int]:
    """Ids of the places below these id-paths (none: of all) that something became of in between; two kinds of trace,
    one statement."""
    span = {"first": end_of(first), "last": end_of(last)}
    below = " OR ".join(f"p.path LIKE %(path{n})s" for n, _path in enumerate(branches))
    paths = {f"path{n}": f"{path}%" for n, path in enumerate(branches)}
    past = "SELECT place_id AS id FROM grid_placepast WHERE until >= %(first)s AND until < %(last)s"
    opened = (
        "SELECT subject_id FROM ledger_entry WHERE at >= %(first)s AND at < %(last)s "
        "AND subject_kind = 'place' AND seq = 1"
    )
    if branches:
        past += f" AND place_id IN (SELECT p.id FROM grid_place p WHERE {below})"  # noqa: S608
        opened += f" AND subject_id IN (SELECT p.id FROM grid_place p WHERE {below})"  # noqa: S608
    limit = None if most is None else most + 1
    with connection.cursor() as cursor:
        cursor.execute(f"{past} UNION {opened} LIMIT %(limit)s", {**span, **paths, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
    if most is not None and len(ids) > most:
        raise TooMany(most)
    return ids


def _moved_away(first: dt.date, last: dt.date, root: str) -> list[str]:
    """Id-paths, as they are now, of what stands elsewhere now and stood below a root on either day: whatever left
    it, left with a place that was moved since."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT p.id, p.path FROM grid_placepast h JOIN grid_place p ON p.id = h.place_id "
            "WHERE h.until >= %(first)s AND p.path NOT LIKE %(root)s "
            "AND h.above_id IS DISTINCT FROM coalesce(p.parent_id, p.superior_id)",
            {"first": end_of(first), "root": f"{root}%"},
        )
        moved = dict(cursor.fetchall())
    if not moved:
        return []
    inside = _below(first, states(first, moved), root) | _below(last, states(last, moved), root)
    return [path for pk, path in moved.items() if pk in inside]


def _below(day: dt.date, places: Mapping[int, Then], root: str) -> set[int]:
    """Which of these places stood at or below a root, given by its id-path of today."""
    top = tree.path_ids(root)[-1]
    return {pk for pk, line in lines(day, places.values()).items() if any(one.id == top for one in line)}


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
    """A place's story with what it took over, newest first; seven statements at the most, whatever its length."""
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
    events = [*_taken_over(place), *(_event(entry, names, called) for entry in reversed(entries))]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _taken_over(place: Place) -> list[Event]:
    """The ends of those whose successor the place is, as they look from here, newest first."""
    rows = {row.old_id: row for row in place.inheritances.select_related("old")}
    if not rows:
        return []
    shared = set(
        Succession.objects.filter(old__in=rows).exclude(new=place).order_by().values_list("old_id", flat=True)
    )
    ends = Entry.objects.filter(subject_kind=Place.SUBJECT, subject_id__in=rows, event="place.retired")
    return [
        _told(
            entry,
            str(TAKEN_OVER),
            (_("由“{name}”分来") if entry.subject_id in shared else _("并来“{name}”")).format(
                name=rows[entry.subject_id].old.name
            ),
        )
        for entry in ends.order_by("-at", "-pk")
        if entry.at == rows[entry.subject_id].at
    ]


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
    elif entry.event == "place.facts_set":
        sentence = _("改资料：{what}").format(
            what=_("、").join(_fact(*one) for one in said["changed"].items())
        )
    elif entry.event == "place.retired" and said.get("successor"):
        heirs = said.get("successors") or [said["successor"]]
        sentence = _("停用，由“{names}”承接").format(names=_("”“").join(name(code) for code in heirs))
    return _told(entry, label, sentence)


def _told(entry: Entry, label: str, sentence: str) -> Event:
    said = entry.payload
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


def _fact(name: str, change: Sequence[Any]) -> str:
    """“户数 120 → 130”; of other names only that they changed, for the ledger keeps none."""
    label = str(facts.LABELS[name])
    if name == "aliases":
        return label
    before, after = ("–" if value in (None, "") else _shown(name, value) for value in change)
    return f"{label} {before} → {after}"


def _shown(name: str, value: Any) -> str:
    if name == "management" and value in kinds.MANAGEMENT:
        return str(kinds.MANAGEMENT[value][0])
    return str(value)


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
