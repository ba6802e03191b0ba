"""Who may make a move: finds the posting by which somebody acts, or says why there is none.

Each rule is named in the `who` column of the lifecycle table. Duties are separated by human and by unit:
to handle is to settle, start, claim, sign or resolve. Who stands in for somebody judges nothing by that
one's posting which that one may not judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from cases import checking, claims, ruling, vacant
from cases.kinds import DESK_RANK
from cases.lifecycle import INTEREST, SYSTEM, FactKind, Move
from cases.models.case import Case
from cases.scope import stands_at
from ledger import clock
from ledger.actor import Actor, Grant
from parties import directory
from parties.leading import leads, works_for

# who may take calls or sign for them works on cases; reading, supervising, administering give no part in one
PART = frozenset({"take", "sign"})
# and who may urge or instruct has an interest
INTERESTED = PART | {"urge", "instruct"}
SYSTEM_GRANT = Grant(role="system", capabilities=frozenset())

Rule = Callable[[Case, Actor, str], "Grant | str"]


def may_try(row: Move | FactKind, case: Case, by: Actor, *, now: bool = False) -> bool:
    """The broad question, asked first: does the actor hold the row's capability over this case at all, in
    whatever status it may be? So who comes late is told "stale", not "not yours". `now`: in its status of now."""
    if by.system:
        return True
    if isinstance(row.capability, dict) and not now:
        return any(_holds(row, capability, case, by) for capability in row.capability.values())
    # "or verify, outside the chain": the second way to reopen
    return (
        _holds(row, _capability(row, case), case, by)
        or (row.name == "reopen" and by.may("verify", path=case.path))
        or (row.who == "outsider" and isinstance(outsider(case, by, "verify"), Grant))
    )


def _holds(row: Move | FactKind, capability: str, case: Case, by: Actor) -> bool:
    if capability == SYSTEM:
        return False
    if capability == INTEREST:
        return True
    units = set(case.unit_ids) | {case.holder_id}
    for grant in by.grants_for(capability):
        if stands_at(grant, case) or any(works_for(grant, unit) for unit in units):
            return True
        if row.name == "claim" and grant.unit_id is not None:
            return True
        if row.who in ("answerer", "informer") and by.id in case.reporter_ids:
            return True
    return False


def acting(row: Move | FactKind, case: Case, by: Actor) -> Grant | str:
    """The grant by which the actor may do this now, or the sentence that says why not."""
    if by.system:
        return SYSTEM_GRANT
    capability = _capability(row, case)
    if capability == SYSTEM:
        return _("这一步由系统自动完成。")
    return RULES[row.who](case, by, capability)


def _capability(row: Move | FactKind, case: Case) -> str:
    return row.capability_from(case.status) if isinstance(row, Move) else row.capability


def rank(grant: Grant) -> int:
    """Of the desk that a place posting works for; 0 for who is posted to a unit."""
    unit = directory.by_id(grant.unit_id) if grant.place_path else None
    return DESK_RANK[unit.level] if unit is not None else 0


def _grants(by: Actor, capability: str) -> Iterable[Grant]:
    if capability == INTEREST:
        return (grant for grant in by.grants if grant.capabilities & PART)
    return by.grants_for(capability)


def _here(case: Case, by: Actor, capability: str) -> Iterable[Grant]:
    """Place postings that cover the case, the lowest desk first."""
    found = (g for g in _grants(by, capability) if stands_at(g, case))
    return sorted(found, key=rank)


def _supervisor(case: Case, grants: Iterable[Grant]) -> Grant | None:
    """Of these the post of a supervisor of the place, or of one who has no place."""
    posts = (grant for grant in grants if grant.role == "supervisor")
    return next((post for post in posts if not post.place_path or stands_at(post, case)), None)


# -- the rules


def desk(case: Case, by: Actor, capability: str) -> Grant | str:
    """The desk of the case's level, or one above."""
    for grant in _here(case, by, capability):
        if rank(grant) >= DESK_RANK[case.level]:
            return grant
    return _("这件工单在%(desk)s，由它或上级受理台处理。") % {
        "desk": directory.name_of(case.holder_id, short=True)
    }


def holder(case: Case, by: Actor, capability: str) -> Grant | str:
    """The people of the organisation that has it; where nobody is posted there, the desk that sent it out, or one
    above."""
    for grant in _grants(by, capability):
        if works_for(grant, case.holder_id):
            return grant
        if grant.unit_id == case.holder_id and stands_at(grant, case):
            return grant
    if vacant.is_vacant(directory.by_id(case.holder_id), case, by.at or clock.now()) and isinstance(
        found := sender(case, by, capability), Grant
    ):
        return found
    return _("这件工单由%(holder)s办理。") % {"holder": directory.name_of(case.holder_id, short=True)}


def desk_or_holder(case: Case, by: Actor, capability: str) -> Grant | str:
    """Received and accepted: the desk's level or one above. Later: the holder's people."""
    rule = desk if case.status in ("received", "accepted") else holder
    return rule(case, by, capability)


def worker(case: Case, by: Actor, capability: str) -> Grant | str:
    """Whoever works the place, or a unit that has or had it."""
    for grant in _here(case, by, capability):
        return grant
    for grant in by.grants_for(capability):
        if any(works_for(grant, unit) for unit in case.unit_ids):
            return grant
    return _("您与这件工单没有经办关系。")


def sender(case: Case, by: Actor, capability: str) -> Grant | str:
    """The desk that dispatched it, or one above."""
    desk_unit = directory.by_id(case.desk_id)
    floor = DESK_RANK[desk_unit.level] if desk_unit else 0
    for grant in _here(case, by, capability):
        if grant.unit_id == case.desk_id or rank(grant) > floor:
            return grant
    return _("由派遣它的%(desk)s或上级处理。") % {"desk": directory.name_of(case.desk_id, short=True)}


def merger(case: Case, by: Actor, capability: str) -> Grant | str:
    """While a desk has it, that desk; afterwards the desk that sent it out, or one above."""
    rule = desk if case.status in ("received", "accepted") else sender
    return rule(case, by, capability)


def desk_above(case: Case, by: Actor, capability: str) -> Grant | str:
    """The desk of the case's level or one above, whoever holds it."""
    return desk(case, by, capability)


def street_desk(case: Case, by: Actor, capability: str) -> Grant | str:
    """The desk of the street, or one above, whoever holds it."""
    found = (grant for grant in _here(case, by, capability) if rank(grant) >= DESK_RANK["street"])
    return next(found, None) or _("由街道或上级的受理台登记退订和恢复。")


def official(case: Case, by: Actor, capability: str) -> Grant | str:
    """Who leads at the place."""
    return next(iter(_here(case, by, capability)), None) or _("由负责这个地点的领导批示。")


def claimer(case: Case, by: Actor, capability: str) -> Grant | str:
    """A unit that serves the place, or offers to help with the item there."""
    for grant in by.grants_for(capability):
        unit = directory.by_id(grant.unit_id)
        if unit is not None and claims.fits(unit, case):
            return grant
    return _("您的单位不服务这个地点，不能认领。")


def outsider(case: Case, by: Actor, capability: str) -> Grant | str:
    """Nobody verifies what they or their unit handled; where nobody at a desk may, the desk above does. Where none of
    the desks of the place is left, another human of them does; where no human is, a supervisor."""
    by = by.without_lent_by(case.handler_people)
    left = checking.left(case, by.at or clock.now())
    if checking.has_handled(case, by) or (checking.is_in_chain(case, by) and left == checking.A_DESK):
        return _("您或您的单位办过这件工单，须由经办以外的人核查。")
    if left == checking.NOBODY and (found := _supervisor(case, by.grants)):
        return found
    for grant in _here(case, by, capability):
        if left != checking.A_DESK or grant.unit_id not in case.handler_units:
            return grant
    return _("须由经办以外、负责这个地点的人核查。")


def answerer(case: Case, by: Actor, capability: str) -> Grant | str:
    """The holder's people, the desk that dispatched it, the reporter; of a place of a matter that was spread also a desk
    above its own, which answers for the whole; and who works the place, where the text did not arrive."""
    found = holder(case, by, capability)
    if isinstance(found, Grant):
        return found
    for grant in _here(case, by, capability):
        if grant.unit_id == case.desk_id or case.answer_at_door:
            return grant
    if case.parent_id is not None and isinstance(found := sender(case, by, capability), Grant):
        return found
    for grant in by.grants_for(capability):
        if by.id in case.reporter_ids:
            return grant
    return _("由承办单位、派遣的受理台或登记人反馈。")


def informer(case: Case, by: Actor, capability: str) -> Grant | str:
    """As `answerer`; and who works the place, where it is an interim answer that did not arrive."""
    here = next(iter(_here(case, by, capability)), None) if case.door_interim else None
    return here or answerer(case, by, capability)


def adjudicator(case: Case, by: Actor, capability: str) -> Grant | str:
    """The lowest desk above both parties, and not who dispatched; or a supervisor."""
    if by.person_id is not None and by.person_id == case.dispatched_by:
        return _("这件工单是您派遣的，须由别人裁定。")
    if checking.is_in_chain(case, by):
        return _("您或您的单位办过这件工单，不能裁定。")
    by = by.without_lent_by({*case.handler_people, case.dispatched_by})
    if found := _supervisor(case, by.grants_for(capability)):
        return found
    desk = ruling.desk_for(case, by.at or clock.now())
    if desk is None:
        return _("由督查员裁定。")
    for grant in _here(case, by, capability):
        if grant.unit_id == desk.id:
            return grant
    return _("由%(desk)s裁定：它是双方共同上级里最低的受理台，上级台要等它上呼。") % {
        "desk": desk.short_name or desk.name
    }


def judge(case: Case, by: Actor, capability: str) -> Grant | str:
    """Who rules at the place: a desk's shift lead or a desk above."""
    for grant in _here(case, by, capability):
        return grant
    return _("由这个地点有裁定权的受理台写入。")


def granter(case: Case, by: Actor, capability: str) -> Grant | str:
    """Who grants relief has not handled the case; where the desk did, the desk above; or a supervisor of the
    place. Which of them answers a given relief is told by cases.reliefs.ladder."""
    if checking.is_in_chain(case, by):
        return _("您或您的单位办过这件工单，不能批准它的申请。")
    by = by.without_lent_by(case.handler_people)
    if found := _supervisor(case, by.grants_for(capability)):
        return found
    return sender(case, by, capability)


def reopener(case: Case, by: Actor, capability: str) -> Grant | str:
    """Shift lead, a desk above, or a supervisor of the place; or whoever checks it, where a caller says that it is not
    solved."""
    if case.doubted_at is not None and isinstance(found := outsider(case, by, "verify"), Grant):
        return found
    for grant in _here(case, by, capability):
        return grant
    for grant in by.grants_for(capability):
        if not grant.place_path and not grant.organisation_path:
            return grant
    return _("由值班长、上级受理台或督查员重办。")


def unmerger(case: Case, by: Actor, capability: str) -> Grant | str:
    """Not the one who merged it."""
    if by.person_id is not None and by.person_id == case.ended_by:
        return _("这件工单是您并入的，须由别人拆并。")
    by = by.without_lent_by({case.ended_by})
    for grant in _here(case, by, capability):
        return grant
    return _("由受理台的值班长拆并。")


def withdrawer(case: Case, by: Actor, capability: str) -> Grant | str:
    """Staff: with a contact from outside the chain, so that nobody makes a case vanish alone."""
    if checking.is_in_chain(case, by):
        return _("您或您的单位办过这件工单，不能撤销它。")
    by = by.without_lent_by(case.handler_people)
    if case.has_caller and not set(case.contacted_by) - set(case.handler_units):
        return _("撤销前须有经办以外的人与反映人联系的记录。")
    return (
        sender(case, by, capability)
        if case.status not in ("received", "accepted")
        else desk(case, by, capability)
    )


def informant(case: Case, by: Actor, capability: str) -> Grant | str:
    """The reporter, or a worker of the place."""
    for grant in by.grants_for("take"):
        if by.id in case.reporter_ids or stands_at(grant, case):
            return grant
    return _("由反映人、登记人或这个地点的网格员补充。")


def leader(case: Case, by: Actor, capability: str) -> Grant | str:
    """Who hands out the work of the unit that has it: its head, or who leads the desk's shift."""
    for grant in by.grants:
        if leads(grant) and works_for(grant, case.holder_id):
            return grant
    return _("由%(holder)s的负责人或值班长分派。") % {"holder": directory.name_of(case.holder_id, short=True)}


def owner(case: Case, by: Actor, capability: str) -> Grant | str:
    """Who has it in hand, or stands in for who has, of the unit that has it."""
    if (
        by.id is None
        or case.holder_account_id is None
        or case.holder_account_id not in {by.id, *by.stands_in}
    ):
        return _("这件工单不在您手上。")
    return holder(case, by, capability)


def owner_or_leader(case: Case, by: Actor, capability: str) -> Grant | str:
    """Who has it in hand, or who hands out the unit's work; nobody where nobody has it."""
    if case.holder_account_id is None:
        return _("这件工单没有人领取。")
    if isinstance(found := owner(case, by, capability), Grant):
        return found
    return leader(case, by, capability)


def party(case: Case, by: Actor, capability: str) -> Grant | str:
    """Whoever has a part: works the place, holds or held it, reported it. Reading alone is no part."""
    return _concerned(case, by, PART)


def disputant(case: Case, by: Actor, capability: str) -> Grant | str:
    """The people of a unit that declined it or was named, or whose turn it is."""
    for grant in _grants(by, INTEREST):
        if any(works_for(grant, unit) for unit in case.party_ids):
            return grant
    return _("由退过单的、被指名的单位陈述。")


def interested(case: Case, by: Actor, capability: str) -> Grant | str:
    """Whoever has a part, and who supervises or leads there."""
    return _concerned(case, by, INTERESTED)


def _concerned(case: Case, by: Actor, capabilities: frozenset[str]) -> Grant | str:
    units = set(case.unit_ids)
    for grant in by.grants:
        if not grant.capabilities & capabilities:
            continue
        at_unit = any(works_for(grant, unit) for unit in units)
        if at_unit or stands_at(grant, case) or by.id in case.reporter_ids:
            return grant
    return _("您与这件工单没有经办关系。")


def taker(case: Case, by: Actor, capability: str) -> Grant | str:
    """Whoever may take calls at the place."""
    return next(iter(by.grants_for(capability)), None) or _("您没有登记权限。")


def system(case: Case, by: Actor, capability: str) -> Grant | str:
    """Nobody: the system does it by itself."""
    return _("这一步由系统自动完成。")


# fmt: off
RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        desk, holder, desk_or_holder, worker, sender, merger, desk_above, street_desk, official,
        claimer, outsider, answerer, informer, adjudicator, judge, granter, reopener, unmerger,
        withdrawer, informant, leader, owner, owner_or_leader, party, disputant, interested, taker,
        system,
    )
}
# fmt: on
