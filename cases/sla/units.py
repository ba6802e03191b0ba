"""The five units of SPEC §6, exactly: where a deadline falls, how much is left, and laying that out again.

A unit's *base* is what a remainder is kept in: elapsed time for hour, day, legal_day and a fixed instant
(until); opening time for work_hour and work_day. Amounts of base are whole microseconds.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from cases.sla.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    ONE_DAY,
    SECOND,
    Calendar,
    OutOfCalendar,
    instant,
    micros,
)

HOUR, DAY, WORK_HOUR, WORK_DAY, LEGAL_DAY = UNITS = ("hour", "day", "work_hour", "work_day", "legal_day")
UNTIL = "until"  # no amount: an instant given from outside
FRACTIONAL = (HOUR, WORK_HOUR)
IN_OPENING_TIME = (WORK_HOUR, WORK_DAY)
BY_CALENDAR = (WORK_HOUR, WORK_DAY, LEGAL_DAY)  # what a calendar's notice can move
MOST = 1_000_000  # more of anything than the years a calendar speaks of
HOUR_MICROS = 3600 * SECOND
DAY_MICROS = 24 * HOUR_MICROS

Amount = int | Decimal


class NotAnAmount(ValueError):
    """An unknown unit, or an amount no deadline can have."""


def amount_of(unit: str, value: object) -> Amount:
    """A checked amount: more than nothing, whole but for hours. Whole ones come back as int."""
    if unit not in UNITS:
        raise NotAnAmount(f"unknown unit {unit!r}; it is one of {', '.join(UNITS)}")
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise NotAnAmount(f"not a number: {value!r}")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise NotAnAmount(f"not a number: {value!r}") from None
    if not amount.is_finite() or not 0 < amount <= MOST:
        raise NotAnAmount(f"an amount is more than 0 and at most {MOST}: {value!r}")
    if amount == amount.to_integral_value():
        return int(amount)
    if unit not in FRACTIONAL:
        raise NotAnAmount(f"{unit} counts whole ones only: {value!r}")
    return amount


def deadline(unit: str, amount: Amount, anchor: dt.datetime, cal: Calendar) -> dt.datetime:
    """When `amount` of `unit` counted from `anchor` is over, in UTC."""
    date = local_date(anchor, cal)
    if unit == HOUR:
        return lay_out(HOUR, anchor, hours_in_micros(amount), cal)
    if unit == DAY:
        return lay_out(DAY, anchor, int(amount) * DAY_MICROS, cal)
    if unit == WORK_HOUR:
        return cal.lay_out(anchor, hours_in_micros(amount))
    if unit == WORK_DAY:
        return cal.close_of_nth_workday_after(date, int(amount))
    if unit == LEGAL_DAY:
        return legal_end(end_of_legal_days(date, int(amount)), cal)
    raise NotAnAmount(f"unknown unit {unit!r}; it is one of {', '.join(UNITS)}")


def added(unit: str, amount: Amount, due: dt.datetime, cal: Calendar) -> dt.datetime:
    """A deadline with `amount` of `unit` on top: the unit counted from the old deadline, where 00:00 is still
    the 24:00 of the date before."""
    if unit in (WORK_DAY, LEGAL_DAY):
        date = cal.date_of_end(due)
        if unit == WORK_DAY:
            return cal.close_of_nth_workday_after(date, int(amount))
        return legal_end(end_of_legal_days(date, int(amount)), cal)
    return deadline(unit, amount, due, cal)


def left(unit: str, at: dt.datetime, due: dt.datetime, cal: Calendar) -> int:
    """What is left at an instant, in the unit's base; negative when it is past."""
    if unit in IN_OPENING_TIME:
        return cal.opening(at, due)
    return micros(due) - micros(at)


def lay_out(unit: str, at: dt.datetime, amount: int, cal: Calendar) -> dt.datetime:
    """The instant with `amount` of the unit's base between `at` and it; backwards when negative."""
    if unit in IN_OPENING_TIME:
        return cal.lay_out(at, amount)
    try:
        laid = instant(micros(at) + amount)
    except OverflowError:
        raise OutOfCalendar(f"no calendar speaks of a time so far from {at.isoformat()}") from None
    local_date(laid, cal)
    return laid


def local_date(at: dt.datetime, cal: Calendar) -> dt.date:
    """The local date of an instant, refused outside the calendar's years."""
    try:
        return in_range(cal.local(at).date())
    except OverflowError:
        raise OutOfCalendar(f"no calendar speaks of {at.isoformat()}") from None


def in_range(date: dt.date) -> dt.date:
    """The date itself, if a calendar may speak of it."""
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        raise OutOfCalendar(f"no calendar speaks of {date.year}; it may be {FIRST_YEAR} to {LAST_YEAR}")
    return date


def hours_in_micros(amount: Amount) -> int:
    """Hours, whole or not, in microseconds."""
    if isinstance(amount, int):
        return amount * HOUR_MICROS
    return int((amount * HOUR_MICROS).to_integral_value(ROUND_HALF_EVEN))


# -- legal_day: Civil Code art. 201 to 203


def end_of_legal_days(date: dt.date, days: int) -> dt.date:
    """The last date of so many calendar days, the first date not counted."""
    try:
        return in_range(date + days * ONE_DAY)
    except OverflowError:
        raise OutOfCalendar(f"no calendar speaks of a time {days} days after {date}") from None


def working_date(date: dt.date, cal: Calendar) -> dt.date:
    """The date itself, or the next working day where it is a rest day."""
    return date if cal.is_workday(date) else cal.nth_workday_after(date, 1)


def legal_end(date: dt.date, cal: Calendar) -> dt.datetime:
    """24:00 of a last date, of the next working day where that is a rest day."""
    return cal.midnight(working_date(date, cal) + ONE_DAY)
