"""Several callers, one matter: what a merge does to the case merged into, and how it is undone."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from cases import effects
from cases.authority import SYSTEM_GRANT
from cases.guards import Context, check_is_due
from cases.kinds import OPEN, URGENCY_RANK
from cases.models.case import Case
from cases.models.holding import Part
from cases.refusals import not_ready
from cases.work import Work

TAKE_BACK = """
    WITH unbooked AS (
        DELETE FROM cases_holding WHERE case_id = %(case)s AND part > 0 AND until = %(ended)s AND ended_by = 'merge'
    ), reopened AS (
        UPDATE cases_part
        SET ended_at = NULL, state = CASE WHEN signed_at IS NULL THEN 'assigned' ELSE 'in_hand' END
        WHERE case_id = %(case)s AND state = 'released' AND ended_at = %(ended)s RETURNING *
    ), merged AS (
        SELECT payload FROM ledger_entry
        WHERE subject_kind = 'case' AND subject_id = %(case)s AND event = 'case.merged' ORDER BY seq DESC LIMIT 1
    ), joined AS (
        SELECT payload FROM ledger_entry
        WHERE subject_kind = 'case' AND subject_id = %(target)s AND event = 'case.joined'
          AND payload @> %(of)s::jsonb ORDER BY seq DESC LIMIT 1
    )
    SELECT (SELECT payload::text FROM merged) AS merged, (SELECT payload::text FROM joined) AS joined, reopened.*
    FROM (SELECT 1) AS one LEFT JOIN reopened ON true ORDER BY reopened.n
"""


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
    before = source.merge_trace.joined.get("before", {})
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


@dataclass(frozen=True)
class Trace:
    """What the ledger keeps of a case's last merge: the payloads of both sides, empty where there is none."""

    merged: dict[str, Any]
    joined: dict[str, Any]


def take_back(case: Case) -> Trace:
    """The parts that the merge released are open again, as if it had not been, and their stays unbooked; with
    what the ledger keeps of the merge, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE_BACK,
            {
                "case": case.pk,
                "ended": case.ended_at,
                "target": case.merged_into_id,
                "of": json.dumps({"from": case.pk}),
            },
        )
        columns = [column.name for column in cursor.description][2:]
        rows = cursor.fetchall()
    case.parts_read = [Part(**dict(zip(columns, row[2:], strict=True))) for row in rows if row[2] is not None]
    case.open_parts += len(case.parts_read)
    case.merge_trace = Trace(*(json.loads(payload or "{}") for payload in rows[0][:2]))
    return case.merge_trace
