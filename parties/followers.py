"""What a change of the tree means for people and organisations; registered in config/wiring.py.

A move takes postings and the places served along, as they hang on the place itself; a committee whose
community went to another street goes under that street's office. An end hands postings, services and the
desk over to the successor, and is refused where there is none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _

from grid import tree
from grid.followers import Change, Impact
from grid.models import Place
from ledger import versions
from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties.commands import organisations as units
from parties.commands.accounts import lock as lock_account
from parties.models import Organisation, Posting, Serving


class PartiesFollower:
    """Follows places for the parties."""

    def impact(self, change: Change) -> Iterator[Impact]:
        if change.kind == "moved":
            yield from self._impact_of_move(change)
        elif change.kind == "retired":
            yield from self._impact_of_end(change)

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "moved":
            for committee, office in _committees_to_rehang(change):
                units.rehang(units.lock(committee), office, by=by, at=at)
        elif change.kind == "retired" and change.successor is not None:
            _hand_over_desks(change.place, change.successor, at, by)
            _hand_over_services(change.place, change.successor, at)
            _hand_over_postings(change.place, change.successor, at, by)

    def _impact_of_move(self, change: Change) -> Iterator[Impact]:
        moving = tree.within(change.old_path, "place__path")
        count = Posting.objects.filter(moving, until=None).count()
        if count:
            yield Impact("postings", count, _("{n} 项任职随地点移动").format(n=count))
        for committee, office in _committees_to_rehang(change):
            yield Impact(
                "organisations",
                1,
                _("“{name}”改属“{office}”").format(name=committee.name, office=office.name),
            )

    def _impact_of_end(self, change: Change) -> Iterator[Impact]:
        found = (
            ("postings", Posting.objects.filter(place=change.place, until=None).count(), _("{n} 项任职")),
            ("servings", Serving.objects.filter(place=change.place, until=None).count(), _("{n} 个服务单位")),
            (
                "desks",
                Organisation.objects.filter(desk_of=change.place, retired_at=None).count(),
                _("{n} 个受理台"),
            ),
        )
        for subject, count, words in found:
            if not count:
                continue
            what = words.format(n=count)
            if change.successor is None:
                yield Impact(
                    subject, count, _("{what}没有去处，请指定承接地点").format(what=what), blocks=True
                )
            else:
                yield Impact(
                    subject, count, _("{what}转到“{name}”").format(what=what, name=change.successor.name)
                )


def _committees_to_rehang(change: Change) -> list[tuple[Organisation, Organisation]]:
    """Committees of moved communities that hang under a street's office, each with the office to come."""
    street = Place.objects.filter(kind="street", pk__in=tree.path_ids(change.new_path)).first()
    if street is None or change.place.pk == street.pk:
        return []
    office = Organisation.objects.filter(
        kind="street_office", servings__place=street, servings__until=None, retired_at=None
    ).first()
    committees = Organisation.objects.filter(
        tree.within(change.old_path, "desk_of__path") | tree.within(change.new_path, "desk_of__path"),
        kind="committee",
        parent__kind="street_office",
        retired_at=None,
    )
    return [(unit, office) for unit in committees.exclude(parent=office)] if office else []


def _hand_over_desks(old: Place, new: Place, at: dt.datetime, by: Actor) -> None:
    """The successor's desk absorbs the old one; where it has none of its own, the old desk goes along."""
    desk = Organisation.objects.filter(desk_of=old, retired_at=None).first()
    if desk is None:
        return
    heir = Organisation.objects.filter(desk_of=new, retired_at=None).first()
    if heir is not None:
        first, second = sorted([desk, heir], key=lambda unit: unit.pk)
        locked = {unit.pk: unit for unit in (units.lock(first), units.lock(second))}
        units.absorb(locked[desk.pk], locked[heir.pk], by=by, at=at)
    else:
        unit = units.lock(desk)
        unit.desk_of = new
        units.write(unit, "organisation.desk_moved", by, at, {"desk_of": new.pk}, "desk_of")


def _hand_over_services(old: Place, new: Place, at: dt.datetime) -> None:
    standing = list(Serving.objects.filter(place=old, until=None))
    there = set(Serving.objects.filter(place=new, until=None).values_list("organisation_id", flat=True))
    Serving.objects.filter(place=old, until=None, since__lt=at).update(until=at)
    Serving.objects.filter(place=old, until=None).delete()
    retired = set(Organisation.objects.exclude(retired_at=None).values_list("id", flat=True))
    Serving.objects.bulk_create(
        Serving(organisation_id=row.organisation_id, place=new, since=at)
        for row in standing
        if row.organisation_id not in there | retired
    )
    versions.bump("organisations")


def _hand_over_postings(old: Place, new: Place, at: dt.datetime, by: Actor) -> None:
    """Whoever is posted to the old place is posted to the new one; nobody twice in one role."""
    standing = list(
        Posting.objects.filter(place=old, until=None).select_related("account").order_by("account_id")
    )
    there = set(Posting.objects.filter(place=new, until=None).values_list("account_id", "role"))
    for posting in standing:
        account = lock_account(posting.account)
        Posting.objects.filter(pk=posting.pk).update(until=max(at, posting.since))
        former = posting.pk
        if (posting.account_id, posting.role) not in there:
            there.add((posting.account_id, posting.role))
            posting.pk, posting.place, posting.since = None, new, max(at, posting.since)
            posting.save(force_insert=True)
        payload = {"former": former, "posting": posting.pk, "role": posting.role, "place": new.pk}
        record(subject=account, event="account.posting_moved", by=by, at=at, path=new.path, payload=payload)
        account.save(update_fields=[*CHAIN])
