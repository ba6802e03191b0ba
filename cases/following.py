"""Open work finds a home: it moves with its place in the transaction of the change, and it goes over to the unit
that another one has become."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from cases import parts
from cases.authority import SYSTEM_GRANT
from cases.effects import verify_desk
from cases.guards import Context
from cases.handing import hand_to
from cases.kinds import OPEN
from cases.models.case import Case
from cases.models.holding import Part
from cases.models.relief import Relief
from cases.placing import place_case, place_text
from cases.reliefs import waiting
from cases.work import Work
from grid import geometry
from grid.followers import Change, Impact
from grid.models import Place
from grid.queries import lineage
from grid.tree import path_ids
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory

FEW = 3  # examples by number
# entries after which a case is in other hands than before
CHANGES_HANDS = (
    "case.handed_over", "case.accepted", "case.escalated", "case.handed_down", "case.assigned", "case.ruled",
    "case.recalled", "case.declined", "case.transferred", "case.started", "case.claimed", "case.settled",
    "case.reopened", "part.opened", "part.declined",
)  # fmt: skip


class OpenCases:
    """Open cases on a place that moves, ends or returns: re-homed, or the change is blocked."""

    def impact(self, change: Change) -> Iterable[Impact]:
        if change.kind == "restored":
            yield from self._told(_returning(change), _("{n} 件在办工单回到这里，时限不变"))
            return
        if change.kind not in ("moved", "retired", "renamed", "merged", "split"):
            return
        cases = Case.objects.filter(path__startswith=change.old_path, status__in=OPEN)
        if change.kind == "retired" and change.successor is None:
            words = _("{n} 件在办工单没有去处，请指定接替的地点")
            yield from self._told(cases, words, blocks=True)
            return
        yield from self._told(cases, _("{n} 件在办工单随地点走，时限不变"))
        if change.kind == "split":
            at_it = cases.filter(place=change.place)
            words = _("其中 {n} 件直接在此地点，按坐标分，分不出的归“{name}”")
            yield from self._told(at_it, words, name=change.successors[0].name)
        elif change.kind != "renamed":
            yield from self._queues(change, cases)

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "renamed":
            self._rename(change)
        elif change.kind == "moved":
            for case in _locked(Case.objects.filter(path__startswith=change.old_path, status__in=OPEN)):
                path = change.new_path + case.path[len(change.old_path) :]
                self._rehome(case, case.place_id, path, at, by)
        elif change.kind == "retired" and change.successors:
            for case in _locked(Case.objects.filter(path__startswith=change.old_path, status__in=OPEN)):
                heir = heir_of(case, change.successors)
                self._rehome(case, heir.pk, heir.path, at, by)
        elif change.kind == "restored":
            for case in _locked(_returning(change)):
                self._rehome(case, change.place.pk, change.place.path, at, by)

    @staticmethod
    def _told(cases: QuerySet[Case], words: str, *, blocks: bool = False, **names: str) -> Iterable[Impact]:
        if count := cases.count():
            few = tuple(cases.order_by("pk").values_list("number", flat=True)[:FEW])
            yield Impact("cases", count, words.format(n=count, **names), blocks=blocks, examples=few)

    @staticmethod
    def _queues(change: Change, cases: QuerySet[Case]) -> Iterable[Impact]:
        """Those that wait at a desk that will not be theirs any longer, by the desk that will be."""
        heir = change.successors[0].path if change.successors else ""
        waiting = cases.filter(status__in=("received", "accepted"), holder=F("desk"))
        going: Counter[int] = Counter()
        for path, level, desk_id in waiting.values_list("path", "level", "desk_id"):
            new = (heir or change.new_path) + path[len(change.old_path) :]
            desk = directory.desk_at(lineage(new), level)
            own = directory.by_id(desk_id)
            stays = own is not None and own.desk_of == change.place.pk and heir and not _has_desk(heir)
            if desk is not None and desk.id != desk_id and not stays:
                going[desk.id] += 1
        for unit, count in sorted(going.items()):
            words = _("其中 {n} 件待受理、待派遣的转到“{desk}”")
            yield Impact("queues", count, words.format(n=count, desk=directory.name_of(unit)))

    def _rehome(self, case: Case, place_id: int, path: str, at: dt.datetime, by: Actor) -> None:
        work = Work.of(case, by=by, at=at)
        before, held_by = case.path, case.holder_id
        line = lineage(path)
        place_case(case, place_id, path, line)
        work.lineage = line
        work.board.relocate(work.at)
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
        payload: dict[str, Any] = {"path": [before, path], **waiting.follow(work)}
        if case.holder_id != held_by:
            holder = directory.by_id(case.holder_id)
            payload["holder"] = holder.code if holder else case.holder_id
        work.tell("case.rehomed", payload=payload)
        work.finish()

    def _rename(self, change: Change) -> None:
        """Lists show the new name; nothing else changes."""
        at: dict[str, list[int]] = {}
        for case in _locked(Case.objects.filter(path__startswith=change.old_path, status__in=OPEN)).only(
            "path"
        ):
            at.setdefault(case.path, []).append(case.pk)
        for path, ids in at.items():
            Case.objects.filter(pk__in=ids).update(place_text=place_text(lineage(path)))


def _locked(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by("pk").select_for_update(of=("self",), no_key=True)


def _has_desk(path: str) -> bool:
    desk = directory.desk_of_path(path)
    return desk is not None and desk.desk_of == path_ids(path)[-1]


def heir_of(case: Case, heirs: Sequence[Place]) -> Place:
    """The one of several successors whose boundary holds where the case was reported from; else the first."""
    if len(heirs) > 1:
        spot = case.calls.filter(lat__isnull=False, lng__isnull=False).order_by("pk").first()
        if spot is not None:
            for heir in heirs:
                if heir.boundary and geometry.covers(heir.boundary, spot.lng, spot.lat):
                    return heir
    return heirs[0]


def _returning(change: Change) -> QuerySet[Case]:
    """Open cases at a successor that came there with the place's end and were not placed anew since."""
    here = Case.objects.filter(place__in=change.successors, status__in=OPEN)
    placed = (
        Entry.objects.filter(
            subject_kind=Case.SUBJECT,
            subject_id__in=here.values("pk"),
            event__in=("case.rehomed", "case.relocated"),
        )
        .order_by("subject_id", "-seq")
        .distinct("subject_id")
    )
    end = f"/{change.place.pk}/"
    came = [
        entry.subject_id
        for entry in placed
        if entry.event == "case.rehomed" and entry.payload.get("path", [""])[0].endswith(end)
    ]
    return Case.objects.filter(pk__in=came)


def hand_over(unit: int, target: int, *, by: Actor, at: dt.datetime) -> int:
    """What a merged unit holds, or waits for at its desk, or assists in, or asked for or has to answer as relief, is
    the other's from now on, in the same hands; how many cases. Who handled it stays apart from judging it under the
    new name too."""
    return _hand(unit, target, _with(unit), by, at)


def hand_back(unit: int, target: int, *, by: Actor, at: dt.datetime) -> int:
    """The merge is taken back: what came over with it, and has gone through no other hands since, is the unit's again."""
    came = came_with(unit, target)
    return _hand(target, unit, Case.objects.filter(pk__in=came), by, at, came)


def came_with(unit: int, target: int) -> dict[int, dict[str, Any]]:
    """case → what of it came to the target with a merged unit, of those that have gone through no other hands since."""
    handed = Entry.objects.filter(
        subject_kind=Case.SUBJECT, subject_id__in=_with(target).values("pk"), event__in=CHANGES_HANDS
    )
    last = handed.order_by("subject_id", "-seq").distinct("subject_id")
    return {
        entry.subject_id: entry.payload["moved"]
        for entry in last
        if entry.event == "case.handed_over" and entry.payload.get("units") == [unit, target]
    }


def _with(unit: int) -> QuerySet[Case]:
    mine = Q(holder=unit) | Q(desk=unit) | Q(parts__organisation=unit, parts__state__in=parts.OPEN)
    reliefs = Relief.objects.filter(state="asked")
    mine |= Q(pk__in=reliefs.filter(Q(organisation=unit) | Q(desk=unit)).values("case"))
    ids = Case.objects.filter(mine, status__in=(*OPEN, "answered")).values("pk")
    return Case.objects.filter(pk__in=ids)


def _hand(
    unit: int,
    target: int,
    those: QuerySet[Case],
    by: Actor,
    at: dt.datetime,
    came: Mapping[int, Mapping[str, Any]] | None = None,
) -> int:
    """`came`: only what of each came with the merge; none: everything."""
    reliefs = Relief.objects.filter(state="asked")
    cases = those.order_by("pk").select_for_update(of=("self",), no_key=True)
    for case in cases:
        only = came[case.pk] if came is not None else None
        work = Work.of(case, by=by, at=at)
        moved: dict[str, Any] = {}
        if case.desk_id == unit and (only is None or "desk" in only):
            case.desk_id, moved["desk"] = target, True
        if unit in case.handler_units:
            parts.add(case.handler_units, target)
        if case.holder_id == unit and (only is None or "holder" in only):
            account, signed_at, released = case.holder_account_id, case.signed_at, case.released
            context = Context(case, by, work.at, SYSTEM_GRANT, work.board, work.lineage)
            hand_to(context, target, "merged", work.pending, account=account)
            case.signed_at, case.released = signed_at, released
            moved["holder"] = True
        assisting = Part.objects.filter(case=case, organisation=unit, state__in=parts.OPEN)
        if only is not None:
            assisting = assisting.filter(pk__in=only.get("parts", ()))
        if helped := list(assisting.values_list("pk", flat=True)):
            Part.objects.filter(pk__in=helped).update(organisation=target)
            parts.add(case.unit_ids, target)
            moved["parts"] = helped
        reliefs.filter(case=case, organisation=unit).update(organisation=target)
        work.board.replace_unit(unit, target)
        went = waiting.follow(work)
        case.version += 1
        holder = directory.by_id(case.holder_id)
        told = {"holder": holder.code if holder else None, "units": [unit, target], "moved": moved}
        work.tell("case.handed_over", payload={**told, **went})
        work.finish()
    return len(cases)
