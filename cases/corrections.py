"""What is put right while the case goes on: its item and kind, its place, its urgency. No running due time moves later
by it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases import changes, effects, guards, needs, placing
from cases.kinds import URGENCY_RANK
from cases.refusals import not_ready
from cases.reliefs import waiting
from cases.work import Work
from grid import finding
from grid.queries import lineage

Payload = dict[str, Any]


def reclassify(work: Work, c: guards.Context) -> Payload:
    """A running due time never moves later by it."""
    payload = changes.set_facts(c)
    tighten(work)
    return payload


def urgency(work: Work, c: guards.Context) -> Payload:
    before, after = work.case.urgency, c.sent["urgency"]
    work.case.urgency = after
    if URGENCY_RANK[after] > URGENCY_RANK[before]:
        tighten(work)
    return {"urgency": [before, after]}


def tighten(work: Work) -> None:
    """Running deadlines by the rules of now, where these are nearer."""
    for stage in ("accept", "dispatch", "sign", "resolve", "feedback"):
        row = work.board.open(stage)
        if row is None or row.rule.get("unit") == "until":
            continue
        name = "reaccept" if stage == "accept" and row.round > 1 else stage
        rule = effects.rule_of(name, work.case, work.at)
        work.board.replace_rule(stage, rule, work.at, never_later=True)


def relocate(work: Work, c: guards.Context) -> Payload:
    """The place changes; holder and running due times stay. The desk of the new place gets it by moves."""
    place = finding.by_code(c.sent["place"])
    if place is None or not place.is_live:
        raise not_ready(_("没有这个地点。"), place=_("请核对地点。"))
    line = lineage(place.path)
    if "street" not in line:
        raise not_ready(_("请选街道或街道以下的地点。"), place=_("请改地点。"))
    if not (c.by.system or c.by.may("accept", path=place.path)):
        raise not_ready(_("新地点不在您的范围内，请上呼。"), place=_("超出范围。"))
    before = work.case.place_id
    placing.place_case(work.case, place.pk, place.path, line)
    work.lineage = line
    work.board.relocate(work.at)
    return {"place": [before, place.pk], **waiting.follow(work)}


def hold_place(code: Any) -> None:
    """Relocating takes the place before the case, as intake does."""
    try:
        code = needs.read("code:place", code)
    except needs.Unfit:
        return  # the form will say so
    placing.hold(code)
