"""What a form offers to choose from: items of the checklist, units in reach, people of a unit.

From caches, but for people. Groups are {label, choices: [{value, label}]}, as the tag `field` takes them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from cases import rulebook, vacant
from cases.models.case import Case
from cases.people import hands
from cases.people.sharing import Hand
from cases.routing import decide
from cases.templatetags.huying import hm
from grid.kinds import TABLE
from grid.models import Place
from grid.queries import Lineage, lineage
from ledger.actor import Actor
from ledger.versions import Cached
from parties import directory
from parties.access import reach_of
from parties.leading import led_units

Group = dict[str, Any]
SPREAD = ("community", "grid")


def items() -> list[Group]:
    """The whole checklist by category."""
    return [
        {
            "label": category.name,
            "choices": [{"value": item.code, "label": f"{item.code} {item.name}"} for item in category.items],
        }
        for category in rulebook.categories()
        if category.items
    ]


def categories() -> list[dict[str, str]]:
    return [{"value": one.code, "label": f"{one.code} {one.name}"} for one in rulebook.categories()]


def places_of(case: Case) -> list[dict[str, str]]:
    """The case's place and those above it up to its street."""
    line = [place for kind, place in lineage(case.path).items() if kind not in ("province", "city")]
    return [{"value": place.code, "label": place.name} for place in line]


def street_of(case: Case) -> str:
    place = lineage(case.path).get("street")
    return place.code if place is not None else ""


def words(table: Any) -> list[dict[str, str]]:
    return [{"value": value, "label": str(label)} for value, label in table.items()]


def units_in_reach(actor: Actor, case: Case, item: rulebook.Item | None, at: dt.datetime) -> list[Group]:
    """To whom this desk may send this case: those it commands that have to do with the place, and the
    departments that a duty row lets a street reach directly."""
    line = lineage(case.path)
    direct = decide.direct_reach(item, case.kind, line, at)
    roots = reach_of(actor) + reach_of(actor, "adjudicate")
    found = [
        org for org in _about(line) if org.id in direct or any(org.path.startswith(root) for root in roots)
    ]
    return _vacant_last(grouped(found, direct), case, at)


def _vacant_last(groups: list[Group], case: Case, at: dt.datetime) -> list[Group]:
    """Where nobody could sign for it stands at the end, and says so."""
    empty = {
        one["value"]
        for group in groups
        for one in group["choices"]
        if vacant.is_vacant(directory.by_code(one["value"]), case, at)
    }
    shown = [
        {**group, "choices": [one for one in group["choices"] if one["value"] not in empty]}
        for group in groups
    ]
    nobody = [
        {**one, "label": _("%(unit)s（无人任职）") % {"unit": one["label"]}, "vacant": True}
        for group in groups
        for one in group["choices"]
        if one["value"] in empty
    ]
    if nobody:
        shown.append({"label": _("现在没有人任职，派去没有人能签收"), "choices": nobody})
    return [group for group in shown if group["choices"]]


def receivers(actor: Actor, case: Case, item: rulebook.Item | None, at: dt.datetime) -> list[dict[str, Any]]:
    """The same one by one, for interfaces: with what to say where nobody could sign. None for who may neither dispatch
    nor rule here."""
    if not any(actor.may(capability, path=case.path) for capability in ("dispatch", "adjudicate")):
        return []
    groups = units_in_reach(actor, case, item, at)
    reach = {one["value"] for group in groups for one in group["choices"]}
    return [
        {
            "code": one["value"],
            "name": directory.name_of(unit.id, short=True),
            "group": group["label"],
            "vacant": one.get("vacant", False),
            "warning": vacant.warning(unit, case, at, reach) if one.get("vacant") else "",
        }
        for group in groups
        for one in group["choices"]
        if (unit := directory.by_code(one["value"])) is not None
    ]


# communities of a street, grids of a community: (street, community) → groups, until a place changes
_below: Cached[dict[tuple[int | None, int | None], list[Group]]] = Cached("places", dict)


def places_below(case: Case) -> list[Group]:
    """The places to which one matter may be spread: the communities of its street and the grids of its community."""
    key, known = (case.street_id, case.community_id), _below()
    if key not in known:
        rows = Place.objects.filter(parent_id__in=[pk for pk in key if pk], retired_at=None, kind__in=SPREAD)
        found: dict[str, list[dict[str, str]]] = {kind: [] for kind in SPREAD}
        for code, name, kind in rows.order_by("code").values_list("code", "name", "kind"):
            found[kind].append({"value": code, "label": name})
        known[key] = [
            {"label": str(TABLE[kind].label), "choices": rows} for kind, rows in found.items() if rows
        ]
    return known[key]


def units_at(case: Case) -> list[Group]:
    """Everybody who could have to do with the case's place: for wishes and for "whose duty is it"."""
    return grouped(_about(lineage(case.path)))


def _about(line: Lineage) -> tuple[directory.Org, ...]:
    """The units of the case's own street and community, and the district's; no other street's."""
    community = line.get("community")
    own = directory.desk_at(line, "street")
    office = directory.by_id(own.parent_id) if own is not None and own.kind == "desk" else None
    found, key = _found(), (community.id if community else None, office.id if office else None)
    if key not in found:
        found[key] = tuple(_concerned(*key))
    return found[key]


# what was found for a community and an office, until an organisation changes
_found: Cached[dict[tuple[int | None, int | None], tuple[directory.Org, ...]]] = Cached("organisations", dict)


def _concerned(community: int | None, office_id: int | None) -> Iterator[directory.Org]:
    office = directory.by_id(office_id)
    for org in directory.search():
        if org.kind in ("government", "desk") or (office is not None and org.id == office.id):
            continue
        if org.level != "district" and not (office is not None and org.path.startswith(office.path)):
            continue
        if org.level == "community" and community is not None and org.desk_of not in (None, community):
            continue
        yield org


def grouped(orgs: Iterable[directory.Org], direct: frozenset[int] = frozenset()) -> list[Group]:
    labels = {
        "direct": _("按分工可直派"),
        "street": _("街道所属"),
        "community": _("社区"),
        "district": _("区直部门"),
    }
    groups: dict[str, list[dict[str, str]]] = {name: [] for name in labels}
    for org in orgs:
        name = "direct" if org.id in direct and org.level == "district" else org.level
        groups.setdefault(name, []).append({"value": org.code, "label": org.short_name or org.name})
    return [{"label": labels.get(name, name), "choices": found} for name, found in groups.items() if found]


def people_of(case: Case, actor: Actor, at: dt.datetime) -> list[dict[str, str]]:
    """Those who do the work of the holder and have not got it, with what each has in hand; one statement."""
    return handed(hands.free_for(case, actor, at))


def colleagues(actor: Actor, at: dt.datetime) -> list[dict[str, str]]:
    """Those who do the work of the units one works for; one statement."""
    units = [
        unit for pk in sorted(actor.units | led_units(actor)) if (unit := directory.by_id(pk)) is not None
    ]
    return handed(hands.of(units, actor, at))


def handed(found: Iterable[Hand]) -> list[dict[str, str]]:
    """People to choose from: those present first."""
    return [
        {"value": hand.username, "label": _hand_words(hand)}
        for hand in sorted(found, key=lambda hand: (hand.away, hand.name, hand.username))
    ]


def _hand_words(hand: Hand) -> str:
    said = {"name": hand.name, "n": hand.open}
    if hand.away_until is None:
        return _("%(name)s · 手上 %(n)s 件") % said
    return _("%(name)s · 手上 %(n)s 件 · 离岗至 %(at)s") % {**said, "at": hm(hand.away_until)}
