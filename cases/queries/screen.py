"""What the command screen shows of a place or an organisation, now; a past day is played by `screen_past`.

Statements: clocks, cases, weeks, one tally, the newest calls. The shapes of the map are kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases import rulebook
from cases.figures.asking import BELOW, Period, Subject
from cases.figures.catalogue import FIGURES
from cases.figures.measuring import count, measure
from cases.figures.ranking import ranking
from cases.figures.trend import weekly
from cases.figures.values import Value
from cases.models.case import ANCESTORS
from cases.queries.dashboard import SHARES, TILES, TREND, WEEKS, trend_chart
from cases.queries.figure_pages import list_url, short, state_of
from cases.queries.screen_tally import ScreenTally, screen_tally
from cases.scope import listed
from grid import shapes
from grid.queries import by_ids, children_of_kind
from grid.shapes import Shape
from ledger.actor import Actor

NEWEST, RANKED = 5, 8
FINE = {"": "street", "district": "community", "street": "grid", "community": "grid", "section": "grid"}
MAP = (952, 560)  # what the drawing is fitted into
TILES_AT_MOST = 60
LETTER = 18  # how wide one of a name is on the map


def board(subject: Subject, at: dt.datetime, by: Actor, link: Mapping[str, str]) -> dict[str, Any]:
    """The parts of the screen as its template prints them."""
    period = Period.named("month", at)
    measured = measure(subject, period, at)
    kept, kept_before = count(subject, [period, period.before], at, SHARES)
    child, fine = columns(subject)
    tally = screen_tally(subject, at, child=child, fine=fine)
    here = {key: value for key, value in link.items() if key not in ("from", "to")}
    return {
        "today": today(tally, here),
        "rates": [
            rate(code, {**measured.now, **kept}[code], {**measured.before, **kept_before}[code])
            for code in TILES
        ],
        "trend": trend_chart(weekly(subject, WEEKS, at, TREND)),
        "ranking": _ranking(ranking(subject, measured)),
        "newest": newest(subject, at + dt.timedelta(minutes=1), by),
        "map": heat_map(subject, tally.spots),
        "spots": tally.spots,
        "hours": _hours(tally),
    }


def columns(subject: Subject) -> tuple[str, str]:
    """Of places one kind below, and of those that the map is drawn with."""
    child = subject.kind_below if subject.kind_below in ANCESTORS else "building"
    return f"{child}_id", f"{fine_kind(subject)}_id"


def fine_kind(subject: Subject) -> str:
    """Of the places that its map is drawn with."""
    return FINE.get(subject.place.kind if subject.place else "", "building")


def today(tally: ScreenTally, link: Mapping[str, str]) -> dict[str, Any]:
    late, near = tally.colours["red"], tally.colours["yellow"]
    live = tally.colours["open"]
    return {
        "registered": tally.registered,
        "registered_delta": tally.registered - tally.registered_before,
        "resolved": tally.resolved,
        "resolved_delta": tally.resolved - tally.resolved_before,
        "open": live,
        "late": late,
        "near": near,
        "fine": live - late - near,
        "late_percent": late / live * 100 if live else 0,
        "near_percent": near / live * 100 if live else 0,
        "late_url": list_url(link, status="open", colour="red"),
        "near_url": list_url(link, status="open", colour="yellow"),
        "open_url": list_url(link, status="open"),
    }


def rate(code: str, now: Value, before: Value | None = None) -> dict[str, Any]:
    figure = FIGURES[code]
    delta = None
    if before is not None and now.rate is not None and before.rate is not None:
        delta = round((now.rate - before.rate) * 100, 1)
    return {
        "code": code,
        "value": now,
        "name": str(figure.name),
        "percent": now.percent,
        "target": figure.target,
        "delta": delta,
        "n": now.denominator,
        "state": state_of(now, figure),
    }


def _ranking(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for row in [row for row in rows if row["n"]][:RANKED]:
        score = round((row["score"] or 0) * 100, 1)  # rows without anything due are not shown
        state = "few" if row["few"] else "ok" if score >= 92 else "warn" if score >= 89 else "bad"
        delta = None if row["delta"] is None else round(row["delta"] * 100, 1)
        found.append({**row, "name": short(row["name"]), "score": score, "delta": delta, "state": state})
    return found


def newest(subject: Subject, at: dt.datetime, by: Actor) -> list[dict[str, Any]]:
    """The calls taken last that this reader may see: what and where, nobody's words; what is concealed says neither."""
    rows = (
        listed(by)
        .filter(subject.of_cases(), received_at__lte=at)
        .exclude(status="merged")
        .order_by("-received_at", "-pk")
        .values_list("item_id", "sensitive", "confidential", "community_id", "grid_id", "received_at")[
            :NEWEST
        ]
    )
    rows = list(rows)
    names = by_ids(pk for row in rows for pk in row[3:5] if pk)
    found = []
    for item_id, sensitive, confidential, community, grid, received_at in rows:
        hidden = sensitive or confidential
        item = rulebook.item_by_id(item_id) if item_id else None
        where = "" if hidden else " ".join(short(names[pk].name) for pk in (community, grid) if pk in names)
        what = _("（不公开）") if hidden else item.name if item else _("（未选事项）")
        found.append({"at": received_at, "what": what, "where": where})
    return found


def heat_map(subject: Subject, spots: Mapping[int, int], size: tuple[int, int] = MAP) -> dict[str, Any]:
    """Own boundaries shaded by what was registered; tiles where nothing is drawn."""
    fine = fine_kind(subject)
    coarse = subject.kind_below if subject.kind_below != fine and subject.place else fine
    drawn = shapes.drawing(subject.place_path, fine, coarse, *size)
    most = max(spots.values(), default=0)
    names = by_ids(spots) if not drawn.shapes else {}
    tiles = sorted(((n, short(names[pk].name)) for pk, n in spots.items() if pk in names), reverse=True)
    return {
        "width": drawn.width,
        "height": drawn.height,
        "shapes": [
            (shape, step(spots.get(shape.id, 0), most), spots.get(shape.id, 0)) for shape in drawn.shapes
        ],
        "outlines": drawn.outlines,
        "names": _apart(drawn.outlines or drawn.shapes),
        "tiles": [{"name": name, "n": n, "step": step(n, most)} for n, name in tiles[:TILES_AT_MOST]],
    }


def _apart(named: Iterable[Shape]) -> list[tuple[int, int, str]]:
    """Names that cover no other."""
    found: list[tuple[int, int, str]] = []
    for shape in named:
        name = short(shape.name)
        room = len(name) * LETTER
        if all(
            abs(shape.y - y) > LETTER * 1.2 or abs(shape.x - x) > (room + len(other) * LETTER) / 2
            for x, y, other in found
        ):
            found.append((shape.x, shape.y, name))
    return found


def step(n: int, most: int) -> int:
    """0 … 5 of the ramp."""
    return 0 if not n else min(5, 1 + n * 4 // most)


def _hours(tally: ScreenTally) -> dict[str, Any]:
    most = max(tally.hours.values(), default=0)
    names = [_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")]
    return {
        "rows": [
            (
                names[weekday - 1],
                [
                    (
                        hour,
                        step(tally.hours.get((weekday, hour), 0), most),
                        tally.hours.get((weekday, hour), 0),
                    )
                    for hour in range(24)
                ],
            )
            for weekday in range(1, 8)
        ],
        "most": most,
    }


def tour(subject: Subject, link: Mapping[str, str]) -> list[dict[str, str]]:
    """Where a tour goes: here, then the places one kind below. One statement."""
    stops = [{"code": link.get("place", ""), "name": subject.place.name if subject.place else _("全部")}]
    kind = BELOW.get(subject.place.kind, "") if subject.place else "street"
    if kind not in ("street", "community", "grid") or "organisation" in link:
        return stops
    stops += [
        {"code": place.code, "name": short(place.name)}
        for place in children_of_kind(subject.place_path, kind)
    ]
    return stops
