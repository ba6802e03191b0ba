"""Drafts of the tree: many changes that take effect together, now or at a coming midnight.

    draft = open_draft(by=, at=, basis=, effective_on=None)      -> Draft (status open)
    add(draft, command=, args=, by=, at=)                        -> Draft, its last step is the new one
    edit(draft, n, args=, by=, at=) · drop(draft, n, by=, at=)   -> Draft
    arrange(draft, [n, ...], by=, at=)                           -> Draft, its steps in this order
    amend(draft, by=, at=, basis=None, effective_on=KEEP)        -> Draft
    refresh(draft, by=, at=)       -> Draft, based on the places as they are now (after conflicts were looked at)
    check(draft, by=, at=)         -> Checked(changes, impacts, blocking); writes nothing
    publish(draft, by=, at=)       -> Draft: published, or scheduled where its day is still to come
    recall(draft, by=, at=)        -> Draft, scheduled → open again
    discard(draft, by=, at=)       -> Draft
    undo(publication, by=, at=)    -> Draft, the publication that takes the other back
    of(by) -> the drafts one may see (one's own) · due(at) -> scheduled ones whose midnight has come

Commands and `args` (places by code; `~n` = opened by step n, `~n.2` = second part of the split in step n):
    open {kind, name, parent?, code?, aliases?, boundary?, datum?, lon?, lat?, households?, residents?, managed_by?,
    valid_from?} · rename {place, name} · recode {place, code} · move {place, parent} · merge {places: [code, ...],
    target} · split {place, parts: [{name, code?, children: [code, ...], boundary?}, ...]} ·
    retire {place, target?} · restore {place}
Steps build on each other in their order. `Draft.steps` is `[{n, command, args, base}]`, see `grid.steps`; `n` never
changes. Everything may raise `TreeRefused` (one sentence; status 403, 409, 422).

Every checking runs the real commands in a transaction that is rolled back, so it cannot say anything else than the
publishing will. Publishing is all or nothing. Nobody else's change is overwritten: where a place that a step names
was changed since the step was made, both say which and by what.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from grid import history, kinds, steps, tree
from grid.commands.base import CAPABILITY, NO_REQUEST, Request, retried
from grid.errors import TreeRefused
from grid.models import Draft, Place
from ledger import book, clock, versions
from ledger.actor import Actor

KEEP: Any = object()
MOST_STEPS = 2000
Status = Draft.Status


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


# -- making one


@transaction.atomic
def open_draft(*, by: Actor, at: dt.datetime, basis: str = "", effective_on: dt.date | None = None) -> Draft:
    """An empty draft of one's own. Refuses who may change the tree nowhere (403) and a day that is over."""
    _require_somewhere(by)
    _check_day(effective_on, at)
    draft = Draft(
        author_id=by.id, basis=_basis(basis), effective_on=effective_on, created_at=at, changed_at=at
    )
    draft.save()
    return _write(draft, "draft.opened", by, at)


@transaction.atomic
def add(draft: Draft, *, command: str, args: Mapping[str, Any], by: Actor, at: dt.datetime) -> Draft:
    """Append a step. Refuses an unknown command or place, and (403) a place outside of one's right."""
    draft = _mine(draft, by)
    if len(draft.steps) >= MOST_STEPS:
        raise TreeRefused(_("一份草稿最多 {n} 步，请分几份。").format(n=MOST_STEPS))
    step = _step(draft, draft.next_step, command, args, by)
    draft.steps = [*draft.steps, step]
    draft.next_step += 1
    return _write(draft, "draft.edited", by, at, {"step": step["n"], "does": command}, "steps", "next_step")


@transaction.atomic
def edit(draft: Draft, n: int, *, args: Mapping[str, Any], by: Actor, at: dt.datetime) -> Draft:
    """Other arguments for a step, which keeps its number and command."""
    draft = _mine(draft, by)
    old = _the_step(draft, n)
    new = _step(draft, n, old["command"], args, by)
    draft.steps = [new if step["n"] == n else step for step in draft.steps]
    return _write(draft, "draft.edited", by, at, {"step": n, "does": old["command"]}, "steps")


@transaction.atomic
def drop(draft: Draft, n: int, *, by: Actor, at: dt.datetime) -> Draft:
    """Without this step; refused while another builds on what it opens."""
    draft = _mine(draft, by)
    _the_step(draft, n)
    users = [step["n"] for step in draft.steps if _uses(step, n)]
    if users:
        raise TreeRefused(
            _("第 {users} 步要用到它，请先去掉那一步。").format(users="、".join(map(str, users)))
        )
    draft.steps = [step for step in draft.steps if step["n"] != n]
    return _write(draft, "draft.edited", by, at, {"step": n, "does": "drop"}, "steps")


@transaction.atomic
def arrange(draft: Draft, order: Sequence[int], *, by: Actor, at: dt.datetime) -> Draft:
    """The same steps in another order; refused where one would come before what it builds on."""
    draft = _mine(draft, by)
    by_number = {step["n"]: step for step in draft.steps}
    if sorted(order) != sorted(by_number):
        raise TreeRefused(_("次序里要有每一步，各一次。"), fields={"order": _("不全")})
    ordered = [by_number[n] for n in order]
    for position, step in enumerate(ordered):
        if any(_uses(step, later["n"]) for later in ordered[position:]):
            raise TreeRefused(_("第 {n} 步要排在它所用的那一步之后。").format(n=step["n"]))
    draft.steps = ordered
    return _write(draft, "draft.edited", by, at, {"does": "arrange"}, "steps")


@transaction.atomic
def amend(
    draft: Draft, *, by: Actor, at: dt.datetime, basis: str | None = None, effective_on: Any = KEEP
) -> Draft:
    """Another basis or day."""
    draft = _mine(draft, by)
    if basis is not None:
        draft.basis = _basis(basis)
    if effective_on is not KEEP:
        _check_day(effective_on, at)
        draft.effective_on = effective_on
    return _write(draft, "draft.edited", by, at, {"does": "amend"}, "basis", "effective_on")


@transaction.atomic
def refresh(draft: Draft, *, by: Actor, at: dt.datetime) -> Draft:
    """Base every step on the places as they are now: said by the author who has looked at what others changed."""
    draft = _mine(draft, by)
    draft.steps = [_step(draft, step["n"], step["command"], step["args"], by) for step in draft.steps]
    return _write(draft, "draft.edited", by, at, {"does": "refresh"}, "steps")


@transaction.atomic
def discard(draft: Draft, *, by: Actor, at: dt.datetime) -> Draft:
    """Give it up; it stays readable."""
    draft = _mine(draft, by, Status.OPEN, Status.SCHEDULED)
    draft.status = Status.DISCARDED
    return _write(draft, "draft.discarded", by, at, {}, "status")


@transaction.atomic
def recall(draft: Draft, *, by: Actor, at: dt.datetime) -> Draft:
    """A scheduled one back to the desk."""
    draft = _mine(draft, by, Status.SCHEDULED)
    draft.status = Status.OPEN
    return _write(draft, "draft.recalled", by, at, {}, "status")


def of(by: Actor) -> QuerySet[Draft]:
    """The drafts one may see: one's own, newest first."""
    rows = Draft.objects.order_by("-pk")
    return rows if by.system else rows.filter(author_id=by.id)


def due(at: dt.datetime) -> list[Draft]:
    """Scheduled drafts whose midnight has come, the earliest first."""
    rows = Draft.objects.filter(status=Status.SCHEDULED, effective_on__lte=clock.local_date(at))
    return list(rows.order_by("effective_on", "pk"))


# -- checking and publishing


def check(draft: Draft, *, by: Actor, at: dt.datetime) -> Checked:
    """What publishing would do now: the real thing, rolled back. A step that cannot be does not keep the others
    from being looked at."""
    with _rehearsal():
        blocking = [Blocking(n, sentence, 409) for n, sentence in _conflicts(draft)]
        if not draft.steps:
            blocking.append(Blocking(None, _("草稿里还没有改动。")))
        _lock(draft)
        run = steps.Run(by, at, draft.basis, Request(draft=draft.pk))
        changes = []
        for step in draft.steps:
            change = _try(run, step)
            changes.append(change)
            if change.problem:
                blocking.append(Blocking(step["n"], change.problem))
    return Checked(changes, [impact for change in changes for impact in change.impacts], blocking)


@retried
def publish(draft: Draft, *, by: Actor, at: dt.datetime, request: Request = NO_REQUEST) -> Draft:
    """Make it so, all or nothing; one whose day is to come is checked and waits for its midnight.

    Refuses (409) where somebody else changed a place that a step names, and whatever its steps refuse."""
    with transaction.atomic():
        draft = _mine(draft, by, Status.OPEN, Status.SCHEDULED)
        if not draft.steps:
            raise TreeRefused(_("草稿里还没有改动。"))
        if draft.effective_on and clock.local_midnight(draft.effective_on) > at:
            return _schedule(draft, by, at, request)
        return _apply(draft, by, at, request)


def undo(
    publication: Draft, *, by: Actor, at: dt.datetime, basis: str = "", request: Request = NO_REQUEST
) -> Draft:
    """Take a publication back by one that does the reverse, while nothing since depends on it.

    Refuses with the sentence that says what depends."""
    return _undo(publication, by, at, basis, request)


@retried
def _undo(publication: Draft, by: Actor, at: dt.datetime, basis: str, request: Request) -> Draft:
    with transaction.atomic():
        held = Draft.objects.select_for_update(no_key=True).get(pk=publication.pk)
        if held.status != Status.PUBLISHED:
            raise TreeRefused(_("只有已发布的才能撤回。"), status=409)
        if held.undone_by.filter(status=Status.PUBLISHED).exists():
            raise TreeRefused(_("这次发布已经撤回。"), status=409)
        if any(step is None for step in held.reverse):
            raise TreeRefused(_("其中有恢复曾拆分的地点，不能整体撤回，请逐项修改。"))
        draft = Draft(
            author_id=by.id,
            basis=_basis(basis) or held.basis,
            undoes=held,
            created_at=at,
            changed_at=at,
            steps=[{"n": n, "base": {}, **step} for n, step in enumerate(held.reverse, start=1)],
            next_step=len(held.reverse) + 1,
        )
        draft.steps[0]["base"] = held.after
        _require_somewhere(by)
        draft.save()
        _write(draft, "draft.opened", by, at, {"undoes": held.pk})
        try:
            return _apply(draft, by, at, request)
        except TreeRefused as refusal:
            if refusal.status == 403:
                raise
            told = TreeRefused(_("不能撤回：") + refusal.sentence, status=409)
            told.impacts = refusal.impacts
            raise told from None


@transaction.atomic
def fail(draft: Draft, sentence: str, *, by: Actor, at: dt.datetime) -> Draft:
    """The clock could not publish it: a draft again, with the reason; its author is told by the entry."""
    draft = _locked(draft, Status.SCHEDULED)
    draft.status, draft.problem = Status.OPEN, sentence[:1000]
    return _write(draft, "draft.failed", by, at, {"author": draft.author_id}, "status", "problem")


def _schedule(draft: Draft, by: Actor, at: dt.datetime, request: Request) -> Draft:
    found = check(draft, by=by, at=at)
    if found.blocking:
        raise _refusal(found.blocking)
    draft.status, draft.problem = Status.SCHEDULED, ""
    payload = {"on": draft.effective_on.isoformat()}
    return _write(draft, "draft.scheduled", by, at, payload, "status", "problem", request=request)


def _apply(draft: Draft, by: Actor, at: dt.datetime, request: Request) -> Draft:
    _lock(draft)
    conflicts = _conflicts(draft)
    if conflicts:
        raise _refusal([Blocking(n, sentence, 409) for n, sentence in conflicts])
    run = steps.Run(by, at, draft.basis, Request(draft=draft.pk))
    touched: dict[int, None] = {}
    reverse: list[dict[str, Any] | None] = []
    for step in draft.steps:
        try:
            ran = run.step(step)
        except TreeRefused as refusal:
            told = TreeRefused(
                _("第 {n} 步：{sentence}").format(n=step["n"], sentence=refusal.sentence),
                status=refusal.status,
                fields=refusal.fields,
            )
            told.impacts = refusal.impacts
            raise told from None
        touched |= dict.fromkeys(ran.touched)
        reverse[:0] = ran.reverse if ran.undoable else [None]
    rows = Place.objects.filter(pk__in=touched).order_by("pk").values_list("pk", "version", "path")
    draft.after = {str(pk): version for pk, version, _path in rows}
    draft.reverse, draft.status, draft.problem, draft.published_at = reverse, Status.PUBLISHED, "", at
    payload = {"places": list(touched), "steps": len(draft.steps)}
    if draft.undoes_id:
        payload["undoes"] = draft.undoes_id
    fields = ("after", "reverse", "status", "problem", "published_at")
    path = _shared_path([path for _pk, _version, path in rows])
    return _write(draft, "draft.published", by, at, payload, *fields, request=request, path=path)


def _try(run: steps.Run, step: Mapping[str, Any]) -> StepResult:
    try:
        with transaction.atomic():
            ran = run.step(step)
    except TreeRefused as refusal:
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


def _lock(draft: Draft) -> None:
    """All trees that the steps can touch, in one ascending take: later takes inside find them held."""
    named = _standing(draft)
    opens_root = any(s["command"] == "open" and s["args"].get("kind") in kinds.ROOTS for s in draft.steps)
    upper = [place.path for place in named.values() if place.kind in kinds.UPPER]
    forest = opens_root or any(place.kind in kinds.ROOTS for place in named.values())
    tree.lock_places(*named, forest=forest)
    if forest and any(step["command"] in ("move", "merge", "split") for step in draft.steps):
        for path in sorted(upper):
            tree.lock_below(path)


def _standing(draft: Draft) -> dict[int, Place]:
    found: dict[int, Place] = {}
    for step in draft.steps:
        for pk in step["base"]:
            found[int(pk)] = None  # type: ignore[assignment]
    return Place.objects.in_bulk(found)


def _conflicts(draft: Draft) -> list[tuple[int, str]]:
    """(number of the step, sentence) for every place that is no longer as its step saw it."""
    seen = {
        (int(pk), version): step["n"]
        for step in reversed(draft.steps)
        for pk, version in step["base"].items()
    }
    rows = Place.objects.filter(pk__in={pk for pk, _version in seen})
    now = {place.pk: place for place in rows.defer("boundary")}
    stale = {pk: (n, version) for (pk, version), n in seen.items() if now[pk].version != version}
    told = history.since(stale_ids := {pk: version for pk, (_n, version) in stale.items()}) if stale else {}
    return [
        (
            n,
            _("“{name}”已被他人改动：{what}。").format(
                name=now[pk].name, what=_("、").join(told.get(pk, [])) or _("见沿革")
            ),
        )
        for pk, (n, _version) in sorted(stale.items(), key=lambda item: item[1][0])
        if pk in stale_ids
    ]


def _refusal(blocking: Sequence[Blocking]) -> TreeRefused:
    told = [
        one.sentence
        if one.n is None or one.status == 409
        else _("第 {n} 步：{sentence}").format(n=one.n, sentence=one.sentence)
        for one in blocking
    ]
    return TreeRefused(
        "".join(told[:10]),
        status=max(one.status for one in blocking) if all(one.status == 409 for one in blocking) else 422,
    )


# -- what these share


def _step(draft: Draft, n: int, command: str, args: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """A step as it is kept; every place it names exists, and is within the author's right or only a target."""
    kept = steps.read(command, args)
    opened = _opened_by(draft)
    base: dict[str, int] = {}
    for ref in steps.references(command, kept):
        if ref.startswith("~"):
            if ref not in opened or opened[ref] == n:
                raise TreeRefused(
                    _("草稿里没有“{ref}”这一步。").format(ref=ref[:12]), fields={"place": _("没有")}
                )
            continue
        place = steps.find(ref, {})
        if not by.may(CAPABILITY, path=place.path):
            raise TreeRefused(_("您没有修改这里的网格树的权限。"), status=403)
        base[str(place.pk)] = place.version
    return {"n": n, "command": command, "args": kept, "base": base}


def _opened_by(draft: Draft) -> dict[str, int]:
    """reference → number of the step that opens it."""
    found: dict[str, int] = {}
    for step in draft.steps:
        n = step["n"]
        if step["command"] == "open":
            found[f"~{n}"] = n
        elif step["command"] == "split":
            found |= {f"~{n}": n} | {f"~{n}.{k}": n for k in range(1, len(step["args"]["parts"]) + 1)}
    return found


def _uses(step: Mapping[str, Any], n: int) -> bool:
    return any(ref.split(".")[0] == f"~{n}" for ref in steps.references(step["command"], step["args"]))


def _the_step(draft: Draft, n: int) -> dict[str, Any]:
    for step in draft.steps:
        if step["n"] == n:
            return step
    raise TreeRefused(_("草稿里没有第 {n} 步。").format(n=n), status=409)


def _mine(draft: Draft, by: Actor, *statuses: str) -> Draft:
    if not by.system and draft.author_id != by.id:
        raise TreeRefused(_("这是别人的草稿。"), status=403)
    _require_somewhere(by)
    return _locked(draft, *(statuses or (Status.OPEN,)))


def _locked(draft: Draft, *statuses: str) -> Draft:
    draft = Draft.objects.select_for_update(no_key=True, of=("self",)).get(pk=draft.pk)
    if draft.status not in statuses:
        raise TreeRefused(
            _("这份草稿现在是“{status}”，不能这样改。").format(status=draft.get_status_display()), status=409
        )
    return draft


def _require_somewhere(by: Actor) -> None:
    if not by.may(CAPABILITY):
        raise TreeRefused(_("您没有修改网格树的权限。"), status=403)


def _check_day(day: dt.date | None, at: dt.datetime) -> None:
    if day is not None and clock.local_midnight(day) <= at:
        raise TreeRefused(_("生效日要在今天之后。"), fields={"effective_on": _("已过")})


def _basis(basis: str) -> str:
    return basis.strip()[:200]


def _shared_path(paths: Sequence[str]) -> str:
    """The path of the lowest place that all these lie in; empty where there is none."""
    if not paths:
        return ""
    ids = [tree.path_ids(path) for path in paths]
    shared = []
    for level in zip(*ids, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return "/" + "".join(f"{pk}/" for pk in shared) if shared else ""


def _write(
    draft: Draft,
    event: str,
    by: Actor,
    at: dt.datetime,
    payload: dict[str, Any] | None = None,
    *fields: str,
    request: Request = NO_REQUEST,
    path: str = "",
) -> Draft:
    draft.version += 1
    draft.changed_at = at
    book.record(
        subject=draft,
        event=event,
        by=by,
        at=at,
        path=path,
        payload=payload or {},
        request_key=request.key,
        body_hash=request.body_hash,
    )
    draft.save(update_fields=[*fields, "version", "changed_at", *book.CHAIN])
    return draft
