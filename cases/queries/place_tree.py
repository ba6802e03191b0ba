"""What the editor of the tree shows: the outline with who works where, and one place with everything around it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from cases.kinds import OPEN
from cases.scope import listed
from grid import codes, datum, drafts, facts, history, kinds, naming, queries
from grid.commands import charges
from grid.models import Draft, Place, Succession
from grid.outline import outline
from grid.tree import path_ids, within
from ledger.actor import Actor
from parties import directory, draft_cards, roles
from parties.access import scope_of
from parties.models import Posting
from parties.models.postings import live_q

ON_THE_GROUND = ("grid_worker", "grid_lead", "building_lead")
FEW_STEPS = 3  # of each that waits
MOST_CHILDREN = 500  # in a list that stands where there is no script
ICONS = {
    "province": "map-2", "city": "building-bank", "district": "building-bank", "street": "building",
    "community": "home", "section": "route", "grid": "grid-dots", "building": "building-skyscraper",
    "unit": "door", "household": "door", "estate": "fence",
}  # fmt: skip
# what a step is called where there is no room for its sentence, and how it looks
COMMANDS: Mapping[str, tuple[Any, str]] = {
    "open": (_l("新设"), "ok"),
    "rename": (_l("改名"), "info"),
    "recode": (_l("改码"), "info"),
    "move": (_l("划转"), "info"),
    "set_facts": (_l("改资料"), "info"),
    "merge": (_l("合并"), "warn"),
    "split": (_l("拆分"), "warn"),
    "retire": (_l("停用"), "stop"),
    "restore": (_l("恢复"), "ok"),
}


def roots(by: Actor) -> list[Place]:
    """The places whose trees one may change, none below another; one statement."""
    return list(queries.light().filter(pk__in=scope_of(by, "tree").place_ids).order_by("path"))


def rows_json(tops: Sequence[Place], at: dt.datetime) -> str:
    """The outline below some places and who works on the ground there, as the editor's script reads it."""
    found = outline([place.path for place in tops])
    rest = {"total": found.total, "cut": found.cut, "staff": staff_below(tops, at)}
    return f'{{"rows":{found.rows},{json.dumps(rest, ensure_ascii=False)[1:]}'


def staff_below(tops: Iterable[Place], at: dt.datetime) -> dict[int, str]:
    """place id → who is posted there outdoors, in words."""
    below = Q(pk=None)
    for place in tops:
        below |= Q(place__path__startswith=place.path)
    rows = (
        Posting.objects.filter(below, live_q(at), role__in=ON_THE_GROUND)
        .order_by("place_id", "role", "pk")
        .values_list("place_id", "role", "account__person__name")
    )
    found: dict[int, list[str]] = {}
    for place_id, role, name in rows:
        found.setdefault(place_id, []).append(f"{roles.ROLES[role].label} {name}")
    return {place_id: _("，").join(words) for place_id, words in found.items()}


def nodes(tops: Sequence[Place], chosen: Place | None) -> list[dict[str, Any]]:
    """The tree as links, opened as far as the chosen place: what stands where there is no script. One statement
    per level."""
    open_ids = set(map(int, chosen.path.strip("/").split("/"))) if chosen is not None else set()
    return [_node(place, open_ids, chosen, top=True) for place in tops]


def _node(place: Place, open_ids: set[int], chosen: Place | None, *, top: bool = False) -> dict[str, Any]:
    node: dict[str, Any] = {
        "name": place.name,
        "url": reverse("cases:tree_place", args=[place.code]),
        "label": str(kinds.label(place.kind)),
        "icon": ICONS[place.kind],
        "current": chosen is not None and place.pk == chosen.pk,
    }
    if top or place.pk in open_ids:
        below = queries.children(place)[:MOST_CHILDREN]
        node["children"] = [_node(child, open_ids, chosen) for child in below]
    return node


def panel(place: Place, by: Actor, at: dt.datetime) -> dict[str, Any]:
    """One place with everything around it."""
    line = queries.lineage(place.path)
    below = queries.kind_counts(place)  # itself among them
    return {
        "code": place.code,
        "url": reverse("cases:tree_place", args=[place.code]),
        "name": place.name,
        "kind": place.kind,
        "label": str(kinds.label(place.kind)),
        "icon": ICONS[place.kind],
        "path": queries.path_text(place),
        "retired_at": place.retired_at,
        "successors": _successors(place),
        "version": place.version,
        "facts": _facts(place, below),
        "editable": {**editable(place), "estate": place.managed_by.name if place.managed_by_id else ""},
        "managements": [(name, str(label)) for name, label in kinds.MANAGEMENT_CHOICES]
        if place.kind == kinds.ESTATE
        else [],
        "datums": list(datum.KNOWN),
        "beside": _beside(place),
        "staff": _staff(place, at),
        "serving": _serving(place, line),
        "waiting": WORDING.lines(drafts.waiting_at(place.pk, path_ids(place.path)), FEW_STEPS),
        "open_cases": _open_cases(place, by),
        "history": history.timeline(place)[:12],
        "may_hold": [
            {"value": kind.name, "label": str(kind.label)}
            for kind in kinds.TABLE.values()
            if kinds.may_hold(place.kind, kind.name)
        ],
        "children": [
            {"code": child.code, "name": child.name, "label": str(kinds.label(child.kind))}
            for child in charges(place)[:MOST_CHILDREN]
        ],
    }


def editable(place: Place) -> dict[str, Any]:
    """The facts of a place as its form shows them and a step takes them; None for what is not known."""
    return {
        "aliases": place.aliases,
        "households": place.households,
        "residents": place.residents,
        "managed_by": place.managed_by.code if place.managed_by is not None else None,
        "management": place.management or None,
        "lon": place.lon,
        "lat": place.lat,
        "valid_from": place.valid_from.isoformat() if place.valid_from else None,
    }


def _beside(place: Place) -> list[dict[str, str]]:
    """Its live siblings of the same kind: what it may be merged with in one go."""
    above = place.above
    if above is None or not place.is_live:
        return []
    rows = queries.children(above).filter(kind=place.kind).exclude(pk=place.pk)[:MOST_CHILDREN]
    return [{"code": one.code, "name": one.name} for one in rows]


def _facts(place: Place, below: Mapping[str, int]) -> list[tuple[str, str]]:
    inside = [kind for kind in kinds.KINDS if kinds.rank(kind) > kinds.rank(place.kind)]
    rows = [
        (_("编号"), place.code),
        (_("别名"), _("、").join(place.aliases)),
        (
            _("下辖"),
            _(" · ").join(f"{below[kind]:,} {kinds.label(kind)}" for kind in inside if below.get(kind)),
        ),
        (_("户数"), f"{place.households:,}" if place.households else ""),
        (_("人口"), f"{place.residents:,}" if place.residents else ""),
        (_("所属小区"), place.managed_by.name if place.managed_by_id else ""),
        (_("物业方式"), str(dict(kinds.MANAGEMENT_CHOICES)[place.management]) if place.management else ""),
        (_("中心"), f"{place.lon:.6f}, {place.lat:.6f} {place.datum}" if place.lon is not None else ""),
        (_("边界"), _("已画（%(datum)s）") % {"datum": place.datum} if place.boundary else _("还没有画")),
        (_("启用"), place.valid_from.isoformat() if place.valid_from else ""),
    ]
    return [(label, value) for label, value in rows if value]


def _successors(place: Place) -> list[dict[str, str]]:
    if place.is_live:
        return []
    heirs = place.successions.select_related("new").order_by("pk")
    return [{"name": row.new.name, "url": reverse("cases:tree_place", args=[row.new.code])} for row in heirs]


def _staff(place: Place, at: dt.datetime) -> list[dict[str, Any]]:
    rows = (
        Posting.objects.filter(live_q(at), place=place)
        .select_related("account__person", "substitute__person")
        .order_by("role", "pk")
    )
    return [
        {
            "role": str(roles.ROLES[row.role].label),
            "name": row.account.person.name,
            "since": row.since,
            "until": row.until,
            "substitute": row.substitute.person.name if row.substitute_id else "",
        }
        for row in rows
    ]


def _serving(place: Place, line: queries.Lineage) -> list[dict[str, Any]]:
    """The organisations that serve this place; `near`: those of its street or below, not of the whole district."""
    near = [place.id for kind, place in line.items() if kind not in kinds.UPPER]
    rows = []
    for org in directory.servers_of(line):
        own = org.desk_of in near or any(pk in near for pk in directory.places_served(org))
        rows.append({"name": org.name, "code": org.code, "near": own})
    return rows


def _open_cases(place: Place, by: Actor) -> dict[str, Any]:
    rows = listed(by).filter(path__startswith=place.path, status__in=OPEN)
    return {"count": rows.count(), "url": f"{reverse('cases:list')}?place={place.code}&status=open"}


# -- what is retired


def retired(tops: Sequence[Place], q: str = "") -> QuerySet[Place]:
    """Retired places below some places, the latest first; `q`: a part of the name, the beginning of a code or of the
    initials."""
    below = Q(pk__in=[])
    for top in tops:
        below |= within(top)
    rows = queries.light().filter(below, retired_at__isnull=False).order_by("-retired_at", "-pk")
    if typed := naming.tidy(q):
        letters = typed.lower().replace(" ", "")
        rows = rows.filter(
            Q(name_normal__contains=naming.normal(typed))
            | Q(name__contains=typed)
            | Q(code__startswith=codes.tidy(typed))
            | Q(name_initials__startswith=letters)
        )
    return rows


def retired_rows(places: Sequence[Place], draft: Draft | None) -> list[dict[str, Any]]:
    """As the list shows them: where each stood, who took over, and whether the draft restores it already; a fixed
    number of statements."""
    heirs: dict[int, list[dict[str, str]]] = {}
    taken = (
        Succession.objects.filter(old__in=[place.pk for place in places]).select_related("new").order_by("pk")
    )
    for row in taken:
        url = reverse("cases:tree_place", args=[row.new.code])
        heirs.setdefault(row.old_id, []).append({"name": row.new.name, "url": url})
    lines = queries.lineages(place.path for place in places)
    asked = (
        {step["args"]["place"] for step in draft.steps if step["command"] == "restore"} if draft else set()
    )
    return [
        {
            "code": place.code,
            "name": place.name,
            "label": str(kinds.label(place.kind)),
            "icon": ICONS[place.kind],
            "url": reverse("cases:tree_place", args=[place.code]),
            "where": " / ".join(one.name for one in list(lines[place.path].values())[:-1][-3:]),
            "at": place.retired_at,
            "heirs": heirs.get(place.pk, []),
            "restoring": place.code in asked,
        }
        for place in places
    ]


# -- the draft beside the tree


def _words(command: str, args: Mapping[str, Any], name: draft_cards.Names) -> str:
    comma = _("、")
    if command == "open":
        return f"{args['name']} · {kinds.label(args['kind'])} → {name(args.get('parent', ''))}"
    if command == "merge":
        into = name(args["target"]) if "target" in args else _("新设“{name}”").format(name=args["name"])
        return f"{comma.join(name(one) for one in args['places'])} → {into}"
    if command == "set_facts":
        what = comma.join(str(label) for fact, label in facts.LABELS.items() if fact in args)
        return f"{name(args['place'])} · {what}"
    if command == "split":
        return f"{name(args['place'])} → {comma.join(part['name'] for part in args['parts'])}"
    if args.get("targets"):
        return f"{name(args['place'])} → {comma.join(name(one) for one in args['targets'])}"
    to = args.get("name") or args.get("code") or name(args.get("parent") or args.get("target") or "")
    return f"{name(args['place'])} → {to}" if to else name(args["place"])


WORDING = draft_cards.Wording(Draft, COMMANDS, _words, "cases:tree_publication")
