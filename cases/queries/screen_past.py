"""The command screen as it stood at an hour of a past day: figures as of then (cases.figures.past), what came and was
done on that day until then."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import ExtractHour
from django.utils.translation import gettext as _

from cases.figures.asking import Period, Subject
from cases.figures.measuring import count, counted
from cases.models.clock import Clock
from cases.queries.dashboard import TILES
from cases.queries.screen import columns, heat_map, newest, rate, short
from cases.queries.screen_tally import ScreenTally
from grid.queries import by_ids
from ledger import clock as host
from ledger.actor import Actor


def board(subject: Subject, day: dt.date, hour: int, by: Actor) -> dict[str, Any]:
    """`hour` 1 … 24: as its hour ended."""
    start = host.local_midnight(day)
    at = start + dt.timedelta(hours=hour) - dt.timedelta(microseconds=1)
    (figures,) = count(subject.as_at(at), [Period.named("month", at)], at, TILES)
    came, done, spots = _of_day(subject, start, at)
    places, tally = _open_then(subject, at)
    tally.registered, tally.resolved = sum(came.values()), sum(done.values())
    return {
        "past": True,
        "moment": at + dt.timedelta(microseconds=1) if hour < 24 else at,
        "today": {
            "registered": tally.registered,
            "resolved": tally.resolved,
            "open": tally.colours["open"],
            "late": tally.colours["red"],
            "near": tally.colours["yellow"],
            "fine": tally.colours["open"] - tally.colours["red"] - tally.colours["yellow"],
            "late_percent": _share(tally.colours["red"], tally.colours["open"]),
            "near_percent": _share(tally.colours["yellow"], tally.colours["open"]),
        },
        "rates": [rate(code, figures[code]) for code in TILES],
        "trend": {
            "title": _("这一天的登记与办结"),
            "unit": "",
            "labels": [f"{n}" for n in range(1, 25)],
            "lines": [
                {"label": _("登记"), "points": _points(came, hour), "off_target": False},
                {"label": _("办结"), "points": _points(done, hour), "off_target": True},
            ],
        },
        "standing": places,
        "newest": newest(subject, at, by),
        "map": heat_map(subject, spots),
    }


def _share(part: int, whole: int) -> float:
    return part / whole * 100 if whole else 0


def _points(counts: Counter[int], hour: int) -> list[int | None]:
    return [counts[n] if n < hour else None for n in range(24)]


def _of_day(
    subject: Subject, start: dt.datetime, at: dt.datetime
) -> tuple[Counter[int], Counter[int], dict[int, int]]:
    """By hour what was registered and what was resolved, by place what was registered."""
    _child, fine = columns(subject)
    rows = counted(subject).order_by()
    came: Counter[int] = Counter()
    spots: dict[int, int] = {}
    registered = (
        rows.filter(received_at__gte=start, received_at__lte=at)
        .annotate(hour=ExtractHour("received_at", tzinfo=host.LOCAL))
        .values_list("hour", fine, "sensitive")
        .annotate(n=Count("pk"))
    )
    for hour, place, sensitive, n in registered:
        came[hour] += n
        if place is not None and not sensitive:  # which no heat map shows
            spots[place] = spots.get(place, 0) + n
    resolved = (
        rows.filter(resolved_at__gte=start, resolved_at__lte=at)
        .annotate(hour=ExtractHour("resolved_at", tzinfo=host.LOCAL))
        .values_list("hour")
        .annotate(n=Count("pk"))
    )
    return came, Counter(dict(resolved)), spots


def _open_then(subject: Subject, at: dt.datetime) -> tuple[list[dict[str, Any]], ScreenTally]:
    """What was taken and neither resolved nor ended by then, and how its clocks stood."""
    child, _fine = columns(subject)
    ran = Clock.objects.filter(case_id=OuterRef("pk"), started_at__lte=at).filter(
        Q(stopped_at__isnull=True) | Q(stopped_at__gt=at)
    )
    rows = (
        counted(subject)
        .order_by()
        .filter(
            Q(resolved_at__isnull=True) | Q(resolved_at__gt=at),
            Q(ended_at__isnull=True) | Q(ended_at__gt=at),
            received_at__lte=at,
        )
        .annotate(late=Exists(ran.filter(due_at__lt=at)), near=Exists(ran.filter(warn_at__lte=at)))
        .values_list(child)
        .annotate(
            n=Count("pk"),
            red=Count("pk", filter=Q(late=True)),
            yellow=Count("pk", filter=Q(near=True, late=False)),
        )
        .values_list(F(child), "n", "red", "yellow")
    )
    found = ScreenTally()
    for place, n, red, yellow in rows:
        found.colours.update(open=n, red=red, yellow=yellow)
        if place is not None:
            found.places[place] = (n, red)
    names = by_ids(found.places)
    most = max((n for n, _red in found.places.values()), default=1)
    shown = sorted(found.places.items(), key=lambda row: -row[1][0])[:8]
    return [
        {"name": short(names[pk].name), "open": n, "late": red, "percent": n / most * 100}
        for pk, (n, red) in shown
        if pk in names
    ], found
