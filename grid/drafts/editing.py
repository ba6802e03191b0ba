"""Making a draft: its steps, their order, its basis and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid.draft_base import DraftBase
from grid.drafts.base import (
    ADraft,
    Status,
    check_day,
    locked,
    may_all,
    mine,
    require_somewhere,
    tidy_basis,
    tree_of,
    write,
)
from grid.errors import TreeRefused
from grid.models import Draft
from ledger.actor import Actor

KEEP: Any = object()
MOST_STEPS = 2000


@transaction.atomic
def open_draft(
    *,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    effective_on: dt.date | None = None,
    model: type[DraftBase] = Draft,
) -> Any:
    """An empty draft of one's own. Refuses who may change the tree nowhere (403) and a day that is over."""
    require_somewhere(by, tree_of(model))
    check_day(effective_on, at)
    draft = model(
        author_id=by.id, basis=tidy_basis(basis), effective_on=effective_on, created_at=at, changed_at=at
    )
    draft.save()
    return write(draft, "opened", by, at)


@transaction.atomic
def add(draft: ADraft, *, command: str, args: Mapping[str, Any], by: Actor, at: dt.datetime) -> ADraft:
    """Append a step. Refuses an unknown command or place, and (403) a place outside of one's right."""
    draft = mine(draft, by)
    if len(draft.steps) >= MOST_STEPS:
        raise TreeRefused(_("一份草稿最多 {n} 步，请分几份。").format(n=MOST_STEPS))
    step = _step(draft, draft.next_step, command, args, by)
    draft.steps = [*draft.steps, step]
    draft.next_step += 1
    return write(draft, "edited", by, at, {"step": step["n"], "does": command}, "steps", "next_step")


@transaction.atomic
def edit(draft: ADraft, n: int, *, args: Mapping[str, Any], by: Actor, at: dt.datetime) -> ADraft:
    """Other arguments for a step, which keeps its number and command."""
    draft = mine(draft, by)
    old = _the_step(draft, n)
    new = _step(draft, n, old["command"], args, by)
    draft.steps = [new if step["n"] == n else step for step in draft.steps]
    return write(draft, "edited", by, at, {"step": n, "does": old["command"]}, "steps")


@transaction.atomic
def drop(draft: ADraft, n: int, *, by: Actor, at: dt.datetime) -> ADraft:
    """Without this step; refused while another builds on what it opens."""
    draft = mine(draft, by)
    _the_step(draft, n)
    users = [step["n"] for step in draft.steps if _uses(draft, step, n)]
    if users:
        raise TreeRefused(
            _("第 {users} 步要用到它，请先去掉那一步。").format(users="、".join(map(str, users)))
        )
    draft.steps = [step for step in draft.steps if step["n"] != n]
    return write(draft, "edited", by, at, {"step": n, "does": "drop"}, "steps")


@transaction.atomic
def arrange(draft: ADraft, order: Sequence[int], *, by: Actor, at: dt.datetime) -> ADraft:
    """The same steps in another order; refused where one would come before what it builds on."""
    draft = mine(draft, by)
    by_number = {step["n"]: step for step in draft.steps}
    if sorted(order) != sorted(by_number):
        raise TreeRefused(_("次序里要有每一步，各一次。"), fields={"order": _("不全")})
    ordered = [by_number[n] for n in order]
    for position, step in enumerate(ordered):
        if any(_uses(draft, step, later["n"]) for later in ordered[position:]):
            raise TreeRefused(_("第 {n} 步要排在它所用的那一步之后。").format(n=step["n"]))
    draft.steps = ordered
    return write(draft, "edited", by, at, {"does": "arrange"}, "steps")


@transaction.atomic
def amend(
    draft: ADraft, *, by: Actor, at: dt.datetime, basis: str | None = None, effective_on: Any = KEEP
) -> ADraft:
    """Another basis or day."""
    draft = mine(draft, by)
    if basis is not None:
        draft.basis = tidy_basis(basis)
    if effective_on is not KEEP:
        check_day(effective_on, at)
        draft.effective_on = effective_on
    return write(draft, "edited", by, at, {"does": "amend"}, "basis", "effective_on")


@transaction.atomic
def refresh(draft: ADraft, *, by: Actor, at: dt.datetime) -> ADraft:
    """Base every step on the places as they are now: said by the author who has looked at what others changed."""
    draft = mine(draft, by)
    draft.steps = [_step(draft, step["n"], step["command"], step["args"], by) for step in draft.steps]
    return write(draft, "edited", by, at, {"does": "refresh"}, "steps")


@transaction.atomic
def discard(draft: ADraft, *, by: Actor, at: dt.datetime) -> ADraft:
    """Give it up; it stays readable."""
    draft = mine(draft, by, Status.OPEN, Status.SCHEDULED)
    draft.status = Status.DISCARDED
    return write(draft, "discarded", by, at, {}, "status")


@transaction.atomic
def recall(draft: ADraft, *, by: Actor, at: dt.datetime) -> ADraft:
    """A scheduled one back to the desk."""
    draft = mine(draft, by, Status.SCHEDULED)
    draft.status = Status.OPEN
    return write(draft, "recalled", by, at, {}, "status")


@transaction.atomic
def adopt(draft: ADraft, *, by: Actor, at: dt.datetime) -> ADraft:
    """Take over a draft that is nobody's any more, because its author left before its midnight."""
    draft = locked(draft, Status.OPEN)
    if draft.author_id is not None:
        raise TreeRefused(_("这份草稿已有人接手。"), status=409)
    if not may_all(draft, by):
        raise TreeRefused(tree_of(draft).no_right_here, status=403)
    draft.author_id = by.id
    return write(draft, "adopted", by, at, {}, "author_id")


def _step(draft: ADraft, n: int, command: str, args: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """A step as it is kept; all it names exists, and is within the author's right."""
    tree = tree_of(draft)
    kept = tree.read(command, args)
    opened = _opened_by(draft)
    base: dict[str, int] = {}
    for ref in tree.references(command, kept):
        if ref.startswith("~"):
            if ref not in opened or opened[ref] == n:
                raise TreeRefused(
                    _("草稿里没有“{ref}”这一步。").format(ref=ref[:12]), fields={"place": _("没有")}
                )
            continue
        node = tree.find(ref)
        if not tree.may(by, node):
            raise TreeRefused(tree.no_right_here, status=403)
        base[str(node.pk)] = node.version
    return {"n": n, "command": command, "args": kept, "base": base}


def _opened_by(draft: ADraft) -> dict[str, int]:
    """reference → number of the step that opens it."""
    found: dict[str, int] = {}
    for step in draft.steps:
        n = step["n"]
        if step["command"] == "open" or (step["command"] == "merge" and "target" not in step["args"]):
            found[f"~{n}"] = n
        elif step["command"] == "split":
            found |= {f"~{n}": n} | {f"~{n}.{k}": n for k in range(1, len(step["args"]["parts"]) + 1)}
    return found


def _uses(draft: ADraft, step: Mapping[str, Any], n: int) -> bool:
    named = tree_of(draft).references(step["command"], step["args"])
    return any(ref.split(".")[0] == f"~{n}" for ref in named)


def _the_step(draft: ADraft, n: int) -> dict[str, Any]:
    for step in draft.steps:
        if step["n"] == n:
            return step
    raise TreeRefused(_("草稿里没有第 {n} 步。").format(n=n), status=409)
