"""Organisations: open, rename, move, retire (merging: `merging`). Each moves the version "organisations".

`basis`: the document a change rests on; the ledger keeps it with phones and identity numbers masked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from grid.followers import Impact
from grid.models import Place
from ledger import versions
from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties import consequences
from parties.access import NotYours, keeps, require
from parties.commands.reach import hold_places, require_ground
from parties.errors import PartiesRefused
from parties.ids import fresh_id
from parties.kinds import KINDS
from parties.models import Organisation, Serving
from parties.privacy import mask_text

NAME_LENGTH, SHORT_LENGTH, BASIS_LENGTH = 80, 40, 120
SETTINGS = ("name", "short_name", "needs_release", "auto_dispatch")
CODE = re.compile(r"[0-9A-Za-z_.-]{1,40}")  # it stands in addresses
NO_CODES = ("new", "rows", "find", "draft", "published", ".", "..")  # those addresses are something else


@transaction.atomic
def open_organisation(
    *,
    by: Actor,
    at: dt.datetime,
    code: str,
    name: str,
    kind: str,
    short_name: str = "",
    aliases: Sequence[str] = (),
    parent: Organisation | None = None,
    desk_of: Place | None = None,
    template: str = "",
    needs_release: bool = False,
    serves: Sequence[Place] = (),
    basis: str = "",
) -> Organisation:
    """Open a unit below `parent` and say which places it serves. PartiesRefused where a code is taken, the
    kind is unknown or a place already has a standing desk. One's right must reach the parent and every place."""
    wanted = [place.pk for place in serves]
    held = hold_places(*serves, desk_of)
    parent = lock(parent) if parent is not None else None
    require_unit(by, parent)
    if parent is not None and parent.retired_at is not None:
        raise PartiesRefused(_("该单位已停用。"), status=409)
    for place in held.values():
        require_ground(by, place, "serves" if place.pk in wanted else "desk_of")
    desk_of, places = held.get(desk_of.pk) if desk_of else None, [held[pk] for pk in wanted]
    if kind not in KINDS:
        raise PartiesRefused(_("没有这种单位类别。"), fields={"kind": kind})
    if not name.strip() or not code.strip():
        raise PartiesRefused(_("请填写单位名称和编码。"), fields={"name": _("必填"), "code": _("必填")})
    if not CODE.fullmatch(code.strip()) or code.strip() in NO_CODES:
        sentence = _("单位编码须为 1 至 40 位字母、数字或 _ . -，且不能是网址里的词：{words}。").format(
            words=_("、").join(NO_CODES[:-2])
        )
        raise PartiesRefused(sentence, fields={"code": sentence})
    pk = fresh_id(Organisation)
    unit = Organisation(
        pk=pk,
        code=code.strip(),
        name=name.strip()[:NAME_LENGTH],
        short_name=(short_name.strip() or name.strip())[:SHORT_LENGTH],
        aliases=tidy_words(aliases),
        kind=kind,
        parent=parent,
        path=f"{parent.path if parent else '/'}{pk}/",
        template=template,
        desk_of=desk_of,
        needs_release=needs_release,
        opened_at=at,
    )
    payload = {
        "code": unit.code,
        "kind": kind,
        "parent": unit.parent_id,
        "desk_of": unit.desk_of_id,
        "serves": [place.pk for place in places],
        **on_basis(basis),
    }
    record(subject=unit, event="organisation.opened", by=by, at=at, path=_home(unit), payload=payload)
    try:
        with transaction.atomic():
            unit.save(force_insert=True)
    except IntegrityError as problem:
        raise clash(problem, unit) from None
    Serving.objects.bulk_create(Serving(organisation=unit, place=place, since=at) for place in places)
    versions.bump("organisations")
    return unit


@transaction.atomic
def rename_organisation(
    *,
    by: Actor,
    at: dt.datetime,
    organisation: Organisation,
    version: int,
    name: str | None = None,
    short_name: str | None = None,
    aliases: Sequence[str] | None = None,
    needs_release: bool | None = None,
    auto_dispatch: bool | None = None,
    basis: str = "",
) -> Organisation:
    """Change what a unit is called, whether its head must nod, and, of a desk, whether what it accepts goes on by
    the duty rows (直派). A former name stays as an alias, so that
    sheets and searches still find it."""
    unit = lock(organisation)
    require_unit(by, unit)
    fresh(unit, version)
    had = list(unit.aliases)
    before = {name: getattr(unit, name) for name in SETTINGS}
    if name is not None and name.strip() and name.strip() != unit.name:
        unit.aliases = tidy_words([*unit.aliases, unit.name])
        unit.name = name.strip()[:NAME_LENGTH]
    if short_name is not None and short_name.strip():
        unit.short_name = short_name.strip()[:SHORT_LENGTH]
    if aliases is not None:
        unit.aliases = tidy_words(aliases)
    if needs_release is not None:
        unit.needs_release = needs_release
    if auto_dispatch is not None:
        if auto_dispatch and unit.desk_of_id is None:
            sentence = _("只有受理台才能按职责行直派。")
            raise PartiesRefused(sentence, fields={"auto_dispatch": sentence})
        unit.auto_dispatch = auto_dispatch
    after = {name: getattr(unit, name) for name in SETTINGS}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if unit.aliases != had:
        changed["aliases"] = [had, unit.aliases]
    if not changed:
        raise PartiesRefused(_("没有改动。"))
    return write(unit, "organisation.renamed", by, at, {**changed, **on_basis(basis)}, *SETTINGS, "aliases")


@transaction.atomic
def move_organisation(
    *,
    by: Actor,
    at: dt.datetime,
    organisation: Organisation,
    parent: Organisation | None,
    version: int,
    basis: str = "",
) -> Organisation:
    """Put a unit, with all below it, under another parent, or (None) under none. One's right must reach both."""
    unit, parent = lock_two(organisation, parent) if parent is not None else (lock(organisation), None)
    require_unit(by, unit)
    require_unit(by, parent)
    fresh(unit, version)
    if parent is None:
        if unit.parent_id is None:
            raise PartiesRefused(_("它上面本来就没有单位。"))
        if Organisation.objects.filter(
            path__startswith=unit.path, desk_of__isnull=False, retired_at=None
        ).exists():
            raise PartiesRefused(_("有受理台的单位不能没有上级，否则没有人管它。"))
        return rehang(unit, None, by=by, at=at, basis=basis)
    if parent.retired_at is not None:
        raise PartiesRefused(_("只能移到仍在用的单位下面。"), fields={"parent": parent.code})
    if parent.path.startswith(unit.path):
        raise PartiesRefused(_("不能移到自己或自己的下级下面。"), fields={"parent": parent.code})
    if unit.parent_id == parent.pk:
        raise PartiesRefused(_("它已经在这个单位下面。"), fields={"parent": parent.code})
    return rehang(unit, parent, by=by, at=at, basis=basis)


@transaction.atomic
def retire_organisation(
    *, by: Actor, at: dt.datetime, organisation: Organisation, version: int, basis: str = ""
) -> Organisation:
    """Close a unit that nobody is posted to, that has no standing unit below and no open work or duty left:
    what blocks is named in the refusal."""
    unit = lock(organisation)
    require_unit(by, unit)
    fresh(unit, version)
    refuse_blocked(consequences.impacts(consequences.UnitChange("retired", unit, at=at)))
    return close(unit, "organisation.retired", by, at, on_basis(basis))


def close(
    unit: Organisation, event: str, by: Actor, at: dt.datetime, payload: dict, *fields: str
) -> Organisation:
    Serving.objects.filter(organisation=unit, until=None, since__lt=at).update(until=at)
    Serving.objects.filter(organisation=unit, until=None).delete()
    unit.retired_at = at
    return write(unit, event, by, at, payload, "retired_at", *fields)


def rehang(
    unit: Organisation, parent: Organisation | None, *, by: Actor, at: dt.datetime, basis: str = ""
) -> Organisation:
    """Put a locked unit with all below it under another parent, or under none; who may was asked before."""
    old = unit.path
    unit.parent, unit.path = parent, f"{parent.path if parent is not None else '/'}{unit.pk}/"
    below = list(
        Organisation.objects.select_for_update(no_key=True).filter(path__startswith=old).exclude(pk=unit.pk)
    )
    for child in below:
        child.path = unit.path + child.path.removeprefix(old)
    Organisation.objects.bulk_update(below, ["path"])
    told = {"parent": unit.parent_id, "old_path": old, **on_basis(basis)}
    return write(unit, "organisation.moved", by, at, told, "parent", "path")


def write(
    unit: Organisation, event: str, by: Actor, at: dt.datetime, payload: dict, *fields: str
) -> Organisation:
    unit.version += 1
    record(subject=unit, event=event, by=by, at=at, path=_home(unit), payload=payload)
    unit.save(update_fields=[*fields, "version", *CHAIN])
    versions.bump("organisations")
    return unit


def lock_two(one: Organisation, other: Organisation) -> tuple[Organisation, Organisation]:
    """Both rows, locked in the order of their ids, so that two people across never wait for each other."""
    found = {pk: lock_by(pk) for pk in sorted({one.pk, other.pk})}
    return found[one.pk], found[other.pk]


def lock_by(pk: int) -> Organisation:
    return Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)


def lock(unit: Organisation) -> Organisation:
    return lock_by(unit.pk)


def require_unit(by: Actor, unit: Organisation | None) -> None:
    """An admin of a place looks after the units of its desk, one posted to a unit after those below it."""
    if keeps(by, unit.path if unit is not None else None):
        return
    if unit is None:
        raise NotYours(_("只有区级以上的管理员能设立没有上级的单位。"))
    require(by, "organisations", organisation=unit.path)


def fresh(unit: Organisation, version: int) -> None:
    if unit.retired_at is not None:
        raise PartiesRefused(_("该单位已停用。"), status=409, now=unit)
    if unit.version != version:
        raise PartiesRefused(_("该单位刚被别人改过，请看过再改。"), status=409, now=unit)


def refuse_blocked(impacts: Iterable[Impact]) -> None:
    """PartiesRefused (409) naming everything that has no home yet."""
    found = list(impacts)
    blocking = [impact for impact in found if impact.blocks]
    if blocking:
        reasons = _("；").join(impact.sentence for impact in blocking)
        raise PartiesRefused(_("还不能这样改：") + reasons + _("。"), status=409, impacts=found)


def on_basis(basis: str) -> dict[str, Any]:
    words = mask_text(basis.strip())[:BASIS_LENGTH]
    return {"basis": words} if words else {}


def _home(unit: Organisation) -> str:
    return unit.desk_of.path if unit.desk_of_id and unit.desk_of else ""


def tidy_words(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def clash(problem: IntegrityError, unit: Organisation) -> PartiesRefused:
    name = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "") or ""
    if name == "organisation_one_desk_per_place":
        return PartiesRefused(_("该地点已有指挥台。"), status=409, fields={"desk_of": unit.code})
    if "code" in name:
        return PartiesRefused(_("编码已被使用。"), status=409, fields={"code": unit.code})
    raise problem
