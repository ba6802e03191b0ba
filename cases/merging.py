"""Several callers, one matter: what a merge does to the case merged into, and how it is undone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases import effects
from cases.authority import SYSTEM_GRANT
from cases.guards import Context, check_is_due
from cases.kinds import OPEN, URGENCY_RANK
from cases.models.case import Case
from cases.refusals import not_ready
from cases.work import Work
from ledger.models import Entry


def join(work: Work, context: Context) -> dict[str, Any]:
    """The elder open case takes the earliest call, the earliest due, the higher urgency."""
    source = work.case
    number = context.sent["target"]
    other = work.partner
    if other is None and number != source.number:
        raise not_ready(_("没有编号为 %(number)s 的工单。") % {"number": number}, target=_("请核对编号。"))
    if other is None or other.case.status not in OPEN or other.case.pk > source.pk:
        raise not_ready(_("只能并入更早、还在办的工单。"), target=_("请换一件。"))
    target = other.case
    if _about(source) != _about(target):  # or those it is about would read it in the other
        raise not_ready(_("两件工单反映的单位或人员不同，不能并案。"), target=_("请换一件。"))
    other.at = max(other.at, work.at)
    taken: dict[str, Any] = {
        "callers": target.callers,
        "called_at": target.called_at.isoformat(),
        "urgency": target.urgency,
        "origin": target.origin,
        "reachable": target.reachable,
    }
    target.called_at = min(target.called_at, source.called_at)
    target.callers += source.callers
    if source.has_caller and not target.has_caller:
        target.origin = "resident"
    target.reachable = target.reachable or source.reachable
    if URGENCY_RANK[source.urgency] > URGENCY_RANK[target.urgency]:
        target.urgency = source.urgency
    taken["reporters"] = [pk for pk in source.reporter_ids if pk not in target.reporter_ids]
    target.reporter_ids += taken["reporters"]
    taken["clocks"] = other.board.take_earlier(work.board, work.at)
    target.version += 1
    other.tell("case.joined", payload={"from": source.pk, "before": taken}, role=context.grant.role)
    source.merged_into_id = target.pk
    return {"target": target.pk}


def part(work: Work, payload: dict[str, Any]) -> dict[str, Any]:
    """As if never merged: the target gives back what it took, as far as nothing since depends on it."""
    source, other = work.case, work.partner
    if other is None:
        return {}
    target = other.case
    other.at = max(other.at, work.at)
    joined = _entries(target, "case.joined").filter(payload__from=source.pk).first()
    before = joined.payload["before"] if joined is not None else {}
    target.callers = max(0, target.callers - source.callers)
    if target.urgency == source.urgency:
        target.urgency = before.get("urgency", target.urgency)
    if target.called_at == source.called_at and "called_at" in before:
        target.called_at = dt.datetime.fromisoformat(before["called_at"])
    if target.callers == before.get("callers"):
        target.origin = before.get("origin", target.origin)
        target.reachable = before.get("reachable", target.reachable)
    if not target.callers:
        target.origin, target.reachable = "patrol", False
    brought = set(before.get("reporters", ()))
    target.reporter_ids = [pk for pk in target.reporter_ids if pk not in brought]
    clocks = dict(before.get("clocks", {}))
    if target.has_caller and clocks.get("feedback", "") is None:
        del clocks["feedback"]  # others still wait for an answer
    other.board.give_back(clocks, work.at)
    _check_again(other)
    target.version += 1
    other.tell("case.parted", payload={"from": source.pk})
    return {"target": target.pk}


def _check_again(other: Work) -> None:
    """What was done for a caller who is gone again is checked, as patrol's finds are."""
    case = other.case
    if case.status == "resolved" and case.verified_at is None and not other.board.open("verify"):
        if check_is_due(case):
            effects.start_stage(
                "verify", Context(case, other.by, other.at, SYSTEM_GRANT, other.board, other.lineage)
            )


def _about(case: Case) -> tuple[int | None, int | None]:
    return case.about_organisation_id, case.about_account_id


def came_from(case: Case) -> str:
    """Where a merged case would have gone back to from hold or question before it was merged."""
    entry = _entries(case, "case.merged").first()
    return entry.payload.get("came_from", "") if entry is not None else ""


def _entries(case: Case, event: str):
    """The last first."""
    return Entry.objects.filter(subject_kind=Case.SUBJECT, subject_id=case.pk, event=event).order_by("-seq")
