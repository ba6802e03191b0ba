"""The words for amounts, dates, times and runs of like days, from which a deadline's story is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import get_language, gettext
from django.utils.translation import ngettext as choose

from cases.sla import units
from cases.sla.calendar import ONE_DAY, SECOND, Calendar, Hours


def gettext_noop(text: str) -> str:
    """Marks a word that is translated where it is printed. Django's own asks for settings at import."""
    return text


# Told by the hundred, sentences ask for the same few words again and again: while one story is told, they
# come from what this language was asked for before.
_dictionaries: dict[str, dict[str, str]] = {}
_dictionary: ContextVar[dict[str, str] | None] = ContextVar("dictionary", default=None)


def _(text: str) -> str:
    """gettext, once there are settings: the arithmetic and its words also work without."""
    known = _dictionary.get()
    if known is not None and text in known:
        return known[text]
    try:
        said = gettext(text)
    except ImproperlyConfigured:
        return text
    if known is not None:
        known[text] = said
    return said


def ngettext(one: str, many: str, number: Any) -> str:
    """`_` for what is counted."""
    known, key = _dictionary.get(), f"{one}\0{number == 1}"
    if known is not None and key in known:
        return known[key]
    try:
        said = choose(one, many, 1 if number == 1 else 2)
    except ImproperlyConfigured:
        return many
    if known is not None:
        known[key] = said
    return said


@contextmanager
def reader() -> Iterator[None]:
    """While a story is told, the reader's language stays the same."""
    try:
        language = get_language() or ""
    except ImproperlyConfigured:
        language = ""
    token = _dictionary.set(_dictionaries.setdefault(language, {}))
    try:
        yield
    finally:
        _dictionary.reset(token)


HOLIDAYS = (
    gettext_noop("元旦"),
    gettext_noop("春节"),
    gettext_noop("清明节"),
    gettext_noop("劳动节"),
    gettext_noop("端午节"),
    gettext_noop("中秋节"),
    gettext_noop("国庆节"),
)
WEEKDAYS = (
    gettext_noop("周一"),
    gettext_noop("周二"),
    gettext_noop("周三"),
    gettext_noop("周四"),
    gettext_noop("周五"),
    gettext_noop("周六"),
    gettext_noop("周日"),
)
AMOUNTS = {
    units.HOUR: lambda n: ngettext("%(n)s 小时", "%(n)s 小时", n),
    units.DAY: lambda n: ngettext("%(n)s 日", "%(n)s 日", n),
    units.WORK_HOUR: lambda n: ngettext("%(n)s 个工作小时", "%(n)s 个工作小时", n),
    units.WORK_DAY: lambda n: ngettext("%(n)s 个工作日", "%(n)s 个工作日", n),
    units.LEGAL_DAY: lambda n: ngettext("%(n)s 日（法定期间）", "%(n)s 日（法定期间）", n),
}
# -- runs of days


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that are alike: open with the same hours, or closed for the same sort of reason."""

    first: dt.date
    last: dt.date
    kind: str
    hours: Hours
    names: tuple[str, ...]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def open_days(self) -> int:
        return self.days if self.hours else 0

    def cut(self, first: dt.date, last: dt.date) -> Run:
        return replace(self, first=first, last=last)


@dataclass(frozen=True, slots=True)
class Weeks(Run):
    """Ordinary weeks in a row, each open Monday to Friday with the same hours and closed on the weekend."""

    @property
    def weeks(self) -> int:
        return self.days // 7

    @property
    def open_days(self) -> int:
        return self.weeks * 5


def blocks(told: Iterable[Run], least: int = 2) -> Iterator[Run]:
    """The runs, with `least` and more ordinary weeks in a row told as one."""
    held: list[Run] = []  # Monday to Friday and weekend in turn, all of the same hours

    def release() -> Iterator[Run]:
        pairs = len(held) // 2
        if pairs >= least:
            first, last = held[0], held[2 * pairs - 1]
            yield Weeks(first.first, last.last, first.kind, first.hours, ())
            yield from held[2 * pairs :]
        else:
            yield from held
        held.clear()

    for run in told:
        if len(held) % 2:
            fits = run.kind == "rest" and run.days == 2
        else:
            fits = run.kind == "workday" and run.days == 5 and run.first.weekday() == 0
            fits = fits and (not held or run.hours == held[0].hours)
        if not fits:
            yield from release()
            if run.kind == "workday" and run.days == 5 and run.first.weekday() == 0:
                held.append(run)
            else:
                yield run
        else:
            held.append(run)
    yield from release()


def runs(first: dt.date, last: dt.date, cal: Calendar) -> Iterator[Run]:
    """The days from `first` to `last` as runs of like days."""
    start, held, date = first, None, first
    names: tuple[str, ...] = ()
    while date <= last:
        day = cal.day(date)
        like = (day.kind, day.hours)
        if like != held:
            if held is not None:
                yield Run(start, date - ONE_DAY, *held, names)
            start, held, names = date, like, ()
        if day.name and day.name not in names:
            names = (*names, day.name)
        date += ONE_DAY
    if held is not None:
        yield Run(start, last, *held, names)


# -- words for amounts and times


def amount_words(amount: Any, unit: str) -> str:
    return AMOUNTS[unit](amount) % {"n": f"{amount:f}" if not isinstance(amount, int) else amount}


def left_words(left: int, unit: str) -> str:
    words = {"span": span_words(abs(left))}
    if unit in units.IN_OPENING_TIME:
        return _("已超办公时间 %(span)s") % words if left < 0 else _("尚余办公时间 %(span)s") % words
    return _("已超 %(span)s") % words if left < 0 else _("尚余 %(span)s") % words


def span_words(amount: int) -> str:
    """A length of time in hours, minutes and seconds."""
    seconds = amount // SECOND
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    words = []
    if hours:
        words.append(_("%(n)s 小时") % {"n": hours})
    if minutes:
        words.append(_("%(n)s 分") % {"n": minutes})
    if seconds or not words:
        words.append(_("%(n)s 秒") % {"n": seconds})
    return " ".join(words)


def minutes_words(minutes: int) -> str:
    """Opening minutes in hours and minutes, never in days: a day of opening time is none of 24 hours."""
    return span_words(minutes * 60 * SECOND) if minutes else _("%(n)s 分") % {"n": 0}


def moment_words(at: dt.datetime, cal: Calendar, *, ends: bool = False) -> str:
    """An instant with its weekday; as an end, 00:00 is told as 24:00 of the date before."""
    local = cal.local(at)
    date = cal.date_of_end(at) if ends else local.date()
    return _("%(date)s（%(weekday)s）%(time)s") % {
        "date": date.isoformat(),
        "weekday": _(WEEKDAYS[date.weekday()]),
        "time": clock_words(at, cal, ends=ends),
    }


def clock_words(at: dt.datetime, cal: Calendar, *, ends: bool = False) -> str:
    time = cal.local(at).time()
    if ends and time == dt.time.min:
        return "24:00"
    return time.strftime("%H:%M:%S" if time.second else "%H:%M")


def hours_words(hours: Hours) -> str:
    return _("、").join(
        f"{opens:%H:%M}–{'24:00' if closes == dt.time.min else format(closes, '%H:%M')}"
        for opens, closes in hours
    )


def run_words(run: Run) -> str:
    return dates_words(run.first, run.last)


def dates_words(first: dt.date, last: dt.date) -> str:
    """One date, or from one to another, each with its weekday; the year once."""
    told = {
        "first": first.isoformat(),
        "first_weekday": _(WEEKDAYS[first.weekday()]),
        "last": f"{last:%m-%d}" if last.year == first.year else last.isoformat(),
        "last_weekday": _(WEEKDAYS[last.weekday()]),
    }
    if first == last:
        return _("%(first)s（%(first_weekday)s）") % told
    return _("%(first)s（%(first_weekday)s）至 %(last)s（%(last_weekday)s）") % told
