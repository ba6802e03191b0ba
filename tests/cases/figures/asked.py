"""Random scopes and periods to ask figures of, and what they say beside the recount."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from random import Random

from cases.figures import durations, rising, spread, trees
from cases.figures.asking import Period, Subject, subject_of
from cases.figures.measuring import summary
from cases.models import Case
from grid.models import Place
from parties import directory
from parties.models import Organisation
from tests.cases.figures.recount import Asked, Books, recount, recount_plain


def scopes(chance: Random, n: int) -> list[Subject]:
    """Places of every kind and organisations of every kind, busy ones more often."""
    paths = list(Place.objects.order_by("path").values_list("path", flat=True))
    busy = list(Case.objects.order_by("pk").values_list("path", flat=True))
    units = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    holders = list(Case.objects.order_by("pk").values_list("holder_id", flat=True))
    found = []
    for turn in range(n):
        if turn % 2:
            unit = directory.by_id(chance.choice(holders if turn % 4 == 1 else units))
            found.append(Subject(organisation=unit))
        else:
            path = chance.choice(busy if turn % 4 == 0 else paths)
            parts = path.strip("/").split("/")
            depth = chance.randint(3, len(parts)) if len(parts) > 3 else len(parts)
            found.append(subject_of("/" + "/".join(parts[:depth]) + "/"))
    return found


def periods(chance: Random, n: int, today: dt.date, back: int = 60) -> list[Period]:
    """Within the last `back` days."""
    found = []
    for _turn in range(n):
        first = today - dt.timedelta(days=chance.randint(0, back))
        found.append(Period.of_days(first, first + dt.timedelta(days=chance.choice((0, 2, 6, 29, 40)))))
    return found


def plain_beside(books: Books, asked: Asked, subject: Subject, period: Period, at: dt.datetime) -> int:
    """What the dashboard counts besides rates equals the recount too; how many were registered."""
    said = recount_plain(books, asked)
    shares = spread.shares(subject, period, at)
    assert (shares.origins, shares.channels) == (said["origins"], said["channels"])
    assert {key: n for key, (n, _own) in shares.levels.items()} == said["levels"]
    heat = spread.heat(subject, period, at, "grid")
    assert (heat.hours, heat.spots) == (said["hours"], said["spots"])
    rise = rising.rising(subject, period, at)
    assert rise.base.until - rise.base.since == dt.timedelta(weeks=said["weeks"])
    over = max(min(period.until, at) - period.since, dt.timedelta(0)) / dt.timedelta(weeks=said["weeks"])
    up = {pk: pair for pk, pair in said["items"].items() if pair[0] > pair[1] * over}
    assert {row.pk: (row.now, row.before) for row in rise.items} == up
    return sum(said["origins"].values())


def held_beside(
    chance: Random,
    at: dt.datetime,
    *,
    back: int = 60,
    some: int = 20,
    times: int = 10,
    tree: str = trees.CALL,
) -> Counter[str]:
    """Every figure of `some` scopes × `times` periods each equals the recount; what was counted, by figure. By today's
    tree without what the dashboard counts besides."""
    books = Books.read()
    if tree == trees.TODAY:
        books = books.as_of_todays_tree()
    seen: Counter[str] = Counter()
    for subject in scopes(chance, some):
        subject = replace(subject, tree=tree)
        for period in periods(chance, times, at.date(), back):
            asked = Asked(
                since=period.since,
                until=period.until,
                at=at,
                place_path=subject.place_path,
                organisation_path=subject.organisation.path if subject.organisation else "",
            )
            said = {
                code: (value.numerator, value.denominator)
                for code, value in summary(subject, period, at).items()
            }
            (handled,) = durations.times(subject, [period], at)
            said["handling_time"] = (round(handled.median or 0), handled.n)
            assert said == recount(books, asked), (subject, period)
            if tree == trees.CALL:
                seen["registered"] += plain_beside(books, asked, subject, period, at)
            for code, (_num, den) in said.items():
                seen[code] += den
    return seen
