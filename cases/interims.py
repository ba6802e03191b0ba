"""Interim answers 阶段性反馈: the caller is told what is done and what comes next; and what if the text with it was lost.

Lost is as a final answer lost: nobody was told by it. The feedback it had met runs on with what was left, its promise is
called off, and somebody goes to the door of whoever was not reached; everybody else has been told.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases import effects, guards, milestones, rulebook, told
from cases.models.call import Call, matter_q
from cases.models.case import Case
from cases.models.evidence import Words
from cases.parts import add
from cases.refusals import not_ready
from cases.work import Work
from ledger.models import Entry

AT_MOST = 5  # work_day

Payload = dict[str, Any]


def interim(work: Work, c: guards.Context) -> Payload:
    """This feedback round is met, the next is due when promised, at most 5 working days ahead. At the door it is told to
    who was missed, and to nobody else."""
    case = work.case
    if not case.has_caller:
        raise not_ready(_("这是主动发现，没有反映人可反馈。"))
    until = c.sent["until"]
    cal = rulebook.calendar(rulebook.ref_for(case.holder_id, case.path))
    latest = cal.close_of_nth_workday_after(cal.local(work.at).date(), AT_MOST)
    if not work.at < until <= latest:
        raise not_ready(_("下次答复最迟在 %(n)s 个工作日内。") % {"n": AT_MOST}, until=_("请改时间。"))
    callers = Call.objects.filter(matter_q(case.pk), withdrawn_at=None, origin="resident")
    told.check(c, callers.select_related("caller"), at_door=case.door_interim)
    kept = milestones.reach(work, c, "feedback", "contact")
    rule = effects.sla.Rule("feedback", 0, "until", policy="interim", until=until)
    work.board.start("feedback", rule, anchor=work.at, at=work.at, organisation=case.holder_id)
    add(case.contacted_by, c.grant.unit_id)
    payload: Payload = {"channel": c.sent["channel"], "until": until.isoformat(), **kept}
    if case.door_interim:
        missed = callers.filter(missed_at__isnull=False)
        if c.sent["channel"] == "visit":
            payload["calls"] = sorted(missed.values_list("pk", flat=True))
        missed.update(missed_at=None)
        case.forget_lost_interim()
    return payload


def miss_interim(work: Work, c: guards.Context) -> Payload:
    """The text with it did not reach this caller. What was promised by it is called off once, however many were missed."""
    case, board = work.case, work.board
    board.take_back("feedback", work.at, effects.VOID_FLOOR_HOURS, organisation=case.holder_id)
    if case.status == "on_hold":
        board.pause("feedback", work.at)
    Call.objects.filter(pk=c.sent["call"]).update(missed_at=work.at)
    if case.door_since is None:
        case.door_since, case.door_interim = work.at, True
    return {"call": c.sent["call"]}


def missed_words(case: Case) -> dict[str, str]:
    """What the last one said, by field, for who goes to the door with it. Read once for a page."""
    if (found := getattr(case, "_missed_words", None)) is None:
        of_case = {"subject_kind": Case.SUBJECT, "subject_id": case.pk}
        entry = Entry.objects.filter(event="case.interim", **of_case).order_by("-seq").first()
        words = Words.objects.filter(case=case, seq=entry.seq).first() if entry is not None else None
        until = entry.payload.get("until", "") if entry is not None else ""
        found = {**(words.texts if words is not None else {}), "until": until}
        case._missed_words = found  # type: ignore[attr-defined]
    return found
