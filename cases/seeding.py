"""The shipped rules become rows: checklist, duty rows, deadlines, calendar.

`load_rules` adds what is missing and changes nothing that stands: what an admin edited stays edited.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction

from cases.models import RoundRule, rules
from cases.models.rules import RuleTable
from cases.sla import calendar as opening
from cases.sla import policy
from grid.models import Place
from ledger.actor import Actor
from parties.models import Organisation

DATA = Path(__file__).parent / "data"
DISTRICT = "370811"
SINCE = dt.date(2026, 1, 1)
DUTY_BASIS = "任城区网格事项清单（试行，演示）"  # invented for the demo town
BASES = {  # what the short marks of the checklist stand for
    "123": "“123”承诺：一日受理、两日办结、三日反馈",
    "RR": "立案、结案标准（事件类）",
    "JY": "立案、结案规范（部件、事件）",
    "": "平台默认",
}
# how often, in days; the product's own proposal, to be replaced by a town's rule with its basis
ROUNDS_ASKED = {("grid", "patrol"): 1, ("building", "patrol"): 7, ("building", "visit"): 30}
PER_STREET = ("TS", "JW")  # codes of templates: every street or community has such an office of its own


class GroundMissing(LookupError):
    """Places or organisations that the rules name do not exist yet."""


@dataclass(frozen=True)
class Loaded:
    """How many rows were added."""

    items: int
    duties: int
    policies: int
    days: int
    rounds: int = 0


def load_rules(by: Actor, at: dt.datetime, *, district: str = DISTRICT) -> Loaded:
    """Add the shipped rules that are not there yet; a second call adds nothing. Needs the district (by code)
    and its organisations, else raises GroundMissing naming what lacks; a street that lacks is left out."""
    with transaction.atomic():
        return Loaded(
            items=_load_checklist(by, at),
            duties=_load_duties(by, at, district),
            policies=_load_policies(by, at),
            days=_load_calendar(by, at),
            rounds=_load_rounds(by, at, district),
        )


@cache
def checklist() -> tuple[dict[str, str], ...]:
    """The rows of the shipped checklist, as written."""
    return _sheet("checklist.csv")


def _sheet(name: str) -> tuple[dict[str, str], ...]:
    with (DATA / name).open(encoding="utf-8", newline="") as sheet:
        return tuple(csv.DictReader(sheet))


def _codes(cell: str) -> list[str]:
    return [code for code in cell.split(";") if code]


# -- checklist


def _load_checklist(by: Actor, at: dt.datetime) -> int:
    with RuleTable.change("checklist", "rules.checklist_loaded", by=by, at=at) as payload:
        names = {row["category_code"]: row["category"] for row in checklist()}
        known = set(rules.Category.objects.values_list("code", flat=True))
        rules.Category.objects.bulk_create(
            rules.Category(code=code, name=name) for code, name in names.items() if code not in known
        )
        category_ids = dict(rules.Category.objects.values_list("code", "id"))
        known = set(rules.Item.objects.values_list("code", flat=True))
        added = rules.Item.objects.bulk_create(
            _item(row, category_ids[row["category_code"]]) for row in checklist() if row["code"] not in known
        )
        if added:
            payload["items"] = len(added)
    return len(added)


def _item(row: dict[str, str], category_id: int) -> rules.Item:
    return rules.Item(
        code=row["code"],
        category_id=category_id,
        name=row["item"],
        what_to_call=row["what_to_call"],
        level=row["level"],
        direct=bool(row["direct"]),
        lead_code=row["lead"],
        assist_codes=_codes(row["assist"]),
        urgency=row["urgency"],
        limit_amount=int(row["limit_amount"]),
        limit_unit=row["limit_unit"],
        limit_basis=row["limit_basis"],
        evidence=_codes(row["evidence"]),
        check_required=bool(row["check"]),
        sensitive=bool(row["sensitive"]),
        claimable=bool(row["claimable"]),
        kind=row["kind"],
    )


# -- duty rows


@dataclass(frozen=True)
class _Duty:
    item: str
    place: str
    target: str
    part: str
    direct: bool
    basis: str


def _shipped_duties(district: str) -> Iterable[_Duty]:
    """One lead and the assisting ones of each item for the whole district, then the streets' own rows.

    Wherever a row names a unit of the district, the street may send to it itself; an office of the street
    needs no such leave."""
    for row in checklist():
        for part, codes in (("lead", _codes(row["lead"])), ("assist", _codes(row["assist"]))):
            for code in codes:
                direct = not code.startswith(PER_STREET)
                yield _Duty(row["code"], district, code, part, direct, DUTY_BASIS)
    for row in _sheet("street_duties.csv"):
        yield _Duty(row["item"], row["place"], row["target"], row["part"], bool(row["direct"]), row["basis"])


def _load_duties(by: Actor, at: dt.datetime, district: str) -> int:
    shipped = list(_shipped_duties(district))
    items = dict(rules.Item.objects.values_list("code", "id"))
    places = dict(Place.objects.filter(code__in={d.place for d in shipped}).values_list("code", "id"))
    named = {d.target for d in shipped if not d.target.startswith(PER_STREET)}
    organisations = dict(Organisation.objects.filter(code__in=named).values_list("code", "id"))
    lacking = sorted(({district} - set(places)) | (named - set(organisations)))
    if lacking:
        raise GroundMissing(", ".join(lacking))
    shipped = [duty for duty in shipped if duty.place in places]
    with RuleTable.change("duty", "rules.duty_loaded", by=by, at=at) as payload:
        # rows of the same place, item and part that anybody ever wrote: an admin's word stands
        stands = set(
            rules.DutyRow.objects.filter(item__isnull=False).values_list("item_id", "place_id", "part")
        )
        added = rules.DutyRow.objects.bulk_create(
            rules.DutyRow(
                item_id=items[duty.item],
                place_id=places[duty.place],
                organisation_id=organisations.get(duty.target),
                template="" if duty.target in organisations else duty.target,
                part=duty.part,
                direct=duty.direct,
                since=SINCE,
                basis=duty.basis,
            )
            for duty in shipped
            if (items[duty.item], places[duty.place], duty.part) not in stands
        )
        if added:
            payload["rows"] = len(added)
    return len(added)


# -- deadlines


def _load_policies(by: Actor, at: dt.datetime) -> int:
    """The defaults and what is shipped as adopted. Feedback keeps its three days everywhere: an interim
    answer meets it where the work takes longer."""
    items = {item.code: item for item in rules.Item.objects.all()}
    with RuleTable.change("policies", "rules.policies_loaded", by=by, at=at) as payload:
        stands = {_scope(row) for row in rules.Policy.objects.select_related("item", "category")}
        shipped = (*policy.DEFAULTS, *policy.adopted(items.values(), SINCE, feedback=False))
        added = rules.Policy.objects.bulk_create(
            rules.Policy(
                stage=row.stage,
                amount=row.amount,
                unit=row.unit,
                anchor=row.anchor,
                no_response=row.stage in policy.TELLS_SILENCE,
                item=items[row.item] if row.item else None,
                kind=row.kind,
                urgency=row.urgency,
                level=row.level,
                since=SINCE,
                basis=BASES.get(row.basis, row.basis),
                confirmed_at=at,
            )
            for row in shipped
            if (row.stage, row.item, row.category, row.kind, row.urgency, row.level) not in stands
        )
        if added:
            payload["policies"] = len(added)
    return len(added)


def _scope(row: rules.Policy) -> tuple[str, str, str, str, str, str]:
    item = row.item.code if row.item else ""
    category = row.category.code if row.category else ""
    return row.stage, item, category, row.kind, row.urgency, row.level


# -- calendar


def _load_calendar(by: Actor, at: dt.datetime) -> int:
    with RuleTable.change("calendars", "rules.calendars_loaded", by=by, at=at) as payload:
        calendar, created = rules.Calendar.objects.get_or_create(
            code="default",
            defaults={
                "name": "默认工作日历",
                "weekly": {str(weekday): _spans(hours) for weekday, hours in opening.OFFICE_WEEK.items()},
                "published_from": opening.PUBLISHED_FROM,
                "published_until": opening.PUBLISHED_UNTIL,
            },
        )
        known = set(calendar.days.values_list("date", flat=True))  # ever: an admin's word stands
        seq = RuleTable.next_seq("calendars")
        added = rules.CalendarDay.objects.bulk_create(
            rules.CalendarDay(
                calendar=calendar,
                date=date,
                kind=day.kind,
                name=day.name,
                intervals=None if day.kind == "makeup" else _spans(day.hours),
                since_seq=seq,
            )
            for date, day in opening.shipped_days().items()
            if date not in known
        )
        if created or added:
            payload["days"] = len(added)
    return len(added)


def _spans(hours: opening.Hours) -> list[list[str]]:
    return [[opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in hours]


# -- rounds


def _load_rounds(by: Actor, at: dt.datetime, district: str) -> int:
    """How often a place is walked and visited, for the whole district."""
    place = Place.objects.get(code=district)
    with RuleTable.change("rounds", "rules.rounds_loaded", by=by, at=at) as payload:
        stands = set(RoundRule.objects.filter(place=place).values_list("place_kind", "kind"))
        added = RoundRule.objects.bulk_create(
            RoundRule(
                place=place, place_kind=place_kind, kind=kind, every_days=days, since=SINCE, basis=BASES[""]
            )
            for (place_kind, kind), days in ROUNDS_ASKED.items()
            if (place_kind, kind) not in stands
        )
        if added:
            payload["rules"] = len(added)
    return len(added)
