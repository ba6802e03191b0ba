"""Deadlines for the pages of those who keep them: row by row, which one wins and why, and the 行业时限 beside 123."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import calendars, kinds, rulebook
from cases.models.rules import Policy
from cases.notices.messages import STAGES as NAMES
from cases.policy_edits import waiting
from cases.queries.counting import counts as count
from cases.sla import clock as sla
from cases.sla import policy
from cases.sla.calendar import OutOfCalendar
from cases.sla.phrases import amount_words, moment_words
from cases.sla.units import amount_of
from ledger.actor import Actor
from parties.models import Person

STAGES: dict[str, object] = {
    **{stage: NAMES.get(stage, stage) for stage in policy.STAGES},
    "reaccept": gettext_lazy("再受理"),
    "decline": gettext_lazy("退单窗口"),
    "relief": gettext_lazy("申请的批复"),
}
MILESTONES = ("contact", "arrive", "secure")
ANCHORS = {"call": gettext_lazy("自呼叫起"), "stage": gettext_lazy("自本阶段起")}
SELECTORS = {
    "item": gettext_lazy("小项"),
    "category": gettext_lazy("大类"),
    "kind": gettext_lazy("类型"),
    "urgency": gettext_lazy("紧急程度"),
    "level": gettext_lazy("层级"),
}
PER_PAGE = 50
STATES = {
    "live": (gettext_lazy("在用"), "ok"),
    "coming": (gettext_lazy("未到生效日"), "info"),
    "draft": (gettext_lazy("待确认"), "warn"),
    "past": (gettext_lazy("已失效"), "stop"),
}


# -- rows


def filtered(tab: str, stage: str, q: str, today: dt.date) -> QuerySet[Policy]:
    """The rows of a tab: live, waiting, past, all."""
    rows = Policy.objects.select_related("item", "category")
    if tab == "live":
        rows = rows.filter(confirmed_at__isnull=False, since__lte=today).filter(
            Q(until=None) | Q(until__gt=today)
        )
    elif tab == "waiting":
        rows = rows.filter(pk__in=waiting())
    elif tab == "coming":
        rows = rows.filter(confirmed_at__isnull=False, since__gt=today)
    elif tab == "past":
        rows = rows.filter(until__lte=today)
    if stage:
        rows = rows.filter(stage=stage)
    if q:
        rows = rows.filter(Q(item__name__icontains=q) | Q(item__code=q) | Q(basis__icontains=q))
    return rows.order_by("stage", "item__code", "-since", "-pk")


def counts(today: dt.date) -> dict[str, int]:
    """How many stand under each tab, in one statement."""
    return count({tab: filtered(tab, "", "", today) for tab in ("live", "waiting", "coming", "past")})


def page(rows: QuerySet[Policy], number: int, today: dt.date, address: str) -> dict[str, Any]:
    """One page of rows, and its pager."""
    first = (number - 1) * PER_PAGE
    found = list(rows[first : first + PER_PAGE + 1])
    more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    pager = None
    if more or number > 1:
        pager = {
            "words": _("第 %(first)s–%(last)s 条") % {"first": first + 1, "last": first + len(found)},
            "next": f"{address}page={number + 1}" if more else "",
            "previous": f"{address}page={number - 1}" if number > 1 else "",
        }
    return {"rows": [line(row, today) for row in found], "page": pager}


def line(row: Policy, today: dt.date) -> dict[str, Any]:
    """One row as a list prints it."""
    state = state_of(row, today)
    return {
        "id": row.pk,
        "url": reverse("cases:policy", args=[row.pk]),
        "stage": STAGES.get(row.stage, row.stage),
        "scope": scope_words(row),
        "amount": amount_words(amount_of(row.unit, row.amount), row.unit),
        "anchor": ANCHORS[row.anchor],
        "since": row.since,
        "until": row.until,
        "ends_on": row.ends_on,
        "basis": row.basis,
        "state": STATES[state][0],
        "css": STATES[state][1],
        "draft": state == "draft",
        "no_response": row.no_response,
    }


def state_of(row: Policy, today: dt.date) -> str:
    if row.confirmed_at is None:
        return "draft"
    if row.until is not None and row.until <= today:
        return "past"
    return "coming" if row.since > today else "live"


def scope_words(row: Any) -> str:
    """小项“占道经营”、紧急程度“特急”; 全部 where it names none. Takes rows of the table and rows of the rulebook."""
    said = []
    for name, label in SELECTORS.items():
        value = getattr(row, name)
        if value:
            said.append(_("%(what)s“%(value)s”") % {"what": label, "value": value_words(name, value)})
    return _("、").join(said) or _("全部")


def value_words(name: str, value: Any) -> str:
    tables: dict[str, Any] = {"kind": kinds.KINDS, "urgency": kinds.URGENCIES, "level": kinds.LEVELS}
    if name in tables:
        return str(tables[name].get(value, value))
    if isinstance(value, str):
        found = rulebook.item(value) if name == "item" else rulebook.category(value)
        return found.name if found is not None else value
    return str(value.name)


def people(row: Policy) -> dict[str, str]:
    """Who proposed and who confirmed, by name."""
    ids = {pk for pk in (row.proposed_by, row.confirmed_by, row.end_proposed_by) if pk is not None}
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    return {
        name: names.get(getattr(row, name) or 0, "")
        for name in ("proposed_by", "confirmed_by", "end_proposed_by")
    }


# -- the tester


@dataclass(frozen=True)
class Question:
    """What one asks: a case that might be, called at an instant."""

    item: rulebook.Item | None
    kind: str
    urgency: str
    level: str
    path: str
    organisation_id: int | None
    at: dt.datetime


def answers(question: Question) -> list[dict[str, Any]]:
    """Per stage: which policy wins and why, which lost, when it is due and how that is counted."""
    facts = policy.Facts(
        item=question.item.code if question.item else "",
        category=question.item.category if question.item else "",
        kind=question.kind,
        urgency=question.urgency,
        level=question.level,
    )
    return [answer(stage, facts, question) for stage in policy.STAGES]


def answer(stage: str, facts: policy.Facts, question: Question) -> dict[str, Any]:
    found = policy.fitting(stage, facts, rulebook.policies(), question.at)
    told: dict[str, Any] = {"stage": STAGES.get(stage, stage), "name": stage, "winner": "", "lost": []}
    told["optional"] = stage in MILESTONES
    rule = rulebook.rule_for(
        stage,
        item=question.item,
        kind=question.kind,
        urgency=question.urgency,
        level=question.level,
        at=question.at,
        organisation=question.organisation_id,
        path=question.path,
    )
    if rule is None or not found:
        return told
    best = found[0]
    told |= {
        "winner": rule.reason,
        "url": reverse("cases:policy", args=[best.id]) if isinstance(best.id, int) else "",
        "lost": [why_lost(best, row) for row in _told_of(found)],
        "calendar": calendars.code_of(rule.calendar),
    }
    cal = calendars.calendar(rule.calendar)
    try:
        clock = sla.start(rule, question.at, question.at, cal)
    except OutOfCalendar:
        return {**told, "due": "", "why": [_("到期时刻超出日历范围（1990 至 2100 年）。")]}
    return {
        **told,
        "due": moment_words(clock.due_at, cal, ends=True),
        "provisional": clock.provisional,
        "why": sla.why(clock, cal)[1:],
    }


def _told_of(found: Sequence[Any]) -> list[Any]:
    """The rows that lost; what the platform ships is told only where no row of the table says the same scope."""
    said = {_scope_of(row) for row in found if isinstance(row.id, int)}
    return [row for row in found[1:] if isinstance(row.id, int) or _scope_of(row) not in said]


def _scope_of(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, name) or "" for name in policy.ORDER)


def why_lost(best: Any, row: Any) -> str:
    """Which row it is, and what the winner has that it lacks."""
    for name, ours, theirs in zip(policy.ORDER, policy.names(best), policy.names(row), strict=True):
        if ours != theirs:
            reason = _("它没有写%(what)s，写了的先用") % {"what": SELECTORS[name]}
            break
    else:
        reason = (
            _("范围相同，施行较早")
            if (row.since or dt.date.min) != (best.since or dt.date.min)
            else _("范围相同，后定的先用")
        )
    return _("%(scope)s %(amount)s：%(reason)s。") % {
        "scope": scope_words(row),
        "amount": amount_words(row.amount, row.unit),
        "reason": reason,
    }


# -- 行业时限


def limits(at: dt.datetime) -> list[dict[str, Any]]:
    """Every item with its 行业时限, what resolve takes of it now, and whether that limit was adopted."""
    drafts = set(
        Policy.objects.filter(stage="resolve", confirmed_at=None, item__isnull=False).values_list(
            "item__code", flat=True
        )
    )
    rows = rulebook.policies()
    found = []
    for category in rulebook.categories():
        for item in category.items:
            if item.limit_amount is None:
                continue
            facts = policy.Facts(
                item=item.code, category=item.category, kind=item.kind, urgency=item.urgency, level=item.level
            )
            best = next(iter(policy.fitting("resolve", facts, rows, at)), None)
            own = best is not None and best.item == item.code
            found.append(
                {
                    "code": item.code,
                    "name": item.name,
                    "category": category.name,
                    "limit": amount_words(item.limit_amount, item.limit_unit),
                    "basis": item.limit_basis,
                    "now": amount_words(best.amount, best.unit) if best else "",
                    "adopted": own and (best.amount, best.unit) == (item.limit_amount, item.limit_unit),
                    "own": own,
                    "draft": item.code in drafts,
                }
            )  # fmt: skip
    return found


def stage_choices() -> list[dict[str, Any]]:
    return [{"value": stage, "label": label} for stage, label in STAGES.items()]


def is_mine(row: Policy, actor: Actor) -> bool:
    """Did this person propose what waits?"""
    mine: Sequence[int | None] = (row.proposed_by if row.confirmed_at is None else row.end_proposed_by,)
    return actor.person_id is not None and actor.person_id in mine
