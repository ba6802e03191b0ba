"""To whom a case may be handed: within reach, and never to whom it is about."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases import kinds, vacant
from cases.guards import Context
from cases.refusals import not_ready
from cases.routing import decide
from cases.scope import is_about_unit
from parties import directory
from parties.access import reaches


def need_innocent(c: Context, org: directory.Org) -> None:
    """Nobody is handed what is about them; 422."""
    if is_about_unit(c.case, org):
        raise not_ready(_("这件工单反映的就是这个单位，不能交给它。"), organisation=_("请换一家。"))


def need_reach(c: Context, org: directory.Org) -> None:
    """A desk sends to organisations in its own scope; a street also straight to a department that a duty row
    names."""
    need_innocent(c, org)
    if c.by.system or reaches(c.by, org.path) or org.id in _named_by_duty(c):
        return
    raise not_ready(
        _("%(org)s不在您的派遣范围内，也没有职责行允许直派；请上呼。") % {"org": org.short_name or org.name},
        organisation=_("超出派遣范围。"),
    )


def need_reach_of_ruling(c: Context, org: directory.Org) -> None:
    """A desk rules between units of its own; a supervisor between all."""
    need_innocent(c, org)
    if c.by.system or c.grant.role == "supervisor" or reaches(c.by, org.path, "adjudicate"):
        return
    raise not_ready(_("这个单位不在您的裁定范围内。"), organisation=_("超出裁定范围。"))


def need_reach_of_transfer(c: Context, org: directory.Org) -> None:
    """Within one's own subtree; elsewhere the receiver consents by signing, and a final ruling stands."""
    need_innocent(c, org)
    if org.id == c.case.holder_id:
        raise not_ready(_("这件工单就在这个单位。"), organisation=_("请换一家。"))
    if is_own(c, org):
        return
    if c.case.final and not vacant.is_vacant(directory.by_id(c.case.holder_id), c.case, c.at):
        raise not_ready(_("这是最终裁定的派遣，只能在本单位内转。"), organisation=_("请选本单位内的部门。"))
    if org.kind == "government":
        raise not_ready(_("请转给具体的承办单位。"), organisation=_("请换一家。"))


def is_own(c: Context, org: directory.Org) -> bool:
    """Is the unit one's own or below it?"""
    return any(g.organisation_path and org.path.startswith(g.organisation_path) for g in c.by.grants)


def _named_by_duty(c: Context) -> frozenset[int]:
    unit = directory.by_id(c.grant.unit_id)
    if unit is None or kinds.DESK_RANK[unit.level] < kinds.DESK_RANK["street"]:
        return frozenset()
    return decide.direct_reach(c.item, c.case.kind, c.lineage, c.at)
