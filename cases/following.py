"""Open work finds a home: it moves with its place in the transaction of the change, and it goes over to the unit
that another one has become."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import parts
from cases.authority import SYSTEM_GRANT
from cases.changes import hand_to
from cases.effects import verify_desk
from cases.guards import Context
from cases.kinds import OPEN
from cases.models.case import Case
from cases.models.holding import Part
from cases.models.rules import DutyRow
from cases.placing import place_case, place_text
from cases.work import Work
from grid.followers import Change, Impact
from grid.queries import lineage
from ledger.actor import Actor
from parties import directory


class OpenCases:
    """Open cases on a moved or retired place: re-homed, or the change is blocked."""

    def impact(self, change: Change) -> Iterable[Impact]:
        if change.kind not in ("moved", "retired", "renamed"):
            return
        count = Case.objects.filter(path__startswith=change.old_path, status__in=OPEN).count()
        if count and change.kind == "retired" and change.successor is None:
            yield Impact(
                "cases", count, _("{n} 件在办工单没有去处，请指定接替的地点").format(n=count), blocks=True
            )
        elif count:
            yield Impact("cases", count, _("{n} 件在办工单随地点走，时限不变").format(n=count))
        rows = DutyRow.objects.filter(place_id=change.place.pk, until__isnull=True).count()
        if rows and change.kind == "retired":
            yield Impact(
                "duty_rows",
                rows,
                _("{n} 行职责落在这个地点").format(n=rows),
                blocks=change.successor is None,
            )

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "renamed":
            self._rename(change)
            return
        if change.kind not in ("moved", "retired"):
            return
        if change.kind == "retired" and change.successor is not None:
            DutyRow.objects.filter(place_id=change.place.pk, until__isnull=True).update(
                place=change.successor
            )
        cases = (
            Case.objects.filter(path__startswith=change.old_path, status__in=OPEN)
            .order_by("pk")
            .select_for_update(of=("self",), no_key=True)
        )
        for case in cases:
            self._rehome(case, change, at, by)

    def _rehome(self, case: Case, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "retired":
            successor = change.successor
            if successor is None:
                return
            place_id, path = successor.pk, successor.path
        else:
            place_id, path = case.place_id, change.new_path + case.path[len(change.old_path) :]
        work = Work.of(case, by=by, at=at)
        before, held_by = case.path, case.holder_id
        line = lineage(path)
        place_case(case, place_id, path, line)
        work.lineage = line
        work.board.relocate()
        desk = directory.desk_at(line, case.level)
        if desk is not None and case.desk_id != desk.id:
            waits = case.came_from if case.status in ("on_hold", "awaiting_info") else case.status
            if waits in ("received", "accepted") and case.holder_id == case.desk_id:
                hand_to(
                    Context(case, by, work.at, SYSTEM_GRANT, work.board, line), desk.id, "moved", work.pending
                )
            case.desk_id = desk.id
        work.board.recheck(verify_desk(case, line))
        case.version += 1
        payload: dict[str, Any] = {"path": [before, path]}
        if case.holder_id != held_by:
            holder = directory.by_id(case.holder_id)
            payload["holder"] = holder.code if holder else case.holder_id
        work.tell("case.rehomed", payload=payload)
        work.finish()

    def _rename(self, change: Change) -> None:
        """Lists show the new name; nothing else changes."""
        for case in Case.objects.filter(path__startswith=change.old_path, status__in=OPEN).only("pk", "path"):
            Case.objects.filter(pk=case.pk).update(place_text=place_text(lineage(case.path)))


def hand_over(unit: int, target: int, *, by: Actor, at: dt.datetime) -> int:
    """What a merged unit holds, or waits for at its desk, or assists in, is the other's from now on, in the same
    hands; how many cases. Who handled it stays apart from judging it under the new name too."""
    mine = Q(holder=unit) | Q(desk=unit) | Q(parts__organisation=unit, parts__state__in=parts.OPEN)
    ids = Case.objects.filter(mine, status__in=(*OPEN, "answered")).values("pk")
    cases = Case.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",), no_key=True)
    for case in cases:
        work = Work.of(case, by=by, at=at)
        if case.desk_id == unit:
            case.desk_id = target
        if unit in case.handler_units:
            parts.add(case.handler_units, target)
        if case.holder_id == unit:
            account, signed_at, released = case.holder_account_id, case.signed_at, case.released
            context = Context(case, by, work.at, SYSTEM_GRANT, work.board, work.lineage)
            hand_to(context, target, "merged", work.pending, account=account)
            case.signed_at, case.released = signed_at, released
        if Part.objects.filter(case=case, organisation=unit, state__in=parts.OPEN).update(
            organisation=target
        ):
            parts.add(case.unit_ids, target)
        work.board.replace_unit(unit, target)
        case.version += 1
        holder = directory.by_id(case.holder_id)
        work.tell("case.handed_over", payload={"holder": holder.code if holder else None})
        work.finish()
    return len(cases)
