"""Asking for relief: filed before the resolve deadline, by who holds the case. The clock runs meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases import authority, effects, needs, rulebook
from cases.kinds import STATUSES
from cases.lifecycle import Need
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.relief import Relief
from cases.refusals import MoveRefused, malformed, not_ready, not_yours
from cases.reliefs import ladder
from cases.reliefs.policy import TABLE, Terms
from cases.reliefs.running import payload_of, run, wait
from cases.sla import clock as sla
from cases.sla import units
from cases.sla.board import ClockBoard, pure
from cases.work import Work
from grid.queries import Lineage, lineage
from ledger.actor import Actor, Grant

CLOCK = "resolve"  # the clock that a relief is filed against
FIELDS = tuple(dict.fromkeys(need.field for terms in TABLE.values() for need in terms.needs))


def ask(
    *,
    number: str,
    kind: Any,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Relief:
    """File a relief. Raises gate.OutOfScope or MoveRefused (400, 403, 409, 422)."""

    def act(work: Work) -> Relief:
        if not isinstance(kind, str) or kind not in TABLE:
            raise malformed(_("请选延期、挂账或剔除。"), kind=_("没有这种申请。"))
        earlier = list(Relief.objects.filter(case=work.case).order_by("n"))
        stale = [one for one in earlier if one.state == "asked"]
        relief = plan(work, TABLE[kind], details, earlier, (request_key, body_hash))
        for one in stale:  # its case ended and was opened again
            Relief.objects.filter(pk=one.pk).update(state="lapsed")
        work.finish()
        return relief

    return run(number, by, at, (request_key, body_hash), act)


def plan(
    work: Work,
    terms: Terms,
    details: Mapping[str, Any],
    earlier: list[Relief],
    key: tuple[str, str] = ("", ""),
) -> Relief:
    """One filing on a case in hand, checked and planned but not written. `earlier`: the case's reliefs so far."""
    case, by, at = work.case, work.by, work.at
    grant = may_ask(case, by, terms)
    if isinstance(grant, str):
        raise not_yours(grant)
    if sentence := why_not(case, work.board, terms, earlier, at):
        kind = "not_from_here" if case.status not in terms.sources else "not_ready"
        raise MoveRefused(kind, sentence, case=case)
    sent, faults = needs.clean(asked_of(terms, case), details, case)
    if faults:
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    row = work.board.open(CLOCK)
    assert row is not None  # or why_not would have said so
    asker = grant.unit_id if grant.unit_id is not None else case.holder_id
    rung = ladder.first(
        case, work.lineage, asker, later=terms.kind == "exclusion" or any(map(counts, earlier))
    )
    relief = Relief(
        case=case,
        n=len(earlier) + 1,
        kind=terms.kind,
        ground=sent["ground"],
        asked_at=at,
        asked_by_id=by.id,
        asked_person=by.person_id,
        organisation_id=asker,
        seq=work.next_seq,
        due_before=row.due_at,
        rung=rung.name,
        desk_id=rung.desk,
        **_wanted(terms, sent, case, row, at),
    )
    wait(work, rung)
    work.tell(
        "relief.asked",
        payload=payload_of(relief, due_at=row.due_at.isoformat(), to=ladder.code(rung)),
        texts={
            need.field: sent[need.field] for need in terms.needs if need.type == "text" and need.field in sent
        },
        attachments=sent.get("attachments", ()),
        grant=grant,
        request_key=key[0],
        body_hash=key[1],
    )
    work.pending.reliefs.append(relief)
    return relief


def may_ask(case: Case, by: Actor, terms: Terms) -> Grant | str:
    """The holder's people ask."""
    if by.system:
        return authority.SYSTEM_GRANT
    if not by.may("relief.ask"):
        return _("您没有“申请%(kind)s”的权限。") % {"kind": terms.label}
    return authority.RULES["holder"](case, by, "relief.ask")


def why_not(
    case: Case, board: ClockBoard, terms: Terms, earlier: list[Relief], at: dt.datetime
) -> str | None:
    """The sentence that says why this cannot be asked for now, or nothing."""
    if case.status not in terms.sources:
        return _("工单现在是“%(status)s”，不能申请%(kind)s。") % {
            "status": STATUSES[case.status],
            "kind": terms.label,
        }
    if case.excluded:
        return _("这件工单已剔除，不必再申请。")
    if board.open("relief") is not None:
        return _("已有一份申请在等批复。")
    granted = sum(one.kind == terms.kind and one.state == "granted" for one in earlier)
    if granted >= terms.most:
        return _("一件工单最多批准%(kind)s %(n)s 次，已经用完。") % {"kind": terms.label, "n": terms.most}
    row = board.open(CLOCK)
    if row is None:
        return _("没有在走的办结时限，不必申请。")
    if is_past(row, at):
        return _("办结时限已过，不能再申请%(kind)s；申请要在时限之前提出。") % {"kind": terms.label}
    if terms.kind == "extension" and most_extension(row, case, at)[0] < 1:
        return _("原办结时限不足一个整单位，不能延期；确需停下可申请挂账。")
    return None


def is_past(row: Clock, at: dt.datetime) -> bool:
    """Has the due time of this clock come, as of the instant it last ran?"""
    if row.state == "running":
        return at >= row.due_at
    return pure(row).missed_at is not None


def asked_of(terms: Terms, case: Case) -> tuple[Need, ...]:
    """What the form asks for this case: a caller, where there is one, was told; proof, where the kind wants it."""
    return tuple(
        Need(need.field, need.type, True, need.label) if need.required == "caller" else need
        for need in terms.needs
        if need.required != "caller" or case.has_caller
    )


def most_extension(row: Clock, case: Case, at: dt.datetime) -> tuple[int, str]:
    """Once the amount again, in whole units; for a limit that came with the case, the amount that its policy would
    give. Nothing where that is less than one, or no policy tells."""
    rule = sla.rule_from_json(row.rule)
    if rule.unit == units.UNTIL:
        given = effects.rule_if_any(CLOCK, case, at)
        if given is None:
            return 0, units.DAY
        rule = given
    return int(rule.amount), rule.unit


def line_of(case: Case) -> Lineage:
    return lineage(case.path)


def latest_until(case: Case, at: dt.datetime) -> dt.datetime:
    """The longest that a hold filed now may last."""
    rule = effects.rule_of("hold", case, at)
    return sla.start(rule, at, at, rulebook.calendar(rule.calendar)).due_at


def _wanted(terms: Terms, sent: Mapping[str, Any], case: Case, row: Clock, at: dt.datetime) -> dict[str, Any]:
    if terms.kind == "extension":
        most, unit = most_extension(row, case, at)
        amount = sent.get("amount", most)
        if amount > most:
            raise not_ready(
                _("最多延长 %(n)s（原时限再给一次）。") % {"n": most},
                amount=_("最多填 %(n)s。") % {"n": most},
            )
        return {"amount": amount, "unit": unit}
    if terms.kind == "hold":
        if not at < sent["until"] <= latest_until(case, at):
            raise not_ready(_("挂账要到今后的时间，最长 30 天。"), until=_("请改时间。"))
        return {"until": sent["until"]}
    return {}


def counts(relief: Relief) -> bool:
    """Does it make the next one a later one? What was taken back does not."""
    return relief.state in ("granted", "refused")
