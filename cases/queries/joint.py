"""Joint handling 主办/协办 as the case's page shows it: who helps, since when, how far, by when, with what result; and
who of several callers has been told. From the papers and clocks in hand: no statement."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases import kinds
from cases.models.call import Call, matter_q
from cases.models.case import Case
from cases.notices import opting_out, texts
from cases.queries import colours, dossier
from cases.queries.addresses import address
from cases.queries.holdings import Stay
from cases.queries.masking import words_for
from cases.queries.rail import left_words
from cases.sla.board import ClockBoard
from cases.sla.phrases import minutes_words
from cases.templatetags.huying import hm
from ledger.actor import Actor
from parties import directory
from parties.privacy import mask_name


def state_words(state: str) -> str:
    return {
        "assigned": _("待签收"),
        "in_hand": _("办理中"),
        "done": _("已办完"),
        "declined": _("已退回"),
        "released": _("已免办"),
    }.get(state, state)


def parts(
    actor: Actor,
    case: Case,
    papers: Sequence[Mapping[str, Any]],
    board: ClockBoard,
    stays: Sequence[Stay],
    at: dt.datetime,
    *,
    release: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Every assisting part. `release`: the fact that lets one go, where the reader may."""
    minutes: dict[int, int] = {}
    for stay in stays:
        minutes[stay.part] = minutes.get(stay.part, 0) + stay.minutes.worked
    shown = []
    for part in papers:
        unit = directory.by_id(part["organisation_id"])
        running = part["state"] in ("assigned", "in_hand")
        clock = board.latest("sign" if part["state"] == "assigned" else "resolve", part["n"])
        shown.append(
            {
                "name": directory.name_of(part["organisation_id"], short=True),
                "code": unit.code if unit else "",
                "words": state_words(part["state"]),
                "colour": colours.of_clock(clock, at) if running and clock is not None else "grey",
                "since": parse_datetime(part["since"]),
                "until": parse_datetime(part["ended_at"]) if part["ended_at"] else None,
                "clock_words": left_words(clock.due_at, at) if running and clock is not None else "",
                "worked_words": minutes_words(minutes.get(part["n"], 0)),
                "result": words_for(actor, case, part["result"]),
                "release_url": release["url"] if release and running else "",
            }
        )
    return shown


def told(case: Case, call: Mapping[str, Any]) -> dict[str, Any]:
    """Whether this caller was told of what was done: `words` "" where nobody waits for an answer."""
    waits = (
        case.status in ("resolved", "answered", "closed")
        and case.callers > 1
        and case.resolved_at is not None
    )
    if not waits or call["origin"] != "resident" or call["withdrawn_at"]:
        return {"words": "", "colour": "grey"}
    if at := _told_at(call, since=case.resolved_at):
        return {"words": _("%(at)s 已答复") % {"at": hm(at)}, "colour": "green"}
    return {"words": _("还没有答复"), "colour": "yellow"}


def _told_at(call: Mapping[str, Any], *, since: dt.datetime | None) -> dt.datetime | None:
    """When this caller was told of what was done; before `since` does not count."""
    at = parse_datetime(call["told_at"]) if call["told_at"] else None
    return at if at is not None and (since is None or at >= since) else None


def untold(case: Case) -> list[dict[str, str]]:
    """The callers who wait for an answer, to choose from: by how they are named, when they called, how to reach them."""
    return _to_choose(
        call
        for call in dossier.calls_of(case)
        if call["origin"] == "resident" and not _told_at(call, since=case.resolved_at)
    )


def joined(case: Case) -> list[dict[str, str]]:
    """The calls that joined the case's first one and were not answered: one of them may be another matter."""
    own = [call for call in dossier.calls_of(case) if call["number"] == case.number]
    return _to_choose(call for call in own[1:] if not call["told_at"])


def texted(case: Case, *, stopped: bool, named: bool = True) -> list[dict[str, str]]:
    """The callers with a mobile number who get texts, or who want none; not `named`, by when they called alone."""
    phones = ((call, (call["caller"] or {}).get("phone", "")) for call in dossier.calls_of(case))
    found = [
        call for call, phone in phones if texts.mobile(phone) and opting_out.is_stopped(phone) == stopped
    ]
    return _to_choose(call if named else {**call, "caller": None} for call in found)


def _to_choose(calls: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    standing = (call for call in calls if not call["withdrawn_at"])
    return [
        {"value": str(call["id"]), "label": " · ".join(part for part in _words(call) if part)}
        for call in itertools.islice(standing, 200)
    ]


def _words(call: Mapping[str, Any]) -> tuple[str, ...]:
    who = call["caller"] or {"name": "", "phone": ""}
    tail = who["phone"][-4:]
    return hm(parse_datetime(call["called_at"])), mask_name(who["name"]), f"…{tail}" if tail else ""


def family(case: Case, kin: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The case that stands for the whole and those of its places, as far as one of them is this one."""
    if not kin:
        return None
    rows = [
        {
            "number": one["number"],
            "url": address("detail", one["number"]),
            "title": _("内容不公开") if one["guarded"] else one["title"],
            "words": " · ".join((one["place_text"], directory.name_of(one["holder"], short=True))),
            "status_label": str(kinds.STATUSES[one["status"]]),
            "colour": "grey" if one["status"] in kinds.WORK_DONE else "green",
            "is_parent": one["id"] == case.parent_id,
        }
        for one in kin
    ]
    children = [one for one in kin if one["parent"] == case.pk]
    done = sum(one["status"] in kinds.WORK_DONE for one in children)
    progress = _("%(done)s / %(n)s 处已办好") % {"done": done, "n": len(children)} if children else ""
    return {"rows": rows, "progress": progress}


def missed_words(case: Case) -> str:
    """What the newest text said that did not arrive: for who goes to the door."""
    missed = Call.objects.filter(matter_q(case.pk), missed_at__isnull=False).order_by("-missed_at")
    return missed.values_list("told", flat=True).first() or ""
