"""A district's organisations from its tree and the shipped list of departments. Safe to repeat."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from grid.models import Place
from grid.tree import path_ids
from ledger import versions
from ledger.actor import Actor
from ledger.book import Fact, record_many
from parties.access import require
from parties.demo import load_demo_accounts
from parties.ids import fresh_ids
from parties.models import Organisation, Serving

__all__ = ["committee_name", "load_demo_accounts", "load_organisations"]

DEPARTMENTS = Path(__file__).parent / "data" / "departments.csv"
DISTRICT = "370811"  # 任城区: the shipped departments are this district's; another brings its own


@dataclass
class Draft:
    """A unit to be: `parent` is a code, `serves` and `desk_of` are ids of places."""

    code: str
    name: str
    short_name: str
    kind: str
    parent: str = ""
    aliases: list[str] = field(default_factory=list)
    template: str = ""
    desk_of: int | None = None
    serves: int | None = None
    path: str = ""  # of the place it is there for: the entry's path


@transaction.atomic
def load_organisations(*, by: Actor, at: dt.datetime) -> int:
    """Open what is missing: per district its government and command centre (and 任城's departments), per
    street its office, command centre and the templates' offices, per community its committee. How many.

    A handful of statements whatever the size of the tree; a code that exists is left as it is."""
    require(by, "organisations")
    known = {code: (pk, path) for code, pk, path in Organisation.objects.values_list("code", "id", "path")}
    drafts = [draft for draft in _drafts() if draft.code not in known]
    units, servings, facts = [], [], []
    for draft, pk in zip(drafts, fresh_ids(Organisation, len(drafts)), strict=True):
        parent_id, parent_path = known[draft.parent] if draft.parent else (None, "/")
        known[draft.code] = (pk, f"{parent_path}{pk}/")
        unit = Organisation(
            pk=pk,
            code=draft.code,
            name=draft.name,
            short_name=draft.short_name,
            aliases=draft.aliases,
            kind=draft.kind,
            parent_id=parent_id,
            path=f"{parent_path}{pk}/",
            template=draft.template,
            desk_of_id=draft.desk_of,
            opened_at=at,
        )
        units.append(unit)
        if draft.serves is not None:
            servings.append(Serving(organisation_id=pk, place_id=draft.serves, since=at))
        payload = {
            "code": unit.code,
            "kind": unit.kind,
            "parent": parent_id,
            "desk_of": unit.desk_of_id,
            "serves": [draft.serves] if draft.serves is not None else [],
        }
        facts.append(Fact(unit, "organisation.opened", by, at, path=draft.path, payload=payload))
    if units:
        record_many(facts)  # before the rows: it sets the heads of their chains
        Organisation.objects.bulk_create(units, batch_size=1000)
        Serving.objects.bulk_create(servings, batch_size=1000)
        versions.bump("organisations")
    return len(units)


def _drafts() -> Iterator[Draft]:
    """Every unit the tree calls for, parents before children."""
    with DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    departments = [row for row in rows if row["kind"] != "office"]
    templates = [row for row in rows if row["kind"] == "office"]
    places = list(
        Place.objects.filter(kind__in=["district", "street", "community"], retired_at=None)
        .order_by("path")
        .values("id", "code", "name", "kind", "path")
    )
    areas = {place["id"]: place for place in places}
    for place in places:
        above = [areas[pk] for pk in path_ids(place["path"])[:-1] if pk in areas]
        if place["kind"] == "district":
            yield from _district(place, departments if place["code"] == DISTRICT else [])
        elif place["kind"] == "street":
            yield from _street(place, above[-1] if above else None, templates)
        elif place["kind"] == "community":
            yield from _community(place, above[-1] if above else None)


def _district(place: dict, departments: list[dict]) -> Iterator[Draft]:
    code, name, here = place["code"], place["name"], {"serves": place["id"], "path": place["path"]}
    government = f"QF-{code}"
    yield Draft(government, f"{name}人民政府", f"{_bare(name)}政府", "government", **here)
    yield Draft(
        f"ZX-{code}", f"{name}社会治理指挥中心", f"{_bare(name)}指挥中心", "desk", government,
        [f"{name}指挥中心"], desk_of=place["id"], **here,
    )  # fmt: skip
    for row in departments:
        yield Draft(
            row["code"],
            row["name"],
            row["short_name"],
            row["kind"],
            government,
            _split(row["aliases"]),
            **here,
        )


def _street(place: dict, above: dict | None, templates: list[dict]) -> Iterator[Draft]:
    code, name, here = place["code"], place["name"], {"serves": place["id"], "path": place["path"]}
    office = f"JD-{code}"
    parent = f"QF-{above['code']}" if above else ""
    title = (
        f"{name}人民政府"
        if name.endswith(("镇", "乡"))
        else f"{name}办事处"
        if name.endswith("街道")
        else name
    )
    yield Draft(office, title, name, "street_office", parent, _words(f"{name}办", name, but=title), **here)
    yield Draft(
        f"ZX-{code}", f"{name}指挥中心", f"{name}指挥中心", "desk", office, desk_of=place["id"], **here
    )  # fmt: skip
    for row in templates:
        yield Draft(
            f"{row['code']}-{code}", _of_street(row["name"], name), _of_street(row["short_name"], name),
            "office", office, [_of_street(alias, name) for alias in _split(row["aliases"])],
            template=row["code"], **here,
        )  # fmt: skip


def _community(place: dict, above: dict | None) -> Iterator[Draft]:
    name, short = committee_name(place["name"])
    parent = (
        "" if above is None else f"JD-{above['code']}" if above["kind"] == "street" else f"QF-{above['code']}"
    )
    yield Draft(
        f"JW-{place['code']}", name, short, "committee", parent, _words(place["name"], f"{short}居委会"
        if name.endswith("居民委员会") else f"{short}委会", but=name), template="JW", desk_of=place["id"],
        serves=place["id"], path=place["path"],
    )  # fmt: skip


def committee_name(place: str) -> tuple[str, str]:
    """(full name, short name) of the committee of a community or village by the place's name, however that
    is written: 前铺社区 → 前铺社区居民委员会; 谭口集村村委会 → 谭口集村村民委员会."""
    for suffix in ("居民委员会", "村民委员会", "居委会", "村委会"):
        if place.endswith(suffix) and len(place) > len(suffix):
            short = place[: -len(suffix)]
            break
    else:
        suffix, short = "", place
    if suffix.startswith("村") and not short.endswith("村"):
        short += "村"
    village = suffix.startswith("村") or (not suffix and short.endswith("村"))
    return f"{short}{'村民委员会' if village else '居民委员会'}", short


def _of_street(template: str, street: str) -> str:
    """街道综合执法中队 in 观音阁街道 → 观音阁街道综合执法中队; 派出所 → 观音阁街道派出所."""
    return f"{street}{template.removeprefix('街道')}"


def _bare(district: str) -> str:
    """任城区 → 区: how people of the district speak of it."""
    return district[-1] if district[-1:] in "区县市" else district


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(";") if word.strip()]


def _words(*words: str, but: str) -> list[str]:
    return [word for word in dict.fromkeys(words) if word != but]
