"""Charts as plain SVG from the server: no script, the same on screen and on paper. Colours are the tokens of wg.css."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()

WIDE = 660  # a trend beside the list of what is late
_STROKES = {"ok": "#169c64", "warn": "#b87800", "bad": "#d62c25", "few": "#58667c", "": "#1350b0"}
_LINES = ("#1350b0", "#0a7246", "#b01f19", "#57479a", "#855000")


def _known(points: Sequence[Any]) -> list[float]:
    return [float(value) for value in points if value is not None]


@register.simple_tag
def sparkline(points: Sequence[Any], state: str = "") -> SafeString:
    """The last few values as a small line; decorative, the number stands beside it."""
    values = _known(points or ())
    if len(values) < 2:
        return SafeString("")
    low, high = min(values), max(values)
    spread = (high - low) or 1.0
    step = 50 / (len(values) - 1)
    spots = [(3 + at * step, 20 - (value - low) / spread * 16) for at, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    stroke = _STROKES.get(state, _STROKES[""])
    return format_html(
        '<svg width="56" height="24" viewBox="0 0 56 24" aria-hidden="true"><polyline points="{}" fill="none" stroke="{}"'
        ' stroke-width="2"/><circle cx="{}" cy="{}" r="3" fill="{}"/></svg>',
        path,
        stroke,
        f"{spots[-1][0]:.1f}",
        f"{spots[-1][1]:.1f}",
        stroke,
    )


def _round_bounds(values: list[float], bounded: bool) -> tuple[float, float]:
    """Bottom and top, four round steps apart, that hold every value; rates stay within 0…100."""
    low, high = min(values), max(values)
    step = 1.0
    for step in (1, 1.5, 2, 3, 4, 5, 6, 10, 15, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000):
        bottom = low // step * step
        if bounded:
            bottom = max(0.0, min(bottom, 100.0 - 4 * step))
        if bottom <= low and bottom + 4 * step >= high:
            return bottom, bottom + 4 * step
    return low, low + 4 * step


def _room(lines: Sequence[Mapping[str, Any]]) -> float:
    """What the longest name needs to the right of the lines: a Latin letter is half as wide as a Chinese one."""
    widths = [sum(13 if ord(letter) > 0x2E7F else 7.5 for letter in str(line["label"])) for line in lines]
    return max(96.0, *(width + 12 for width in widths))


def _apart(wanted: Sequence[float], lowest: float, gap: float = 16.0) -> list[float]:
    """Where names stand that are wanted at these heights, so that none covers another: each as near to its own as the
    ones above and the lowest line allow, in the order of their lines."""
    stand = dict.fromkeys(range(len(wanted)), 0.0)
    order = sorted(stand, key=lambda at: wanted[at])
    above = -gap
    for at in order:
        above = stand[at] = max(wanted[at], above + gap)
    below = lowest + gap
    for at in reversed(order):
        below = stand[at] = min(stand[at], below - gap)
    return [stand[at] for at in range(len(wanted))]


@register.simple_tag
def trend(chart: Mapping[str, Any]) -> SafeString:
    """Lines over time with their names at their ends; a line below its target is dashed.

    chart: {title, unit ("%" or ""), labels: [words], lines: [{label, points: [number|None], off_target: bool}]}
    """
    labels: Sequence[str] = chart.get("labels") or ()
    lines = [line for line in chart.get("lines") or () if len(_known(line["points"])) >= 1]
    if not lines or len(labels) < 2:
        return SafeString("")
    unit = chart.get("unit") or ""
    bottom, top = _round_bounds([v for line in lines for v in _known(line["points"])], unit == "%")
    left, right, ceiling, floor = 44.0, WIDE - _room(lines), 12.0, 246.0
    step = (right - left) / (len(labels) - 1)

    def y_of(value: float) -> float:
        return floor - (value - bottom) / (top - bottom) * (floor - ceiling)

    marks = []
    for at in range(5):
        value = bottom + (top - bottom) * at / 4
        y = y_of(value)
        marks.append(
            (f"{left:.0f}", f"{y:.1f}", f"{right:.0f}", f"{left - 6:.0f}", f"{y + 4:.1f}", f"{value:g}{unit}")
        )
    every = -(-len(labels) // 7)
    days = [(f"{left + at * step:.1f}", label) for at, label in enumerate(labels) if at % every == 0]
    drawn = []
    ends = _apart([y_of(float(_known(line["points"])[-1])) for line in lines], floor)
    for at, (line, words) in enumerate(zip(lines, ends, strict=True)):
        spots = [(left + i * step, y_of(float(v))) for i, v in enumerate(line["points"]) if v is not None]
        x, y = spots[-1]
        colour = _LINES[at % len(_LINES)]
        drawn.append(
            (
                " ".join(f"{px:.1f},{py:.1f}" for px, py in spots),
                colour,
                "7 4" if line.get("off_target") else "none",
                f"{x:.1f}",
                f"{y:.1f}",
                colour,
                f"{x + 8:.1f}",
                f"{words + 4:.1f}",
                colour,
                line["label"],
            )
        )
    return format_html(
        '<svg class="heat line" viewBox="0 0 {} 272" role="img" aria-label="{}">{}{}{}</svg>',
        WIDE,
        chart.get("title") or "",
        format_html_join(
            "",
            '<path d="M{0} {1}H{2}" stroke="#e3e8f0"/><text x="{3}" y="{4}" text-anchor="end" font-size="12" fill="#58667c">{5}</text>',
            marks,
        ),
        format_html_join(
            "", '<text x="{}" y="267" text-anchor="middle" font-size="12" fill="#58667c">{}</text>', days
        ),
        format_html_join(
            "",
            '<polyline points="{}" fill="none" stroke="{}" stroke-width="2.4" stroke-dasharray="{}" stroke-linejoin="round"/>'
            '<circle cx="{}" cy="{}" r="4" fill="{}"/><text x="{}" y="{}" font-size="12" font-weight="600" fill="{}">{}</text>',
            drawn,
        ),
    )


@register.simple_tag
def heat_calendar(chart: Mapping[str, Any]) -> SafeString:
    """Days as squares, a column a week, six steps of one ramp.

    chart: {title, weeks: [{label ("11月" or ""), days: [{n, step 0..5, title}|None] Monday first}]}
    """
    weeks = chart.get("weeks") or ()
    if not weeks:
        return SafeString("")
    squares, months = [], []
    for at, week in enumerate(weeks):
        x = 18 + at * 18
        if week.get("label"):
            months.append((x, week["label"]))
        squares += [
            f'<rect x="{x}" y="{20 + row * 18}" width="15" height="15" rx="2" class="h{day["step"]}">'
            f"<title>{escape(day['title'])}</title></rect>"
            for row, day in enumerate(week["days"])
            if day is not None
        ]
    names = format_html_join(
        "",
        '<text x="0" y="{}" font-size="11" fill="#58667c">{}</text>',
        (
            (33 + row * 18, word)
            for row, word in zip((0, 2, 4, 6), chart.get("weekdays") or _("一三五日"), strict=False)
        ),
    )
    return format_html(
        '<svg class="heat cal" viewBox="0 0 {} 150" role="img" aria-label="{}">{}{}{}</svg>',
        22 + len(weeks) * 18,
        chart.get("title") or "",
        names,
        format_html_join("", '<text x="{}" y="13" font-size="11" fill="#58667c">{}</text>', months),
        SafeString("".join(squares)),
    )


@register.simple_tag
def heat_legend() -> SafeString:
    """The six steps, to stand between 少 and 多."""
    return mark_safe(  # noqa: S308 - constant
        '<svg viewBox="0 0 104 12" aria-hidden="true">'
        + "".join(
            f'<rect x="{at * 17 + 1}" y="1" width="15" height="10" class="h{at}" stroke="#cfd8e6"/>'
            for at in range(6)
        )
        + "</svg>"
    )


@register.simple_tag
def heat_map(chart: Mapping[str, Any]) -> SafeString:
    """Places by their own boundaries, six steps of one ramp; those around them as outlines with names.

    chart: {width, height, shapes: [(Shape, step, n)], outlines: [Shape], names: [(x, y, word)]} (see grid.shapes)
    """
    if not chart.get("shapes"):
        return SafeString("")
    return format_html(
        '<svg class="hm" viewBox="-4 -4 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        chart["width"] + 8,
        chart["height"] + 8,
        _("登记热力图"),
        format_html_join(
            "",
            '<path class="h{}" d="{}"><title>{} · {}</title></path>',
            ((at, shape.d, shape.name, n) for shape, at, n in chart["shapes"]),
        ),
        format_html_join("", '<path class="o" d="{}"/>', ((shape.d,) for shape in chart["outlines"])),
        format_html_join("", '<text x="{}" y="{}">{}</text>', chart["names"]),
    )


@register.simple_tag
def heat_hours(chart: Mapping[str, Any]) -> SafeString:
    """Weekdays by hours as squares. chart: {rows: [(name, [(hour, step, n)])]}"""
    squares, names = [], []
    for at, (name, hours) in enumerate(chart["rows"]):
        names.append((at * 18 + 14, name))
        squares += [(26 + hour * 17, at * 18, step, name, hour, n) for hour, step, n in hours]
    return format_html(
        '<svg class="hh" viewBox="0 0 434 146" role="img" aria-label="{}">{}{}{}</svg>',
        _("登记的星期与小时"),
        format_html_join("", '<text x="0" y="{}">{}</text>', names),
        format_html_join(
            "",
            '<rect x="{}" y="{}" width="15" height="16" rx="2" class="h{}"><title>{} {}:00 · {}</title></rect>',
            squares,
        ),
        format_html_join(
            "", '<text x="{}" y="144">{}</text>', ((26 + hour * 17, hour) for hour in (0, 6, 12, 18, 23))
        ),
    )
