"""Who answers: the first relief of a case the desk, later ones and every exclusion the supervisor. Silence goes up
one rung; on the last it waits on, marked.

Duties are apart: nobody answers what they or their unit handled or asked for. Where nobody at a desk may, the desk
above does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases import authority, checking
from cases.kinds import DESK_RANK
from cases.models.case import Case
from cases.models.relief import RUNGS, Relief
from cases.scope import is_about_unit, stands_at
from grid.queries import Lineage
from ledger.actor import Actor, Grant
from parties import directory

SUPERVISOR = RUNGS[-1]


@dataclass(frozen=True)
class Rung:
    name: str
    desk: int | None = None  # None: the supervisor


def rungs(case: Case, line: Lineage, asker: int) -> Iterator[Rung]:
    """From the desk that sent it out, or the first above that had no hand in it, to the supervisor."""
    own = directory.by_id(case.desk_id)
    floor = DESK_RANK[own.level] if own is not None else 0
    for name in RUNGS[:-1]:
        desk = directory.desk_at(line, name)
        if desk is None or desk.level != name or DESK_RANK[name] < floor:
            continue
        if desk.id not in (asker, *case.handler_units) and not is_about_unit(case, desk):
            yield Rung(name, desk.id)
    yield Rung(SUPERVISOR)


def first(case: Case, line: Lineage, asker: int, *, later: bool) -> Rung:
    """`later`: not the first of its case, or one that is always the supervisor's."""
    return Rung(SUPERVISOR) if later else next(rungs(case, line, asker))


def above(relief: Relief, case: Case, line: Lineage) -> Rung | None:
    """The next one up; None from the top."""
    here = RUNGS.index(relief.rung)
    for rung in rungs(case, line, relief.organisation_id):
        if RUNGS.index(rung.name) > here:
            return rung
    return None


def decider(relief: Relief, case: Case, by: Actor) -> Grant | str:
    """The grant by which somebody answers this relief, or the sentence that says why not."""
    if by.system:
        return authority.SYSTEM_GRANT
    own = by.person_id is not None and by.person_id == relief.asked_person
    if own or relief.organisation_id in by.units:
        return _("这是您或您的单位提出的申请，须由别人批复。")
    if checking.is_in_chain(case, by):
        return _("您或您的单位办过这件工单，不能批复它的申请。")
    by = by.without_lent_by({*case.handler_people, relief.asked_person})
    for grant in by.grants_for("relief.grant"):
        if grant.role == "supervisor":
            if relief.rung == SUPERVISOR and (not grant.place_path or stands_at(grant, case)):
                return grant
        elif relief.rung != SUPERVISOR and grant.place_path and stands_at(grant, case):
            if authority.rank(grant) >= DESK_RANK[relief.rung]:
                return grant
    return _("这份申请由%(who)s批复。") % {"who": who(relief.rung, relief.desk_id)}


def code(rung: Rung) -> str:
    """The desk's code, or the word for the supervisor: what an entry says."""
    desk = directory.by_id(rung.desk)
    return desk.code if desk is not None else SUPERVISOR


def who(rung: str, desk: int | None) -> str:
    """Who answers, in words."""
    return directory.name_of(desk, short=True) if desk is not None else _("督查员")
