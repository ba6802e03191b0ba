"""When offices are open, and exact arithmetic on that time.

Instants come in aware and go out aware in UTC, exact to the microsecond. Dates are dates of the calendar's
own time zone. Every year is laid out once as sorted opening intervals with running totals; a question is then
a bisection, whatever the span. Nothing here knows Django or the host clock.
"""

from __future__ import annotations

import csv
import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 1990, 2100  # outside, nobody has a calendar worth the name
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
ONE_DAY = dt.timedelta(days=1)
SECOND = 1_000_000  # in microseconds, the unit of every sum below

Hours = tuple[tuple[dt.time, dt.time], ...]  # opening intervals of one day; an end of 00:00 means 24:00


class OutOfCalendar(ValueError):
    """An instant or a result outside the years a calendar can speak of."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one date is: `kind` is workday or rest by the weekday rule, holiday, makeup, half or hours by a
    dated exception; `hours` its opening intervals; `name` the holiday's name."""

    kind: str
    hours: Hours
    name: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.hours)


@dataclass(slots=True)
class _Year:
    """One local year: the opening intervals in order, with the opening time before and up to the end of
    each."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    upto: list[int]
    workdays: list[int]  # ordinals
    total: int


def micros(at: dt.datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    if at.tzinfo is None:
        raise ValueError(f"a naive time has no place here: {at!r}")
    return (at - EPOCH) // MICROSECOND


def instant(value: int) -> dt.datetime:
    """The aware UTC instant of microseconds since 1970."""
    return EPOCH + dt.timedelta(microseconds=value)


def statutory_holidays(year: int) -> dict[dt.date, str]:
    """China's statutory holidays of a year without a published notice: the days the regulation names, without
    days off in lieu and without make-up workdays, which only a notice can give."""
    from holidays.countries.china import China  # 0.1 s that only unpublished years need to pay

    known = {
        "元旦": "元旦",
        "春节": "春节",
        "农历除夕": "春节",
        "清明节": "清明节",
        "劳动节": "劳动节",
        "端午节": "端午节",
        "中秋节": "中秋节",
        "国庆节": "国庆节",
    }
    found: dict[dt.date, str] = {}
    for day, names in China(years=year, observed=False, language="zh_CN").items():  # type: ignore[no-untyped-call]
        kept = [known[name] for name in names.split("; ") if name in known]
        if kept:
            found[day] = "、".join(dict.fromkeys(kept))
    return found


class Calendar:
    """Weekly opening intervals (Monday is 0) with dated exceptions.

    `days` maps a date to its `Day`, or just to its opening intervals (none: a holiday). `published_from` and
    `published_until` bound the dates whose holidays are known by a notice; before and after them the weekday
    rule and `statutory` holidays stand in, and what touches them is provisional.
    """

    def __init__(
        self,
        weekly: Mapping[int, Iterable[tuple[dt.time, dt.time]]],
        days: Mapping[dt.date, Day | Iterable[tuple[dt.time, dt.time]]] | None = None,
        tz: dt.tzinfo = SHANGHAI,
        published_until: dt.date = dt.date(LAST_YEAR, 12, 31),
        *,
        published_from: dt.date = dt.date(2018, 1, 1),
        statutory: Callable[[int], Mapping[dt.date, str]] | None = statutory_holidays,
        name: str = "default",
    ) -> None:
        self.weekly: dict[int, Hours] = {day: _hours(weekly.get(day, ())) for day in range(7)}
        self.days: dict[dt.date, Day] = {date: _day(value) for date, value in (days or {}).items()}
        self.tz = tz
        self.published_from, self.published_until = published_from, published_until
        self.statutory = statutory
        self.name = name
        self._by_weekday = {
            day: Day("workday" if hours else "rest", hours) for day, hours in self.weekly.items()
        }
        self._years: dict[int, _Year] = {}
        self._statutory: dict[int, Mapping[dt.date, str]] = {}

    @property
    def ordinary(self) -> Hours:
        """The hours of the first open day of the week: those of a make-up workday too."""
        return next((self.weekly[day] for day in range(7) if self.weekly[day]), ())

    # -- what a date is

    def day(self, date: dt.date) -> Day:
        """A date as this calendar sees it."""
        found = self.days.get(date)
        if found is not None:
            return found
        if self.statutory and not self.published_from <= date <= self.published_until:
            holidays = self._statutory.get(date.year)
            if holidays is None:
                holidays = self._statutory[date.year] = self.statutory(date.year)
            if date in holidays:
                return Day("holiday", (), holidays[date])
        return self._by_weekday[date.weekday()]

    def is_workday(self, date: dt.date) -> bool:
        """Is there any opening time on this date?"""
        return self.day(date).is_open

    def intervals(self, date: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        """The opening intervals of a date, as aware local times."""
        return [
            (instant(start).astimezone(self.tz), instant(end).astimezone(self.tz))
            for start, end in self._intervals(date, None)
        ]

    def local(self, at: dt.datetime) -> dt.datetime:
        """An instant on this calendar's wall clock."""
        return at.astimezone(self.tz)

    def midnight(self, date: dt.date) -> dt.datetime:
        """00:00 of a date, as an aware UTC instant."""
        return dt.datetime.combine(date, dt.time(), self.tz).astimezone(dt.UTC)

    def same_time(self, at: dt.datetime, days: int) -> dt.datetime:
        """The same wall time so many dates later, as an aware UTC instant."""
        local = self.local(at)
        moved = dt.datetime.combine(local.date() + days * ONE_DAY, local.time(), self.tz)
        return moved.astimezone(dt.UTC)

    def touches_unpublished(self, first: dt.date | dt.datetime, last: dt.date | dt.datetime) -> bool:
        """Does any date from `first` to `last` lack a published notice? An instant stands for the date it is
        on; an end of 00:00 is the 24:00 of the date before."""
        if isinstance(first, dt.datetime):
            first = first.astimezone(self.tz).date()
        if isinstance(last, dt.datetime):
            last = self.date_of_end(last)
        return first < self.published_from or max(first, last) > self.published_until

    def date_of_end(self, at: dt.datetime) -> dt.date:
        """The date on which something that ends at this instant ends: 00:00 belongs to the day before."""
        return (at.astimezone(dt.UTC) - MICROSECOND).astimezone(self.tz).date()

    # -- opening time between instants, and the reverse

    def opening(self, start: dt.datetime, end: dt.datetime) -> int:
        """Opening time between two instants in microseconds; negative when `end` is the earlier."""
        first, last = (start, end) if start <= end else (end, start)
        year, position = self._position(first)
        last_year, last_position = self._position(last)
        total = last_position - position + sum(self._year(y).total for y in range(year, last_year))
        return total if start <= end else -total

    def opening_seconds(self, start: dt.datetime, end: dt.datetime) -> float:
        """Opening time between two instants in seconds; negative when `end` is the earlier."""
        return self.opening(start, end) / SECOND

    def lay_out(self, at: dt.datetime, amount: int) -> dt.datetime:
        """The first instant with `amount` microseconds of opening time between `at` and it; backwards when
        the amount is negative; `at` itself when it is nothing."""
        if not amount:
            return at.astimezone(dt.UTC)
        year, wanted = self._position(at)
        wanted += amount
        while wanted <= 0:
            year -= 1
            wanted += self._year(year).total
        while wanted > (table := self._year(year)).total:
            wanted -= table.total
            year += 1
        index = bisect_left(table.upto, wanted)
        return instant(table.ends[index] - (table.upto[index] - wanted))

    def add_opening(self, at: dt.datetime, seconds: float) -> dt.datetime:
        """As `lay_out`, in seconds."""
        return self.lay_out(at, round(seconds * SECOND))

    # -- working days

    def nth_workday_after(self, date: dt.date, n: int) -> dt.date:
        """The n-th working day after a date, the date itself not counted."""
        if n < 1:
            raise ValueError("the first working day after a date is number 1")
        year, ordinal = date.year, date.toordinal()
        index = bisect_right(self._year(year).workdays, ordinal) + n - 1
        while index >= len(self._year(year).workdays):
            index -= len(self._year(year).workdays)
            year += 1
        return dt.date.fromordinal(self._year(year).workdays[index])

    def close_of(self, date: dt.date) -> dt.datetime:
        """The end of opening time of a working day."""
        return instant(self._intervals(date, None)[-1][1])

    def close_of_nth_workday_after(self, date: dt.date, n: int) -> dt.datetime:
        """The end of opening time of the n-th working day after a date."""
        return self.close_of(self.nth_workday_after(date, n))

    # -- inside

    def _position(self, at: dt.datetime) -> tuple[int, int]:
        """The local year of an instant and the opening time of that year before it."""
        value = micros(at)
        year = at.astimezone(self.tz).year
        table = self._year(year)
        index = bisect_right(table.starts, value) - 1
        if index < 0:
            return year, 0
        return year, table.before[index] + min(value, table.ends[index]) - table.starts[index]

    def _year(self, year: int) -> _Year:
        found = self._years.get(year)
        if found is None:
            if not FIRST_YEAR <= year <= LAST_YEAR:
                raise OutOfCalendar(f"no calendar speaks of {year}; it may be {FIRST_YEAR} to {LAST_YEAR}")
            found = self._years[year] = self._build(year)
        return found

    def _build(self, year: int) -> _Year:
        table = _Year([], [], [], [], [], 0)
        first = dt.date(year, 1, 1)
        reached: int | None = None
        for offset in range(366):
            date = first + dt.timedelta(days=offset)
            if date.year != year:
                break
            opened = False
            for start, end in self._intervals(date, reached):
                table.starts.append(start)
                table.ends.append(end)
                table.before.append(table.total)
                table.total += end - start
                table.upto.append(table.total)
                reached = end
                opened = True
            if opened:
                table.workdays.append(date.toordinal())
        return table

    def _intervals(self, date: dt.date, reached: int | None) -> list[tuple[int, int]]:
        """A date's opening intervals in microseconds. Where the wall clock jumps (summer time), what would
        overlap the time already `reached`, or last no time at all, falls away."""
        found = []
        for opens, closes in self.day(date).hours:
            start = micros(dt.datetime.combine(date, opens, self.tz))
            end_date = date if closes > opens else date + ONE_DAY
            end = micros(dt.datetime.combine(end_date, closes, self.tz))
            if reached is not None:
                start = max(start, reached)
            if end > start:
                found.append((start, end))
                reached = end
        return found


def _hours(intervals: Iterable[tuple[dt.time, dt.time]]) -> Hours:
    """Sorted, and refused where they overlap or run backwards."""
    hours = tuple(sorted((start, end) for start, end in intervals))
    reached = dt.time.min
    for index, (start, end) in enumerate(hours):
        at_midnight = end == dt.time.min and index == len(hours) - 1
        if start < reached or not (at_midnight or start < end):
            raise ValueError(f"opening intervals overlap or run backwards: {hours}")
        reached = end
    return hours


def _day(value: Day | Iterable[tuple[dt.time, dt.time]]) -> Day:
    if isinstance(value, Day):
        return Day(value.kind, _hours(value.hours), value.name)
    hours = _hours(value)
    return Day("hours" if hours else "holiday", hours)


# -- the shipped calendar

MORNING = (dt.time(8, 30), dt.time(12, 0))
AFTERNOON = (dt.time(13, 30), dt.time(17, 30))
OFFICE_HOURS: Hours = (MORNING, AFTERNOON)
OFFICE_WEEK: dict[int, Hours] = dict.fromkeys(range(5), OFFICE_HOURS)
PUBLISHED_FROM, PUBLISHED_UNTIL = dt.date(2018, 1, 1), dt.date(2026, 12, 31)
SHIPPED_DAYS = Path(__file__).resolve().parent.parent / "data" / "workdays.csv"


@lru_cache(maxsize=1)
def shipped_days() -> Mapping[dt.date, Day]:
    """The days the State Council's yearly notices name, 2018 to 2026: every day of a holiday (weekend days
    inside one too, so that it can be named whole) and every make-up workday."""
    with SHIPPED_DAYS.open(encoding="utf-8", newline="") as lines:
        return {
            dt.date.fromisoformat(row["date"]): Day(
                row["kind"], OFFICE_HOURS if row["kind"] == "makeup" else (), row["name"]
            )
            for row in csv.DictReader(lines)
        }


DEFAULT = Calendar(
    OFFICE_WEEK, shipped_days(), SHANGHAI, published_until=PUBLISHED_UNTIL, published_from=PUBLISHED_FROM
)
