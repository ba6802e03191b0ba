"""Commands that change the checklist. Each asks for the capability, writes one entry into the chain of its table
and bumps the table's version in the same transaction. Clocks that run keep the rule they were given."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases import kinds
from cases.models import rules
from cases.models.rules import RuleTable
from cases.refusals import not_ready
from ledger.actor import Actor
from parties import access

ITEM_FIELDS = {
    *("name", "what_to_call", "level", "direct", "lead_code", "assist_codes", "urgency", "kind"),
    *("limit_amount", "limit_unit", "limit_basis", "evidence", "check_required", "sensitive", "claimable"),
}


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
