"""Commands that change a rule. Each asks for the capability, writes one entry into the chain of its table
and bumps the table's version in the same transaction. Clocks that run keep the rule they were given."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cases import kinds, rulebook
from cases.models import rules
from cases.models.rules import RuleTable
from cases.refusals import not_ready, not_yours
from cases.sla import calendar as opening
from cases.sla import ladder as ladders
from grid.models import Place
from ledger import clock
from ledger.actor import Actor
from parties import access
from parties.models import Organisation

ITEM_FIELDS = {
    *("name", "what_to_call", "level", "direct", "lead_code", "assist_codes", "urgency", "kind"),
    *("limit_amount", "limit_unit", "limit_basis", "evidence", "check_required", "sensitive", "claimable"),
}


# -- the checklist


def edit_item(*, code: str, by: Actor, at: dt.datetime, basis: str = "", **changes: Any) -> rules.Item:
    """Change facts of a checklist item; the entry keeps before and after. Cases keep what they were given."""
    access.require(by, "rules")
    if unknown := sorted(changes.keys() - ITEM_FIELDS):
        raise not_ready(_("小项没有这些字段：%(fields)s。") % {"fields": ", ".join(unknown)})
    for name, words in (("level", kinds.LEVELS), ("urgency", kinds.URGENCIES), ("kind", kinds.KINDS)):
        if changes.get(name, next(iter(words))) not in words:
            raise not_ready(
                _("没有这个选项：%(value)s。") % {"value": changes[name]}, **{name: changes[name]}
            )
    with RuleTable.change("checklist", "rules.item_edited", by=by, at=at) as payload:
        item = rules.Item.objects.get(code=code)
        before = {name: getattr(item, name) for name in changes if getattr(item, name) != changes[name]}
        for name in before:
            setattr(item, name, changes[name])
        if item.direct and item.level != "street":
            raise not_ready(_("只有街道级小项可以街道直派。"), direct=True)
        if (item.limit_amount is None) != (not item.limit_unit):
            raise not_ready(_("时限要么有数量和单位，要么都不填。"), limit_unit=item.limit_unit)
        if before:
            item.save(update_fields=list(before))
            after = {name: changes[name] for name in before}
            # words stay out of the ledger: it tells which fields changed, and values only where they are codes
            quiet = {"name", "what_to_call", "limit_basis"}
            payload.update(
                item=code,
                basis=basis,
                changed=sorted(before),
                before={name: value for name, value in before.items() if name not in quiet},
                after={name: value for name, value in after.items() if name not in quiet},
            )
    return item


# -- duty rows


def open_duty(
    *,
    by: Actor,
    at: dt.datetime,
    place: Place,
    item: str = "",
    category: str = "",
    organisation: Organisation | None = None,
    template: str = "",
    part: str = "lead",
    direct: bool = False,
    since: dt.date | None = None,
    until: dt.date | None = None,
    basis: str = "",
) -> rules.DutyRow:
    """Say whose duty an item (or a category) is below a place, from `since` (today) on. A lead takes over
    from the standing one of the same item and place, which ends that day."""
    access.require(by, "rules", path=place.path)
    since = since or clock.local_date(at)
    if bool(item) == bool(category):
        raise not_ready(_("职责行要么写小项，要么写大类。"), item=item)
    if (organisation is None) == (not template):
        raise not_ready(_("职责行要么写单位，要么写镇街机构模板。"), organisation=template)
    if organisation is not None and organisation.retired_at is not None:
        raise not_ready(_("该单位已停用。"), organisation=organisation.code)
    if until is not None and until <= since:
        raise not_ready(_("失效日须晚于生效日。"), until=until.isoformat())
    with RuleTable.change("duty", "rules.duty_opened", by=by, at=at) as payload:
        row = rules.DutyRow(
            item=rules.Item.objects.get(code=item) if item else None,
            category=rules.Category.objects.get(code=category) if category else None,
            place=place,
            organisation=organisation,
            template=template,
            part=part,
            direct=direct,
            since=since,
            until=until,
            basis=basis,
        )
        standing = rules.DutyRow.objects.filter(
            item=row.item, category=row.category, place=place, part=part, until__isnull=True
        )
        if part != "lead":
            standing = standing.filter(organisation=organisation, template=template)
        replaced = standing.first()
        if replaced is not None:
            if replaced.since >= since:
                words = {"since": replaced.since.isoformat()}
                raise not_ready(_("此地点已有一行自 %(since)s 起，新的一行须晚于它。") % words)
            replaced.until = since
            replaced.save(update_fields=["until"])
        row.save()
        payload.update(
            row=row.pk,
            item=item,
            category=category,
            place=place.pk,
            organisation=organisation.pk if organisation else None,
            template=template,
            part=part,
            direct=direct,
            since=since.isoformat(),
            until=until.isoformat() if until else None,
            replaces=replaced.pk if replaced else None,
        )
    return row


def end_duty(*, row: int, by: Actor, at: dt.datetime, on: dt.date | None = None) -> rules.DutyRow:
    """Let a duty row hold no longer from a day (today) on."""
    with RuleTable.change("duty", "rules.duty_ended", by=by, at=at) as payload:
        duty = rules.DutyRow.objects.select_related("place").get(pk=row)
        access.require(by, "rules", path=duty.place.path)
        day = on or clock.local_date(at)
        if day <= duty.since:
            raise not_ready(_("失效日须晚于生效日。"), until=day.isoformat())
        duty.until = day
        duty.save(update_fields=["until"])
        payload.update(row=row, until=day.isoformat())
    return duty


# -- deadlines


def propose_policy(
    *,
    by: Actor,
    at: dt.datetime,
    stage: str,
    amount: Decimal | int,
    unit: str,
    anchor: str = "stage",
    since: dt.date | None = None,
    basis: str = "",
    ladder: Any = (),
    **scope: Any,
) -> rules.Policy:
    """Draft a deadline; it holds once a second person confirms it. `scope` is at most one of item, category
    (codes), kind, urgency, level. `ladder`: whom its clocks tell, as `cases.sla.ladder` describes."""
    access.require(by, "rules")
    try:
        rungs = ladders.to_json(ladders.read(ladder))
    except ladders.BadLadder as bad:
        raise not_ready(str(bad), ladder=str(bad)) from bad
    if Decimal(amount) <= 0:
        raise not_ready(_("时限须大于零。"), amount=str(amount))
    with RuleTable.change("policies", "rules.policy_proposed", by=by, at=at) as payload:
        row = rules.Policy.objects.create(
            stage=stage,
            amount=amount,
            unit=unit,
            anchor=anchor,
            item=rules.Item.objects.get(code=scope["item"]) if scope.get("item") else None,
            category=rules.Category.objects.get(code=scope["category"]) if scope.get("category") else None,
            kind=scope.get("kind", ""),
            urgency=scope.get("urgency", ""),
            level=scope.get("level", ""),
            since=since or clock.local_date(at),
            basis=basis,
            ladder=rungs,
            proposed_by=by.person_id,
        )
        payload.update(policy=row.pk, stage=stage, amount=str(amount), unit=unit, anchor=anchor, **scope)
        if rungs:
            payload["ladder"] = rungs
    return row


def confirm_policy(*, policy: int, by: Actor, at: dt.datetime) -> rules.Policy:
    """Put a drafted deadline into force; not by the human who drafted it. It takes over from the standing
    one of the same stage and scope."""
    access.require(by, "rules")
    with RuleTable.change("policies", "rules.policy_confirmed", by=by, at=at) as payload:
        row = rules.Policy.objects.get(pk=policy)
        if row.confirmed_at is not None:
            raise not_ready(_("这条时限规则已经确认过。"))
        if row.proposed_by is not None and row.proposed_by == by.person_id:
            raise not_yours(_("提出人不能自己确认，须由另一人确认。"))
        same = rules.Policy.objects.filter(
            stage=row.stage,
            anchor=row.anchor,
            item=row.item,
            category=row.category,
            kind=row.kind,
            urgency=row.urgency,
            level=row.level,
            confirmed_at__isnull=False,
            until__isnull=True,
            since__lt=row.since,
        )
        replaced = list(same.values_list("pk", flat=True))
        same.update(until=row.since)
        row.confirmed_by, row.confirmed_at = by.person_id, at
        row.save(update_fields=["confirmed_by", "confirmed_at"])
        payload.update(policy=row.pk, replaces=replaced)
    return row


# -- calendars


def set_day(
    *,
    by: Actor,
    at: dt.datetime,
    calendar: rules.Calendar,
    date: dt.date,
    kind: str,
    intervals: list[list[str]] | None,
    name: str = "",
) -> rules.CalendarDay:
    """Say how one date is open: `intervals` are [["08:30", "12:00"], …] (an end of 00:00 is 24:00), an empty
    list on a day of rest, None for the ordinary hours of a make-up workday."""
    access.require(by, "rules")
    try:
        opening.Calendar({}, {date: rulebook.hours(intervals or [])})
    except ValueError as error:
        raise not_ready(_("开放时间须按先后排列且不重叠。"), intervals=str(error)) from error
    with RuleTable.change("calendars", "rules.calendar_day_set", by=by, at=at) as payload:
        day, _created = rules.CalendarDay.objects.update_or_create(
            calendar=calendar, date=date, defaults={"kind": kind, "intervals": intervals, "name": name}
        )
        payload.update(calendar=calendar.code, date=date.isoformat(), kind=kind, intervals=intervals)
    return day
