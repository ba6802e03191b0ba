"""What the pages of the people print: who is posted where, and everything about one account. Phones are masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from grid import finding, tree
from grid import queries as places
from grid.paging import Key, Page, page
from ledger.actor import Actor
from parties import directory, history, staffing
from parties.models import Account, Posting
from parties.models.postings import standing_q
from parties.privacy import mask_phone
from parties.roles import ROLES, title_of
from parties.staffing import SOON

NEWEST = (Key("since", descending=True), Key("id", descending=True))
BY_NAME = (Key("username"),)


def tabs(at: dt.datetime) -> dict[str, Q]:
    """What each tab of the list narrows down to."""
    standing = standing_q(at)
    return {
        "standing": standing,
        "waiting": standing & Q(confirmed_at=None),
        "duty": standing & Q(on_duty=True),
        "ending": Q(until__gt=at, until__lte=at + SOON),
        "substituted": standing & Q(substitute_until__gt=at),
        "ended": Q(until__lte=at) | Q(until__lte=F("since")),
    }


def asked(actor: Actor, query: Mapping[str, str]) -> QuerySet[Posting]:
    """The postings in reach that fit q (a name, a username), role, place and organisation (codes)."""
    rows = staffing.postings(actor)
    if q := query.get("q", "").strip():
        rows = rows.filter(Q(account__person__name__icontains=q) | Q(account__username__startswith=q.lower()))
    if role := query.get("role", ""):
        rows = rows.filter(role=role)
    if code := query.get("place", "").strip():
        place = finding.by_code(code) or next(iter(finding.search(code, limit=1)), None)
        rows = rows.filter(tree.within(place, "place__path")) if place else rows.none()
    if code := query.get("organisation", "").strip():
        org = directory.by_code(code) or directory.named(code)
        rows = rows.filter(organisation__path__startswith=org.path) if org else rows.none()
    return rows


def numbers(rows: QuerySet[Posting], at: dt.datetime) -> dict[str, int]:
    """How many are in each tab; one statement."""
    return rows.order_by().aggregate(**{name: Count("pk", filter=q) for name, q in tabs(at).items()})


def listed(rows: QuerySet[Posting], query: Mapping[str, str]) -> tuple[list[dict[str, Any]], Page]:
    """One page of postings, newest first."""
    found = page(rows, NEWEST, {"page_size": "25", **query})
    return posting_rows(found.rows), found


def posting_rows(rows: Iterable[Posting], at: dt.datetime | None = None) -> list[dict[str, Any]]:
    """Postings as rows; the names of the places above come in one statement at most."""
    rows = list(rows)
    lines = places.lineages(row.place.path for row in rows if row.place is not None)
    return [_row(row, lines) for row in rows]


def _row(row: Posting, lines: Mapping[str, Mapping[str, places.PlaceLite]]) -> dict[str, Any]:
    person = row.account.person
    return {
        "id": row.pk,
        "name": person.name or row.account.username,
        "username": row.account.username,
        "phone": mask_phone(person.phone),
        "role": row.role,
        "role_label": title_of(row.role, row.duty),
        "duty": row.duty,
        "where": _where(row, lines),
        "place": row.place.code if row.place else None,
        "organisation": row.organisation.code if row.organisation else None,
        "since": row.since,
        "until": row.until,
        "on_duty": row.on_duty,
        "waits": row.confirmed_at is None,
        "substitute": row.substitute.person.name if row.substitute else "",
        "substitute_username": row.substitute.username if row.substitute else None,
        "substitute_from": row.substitute_from,
        "substitute_until": row.substitute_until,
    }


def _where(row: Posting, lines: Mapping[str, Mapping[str, places.PlaceLite]]) -> str:
    if row.place is None:
        return row.organisation.name
    line = list(lines[row.place.path].values())
    shown = [one for one in line if one.kind not in ("province", "city", "district")] or line[-1:]
    return " / ".join(one.name for one in shown)


# -- one account


def account_page(actor: Actor, account: Account, at: dt.datetime) -> dict[str, Any]:
    """Everything about one account: its postings in reach, standing ones first, and its history."""
    rows = list(staffing.postings(actor).filter(account=account).order_by("-since", "-id"))
    shown = posting_rows(rows)
    for row, posting in zip(shown, rows, strict=True):
        row["ended"] = posting.until is not None and posting.until <= max(at, posting.since)
        row["acts"] = [] if row["ended"] else acts_on(posting, at)
    seen = {row.pk for row in rows}
    elsewhere = set(Posting.objects.filter(account=account).values_list("pk", flat=True)) - seen
    return {
        "username": account.username,
        "name": account.person.name or account.username,
        "phone": mask_phone(account.person.phone),
        "has_phone": bool(account.person.phone),
        "language": account.get_language_display(),
        "is_active": account.is_active,
        "must_change_password": account.must_change_password,
        "opened_at": account.opened_at,
        "last_login": account.last_login,
        "postings": sorted(shown, key=lambda row: row["ended"]),
        "elsewhere": len(elsewhere),
        "history": history.of(Account.SUBJECT, account.pk, but=elsewhere),
    }


def acts_on(posting: Posting, at: dt.datetime) -> list[staffing.Act]:
    """What may be done with a standing posting, as it is."""
    offered = ["end"]
    if posting.confirmed_at is None:
        return [staffing.ON_POSTING[name] for name in ("confirm", "end")]
    offered.insert(0, "off_duty" if posting.on_duty else "duty")
    if posting.substitute_id and posting.substitute_until and posting.substitute_until > at:
        offered.insert(1, "end_substitute")
    elif not ROLES[posting.role].waits:
        offered.insert(1, "substitute")
    return [staffing.ON_POSTING[name] for name in offered]
