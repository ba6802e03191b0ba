"""From a retired place to its successors, and back when it returns: the desk, the services, the postings.

What went over began at the successor in the instant in which it ended here; so a return can tell it from what
was there before, and from what people have changed since, which stays as they made it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import F, Q

from grid import kinds
from grid.models import Place
from ledger import versions
from ledger.actor import Actor
from ledger.book import CHAIN, record
from ledger.models import Entry
from parties.commands import merging
from parties.commands import organisations as units
from parties.commands.accounts import lock as lock_account
from parties.models import Account, Organisation, Posting, Serving
from parties.models.postings import standing_q
from parties.roles import ROLES, WAITING


def desks(old: Place, new: Place, at: dt.datetime, by: Actor) -> None:
    """The successor's desk absorbs the old one; where it has none of its own, the old desk goes along."""
    desk = Organisation.objects.filter(desk_of=old, retired_at=None).first()
    if desk is None:
        return
    heir = Organisation.objects.filter(desk_of=new, retired_at=None).first()
    if heir is not None:
        first, second = sorted([desk, heir], key=lambda unit: unit.pk)
        locked = {unit.pk: unit for unit in (units.lock(first), units.lock(second))}
        merging.absorb(locked[desk.pk], locked[heir.pk], by=by, at=at)
    else:
        unit = units.lock(desk)
        unit.desk_of = new
        units.write(unit, "organisation.desk_moved", by, at, {"from": old.pk, "desk_of": new.pk}, "desk_of")


def services(old: Place, heirs: Sequence[Place], at: dt.datetime) -> None:
    """Whoever serves the old place serves each of the new ones."""
    standing = list(Serving.objects.filter(place=old, until=None))
    Serving.objects.filter(place=old, until=None, since__lt=at).update(until=at)
    Serving.objects.filter(place=old, until=None).delete()
    retired = set(Organisation.objects.exclude(retired_at=None).values_list("id", flat=True))
    for new in heirs:
        there = set(Serving.objects.filter(place=new, until=None).values_list("organisation_id", flat=True))
        Serving.objects.bulk_create(
            Serving(organisation_id=row.organisation_id, place=new, since=at)
            for row in standing
            if row.organisation_id not in there | retired
        )
    versions.bump("organisations")


def postings(old: Place, heirs: Sequence[Place], at: dt.datetime, by: Actor) -> None:
    """Whoever is posted to the old place is posted to each of the new ones; nobody twice in one role."""
    there = Posting.objects.filter(standing_q(at), place__in=heirs)
    covered = {(row.account_id, row.role, row.place_id, row.until) for row in there}
    for posting in _standing(old, at):
        former = posting.pk
        Posting.objects.filter(pk=former).update(until=max(at, posting.since))
        posting.since = max(at, posting.since)
        for new in heirs:
            if not may_sit(posting, new):
                continue
            seat = posting.account_id, posting.role, new.pk
            if not covered & {(*seat, None), (*seat, posting.until)}:
                posting.pk, posting.place = None, new
                if posting.role in WAITING and widens(old, new, heirs, at):
                    _ask_again(posting, by)
                posting.save(force_insert=True)
            _tell(posting, former, new, at, by)


def may_sit(posting: Posting, place: Place) -> bool:
    return place.kind in ROLES[posting.role].seats


def widens(old: Place, new: Place, heirs: Sequence[Place], at: dt.datetime) -> bool:
    """Does the successor hold more than the old place did? Not where it is one of several that were made of it in
    this very instant; whatever stood before has ground of its own, and the only one may be getting others' too."""
    if kinds.rank(new.kind) < kinds.rank(old.kind) or len(heirs) == 1:
        return True
    first = Entry.objects.filter(subject_kind=Place.SUBJECT, subject_id=new.pk, seq=1)
    return new.pk is not None and first.filter(at__lt=at).exists()


def _ask_again(posting: Posting, by: Actor) -> None:
    """It gives nothing until somebody confirms it, other than the posted and whose change it came by."""
    posting.confirmed_at = posting.confirmed_by = None
    if by.id is not None and by.id != posting.account_id:
        posting.posted_by_id = by.id


def postings_to_return(place: Place, heirs: Sequence[Place], at: dt.datetime) -> list[Posting]:
    """Those that ended here with the place, of people who still have that role at a successor; `until` is the term
    they had, and one that has run out brings nobody back."""
    cut = Q(until=place.retired_at) | Q(until__gt=place.retired_at, until=F("since"))
    ended = list(Posting.objects.filter(cut, place=place).order_by("account_id", "pk"))
    moved = Entry.objects.filter(
        subject_kind=Account.SUBJECT,
        subject_id__in={posting.account_id for posting in ended},
        event="account.posting_moved",
        at=place.retired_at,
    ).values_list("payload", flat=True)
    terms = {told["former"]: dt.datetime.fromisoformat(told["until"]) for told in moved if "until" in told}
    for posting in ended:
        posting.until = terms.get(posting.pk)
    there = Posting.objects.filter(standing_q(at), place__in=heirs)
    still = set(there.values_list("account_id", "role"))
    return [
        posting
        for posting in ended
        if (posting.account_id, posting.role) in still and (posting.until is None or posting.until > at)
    ]


def services_to_return(place: Place) -> list[Serving]:
    """Those that ended here with the place, of units that stand (or return with it)."""
    returning = {desk.pk for desk in desks_to_return(place)}
    rows = Serving.objects.filter(place=place, until=place.retired_at).select_related("organisation")
    return [row for row in rows if row.organisation.retired_at is None or row.organisation_id in returning]


def desks_to_return(place: Place) -> list[Organisation]:
    """The desk that was absorbed with the place's end, or the one that moved to the successor then."""
    absorbed = Organisation.objects.filter(
        desk_of=place, retired_at=place.retired_at, merged_into__isnull=False
    )
    moved = Entry.objects.filter(
        subject_kind=Organisation.SUBJECT,
        event="organisation.desk_moved",
        at=place.retired_at,
        payload__from=place.pk,
    ).values_list("subject_id", "payload__desk_of")
    followed = [
        unit
        for unit in Organisation.objects.filter(pk__in=[pk for pk, _to in moved], retired_at=None)
        if (unit.pk, unit.desk_of_id) in set(moved)
    ]
    return [*absorbed.order_by("pk"), *followed]


def back(place: Place, heirs: Sequence[Place], at: dt.datetime, by: Actor) -> None:
    """Everything that `…_to_return` lists comes back, as of `at`; `place` as it was while retired."""
    served, posted = services_to_return(place), postings_to_return(place, heirs, at)
    for desk in desks_to_return(place):
        unit = units.lock(desk)
        if unit.retired_at is None:
            unit.desk_of = place
            payload = {"from": desk.desk_of_id, "desk_of": place.pk}
            units.write(unit, "organisation.desk_moved", by, at, payload, "desk_of")
        else:
            merging.part(unit, by=by, at=at)
    came = Serving.objects.filter(place__in=heirs, since=place.retired_at, until=None)
    came = came.filter(organisation_id__in=[row.organisation_id for row in served])
    came.filter(since__lt=at).update(until=at)
    came.filter(since__gte=at).delete()
    standing = set(Serving.objects.filter(place=place, until=None).values_list("organisation_id", flat=True))
    Serving.objects.bulk_create(
        Serving(organisation_id=row.organisation_id, place=place, since=at)
        for row in served
        if row.organisation_id not in standing
    )
    versions.bump("organisations")
    _postings_back(place, heirs, posted, at, by)


def _postings_back(
    place: Place, heirs: Sequence[Place], posted: Sequence[Posting], at: dt.datetime, by: Actor
) -> None:
    there = set(Posting.objects.filter(standing_q(at), place=place).values_list("account_id", "role"))
    for posting in posted:
        if (posting.account_id, posting.role) in there:
            continue
        there.add((posting.account_id, posting.role))
        posting.account = lock_account(posting.account)
        came = Posting.objects.filter(
            standing_q(at),
            account=posting.account,
            role=posting.role,
            place__in=heirs,
            since__gte=place.retired_at,
            until=posting.until,
        )
        since = max([at, posting.since, *came.values_list("since", flat=True)])
        former = came.values_list("pk", flat=True).first() or posting.pk
        came.update(until=since)
        posting.pk, posting.since = None, since
        posting.save(force_insert=True)
        _tell(posting, former, place, at, by)


def _standing(place: Place, at: dt.datetime) -> list[Posting]:
    rows = list(
        Posting.objects.filter(standing_q(at), place=place)
        .select_related("account")
        .order_by("account_id", "pk")
    )
    for posting in rows:
        posting.account = lock_account(posting.account)
    return rows


def _tell(posting: Posting, former: int, place: Place, at: dt.datetime, by: Actor) -> None:
    account = posting.account
    payload = {"former": former, "posting": posting.pk, "role": posting.role, "place": place.pk}
    if posting.until is not None:
        payload["until"] = posting.until.isoformat()
    record(subject=account, event="account.posting_moved", by=by, at=at, path=place.path, payload=payload)
    account.save(update_fields=[*CHAIN])
