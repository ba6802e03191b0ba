"""GeoJSON files of many boundaries: each feature finds its place by code or by name, then all are set or none."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import commands, finding, naming, queries, tree
from grid import datum as datums
from grid.commands.base import retried
from grid.errors import TreeRefused, Unreadable
from grid.models import Place
from ledger.actor import Actor

LARGEST = 20 * 1024 * 1024
MOST = 5000  # features
CODES = ("code", "编码", "adcode", "gb")
NAMES = ("name", "名称", "NAME")


@dataclass
class Feature:
    """One feature: the place it found, or why none; what setting it would say."""

    number: int
    called: str
    geometry: Any
    place: Place | None = None
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    same: bool = False


def read(content: bytes, *, within: Place | None = None) -> list[Feature]:
    """The features of a file, matched; problems stand on them. Raises Unreadable for what is no such file."""
    if len(content) > LARGEST:
        raise Unreadable(_("文件太大：最多 20 MB。"))
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise Unreadable(_("文件读不懂：应是 UTF-8 的 GeoJSON。")) from None
    if isinstance(whole, dict) and whole.get("type") == "Feature":
        whole = {"type": "FeatureCollection", "features": [whole]}
    listed = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(listed, list) or whole.get("type") != "FeatureCollection":
        raise Unreadable(_("应是 GeoJSON 的 FeatureCollection。"))
    if not listed or len(listed) > MOST:
        raise Unreadable(_("文件里要有 1 到 {n} 个地点。").format(n=MOST))
    features = [_feature(n, one) for n, one in enumerate(listed, 1)]
    _match(features, within)
    return features


def _feature(number: int, one: Any) -> Feature:
    said = one.get("properties") if isinstance(one, dict) else None
    said = said if isinstance(said, Mapping) else {}
    called = next((str(said[name]) for name in (*CODES, *NAMES) if said.get(name)), "")
    found = Feature(
        number, called[:120].replace("\x00", ""), one.get("geometry") if isinstance(one, dict) else None
    )
    if not found.called:
        found.problem = _("没有 code 或 name，不知道是哪个地点")
    return found


def _match(features: list[Feature], within: Place | None) -> None:
    """By code first, then by a name that only one live place has; few statements, whatever the number."""
    wanted = [one.called for one in features if one.called]
    by_code = finding.by_codes(wanted)
    names = {naming.normal(called) for called in wanted if called not in by_code}
    by_name: dict[str, list[Place]] = {}
    rows = queries.light().filter(name_normal__in=names, retired_at=None)
    if within is not None:
        rows = rows.filter(tree.within(within))
    for place in rows:
        by_name.setdefault(place.name_normal, []).append(place)
    taken: dict[int, int] = {}
    for one in features:
        if one.problem:
            continue
        hits = [by_code[one.called]] if one.called in by_code else by_name.get(naming.normal(one.called), [])
        if within is not None:
            hits = [place for place in hits if tree.contains(within.path, place.path)]
        if len(hits) != 1:
            one.problem = (
                _("有 {n} 个地点叫“{name}”，请写编码").format(n=len(hits), name=one.called)
                if hits
                else _("没有“{name}”这个地点").format(name=one.called)
            )
        elif hits[0].pk in taken:
            one.problem = _("与第 {n} 个是同一个地点").format(n=taken[hits[0].pk])
        else:
            one.place = hits[0]
            taken[hits[0].pk] = one.number


@retried
def load(
    features: list[Feature],
    *,
    by: Actor,
    at: dt.datetime,
    datum: str = datums.KEPT,
    basis: str = "",
    dry_run: bool = False,
) -> list[Feature]:
    """Set all boundaries in one transaction; with `dry_run` only say on each what it would overlap or why it
    cannot be. Raises Unreadable naming every feature that cannot."""
    with transaction.atomic():
        if not dry_run:
            tree.lock_places(*(one.place.pk for one in features if one.place), forest=True)
        for one in features:
            if one.place is not None and not one.problem:
                _set(one, by, at, datum, basis)
        problems = [(one.number, one.problem) for one in features if one.problem]
        if dry_run:
            transaction.set_rollback(True)  # each was set, so that they are looked at together
        elif problems:
            raise Unreadable(_("有 {n} 处问题，未写入任何边界。").format(n=len(problems)), problems)
    return features


def _set(one: Feature, by: Actor, at: dt.datetime, datum: str, basis: str) -> None:
    assert one.place is not None
    one.notes, one.same = [], False
    try:
        with transaction.atomic():
            if one.geometry is None:
                raise TreeRefused(_("没有边界。"))
            outcome = commands.set_boundary(
                place=one.place,
                boundary=one.geometry,
                version=one.place.version,
                by=by,
                at=at,
                datum=datum,
                basis=basis,
            )
    except TreeRefused as refusal:
        if refusal.sentence == _("没有变化。"):
            one.same = True
        else:
            one.problem = refusal.sentence
    else:
        one.notes = [impact.sentence for impact in outcome.impacts]
