"""Organisations: open, rename, say whom they serve, merge, retire. Each moves the version "organisations"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from grid.models import Place
from ledger import versions
from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties.access import reaches, require
from parties.errors import PartiesRefused
from parties.ids import fresh_id
from parties.kinds import KINDS
from parties.models import Organisation, Posting, Serving


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
    serves: Iterable[Place] = (),
) -> Organisation:
    """Open a unit below `parent` and say which places it serves. PartiesRefused where a code is taken, the
    kind is unknown or a place already has a standing desk."""
    _require(by, parent)
    if kind not in KINDS:
        raise PartiesRefused(_("没有这种单位类别。"), fields={"kind": kind})
    if not name.strip() or not code.strip():
        raise PartiesRefused(_("请填写单位名称和编码。"), fields={"name": _("必填"), "code": _("必填")})
    pk = fresh_id(Organisation)
    unit = Organisation(
        pk=pk,
        code=code.strip(),
        name=name.strip(),
        short_name=short_name.strip() or name.strip()[:40],
        aliases=_words(aliases),
        kind=kind,
        parent=parent,
        path=f"{parent.path if parent else '/'}{pk}/",
        template=template,
        desk_of=desk_of,
        needs_release=needs_release,
        opened_at=at,
    )
    places = list(serves)
    payload = {
        "code": unit.code,
        "kind": kind,
        "parent": unit.parent_id,
        "desk_of": unit.desk_of_id,
        "serves": [place.pk for place in places],
    }
    record(subject=unit, event="organisation.opened", by=by, at=at, path=_home(unit), payload=payload)
    try:
        with transaction.atomic():
            unit.save(force_insert=True)
    except IntegrityError as problem:
        raise _clash(problem, unit) from None
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
) -> Organisation:
    """Change what a unit is called and whether its head must nod. A former name stays as an alias, so that
    sheets and searches still find it."""
    unit = lock(organisation)
    _require(by, unit)
    _fresh(unit, version)
    before = {"name": unit.name, "short_name": unit.short_name, "needs_release": unit.needs_release}
    if name is not None and name.strip() and name.strip() != unit.name:
        unit.aliases = _words([*unit.aliases, unit.name])
        unit.name = name.strip()
    if short_name is not None and short_name.strip():
        unit.short_name = short_name.strip()
    if aliases is not None:
        unit.aliases = _words(aliases)
    if needs_release is not None:
        unit.needs_release = needs_release
    after = {"name": unit.name, "short_name": unit.short_name, "needs_release": unit.needs_release}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    return write(
        unit, "organisation.renamed", by, at, changed, "name", "short_name", "aliases", "needs_release"
    )


@transaction.atomic
def set_serving(
    *, by: Actor, at: dt.datetime, organisation: Organisation, places: Iterable[Place]
) -> Organisation:
    """From now on the unit serves exactly these places; what it no longer serves ends at `at`."""
    unit = lock(organisation)
    _require(by, unit)
    wanted = {place.pk for place in places}
    standing = set(Serving.objects.filter(organisation=unit, until=None).values_list("place_id", flat=True))
    ended, begun = sorted(standing - wanted), sorted(wanted - standing)
    if not ended and not begun:
        return unit
    Serving.objects.filter(organisation=unit, until=None, place_id__in=ended, since__lt=at).update(until=at)
    Serving.objects.filter(
        organisation=unit, until=None, place_id__in=ended
    ).delete()  # begun at this instant
    Serving.objects.bulk_create(Serving(organisation=unit, place_id=pk, since=at) for pk in begun)
    return write(unit, "organisation.serving_set", by, at, {"begun": begun, "ended": ended})


@transaction.atomic
def retire_organisation(
    *, by: Actor, at: dt.datetime, organisation: Organisation, version: int
) -> Organisation:
    """Close a unit that nobody is posted to and that has no standing unit below. Open work is the cases'
    business: their follower of this event refuses nothing, so an admin looks there first."""
    unit = lock(organisation)
    _require(by, unit)
    _fresh(unit, version)
    if unit.children.filter(retired_at=None).exists():
        raise PartiesRefused(_("它下面还有单位，请先处理下级单位。"), status=409)
    if Posting.objects.filter(organisation=unit, until=None).exists():
        raise PartiesRefused(_("还有人在此任职，请先结束任职。"), status=409)
    return _retire(unit, "organisation.retired", by, at, {})


@transaction.atomic
def merge_organisation(
    *, by: Actor, at: dt.datetime, organisation: Organisation, into: Organisation, version: int
) -> Organisation:
    """Two names of one unit become one: people, aliases and places served go over to `into`, the merged name
    leads there for ever. `organisation.merged` tells the floors above, which hand over the open work."""
    first, second = sorted([organisation, into], key=lambda unit: unit.pk)
    locked = {unit.pk: unit for unit in (lock(first), lock(second))}
    unit, target = locked[organisation.pk], locked[into.pk]
    _require(by, unit)
    _require(by, target)
    _fresh(unit, version)
    if unit.pk == target.pk or target.retired_at is not None:
        raise PartiesRefused(_("只能并入另一个仍在用的单位。"), fields={"into": target.code})
    if target.path.startswith(unit.path):
        raise PartiesRefused(_("不能并入自己的下级单位。"), fields={"into": target.code})
    if unit.children.filter(retired_at=None).exists():
        raise PartiesRefused(_("它下面还有单位，请先处理下级单位。"), status=409)
    return absorb(unit, target, by=by, at=at)


def absorb(unit: Organisation, target: Organisation, *, by: Actor, at: dt.datetime) -> Organisation:
    """The merge itself, on two locked rows; who may was asked before (also by a change of the tree)."""
    _hand_over_postings(unit, target, at)
    served = set(Serving.objects.filter(organisation=target, until=None).values_list("place_id", flat=True))
    gained = (
        set(Serving.objects.filter(organisation=unit, until=None).values_list("place_id", flat=True)) - served
    )
    Serving.objects.bulk_create(Serving(organisation=target, place_id=pk, since=at) for pk in sorted(gained))
    if unit.desk_of_id and not target.desk_of_id:
        desk_of, unit.desk_of = unit.desk_of, None
    else:
        desk_of = target.desk_of
    unit.merged_into = target
    _retire(unit, "organisation.merged", by, at, {"into": target.pk}, "merged_into", "desk_of")
    target.desk_of = desk_of
    target.aliases = _words([*target.aliases, unit.name, unit.short_name, *unit.aliases])
    return write(target, "organisation.absorbed", by, at, {"merged": unit.pk}, "aliases", "desk_of")


def _hand_over_postings(unit: Organisation, target: Organisation, at: dt.datetime) -> None:
    """Whoever is posted to the unit is posted to the target from now on; nobody twice in one role."""
    standing = list(Posting.objects.select_for_update(no_key=True).filter(organisation=unit, until=None))
    there = set(Posting.objects.filter(organisation=target, until=None).values_list("account_id", "role"))
    ended = Posting.objects.filter(pk__in=[posting.pk for posting in standing])
    ended.update(until=Greatest(Value(at), F("since")))
    fresh = []
    for posting in standing:
        if (posting.account_id, posting.role) not in there:
            posting.pk, posting.organisation, posting.since = None, target, max(at, posting.since)
            fresh.append(posting)
    Posting.objects.bulk_create(fresh)


def _retire(
    unit: Organisation, event: str, by: Actor, at: dt.datetime, payload: dict, *fields: str
) -> Organisation:
    Serving.objects.filter(organisation=unit, until=None, since__lt=at).update(until=at)
    Serving.objects.filter(organisation=unit, until=None).delete()
    unit.retired_at = at
    return write(unit, event, by, at, payload, "retired_at", *fields)


def rehang(unit: Organisation, parent: Organisation, *, by: Actor, at: dt.datetime) -> Organisation:
    """Put a locked unit with all below it under another parent; who may was asked before."""
    old = unit.path
    unit.parent, unit.path = parent, f"{parent.path}{unit.pk}/"
    below = list(
        Organisation.objects.select_for_update(no_key=True).filter(path__startswith=old).exclude(pk=unit.pk)
    )
    for child in below:
        child.path = unit.path + child.path.removeprefix(old)
    Organisation.objects.bulk_update(below, ["path"])
    return write(unit, "organisation.moved", by, at, {"parent": parent.pk, "old_path": old}, "parent", "path")


def write(
    unit: Organisation, event: str, by: Actor, at: dt.datetime, payload: dict, *fields: str
) -> Organisation:
    unit.version += 1
    record(subject=unit, event=event, by=by, at=at, path=_home(unit), payload=payload)
    unit.save(update_fields=[*fields, "version", *CHAIN])
    versions.bump("organisations")
    return unit


def lock(unit: Organisation) -> Organisation:
    return Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=unit.pk)


def _require(by: Actor, unit: Organisation | None) -> None:
    """An admin of a place looks after the units of its desk, one posted to a unit after those below it."""
    if unit is None:
        require(by, "organisations")
    elif not reaches(by, unit.path, "organisations"):
        require(by, "organisations", organisation=unit.path)


def _fresh(unit: Organisation, version: int) -> None:
    if unit.retired_at is not None:
        raise PartiesRefused(_("该单位已停用。"), status=409)
    if unit.version != version:
        raise PartiesRefused(_("该单位刚被别人改过，请看过再改。"), status=409)


def _home(unit: Organisation) -> str:
    return unit.desk_of.path if unit.desk_of_id and unit.desk_of else ""


def _words(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))


def _clash(problem: IntegrityError, unit: Organisation) -> PartiesRefused:
    name = getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "") or ""
    if name == "organisation_one_desk_per_place":
        return PartiesRefused(_("该地点已有指挥台。"), status=409, fields={"desk_of": unit.code})
    if "code" in name:
        return PartiesRefused(_("编码已被使用。"), status=409, fields={"code": unit.code})
    raise problem
