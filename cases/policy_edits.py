"""Commands that change the deadlines. Every change is proposed by one person and confirmed by another (SPEC §4);
until then it holds nowhere. Clocks that run keep the rule they were given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases import kinds
from cases.calendar_edits import require_all
from cases.models.rules import Category, Item, Policy, RuleTable
from cases.refusals import not_ready, not_yours
from cases.sla import ladder as ladders
from cases.sla import policy as choosing
from cases.sla import units
from cases.sla.policy import STAGES
from ledger import clock
from ledger.actor import Actor

SCOPE = choosing.ORDER  # item, category, kind, urgency, level
WORDS = {"kind": kinds.KINDS, "urgency": kinds.URGENCIES, "level": kinds.LEVELS}
ANCHORS = ("call", "stage")


# -- proposing


def propose_policy(
    *,
    by: Actor,
    at: dt.datetime,
    stage: str,
    amount: Decimal | int | str,
    unit: str,
    anchor: str = "stage",
    since: dt.date | None = None,
    basis: str = "",
    no_response: bool = False,
    ladder: Any = (),
    **scope: Any,
) -> Policy:
    """Draft a deadline; it holds once a second person confirms it, from its day on. `scope` is any of item,
    category (codes), kind, urgency, level; none: for all. `ladder`: whom its clocks tell (`cases.sla.ladder`)."""
    require_all(by)
    try:
        rungs = ladders.to_json(ladders.read(ladder))
    except ladders.BadLadder as bad:
        raise not_ready(str(bad), ladder=str(bad)) from bad
    row = _draft(stage, amount, unit, anchor, since or clock.local_date(at), basis, no_response, scope)
    if row.since < clock.local_date(at):
        raise not_ready(_("生效日不能早于今天。"), since=_("请改日期。"))
    with RuleTable.change("policies", "rules.policy_proposed", by=by, at=at) as payload:
        _check_free(row)
        if _same(row).filter(confirmed_at=None, since=row.since).exists():
            raise not_ready(_("同一范围、同一天已有一条待确认的规则。"), since=_("请先确认或撤回那一条。"))
        row.proposed_by, row.ladder = by.person_id, rungs
        row.save()
        payload.update(policy=row.pk, **_told(row))
        if rungs:
            payload["ladder"] = rungs
    return row


def adopt(
    *,
    by: Actor,
    at: dt.datetime,
    items: Iterable[str],
    basis: str,
    since: dt.date | None = None,
) -> list[Policy]:
    """Propose the 行业时限 of these items as their resolve limit, counted from the call; one citation for all,
    added to the checklist's own."""
    require_all(by)
    if not basis.strip():
        raise not_ready(_("采用行业时限要写明依据。"), basis=_("请写文号或文件名。"))
    codes = list(dict.fromkeys(items))
    found = {row.code: row for row in Item.objects.filter(code__in=codes, retired_at=None)}
    if not codes or set(codes) - set(found):
        raise not_ready(_("请选要采用的小项。"), codes=_("请勾选。"))
    drafts = []
    with RuleTable.change("policies", "rules.policy_proposed", by=by, at=at) as payload:
        for code in codes:
            item = found[code]
            if item.limit_amount is None:
                raise not_ready(_("%(item)s没有行业时限。") % {"item": item.name}, codes=_("请取消勾选。"))
            row = _draft(
                "resolve", item.limit_amount, item.limit_unit, "call", since or clock.local_date(at),
                basis, False, {"item": code},
            )  # fmt: skip
            _check_free(row)
            if _same(row).filter(confirmed_at=None).exists():
                raise not_ready(
                    _("%(item)s已有一条待确认的规则。") % {"item": item.name}, codes=_("请取消勾选。")
                )
            row.proposed_by = by.person_id
            drafts.append(row)
        Policy.objects.bulk_create(drafts)
        payload.update(policies=[row.pk for row in drafts], adopted=codes)
    return drafts


def _draft(
    stage: str,
    amount: Any,
    unit: str,
    anchor: str,
    since: dt.date,
    basis: str,
    no_response: bool,
    scope: dict[str, Any],
) -> Policy:
    if stage not in STAGES:
        raise not_ready(_("没有这个选项：%(value)s。") % {"value": stage[:20]}, stage=_("请选择。"))
    if anchor not in ANCHORS:
        raise not_ready(_("没有这个选项：%(value)s。") % {"value": anchor[:20]}, anchor=_("请选择。"))
    try:
        checked = units.amount_of(unit, amount)
    except units.NotAnAmount:
        raise not_ready(_("数量须大于零，只有小时可以带小数。"), amount=_("请填数字，并选单位。")) from None
    if checked > 9999:
        raise not_ready(_("数量太大。"), amount=_("请核对。"))
    if round(Decimal(checked), 2) != checked:
        raise not_ready(_("数量最多两位小数。"), amount=_("请改数量。"))
    named = {name: value for name, value in scope.items() if value}
    for name, words in WORDS.items():
        if named.get(name) and named[name] not in words:
            raise not_ready(
                _("没有这个选项：%(value)s。") % {"value": str(named[name])[:20]}, **{name: _("请选择。")}
            )
    item = Item.objects.filter(code=named["item"]).first() if "item" in named else None
    category = Category.objects.filter(code=named["category"]).first() if "category" in named else None
    if ("item" in named and item is None) or ("category" in named and category is None):
        raise not_ready(_("没有这个小项或大类。"), item=_("请选择。"))
    if item is not None and category is not None:
        raise not_ready(_("写了小项就不用再写大类。"), category=_("请留空。"))
    if not basis.strip():
        raise not_ready(_("请写明依据（文号或文件名）。"), basis=_("请填写。"))
    return Policy(
        stage=stage,
        amount=Decimal(checked),
        unit=unit,
        anchor=anchor,
        no_response=no_response,
        item=item,
        category=category,
        kind=named.get("kind", ""),
        urgency=named.get("urgency", ""),
        level=named.get("level", ""),
        since=since,
        basis=basis.strip()[:120],
    )


# -- the second person


def confirm_policy(*, policy: int, by: Actor, at: dt.datetime) -> Policy:
    """Put a draft into force; not by the human who made it. It takes over from the standing one of the same stage
    and scope. Confirmed after its day, it holds from the day of confirming."""
    require_all(by)
    with RuleTable.change("policies", "rules.policy_confirmed", by=by, at=at) as payload:
        row = Policy.objects.select_for_update(of=("self",)).get(pk=policy)
        if row.confirmed_at is not None:
            raise not_ready(_("这条时限规则已经确认过。"))
        _second(row.proposed_by, by)
        row.since = max(row.since, clock.local_date(at))
        _check_free(row)
        standing = _standing(row).filter(until=None, since__lt=row.since)
        replaced = list(standing.values_list("pk", flat=True))
        standing.update(until=row.since, ends_on=None, end_proposed_by=None)
        row.confirmed_by, row.confirmed_at = by.person_id, at
        row.save(update_fields=["since", "confirmed_by", "confirmed_at"])
        payload.update(policy=row.pk, replaces=replaced, since=row.since.isoformat())
    return row


def withdraw_policy(*, policy: int, by: Actor, at: dt.datetime) -> None:
    """Take back what waits: a draft goes, a proposed end is dropped."""
    require_all(by)
    with RuleTable.change("policies", "rules.policy_withdrawn", by=by, at=at) as payload:
        row = Policy.objects.select_for_update(of=("self",)).get(pk=policy)
        if row.confirmed_at is None:
            payload.update(policy=policy, draft=True)
            row.delete()
        elif row.ends_on is not None:
            payload.update(policy=policy, draft=False)
            row.ends_on = row.end_proposed_by = None
            row.save(update_fields=["ends_on", "end_proposed_by"])
        else:
            raise not_ready(_("没有等确认的改动可撤回。"))


# -- ending


def propose_end(*, policy: int, by: Actor, at: dt.datetime, on: dt.date | None = None) -> Policy:
    """Ask that a row holds no longer from a day on; a second person confirms."""
    require_all(by)
    with RuleTable.change("policies", "rules.policy_end_proposed", by=by, at=at) as payload:
        row = Policy.objects.select_for_update(of=("self",)).get(pk=policy)
        day = on or clock.local_date(at)
        if row.confirmed_at is None or row.until is not None:
            raise not_ready(_("只有在用的规则可以终止。"))
        if day < clock.local_date(at):
            raise not_ready(_("失效日不能早于今天。"), until=_("请改日期。"))
        if day <= row.since:
            raise not_ready(_("失效日须晚于生效日。"), until=_("请改日期。"))
        row.ends_on, row.end_proposed_by = day, by.person_id
        row.save(update_fields=["ends_on", "end_proposed_by"])
        payload.update(policy=row.pk, until=day.isoformat())
    return row


def confirm_end(*, policy: int, by: Actor, at: dt.datetime) -> Policy:
    """Let a proposed end hold; not by the human who proposed it. Confirmed after its day, it ends today."""
    require_all(by)
    with RuleTable.change("policies", "rules.policy_ended", by=by, at=at) as payload:
        row = Policy.objects.select_for_update(of=("self",)).get(pk=policy)
        if row.ends_on is None:
            raise not_ready(_("没有提议终止这条规则。"))
        _second(row.end_proposed_by, by)
        row.until = max(row.ends_on, clock.local_date(at))
        row.ends_on = None
        row.save(update_fields=["until", "ends_on"])
        payload.update(policy=row.pk, until=row.until.isoformat())
    return row


def waiting() -> QuerySet[Policy]:
    """What waits for a second person: drafts, and ends that were proposed."""
    return Policy.objects.filter(Q(confirmed_at=None) | Q(ends_on__isnull=False))


def _second(proposer: int | None, by: Actor) -> None:
    if proposer is not None and proposer == by.person_id:
        raise not_yours(_("提出人不能自己确认，须由另一人确认。"))


# -- one row at a time


def _same(row: Policy) -> QuerySet[Policy]:
    """Rows of the same stage and scope."""
    return Policy.objects.filter(
        stage=row.stage,
        item=row.item,
        category=row.category,
        kind=row.kind,
        urgency=row.urgency,
        level=row.level,
    ).exclude(pk=row.pk)


def _standing(row: Policy) -> QuerySet[Policy]:
    return _same(row).filter(confirmed_at__isnull=False)


def _check_free(row: Policy) -> None:
    """Two rows of one scope never hold on one day: what stands without an end gives way, anything else is
    refused."""
    later = _standing(row).filter(since__gte=row.since).order_by("since").first()
    if later is not None:
        raise not_ready(
            _("与已确认的规则重叠：同一范围自 %(since)s 起已有一条，新的须晚于它。")
            % {"since": later.since.isoformat()},
            since=_("请改日期。"),
        )
    ended = _standing(row).filter(since__lt=row.since, until__gt=row.since).order_by("-until").first()
    if ended is not None:
        raise not_ready(
            _("与已确认的规则重叠：同一范围的一条有效到 %(until)s，新的须从那天或以后起。")
            % {"until": ended.until.isoformat()},
            since=_("请改日期。"),
        )


def _told(row: Policy) -> dict[str, Any]:
    return {
        "stage": row.stage,
        "amount": str(row.amount),
        "unit": row.unit,
        "anchor": row.anchor,
        "since": row.since.isoformat(),
        "item": row.item.code if row.item else "",
        "category": row.category.code if row.category else "",
        "kind": row.kind,
        "urgency": row.urgency,
        "level": row.level,
    }
