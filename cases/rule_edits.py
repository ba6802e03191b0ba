"""Commands that change the checklist and the duty rows. Each asks for the capability, writes one entry into the
chain of its table and bumps the table's version in the same transaction. Clocks that run keep the rule they were given."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases import kinds
from cases.models import rules
from cases.models.rules import RuleTable
from cases.refusals import not_ready
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
