"""What a resident sees of the own call: where it stands, what was told and asked, when the next answer comes.

Nothing about other callers, no name or number of staff; words that staff wrote for the caller only.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import kinds, rulebook
from cases.models import Call, Case, Clock
from cases.queries import story
from cases.queries.rail import rail_of
from cases.templatetags.huying import hm
from ledger.models import Entry
from parties import directory
from parties.privacy import mask_name, mask_phone, mask_text

# of these entries the words named here are for the caller
PUBLIC_WORDS = {
    "case.interim": ("done", "next"),
    "case.answered": ("told",),
    "case.caller_told": ("told",),
    "case.asked": ("question",),
    "case.rejected": ("instead",),
    "case.noted": ("text",),  # of notes only those that were written for the caller: see `timeline`
}


def find(code: str, tail: str) -> Call | None:
    """The call with this tracking code whose caller's phone ends so; digits of any width and spacing."""
    code, tail = digits(code), digits(tail)
    if not code or len(tail) != 4:
        return None
    return Call.objects.filter(tracking_code=code, caller__phone_tail=tail).select_related("caller").first()


def by_code(code: str) -> Call | None:
    """The call alone; the caller of this function has proved the pair before."""
    return Call.objects.filter(tracking_code=code).select_related("caller").first()


def digits(raw: str) -> str:
    return "".join(str(int(char)) for char in raw if char.isdecimal())[:24]


def case_of(call: Call) -> Case:
    """The case in which the matter lives now: a merged one leads to the one it went into."""
    case = Case.objects.get(pk=call.case_id)
    seen = set()
    while case.status == "merged" and case.merged_into_id and case.pk not in seen:
        seen.add(case.pk)
        case = Case.objects.get(pk=case.merged_into_id)
    return case


def result(call: Call, at: dt.datetime) -> dict[str, Any]:
    """The page of one call."""
    case = case_of(call)
    clocks = list(Clock.objects.filter(case=case).order_by("id"))
    entries = [entry for entry in story.read(case) if entry.at >= call.received_at or case.pk == call.case_id]
    own_words = call.subject or call.text
    return {
        "status": case.status,
        "status_label": str(kinds.RESIDENT_STATUSES[case.status]),
        "title": _title(call, case) if own_words else str(kinds.KINDS[case.kind]),
        "tracking_code": call.tracking_code,
        "place_text": case.place_text,
        "called_at": call.called_at,
        "rail": rail_of(case, clocks, at),
        "photos": [],
        "answer": _own_answer(call, case) or _answer(case, entries),
        "timeline": timeline(case, call, entries),
        "next_words": next_words(case, clocks),
    }


def _title(call: Call, case: Case) -> str:
    """The own words, short; the case may have begun with somebody else's."""
    if call.case_id == case.pk and case.callers <= 1:
        return mask_text(case.title)
    words = " ".join((call.subject or call.text).split())
    return mask_text(words if len(words) <= 48 else words[:47] + "…")


def told_apart(call: Call, case: Case) -> bool:
    """Was this caller told in words of the own of what was done at last?"""
    if call.told_at is None or case.resolved_at is None or call.told_at < case.resolved_at:
        return False
    return case.answered_at is None or call.told_at < case.answered_at


def _own_answer(call: Call, case: Case) -> dict[str, Any] | None:
    if not told_apart(call, case):
        return None
    unit = directory.name_of(case.holder_id, short=True)
    return {"by": unit, "words": mask_text(call.told), "at": call.told_at}


def _answer(case: Case, entries: list[Entry]) -> dict[str, Any] | None:
    for entry in reversed(entries):
        if entry.event == "case.reopened":
            return None
        if entry.event == "case.answered" and (entry.texts or {}).get("told"):
            unit = directory.name_of(case.holder_id, short=True)
            return {"by": unit, "words": mask_text(entry.texts["told"]), "at": entry.at}
    return None


def timeline(case: Case, call: Call, entries: list[Entry]) -> list[dict[str, Any]]:
    """Newest first, in words for the caller."""
    shown: list[dict[str, Any]] = [_line(call.called_at, _("您反映了这件事"))]
    desk = directory.name_of(case.desk_id, short=True)
    for entry in entries:
        if entry.event == "case.noted" and not story.is_public(entry):
            continue
        if entry.event == "case.caller_told" and entry.payload.get("call") == call.pk:
            shown.append(_line(entry.at, _("已答复您"), quote=_quote(entry)))
        elif tell := TELL.get(entry.event):
            others = entry.event == "case.answered" and told_apart(call, case)  # words for the others
            quote = "" if others else _quote(entry)
            shown.append(_line(entry.at, *tell(entry, desk), quote=quote, kind=_kind(entry.event)))
    if case.status in kinds.OPEN and shown[-1]["kind"] == "done":
        shown[-1]["kind"] = "now"
    shown.reverse()
    return shown


def _line(
    at: dt.datetime, label: str, words: str = "", *, quote: str = "", kind: str = "done"
) -> dict[str, Any]:
    return {
        "at": at,
        "label": label,
        "who": "",
        "words": words,
        "quote": quote,
        "photos": [],
        "kind": kind,
    }


def _kind(event: str) -> str:
    return {
        "case.interim": "interim",
        "case.noted": "interim",
        "case.asked": "hold",
        "case.held": "hold",
    }.get(event, "done")


def _quote(entry: Entry) -> str:
    texts = entry.texts or {}
    words = [mask_text(texts[name]) for name in PUBLIC_WORDS.get(entry.event, ()) if texts.get(name)]
    return "\n".join(words)


def _unit(entry: Entry, key: str = "organisation") -> str:
    code = entry.payload.get(key)
    org = directory.by_code(code) if isinstance(code, str) else None
    return (org.short_name or org.name) if org else ""


def _until(entry: Entry) -> str:
    until = entry.payload.get("until")
    return _("%(at)s 前再答复您") % {"at": hm(dt.datetime.fromisoformat(until))} if until else ""


def _ground(entry: Entry) -> str:
    return str(kinds.REJECT_GROUNDS.get(entry.payload.get("ground", ""), ""))


TELL: dict[str, Any] = {
    "case.accepted": lambda entry, desk: (_("%(unit)s已受理") % {"unit": desk},),
    "case.started": lambda entry, desk: (_("%(unit)s正在办理") % {"unit": desk},),
    "case.escalated": lambda entry, desk: (_("转由上一级办理"),),
    "case.handed_down": lambda entry, desk: (_("转由当地办理"),),
    "case.assigned": lambda entry, desk: (_("交%(unit)s办理") % {"unit": _unit(entry)},),
    "case.ruled": lambda entry, desk: (_("交%(unit)s办理") % {"unit": _unit(entry)},),
    "case.transferred": lambda entry, desk: (_("转%(unit)s办理") % {"unit": _unit(entry)},),
    "case.signed": lambda entry, desk: (_("承办单位已签收"),),
    "case.claimed": lambda entry, desk: (_("已有单位认领"),),
    "case.held": lambda entry, desk: (_("暂时办不了，已挂账"),),
    "case.resumed": lambda entry, desk: (_("恢复办理"),),
    "case.asked": lambda entry, desk: (_("需要您补充"),),
    "case.supplied": lambda entry, desk: (_("继续办理"),),
    "case.interim": lambda entry, desk: (_("阶段性反馈"), _until(entry)),
    "case.noted": lambda entry, desk: (_("办理进展"),),
    "case.settled": lambda entry, desk: (_("已办理，待您确认"),),
    "case.resolved": lambda entry, desk: (_("已办理，待您确认"),),
    "case.reworked": lambda entry, desk: (_("核查没有通过，正在返工"),),
    "case.answered": lambda entry, desk: (_("已反馈"),),
    "case.closed": lambda entry, desk: (_("已结案"),),
    "case.reopened": lambda entry, desk: (_("重新办理"),),
    "case.rejected": lambda entry, desk: (pgettext("status", "不予受理"), _ground(entry)),
    "case.withdrawn": lambda entry, desk: (_("已撤销"),),
    "case.joined": lambda entry, desk: (_("与别人反映的同一件事一起办"),),
}


def next_words(case: Case, clocks: list[Clock]) -> str:
    """What comes next, and by when."""
    running = {row.stage: row for row in clocks if row.state == "running" and row.part == 0}
    if case.status in ("received", "accepted", "assigned", "in_hand") and "resolve" in running:
        promised = case.promised_at or running["resolve"].due_at
        return _("我们承诺 %(at)s 前办结，办完就答复您。") % {"at": hm(promised)}
    if case.status == "awaiting_info":
        return _("请把要补充的告诉网格员或社区；一个工作日后继续办理。")
    if case.status == "on_hold" and "hold" in running:
        return _("到 %(at)s 恢复办理。") % {"at": hm(running["hold"].due_at)}
    if case.status == "resolved" and "feedback" in running:
        return _("最迟 %(at)s 答复您。") % {"at": hm(running["feedback"].due_at)}
    if case.status == "answered" and "grace" in running:
        return _("%(at)s 前您没有意见就结案；结案后 30 天内仍可要求重办。") % {
            "at": hm(running["grace"].due_at)
        }
    return ""


def slip(call: Call, case: Case) -> dict[str, Any]:
    """凭条: what a resident takes away. The name and the number stay masked on paper too."""
    item = rulebook.item_by_id(case.item_id)
    caller = getattr(call, "caller", None) if call is not None else None
    words = ""
    if caller is not None:
        name = _("匿名") if caller.anonymous else mask_name(caller.name)
        words = " ".join(part for part in (name, mask_phone(caller.phone)) if part)
    return {
        "number": case.number,
        "tracking_code": call.tracking_code,
        "title": _title(call, case) if (call.subject or call.text) else str(kinds.KINDS[case.kind]),
        "place_text": case.place_text,
        "called_at": call.called_at,
        "item_name": item.name if item else "",
        "unit": directory.name_of(case.desk_id),
        "taken_by": "",
        "caller_words": words,
    }
