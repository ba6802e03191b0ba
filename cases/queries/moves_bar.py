"""What may be done with a case, as forms: the offers of the lifecycle table with what each field can hold.

Nothing here decides a right: `offers` does. This says how a need is asked for on a page.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from cases import guards, instructions, interims, needs, parts, rulebook
from cases.editing import may_tell
from cases.lifecycle import AT_THE_DOOR, CAPTURED, FACTS, MOVES, PUBLIC, FactKind, Move, Need
from cases.models import Case
from cases.people import hands
from cases.queries import choices, joint, offers
from cases.queries.addresses import address
from cases.queries.rail import left_words
from cases.scope import reads_words
from cases.sla.board import ClockBoard
from cases.templatetags.huying import hm
from ledger.actor import Actor
from ledger.clock import LOCAL
from parties import directory

# the move that stands open, by status: the first that is allowed
LEADS = {
    "received": ("accept", "settle"),
    "accepted": ("dispatch", "start"),
    "assigned": ("sign", "resolve"),  # an assisting unit may be further than the lead, or behind it
    "in_hand": ("resolve", "sign"),
    "on_hold": ("resume",),
    "awaiting_info": ("supply",),
    "resolved": ("verify", "answer"),
    "answered": ("verify",),
    "closed": ("verify",),
}
LONG_WORDS = ("result", "told", "text", "done", "next", "answer")
STOPS = {"stop_texts": False, "resume_texts": True}  # for callers who get texts; for those who do not
SEGMENTS = ("contact_channels", "urgencies")  # few and short: side by side


@dataclass
class Bar:
    """`moves` and `facts` as `components/move_bar.html` takes them. `reveal_url`: where a reason opens a
    caller's number, "" where it may not be."""

    moves: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    reveal_url: str = ""


def bar(
    actor: Actor,
    case: Case,
    board: ClockBoard,
    at: dt.datetime,
    *,
    back: str = "",
    skip: Collection[str] = (),
) -> Bar:
    """Everything the actor holds the capability for; what is not allowed now keeps its place and says why."""
    found = [one for one in offers.moves_of(case, board, actor, at) if one.mine and one.name not in skip]
    beside = [one for one in offers.facts_of(case, board, actor, at) if one.mine and one.name not in skip]
    enabled = {one.name for one in (*found, *beside) if one.enabled}
    if board.open("verify") is None:
        enabled.discard("verify")  # nobody waits for a check: it is offered, and leads nothing
    lead = next((name for name in LEADS.get(case.status, ()) if name in enabled), "")
    shown = Bar()
    for one in beside:
        if one.name == "reveal":
            if one.enabled:
                shown.reveal_url = _with_back(address("fact", case.number, "reveal"), back)
        elif one.enabled and _makes_sense(one.name, case):
            shown.facts.append(form_of(one, case, board, actor, at, primary=one.name == lead))
    shown.moves = [form_of(one, case, board, actor, at, primary=one.name == lead) for one in found]
    shown.moves.sort(key=lambda move: not move["enabled"])
    _say_once(shown.moves)
    return shown


def _makes_sense(name: str, case: Case) -> bool:
    """What the table allows but nobody has a use for here is left out of the bar."""
    if name in STOPS:
        return bool(joint.texted(case, stopped=STOPS[name]))
    return {
        "release_part": case.open_parts > 0,
        "tell": case.callers > 1,
        "put_back": case.holder_account_id is not None,
        "split": case.callers > 1,
        "unlink": case.parent_id is not None,
        "link": case.parent_id is None and not case.child_count,
        "spread": case.parent_id is None,
    }.get(name, True)


def _say_once(moves: list[dict[str, Any]]) -> None:
    """Several grey buttons with one reason stand together, and the last of them says it."""
    greyed = [move for move in moves if not move["enabled"]]
    greyed.sort(key=lambda move: move["why_not"] or "")
    moves[len(moves) - len(greyed) :] = greyed
    for one, after in itertools.pairwise(greyed):
        if one["why_not"] == after["why_not"]:
            one["why_not"] = ""


def _with_back(url: str, back: str) -> str:
    return f"{url}?{urlencode({'back': back})}" if back else url


def one(actor: Actor, case: Case, board: ClockBoard, at: dt.datetime, name: str) -> dict[str, Any] | None:
    """The form of one move or fact, standing open; None where the actor lacks the capability or the case
    stands elsewhere."""
    found = (
        offers.moves_of(case, board, actor, at) if name in MOVES else offers.facts_of(case, board, actor, at)
    )
    for offer in found:
        if offer.name == name and offer.mine:
            return form_of(offer, case, board, actor, at, primary=True)
    return None


def lettered(actor: Actor, case: Case, board: ClockBoard, at: dt.datetime) -> list[dict[str, Any]]:
    """What has a letter and is the actor's: each form standing open, or grey with its reason. Of two with one letter
    the one that may be made now."""
    found = [*offers.moves_of(case, board, actor, at), *offers.facts_of(case, board, actor, at)]
    found.sort(key=lambda offer: not offer.enabled)
    first = {offer.row.key: offer for offer in reversed(found) if offer.mine and offer.row.key}
    return [form_of(offer, case, board, actor, at, primary=True) for offer in first.values()]


def letters_of(forms: Iterable[dict[str, Any]]) -> str:
    """{letter: "" where it can act now, else why not}, as the line of keys reads it."""
    found: dict[str, str] = {}
    for form in forms:
        if form["key"] and found.get(form["key"], " "):
            found[form["key"]] = "" if form["enabled"] else form["why_not"] or form["because"]
    return json.dumps(found)


def form_of(
    offer: offers.Offer,
    case: Case,
    board: ClockBoard,
    actor: Actor,
    at: dt.datetime,
    *,
    primary: bool = False,
) -> dict[str, Any]:
    """One entry of the move bar."""
    row = offer.row
    name = "move" if isinstance(row, Move) else "fact"
    return {
        "name": row.name,
        "label": str(row.label),
        "key": row.key,
        "icon": row.icon,
        "danger": getattr(row, "danger", False),
        "confirm": str(getattr(row, "confirm", "") or ""),
        "primary": primary,
        "enabled": offer.enabled,
        "why_not": offer.why_not or "",
        "because": offer.why_not or "",  # also where another button says it, see `_say_once`
        "note": (_share(row, case, actor, at) if primary else "") or _note(row, case, board, at)
        if offer.enabled
        else "",
        "fields": fields_of(row, case, actor, at) if offer.enabled else [],
        "by_receipt": isinstance(row, Move) and CAPTURED not in row.needs,
        "url": address(name, case.number, row.name),
        "texts_url": address("texts_offered", case.number, row.name)
        if offer.enabled and any(need.type == "text" for need in row.needs)
        else "",
    }


def _share(row: Move | FactKind, case: Case, actor: Actor, at: dt.datetime) -> str:
    """Before one takes a case up: who has the lightest hands. In the sheet of its own only, for it costs a statement."""
    found = hands.suggestion(case, actor, at) if row.name == "take_up" else None
    return found.words if found is not None else ""


def _note(row: Move | FactKind, case: Case, board: ClockBoard, at: dt.datetime) -> str:
    if row.name == "decline":
        until = guards.return_window_until(case, board)
        left = guards.MOST_DECLINES - case.declines
        words = {"left": left_words(until, at) if until else "", "at": hm(until) if until else "", "n": left}
        return _("可退单的时间%(left)s，到 %(at)s 为止；这件工单还可退 %(n)s 次。") % words
    if row.name == "keep_ruling":
        return _("以后这个范围内的同一小项按这次裁定派遣。")
    if row.name == "open_claims":
        return _("服务这个地点的、愿意帮办的单位都能看到并认领。")
    if row.name == "state":
        return _("每轮争议每个单位陈述一次，裁定的受理台和各方能看到。")
    if row.name == "claim":
        due = board.latest("resolve")
        return _("承诺早于办结时限（%(at)s）的，以承诺为准。") % {"at": hm(due.due_at)} if due else ""
    if row.name == "ask":
        return _("每个单位只能要求一次；反映人一个工作日内不答，时钟照走。")
    if row.name == "verify":
        return (
            _("没有办好请用“重办”，写明缺什么；办好了，您写的和拍的会给反映人看。")
            if case.doubted_at is not None
            else _("没有办好请用“返工”，写明缺什么。")
        )
    return ""


# -- fields


def fields_of(row: Move | FactKind, case: Case, actor: Actor, at: dt.datetime) -> list[dict[str, Any]]:
    """The needs of a row as the tag `field` takes them."""
    needs_of = [need for need in row.needs if need is not PUBLIC or may_tell(case, actor)]
    shown = [need_field(need, row, case, actor, at) for need in needs_of if _fits(need, row, case)]
    if isinstance(row, Move):  # a choice the case has already stands after what is still missing
        shown.sort(key=lambda one: one["field"] in ("item", "kind") and not one["required"])
    return shown


def _fits(need: Need, row: Move | FactKind, case: Case) -> bool:
    if need.field == "captured_at":
        return False  # a page is open where there is a signal
    if need in AT_THE_DOOR:
        return _at_door(row, case)
    return need.field != "everywhere" or case.child_count > 0


def need_field(need: Need, row: Move | FactKind, case: Case, actor: Actor, at: dt.datetime) -> dict[str, Any]:
    base, _colon, of = need.type.partition(":")
    item = rulebook.item_by_id(case.item_id)
    shown: dict[str, Any] = {
        "field": need.field,
        "type": "seg" if base == "choice" and of in SEGMENTS else base,
        "required": offers.is_required(need, case) and base != "bool",
        "label": str(need.label),
        "rows": 4 if need.field in LONG_WORDS else 2,
    }
    if base == "choice":
        shown["choices"] = choices.words(needs.CHOICES[of])
        shown["value"] = _standing(need, case)
    elif need.type == "code:item":
        shown |= {"type": "choice", "choices": choices.items(), "value": item.code if item else ""}
    elif of == "organisation":
        shown |= {
            "type": "choices" if base == "codes" else "choice",
            "choices": _units(need, row, case, actor, item, at),
        }
    elif of == "account":
        found = hands.suggestion(case, actor, at)
        shown |= {"type": "choice", "choices": choices.people_of(case, actor, at)}
        shown |= (
            {"value": found.username, "hint": _("建议：%(words)s") % {"words": found.words}} if found else {}
        )
    elif row.name == "keep_ruling":
        shown |= {"type": "choice", "choices": choices.places_of(case), "value": choices.street_of(case)}
    elif of == "place":
        shown |= {"type": "line", "hint": _("地点的名称、编码或拼音首字母")}
    elif base == "call":
        shown |= {"type": "choice", "choices": _callers(row, case, actor)}
        if row.name in STOPS and len(shown["choices"]) == 1:
            shown["value"] = shown["choices"][0]["value"]
    elif need.field == "parent":
        shown |= {"type": "line", "hint": _("母件的工单编号")}
    elif base == "case":
        shown |= {"type": "line", "hint": _("更早、还在办的工单编号")}
    elif need.field == "places":
        shown |= {"type": "choices", "choices": choices.places_below(case)}
    elif base == "time":
        shown["type"] = "datetime"
    elif base == "ids":
        shown |= {"type": "files", "accept": "image/*,audio/*", "sign": need in AT_THE_DOOR}
        if shown["required"] and item is not None:
            shown["hint"] = _("“%(item)s”至少要一张现场照片。") % {"item": item.name}
    if row.name == "instruct" and need.field == "until":
        shown["hint"] = _("不填：第二个工作日下班前")
        shown["value"] = instructions.suggested(at).strftime("%Y-%m-%dT%H:%M")
    if _at_door(row, case):
        if need.field == "channel":
            shown["value"] = "visit"
        elif need.type in ("text", "time") and reads_words(
            actor, case
        ):  # what the text said that did not arrive
            shown["value"] = _missed(need.field, row, case, at)
    if row.name == "verify" and need.field == "done":
        shown |= {"type": "hidden", "value": "1"}
    if need.field == "reached":
        shown["value"] = "1"
    if need.field == "result":
        shown["hint"] = _("怎么处理的、结果如何、怎样防反复")
    return shown


def _callers(row: Move | FactKind, case: Case, actor: Actor) -> list[dict[str, str]]:
    if row.name in STOPS:
        return joint.texted(case, stopped=STOPS[row.name], named=reads_words(actor, case))
    return joint.joined(case) if row.name == "split" else joint.untold(case)


def _at_door(row: Move | FactKind, case: Case) -> bool:
    """Is this the form with which somebody goes to the door?"""
    return (
        row.name == "interim" if case.door_interim else case.answer_at_door and row.name in ("answer", "tell")
    )


def _missed(field: str, row: Move | FactKind, case: Case, at: dt.datetime) -> str:
    if row.name != "interim":
        return joint.missed_words(case) if field == "told" else ""
    said = interims.missed_words(case).get(field, "")
    if field != "until" or not said:
        return said
    until = dt.datetime.fromisoformat(said)
    return (
        until.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M") if until > at else ""
    )  # gone by: a new one is promised


def _standing(need: Need, case: Case) -> str:
    """What the case has already."""
    return getattr(case, need.field, "") if need.field in ("kind", "urgency") else ""


def _units(
    need: Need, row: Move | FactKind, case: Case, actor: Actor, item: rulebook.Item | None, at: dt.datetime
) -> list[dict[str, Any]]:
    if row.name in ("dispatch", "rule", "assist"):
        return choices.units_in_reach(actor, case, item, at)
    if row.name == "release_part":
        assisting = [directory.by_id(part.organisation_id) for part in parts.open_parts(case)]
        return choices.grouped(org for org in assisting if org is not None)
    return choices.units_at(case)


def row_named(name: str) -> Move | FactKind | None:
    """The table's row of this name, if people may make it."""
    move = MOVES.get(name)
    if move is not None and move.by_people and name != "take":
        return move
    return FACTS.get(name)
