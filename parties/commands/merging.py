"""Two names of one unit become one, and are two again: what goes over with the merge, and what comes back."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from grid.models import Place
from ledger.actor import Actor
from ledger.models import Entry
from parties.commands.organisations import (
    close,
    fresh,
    lock,
    lock_two,
    on_basis,
    require_unit,
    tidy_words,
    write,
)
from parties.errors import PartiesRefused
from parties.models import Organisation, Posting, Serving
from parties.models.postings import standing_q


@transaction.atomic
def merge_organisation(
    *,
    by: Actor,
    at: dt.datetime,
    organisation: Organisation,
    into: Organisation,
    version: int,
    basis: str = "",
) -> Organisation:
    """Two names of one unit become one: people, aliases and places served go over to `into`, the merged name
    leads there for ever. `organisation.merged` tells the floors above, which hand over the open work."""
    unit, target = lock_two(organisation, into)
    require_unit(by, unit)
    require_unit(by, target)
    fresh(unit, version)
    if unit.pk == target.pk or target.retired_at is not None:
        raise PartiesRefused(_("只能并入另一个仍在用的单位。"), fields={"into": target.code})
    if target.path.startswith(unit.path):
        raise PartiesRefused(_("不能并入自己的下级单位。"), fields={"into": target.code})
    if unit.children.filter(retired_at=None).exists():
        raise PartiesRefused(_("它下面还有单位，请先处理下级单位。"), status=409)
    return absorb(unit, target, by=by, at=at, basis=basis)


def absorb(
    unit: Organisation, target: Organisation, *, by: Actor, at: dt.datetime, basis: str = ""
) -> Organisation:
    """The merge itself, on two locked rows; who may was asked before (also by a change of the tree)."""
    terms = _hand_over_postings(unit, target, at)
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
    told = {
        "into": target.pk,
        **({"terms": terms} if terms else {}),
        **({"desk": desk_of.pk} if desk_of is not None and desk_of.pk != target.desk_of_id else {}),
        **on_basis(basis),
    }
    close(unit, "organisation.merged", by, at, told, "merged_into", "desk_of")
    target.desk_of = desk_of
    target.aliases = tidy_words([*target.aliases, unit.name, unit.short_name, *unit.aliases])
    return write(target, "organisation.absorbed", by, at, {"merged": unit.pk}, "aliases", "desk_of")


def part(unit: Organisation, *, by: Actor, at: dt.datetime, basis: str = "") -> Organisation:
    """Take a merge back, on the locked row of the merged name: people and places served that went over with it
    and have not been touched since come back; who may was asked before (by a change of the tree)."""
    target, merged_at = unit.merged_into, unit.retired_at
    assert target is not None and merged_at is not None
    target = lock(target)
    _bring_back_postings(unit, target, merged_at, at)
    ended = Serving.objects.filter(organisation=unit, until=merged_at)
    wanted = set(ended.values_list("place_id", flat=True)) - set(
        Serving.objects.filter(organisation=unit, until=None).values_list("place_id", flat=True)
    )
    gained = Serving.objects.filter(
        organisation=target, until=None, since=merged_at, place_id__in=wanted, since__lt=at
    )
    gained.update(until=at)
    live = Place.objects.filter(pk__in=wanted, retired_at=None).values_list("pk", flat=True)
    Serving.objects.bulk_create(Serving(organisation=unit, place_id=pk, since=at) for pk in live)
    names = {unit.name, unit.short_name, *unit.aliases}
    target.aliases = [alias for alias in target.aliases if alias not in names]
    write(target, "organisation.parted", by, at, {"from": unit.pk}, "aliases")
    unit.retired_at = unit.merged_into = None
    told = {"from": target.pk, **on_basis(basis)}
    return write(unit, "organisation.restored", by, at, told, "retired_at", "merged_into")


def merge_entry(unit: Organisation) -> Entry | None:
    """What the ledger says of the unit's last merge."""
    rows = Entry.objects.filter(
        subject_kind=Organisation.SUBJECT, subject_id=unit.pk, event="organisation.merged"
    )
    return rows.order_by("-seq").first()


def _bring_back_postings(
    unit: Organisation, target: Organisation, merged_at: dt.datetime, at: dt.datetime
) -> None:
    """Those that ended with the merge, of people who still have that role at the target, for the term they had."""
    told = merge_entry(unit)
    terms = told.payload.get("terms", {}) if told is not None else {}
    standing = Posting.objects.select_for_update(no_key=True).filter(standing_q(at), organisation=target)
    still = {(posting.account_id, posting.role, posting.until): posting for posting in standing}
    cut = Q(until=merged_at) | Q(until__gt=merged_at, until=F("since"))
    fresh = []
    for posting in Posting.objects.filter(cut, organisation=unit).order_by("pk"):
        term = dt.datetime.fromisoformat(terms[str(posting.pk)]) if str(posting.pk) in terms else None
        who = posting.account_id, posting.role
        came = still.pop((*who, term), None) or still.get((*who, None))
        if came is None or (term is not None and term <= at):
            continue
        since = max(at, posting.since, came.since)
        if came.since >= merged_at and came.until == term:
            Posting.objects.filter(pk=came.pk).update(until=since)
        posting.pk, posting.since, posting.until = None, since, term
        fresh.append(posting)
    Posting.objects.bulk_create(fresh)


def _hand_over_postings(unit: Organisation, target: Organisation, at: dt.datetime) -> dict[str, str]:
    """Whoever is posted to the unit is posted to the target from now on, for the same term; nobody twice in one
    role. The terms by posting, for a way back."""
    standing = list(Posting.objects.select_for_update(no_key=True).filter(standing_q(at), organisation=unit))
    there = Posting.objects.filter(standing_q(at), organisation=target)
    covered = set(there.values_list("account_id", "role", "until"))
    terms = {str(posting.pk): posting.until.isoformat() for posting in standing if posting.until is not None}
    ended = Posting.objects.filter(pk__in=[posting.pk for posting in standing])
    ended.update(until=Greatest(Value(at), F("since")))
    fresh = []
    for posting in standing:
        who = posting.account_id, posting.role
        if not covered & {(*who, None), (*who, posting.until)}:
            posting.pk, posting.organisation, posting.since = None, target, max(at, posting.since)
            fresh.append(posting)
    Posting.objects.bulk_create(fresh)
    return terms
