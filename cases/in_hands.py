"""Whose hands it is in, inside the unit that has it: taken up, handed out, passed on, put back."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases import guards
from cases.refusals import not_ready
from cases.work import Work
from parties import directory
from parties.access import actor_of
from parties.models import Account

Payload = dict[str, Any]


def take_up(work: Work, c: guards.Context) -> Payload:
    """Inside one's own unit: this person has it now."""
    work.case.holder_account_id = c.by.id
    work.board.rehold(work.case.holder_id, c.by.id)
    return {"account": c.by.id}


def assign(work: Work, c: guards.Context) -> Payload:
    """The head names a person who works for the holding unit."""
    return {"account": _give(work, c.sent["person"])}


def pass_on(work: Work, c: guards.Context) -> Payload:
    """From one's own hands into a colleague's."""
    before = work.case.holder_account_id
    account = _give(work, c.sent["person"])
    if account == before:
        raise not_ready(_("这件工单已在这个人手上。"), person=_("请换一个人。"))
    return {"had": before, "account": account}


def put_back(work: Work, c: guards.Context) -> Payload:
    """Out of anybody's hands: whoever of the unit takes it up has it."""
    before, work.case.holder_account_id = work.case.holder_account_id, None
    work.board.rehold(work.case.holder_id, None)
    return {"account": before}


def _give(work: Work, username: str) -> int:
    """Into the hands of somebody who works for the holding unit, and whom the case is not about."""
    account = Account.objects.filter(username=username, is_active=True).first()
    person = actor_of(account.pk, work.at) if account else None
    holder = directory.by_id(work.case.holder_id)
    works_here = person is not None and any(
        g.unit_id == work.case.holder_id
        or (g.organisation_path and holder and holder.path.startswith(g.organisation_path))
        for g in person.grants
    )
    if account is None or not works_here:
        raise not_ready(_("这个人不在承办单位。"), person=_("请选本单位的人。"))
    if account.pk == work.case.about_account_id:
        raise not_ready(_("这件工单反映的就是这个人，不能交给他。"), person=_("请换一个人。"))
    work.case.holder_account_id = account.pk
    work.board.rehold(work.case.holder_id, account.pk)
    return account.pk
