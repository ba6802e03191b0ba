"""A draft takes effect, all or nothing, now or at its midnight; and is taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid.commands.base import NO_REQUEST, Request, retried
from grid.draft_base import DraftBase
from grid.drafts.base import ADraft, Run, Status, locked, mine, require_somewhere, tidy_basis, tree_of, write
from grid.drafts.checking import check, conflicts, refusal_of
from grid.errors import TreeRefused
from grid.models import Draft
from grid.tree import path_ids
from ledger import clock
from ledger.actor import Actor

Tell = Callable[[int, int], None]  # steps done, of all


class StepRefused(TreeRefused):
    """A step that cannot be: `n` is its number, `of_step` its own sentence."""

    def __init__(self, n: int, refusal: TreeRefused) -> None:
        words = _("第 {n} 步：{sentence}").format(n=n, sentence=refusal.sentence)
        super().__init__(words, status=refusal.status, fields=refusal.fields)
        self.n, self.of_step, self.impacts = n, refusal.sentence, refusal.impacts


@retried
def publish(draft: ADraft, *, by: Actor, at: dt.datetime, request: Request = NO_REQUEST) -> ADraft:
    """Make it so, all or nothing; one whose day is to come is checked and waits for its midnight.

    Refuses (409) where somebody else changed a place that a step names, and whatever its steps refuse."""
    with transaction.atomic():
        draft = mine(draft, by, Status.OPEN, Status.SCHEDULED)
        if not draft.steps:
            raise TreeRefused(_("草稿里还没有改动。"))
        if draft.effective_on and draft.effective_on > clock.local_date(at):
            return _schedule(draft, by, at, request)
        return _apply(draft, by, at, request)


def publish_at_once(
    steps: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: dt.datetime,
    basis: str,
    model: type[DraftBase] = Draft,
    tell: Tell | None = None,
    done: Sequence[Mapping[str, Any]] = (),
) -> Any:
    """Steps that somebody has looked at elsewhere (`[{command, args}]`), as a publication: told, kept and taken back
    like any other. `done`: what was done before them in another way, [{command, args, touched: [ids], reverse: [step, or
    None where it cannot be taken back]}]. Inside the caller's transaction."""
    draft = model(author_id=by.id, basis=tidy_basis(basis), created_at=at, changed_at=at)
    draft.steps = [{"n": n, "base": {}, **step} for n, step in enumerate([*done, *steps], start=1)]
    draft.next_step = len(draft.steps) + 1
    require_somewhere(by, tree_of(draft))
    draft.save()
    return _apply(write(draft, "opened", by, at), by, at, tell=tell)


def undo(
    publication: ADraft, *, by: Actor, at: dt.datetime, basis: str = "", request: Request = NO_REQUEST
) -> ADraft:
    """Take a publication back by one that does the reverse, while nothing since depends on it.

    Refuses with the sentence that says what depends."""
    return _undo(publication, by, at, basis, request)


@retried
def _undo(publication: ADraft, by: Actor, at: dt.datetime, basis: str, request: Request) -> ADraft:
    with transaction.atomic():
        model = type(publication)
        held = model._default_manager.select_for_update(no_key=True).get(pk=publication.pk)
        if held.status != Status.PUBLISHED:
            raise TreeRefused(_("只有已发布的才能撤回。"), status=409)
        if held.undone_by.filter(status=Status.PUBLISHED).exists():
            raise TreeRefused(_("这次发布已经撤回。"), status=409)
        if any(step is None for step in held.reverse):
            raise TreeRefused(_("其中新设的地点太多，不能整体撤回，请逐项停用。"), status=409)
        draft = model(
            author_id=by.id,
            basis=tidy_basis(basis) or held.basis,
            undoes=held,
            created_at=at,
            changed_at=at,
            steps=[{"n": n, "base": {}, **step} for n, step in enumerate(held.reverse, start=1)],
            next_step=len(held.reverse) + 1,
        )
        draft.steps[0]["base"] = held.after
        require_somewhere(by, tree_of(held))
        draft.save()
        write(draft, "opened", by, at, {"undoes": held.pk})
        try:
            return _apply(draft, by, at, request)
        except TreeRefused as refusal:
            if refusal.status == 403:
                raise
            told = TreeRefused(_("不能撤回：") + refusal.sentence, status=409)
            told.impacts = refusal.impacts
            raise told from None


@transaction.atomic
def fail(draft: ADraft, sentence: str, *, by: Actor, at: dt.datetime, left: bool = False) -> ADraft:
    """The clock could not publish it: a draft again, with the reason; its entry tells the author. `left`: the author
    may change nothing any more; it is nobody's until somebody takes it over, and who may is told."""
    draft = locked(draft, Status.SCHEDULED)
    payload = {"author": None if left else draft.author_id}
    if left:
        draft.author_id = None
    draft.status, draft.problem = Status.OPEN, sentence[:1000]
    return write(draft, "failed", by, at, payload, "status", "problem", "author_id")


def _schedule(draft: ADraft, by: Actor, at: dt.datetime, request: Request) -> ADraft:
    found = check(draft, by=by, at=at)
    if found.blocking:
        raise refusal_of(found.blocking)
    draft.status, draft.problem = Status.SCHEDULED, ""
    payload = {"on": draft.effective_on.isoformat()}
    return write(draft, "scheduled", by, at, payload, "status", "problem", request=request)


def _apply(
    draft: ADraft, by: Actor, at: dt.datetime, request: Request = NO_REQUEST, tell: Tell | None = None
) -> ADraft:
    tree = tree_of(draft)
    tree.lock(draft)
    if stale := conflicts(draft):
        raise refusal_of(stale)
    run = Run(tree, by, at, draft.basis, Request(draft=draft.pk))
    called = tree.names(draft.steps)  # as they are called before: afterwards nobody could tell
    touched: dict[int, None] = {}
    heirs: dict[int, None] = {}
    reverse: list[dict[str, Any]] = []
    for done, step in enumerate(draft.steps):
        if tell is not None:
            tell(done, len(draft.steps))
        if "touched" in step:
            touched |= dict.fromkeys(step["touched"])
            reverse[:0] = step["reverse"]
            draft.steps[done] = {name: step[name] for name in step if name != "reverse"}
            continue
        try:
            ran = run.step(step)
        except TreeRefused as refusal:
            raise StepRefused(step["n"], refusal) from None
        names = {ref: called[ref] for ref in tree.references(step["command"], step["args"]) if ref in called}
        draft.steps[done] = {**step, "touched": [*ran.touched, *ran.heirs], "called": names}
        touched |= dict.fromkeys(ran.touched)
        heirs |= dict.fromkeys(ran.heirs)
        reverse[:0] = ran.reverse
    now = tree.now(touched)
    draft.after = {str(pk): one.version for pk, one in now.items()}
    draft.reverse, draft.status, draft.problem, draft.published_at = reverse, Status.PUBLISHED, "", at
    draft.path = _shared_path([one.path for one in now.values()])
    payload = {tree.subject: list(touched | heirs), "steps": len(draft.steps)}
    if draft.undoes_id:
        payload["undoes"] = draft.undoes_id
    fields = ("steps", "after", "reverse", "path", "status", "problem", "published_at")
    return write(draft, "published", by, at, payload, *fields, request=request)


def _shared_path(paths: Sequence[str]) -> str:
    """The path of the lowest place that all these lie in; empty where there is none."""
    if not paths:
        return ""
    ids = [path_ids(path) for path in paths]
    shared = []
    for level in zip(*ids, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return "/" + "".join(f"{pk}/" for pk in shared) if shared else ""
