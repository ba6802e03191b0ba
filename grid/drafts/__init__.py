"""Drafts of a tree: many changes that take effect together, now or at a coming midnight.

This is the engine of every tree that is edited so; a tree says what its steps are (`base.Tree`): the places
in `places`, the units a floor above (`parties.unit_drafts`). `model`: the drafts of which tree.

    draft = open_draft(by=, at=, model=Draft, basis=, effective_on=None) -> Draft (status open)
    add(draft, command=, args=, by=, at=)                        -> Draft, its last step is the new one
    edit(draft, n, args=, by=, at=) · drop(draft, n, by=, at=)   -> Draft
    arrange(draft, [n, ...], by=, at=)                           -> Draft, its steps in this order
    amend(draft, by=, at=, basis=None, effective_on=KEEP)        -> Draft
    refresh(draft, by=, at=)       -> Draft, based on the places as they are now (after conflicts were looked at)
    check(draft, by=, at=)         -> Checked(changes, impacts, blocking); writes nothing
    publish(draft, by=, at=)       -> Draft: published, or scheduled where its day is still to come
    publish_at_once(steps, by=, at=, basis=) -> Draft: steps that were looked at elsewhere (a sheet), published
    recall(draft, by=, at=)        -> Draft, scheduled → open again
    discard(draft, by=, at=)       -> Draft
    left_behind(by, model=Draft) -> failed drafts whose author is gone · adopt(draft, by=, at=) -> Draft, now one's own
    undo(publication, by=, at=)    -> Draft, the publication that takes the other back
    scheduled_for(by) -> those that wait and touch one's ground · waiting_at(pk, above) -> those that will change it ·
    waiting_beside(draft) -> those that touch the same · seen(by, pk) -> one for its own page, as far as it concerns one
    of(by, model=Draft) -> the drafts one may see · due(at) -> scheduled ones of every tree whose midnight has come

Commands and `args` of the places (by code; `~n` = opened by step n, `~n.2` = second part of the split in step n):
    open {kind, name, parent?, code?, aliases?, boundary?, datum?, lon?, lat?, households?, residents?, managed_by?,
    valid_from?} · set_facts {place, any of these but the boundary; null clears one} · rename {place, name} ·
    recode {place, code} · move {place, parent} · merge {places: [code, ...], target} or {places, name, code?} · split {place, parts: [{name, code?, children: [code, ...], boundary?}, ...]} ·
    retire {place, target?} or {place, targets: [code, ...]} · restore {place}
Steps build on each other in their order. `Draft.steps` is `[{n, command, args, base}]`, see `grid.drafts.steps`; `n` never
changes. Everything may raise `TreeRefused` (one sentence; status 403, 409, 422).

Every checking runs the real commands in a transaction that is rolled back, so it cannot say anything else than the
publishing will. Publishing is all or nothing. Nobody else's change is overwritten: where a place that a step names
was changed since the step was made, both say which and by what.
"""

from grid.drafts import places
from grid.drafts.base import due, left_behind, may_all, of, tree_of
from grid.drafts.checking import Blocking, Checked, StepResult, attempts, check
from grid.drafts.editing import (
    KEEP,
    add,
    adopt,
    amend,
    arrange,
    discard,
    drop,
    edit,
    open_draft,
    recall,
    refresh,
)
from grid.drafts.publishing import StepRefused, Tell, fail, publish, publish_at_once, undo
from grid.drafts.seeing import Shown, scheduled_for, seen, waiting_at, waiting_beside

__all__ = [
    "KEEP",
    "Blocking",
    "Checked",
    "Shown",
    "StepRefused",
    "StepResult",
    "Tell",
    "add",
    "adopt",
    "amend",
    "arrange",
    "attempts",
    "check",
    "discard",
    "drop",
    "due",
    "edit",
    "fail",
    "left_behind",
    "may_all",
    "of",
    "open_draft",
    "places",
    "publish",
    "publish_at_once",
    "recall",
    "refresh",
    "scheduled_for",
    "seen",
    "tree_of",
    "undo",
    "waiting_at",
    "waiting_beside",
]
