"""One case as its own page shows it, for the phone and for the desk.

Statements: the case with its holder's person, its dossier with clocks and past stays, its entries with words
and names, what is like it near by; and one more for who may be named, where the reader may name somebody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases import editing, kinds, rulebook
from cases.models import Case, Clock
from cases.notices import opting_out, texts
from cases.queries import (
    colours,
    dossier,
    findings,
    holdings,
    instructions,
    joint,
    likely,
    lists,
    milestones,
    moves_bar,
    relief_pages,
    reliefs,
    standing,
    story,
    why,
)
from cases.queries.case_json import names_in
from cases.queries.dossier import Dossier
from cases.queries.masking import title_for, words_for
from cases.queries.rail import left_words, time_of
from cases.scope import covers, reads_words
from cases.sla.board import ClockBoard
from cases.sla.phrases import amount_words
from cases.templatetags.huying import hm
from grid.queries import path_text
from ledger import reading
from ledger.actor import Actor
from parties import directory, gate
from parties.privacy import mask_name, mask_phone


@dataclass
class Opened:
    """A case in hand, with what was read with it."""

    case: Case
    board: ClockBoard
    papers: Dossier


def find(actor: Actor, number: str) -> Case:
    """The case in the actor's scope with the name of who has it. Raises gate.OutOfScope."""
    rows = Case.objects.annotate(person_name=F("holder_account__person__name"))
    case = gate.find(rows, number=number)
    if not covers(actor, case):  # one case in hand is judged here: the filter of lists is a long statement
        raise gate.OutOfScope(gate.NOT_FOUND)
    return case


def state_of(case: Case) -> str:
    """Another whenever anything was written about the case."""
    return f"{case.version}.{case.chain_length}"


def open_case(actor: Actor, number: str) -> Opened:
    """The case with its clocks and papers: two statements."""
    case = find(actor, number)
    papers = dossier.read(case)
    return Opened(case, ClockBoard(case, papers.clocks), papers)


def page(
    actor: Actor,
    opened: Opened,
    at: dt.datetime,
    *,
    back: str = "",
    revealed: bool = False,
    nearby: bool = True,
    skip: Collection[str] = (),
) -> dict[str, Any]:
    """The detail dict of the templates. `back` is where its forms lead afterwards; `revealed` shows who
    called plainly, which the caller of this function has recorded; `skip` leaves moves out of the bar."""
    case, board, papers = opened.case, opened.board, opened.papers
    readable = reads_words(actor, case)
    names = names_in(papers)
    files = story.photos_by_entry(papers.files, case, readable)
    entries = story.read(case)
    people = {pk: person["name"] for pk, person in papers.people.items()}
    stage, words = time_of(case, board.rows, at)
    bar = moves_bar.bar(actor, case, board, at, back=back, skip=("hold", *skip))
    bar.moves += relief_pages.offers(case, board, actor, papers.reliefs, at)
    bar.moves.sort(key=lambda move: not move["enabled"])
    item = rulebook.item_by_id(case.item_id)
    lead = board.latest("resolve")
    stays = holdings.of(case, papers, board, at)
    release = next((fact for fact in bar.facts if fact["name"] == "release_part"), None)
    return {
        **lists.row_of(actor, case, board.rows, at),
        "title": title_for(actor, case, names),
        "place_text": path_text(case.path, below="district", between=" "),
        "stage_label": stage,
        "time_words": words or _ended_words(case),
        "version": case.version,
        "state": state_of(case),
        "entries": case.chain_length,
        "promised_at": case.promised_at,
        "due_at": lead.due_at if lead is not None and case.is_open else None,
        "limit_words": limit_words(item),
        "clocks": clocks(case, board, at),
        "calls": calls(actor, case, papers, files, bar, readable=readable, revealed=revealed),
        "moves": bar.moves,
        "milestones": milestones.rows(case, board, bar.facts, at),
        "facts": bar.facts,
        "gallery": story.before_and_after(files, entries),
        "may_tell": editing.may_tell(case, actor),
        "timeline": story.told(actor, case, entries, files, names, people),
        "ledger_words": _ledger_words(case, entries),
        "holders": holdings.rows(stays),
        "instructions": instructions.of_case(actor, case, entries, names, at),
        "findings": findings.of_case(actor, case, papers.findings),
        "finding_url": findings.propose_url(actor, case),
        "reliefs": [
            relief_pages.line(one, waiting=reliefs.is_waiting(one, board.rows), people=people)
            for one in reversed(papers.reliefs)
        ],
        "assisting": joint.parts(actor, case, papers.parts, board, stays, at, release=release),
        "family": joint.family(case, papers.family),
        "routing": {"reason": case.routing_reason, "direct": case.direct, "matched": not case.unmatched}
        if case.routing_reason
        else None,
        "similar": likely.rows(actor, likely.for_case(actor, case, papers.calls, at), case=case)
        if nearby
        else [],
        "merge": next((move for move in bar.moves if move["name"] == "merge" and move["enabled"]), None),
        "merged_into": papers.merged_into,
        "merged_from": papers.merged_from,
        "escalation": escalation(actor, case, entries),
        "standing": standing.notes(case, at, entries),
    }


def _ended_words(case: Case) -> str:
    return "" if case.is_open else str(kinds.STATUSES[case.status])


def limit_words(item: rulebook.Item | None) -> str:
    """行业时限, beside the promise and smaller; a clock only where a policy adopted it."""
    if item is None or item.limit_amount is None:
        return ""
    words = {"item": item.name, "amount": amount_words(item.limit_amount, item.limit_unit)}
    return _("%(item)s行业时限 %(amount)s（参考）") % words


# -- its parts


def clocks(case: Case, board: ClockBoard, at: dt.datetime) -> list[dict[str, Any]]:
    """Of every stage the round that counts, those that run first."""
    latest = {(row.stage, row.part): board.latest(row.stage, row.part) for row in board.rows}
    order = {"running": 0, "paused": 1, "stopped": 2}
    return [
        {
            "stage": row.stage,
            "label": why.label_of(row),
            "state": row.state,
            "colour": colours.of_clock(row, at),
            "due_at": row.due_at,
            "warn_at": row.warn_at,
            "words": _clock_words(row, at),
            "against": directory.name_of(row.organisation_id, short=True),
            "why_url": why.url_of(case, row),
        }
        for row in sorted(filter(None, latest.values()), key=lambda row: (order[row.state], row.due_at))
    ]


def _clock_words(row: Clock, at: dt.datetime) -> str:
    if row.state == "running":
        return left_words(row.due_at, at)
    if row.state == "paused":
        return _("已暂停")
    if row.outcome != "met":
        return _("已停表")
    return _("按时") if row.stopped_at is None or row.stopped_at <= row.due_at else _("超时完成")


def calls(
    actor: Actor,
    case: Case,
    papers: Dossier,
    files: Mapping[int, list[dict[str, Any]]],
    bar: moves_bar.Bar,
    *,
    readable: bool,
    revealed: bool,
) -> list[dict[str, Any]]:
    """The calls, word for word but for what is masked."""
    shown, offered = [], {fact["name"] for fact in bar.facts}
    for n, call in enumerate(papers.calls, start=1):
        names = [call["caller"]["name"], call["caller"]["for_person"]] if call["caller"] else []
        own = call["number"] == case.number
        hidden = not readable or (call["guarded"] and not own)
        words = "\n".join(part for part in (call["subject"], call["text"]) if part)
        shown.append(
            {
                "number_label": _("第 %(n)s 次反映") % {"n": n},
                "text": _hidden() if hidden else words if revealed else words_for(actor, case, words, names),
                "subject": "",
                "photos": files.get(1, []) if own and n == 1 and not hidden else [],
                "caller": _caller(case, call["caller"], bar.reveal_url, hidden=hidden, revealed=revealed),
                "called_at": parse_datetime(call["called_at"]),
                "channel_label": str(kinds.CHANNELS.get(call["channel"], call["channel"])),
                "told": joint.told(case, call),
                "on_round": _on_round(call["round"]),
                "texts": None if hidden else _texts(call["caller"], offered),
            }
        )
    return shown


def _on_round(row: Mapping[str, Any] | None) -> str:
    """The round on which it was seen."""
    if row is None:
        return ""
    at = dt.datetime.fromisoformat(row["made_at"])
    return _("来自 %(at)s 的%(kind)s") % {"at": hm(at), "kind": kinds.ROUNDS[row["kind"]]}


def _texts(caller: Mapping[str, Any] | None, offered: Collection[str]) -> dict[str, Any] | None:
    """Whether texts go to this phone, in which language where that is not the house's, and the form that changes it."""
    if caller is None or not texts.mobile(caller["phone"]):
        return None
    stopped = opting_out.is_stopped(caller["phone"])
    form = "resume_texts" if stopped else "stop_texts"
    other = caller["language"] not in ("", settings.LANGUAGE_CODE)
    return {
        "stopped": stopped,
        "language": dict(settings.LANGUAGES).get(caller["language"], "") if other else "",
        "form": f"#move-{form}" if form in offered else "",
    }


def _hidden() -> str:
    return _("（内容不公开，只有受理台和承办单位能看）")


def _caller(
    case: Case, caller: Mapping[str, Any] | None, reveal_url: str, *, hidden: bool, revealed: bool
) -> dict[str, Any] | None:
    if hidden:
        return {"name": _("不公开"), "phone": "", "masked": False, "reveal_url": "", "anonymous": False}
    if caller is None:
        if not case.has_caller:
            return None
        return {
            "name": _("没有留下称呼和电话"),
            "phone": "",
            "masked": False,
            "reveal_url": "",
            "anonymous": False,
        }
    if caller["anonymous"] and not caller["phone"]:
        return {"name": "", "phone": "", "masked": False, "reveal_url": "", "anonymous": True}
    name = caller["name"] or _("没有留下称呼")
    if revealed:
        return {"name": name, "phone": caller["phone"], "masked": False, "reveal_url": "", "anonymous": False}
    return {
        "name": _("匿名") if caller["anonymous"] else mask_name(caller["name"]) or name,
        "phone": mask_phone(caller["phone"]),
        "masked": True,
        "reveal_url": reveal_url,
        "anonymous": False,
    }


def escalation(actor: Actor, case: Case, entries: list[Any]) -> dict[str, Any] | None:
    """Why it came here the last time: called upward, handed down or sent back to a desk; transferred or ruled to a
    unit; with the reason."""
    if case.status not in ("received", "accepted", "assigned"):
        return None
    labels = {
        "case.transferred": _("转派理由"),
        "case.ruled": _("裁定依据"),
        "case.assigned": "",
        "case.recalled": "",
        "case.escalated": _("上呼理由"),
        "case.handed_down": _("下交理由"),
        "case.declined": _("退单理由"),
    }
    for entry in reversed(entries):
        if entry.event in labels and not labels[entry.event]:
            return None
        if entry.event in labels:
            said = words_for(actor, case, story.quote_of(entry.texts or {}))
            facts = story.facts_of(entry) if entry.event in ("case.declined", "case.ruled") else []
            if entry.event == "case.transferred":
                facts = [_("由%(unit)s转来") % {"unit": story.name_of(entry.payload.get("unit"))}]
            return {
                "label": labels[entry.event],
                "who": entry.who or "",
                "at": entry.at,
                "words": _("；").join((*facts, said) if said else facts),
            }
    return None


def _ledger_words(case: Case, entries: list[Any]) -> str:
    """Every entry follows the one before it, and the last is the one the case knows."""
    heads = {(Case.SUBJECT, case.pk): (case.chain_head, case.chain_length)}
    if any(reading.verify(iter(entries), heads)):
        return ""
    return _("台账 %(n)s 条，校验无误") % {"n": len(entries)}
