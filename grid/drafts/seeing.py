"""Drafts as others than their authors see them: what waits for its midnight, and what of one touches whose ground."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grid.draft_base import DraftBase
from grid.drafts.base import Status, mine_or_published, named_in, tree_of
from grid.models import Draft
from ledger.actor import Actor

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """A draft, and those of its steps that matter to who asked; `elsewhere`: how many do not."""

    draft: Any
    steps: Sequence[Step]

    @property
    def elsewhere(self) -> int:
        return len(self.draft.steps) - len(self.steps)


def touched_by(step: Step) -> set[int]:
    """Ids of what a step changes, or once published has changed."""
    return {int(pk) for pk in step["touched"]} if "touched" in step else {int(pk) for pk in step["base"]}


def scheduled(model: type[DraftBase] = Draft) -> list[Any]:
    """All that wait for a midnight, the next one first."""
    return list(model._default_manager.filter(status=Status.SCHEDULED).order_by("effective_on", "pk"))


def scheduled_for(by: Actor, model: type[DraftBase] = Draft) -> list[Shown]:
    """Those that are one's own or touch one's ground."""
    rows = scheduled(model)
    near = tree_of(model).near(by, {pk for row in rows for pk in named_in(row)})
    shown = [_narrowed(row, near, by) for row in rows]
    return [one for one in shown if one.steps]


def waiting_at(pk: int, above: Collection[int], model: type[DraftBase] = Draft) -> list[Shown]:
    """What will change something: the scheduled steps that name it, or take along what is below one `above` it."""
    tree = tree_of(model)
    found = []
    for row in scheduled(model):
        steps = [
            step
            for step in row.steps
            if pk in touched_by(step)
            or (step["command"] in tree.takes_along and not touched_by(step).isdisjoint(above))
        ]
        if steps:
            found.append(Shown(row, steps))
    return found


def waiting_beside(draft: DraftBase) -> list[Shown]:
    """What is scheduled and touches the same as this draft: one of them will find the other's change."""
    named = set(named_in(draft))
    found = []
    for row in scheduled(type(draft)):
        steps = [step for step in row.steps if not touched_by(step).isdisjoint(named)]
        if steps and row.pk != draft.pk:
            found.append(Shown(row, steps))
    return found


def seen(by: Actor, pk: int, model: type[DraftBase] = Draft) -> Shown | None:
    """A scheduled or published draft for its own page: whole for its author and for who may change all of it; else the
    steps that touch the ground one works on. None where nothing of it concerns one."""
    rows = model._default_manager.filter(pk=pk, status__in=(Status.SCHEDULED, Status.PUBLISHED))
    row = rows.prefetch_related("undone_by").first()
    if row is None:
        return None
    if mine_or_published(model._default_manager.filter(pk=pk), by).exists():
        return Shown(row, row.steps)
    ids = {one for step in row.steps for one in touched_by(step)}
    shown = _narrowed(row, tree_of(model).near(by, ids), by)
    return shown if shown.steps else None


def _narrowed(row: Any, near: Collection[int], by: Actor) -> Shown:
    if row.author_id is not None and row.author_id == by.id:
        return Shown(row, row.steps)
    return Shown(row, [step for step in row.steps if not touched_by(step).isdisjoint(near)])


def related(path: str, others: Iterable[str]) -> bool:
    """Does one of these id-paths lie above, at or below the path?"""
    return any(other and (path.startswith(other) or other.startswith(path)) for other in others)
