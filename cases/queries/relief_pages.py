"""Reliefs laid out for their pages: the rows of the queue, the form that asks, the page that answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.lifecycle import Need
from cases.models import Case, Relief
from cases.queries import colours, lists, relief_effect, reliefs, story
from cases.queries.addresses import address
from cases.queries.case_json import names_in
from cases.queries.dossier import Dossier
from cases.queries.masking import texts_for, title_for
from cases.queries.moves_bar import need_field
from cases.queries.rail import left_words
from cases.reliefs import answering, asking, ladder, reviewing
from cases.reliefs.policy import GROUNDS, STATES, TABLE, Terms
from cases.scope import reads_words
from cases.sla.board import ClockBoard
from cases.sla.phrases import amount_words
from cases.templatetags.huying import hm
from ledger.actor import Actor, Grant

EMPTY = {
    "waiting": {
        "title": gettext_lazy("没有等您批的申请"),
        "sentence": gettext_lazy("承办单位提出的延期、挂账、剔除会出现在这里；逾期不批会转到上一级。"),
    },
    "review": {
        "title": gettext_lazy("没有要复核的挂账"),
        "sentence": gettext_lazy("您批的挂账过了八成期限，会列在这里，看一看还要不要挂下去。"),
    },
    "answered": {"title": gettext_lazy("还没有批过申请"), "sentence": gettext_lazy("您批复过的会列在这里。")},
    "asked": {
        "title": gettext_lazy("没有提出过申请"),
        "sentence": gettext_lazy("办不完的，在办结时限之前打开工单，点“申请延期”或“申请挂账”。"),
    },
}
STATE_CHIPS = {"asked": "warn", "granted": "ok", "refused": "bad", "withdrawn": "stop", "lapsed": "stop"}


def rows_of(actor: Actor, found: Sequence[Relief], at: dt.datetime) -> list[dict[str, Any]]:
    """A row each: the case, what is asked for, by whom, and the granter's clock; one statement for the clocks."""
    clocks = reliefs.clocks_for(found)
    rows = []
    for relief in found:
        row = clocks.get(relief.case_id)
        waits = relief.state == "asked" and row is not None
        rows.append(
            {
                **line(relief, waiting=waits),
                "number": relief.case.number,
                "title": title_for(actor, relief.case),
                "place": relief.case.place_text,
                "colour": colours.of_clock(row, at) if waits and row is not None else "grey",
                "time_words": left_words(row.due_at, at) if waits and row is not None else "",
                "marked": waits and row is not None and row.breached_at is not None,
            }
        )
    return rows


def line(relief: Relief, *, waiting: bool, people: Mapping[int, str] | None = None) -> dict[str, Any]:
    """One relief in a line. `people`: account → name, where they were read with the case."""
    state = reliefs.state_of(relief, waiting=waiting)
    return {
        "n": relief.n,
        "kind": relief.kind,
        "kind_label": str(TABLE[relief.kind].label),
        "icon": TABLE[relief.kind].icon,
        "state": state,
        "state_label": str(STATES[state]),
        "state_chip": STATE_CHIPS[state],
        "ground": str(GROUNDS.get(relief.ground, relief.ground)),
        "wanted": wanted(relief),
        "asker": reliefs.asker(relief),
        "asker_person": _name(relief.asked_by_id, people, relief),
        "asked_at": relief.asked_at,
        "due_before": relief.due_before,
        "due_after": relief.due_after,
        "who": reliefs.who_answers(relief) if waiting else "",
        "url": address("relief", relief.case.number, str(relief.n)),
    }


def _name(account: int | None, people: Mapping[int, str] | None, relief: Relief) -> str:
    if account is None:
        return _("系统")
    return people.get(account, "") if people is not None else relief.asked_by.person.name


def wanted(relief: Relief) -> str:
    """延长 2 日, 至 12-05 17:30"""
    if relief.amount is not None:
        return _("延长 %(amount)s") % {"amount": amount_words(relief.amount, relief.unit)}
    return _("挂账至 %(at)s") % {"at": hm(relief.until)} if relief.until else ""


def said(relief: Relief, answer: str) -> str:
    """延期申请已批准"""
    if answer in ("keep", "end"):
        return _("挂账继续") if answer == "keep" else _("挂账已结束，恢复办理")
    words = {"kind": TABLE[relief.kind].label, "state": STATES[relief.state]}
    return _("%(kind)s申请%(state)s") % words


# -- asking


def offers(
    case: Case, board: ClockBoard, actor: Actor, found: Sequence[Relief], at: dt.datetime
) -> list[dict[str, Any]]:
    """What may be asked for, as entries of the move bar that lead to a page of their own."""
    shown: list[dict[str, Any]] = []
    for terms in TABLE.values():
        if isinstance(asking.may_ask(case, actor, terms), str) or case.status not in terms.sources:
            continue
        why_not = asking.why_not(case, board, terms, list(found), max(at, case.last_at))
        shown.append(
            {
                "name": f"relief-{terms.kind}",
                "label": _("申请%(kind)s") % {"kind": terms.label},
                "key": terms.key,
                "icon": terms.icon,
                "danger": False,
                "confirm": "",
                "primary": False,
                "enabled": why_not is None,
                "why_not": why_not or "",
                "note": "",
                "fields": [],
                "link": address("relief_ask", case.number, terms.kind),
            }
        )
    return shown


def asking_page(actor: Actor, case: Case, board: ClockBoard, terms: Terms, at: dt.datetime) -> dict[str, Any]:
    grant = asking.may_ask(case, actor, terms)
    found = reliefs.of_case(case)
    why_not = (
        grant if isinstance(grant, str) else asking.why_not(case, board, terms, found, max(at, case.last_at))
    )
    context: dict[str, Any] = {
        "case": lists.row_of(actor, case, board.rows, at) | {"version": case.version},
        "terms": {
            "kind": terms.kind,
            "label": str(terms.label),
            "icon": terms.icon,
            "effect": str(terms.effect),
        },
        "why_not": why_not,
        "form": None,
        "effect": None,
        "others": [
            one for one in offers(case, board, actor, found, at) if one["name"] != f"relief-{terms.kind}"
        ],
    }
    row = board.open(asking.CLOCK)
    if why_not is not None or row is None or isinstance(grant, str):
        return context
    asker = grant.unit_id if grant.unit_id is not None else case.holder_id
    most, unit = asking.most_extension(row, case, at) if terms.kind == "extension" else (0, "")
    later = terms.kind == "exclusion" or any(map(asking.counts, found))
    rung = ladder.first(case, asking.line_of(case), asker, later=later)
    context["form"] = {
        "name": "ask",
        "label": _("提出申请"),
        "icon": "send",
        "enabled": True,
        "url": address("relief_ask", case.number, terms.kind),
        "fields": [_field(need, case, actor, at, most, unit) for need in asking.asked_of(terms, case)],
        "note": _("由%(who)s批复；批复前时钟照走，批准后从提出之时算起。")
        % {"who": ladder.who(rung.name, rung.desk)},
        "primary": True,
    }
    context["effect"] = relief_effect.of(
        case, board, terms.kind, at, reader=actor, asker=asker, amount=most, unit=unit
    )
    context["due_at"] = row.due_at
    return context


def _field(need: Need, case: Case, actor: Actor, at: dt.datetime, most: int, unit: str) -> dict[str, Any]:
    shown = need_field(need, answering.MOVES["hold"], case, actor, at)
    if need.field == "amount":
        choices = [{"value": n, "label": amount_words(n, unit)} for n in range(1, min(most, 60) + 1)]
        shown |= {"type": "choice", "choices": choices, "value": most, "empty": ""}
        shown["hint"] = _("最多原时限再给一次")
    if need.field == "until":
        latest = asking.latest_until(case, at)
        shown["hint"] = _("最长到 %(at)s；到期自动恢复，提前办好可随时恢复") % {"at": hm(latest)}
    if need.field == "told":
        shown["hint"] = _("什么时候、怎样告诉的，反映人怎么说")
    if need.field == "measure":
        shown["hint"] = _("围挡、警示、抢修、值守……没有危险的写“无安全风险”")
    if need.field == "attachments":
        shown["hint"] = _("现场照片、会议纪要、检测报告、书面答复等") if need.required else ""
    return shown


# -- answering


def relief_page(
    actor: Actor, case: Case, board: ClockBoard, papers: Dossier, relief: Relief, at: dt.datetime
) -> dict[str, Any]:
    relief.case = case
    waiting = reliefs.is_waiting(relief, board.rows)
    texts = reliefs.words_of([relief])
    names = names_in(papers)
    files = story.photos_by_entry(papers.files, case, reads_words(actor, case))
    told = texts_for(actor, case, texts.get((case.pk, relief.seq), {}), names)
    answer = texts_for(actor, case, texts.get((case.pk, relief.decided_seq or 0), {}), names)
    row = board.open("relief") if waiting else None
    labels = {need.field: str(need.label) for need in TABLE[relief.kind].needs}
    right = ladder.decider(relief, case, actor) if actor.may("relief.grant") else ""
    shown: dict[str, Any] = {
        "case": lists.row_of(actor, case, board.rows, at) | {"version": case.version},
        "relief": line(relief, waiting=waiting)
        | {
            "words": [{"label": labels.get(name, name), "text": text} for name, text in told.items()],
            "photos": files.get(relief.seq, []),
            "answer": answer.get("reason", ""),
            "decided_by": relief.decided_by.person.name if relief.decided_by else "",
            "decided_at": relief.decided_at,
            "colour": colours.of_clock(row, at) if row is not None else "",
            "time_words": left_words(row.due_at, at) if row is not None else "",
            "marked": row is not None and row.breached_at is not None,
        },
        "effect": None,
        "terms": {"effect": str(TABLE[relief.kind].effect)},
        "answers": [],
        "why_not": right if waiting and isinstance(right, str) else "",
    }
    last = max((one.n for one in papers.reliefs if one.kind == "hold" and one.state == "granted"), default=0)
    if reviewing.on_hold_by(case.status, relief) and relief.n == last and isinstance(right, Grant):
        shown["answers"] = _reviews(actor, case, relief, at)
    if waiting:
        shown["effect"] = relief_effect.of(
            case, board, relief.kind, at, reader=actor, asker=relief.organisation_id,
            amount=relief.amount or 0, unit=relief.unit, since=relief.asked_at,
        )  # fmt: skip
        shown["answers"] = _answers(actor, case, relief, right, at)
    return shown


def _form(
    actor: Actor, case: Case, relief: Relief, at: dt.datetime, name: str, label: str, icon: str,
    needs: Sequence[Need], *, danger: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """One answer, as components/move_form.html takes it."""
    return {
        "name": name,
        "label": label,
        "icon": icon,
        "danger": danger,
        "primary": name in ("grant", "keep"),
        "enabled": True,
        "confirm": "",
        "url": address("relief_answer", case.number, str(relief.n), name),
        "fields": [need_field(need, answering.MOVES["hold"], case, actor, at) for need in needs],
    }


def _reviews(actor: Actor, case: Case, relief: Relief, at: dt.datetime) -> list[dict[str, Any]]:
    here = (actor, case, relief, at)
    return [
        _form(*here, "keep", _("继续挂账"), "player-pause", reviewing.SAYS),
        _form(*here, "end", _("结束挂账，恢复办理"), "player-play", reviewing.SAYS, danger=True),
    ]


def _answers(
    actor: Actor, case: Case, relief: Relief, right: Grant | str, at: dt.datetime
) -> list[dict[str, Any]]:
    here = (actor, case, relief, at)
    if isinstance(right, Grant):
        return [
            _form(*here, "grant", _("批准"), "circle-check", answering.YES),
            _form(*here, "refuse", _("不批准"), "x", answering.NO, danger=True),
        ]
    mine = relief.organisation_id in actor.units and actor.may("relief.ask")
    if mine or not isinstance(asking.may_ask(case, actor, TABLE[relief.kind]), str):
        return [_form(*here, "withdraw", _("撤回申请"), "arrow-back-up", (), danger=True)]
    return []
