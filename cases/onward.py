"""直派: what a desk has accepted goes out by the duty rows, where the desk wants it so and they leave no doubt.

Routing signs for it, by the rights of the desk, never by more. What needs a human's eye waits at the desk and says why.
Reads caches only: no SQL."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy

from cases import claims, kinds, rulebook, vacant
from cases.models.case import Case
from cases.routing import decide
from grid.queries import Lineage
from ledger.actor import system
from parties import directory

ROUTING = system("routing")
STAYS = {
    "guarded": gettext_lazy("涉密、敏感的件，由人派遣"),
    "about": gettext_lazy("反映的是单位或工作人员，由人派遣"),
    "again": gettext_lazy("派出过、退过或有争议的件，由人派遣"),
    "claims": gettext_lazy("可认领的件，不直派"),
    "unmatched": gettext_lazy("没有职责行可依，由人派遣"),
    "ambiguous": gettext_lazy("同级职责行不止指向一家，由人派遣"),
    "own": gettext_lazy("职责在本台，不外派"),
    "reach": gettext_lazy("职责行指向的单位不在本台的派遣范围内"),
    "vacant": gettext_lazy("职责行指向的单位现在没有人任职"),
}


@dataclass(frozen=True, slots=True)
class Sending:
    """Whom it goes to, as a dispatch is told, by which row and why."""

    details: dict[str, Any]
    row: int | None
    reason: str


def of(case: Case, line: Lineage, at: dt.datetime) -> Sending | str:
    """Where what its desk has just accepted goes by itself; or why it stays (one of STAYS, "" where the desk does
    not ask for it)."""
    desk = directory.by_id(case.desk_id)
    if desk is None or case.status != "accepted":
        return ""
    return would(case, desk, rulebook.item_by_id(case.item_id), line, at)


def would(
    case: Case, desk: directory.Org, item: rulebook.Item | None, line: Lineage, at: dt.datetime
) -> Sending | str:
    """The same before it is accepted: if this desk did so now, as this item."""
    if not desk.auto_dispatch:
        return ""
    if why := _needs_somebody(case):
        return why
    found = decide.for_the_record(item, case.kind, line, at)
    if found.lead is None:
        return "unmatched"
    if not found.unambiguous:
        return "ambiguous"
    if desk.id in (found.lead, *found.assisting):
        return "own"
    units = [unit for unit in map(directory.by_id, (found.lead, *found.assisting)) if unit is not None]
    authority = directory.authority_of(desk)
    beyond = {unit.id for unit in units if not unit.path.startswith(authority)}
    if beyond and kinds.DESK_RANK[desk.level] >= kinds.DESK_RANK["street"]:
        beyond -= decide.direct_reach(item, case.kind, line, at)
    if beyond:
        return "reach"
    if any(vacant.is_vacant(unit, case, at) for unit in units):
        return "vacant"
    lead, *assisting = (unit.code for unit in units)
    return Sending({"organisation": lead, "assisting": assisting}, found.row_id, found.reason)


def _needs_somebody(case: Case) -> str:
    if case.sensitive or case.confidential:
        return "guarded"
    if case.about_organisation_id is not None or case.about_account_id is not None:
        return "about"
    if case.first_dispatched_at is not None or case.declines or case.rulings or case.disputed_at is not None:
        return "again"
    return "claims" if claims.is_open(case) else ""
