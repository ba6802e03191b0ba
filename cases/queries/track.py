"""What a resident sees of the own call: where it stands, what was told and asked, when the next answer comes.

Nothing about other callers, no name or number of staff; words that staff wrote for the caller only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import kinds, rating, rulebook, voice_keys
from cases.lifecycle import MOVES
from cases.models import Attachment, Call, Case, Clock
from cases.models.call import matter_of
from cases.queries import story
from cases.queries.qr import qr_svg
from cases.queries.rail import rail_of
from cases.spoken import digits
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
    "case.supplied": ("answer",),  # of the own answer: see OWN
    "case.rated": ("words",),
    "case.caller_withdrew": ("reason",),
    "case.withdrawn": ("reason",),  # of the own call
    "case.verified": ("text",),  # of a check that a caller asked for
    "case.noted": ("text",),  # of notes only those that were written for the caller: see `timeline`
}


MOST_SAID = 90  # characters of the own words on a slip


def find(code: str, tail: str) -> Call | None:
    """The call with this tracking code whose caller's phone ends so; digits of any width and spacing."""
    code, tail = digits(code), digits(tail)
    if not code or len(tail) != 4:
        return None
    return (
        Call.objects.filter(tracking_code=code, caller__phone_tail=tail)
        .select_related("caller", "case", "case__merged_into")
        .first()
    )


def by_code(code: str) -> Call | None:
    """The call alone; the caller of this function has proved the pair before."""
    return (
        Call.objects.filter(tracking_code=code).select_related("caller", "case", "case__merged_into").first()
    )


def result(call: Call, at: dt.datetime) -> dict[str, Any]:
    """The page of one call."""
    case = matter_of(call)
    clocks = list(Clock.objects.filter(case=case).order_by("id"))
    entries = [entry for entry in story.read(case) if entry.at >= call.received_at or case.pk == call.case_id]
    gone = call.withdrawn_at
    if gone is not None:  # what became of the others' matter is theirs
        entries = [entry for entry in entries if entry.at <= gone]
    own_words = call.subject or call.text
    status = "withdrawn" if gone else case.status
    voice = None if gone else rating.voice_of(call, case)
    return {
        "status": status,
        "status_label": str(kinds.RESIDENT_STATUSES[status]),
        "title": _title(call, case) if own_words else str(kinds.KINDS[case.kind]),
        "tracking_code": call.tracking_code,
        "place_text": case.place_text,
        "called_at": call.called_at,
        "rail": None if gone else rail_of(case, clocks, at),
        "photos": [],
        "answer": None if gone else _own_answer(call, case) or _answer(case, entries),
        "timeline": timeline(case, call, entries, _photos(call, case, entries)),
        "next_words": "" if gone else next_words(case, clocks),
        "question": _question(entries) if status == "awaiting_info" else "",
        "may_withdraw": status in MOVES["withdraw"].sources,
        "may_rate": status in rating.RATED_IN and not rating.why_not(call, case, at),
        "rated": _said(voice.step, voice.solved) if voice is not None else "",
        "phone": mask_phone(call.caller.phone) if voice_keys.may_be_sent(call) else "",
    }


def _said(step: str, solved: str) -> str:
    return f"{kinds.SOLVED[solved]} · {kinds.SATISFACTION[step]}"


def _question(entries: list[Entry]) -> str:
    asked = [(entry.texts or {}).get("question", "") for entry in entries if entry.event == "case.asked"]
    return mask_text(asked[-1]) if asked else ""


def photos_for(call: Call) -> QuerySet[Attachment]:
    """The pictures that a caller may see: those of a check that a caller asked for."""
    case = matter_of(call)
    if call.withdrawn_at is not None:
        return Attachment.objects.none()
    checks = Entry.objects.filter(
        subject_kind=Case.SUBJECT, subject_id=case.pk, event="case.verified", payload__doubted=True
    )
    return Attachment.objects.filter(case=case, kind="photo", seq__in=checks.values("seq"))


def _photos(call: Call, case: Case, entries: list[Entry]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    if any(entry.payload.get("doubted") is True for entry in entries):
        for file in photos_for(call).order_by("uploaded_at"):
            url = reverse("cases:track_photo", args=[call.tracking_code, file.pk])
            found.setdefault(file.seq, []).append({"url": url, "thumb": f"{url}?small=1", "caption": ""})
    return found


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


def timeline(
    case: Case, call: Call, entries: list[Entry], photos: Mapping[int, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Newest first, in words for the caller."""
    shown: list[dict[str, Any]] = [_line(call.called_at, _("您反映了这件事"))]
    desk = directory.name_of(case.desk_id, short=True)
    for entry in entries:
        if entry.event == "case.noted" and not story.is_public(entry):
            continue
        if own := OWN.get(entry.event) if entry.payload.get("call") == call.pk else None:
            shown.append(_line(entry.at, *own(entry), quote=_quote(entry)))
        elif entry.event == "case.verified" and entry.payload.get("doubted") is True:
            line = _line(entry.at, _("已到场核查：确已办好"), quote=_quote(entry))
            shown.append({**line, "photos": photos.get(entry.seq, [])})
        elif call.pk not in entry.payload.get("calls", (call.pk,)):
            continue  # told at somebody else's door
        elif tell := TELL.get(entry.event):
            others = entry.event == "case.answered" and told_apart(call, case)  # words for the others
            quote = "" if others or entry.event in OWN else _quote(entry)
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


# of the own call, said to its caller alone
OWN: dict[str, Any] = {
    "case.caller_told": lambda entry: (_("已答复您"),),
    "case.supplied": lambda entry: (_("您补充了"),),
    "case.rated": lambda entry: (_("您的评价"), _said(entry.payload["step"], entry.payload["solved"])),
    "case.caller_withdrew": lambda entry: (_("您收回了这次反映"),),
    "case.withdrawn": lambda entry: (_("您收回了这次反映"),),
}

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
    if case.doubted_at is not None:
        return _("有反映人说没有解决。我们派没有经办过的人到场看：没办好就重办，办好了给您看凭据。")
    running = {row.stage: row for row in clocks if row.state == "running" and row.part == 0}
    if case.status in ("received", "accepted", "assigned", "in_hand") and "resolve" in running:
        promised = case.promised_at or running["resolve"].due_at
        return _("我们承诺 %(at)s 前办结，办完就答复您。") % {"at": hm(promised)}
    if case.status == "awaiting_info":
        return _("请在上面补充，也可以告诉网格员或社区；一个工作日后继续办理。")
    if case.status == "on_hold" and "hold" in running:
        return _("到 %(at)s 恢复办理。") % {"at": hm(running["hold"].due_at)}
    if case.status == "resolved" and "feedback" in running:
        return _("最迟 %(at)s 答复您。") % {"at": hm(running["feedback"].due_at)}
    if case.status == "answered" and "grace" in running:
        return _("%(at)s 前您没有意见就结案；结案后 30 天内仍可要求重办。") % {
            "at": hm(running["grace"].due_at)
        }
    return ""


def slip(call: Call, track_url: str) -> dict[str, Any]:
    """凭条: what a resident takes away. The name and the number stay masked on paper too; no 评价码 is ever on it, for
    who prints it may be one of ours."""
    case = matter_of(call)
    item = rulebook.item_by_id(case.item_id)
    caller = getattr(call, "caller", None)
    words = ""
    if caller is not None:
        name = _("匿名") if caller.anonymous else mask_name(caller.name)
        words = " ".join(part for part in (name, mask_phone(caller.phone)) if part)
    said = " ".join((call.text or call.subject).split())
    due = Clock.objects.filter(case=case, stage="feedback", state="running").order_by("round").last()
    return {
        "number": case.number,
        "tracking_code": call.tracking_code,
        "title": _title(call, case) if said else str(kinds.KINDS[case.kind]),
        "said": mask_text(said if len(said) <= MOST_SAID else said[: MOST_SAID - 1] + "…"),
        "place_text": case.place_text,
        "called_at": call.called_at,
        "item_name": item.name if item else "",
        "unit": directory.name_of(case.desk_id),
        "taken_by": "",
        "caller_words": words,
        "answer_by": due.due_at if due is not None else None,
        "track_url": track_url,
        "qr_svg": qr_svg(f"{track_url}?code={call.tracking_code}"),
    }
