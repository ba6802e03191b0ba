"""The desk: intake and dispatch. Its four lists, and the one form that accepts and dispatches."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import authority, onward, rulebook, vacant
from cases.kinds import DESK_RANK
from cases.lifecycle import MOVES
from cases.models import Case
from cases.queries import choices, lists
from cases.queries.addresses import address
from cases.queries.detail import limit_words
from cases.queries.moves_bar import need_field
from cases.routing import decide
from cases.sla import clock as sla
from cases.sla.board import ClockBoard, pure
from cases.templatetags.huying import hm
from grid.queries import lineage
from ledger.actor import Actor, Grant
from parties import directory

EMPTY = {
    "received": (
        gettext_lazy("都受理了"),
        gettext_lazy("没有等您受理的呼叫。新来的会出现在这里，列表不会自己跳动。"),
    ),
    "accepted": (gettext_lazy("都派出去了"), gettext_lazy("没有等您派遣的工单。")),
    "disputes": (gettext_lazy("没有退单"), gettext_lazy("承办单位退回的、要裁定的会出现在这里。")),
    "breaching": (gettext_lazy("没有超时，也没有临期"), gettext_lazy("都在时限以内。")),
    "reliefs": (gettext_lazy("没有等您批复的申请"), gettext_lazy("延期、挂账和剔除的申请会出现在这里。")),
}
# beside the form, what a desk does most without changing the status
BESIDE = ("contact", "urgency", "relocate", "reclassify", "assist", "note")


def pane_address(number: str, home: str) -> str:
    """Where one case comes from for the list at `home`."""
    return f"{address('desk_case', number)}?{urlencode({'back': home})}"


def rows_of(actor: Actor, found: list[Case], at: dt.datetime, home: str) -> list[dict[str, Any]]:
    """The list on the left, whose address is `home`; each row opens its case on the right."""
    rows = []
    for case, row in zip(found, lists.rows_of(actor, found, at), strict=True):
        tag = row["tag"]
        if case.kind != "problem":
            tag = row["kind_label"]
        if case.status == "received" and DESK_RANK[case.level] > DESK_RANK[case.raised_level]:
            tag = _("上呼")
        if case.declines:
            tag = _("退单 %(n)s 次") % {"n": case.declines}
        joint = "&" if "?" in home else "?"
        ways = {"url": f"{home}{joint}case={case.number}", "pane": pane_address(case.number, home)}
        rows.append({**row, **ways, "tag": tag})
    return rows


# -- the form


def dispatch_form(
    actor: Actor, case: Case, board: ClockBoard, at: dt.datetime, *, item_code: str = "", refresh: str = ""
) -> dict[str, Any] | None:
    """受理并派遣 as one form (only 派遣 once accepted), with what routing proposes for the item and why; None
    where this case is not this desk's to dispatch now. `refresh` proposes anew when the item changes."""
    chain = {"received": ("accept", "dispatch"), "accepted": ("dispatch",)}.get(case.status)
    if chain is None or not all(_may(name, case, actor) for name in chain):
        return None
    item = rulebook.item(item_code) or rulebook.item_by_id(case.item_id)
    line = lineage(case.path)
    proposal = decide.decide(item, case.kind, line, at)
    groups = choices.units_in_reach(actor, case, item, at)
    reachable = {one["value"] for group in groups for one in group["choices"]}
    declined = case.declines > 0 and proposal.lead == case.last_decliner_id
    lead = "" if declined else _code(proposal.lead)
    helping = [code for pk in proposal.assisting if (code := _code(pk)) in reachable]
    both = "accept" in chain
    move = MOVES["dispatch"]
    needs = {need.field: need_field(need, move, case, actor, at) for need in move.needs}
    asked = {need.field: need_field(need, MOVES["accept"], case, actor, at) for need in MOVES["accept"].needs}
    asked["item"] |= {"value": item.code if item else "", "refresh": refresh, "required": True}
    return {
        "name": "accept_dispatch" if both else "dispatch",
        "url": address("move", case.number, "accept_dispatch" if both else "dispatch"),
        "label": _("受理并派遣") if both else str(move.label),
        "key": "",
        "enabled": True,
        "why_not": "",
        "item": asked["item"] if both else None,
        "kind": {**asked["kind"], "empty": ""} if both else None,
        "level": None,
        "urgency": None,
        "organisation": {
            **needs["organisation"],
            "choices": groups,
            "value": lead if lead in reachable else "",
        },
        "assisting": {**needs["assisting"], "choices": groups, "value": helping},
        "direct": proposal.direct and lead in reachable,
        "onward": _onward(actor, case, item, line, at) if both else None,
        "reason": _reason(proposal, lead in reachable, declined),
        "warning": vacant.warning(directory.by_code(lead), case, at, reachable) if lead in reachable else "",
        "promise_words": promise_words(case, board, item, at) if both else "",
        "limit_words": limit_words(item),
    }


def _may(name: str, case: Case, actor: Actor) -> bool:
    row = MOVES[name]
    if not authority.may_try(row, case, actor):
        return False
    return isinstance(authority.RULES[row.who](case, actor, str(row.capability)), Grant)


def _onward(
    actor: Actor, case: Case, item: rulebook.Item | None, line: Any, at: dt.datetime
) -> dict[str, Any] | None:
    """直派, said beforehand: what is only accepted here goes on by itself, to whom; or why it would wait. None where
    the desk does not ask for it."""
    grant = authority.RULES[MOVES["accept"].who](case, actor, "accept")
    desk = directory.by_id(grant.unit_id) if isinstance(grant, Grant) else None
    found = onward.would(case, desk, item, line, at) if desk is not None else ""
    if isinstance(found, onward.Sending):
        units = [found.details["organisation"], *found.details["assisting"]]
        names = [org.short_name or org.name for org in map(directory.by_code, units) if org is not None]
        return {"goes": True, "words": _("只受理也会直派：%(units)s。") % {"units": _("、").join(names)}}
    if not found or item is None:
        return None
    return {"goes": False, "words": _("只受理不会直派：%(why)s。") % {"why": onward.STAYS[found]}}


def _code(unit_id: int | None) -> str:
    org = directory.by_id(unit_id)
    return org.code if org is not None else ""


def _reason(proposal: decide.Decision, in_reach: bool, declined: bool) -> str:
    if declined:
        return proposal.reason + _("它刚退过单：请看退单理由，另选一家，或请上级裁定。")
    if proposal.matched and not in_reach:
        return proposal.reason + _("它不在您的派遣范围内，请上呼。")
    return proposal.reason


def promise_words(case: Case, board: ClockBoard, item: rulebook.Item | None, at: dt.datetime) -> str:
    """What accepting now promises."""
    row = board.open("resolve")
    if case.promised_at is not None or row is None:
        due = case.promised_at
    else:
        rule = rulebook.rule_for(
            "resolve", item=item, kind=case.kind, urgency=case.urgency, level=case.level, at=at
        )
        ref = row.rule.get("calendar", "default")  # a clock keeps the calendar it was started with
        given = replace(rule, calendar=ref) if rule else None
        due = sla.rerule(pure(row), given, rulebook.calendar(ref)).due_at if given else row.due_at
    return _("承诺 %(at)s 前办结") % {"at": hm(due)} if due else ""


def others_of(bar_moves: list[dict[str, Any]], bar_facts: list[dict[str, Any]], form: dict | None) -> list:
    """The other moves beside the form, and the facts a desk uses most."""
    found = []
    for move in bar_moves:
        if form is not None and move["name"] in ("dispatch", form["name"]):
            continue
        if form is not None and move["name"] == "accept":
            move = {**move, "label": _("只受理")}
        found.append({**move, "primary": move["primary"] and form is None})
    found += [fact for fact in bar_facts if fact["name"] in BESIDE]
    return found
