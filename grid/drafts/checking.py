"""What publishing a draft would do: the real thing, rolled back."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import history, kinds, tree
from grid.commands.base import Request, retried
from grid.drafts import steps
from grid.errors import TreeRefused
from grid.models import Draft, Place
from ledger import versions
from ledger.actor import Actor


@dataclass(frozen=True)
class StepResult:
    """What one step does, or why it cannot: `impacts` are `grid.followers.Impact`s."""

    n: int
    command: str
    sentence: str
    place: dict[str, str] | None = None
    impacts: list = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Blocking:
    """What keeps a draft from being published: the step's number (None: the whole), in one sentence."""

    n: int | None
    sentence: str
    status: int = 422


@dataclass(frozen=True)
class Checked:
    """The difference a draft makes, step by step, all consequences, and what stands in the way."""

    changes: list[StepResult] = field(default_factory=list)
    impacts: list = field(default_factory=list)
    blocking: list[Blocking] = field(default_factory=list)

    @property
    def is_publishable(self) -> bool:
        return not self.blocking


@retried
def check(draft: Draft, *, by: Actor, at: dt.datetime) -> Checked:
    """What publishing would do now: the real thing, rolled back. A step that cannot be does not keep the others
    from being looked at."""
    with _rehearsal():
        lock(draft)
        blocking = conflicts(draft)
        if not draft.steps:
            blocking.append(Blocking(None, _("草稿里还没有改动。")))
        run = steps.Run(by, at, draft.basis, Request(draft=draft.pk))
        changes = []
        for step in draft.steps:
            change = _try(run, step)
            changes.append(change)
            if change.problem:
                words = _("第 {n} 步：{sentence}").format(n=step["n"], sentence=change.problem)
                blocking.append(Blocking(step["n"], words))
    return Checked(changes, [impact for change in changes for impact in change.impacts], blocking)


def _try(run: steps.Run, step: Mapping[str, Any]) -> StepResult:
    try:
        with transaction.atomic():
            ran = run.step(step)
    except TreeRefused as refusal:
        versions.forget()  # what was read inside the step has never been
        return StepResult(step["n"], step["command"], "", None, list(refusal.impacts), refusal.sentence)
    place = {"code": ran.place.code, "name": ran.place.name, "kind": ran.place.kind}
    return StepResult(step["n"], step["command"], ran.sentence, place, ran.impacts)


@contextlib.contextmanager
def _rehearsal() -> Iterator[None]:
    """Whatever is written inside was never written; nor does this thread go on believing it."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        versions.forget()


def lock(draft: Draft) -> None:
    """All trees that the steps can touch, in one ascending take: later takes inside find them held."""
    named = {int(pk) for step in draft.steps for pk in step["base"]}
    kind_of = dict(Place.objects.filter(pk__in=named).values_list("pk", "kind"))
    opens_root = any(
        step["command"] == "open" and step["args"].get("kind") in kinds.ROOTS for step in draft.steps
    )
    forest = opens_root or any(kind in kinds.ROOTS for kind in kind_of.values())
    tree.lock_places(*named, forest=forest)
    upper = [pk for pk, kind in kind_of.items() if kind in kinds.UPPER]
    if upper and any(step["command"] in ("move", "merge", "split") for step in draft.steps):
        for path in Place.objects.filter(pk__in=upper).order_by("pk").values_list("path", flat=True):
            tree.lock_below(path)


def conflicts(draft: Draft) -> list[Blocking]:
    """One for every place that is no longer as the first step that names it saw it."""
    seen: dict[int, tuple[int, int]] = {}  # place → number of the step, version it saw
    for step in draft.steps:
        for pk, version in step["base"].items():
            seen.setdefault(int(pk), (step["n"], version))
    now = {place.pk: place for place in Place.objects.filter(pk__in=seen).defer("boundary")}
    stale = {pk: one for pk, one in seen.items() if now[pk].version != one[1]}
    if not stale:
        return []
    told = history.since({pk: version for pk, (_n, version) in stale.items()})
    return [
        Blocking(
            n,
            _("“{name}”已被他人改动：{what}。").format(
                name=now[pk].name, what=_("、").join(told.get(pk, ())) or _("见沿革")
            ),
            status=409,
        )
        for pk, (n, _version) in sorted(stale.items(), key=lambda item: item[1])
    ]


def refusal_of(blocking: Sequence[Blocking]) -> TreeRefused:
    """One refusal for all that stands in the way; 409 where it is only what others did."""
    others_did = all(one.status == 409 for one in blocking)
    return TreeRefused("".join(one.sentence for one in blocking[:10]), status=409 if others_did else 422)
