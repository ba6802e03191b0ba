"""What others may read about people and organisations, as plain data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from grid.models import Place
from grid.tree import path_ids
from ledger.actor import Actor
from parties import directory
from parties.directory import Org
from parties.kinds import KINDS
from parties.models import Account, Posting
from parties.roles import ROLES


def me_json(actor: Actor) -> dict[str, Any]:
    """Who one is and where one may act: `GET me/`. One statement for the names of the places."""
    ids = list(dict.fromkeys(grant.place_id for grant in actor.grants if grant.place_id is not None))
    places = {
        pk: {"code": code, "name": name, "kind": kind}
        for pk, code, name, kind in Place.objects.filter(pk__in=ids).values_list("id", "code", "name", "kind")
    } if ids else {}  # fmt: skip
    units = dict.fromkeys(
        unit for grant in actor.grants if (unit := grant.organisation_id or grant.unit_id) is not None
    )
    return {
        "username": actor.username,
        "name": actor.name,
        "roles": list(actor.roles),
        "places": [places[pk] for pk in ids if pk in places],
        "organisations": [
            {"code": org.code, "name": org.name, "short_name": org.short_name, "kind": org.kind}
            for unit in units
            if (org := directory.by_id(unit)) is not None
        ],
        "capabilities": sorted(actor.capabilities),
        "language": actor.language,
    }


def organisations_json(*, q: str = "", kind: str = "", serves: str = "") -> list[dict[str, Any]]:
    """`GET organisations/`: by a part of the name, by kind, by the place (code) they serve, that of a place
    above included. Open to every account."""
    wanted: set[int] | None = None
    if serves:
        path = Place.objects.filter(code=serves).values_list("path", flat=True).first()
        wanted = set(path_ids(path or ""))
    found = directory.search(q, kind=kind, serves=wanted)
    return organisation_rows(found)


def organisation_rows(orgs: list[Org]) -> list[dict[str, Any]]:
    """Organisations as the interface shows them; one statement for the places they serve."""
    served = {org.id: directory.places_served(org) for org in orgs}
    ids = {pk for places in served.values() for pk in places}
    places = {
        pk: {"code": code, "name": name, "kind": kind}
        for pk, code, name, kind in Place.objects.filter(pk__in=ids).values_list("id", "code", "name", "kind")
    } if ids else {}  # fmt: skip
    return [organisation_json(org, [places[pk] for pk in served[org.id] if pk in places]) for org in orgs]


def organisation_json(org: Org, serves: list[dict[str, Any]]) -> dict[str, Any]:
    """One organisation; `serves` are places as {code, name, kind}."""
    parent = directory.by_id(org.parent_id)
    merged = directory.by_id(org.merged_into)
    return {
        "code": org.code,
        "name": org.name,
        "short_name": org.short_name,
        "aliases": list(org.aliases),
        "kind": org.kind,
        "kind_label": str(KINDS[org.kind].label),
        "level": org.level,
        "parent": parent.code if parent else None,
        "template": org.template or None,
        "serves": serves,
        "needs_release": org.needs_release,
        "auto_dispatch": org.auto_dispatch,
        "retired": org.retired,
        "merged_into": merged.code if merged else None,
    }


def postings_of(account: Account, at: dt.datetime) -> list[dict[str, Any]]:
    """One's own postings that stand or are to come, and those one stands in for, for the profile."""
    rows = (
        Posting.objects.filter(Q(account=account) | Q(substitute=account, substitute_until__gt=at))
        .filter(Q(until=None) | Q(until__gt=at))
        .select_related("place", "organisation", "substitute__person", "account__person")
        .order_by("since", "id")
    )
    return [_posting(row, account, at) for row in rows]


def _posting(row: Posting, account: Account, at: dt.datetime) -> dict[str, Any]:
    own = row.account_id == account.pk
    partner = row.substitute if own else row.account
    shown = partner is not None and (not own or row.substitute_until is None or row.substitute_until > at)
    return {
        "role_label": ROLES[row.role].label,
        "role_sentence": ROLES[row.role].sentence,
        "where": row.place.name if row.place is not None else row.organisation.name,
        "since": row.since if own else row.substitute_from,
        "until": row.until if own else row.substitute_until,
        "on_duty": row.on_duty,
        "substitute": partner.person.name if shown else "",
        "standing_in": not own,
        "waits": row.confirmed_at is None,
    }
