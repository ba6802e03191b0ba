"""What a figure is asked of: whose (a place, an organisation, or both) and when (a period)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db.models import Case as Switch
from django.db.models import F, Q

from cases.figures import trees
from grid.queries import PlaceLite, lineage
from ledger import clock as host
from parties import directory

PERIODS = ("today", "week", "last_week", "month", "last_month", "quarter", "year")
BELOW = {
    "district": "street",
    "street": "community",
    "community": "grid",
    "section": "grid",
    "grid": "building",
}


@dataclass(frozen=True)
class Period:
    """[since, until) as instants; days are local."""

    since: dt.datetime
    until: dt.datetime

    @classmethod
    def of_days(cls, first: dt.date, last: dt.date) -> Period:
        """Both days included."""
        return cls(host.local_midnight(first), host.local_midnight(last + dt.timedelta(days=1)))

    @classmethod
    def named(cls, name: str, at: dt.datetime) -> Period:
        """today, this or the last week or month, this quarter or year, whole: what is due later in it counts when it is
        decided."""
        if name in ("last_week", "last_month"):
            return cls.named(name.removeprefix("last_"), at).before
        today = host.local_date(at)
        if name == "today":
            return cls.of_days(today, today)
        if name == "week":
            monday = today - dt.timedelta(days=today.weekday())
            return cls.of_days(monday, monday + dt.timedelta(days=6))
        first, months = today.replace(day=1), 1
        if name == "quarter":
            first, months = first.replace(month=(today.month - 1) // 3 * 3 + 1), 3
        elif name == "year":
            first, months = first.replace(month=1), 12
        return cls.of_days(first, _months_on(first, months) - dt.timedelta(days=1))

    @property
    def first(self) -> dt.date:
        return host.local_date(self.since)

    @property
    def last(self) -> dt.date:
        """The last day in it."""
        return host.local_date(self.until - dt.timedelta(microseconds=1))

    @property
    def before(self) -> Period:
        """What 环比 compares with: the calendar month, quarter or year before where it is one, else the stretch of
        the same length just before."""
        for months in (1, 3, 12):
            if self.first.day == 1 and _months_on(self.first, months) == self.last + dt.timedelta(days=1):
                return Period.of_days(_months_on(self.first, -months), self.first - dt.timedelta(days=1))
        return Period(self.since - (self.until - self.since), self.since)

    @property
    def year_before(self) -> Period:
        """What 同比 compares with: the same days a year ago; a 29 February is looked for on the 28th."""
        return Period.of_days(_year_ago(self.first), _year_ago(self.last))

    def holds(self, column: str) -> Q:
        return Q(**{f"{column}__gte": self.since, f"{column}__lt": self.until})


def _months_on(first: dt.date, months: int) -> dt.date:
    n = first.year * 12 + first.month - 1 + months
    return dt.date(n // 12, n % 12 + 1, 1)


def _year_ago(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


@dataclass(frozen=True)
class Subject:
    """Whose figures: a place with all below it, an organisation with all below it, or both; by which tree
    (cases.figures.trees). `as_of` the past instant as which they are read (cases.figures.past), None for now. `without`:
    the cases that their reader must not know of (cases.scope.hidden); they count on no side of anything."""

    place: PlaceLite | None = None
    place_path: str = ""
    organisation: directory.Org | None = None
    as_of: dt.datetime | None = None
    without: tuple[int, ...] = ()
    tree: str = trees.CALL

    def as_at(self, at: dt.datetime | None) -> Subject:
        """The same as it stood at a past instant."""
        return replace(self, as_of=at)

    def of_cases(self, key: str = "pk") -> Q:
        """What it took, holds or held; `key` is the column that names the case."""
        found = self.of_place("", key) & self.known(key)
        if self.organisation is not None:
            found &= Q(unit_ids__overlap=sorted(self.units()))
        return found

    def of_open(self) -> Q:
        """What is open here and now: for an organisation what it holds, not what has passed through it."""
        found = trees.recorded(self.place, self.place_path, trees.CALL) if self.place else Q()
        found &= self.known("pk")
        if self.organisation is not None:
            found &= Q(holder_id__in=sorted(self.units()))
        return found

    def of_clocks(self) -> Q:
        """Clocks and voices: they say themselves where and whose they are."""
        found = self.of_place("") & self.known("case_id")
        if self.organisation is not None:
            found &= Q(organisation_id__in=self.units())
        return found

    def of_stays(self) -> Q:
        """The finished stays of a case with somebody: where the case stands, with whom it was."""
        found = self.of_place("case__", "case_id") & self.known("case_id")
        if self.organisation is not None:
            found &= Q(organisation_id__in=sorted(self.units()))
        return found

    def of_instructions(self) -> Q:
        """批示: where the case stood when it was written; for an organisation on the cases it has or had."""
        found = self.of_place("") & self.known("case_id")
        if self.organisation is not None:
            found &= Q(case__unit_ids__overlap=sorted(self.units()))
        return found

    def known(self, key: str) -> Q:
        """Nothing that the reader must not know of; no condition at all for nearly everybody."""
        return ~Q(**{f"{key}__in": self.without}) if self.without else Q()

    def of_place(self, prefix: str, case: str = "") -> Q:
        """Rows at the place or below it; `prefix` leads to those that have place columns ("case__"), `case` is the
        column that names the case where the rows stand where that does."""
        if self.place is None:
            return Q()
        here = trees.recorded(self.place, self.place_path, self.tree, prefix)
        if not case or self.tree == trees.TODAY:
            return here
        return trees.by_call(here, case, trees.recorded(self.place, self.place_path, self.tree), self.as_of)

    def column_below(self, prefix: str = "", case: str = "") -> F | Switch:
        """The place one kind below under which a row stands; `prefix` and `case` as in `of_place`. One statement for
        cases where the tree has changed."""
        return self.ancestor(self.kind_below, prefix, case)

    def ancestor(self, kind: str, prefix: str = "", case: str = "") -> F | Switch:
        """The ancestor of that kind under which a row stands, as `column_below`."""
        column = trees.ancestor(kind, self.tree, prefix)
        if not case or self.tree == trees.TODAY:
            return column
        return trees.as_taken(column, kind, self.of_place(""), case, self.as_of)

    def units(self) -> frozenset[int]:
        """The organisation with all below it; nothing where none was asked for."""
        return directory.under(self.organisation.path) if self.organisation else frozenset()

    @property
    def kind_below(self) -> str:
        """The kind of place that stands beside its like one level below."""
        return BELOW.get(self.place.kind, "district") if self.place else "district"


def subject_of(
    place_path: str = "",
    organisation: directory.Org | None = None,
    without: tuple[int, ...] = (),
    tree: str = trees.CALL,
) -> Subject:
    """A subject from a place's id-path and an organisation."""
    line = list(lineage(place_path).values()) if place_path else []
    return Subject(line[-1] if line else None, place_path, organisation, without=without, tree=tree)
