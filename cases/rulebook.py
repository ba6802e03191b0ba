"""The rules as everybody reads them: frozen values, cached per process, no SQL while the version stands.

Nothing here changes a rule; `cases.models.rules.RuleTable.change` does, and bumps the version.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from cases.calendars import calendar, hours, ref_for
from cases.models import rules
from cases.routing.facts import Duty
from cases.sla import ladder, policy
from cases.sla.segments import Rule
from cases.sla.units import amount_of
from ledger.versions import Cached

__all__ = [
    "Category",
    "Item",
    "calendar",
    "categories",
    "category",
    "claimable_ids",
    "duty_of",
    "duty_rows",
    "duty_rows_for",
    "find_item",
    "hours",
    "item",
    "item_by_id",
    "items",
    "policies",
    "ref_for",
    "rule_for",
]


@dataclass(frozen=True, slots=True)
class Item:
    """小项, as `cases.models.rules.Item` describes it; `category` is the category's code."""

    id: int
    code: str
    name: str
    category: str
    category_id: int
    category_name: str
    what_to_call: str
    level: str
    direct: bool
    lead_code: str
    assist_codes: tuple[str, ...]
    urgency: str
    limit_amount: int | None
    limit_unit: str
    limit_basis: str
    evidence: tuple[str, ...]
    check_required: bool
    sensitive: bool
    claimable: bool
    kind: str
    retired: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """大类 with its living items."""

    id: int
    code: str
    name: str
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class _Checklist:
    categories: tuple[Category, ...]
    living: tuple[Item, ...]
    by_code: Mapping[str, Item]
    by_id: Mapping[int, Item]


@dataclass(frozen=True, slots=True)
class _Duties:
    rows: tuple[Duty, ...]
    by_item: Mapping[str, tuple[Duty, ...]]
    by_category: Mapping[str, tuple[Duty, ...]]


@dataclass(frozen=True, slots=True)
class _Policies:
    rows: tuple[policy.Row, ...]
    by_stage: Mapping[str, tuple[policy.Row, ...]]


# -- the checklist


def items() -> tuple[Item, ...]:
    """The living items in order of their codes."""
    return _checklist().living


def item(code: str) -> Item | None:
    """An item by its code, retired ones too; None when there is none."""
    return _checklist().by_code.get(code)


def item_by_id(pk: int | None) -> Item | None:
    """An item by the key a case holds."""
    return _checklist().by_id.get(pk) if pk is not None else None


def claimable_ids() -> frozenset[int]:
    """The items that are open to claims, whatever kind the case is of."""
    return frozenset(one.id for one in items() if one.claimable)


def categories() -> tuple[Category, ...]:
    """The categories in order, each with its living items."""
    return _checklist().categories


def category(code: str) -> Category | None:
    return next((one for one in categories() if one.code == code), None)


# -- duty rows


def duty_rows() -> tuple[Duty, ...]:
    """All duty rows, past and future ones too."""
    return _duties().rows


def duty_rows_for(item: Item) -> tuple[Duty, ...]:
    """The rows that speak of this item or of its category, anywhere."""
    duties = _duties()
    return duties.by_item.get(item.code, ()) + duties.by_category.get(item.category, ())


# -- deadlines and calendars


def policies() -> tuple[policy.Row, ...]:
    """All confirmed policies, past and future ones too; items and categories by their codes."""
    return _policies().rows


def rule_for(
    stage: str,
    *,
    item: Item | str | None,
    kind: str = "",
    urgency: str = "",
    level: str = "",
    at: dt.datetime,
    organisation: int | None = None,
    path: str = "",
) -> Rule | None:
    """Which rule a new clock of this stage gets: `cases.sla.policy.choose` over the confirmed policies, and
    the calendar of whom it runs against (an organisation; else whose the case's place path is).
    `item` is an item or its code; None where no policy sets the stage."""
    known = find_item(item)
    facts = policy.Facts(
        item=known.code if known else "",
        category=known.category if known else "",
        kind=kind,
        urgency=urgency,
        level=level,
    )
    rule = policy.choose(stage, facts, _policies().by_stage.get(stage, ()), at)
    return replace(rule, calendar=ref_for(organisation, path)) if rule is not None else None


def find_item(one: Item | str | None) -> Item | None:
    """An item given as itself, by its code, or not at all."""
    return item(one) if isinstance(one, str) else one


# -- reading the rows


def _read_checklist() -> _Checklist:
    rows = list(rules.Item.objects.select_related("category").order_by("code"))
    found = tuple(_item(row) for row in rows)
    living = tuple(one for one in found if not one.retired)
    known = rules.Category.objects.order_by("code")
    return _Checklist(
        categories=tuple(
            Category(row.pk, row.code, row.name, tuple(one for one in living if one.category == row.code))
            for row in known
        ),
        living=living,
        by_code=MappingProxyType({one.code: one for one in found}),
        by_id=MappingProxyType({one.id: one for one in found}),
    )


def _item(row: rules.Item) -> Item:
    return Item(
        id=row.pk,
        code=row.code,
        name=row.name,
        category=row.category.code,
        category_id=row.category_id,
        category_name=row.category.name,
        what_to_call=row.what_to_call,
        level=row.level,
        direct=row.direct,
        lead_code=row.lead_code,
        assist_codes=tuple(row.assist_codes),
        urgency=row.urgency,
        limit_amount=row.limit_amount,
        limit_unit=row.limit_unit,
        limit_basis=row.limit_basis,
        evidence=tuple(row.evidence),
        check_required=row.check_required,
        sensitive=row.sensitive,
        claimable=row.claimable,
        kind=row.kind,
        retired=row.retired_at is not None,
    )


def duty_of(row: rules.DutyRow) -> Duty:
    """A row of the table as routing reads it; wants item and category at hand."""
    return Duty(
        id=row.pk,
        place_id=row.place_id,
        part=row.part,
        since=row.since,
        until=row.until,
        item=row.item.code if row.item else "",
        category=row.category.code if row.category else "",
        organisation_id=row.organisation_id,
        template=row.template,
        direct=row.direct,
        basis=row.basis,
    )


def _read_duties() -> _Duties:
    by_item: dict[str, list[Duty]] = defaultdict(list)
    by_category: dict[str, list[Duty]] = defaultdict(list)
    found = []
    for row in rules.DutyRow.objects.select_related("item", "category").order_by("id"):
        duty = duty_of(row)
        found.append(duty)
        (by_item[duty.item] if duty.item else by_category[duty.category]).append(duty)
    return _Duties(
        rows=tuple(found),
        by_item=MappingProxyType({code: tuple(rows) for code, rows in by_item.items()}),
        by_category=MappingProxyType({code: tuple(rows) for code, rows in by_category.items()}),
    )


def _read_policies() -> _Policies:
    by_stage: dict[str, list[policy.Row]] = defaultdict(list)
    confirmed = rules.Policy.objects.filter(confirmed_at__isnull=False)
    for row in confirmed.select_related("item", "category").order_by("id"):
        by_stage[row.stage].append(
            policy.Row(
                stage=row.stage,
                amount=amount_of(row.unit, row.amount),
                unit=row.unit,
                anchor=row.anchor,
                item=row.item.code if row.item else "",
                category=row.category.code if row.category else "",
                kind=row.kind,
                urgency=row.urgency,
                level=row.level,
                since=row.since,
                until=row.until,
                basis=row.basis,
                id=row.pk,
                no_response=row.no_response,
                ladder=ladder.read(row.ladder),
            )
        )
    return _Policies(
        rows=tuple(row for rows in by_stage.values() for row in rows),
        by_stage=MappingProxyType({stage: tuple(rows) for stage, rows in by_stage.items()}),
    )


_checklist: Cached[_Checklist] = Cached("checklist", _read_checklist)
_duties: Cached[_Duties] = Cached("duty", _read_duties)
_policies: Cached[_Policies] = Cached("policies", _read_policies)
