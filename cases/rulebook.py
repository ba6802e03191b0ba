"""The rules as everybody reads them: frozen values, cached per process, no SQL while the version stands.

Nothing here changes a rule; `cases.models.rules.RuleTable.change` does, and bumps the version.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cases.models import rules
from cases.routing.facts import Duty
from cases.sla import calendar as opening
from cases.sla import policy
from ledger import clock
from ledger.versions import Cached


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
    by_item: Mapping[str, tuple[Duty, ...]] = field(default_factory=dict)
    by_category: Mapping[str, tuple[Duty, ...]] = field(default_factory=dict)


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
    """All confirmed policies, past and future ones too."""
    return _policies()


def rule_for(
    stage: str,
    *,
    item: Item | None,
    kind: str = "",
    urgency: str = "",
    level: str = "",
    at: dt.datetime,
):
    """Which rule a new clock of this stage gets: `cases.sla.policy.choose` over the confirmed policies."""
    return policy.choose(stage, _policy_facts(item, kind, urgency, level), policies(), at)


def calendar(code: str = "default") -> opening.Calendar:
    """A calendar with everything it inherits. An unknown code gets the default one, and without any rows
    the shipped one."""
    known = _calendars()
    return known.get(code) or known.get("default") or opening.DEFAULT
