"""What a sheet changes on places that stand: done as one publication, or rehearsed to see what follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from grid import drafts, kinds
from grid.errors import Unreadable
from grid.models import Place
from grid.sheet_plan import Effect
from grid.sheets import Row
from ledger.actor import Actor

MOST_TAKEN_BACK = 2000  # opened places: taken back, each is ended by itself
MOST_REHEARSED = 2000  # changes: each is really done, and rolled back


def publish(
    effects: Sequence[Effect],
    refused: str,
    *,
    by: Actor,
    at: dt.datetime,
    basis: str,
    opened: Sequence[Row] = (),
    tell: drafts.Tell | None = None,
) -> None:
    """All of them, with the places that the rows have `opened`, as one publication. Raises Unreadable (`refused`) with
    the row that cannot be."""
    done = _opened(opened)
    steps = [_step(one) for one in effects]
    try:
        drafts.publish_at_once(steps, by=by, at=at, basis=basis, tell=tell, done=done)
    except drafts.StepRefused as refusal:
        number = effects[refusal.n - 1 - len(done)].row.number
        raise Unreadable(refused, [(number, refusal.of_step)]) from None


def _opened(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The opened places as steps that are done, from the top down. Each is taken back by its end; of more than can be
    ended one by one, one step tells, and that they cannot be taken back."""
    if len(rows) > MOST_TAKEN_BACK:
        name = _("{name} 等 {n} 个").format(name=rows[0].name, n=len(rows))
        args = {"kind": kinds.read(rows[0].level), "name": name, "parent": rows[0].parent_code}
        return [{"command": "open", "args": args, "touched": [], "reverse": [None]}]
    above = {row.code: row.parent_code for row in rows}
    places = Place.objects.filter(code__in=above).only("pk", "code", "kind", "name", "path")
    found = []
    for place in sorted(places, key=lambda one: (one.path.count("/"), one.pk)):
        args = {"kind": place.kind, "name": place.name, "code": place.code}
        if above[place.code]:
            args["parent"] = above[place.code]
        back = {"command": "retire", "args": {"place": f"#{place.pk}"}}
        found.append({"command": "open", "args": args, "touched": [place.pk], "reverse": [back]})
    return found


def rehearse(
    effects: Sequence[Effect], *, by: Actor, at: dt.datetime
) -> Iterator[tuple[Effect, drafts.StepResult]]:
    """What each of the first MOST_REHEARSED does, or why it cannot; to be run in a rehearsal."""
    results = drafts.attempts(drafts.places.PLACES, map(_step, effects[:MOST_REHEARSED]), by=by, at=at)
    yield from zip(effects[:MOST_REHEARSED], results, strict=True)


def needed(effects: Sequence[Effect], rows: Sequence[Row]) -> list[Row]:
    """Of the rows that open something those that a change names, from the top down as the sheet has them."""
    opening = {row.code: row for row in rows}
    open_ends = [
        code for effect in effects for code in (effect.row.parent_code, effect.facts.get("managed_by", ""))
    ]
    wanted: set[str] = set()
    while open_ends:
        code = open_ends.pop()
        if code in opening and code not in wanted:
            wanted.add(code)
            open_ends += [opening[code].parent_code, opening[code].facts.get("managed_by", "")]
    return [row for code, row in opening.items() if code in wanted]


def _step(effect: Effect) -> dict[str, Any]:
    assert effect.place is not None
    args: Mapping[str, Any]
    match effect.does:
        case "rename":
            args = {"name": effect.row.name}
        case "move":
            args = {"parent": effect.row.parent_code}
        case _:
            args = {name: _plain(value) for name, value in effect.facts.items()}
    command = "set_facts" if effect.does == "facts" else effect.does
    return {"command": command, "args": {"place": f"#{effect.place.pk}", **args}}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
