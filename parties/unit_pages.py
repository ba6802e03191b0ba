"""What the page of the organisations prints: the tree, what a search finds, and everything about one unit.

The tree and the search come from the directory in process, without a statement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from grid import queries as places
from grid.tree import path_ids
from ledger.actor import Actor
from parties import consequences, directory, history
from parties.access import keeps, kept_by, scope_of
from parties.directory import Org
from parties.kinds import KINDS
from parties.models import Organisation, Posting, Serving
from parties.models.postings import live_q
from parties.privacy import mask_phone
from parties.roles import DESK_ROLES, title_of

MOST_FOUND = 50
MOST_PLACES = 200
ICONS = {
    "government": "building-bank", "party": "flag", "department": "building-bank", "branch": "building-bank",
    "street_office": "building", "office": "building", "desk": "phone-incoming", "committee": "home",
    "property": "fence", "social": "heart-handshake", "utility": "droplet", "mass": "users",
    "institution": "building-community", "vertical": "building-bank",
}  # fmt: skip
Address = Callable[[str, str], str]  # (name of a URL, code of a unit) → address


def may_change(actor: Actor, org: Org | Organisation | None) -> bool:
    """Would the commands let this admin change the unit?"""
    return keeps(actor, org.path if org is not None else None)


def sees_people(actor: Actor, org: Org | Organisation) -> bool:
    """Who looks after a unit or its people, works in it or above it, or audits, sees who is posted there."""
    scope = scope_of(actor)
    return (
        scope.reads_all
        or may_change(actor, org)
        or keeps(actor, org.path, "accounts")
        or org.id in scope.organisation_ids
    )


# -- the tree


def tree(here: Org | None, address: Address, *, retired: bool = False) -> list[dict[str, Any]]:
    """The whole tree's roots, open down to `here`: links, which stand where there is no script."""
    opened = set(path_ids(here.path)) if here else {org.id for org in directory.children_of(None)}
    return _level(None, opened, here, address, retired)


def _level(
    parent: int | None, opened: set[int], here: Org | None, address: Address, retired: bool
) -> list[dict[str, Any]]:
    return [
        _node(org, opened, here, address, retired)
        for org in in_order(directory.children_of(parent))
        if retired or not org.retired or (here is not None and org.id == here.id)
    ]


def in_order(orgs: Iterable[Org]) -> list[Org]:
    """Kinds as they rank, then by code."""
    rank = {name: n for n, name in enumerate(KINDS)}
    return sorted(orgs, key=lambda org: (rank[org.kind], org.code))


def _node(org: Org, opened: set[int], here: Org | None, address: Address, retired: bool) -> dict[str, Any]:
    below = [child for child in directory.children_of(org.id) if retired or not child.retired]
    node = {
        "name": org.name,
        "url": address("parties:unit", org.code),
        "label": str(KINDS[org.kind].label),
        "icon": ICONS[org.kind],
        "small": _("%(n)s 个下级") % {"n": len(below)} if below else "",
        "opens": bool(below),
        "current": here is not None and org.id == here.id,
        "chips": [("stop", "", _("已停用"))] if org.retired else [],
    }
    if below and org.id in opened:
        node["children"] = _level(org.id, opened, here, address, retired)
    return node


def outline(actor: Actor, at: dt.datetime, *, retired: bool = False) -> dict[str, Any]:
    """The tree as the editor's script reads it (`rows` as of a place, see grid.outline.COLUMNS); `reach`: below which
    units one may change; `staff`: how many are posted to each unit there. One statement."""
    rows: list[tuple[Any, ...]] = []
    off: list[int] = []
    waiting = in_order(directory.children_of(None))[::-1]
    while waiting:
        org = waiting.pop()
        if org.retired and not retired:
            continue
        rows.append((org.id, org.parent_id, org.kind, org.code, org.name, 0, False, None))
        if org.retired:
            off.append(org.id)
        waiting += reversed(in_order(directory.children_of(org.id)))
    roots = kept_by(actor)
    standing = sum(1 for _one in directory.search())
    return {
        "rows": rows,
        "off": off,
        "reach": [path_ids(root)[-1] for root in roots],
        "staff": _posted(roots, at),
        "total": standing,
        "cut": "",
    }


def _posted(roots: Sequence[str], at: dt.datetime) -> dict[int, str]:
    """unit → how many people are posted to it or work at the place whose desk it is, in words."""
    if not roots:
        return {}
    desks = {org.desk_of: org.id for org in directory.search() if org.desk_of}
    here = Q(organisation__isnull=False) | Q(place__in=desks, role__in=DESK_ROLES)
    people: dict[int, set[int]] = {}
    seats = Posting.objects.filter(live_q(at), here)
    for unit, place, person in seats.values_list("organisation_id", "place_id", "account__person_id"):
        people.setdefault(unit or desks[place], set()).add(person)
    inside = directory.under(*roots)
    return {unit: _("{n} 人").format(n=len(found)) for unit, found in people.items() if unit in inside}


def found(q: str, address: Address) -> list[dict[str, Any]]:
    """What a search finds, standing units first, each with where it hangs: {name, url, label, icon, where, code}."""
    orgs = sorted(directory.search(q, retired=True), key=lambda org: (org.retired, len(org.name), org.code))
    return [
        {
            "id": org.id,
            "path": path_ids(org.path),
            "name": org.name,
            "code": org.code,
            "url": address("parties:unit", org.code),
            "label": str(KINDS[org.kind].label),
            "icon": ICONS[org.kind],
            "where": " / ".join(one.short_name for one in _above(org)),
            "retired": org.retired,
        }
        for org in orgs[:MOST_FOUND]
    ]


def _above(org: Org) -> list[Org]:
    line = [directory.by_id(pk) for pk in path_ids(org.path)[:-1]]
    return [one for one in line if one is not None]


# -- one unit


def panel(actor: Actor, org: Org, address: Address, at: dt.datetime) -> dict[str, Any]:
    """Everything about one unit. The number of statements does not grow with people, places or entries."""
    unit = Organisation.objects.select_related("desk_of").get(pk=org.id)
    into = directory.current(org) if org.merged_into else None
    inside = sees_people(actor, org)
    return {
        "name": org.name,
        "code": org.code,
        "url": address("parties:unit", org.code),
        "short_name": org.short_name,
        "aliases": list(org.aliases),
        "kind_label": str(KINDS[org.kind].label),
        "icon": ICONS[org.kind],
        "level_label": _levels()[org.level],
        "template": org.template,
        "needs_release": org.needs_release,
        "auto_dispatch": org.auto_dispatch,
        "line": [{"name": one.short_name, "url": address("parties:unit", one.code)} for one in _above(org)],
        "desk_of": unit.desk_of.name if unit.desk_of_id else "",
        "opened_at": unit.opened_at,
        "retired_at": unit.retired_at,
        "merged_into": {"name": into.name, "url": address("parties:unit", into.code)} if into else None,
        "version": unit.version,
        "servings": _servings(unit),
        "estates": org.kind == "property",
        "inside": inside,
        "people": _people(unit, at) if inside else [],
        "open": consequences.open_work([org.id]).get(org.id, 0) if inside else None,
        "history": history.of(Organisation.SUBJECT, org.id) if inside else [],
    }


def _levels() -> dict[str, str]:
    return {"community": _("社区级"), "street": _("镇街级"), "district": _("区级")}


def _servings(unit: Organisation) -> list[dict[str, Any]]:
    """Places served now and before; an estate shows that it is one."""
    rows = list(
        Serving.objects.filter(organisation=unit)
        .order_by("-until", "place__code", "-since")
        .values("place__code", "place__name", "place__kind", "place__path", "since", "until")[:MOST_PLACES]
    )
    lines = places.lineages(row["place__path"] for row in rows)
    return [
        {
            "code": row["place__code"],
            "name": row["place__name"],
            "where": " / ".join([one.name for one in lines[row["place__path"]].values()][2:-1]),
            "estate": row["place__kind"] == "estate",
            "since": row["since"],
            "until": row["until"],
        }
        for row in sorted(rows, key=lambda row: row["until"] is not None)
    ]


def _people(unit: Organisation, at: dt.datetime) -> list[dict[str, Any]]:
    """Who is posted to the unit, or to the place whose desk it is; phones masked."""
    here = Q(organisation=unit)
    if unit.desk_of_id:
        here |= Q(place_id=unit.desk_of_id)
    rows = (
        Posting.objects.filter(here)
        .filter(Q(until=None) | Q(until__gt=at))
        .select_related("account__person", "substitute__person")
        .order_by("-on_duty", "since", "id")
    )
    return [
        {
            "name": row.account.person.name,
            "username": row.account.username,
            "phone": mask_phone(row.account.person.phone),
            "role_label": title_of(row.role, row.duty),
            "since": row.since,
            "until": row.until,
            "on_duty": row.on_duty,
            "waits": row.confirmed_at is None,
            "substitute": row.substitute.person.name
            if row.substitute and row.substitute_until and row.substitute_until > at
            else "",
        }
        for row in rows[:MOST_PLACES]
    ]
