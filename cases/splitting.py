"""A call that joined the wrong case is split out again into a case of its own: its clocks count from the call's times,
and the case it leaves is what its other calls and the cases merged into it make of it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases import call_sheet, guards, intake, merging, rulebook
from cases.models.call import Call, Caller
from cases.models.case import Case
from cases.models.evidence import Attachment
from cases.refusals import not_ready, not_yours
from cases.work import Work
from grid.models import Place
from grid.tree import path_ids
from ledger.actor import system
from parties import directory
from parties.models import Account

PLANNER = system("splitting")  # the call was taken by who might take it: what it says is not judged anew

Payload = dict[str, Any]


def place_of(number: str, call_id: int | None) -> list[intake.Where]:
    """Where the call was about, or what became of the place; held before its case is."""
    of = Call.objects.filter(pk=call_id, case__number=number)
    path = of.values_list("path", flat=True).first() if call_id is not None else None
    if path is None:
        return []
    code = Place.objects.filter(pk=path_ids(path)[-1]).values_list("code", flat=True).first()
    return [intake.place(code)] if code else []


def split(work: Work, c: guards.Context) -> Payload:
    """The call gets the case that it would have had."""
    case = work.case
    call = Call.objects.filter(pk=c.sent["call"], case=case).first()
    trace = merging.leaving(case, call.pk) if call is not None else None
    if call is None or trace is None or not trace.joined or not work.wheres:
        raise not_ready(_("这次反映不是后来并进来的，不能拆出。"), call=_("请选后来并进来的。"))
    if call.told_at is not None:
        raise not_ready(_("这位反映人已经答复过了，不能再拆出。"), call=_("请选还没有答复的。"))
    if call.withdrawn_at is not None:
        raise not_ready(_("这次反映已经撤回，不用拆出。"), call=_("请选别的。"))
    if call.reporter_id is not None and call.reporter_id == c.by.id:
        raise not_yours(_("这次反映是您并进来的，须由别人拆出。"))
    own = _own_case(work, call, trace.joined)
    merging.leave(work, trace, work.at)
    case.split_into = own.number
    return {"call": call.pk, "into": own.pk, "callers": case.callers}


def _own_case(work: Work, call: Call, joined: Payload) -> Case:
    kept = joined.get("own", {})
    item = rulebook.item(kept.get("item", ""))
    files = Attachment.objects.filter(case=work.case, seq=joined["seq"])
    sheet = call_sheet.read(
        at=work.at,
        text=call.text,
        subject=call.subject,
        attachments=[str(pk) for pk in files.values_list("pk", flat=True)],
        item=item.code if item is not None and not item.retired else "",
        kind=kept.get("kind", ""),
        urgency=kept.get("urgency", ""),
        channel=call.channel,
        origin=call.origin,
        called_at=call.called_at,
        lat=call.lat,
        lng=call.lng,
        about=_about(work.case),
        caller=_caller(call),
    )
    planned = intake.plan(PLANNER, work.at, work.wheres[0], sheet, accepted_from=call.received_at)
    own, planned.fact.by = planned.case, work.by
    own.reporter_ids = [call.reporter_id] if call.reporter_id is not None else []
    planned.fact.payload["from"] = work.case.pk
    intake.write_case(planned)
    Call.objects.filter(pk=call.pk).update(case=own)
    files.update(case=own, seq=1)
    return own


def _caller(call: Call) -> dict[str, Any] | None:
    caller = Caller.objects.filter(call=call).first()
    if caller is None:
        return None
    names = ("name", "phone", "anonymous", "contact_by", "for_person", "language")
    return {name: getattr(caller, name) for name in names}


def _about(case: Case) -> str:
    if case.about_organisation_id is not None:
        unit = directory.by_id(case.about_organisation_id)
        return unit.code if unit is not None else ""
    if case.about_account_id is not None:
        return f"account:{Account.objects.values_list('username', flat=True).get(pk=case.about_account_id)}"
    return ""
