"""认定 as lists and pages show them: the list of who decides and of the unit, one with its facts, how many wait where.

A page of the list is one statement whatever its rows, with one more for the units that have something waiting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import stays
from cases.findings import commands, scope
from cases.models.case import Case
from cases.models.finding import DECIDED, KINDS, STATES, UNDECIDED, Finding
from cases.notices.messages import STAGES
from cases.queries.addresses import address
from cases.queries.case_list import BadFilter
from cases.queries.masking import names_of, title_for
from cases.refusals import MoveRefused
from cases.sla.phrases import minutes_words
from cases.templatetags.huying import duration
from grid.paging import Key
from ledger.actor import Actor, Grant
from parties import directory
from parties.models import Person
from parties.privacy import mask_text

NEWEST = (Key("id", descending=True),)
TABS: dict[str, tuple[str, ...]] = {
    "waiting": UNDECIDED,
    "confirmed": ("confirmed",),
    "dropped": ("dropped", "withdrawn"),
    "all": tuple(STATES),
}
MOST_UNITS = 12
COLOURS = {
    "drafted": "yellow",
    "stated": "yellow",
    "confirmed": "red",
    "dropped": "grey",
    "withdrawn": "grey",
}
# by whom one was drafted, in words
RULES = {
    "clock": gettext_lazy("系统按时钟起草"),
    "handed_down": gettext_lazy("系统按下交起草"),
    "doubted": gettext_lazy("反映人说没有解决，核查后重办，系统起草"),
}


def asked_for(actor: Actor, asked: Mapping[str, str]) -> QuerySet[Finding]:
    """What the actor may see, by `state` (waiting, or a state), `kind`, `organisation` (with those below) and `case`.
    Raises BadFilter."""
    rows = scope.visible(actor)
    if state := asked.get("state", ""):
        if state not in TABS and state not in STATES:
            raise BadFilter({"state": _("没有这种状态。")})
        rows = rows.filter(state__in=TABS.get(state, (state,)))
    if kind := asked.get("kind", ""):
        if kind not in KINDS:
            raise BadFilter({"kind": _("没有这种认定。")})
        rows = rows.filter(kind=kind)
    if word := asked.get("organisation", ""):
        org = directory.named(word)
        if org is None:
            raise BadFilter({"organisation": _("没有这个单位。")})
        rows = rows.filter(organisation_id__in=sorted(directory.under(org.path)))
    if number := asked.get("case", ""):
        rows = rows.filter(case__number=number)
    return rows


def by_unit(actor: Actor) -> list[dict[str, Any]]:
    """The units with the most that waits; one statement."""
    rows = scope.visible(actor).filter(state__in=UNDECIDED).select_related(None).order_by()
    counted = rows.values_list("organisation_id").annotate(n=Count("pk")).order_by("-n", "organisation_id")
    found = []
    for unit, n in counted[:MOST_UNITS]:
        org = directory.by_id(unit)
        if org is not None:
            found.append({"code": org.code, "name": org.short_name or org.name, "count": n})
    return found


def of_case(actor: Actor, case: Case, found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of the findings on a case, as its dossier has them, those that the reader may see; no statement."""
    return [
        {
            "url": reverse("cases:finding", args=[one["id"]]),
            "kind_label": str(KINDS[one["kind"]]),
            "state_label": str(STATES[one["state"]]),
            "colour": COLOURS[one["state"]],
            "unit": directory.name_of(one["organisation_id"], short=True),
        }
        for one in found
        if scope.covers(actor, Finding(case=case, **one))
    ]


def row_of(actor: Actor, finding: Finding, at: dt.datetime) -> dict[str, Any]:
    """One line."""
    return {
        "id": finding.pk,
        "url": reverse("cases:finding", args=[finding.pk]),
        "kind": finding.kind,
        "kind_label": str(KINDS[finding.kind]),
        "state": finding.state,
        "state_label": state_label(finding, at),
        "colour": COLOURS[finding.state],
        "unit": directory.name_of(finding.organisation_id, short=True),
        "number": finding.case.number,
        "title": title_for(actor, finding.case),
        "fact_words": fact_words(finding),
        "drafted_at": finding.drafted_at,
        "state_by": finding.state_by if finding.may_be_stated(at) else None,
    }


def state_label(finding: Finding, at: dt.datetime) -> str:
    """A draft whose unit let its time go by waits for the supervisor as one that was answered."""
    if finding.state == "drafted" and not finding.may_be_stated(at):
        return str(STATES["stated"]) if finding.statement else _("未陈述，待认定")
    return str(STATES[finding.state])


def fact_words(finding: Finding) -> str:
    """签收，超时 3 小时 06 分"""
    facts = finding.facts
    if "due_at" not in facts:
        return ""
    stage = str(STAGES.get(facts["stage"], facts["stage"]))
    due = dt.datetime.fromisoformat(facts["due_at"])
    if not facts.get("stopped_at"):
        return _("%(stage)s，到期未响应") % {"stage": stage}
    late = dt.datetime.fromisoformat(facts["stopped_at"]) - due
    return _("%(stage)s，超时 %(late)s") % {"stage": stage, "late": duration(late)}


def page(actor: Actor, finding: Finding, at: dt.datetime) -> dict[str, Any]:
    """One finding with its facts, its words, and what the actor may do."""
    people = _names(finding)
    names = names_of([finding.case_id])[finding.case_id]
    return {
        **row_of(actor, finding, at),
        "title": title_for(actor, finding.case, names),
        "case_url": address("detail", finding.case.number),
        "unit_name": directory.name_of(finding.organisation_id),
        "facts": facts_of(finding, at),
        "why_url": _why(finding),
        "drafted_words": str(RULES.get(finding.rule, "")) or people.get(finding.drafted_by, ""),
        "words": mask_text(finding.words, names),
        "state_by": finding.state_by,
        "statement": mask_text(finding.statement, names),
        "stated_at": finding.stated_at,
        "stated_by": people.get(finding.stated_by, ""),
        "reason": mask_text(finding.reason, names),
        "decided_at": finding.decided_at,
        "decided_by": people.get(finding.decided_by, ""),
        "acts": acts(actor, finding, at),
        "waits_words": _waits(actor, finding, at),
    }


def facts_of(finding: Finding, at: dt.datetime) -> list[tuple[str, Any]]:
    """What it rests on, as label and value: instants, amounts, words. Of the clock as it is now."""
    row = finding.clock
    if row is None:
        stay = finding.holding
        if stay is None:
            return []
        return [
            (_("经办"), _("%(since)s 至 %(until)s") % {"since": _hm(stay.since), "until": _hm(stay.until)}),
            (_("办公时间"), minutes_words(stay.opening_minutes)),
        ]
    cal = stays.calendar_of(finding.organisation_id, finding.path)
    until = row.stopped_at or at
    found: list[tuple[str, Any]] = [
        (_("环节"), str(STAGES.get(row.stage, row.stage))),
        (_("起算"), row.anchor),
        (_("应在此前"), row.due_at),
        (_("实际"), row.stopped_at or _("还没有")),
    ]
    if until > row.due_at:
        found += [
            (_("超时"), duration(until - row.due_at)),
            (_("其中办公时间"), minutes_words(int(cal.opening_seconds(row.due_at, until) // 60))),
        ]
    return found


def _hm(at: dt.datetime) -> str:
    return f"{at.astimezone(stays.rulebook.calendar().tz):%m-%d %H:%M}"


def _why(finding: Finding) -> str:
    row = finding.clock
    if row is None:
        return ""
    return f"{address('why', finding.case.number, row.stage)}?part={row.part}&round={row.round}"


def acts(actor: Actor, finding: Finding, at: dt.datetime) -> list[dict[str, Any]]:
    """What the actor may do now, as forms."""
    return [FORMS[name](finding) for name, may in commands.ACTS.items() if _may(may, finding, actor, at)]


def _may(may: Any, finding: Finding, actor: Actor, at: dt.datetime) -> bool:
    try:
        may(finding, actor, at)
    except MoveRefused:
        return False
    return True


def _form(finding: Finding, name: str, label: str, icon: str, field: str, words: str, **more: Any) -> dict:
    return {
        "name": name,
        "label": label,
        "icon": icon,
        "url": reverse("cases:finding_act", args=[finding.pk, name]),
        "fields": [{"field": field, "type": "text", "required": True, "label": words}],
        **more,
    }


def propose_url(actor: Actor, case: Case) -> str:
    """Where the actor drafts one on this case; "" where he may not."""
    return (
        "" if isinstance(scope.drafter(case, None, actor), str) else address("finding_propose", case.number)
    )


def proposal(case: Case) -> dict[str, Any]:
    """The form by which a supervisor drafts one on a case."""
    units = [unit for pk in case.unit_ids if (unit := directory.by_id(pk)) is not None]
    return {
        "name": "propose",
        "label": _("起草认定"),
        "icon": "gavel",
        "enabled": True,
        "url": address("finding_propose", case.number),
        "fields": [
            {
                "field": "kind",
                "type": "choice",
                "required": True,
                "label": _("认定"),
                "choices": list(KINDS.items()),
            },
            {
                "field": "organisation",
                "type": "choice",
                "required": True,
                "label": _("单位"),
                "choices": [(unit.code, unit.short_name or unit.name) for unit in units],
            },
            {"field": "words", "type": "text", "required": True, "label": _("事实与理由")},
        ],
    }


FORMS = {
    "state": lambda one: _form(one, "state", _("陈述"), "message-plus", "statement", _("单位的陈述")),
    "confirm": lambda one: _form(
        one, "confirm", _("予以认定"), "gavel", "reason", _("认定的理由"), danger=True
    ),
    "drop": lambda one: _form(one, "drop", _("不予认定"), "circle-x", "reason", _("不予认定的理由")),
}


def _waits(actor: Actor, finding: Finding, at: dt.datetime) -> str:
    """Why this reader can do nothing here yet, where he could be expected to."""
    if not finding.is_undecided or not actor.may(scope.DECIDES):
        return ""
    grant = scope.decider(finding, actor)
    if not isinstance(grant, Grant):
        return grant
    return _("单位陈述后或期限过后才能认定；现在可以不予认定。") if finding.may_be_stated(at) else ""


def _names(finding: Finding) -> dict[int | None, str]:
    ids = {finding.drafted_by, finding.stated_by, finding.decided_by} - {None}
    return dict(Person.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def findings_json(actor: Actor, found: Iterable[Finding], at: dt.datetime) -> list[dict[str, Any]]:
    """Findings for interfaces; one statement for the callers' names, which are masked in the words."""
    rows = list(found)
    names = names_of(one.case_id for one in rows if one.words or one.statement or one.reason)
    return [_json(actor, one, at, names.get(one.case_id, ())) for one in rows]


def finding_json(actor: Actor, finding: Finding, at: dt.datetime) -> dict[str, Any]:
    """One finding for interfaces."""
    return findings_json(actor, [finding], at)[0]


def _json(actor: Actor, finding: Finding, at: dt.datetime, names: Iterable[str]) -> dict[str, Any]:
    unit = directory.by_id(finding.organisation_id)
    row = row_of(actor, finding, at)
    return {
        **{name: row[name] for name in ("id", "kind", "kind_label", "state", "state_label", "number")},
        "organisation": {"code": unit.code, "name": unit.name, "short_name": unit.short_name}
        if unit
        else None,
        "facts": finding.facts,
        "rule": finding.rule or None,
        "words": mask_text(finding.words, names) or None,
        "drafted_at": finding.drafted_at.isoformat(),
        "state_by": finding.state_by.isoformat(),
        "statement": mask_text(finding.statement, names) or None,
        "stated_at": _iso(finding.stated_at),
        "reason": mask_text(finding.reason, names) or None,
        "decided_at": _iso(finding.decided_at),
        "counts": finding.state in DECIDED[:1],
    }


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
