"""One matter in several places: a case that stands for the whole, and one for each place under it, one deep.

Each is a case of its own, with its holder, its clocks and its place in the figures. The whole cannot be resolved while
one of its places is not done, unless a desk cuts that one loose.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from cases import guards, intake, merging, rulebook
from cases.call_sheet import read
from cases.kinds import OPEN, STATUSES
from cases.models.case import Case
from cases.refusals import not_ready
from cases.work import Work

MOST_PLACES = 60

Payload = dict[str, Any]


def link(work: Work, c: guards.Context) -> Payload:
    """The case goes under the one named, which stands for the whole."""
    case, other = work.case, work.partner
    number = c.sent["parent"]
    if other is None or other.case.pk == case.pk:
        words = _("没有编号为 %(number)s 的工单。") % {"number": number}
        raise not_ready(words, parent=_("请核对编号。"))
    parent = other.case
    if case.parent_id is not None or case.child_count:
        raise not_ready(_("这件工单已经在一事多处里了，先脱开。"), parent=_("先脱开。"))
    _need_a_whole(parent, case)
    _join(other, case)
    return {"parent": parent.pk}


def _need_a_whole(parent: Case, case: Case) -> None:
    if parent.status not in OPEN or parent.status == "resolved":
        words = _("%(number)s 已经%(status)s，不能再挂工单。") % {
            "number": parent.number,
            "status": STATUSES[parent.status],
        }
        raise not_ready(words, parent=_("请换一件。"))
    if parent.parent_id is not None:
        raise not_ready(_("母件不能再挂在别的工单下面，只有一层。"), parent=_("请换一件。"))
    if parent.district_id != case.district_id:
        raise not_ready(_("只能挂到同一区县的工单。"), parent=_("请换一件。"))
    if merging.about(parent) != merging.about(case):  # or those it is about would read it in the other
        raise not_ready(_("两件工单反映的单位或人员不同，不能挂在一起。"), parent=_("请换一件。"))
    if (parent.confidential, parent.sensitive) != (case.confidential, case.sensitive):
        raise not_ready(_("要保密的和不保密的不能挂在一起。"), parent=_("请换一件。"))


def _join(other: Work, case: Case) -> None:
    other.at = max(other.at, case.last_at)
    case.parent_id = other.case.pk
    other.case.child_count += 1
    other.case.version += 1
    other.tell("case.child_linked", payload={"child": case.pk})


def unlink(work: Work, c: guards.Context) -> Payload:
    """Cut loose: it goes on by itself, and the whole no longer waits for it."""
    case, other = work.case, work.partner
    if case.parent_id is None or other is None:
        raise not_ready(_("这件工单没有挂在母件下面。"))
    other.at = max(other.at, work.at)
    parent, case.parent_id = case.parent_id, None
    other.case.child_count = max(0, other.case.child_count - 1)
    other.case.version += 1
    other.tell("case.child_unlinked", payload={"child": case.pk})
    return {"parent": parent}


def places_of(codes: Iterable[str]) -> list[intake.Where]:
    """The places to which a matter is spread, held in the order of their codes, before the case is."""
    wanted = sorted(set(codes))
    if len(wanted) > MOST_PLACES:
        raise not_ready(_("一次最多分到 %(n)s 处。") % {"n": MOST_PLACES}, places=_("请分几次。"))
    return [intake.place(code) for code in wanted]


def spread(work: Work, c: guards.Context) -> Payload:
    """A case of its own for each place, at the desk of its level there; each begins with its own clocks."""
    parent = work.case
    if parent.confidential or parent.sensitive or parent.about_organisation_id or parent.about_account_id:
        raise not_ready(_("要保密的工单不能分到几处。"))
    item = rulebook.item_by_id(parent.item_id)
    sheet = read(
        at=work.at,
        text=c.sent["text"],
        item=item.code if item else "",
        kind=parent.kind,
        urgency=parent.urgency,
        origin="patrol",
        channel="app",
    )
    children = []
    for where in work.wheres:
        planned = intake.plan(work.by, work.at, where, sheet)
        if planned.case.place_id == parent.place_id:
            raise not_ready(_("母件自己的地点不用再分。"), places=_("请去掉这一处。"))
        planned.case.parent_id = parent.pk
        intake.write(planned)
        children.append(planned.case)
    parent.child_count += len(children)
    return {"children": [child.pk for child in children], "n": len(children)}
