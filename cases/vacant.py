"""无人任职: units in which nobody could sign for a case. Said before it is sent there, and after; what is there all the
same is recalled by the desk that sent it, even where a ruling was final.

Reads caches only: no SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import rulebook
from cases.models.case import Case
from cases.routing import decide
from grid.queries import lineage
from parties import directory, seats

FEW = 3  # units that are named instead


def is_vacant(unit: directory.Org | None, case: Case, at: dt.datetime) -> bool:
    """Is nobody posted there who could sign for it?"""
    return unit is not None and not seats.is_staffed(unit, "sign", at, case.path)


def held_by_nobody(case: Case, at: dt.datetime) -> bool:
    """Has it been sent where nobody could sign?"""
    return case.status == "assigned" and is_vacant(directory.by_id(case.holder_id), case, at)


def of_sent(case: Case, at: dt.datetime) -> str:
    """What to say of what has just been sent."""
    return warning(directory.by_id(case.holder_id), case, at) if case.status == "assigned" else ""


def warning(
    unit: directory.Org | None, case: Case, at: dt.datetime, reach: Collection[str] | None = None
) -> str:
    """What to say to who sends it there, and who could be sent it instead; "" where somebody could sign. `reach`: the
    codes of the units that the reader may send it to."""
    if unit is None or not is_vacant(unit, case, at):
        return ""
    words = _("%(unit)s现在没有人任职，派去没有人能签收。") % {"unit": unit.short_name or unit.name}
    some = [
        one.short_name or one.name for one in instead(unit, case, at) if reach is None or one.code in reach
    ][:FEW]
    if some:
        names = pgettext("between names", "、").join(some)
        return words + _("可改派：%(units)s；或先请管理员给它任职。") % {"units": names}
    return words + _("可先请管理员给它任职，或改派别家。")


def instead(unit: directory.Org, case: Case, at: dt.datetime) -> Iterator[directory.Org]:
    """Units with somebody in them: whom the duty rows name for this matter too, then those above and below it."""
    proposal = decide.decide(rulebook.item_by_id(case.item_id), case.kind, lineage(case.path), at)
    named = map(directory.by_id, (proposal.lead, *proposal.assisting))
    near: Iterable[directory.Org | None] = (
        *named,
        directory.by_id(unit.parent_id),
        *directory.children_of(unit.id),
    )
    found = dict.fromkeys(one for one in near if one is not None and one.id != unit.id)
    for one in found:
        if one.kind not in ("government", "desk") and not one.retired and not is_vacant(one, case, at):
            yield one
