"""Who of a unit has what: what is open, due today, late and paused in whose hands, who is away, and what the week
cost them. Each number counts what the list of cases shows under the same filters."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.figures.asking import Period, subject_of
from cases.kinds import OPEN
from cases.people import sharing
from cases.queries import colours, holding_times, lists, narrowing
from cases.scope import hidden
from cases.sla.phrases import minutes_words
from grid.columns import guarded
from ledger.actor import Actor
from ledger.clock import local_date
from parties import directory
from parties.gate import NOT_FOUND, NotYours, OutOfScope
from parties.leading import leads, led_units, seen_units, works_for_q
from parties.models import Absence, Posting
from parties.models.absences import standing_q
from parties.models.postings import live_q
from parties.roles import title_of

NUMBERS = ("open", "today", "late", "relief", "paused")
COLUMNS = (*NUMBERS, "away")  # and what falls due while its owner is away


@dataclass(frozen=True)
class Load:
    """What one has in hand; `account` None: what nobody has taken up. `posted`: works for the unit now."""

    account: int | None
    username: str = ""
    name: str = ""
    title: str = ""
    open: int = 0
    today: int = 0
    late: int = 0
    relief: int = 0
    paused: int = 0
    away: int = 0
    weight: int = 0
    minutes: int = 0
    away_since: dt.datetime | None = None
    away_until: dt.datetime | None = None
    substitute: str = ""
    posted: bool = False


# -- whose


def unit_asked(actor: Actor, code: str) -> directory.Org:
    """The unit that is looked over; without a code the first that one leads. NotYours, OutOfScope."""
    seen = seen_units(actor)
    if not seen:
        raise NotYours(_("本单位谁手上有什么，由单位负责人和值班长查看。"))
    if code:
        unit = directory.by_code(code)
        if unit is None or unit.id not in seen:
            raise OutOfScope(NOT_FOUND)
        return unit
    own = [grant.organisation_id or grant.unit_id for grant in actor.grants if leads(grant)]
    return next(org for pk in (*own, *sorted(seen)) if (org := directory.by_id(pk)) is not None)


def units_to_choose(actor: Actor) -> list[directory.Org]:
    """Those one may look over."""
    found = [org for pk in seen_units(actor) if (org := directory.by_id(pk)) is not None and not org.retired]
    return sorted(found, key=lambda org: (org.name, org.code))


# -- what


def of(actor: Actor, unit: directory.Org, at: dt.datetime) -> list[Load]:
    """What nobody has taken up first, then everybody, the fullest hands first. Three statements."""
    units = directory.under(unit.path)
    found: dict[int | None, Load] = {None: Load(None), **_people(unit, at)}
    rows = lists.held(actor, units).filter(status__in=OPEN).order_by()
    rows = rows.alias(waits=narrowing.waiting_relief(), goes=narrowing.due_while_away(at))
    late = colours.q("red", at)
    counted = rows.values(
        "holder_account_id", username=F("holder_account__username"), name=F("holder_account__person__name")
    ).annotate(
        open=Count("pk"),
        today=Count("pk", filter=narrowing.due_today_q(at)),
        late=Count("pk", filter=late),
        relief=Count("pk", filter=Q(waits=True)),
        paused=Count("pk", filter=colours.q("violet", at)),
        away=Count("pk", filter=Q(goes=True, next_due_at__gte=at)),
        weight=sharing.weight_sum(at),
    )
    for row in counted:
        pk = row["holder_account_id"]
        known = found.get(pk) or Load(pk, row["username"], row["name"])
        numbers = {name: row[name] for name in COLUMNS}  # type: ignore[literal-required]
        found[pk] = replace(known, **numbers, weight=row["weight"])
    today = local_date(at)
    week = Period.of_days(today - dt.timedelta(days=today.weekday()), today)
    for pk, minutes in holding_times.by_person(subject_of("", unit, hidden(actor)), week).items():
        if pk in found:
            found[pk] = replace(found[pk], minutes=minutes)
    nobody = found.pop(None)
    return [nobody, *sorted(found.values(), key=lambda one: (-one.weight, -one.open, one.name, one.username))]


def _people(unit: directory.Org, at: dt.datetime) -> dict[int | None, Load]:
    away = Absence.objects.filter(standing_q(at), account=OuterRef("account")).order_by("since", "pk")
    rows = (
        Posting.objects.filter(live_q(at), works_for_q(unit), account__is_active=True)
        .annotate(
            away_since=Subquery(away.values("since")[:1]),
            away_until=Subquery(away.values("until")[:1]),
            stands_in=Subquery(away.values("substitute__person__name")[:1]),
        )
        .order_by("pk")
        .values_list(
            "account_id",
            "account__username",
            "account__person__name",
            "role",
            "duty",
            "away_since",
            "away_until",
            "stands_in",
        )
    )
    return {
        pk: Load(
            pk,
            username,
            name,
            title_of(role, duty),
            away_since=since,
            away_until=until,
            substitute=stands_in or "",
            posted=True,
        )
        for pk, username, name, role, duty, since, until, stands_in in rows
    }


# -- as it is shown


def url_of(unit: directory.Org, one: Load, number: str) -> str:
    """The list of exactly the cases that a number counts."""
    query = {"tab": "open", "organisation": unit.code}
    query |= {"person": one.username} if one.account is not None else {"unclaimed": "1"}
    query |= {"today": {"due": "today"}, "late": {"due": "late"}, "paused": {"colour": "violet"},
        "relief": {"relief": "1"}, "away": {"due": "away"},
    }.get(number, {})  # fmt: skip
    return f"{reverse('cases:list')}?{urlencode(query)}"


def rows(actor: Actor, unit: directory.Org, loads: Iterable[Load], at: dt.datetime) -> list[dict[str, Any]]:
    """As the page prints them."""
    hands_out = unit.id in led_units(actor)
    return [
        {
            "name": one.name or _("没有人领取"),
            "title": one.title or (_("已不在本单位") if one.account is not None and not one.posted else ""),
            "nobody": one.account is None,
            "numbers": [
                {"n": getattr(one, name), "url": url_of(unit, one, name), "late": name == "late"}
                for name in NUMBERS
            ],
            "minutes": minutes_words(one.minutes) if one.minutes else "",
            "away": {
                "now": one.away_since is not None and one.away_since <= at,
                "since": local_date(one.away_since) if one.away_since else None,
                "until": local_date(one.away_until - dt.timedelta(microseconds=1))
                if one.away_until
                else None,
                "substitute": one.substitute,
                "due": one.away,
                "due_url": url_of(unit, one, "away"),
            }
            if one.away_until
            else None,
            "give_url": f"{reverse('cases:hand_over')}?{urlencode({'unit': unit.code, 'person': one.username})}"
            if hands_out and one.open
            else "",
            "leave_url": f"{reverse('cases:absences')}?{urlencode({'person': one.username})}"
            if hands_out and one.posted
            else "",
        }
        for one in loads
    ]


def as_json(unit: directory.Org, loads: Iterable[Load]) -> dict[str, Any]:
    return {
        "organisation": {"code": unit.code, "name": unit.name},
        "results": [
            {
                "username": one.username or None,
                "name": one.name or None,
                **{name: getattr(one, name) for name in NUMBERS},
                "due_while_away": one.away,
                "weight": one.weight,
                "minutes_this_week": one.minutes,
                "away_since": one.away_since.isoformat() if one.away_since else None,
                "away_until": one.away_until.isoformat() if one.away_until else None,
                "substitute": one.substitute or None,
            }
            for one in loads
        ],
    }


def as_csv(loads: Iterable[Load]) -> bytes:
    """A sheet, UTF-8 with the mark by which spreadsheet programs know it."""
    sheet = io.StringIO()
    write = csv.writer(sheet, lineterminator="\r\n").writerow
    write([_("姓名"), _("职务"), _("在办"), _("今天到期"), _("已超时"), _("申请待批"), _("已暂停"), _("本周用时（分）"), _("离岗自"), _("离岗至"), _("代办人"), _("不在时到期")])  # fmt: skip
    for one in loads:
        away = (
            [local_date(one.away_since), local_date(one.away_until - dt.timedelta(microseconds=1))]
            if one.away_since and one.away_until
            else ["", ""]
        )
        numbers = [getattr(one, name) for name in NUMBERS]
        name = guarded(one.name or _("没有人领取"))
        write([name, one.title, *numbers, one.minutes, *away, guarded(one.substitute), one.away])
    return b"\xef\xbb\xbf" + sheet.getvalue().encode()
