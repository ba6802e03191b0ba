"""The open work of a unit, and of a person in it: what the end of a unit or of a posting means for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from cases import following, parts
from cases.kinds import OPEN
from cases.models.case import Case
from cases.models.rules import DutyRow
from cases.work import Work
from grid.followers import Impact
from ledger import clock
from ledger.actor import Actor
from parties.consequences import Leaving, UnitChange
from parties.models import Organisation


class WorkOfUnits:
    """Follows units and postings for the cases; registered in config/wiring.py."""

    def open_work(self, units: Collection[int]) -> dict[int, int]:
        held = Case.objects.filter(holder__in=units, status__in=OPEN).order_by()
        return dict(held.values_list("holder_id").annotate(n=Count("pk")))

    def impact(self, change: UnitChange | Leaving) -> Iterable[Impact]:
        if isinstance(change, Leaving):
            count = _had_by(change).count()
            if count:
                yield Impact("cases", count, _("{n} 件在办工单交回单位，等人领取").format(n=count))
            return
        unit, into = change.unit, change.into
        if change.kind == "parted" and into is not None:
            yield from _parted(unit, into)
            return
        mine = Q(holder=unit) | Q(desk=unit) | Q(parts__organisation=unit, parts__state__in=parts.OPEN)
        count = Case.objects.filter(mine, status__in=(*OPEN, "answered")).values("pk").distinct().count()
        rows = DutyRow.objects.filter(DutyRow.standing(clock.today()), organisation=unit).count()
        if into is None:
            if count:
                yield Impact("cases", count, _("{n} 件在办工单没有去处").format(n=count), blocks=True)
            if rows:
                yield Impact("duty_rows", rows, _("{n} 行职责派给它，请先改派").format(n=rows), blocks=True)
            return
        if count:
            words = _("{n} 件在办工单转到“{name}”，时限不变").format(n=count, name=into.name)
            yield Impact("cases", count, words)
        if rows:
            yield Impact("duty_rows", rows, _("{n} 行职责以后派给“{name}”").format(n=rows, name=into.name))

    def left(self, leaving: Leaving, at: dt.datetime, by: Actor) -> None:
        """What somebody had taken up goes back to the unit, in whose hands it was all along."""
        cases = _had_by(leaving).order_by("pk").select_for_update(of=("self",), no_key=True)
        for case in cases:
            work = Work.of(case, by=by, at=at)
            case.holder_account_id = None
            work.board.rehold(case.holder_id, None)
            case.version += 1
            work.tell("case.put_back", payload={"account": leaving.account_id})
            work.finish()


def _parted(unit: Organisation, into: Organisation) -> Iterable[Impact]:
    """What comes back to a unit when its merge is taken back, and what stays: told before it is done."""
    if count := len(following.came_with(unit.pk, into.pk)):
        words = _("{n} 件在办工单回到“{name}”，时限不变；并入之后新派或转走的不动")
        yield Impact("cases", count, words.format(n=count, name=unit.name))
    rows = DutyRow.objects.filter(DutyRow.standing(clock.today()), organisation=unit).count()
    if rows:
        yield Impact("duty_rows", rows, _("{n} 行职责又派给“{name}”").format(n=rows, name=unit.name))


def _had_by(leaving: Leaving):
    return Case.objects.filter(
        holder_account_id=leaving.account_id, holder__in=leaving.units, status__in=OPEN
    )
