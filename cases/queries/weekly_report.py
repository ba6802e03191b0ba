"""周报: what a week was for a place or an organisation, on one page: the same figures as the dashboard's, each with its
definition and the week before, comparable ones ranked, what is late, and what changed afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.figures import durations, later
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, NUMERATOR
from cases.figures.catalogue import FIGURES, HANDLING, OF_ROWS
from cases.figures.measuring import Measured, count, measure, ranked_by
from cases.figures.open_then import open_at
from cases.figures.ranking import ranking
from cases.figures.values import Value
from cases.queries import counting, figure_pages, figure_times
from cases.queries.figure_pages import list_url
from cases.queries.masking import title_for
from cases.scope import listed
from cases.templatetags.huying import duration
from ledger import clock as host
from ledger.actor import Actor
from parties import directory

CODES = (
    "accept_on_time",
    "dispatch_on_time",
    "sign_on_time",
    "resolve_on_time",
    "promise_kept",
    "feedback_on_time",
    "settled_at_level",
    "reworked",
    "reopened",
    "declined",
    "repeated",
    "patrol",
    "solved",
    "satisfied",
    "rated",
)
SHARES = tuple(code for code in CODES if code in OF_ROWS)
RANKED, LATE, LATER = 8, 8, 5  # rows on one page


# -- the week


def week_of(day: dt.date) -> Period:
    """The ISO week that a day lies in, whole."""
    monday = day - dt.timedelta(days=day.weekday())
    return Period.of_days(monday, monday + dt.timedelta(days=6))


def week_asked(word: str, at: dt.datetime) -> Period:
    """`2026-W47`, `this`, else the last whole week."""
    today = host.local_date(at)
    year, _w, n = word.upper().partition("-W")
    if year.isascii() and n.isascii() and year.isdigit() and n.isdigit() and len(year) == 4 and len(n) <= 2:
        try:
            first = dt.date.fromisocalendar(int(year), int(n), 1)
        except ValueError:
            first = dt.date.min
        if 1990 <= first.year <= 2200:
            return week_of(first)
    return week_of(today if word == "this" else today - dt.timedelta(weeks=1))


def name_of(week: Period) -> str:
    """As an address names it."""
    year, n, _day = week.first.isocalendar()
    return f"{year}-W{n:02d}"


# -- what stands open


def counted(subject: Subject, week: Period, at: dt.datetime) -> dict[str, QuerySet]:
    """What the page counts whole, in whatever statement: what is open, late and near, and what changed the week's
    figures since it was over."""
    live, late, near = open_at(subject, at)
    found = {"open": live, "late": live.filter(late), "near": live.filter(near)}
    if host.local_date(at) > week.last:
        found["later"] = later.entries(subject, week)
    return found


def _late_rows(subject: Subject, by: Actor, at: dt.datetime) -> list[dict[str, Any]]:
    """The latest of what the reader may list."""
    live, late, _near = open_at(subject, at)
    at = subject.as_of or at
    found = live.filter(late, pk__in=listed(by).values("pk")).order_by("next_due_at", "pk")[:LATE]
    return [
        {
            "number": case.number,
            "title": title_for(by, case),
            "url": reverse("cases:detail", args=[case.number]),
            "place": case.place_text,
            "holder": directory.name_of(case.holder_id, short=True),
            "late": duration(case.next_due_at - at)
            if case.next_due_at is not None and case.next_due_at < at
            else "",
        }
        for case in found
    ]


# -- the page


def page(
    subject: Subject,
    week: Period,
    at: dt.datetime,
    by: Actor,
    *,
    link: Mapping[str, str],
    counts: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The template's context but for the frame; `counts` of `counted`, where a page counts
    them with its frame. Five statements and the counts'."""
    if counts is None:
        wanted = counted(subject, week, at)
        counts = counting.counts(wanted, wanted.keys())
    now_at = subject.as_of or at
    measured = measure(subject, week, at)
    kept, kept_before = count(subject, [week, week.before], at, SHARES)
    now, before = {**measured.now, **kept}, {**measured.before, **kept_before}
    handled, handled_before = durations.times(subject, [week, week.before], at)
    changes = counts.get("later", 0)
    return {
        "week": {
            "name": name_of(week),
            "year": week.first.isocalendar().year,
            "n": week.first.isocalendar().week,
            "first": week.first,
            "last": week.last,
        },
        "at": now_at,
        "heads": _heads(now, before, counts, link, live=subject.as_of is None),
        "figures": [_figure(n, code, now[code], before[code], link) for n, code in enumerate(CODES, 1)],
        "handling": {
            "n": len(CODES) + 1,
            "name": HANDLING.name,
            "words": HANDLING.num_words,
            "median": figure_times.words(handled.median),
            "mean": figure_times.words(handled.mean),
            "before": figure_times.words(handled_before.median) if handled_before.n else "",
            "cases": handled.n,
            "url": figure_pages.number_url(HANDLING.code, DENOMINATOR, link),
        },
        "ranking": _ranking(subject, measured, link),
        "late": _late_rows(subject, by, at),
        "late_more": max(0, counts["late"] - LATE),
        "late_total": counts["late"],
        "later": figure_pages.latest_changes(by, later.entries(subject, week), LATER) if changes else [],
        "later_total": changes,
        "later_url": f"{reverse('cases:figures_later')}?{_query(link)}",
        "over": host.local_date(at) > week.last,
    }


def _query(link: Mapping[str, str]) -> str:
    return urlencode(link)


def change(now: int, earlier: int) -> str:
    """In percent of the week before; nothing where there was nothing."""
    if not earlier:
        return ""
    points = round((now - earlier) / earlier * 100, 1)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points):g}%"


def _heads(
    now: Mapping[str, Value],
    before: Mapping[str, Value],
    counts: Mapping[str, int],
    link: Mapping[str, str],
    *,
    live: bool,
) -> list[dict[str, Any]]:
    """The week in six numbers, each with the one before where it has one."""
    here = {key: value for key, value in link.items() if key not in ("from", "to", "as_of")}
    taken, done = now["patrol"], now["settled_at_level"]

    def head(label: str, n: int, url: str, earlier: int | None = None, tone: str = "") -> dict[str, Any]:
        return {
            "label": label,
            "n": n,
            "url": url,
            "change": "" if earlier is None else change(n, earlier),
            "tone": tone if n else "",
        }

    def open_url(**more: str) -> str:
        return list_url(here, status="open", **more) if live else ""

    return [
        head(
            _("登记"),
            taken.denominator,
            figure_pages.number_url("patrol", DENOMINATOR, link),
            before["patrol"].denominator,
        ),
        head(
            _("其中主动发现"),
            taken.numerator,
            figure_pages.number_url("patrol", NUMERATOR, link),
            before["patrol"].numerator,
        ),
        head(
            _("办结"),
            done.denominator,
            figure_pages.number_url("settled_at_level", DENOMINATOR, link),
            before["settled_at_level"].denominator,
        ),
        head(_("现在办"), counts["open"], open_url()),
        head(_("超时"), counts["late"], open_url(colour="red"), tone="bad"),
        head(_("临期"), counts["near"], open_url(colour="yellow"), tone="warn"),
    ]


def _figure(n: int, code: str, now: Value, before: Value, link: Mapping[str, str]) -> dict[str, Any]:
    figure = FIGURES[code]
    delta = None
    if now.rate is not None and before.rate is not None:
        delta = round((now.rate - before.rate) * 100, 1)
    good = None if not delta else (delta > 0) == figure.up
    return {
        **figure_pages.told(figure, now, link),
        "n": n,
        "delta": delta,
        "tone": "" if good is None else "ok" if good else "bad",
        "few": now.few,
    }


def _ranking(subject: Subject, measured: Measured, link: Mapping[str, str]) -> dict[str, Any]:
    """Comparable ones beside each other: places one kind below, or the units of the organisation."""
    by_unit = ranked_by(subject, "") == "organisation_id"
    rows = [row for row in ranking(subject, measured) if row["n"]]
    ranked = [row for row in rows if not row["few"]]
    half = RANKED // 2
    shown = ranked if len(ranked) <= RANKED else ranked[:half] + ranked[-half:]
    key = "organisation" if by_unit else "place"
    return {
        "title": _("单位排名") if by_unit else _("下级地点排名"),
        "skipped": len(ranked) - len(shown),
        "few": len(rows) - len(ranked),
        "rows": [
            {
                "rank": row["rank"],
                "name": row["name"],
                "url": f"{reverse('cases:dashboard')}?{urlencode({**link, key: row['code']})}",
                "n": row["n"],
                "score": round(row["score"] * 100, 1),
                "delta": None if row["delta"] is None else round(row["delta"] * 100, 1),
                "gap": len(ranked) > RANKED and n == half,
            }
            for n, row in enumerate(shown)
        ],
    }


def as_json(page: Mapping[str, Any]) -> dict[str, Any]:
    """The same for programs: what is counted, not what is said about it."""
    week = page["week"]
    return {
        "week": week["name"],
        "from": week["first"].isoformat(),
        "to": week["last"].isoformat(),
        "at": page["at"].isoformat(),
        "registered": page["heads"][0]["n"],
        "patrol": page["heads"][1]["n"],
        "resolved": page["heads"][2]["n"],
        "open": page["heads"][3]["n"],
        "late": page["late_total"],
        "near": page["heads"][5]["n"],
        "figures": {
            row["code"]: {
                "numerator": row["numerator"],
                "denominator": row["denominator"],
                "rate": round(row["numerator"] / row["denominator"], 4) if row["denominator"] else None,
                "delta_points": row["delta"],
            }
            for row in page["figures"]
        },
        "ranking": [
            {name: row[name] for name in ("rank", "name", "n", "score", "delta")}
            for row in page["ranking"]["rows"]
        ],
        "late_cases": [{name: row[name] for name in ("number", "title", "holder")} for row in page["late"]],
        "changed_later": page["later_total"],
    }
