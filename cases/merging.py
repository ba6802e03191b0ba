"""Several callers, one matter: what a merge does to the case merged into, and how it is undone."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases.changes import add
from cases.guards import Context
from cases.kinds import OPEN, URGENCY_RANK
from cases.models.case import Case
from cases.refusals import not_ready
from cases.scope import covers
from cases.work import Work, locked


def lock_in_order(*numbers: str) -> None:
    """Lock both cases in the order of their ids, so that two merges across never wait for each other."""
    list(
        Case.objects.filter(number__in=numbers)
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )


def join(work: Work, context: Context) -> dict[str, Any]:
    """The elder open case takes the earliest call, the earliest due, the higher urgency."""
    source = work.case
    number = context.sent["target"]
    target = locked().filter(number=number).first()
    if target is None or not covers(work.by, target):
        raise not_ready(_("没有编号为 %(number)s 的工单。") % {"number": number}, target=_("请核对编号。"))
    if target.pk == source.pk or target.status not in OPEN or target.pk > source.pk:
        raise not_ready(_("只能并入更早、还在办的工单。"), target=_("请换一件。"))
    other = Work.of(target, by=work.by, at=work.at)
    taken = {"callers": target.callers, "called_at": target.called_at.isoformat(), "urgency": target.urgency}
    target.called_at = min(target.called_at, source.called_at)
    target.callers += source.callers
    if source.has_caller and not target.has_caller:
        target.origin = "resident"
    target.reachable = target.reachable or source.reachable
    if URGENCY_RANK[source.urgency] > URGENCY_RANK[target.urgency]:
        target.urgency = source.urgency
    for account in source.reporter_ids:
        add(target.reporter_ids, account)
    taken["clocks"] = other.board.take_earlier(work.board, work.at)
    target.version += 1
    other.tell("case.joined", payload={"from": source.pk, "before": taken}, role=context.grant.role)
    other.finish()
    source.merged_into_id = target.pk
    return {"target": target.pk}


def part(work: Work, payload: dict[str, Any]) -> dict[str, Any]:
    """As if never merged: the target gives back what it took, as far as nothing since depends on it."""
    target = Case.objects.select_for_update(no_key=True).filter(pk=payload["target"]).first()
    if target is None:
        return {}
    from ledger.models import Entry

    joined = (
        Entry.objects.filter(
            subject_kind=Case.SUBJECT, subject_id=target.pk, event="case.joined", payload__from=work.case.pk
        )
        .order_by("-seq")
        .first()
    )
    other = Work.of(target, by=work.by, at=work.at)
    target.callers = max(0, target.callers - work.case.callers)
    if joined is not None:
        before = joined.payload["before"]
        if target.urgency == work.case.urgency:
            target.urgency = before["urgency"]
        other.board.give_back(before.get("clocks", {}), work.at)
    target.version += 1
    other.tell("case.parted", payload={"from": work.case.pk})
    other.finish()
    return {"target": target.pk}
