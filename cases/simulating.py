"""Commands: ask what past clocks would have come to under other rules, and work it out. Nothing but the asking's own
row is written; no case, clock or entry is touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from cases import calendars, rulebook
from cases.figures import asking
from cases.figures.asking import Period, Subject
from cases.figures.catalogue import STAGES
from cases.models import Policy, Simulation
from cases.models.rules import Item
from cases.queries import simulation as queries
from cases.refusals import not_ready, not_yours
from cases.scope import hidden
from cases.sla import policy, units
from cases.sla.simulation import Scenario
from ledger import clock
from ledger.actor import Actor
from parties import directory
from parties.access import actor_of, scope_of

MAY = ("rules", "appraise")  # who writes the rules and who judges by them
LONGEST = dt.timedelta(days=5 * 366)
AT_ONCE = 2000  # so many clocks are replayed while the asker waits
KEPT = 20  # per person; older ones go when a new one is asked for
FIRST_YEAR, LAST_YEAR = 2000, 2099
TYPED = ("stage", "amount", "unit", "anchor", *policy.ORDER)


def ask(
    *,
    by: Actor,
    at: dt.datetime,
    since: dt.date,
    until: dt.date,
    subject: Subject,
    rows: Iterable[policy.Row] = (),
    calendar: str = "",
) -> Simulation:
    """Write down what is to be worked out; both days are included. `run` does the work."""
    if not any(by.may(capability) for capability in MAY):
        raise not_yours(_("时限推演由管理规则的人和督查员使用。"))
    if not _covers(by, subject):
        raise not_yours(_("只能推演自己范围内的地点和单位。"))
    asked = list(rows)
    for day in (since, until):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            words = {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise not_ready(_("起止日期须在 %(first)s 年至 %(last)s 年之间。") % words, since=day.isoformat())
    if until < since:
        raise not_ready(_("结束日不能早于开始日。"), until=until.isoformat())
    if until - since > LONGEST:
        raise not_ready(_("一次最多推演五年。"), until=until.isoformat())
    if not asked and not calendar:
        raise not_ready(_("请写明要换成什么规则或日历。"), stage="")
    if calendar and not calendars.line(calendar):
        raise not_ready(_("没有编号为“%(code)s”的工作日历。") % {"code": calendar[:24]}, calendar=calendar)
    mine = Simulation.objects.filter(asked_by_id=by.id)
    old = mine.values_list("pk", flat=True)[KEPT - 1 :]
    Simulation.objects.filter(pk__in=list(old)).delete()
    return Simulation.objects.create(
        asked_by_id=by.id,
        asked_at=at,
        since=since,
        until=until,
        place_id=subject.place.id if subject.place else None,
        organisation_id=subject.organisation.id if subject.organisation else None,
        scenario={"rows": [row_json(row) for row in asked], "calendar": calendar},
        total=queries.rows(subject, Period.of_days(since, until)).count(),
    )


def _covers(by: Actor, subject: Subject) -> bool:
    scope = scope_of(by)
    if subject.place is None and subject.organisation is None:
        return scope.reads_all
    unit = subject.organisation
    mine = unit is not None and (scope.covers_organisation(unit.path) or unit.id in scope.organisation_ids)
    return mine or (subject.place is not None and scope.covers_path(subject.place_path))


def run(*, pk: int) -> Simulation | None:
    """Work a simulation out; None where somebody else is at it. Once done it stays as it is."""
    with _alone(pk) as alone:
        if not alone:
            return None
        asked = Simulation.objects.select_related("place").get(pk=pk)
        if asked.state == Simulation.State.DONE:
            return asked
        _save(asked, state=Simulation.State.RUNNING, done=0)
        try:
            found = queries.compare(
                subject_of(asked),
                Period.of_days(asked.since, asked.until),
                asked.asked_at,
                scenario_of(asked.scenario),
                lambda done: _save(asked, done=done),
            )
        except Exception:
            _save(asked, state=Simulation.State.FAILED, finished_at=clock.now())
            raise
        done = {"done": found.clocks, "total": found.clocks, "result": found.json()}
        _save(asked, state=Simulation.State.DONE, finished_at=clock.now(), **done)
        return asked


def _save(asked: Simulation, **values: Any) -> None:
    for name, value in values.items():
        setattr(asked, name, value)
    asked.save(update_fields=list(values))


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """One worker at a time; the lock goes with the connection of a worker that dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk])
        got = bool(cursor.fetchone()[0])
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])


LOCK = 0x51A0


def subject_of(asked: Simulation) -> Subject:
    unit = directory.by_id(asked.organisation_id) if asked.organisation_id else None
    without = hidden(actor_of(asked.asked_by_id, asked.asked_at))
    return asking.subject_of(asked.place.path if asked.place else "", unit, without)


# -- the scenario, as it is kept


def scenario_of(kept: dict[str, Any]) -> Scenario:
    calendar = calendars.calendar(kept["calendar"]) if kept.get("calendar") else None
    return Scenario([row_of(one) for one in kept.get("rows", ())], calendar, rulebook.policies())


def row_json(row: policy.Row) -> dict[str, Any]:
    amount = row.amount if isinstance(row.amount, int) else str(row.amount)
    told = {name: getattr(row, name) for name in TYPED} | {"amount": amount, "id": row.id}
    return {name: value for name, value in told.items() if value not in ("", None)}


def row_of(kept: dict[str, Any]) -> policy.Row:
    said = {name: kept[name] for name in (*TYPED, "id") if name in kept}
    return policy.Row(**{**said, "amount": units.amount_of(kept["unit"], kept["amount"])})


def typed(stage: str, amount: object, unit: str, **selectors: str) -> policy.Row:
    """A policy as somebody types it: counted from where the shipped one of its stage is. Refuses what is none."""
    stages = {row.stage: row.anchor for row in policy.DEFAULTS}
    if stage not in SIMULATED:
        raise not_ready(_("不能推演“%(stage)s”这个环节。") % {"stage": stage[:24]}, stage=stage)
    try:
        checked = units.amount_of(unit, amount)
    except units.NotAnAmount:
        words = {"amount": str(amount)[:20], "unit": unit[:20]}
        raise not_ready(_("“%(amount)s %(unit)s”不是一个期限。") % words, amount=str(amount)) from None
    return policy.Row(stage, checked, unit, stages.get(stage, "stage"), **selectors)


SIMULATED = (*STAGES, "reaccept")


def proposed(pk: int) -> policy.Row:
    """A policy row, confirmed or not yet, as something to try."""
    row = Policy.objects.select_related("item", "category").filter(pk=pk).first()
    if row is None:
        raise not_ready(_("没有第 %(n)s 号时限规则。") % {"n": pk}, policy=str(pk))
    return policy.Row(
        stage=row.stage,
        amount=units.amount_of(row.unit, row.amount),
        unit=row.unit,
        anchor=row.anchor,
        item=row.item.code if isinstance(row.item, Item) else "",
        category=row.category.code if row.category else "",
        kind=row.kind,
        urgency=row.urgency,
        level=row.level,
        basis=row.basis,
        id=row.pk,
    )
