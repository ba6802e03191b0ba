"""A finding's way: drafted, stated, confirmed or dropped; or withdrawn by itself, where the clock turned out to be in
time after all. Each is one entry in the finding's own chain; the words stay on its row."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import needs, replays, rulebook
from cases.findings import clocks, scope
from cases.models.case import ANCESTORS, Case
from cases.models.clock import Clock
from cases.models.finding import DECIDED, KINDS, STATES, Finding
from cases.models.holding import Holding
from cases.refusals import MoveRefused, not_ready, not_yours
from cases.scope import covers as covers_case
from ledger import book
from ledger.actor import Actor, Grant
from parties import directory, gate

STATE_WITHIN = 2  # working days, for the unit to state its case
DRAFTED = (
    *("organisation", "account", "facts", "rule", "drafted_by", "drafted_at", "words", "state_by", "path"),
    *(f"{kind}_id" for kind in ANCESTORS),
)
CHANGING = (
    *("state", "statement", "stated_by", "stated_at"),
    *("reason", "decided_by", "decided_at"),
)
SAID = {"state": "statement", "confirm": "reason", "drop": "reason"}


def draft(
    *,
    kind: str,
    case: Case,
    organisation: int,
    by: Actor,
    at: dt.datetime,
    clock: Clock | None = None,
    holding: Holding | None = None,
    account: int | None = None,
    rule: str = "",
    words: str = "",
    facts: dict[str, Any] | None = None,
    role: str = "",
    **request: str,
) -> Finding | None:
    """A draft that waits for the unit and a supervisor; None where one of this kind stands about the same clock or
    holding. One that was withdrawn waits again: what the unit said of it stays. Inside the caller's transaction."""
    about = {"clock": clock, "holding": holding}
    known = {name: row for name, row in about.items() if row is not None}
    before = Finding.objects.filter(kind=kind, **known).select_for_update(no_key=True) if known else None
    finding = before.first() if before is not None else None
    if finding is not None and finding.state != "withdrawn":
        return None
    again = finding is not None
    finding = finding or Finding(case=case, kind=kind, **about)
    cal = rulebook.calendar()
    finding.organisation_id, finding.account_id = organisation, account
    finding.facts, finding.rule, finding.words = facts or {}, rule, words
    finding.drafted_by, finding.drafted_at = by.person_id, at
    finding.state_by = cal.close_of_nth_workday_after(cal.local(at).date(), STATE_WITHIN)
    finding.state, finding.decided_at, finding.path = "drafted", None, case.path
    for column in ANCESTORS:
        setattr(finding, f"{column}_id", getattr(case, f"{column}_id"))
    finding.save(update_fields=DRAFTED if again else None)
    unit = directory.by_id(organisation)
    payload = {"kind": kind, "case": case.pk, "organisation": unit.code if unit else None, "rule": rule}
    _tell(finding, "finding.drafted", by.in_role(role), at, payload, **request)
    return finding


def propose(
    *,
    number: str,
    by: Actor,
    at: dt.datetime,
    kind: Any,
    organisation: Any,
    words: Any,
    request_key: str = "",
    body_hash: str = "",
) -> Finding:
    """A supervisor's own draft about a unit that has or had the case, with his reason; somebody else decides. Raises
    gate.OutOfScope (404) or MoveRefused (403, 422)."""
    try:
        with transaction.atomic():
            case = gate.find(Case.objects.all(), number=number)
            if not covers_case(by, case):
                raise gate.OutOfScope(gate.NOT_FOUND)
            if isinstance(scope.drafter(case, None, by), str):
                raise not_yours(scope.drafter(case, None, by))
            unit = directory.by_code(organisation) if isinstance(organisation, str) else None
            faults = {}
            if kind not in KINDS:
                faults["kind"] = _("请选一种认定。")
            if unit is None or unit.id not in case.unit_ids:
                faults["organisation"] = _("请选经办过这件工单的单位。")
            if faults:
                raise not_ready("；".join(faults.values()), **faults)
            grant = scope.drafter(case, unit.id if unit else None, by)
            if isinstance(grant, str):
                raise not_yours(grant)
            finding = draft(
                kind=kind,
                case=case,
                organisation=unit.id if unit else 0,
                by=by,
                at=at,
                words=_words("words", words),
                role=grant.role,
                request_key=request_key,
                body_hash=body_hash,
            )
            assert finding is not None, "what is about no clock and no holding was never drafted before"
            return finding
    except (MoveRefused, IntegrityError):
        if found := _replay(by, request_key, body_hash):
            return found
        raise


def state(*, pk: int, by: Actor, at: dt.datetime, statement: Any, **request: str) -> Finding:
    """The unit states its case: once, until `state_by`."""
    return _act("state", pk=pk, by=by, at=at, words=statement, **request)


def confirm(*, pk: int, by: Actor, at: dt.datetime, reason: Any, **request: str) -> Finding:
    """It is so. Only after the unit stated its case or let its time go by."""
    return _act("confirm", pk=pk, by=by, at=at, words=reason, **request)


def drop(*, pk: int, by: Actor, at: dt.datetime, reason: Any, **request: str) -> Finding:
    """It is not so, or shall not count; at any time."""
    return _act("drop", pk=pk, by=by, at=at, words=reason, **request)


def withdraw(finding: Finding, *, by: Actor, at: dt.datetime) -> None:
    """What it rested on has gone. Inside the caller's transaction, on a locked row."""
    finding.state, finding.decided_at = "withdrawn", at
    _tell(finding, "finding.withdrawn", by, at, {})


# -- inside


def _act(
    act: str,
    *,
    pk: int,
    by: Actor,
    at: dt.datetime,
    words: Any,
    request_key: str = "",
    body_hash: str = "",
) -> Finding:
    try:
        with transaction.atomic():
            finding = locked(pk, by)
            grant, said = ACTS[act](finding, by, at), _words(SAID[act], words)
            if act == "state":
                finding.statement, finding.stated_by, finding.stated_at = said, by.person_id, at
                finding.state = "stated"
            else:
                finding.reason, finding.decided_by, finding.decided_at = said, by.person_id, at
                finding.state = "confirmed" if act == "confirm" else "dropped"
            key = {"request_key": request_key, "body_hash": body_hash}
            _tell(finding, f"finding.{finding.state}", by.in_role(grant.role), at, {}, **key)
            return finding
    except (MoveRefused, IntegrityError):
        if found := _replay(by, request_key, body_hash):
            return found
        raise


def locked(pk: int, by: Actor) -> Finding:
    """One finding in scope with its case, its row locked; gate.OutOfScope (404) else."""
    rows = Finding.objects.select_related("case").select_for_update(of=("self",), no_key=True)
    finding = gate.find(rows, pk=pk)
    if not scope.covers(by, finding):
        raise gate.OutOfScope(gate.NOT_FOUND)
    return finding


def why_not_state(finding: Finding, by: Actor, at: dt.datetime) -> Grant:
    """The grant by which the actor speaks for the unit. Raises MoveRefused with what stands against it."""
    grant = scope.speaker(finding, by)
    if isinstance(grant, str):
        raise not_yours(grant)
    if finding.state != "drafted":
        raise _not_from_here(finding, _("陈述"))
    if at > finding.state_by:
        raise not_ready(_("陈述的期限已过。"))
    return grant


def why_not_confirm(finding: Finding, by: Actor, at: dt.datetime) -> Grant:
    """As above, for confirming."""
    grant = why_not_drop(finding, by, at)
    if finding.may_be_stated(at):
        raise not_ready(_("单位还可以陈述，陈述后或期限过后才能认定。"))
    if finding.clock_id is not None and not clocks.still_of(finding.clock, finding.kind, at):
        raise not_ready(_("时限已变动，这一环节不再算迟，请不予认定。"))
    return grant


def why_not_drop(finding: Finding, by: Actor, at: dt.datetime) -> Grant:
    """As above, for dropping."""
    grant = scope.decider(finding, by)
    if isinstance(grant, str):
        raise not_yours(grant)
    if not finding.is_undecided:
        raise _not_from_here(finding, _("予以认定"))
    return grant


ACTS = {"state": why_not_state, "confirm": why_not_confirm, "drop": why_not_drop}


def _not_from_here(finding: Finding, act: str) -> MoveRefused:
    words = {"state": STATES[finding.state], "act": act}
    return MoveRefused("not_from_here", _("这条认定现在是“%(state)s”，不能“%(act)s”。") % words)


def _words(field: str, raw: Any) -> str:
    try:
        return needs.text(raw if raw is not None else "")
    except needs.Unfit as unfit:
        sentence = _("请写明陈述。") if field == "statement" else _("请写明理由。")
        raise not_ready(sentence, **{field: str(unfit)}) from unfit


def _tell(
    finding: Finding, event: str, by: Actor, at: dt.datetime, payload: dict[str, Any], **request: str
) -> None:
    book.record(subject=finding, event=event, by=by, at=at, path=finding.path, payload=payload, **request)
    finding.save(update_fields=[*CHANGING, *book.CHAIN])


def _replay(by: Actor, request_key: str, body_hash: str) -> Finding | None:
    """The finding that a request with this key already changed; 422 when the key came with another body."""
    entry = replays.entry_of(by, request_key, body_hash, Finding.SUBJECT)
    return Finding.objects.select_related("case").get(pk=entry.subject_id) if entry is not None else None


__all__ = ["DECIDED", "KINDS", "confirm", "draft", "drop", "propose", "state", "withdraw"]
