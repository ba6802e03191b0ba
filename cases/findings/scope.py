"""Which findings one sees, who states a unit's case, who decides (SPEC §4, §8).

Seen by who supervises or leads at the place, by who supervises the unit, by the unit it is about, by the auditor;
never by those whom the case is about. Decided by a supervisor of the place or the unit who took no part: who did not
handle the case, does not work for the unit, did not draft it.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases import authority, checking
from cases.models.case import Case
from cases.models.finding import Finding
from cases.scope import about_q, is_about, own_units, place_q, stands_at
from ledger.actor import Actor, Grant
from parties import directory
from parties.access import scope_of
from parties.leading import works_for

READS = "read"
DECIDES = "finding.confirm"
# who signs for a unit's work, or accepts it at its desk, speaks for it
SPEAKS = frozenset({"sign", "accept"})


def visible(actor: Actor) -> QuerySet[Finding]:
    """Everything this actor may see; the rule of `covers` as a filter."""
    rows = Finding.objects.select_related("case")
    if actor.system:
        return rows
    seen = Q()
    if not scope_of(actor).reads_all:
        reader = Actor(actor.id, actor.person_id, grants=actor.grants_for(READS))
        seen = place_q(reader) | Q(organisation_id__in=sorted(_overseen(actor) | own_units(actor)))
    return rows.filter(seen & ~about_q(actor, "case__"))


def covers(actor: Actor, finding: Finding) -> bool:
    """The same rule for one finding in hand, with its case."""
    if actor.system:
        return True
    if is_about(actor, finding.case):
        return False
    return (
        scope_of(actor).reads_all
        or any(stands_at(grant, finding) for grant in actor.grants_for(READS))
        or finding.organisation_id in _overseen(actor) | own_units(actor)
    )


def _overseen(actor: Actor) -> frozenset[int]:
    """The units under those one is posted to as a supervisor or an official."""
    return directory.under(*(g.organisation_path for g in actor.grants_for(READS) if g.organisation_path))


def drafter(case: Case, unit_id: int | None, by: Actor) -> Grant | str:
    """Who may draft by hand: a supervisor of the place, or of the unit (none: of any that had the case)."""
    if by.system:
        return authority.SYSTEM_GRANT
    units = [unit_id] if unit_id is not None else case.unit_ids
    for grant in by.grants_for(DECIDES):
        if stands_at(grant, case):
            return grant
        if grant.organisation_path and directory.under(grant.organisation_path) & set(units):
            return grant
    return _("由负责这个地点或单位的督查员起草。")


def speaker(finding: Finding, by: Actor) -> Grant | str:
    """Who states the unit's case."""
    if by.system:
        return authority.SYSTEM_GRANT
    for grant in by.grants:
        if grant.capabilities & SPEAKS and works_for(grant, finding.organisation_id):
            return grant
    return _("由%(unit)s的人陈述。") % {"unit": directory.name_of(finding.organisation_id, short=True)}


def decider(finding: Finding, by: Actor) -> Grant | str:
    """The supervisor who took no part."""
    if by.person_id is not None and by.person_id == finding.drafted_by:
        return _("这条认定是您起草的，须由别人认定。")
    works_there = finding.organisation_id in by.units or (by.id is not None and by.id == finding.account_id)
    if works_there or isinstance(speaker(finding, by), Grant):
        return _("您在被认定的单位任职，须由别人认定。")
    if checking.is_in_chain(finding.case, by):
        return _("您或您的单位办过这件工单，须由别人认定。")
    unit = directory.by_id(finding.organisation_id)
    for grant in by.grants_for(DECIDES):
        oversees = bool(unit and grant.organisation_path and unit.path.startswith(grant.organisation_path))
        if oversees or stands_at(grant, finding):
            return grant
    return _("由负责这个地点或单位的督查员认定。")
