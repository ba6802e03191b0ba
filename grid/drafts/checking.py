"""What publishing a draft would do: the real thing, rolled back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid.commands.base import Request, rehearsal, retried
from grid.draft_base import DraftBase
from grid.drafts.base import Run, Tree, tree_of
from grid.errors import TreeRefused
from ledger import versions
from ledger.actor import Actor


@dataclass(frozen=True)
class StepResult:
    """What one step does, or why it cannot: `impacts` are `grid.followers.Impact`s."""

    n: int
    command: str
    sentence: str
    node: dict[str, str] | None = None
    impacts: list = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True)
class Blocking:
    """What keeps a draft from being published: the step's number (None: the whole), in one sentence."""

    n: int | None
    sentence: str
    status: int = 422

    @property
    def in_full(self) -> str:
        """With the step it is about, where the number does not stand apart."""
        if self.n is None:
            return self.sentence
        return _("第 {n} 步：{sentence}").format(n=self.n, sentence=self.sentence)


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
def check(draft: DraftBase, *, by: Actor, at: dt.datetime) -> Checked:
    """What publishing would do now: the real thing, rolled back. A step that cannot be does not keep the others
    from being looked at."""
    with rehearsal():
        tree_of(draft).lock(draft)
        blocking = conflicts(draft)
        if not draft.steps:
            blocking.append(Blocking(None, _("草稿里还没有改动。")))
        run = Run(tree_of(draft), by, at, draft.basis, Request(draft=draft.pk))
        changes = []
        for step in draft.steps:
            change = _try(run, step)
            changes.append(change)
            if change.problem:
                blocking.append(Blocking(step["n"], change.problem))
    return Checked(changes, [impact for change in changes for impact in change.impacts], blocking)


def attempts(
    tree: Tree, several: Iterable[Mapping[str, Any]], *, by: Actor, at: dt.datetime, basis: str = ""
) -> Iterator[StepResult]:
    """What each step does after those before it, or why it cannot; to be run in a rehearsal."""
    run = Run(tree, by, at, basis, Request())
    for n, step in enumerate(several, start=1):
        yield _try(run, {"n": n, **step})


def _try(run: Run, step: Mapping[str, Any]) -> StepResult:
    try:
        with transaction.atomic():
            ran = run.step(step)
    except TreeRefused as refusal:
        versions.forget()  # what was read inside the step has never been
        return StepResult(step["n"], step["command"], "", None, list(refusal.impacts), refusal.sentence)
    node = {"code": ran.node.code, "name": ran.node.name, "kind": ran.node.kind}
    return StepResult(step["n"], step["command"], ran.sentence, node, ran.impacts)


def conflicts(draft: DraftBase) -> list[Blocking]:
    """One for everything that is no longer as the first step that names it saw it."""
    seen: dict[int, tuple[int, int]] = {}  # what is named → number of the step, version it saw
    for step in draft.steps:
        for pk, version in step["base"].items():
            seen.setdefault(int(pk), (step["n"], version))
    tree = tree_of(draft)
    now = tree.now(seen)
    stale = {pk: one for pk, one in seen.items() if now[pk].version != one[1]}
    if not stale:
        return []
    told = tree.since({pk: version for pk, (_n, version) in stale.items()})
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
    words = "".join(one.in_full for one in blocking[:10])
    return TreeRefused(words, status=409 if others_did else 422)
