"""Duty rows follow their place: at its end each goes over to the successors, at its return it comes back.

Rows are dated: one that goes over ends with the day and a like one begins at each successor, unless the
successor has its own word on the matter, which stands. A row that ends on a day to come keeps its term. (Policies and calendars are not tied to places.)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from cases.models.rules import DutyRow, RuleTable
from grid.followers import Change, Impact
from grid.models import Place
from ledger import clock
from ledger.actor import Actor
from ledger.models import Entry

CONTENT = ("item_id", "category_id", "organisation_id", "template", "part", "direct", "basis")
MATTER = ("item_id", "category_id", "part")


class DutyRows:
    """Follows places for the duty rows."""

    def impact(self, change: Change) -> Iterable[Impact]:
        if change.kind == "restored":
            if count := len(_ended_with(change.place, clock.today())):
                yield Impact("duty_rows", count, _("{n} 行职责回到这里").format(n=count))
            return
        if change.kind not in ("retired", "merged", "split"):
            return
        rows = _standing(change.place, clock.today())
        if not rows:
            return
        few = tuple(str(row.item or row.category) for row in rows[:3])
        if not change.successors:
            words = _("{n} 行职责没有去处，请指定承接地点").format(n=len(rows))
            yield Impact("duty_rows", len(rows), words, blocks=True, examples=few)
            return
        names = _("”“").join(heir.name for heir in change.successors)
        words = _("{n} 行职责转到“{name}”").format(n=len(rows), name=names)
        yield Impact("duty_rows", len(rows), words, examples=few)
        if change.kind != "split":
            own = [row for row in rows if _has_its_own(row, change.successors[0], clock.today())]
            if own:
                words = _("其中 {n} 行那里已有规定，以那里的为准").format(n=len(own))
                yield Impact("duty_rows", len(own), words)

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "retired" and change.successors:
            self._hand_over(change, at, by)
        elif change.kind == "restored":
            self._bring_back(change, at, by)

    def _hand_over(self, change: Change, at: dt.datetime, by: Actor) -> None:
        day = clock.local_date(at)
        rows = _standing(change.place, day)
        if not rows:
            return
        terms = {str(row.pk): row.until.isoformat() for row in rows if row.until}
        theirs = {
            (row.pk, heir.pk) for row in rows for heir in change.successors if _has_its_own(row, heir, day)
        }
        with RuleTable.change("duty", "rules.duty_moved", by=by, at=at) as payload:
            begun = []
            for row in rows:
                for heir in change.successors:
                    if (row.pk, heir.pk) not in theirs:
                        begun.append(_like(row, heir, max(day, row.since), row.until))
                        begun[-1].save()
                _end(row, day)
            payload.update(
                {"from": change.place.pk, "to": [heir.pk for heir in change.successors]},
                ended=[row.pk for row in rows if row.pk],
                begun=[row.pk for row in begun],
                **({"terms": terms} if terms else {}),
            )

    def _bring_back(self, change: Change, at: dt.datetime, by: Actor) -> None:
        day = clock.local_date(at)
        rows = _ended_with(change.place, day)
        if not rows:
            return
        gone = clock.local_date(change.place.retired_at)  # type: ignore[arg-type]
        with RuleTable.change("duty", "rules.duty_moved", by=by, at=at) as payload:
            for row, term in rows:
                content = {name: getattr(row, name) for name in CONTENT}
                for came in DutyRow.objects.filter(
                    place__in=change.successors, since=max(gone, row.since), until=term, **content
                ):
                    _end(came, day)
                if row.until == day:
                    row.until = term
                    row.save(update_fields=["until"])
                else:
                    _like(row, change.place, day, term).save()
            payload.update({"from": [heir.pk for heir in change.successors], "to": [change.place.pk]})


def _standing(place: Place, day: dt.date) -> list[DutyRow]:
    rows = DutyRow.objects.filter(DutyRow.standing(day), place_id=place.pk)
    return list(rows.select_related("item", "category").order_by("pk"))


def _ended_with(place: Place, day: dt.date) -> list[tuple[DutyRow, dt.date | None]]:
    """Those that ended with the place, each with the term it had, unless that is over by `day` or there is a
    like one here since."""
    if place.retired_at is None:
        return []
    moved = Entry.objects.filter(
        subject_kind=RuleTable.SUBJECT,
        event="rules.duty_moved",
        at=place.retired_at,
        payload__from=place.pk,
    ).order_by("-seq")
    told = moved.values_list("payload", flat=True).first() or {}
    terms = {int(pk): dt.date.fromisoformat(term) for pk, term in told.get("terms", {}).items()}
    rows = DutyRow.objects.filter(
        pk__in=told.get("ended", ()), place_id=place.pk, until=clock.local_date(place.retired_at)
    ).order_by("pk")
    found = [(row, terms.get(row.pk)) for row in rows if not _has_its_own(row, place, day)]
    return [(row, term) for row, term in found if term is None or term > day]


def _has_its_own(row: DutyRow, place: Place, day: dt.date) -> bool:
    """Does the place say itself whose duty this is (a lead: anybody's; else the same unit's)?"""
    matter = {name: getattr(row, name) for name in MATTER}
    if row.part != DutyRow.Part.LEAD:
        matter |= {"organisation_id": row.organisation_id, "template": row.template}
    there = DutyRow.objects.filter(DutyRow.standing(day), place_id=place.pk, **matter)
    return there.exclude(pk=row.pk).exists()


def _like(row: DutyRow, place: Place, since: dt.date, until: dt.date | None) -> DutyRow:
    return DutyRow(
        place_id=place.pk, since=since, until=until, **{name: getattr(row, name) for name in CONTENT}
    )


def _end(row: DutyRow, day: dt.date) -> None:
    """It holds no longer from this day on; one that never held a day is as if it had not been."""
    if row.since >= day:
        row.delete()
    else:
        row.until = day
        row.save(update_fields=["until"])
