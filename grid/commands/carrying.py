"""What a place carries besides name and position: counts, aliases, its estate, how an estate is looked after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import facts
from grid.commands.base import NO_REQUEST, Outcome, Request, Why, check_estate, current, record, retried
from grid.errors import TreeRefused
from grid.models import Place, PlaceName
from ledger import book, versions
from ledger.actor import Actor

SETTABLE = tuple(name for name in facts.FIELDS if name not in ("boundary", "datum"))


@retried
def set_facts(
    *,
    place: Place,
    values: Mapping[str, Any],
    version: int,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Set any of SETTABLE, None to clear one (the boundary has a command of its own); an alias leads to the place
    from now on. `datum`: in what `lon` and `lat` are given.

    Refuses (403) an estate outside of one's right; (422) what does not fit the place's kind, half a position, an
    estate that is retired, and a change that changes nothing."""
    if unknown := values.keys() - {*SETTABLE, "datum"}:
        raise TypeError(f"not to be set here: {', '.join(sorted(unknown))}")
    values = facts.in_our_datum({**values})
    values = {name: _unset(name) if value is None else value for name, value in values.items()}
    values.pop("datum", None)
    estate = values.get("managed_by")
    with transaction.atomic():
        held = current(place, version, by, *([estate] if estate else []), dry_run=dry_run)
        place = held[place.pk]
        if estate:
            check_estate(by, place, held[estate.pk])
            values["managed_by"] = held[estate.pk]
        before = {name: _plain(getattr(place, name)) for name in values}
        facts.give(place, dict(values))
        if (place.lon is None) != (place.lat is None):
            raise TreeRefused(_("经度和纬度要一起填。"), fields={"lon": _("要一起填"), "lat": _("要一起填")})
        after = {name: _plain(getattr(place, name)) for name in values}
        changed = [name for name in values if before[name] != after[name]]
        if not changed:
            raise TreeRefused(_("没有变化。"))
        if dry_run:
            return Outcome(place, dry_run=True)
        place.version += 1
        told = {name: _told(before[name], after[name]) for name in changed}
        record(place, "place.facts_set", Why(by, at, basis, request), changed=told)
        fields = [f"{name}_id" if name == "managed_by" else name for name in changed]
        place.save(update_fields=[*fields, "version", *book.CHAIN])
        if "aliases" in changed:
            place.names.filter(kind=PlaceName.Kind.ALIAS).exclude(value__in=place.aliases).delete()
            known = set(place.names.filter(kind=PlaceName.Kind.ALIAS).values_list("value", flat=True))
            fresh = [row for row in facts.alias_rows(place) if row.value not in known]
            PlaceName.objects.bulk_create(fresh)
        versions.bump("places")
        return Outcome(place)


def _unset(name: str) -> Any:
    return {"aliases": [], "management": ""}.get(name)


def _plain(value: Any) -> Any:
    if isinstance(value, Place):
        return value.code
    if isinstance(value, dt.date):
        return value.isoformat()
    return list(value) if isinstance(value, list) else value


def _told(before: Any, after: Any) -> list[Any]:
    """[before, after] as the ledger may keep them: of names only how many."""
    return [len(value) if isinstance(value, list) else value for value in (before, after)]
