"""Several callers, one matter: what a merge does to the case merged into, and how it is undone."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from cases import effects
from cases.authority import SYSTEM_GRANT
from cases.guards import Context, check_is_due
from cases.kinds import OPEN, URGENCY_RANK
from cases.models.case import Case
from cases.models.holding import Part
from cases.refusals import not_ready
from cases.sla.board import ClockBoard
from cases.work import Work

# what is left of the target without one of the cases merged into it, or without one of its calls
LEFT = """
    others AS (
        SELECT id, urgency, callers, called_at, origin, reachable, reporter_ids FROM cases_case
        WHERE merged_into_id = %(target)s AND status = 'merged' AND id <> %(case)s
    ), own AS (
        SELECT call.id, call.origin, call.called_at, call.reporter_id, call.withdrawn_at IS NULL AS stands,
               coalesce(caller.phone <> '' OR caller.name <> '' OR caller.contact_by = 'visit', false) AS reachable
        FROM cases_call call LEFT JOIN cases_caller caller ON caller.call_id = call.id
        WHERE call.case_id = %(target)s AND call.id <> %(call)s
    ), urged AS (
        SELECT seq, event, payload, CASE WHEN event = 'case.lifted' THEN (
            SELECT count(DISTINCT coalesce(nullif(caller.phone, ''), call.id::text))
            FROM cases_call call LEFT JOIN cases_caller caller ON caller.call_id = call.id
            WHERE (call.case_id = %(target)s OR call.case_id IN (SELECT id FROM others)) AND call.id <> %(call)s
              AND call.origin = 'resident' AND call.withdrawn_at IS NULL
              AND call.called_at > at - (payload->>'days')::int * interval '1 day'
        ) END AS voices
        FROM ledger_entry WHERE subject_kind = 'case' AND subject_id = %(target)s
          AND event IN ('case.received', 'case.urgency_changed', 'case.lifted', 'case.joined', 'case.caller_joined')
    )
"""
TOLD = """(SELECT json_agg(others)::text FROM others) AS others, (SELECT json_agg(own)::text FROM own) AS own,
       (SELECT json_agg(json_build_array(event, payload, voices) ORDER BY seq)::text FROM urged) AS urged"""
LEAVING = f"""
    WITH joined AS (
        SELECT payload, seq FROM ledger_entry
        WHERE subject_kind = 'case' AND subject_id = %(target)s AND event = 'case.caller_joined'
          AND payload @> %(of)s::jsonb ORDER BY seq DESC LIMIT 1
    ), {LEFT}
    SELECT (SELECT (payload || jsonb_build_object('seq', seq))::text FROM joined) AS joined, {TOLD}
"""  # noqa: S608
TAKE_BACK = f"""
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
    ), {LEFT}
    SELECT (SELECT payload::text FROM merged) AS merged, (SELECT payload::text FROM joined) AS joined,
           {TOLD}, reopened.*
    FROM (SELECT 1) AS one LEFT JOIN reopened ON true ORDER BY reopened.n
"""  # noqa: S608


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
    if about(source) != about(target):  # or those it is about would read it in the other
        raise not_ready(_("两件工单反映的单位或人员不同，不能并案。"), target=_("请换一件。"))
    _refuse_families(source, target)
    other.at = max(other.at, work.at)
    clocks = absorb(other, source, work.board)
    target.version += 1
    other.tell("case.joined", payload={"from": source.pk, "before": {"clocks": clocks}}, grant=context.grant)
    source.merged_into_id = target.pk
    return {"target": target.pk}


def _refuse_families(source: Case, target: Case) -> None:
    """What stands for several places is not another telling of one matter."""
    if source.child_count:
        raise not_ready(_("这是一事多处的母件，先把各处脱开再并案。"), target=_("先脱开。"))
    if source.parent_id is not None and source.parent_id != target.parent_id:
        raise not_ready(_("这件挂在母件下面，只能并入同一母件下的工单，或先脱开。"), target=_("请换一件。"))


def absorb(into: Work, source: Case, board: ClockBoard) -> dict[str, Any]:
    """One more telling of the matter: the earliest call, the earliest due, the higher urgency, all callers. Gives
    what of the clocks changed, for the way back."""
    target = into.case
    target.called_at = min(target.called_at, source.called_at)
    target.callers += source.callers
    if source.has_caller:
        target.origin = "resident"
    target.reachable = target.reachable or source.reachable
    target.urgency = max(target.urgency, source.urgency, key=URGENCY_RANK.__getitem__)
    target.reporter_ids += [pk for pk in source.reporter_ids if pk not in target.reporter_ids]
    return into.board.take_earlier(board, into.at)


def part(work: Work, payload: dict[str, Any]) -> dict[str, Any]:
    """As if never merged: the target is what its own calls and the cases that stay merged into it make of it."""
    source, other = work.case, work.partner
    if other is None:
        return {}
    target, trace = other.case, source.merge_trace
    other.at = max(other.at, work.at)
    leave(other, trace, work.at)
    target.version += 1
    other.tell("case.parted", payload={"from": source.pk})
    return {"target": target.pk}


def leave(other: Work, trace: Trace, at: dt.datetime) -> None:
    """What a case took over from a telling of the matter goes with it again."""
    target = other.case
    trace.left.give_to(target)
    clocks = dict(trace.joined.get("before", {}).get("clocks", {}))
    began = clocks.get("feedback", "") is None  # the case got a feedback clock for the one that leaves
    waits = other.board.open("feedback") is not None
    if began and target.has_caller and not waits:
        del clocks["feedback"]  # the others were told by it
    other.board.give_back(clocks, at)
    if began and target.has_caller and waits:
        _wait_for_the_others(other, trace.left.first_caller_at)
    _check_again(other)


def _wait_for_the_others(other: Work, called_at: dt.datetime) -> None:
    """Who called later has a later answer to expect."""
    rule = effects.rule_of("feedback", other.case, other.at)
    anchor = called_at if rule.anchor == "call" else other.at
    other.board.start("feedback", rule, anchor=anchor, at=other.at, organisation=other.case.holder_id)


def _check_again(other: Work) -> None:
    """What was done for a caller who is gone again is checked, as patrol's finds are."""
    case = other.case
    if case.status == "resolved" and case.verified_at is None and not other.board.open("verify"):
        if check_is_due(case):
            effects.start_stage(
                "verify", Context(case, other.by, other.at, SYSTEM_GRANT, other.board, other.lineage)
            )


def about(case: Case) -> tuple[int | None, int | None]:
    return case.about_organisation_id, case.about_account_id


@dataclass(frozen=True)
class Trace:
    """What the ledger keeps of a case's last merge: the payloads of both sides, empty where there is none; and what
    is left of the target without it."""

    merged: dict[str, Any]
    joined: dict[str, Any]
    left: Left


@dataclass(frozen=True)
class Left:
    """A case without one of those that were merged into it: its own calls, the others, and who set its urgency."""

    others: list[dict[str, Any]]
    own: list[dict[str, Any]]
    urged: list[tuple[str, dict[str, Any], int | None]]

    @property
    def tellings(self) -> list[dict[str, Any]]:
        """What was said or seen and not taken back: own calls, and cases merged into it."""
        others = [one for one in self.others if one["callers"] or one["origin"] != "resident"]
        return [*(call for call in self.own if call["stands"]), *others]

    def count_callers(self, case: Case) -> None:
        """Who is left to be told."""
        own = [call for call in self.own if call["stands"] and call["origin"] == "resident"]
        case.callers = len(own) + sum(one["callers"] for one in self.others)
        case.origin = "resident" if self._resident() else "patrol"
        case.reachable = any(one["reachable"] for one in self._resident())

    def give_to(self, case: Case) -> None:
        self.count_callers(case)
        case.called_at = min((_instant(one["called_at"]) for one in self.tellings), default=case.called_at)
        case.urgency, case.lifted_to = self._urgency()
        reporters = {call["reporter_id"] for call in self.own}
        reporters.update(pk for one in self.others for pk in one["reporter_ids"])
        case.reporter_ids = [pk for pk in case.reporter_ids if pk in reporters]

    @property
    def first_caller_at(self) -> dt.datetime:
        return min(_instant(one["called_at"]) for one in self._resident())

    def _resident(self) -> list[dict[str, Any]]:
        return [one for one in self.tellings if one["origin"] == "resident"]

    def _urgency(self) -> tuple[str, str]:
        """The last word of a person, raised by what joined since and stays, and by a lift as far as those who are
        left ask for it; and what that lift came to."""
        others = {one["id"]: one["urgency"] for one in self.others}
        calls = {call["id"] for call in self.own}
        urgency, lifted = "normal", ""
        for event, payload, voices in self.urged:
            raised = ""
            if event == "case.joined":
                raised = others.get(payload["from"], "")
            elif event == "case.caller_joined":
                asked = payload.get("own", {}).get("urgency") or payload.get("urgency", ["", ""])[1]
                raised = asked if payload["call"] in calls else ""
            elif event == "case.lifted":
                raised = lifted = min(wanted_by(voices), payload["urgency"][1], key=_rank)
            elif event == "case.received":
                urgency = payload["urgency"]
            elif "urgency" in payload:
                urgency = payload["urgency"][1]
            urgency = max(urgency, raised, key=_rank)
        return urgency, lifted


def _rank(urgency: str) -> int:
    return URGENCY_RANK.get(urgency, -1)


def wanted_by(voices: int) -> str:
    """The urgency that so many callers ask for; "" for none. A step set to 0 is never taken."""
    found = ""
    for least, urgency in ((settings.LIFT_TO_URGENT, "urgent"), (settings.LIFT_TO_CRITICAL, "critical")):
        if least and voices >= least:
            found = urgency
    return found


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


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
                "call": 0,
            },
        )
        columns = [column.name for column in cursor.description][5:]
        rows = cursor.fetchall()
    case.parts_read = [Part(**dict(zip(columns, row[5:], strict=True))) for row in rows if row[5] is not None]
    case.open_parts += len(case.parts_read)
    merged, joined = (json.loads(payload or "{}") for payload in rows[0][:2])
    case.merge_trace = Trace(merged, joined, Left(*(json.loads(told or "[]") for told in rows[0][2:5])))
    return case.merge_trace


def leaving(case: Case, call_id: int) -> Trace:
    """The same for one of its own calls that is to leave it: `joined` is empty where it never joined."""
    with connection.cursor() as cursor:
        of = json.dumps({"call": call_id})
        cursor.execute(LEAVING, {"target": case.pk, "case": 0, "call": call_id, "of": of})
        joined, *told = cursor.fetchone()
    return Trace({}, json.loads(joined or "{}"), Left(*(json.loads(rows or "[]") for rows in told)))
