"""办理时长 as pages print it: median and mean, before and a year ago, and apart by where, by whom, by how it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from cases.figures import durations
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR
from cases.figures.catalogue import HANDLING
from cases.figures.durations import Times
from cases.figures.splitting import DIMENSIONS, dimensions_of
from cases.queries import figure_pages
from cases.sla.phrases import minutes_words


def words(minutes: float | None) -> str:
    return "—" if minutes is None else minutes_words(round(minutes))


def told(times: Times, link: Mapping[str, str]) -> dict[str, Any]:
    """As a row of the catalogue: beside its words the median, the mean, and how many."""
    return {
        **figure_pages.in_words(HANDLING),
        "n": times.n,
        "median": words(times.median),
        "mean": words(times.mean),
        "few": times.few,
        "url": figure_pages.figure_url(HANDLING.code, link) if link else "",
        "n_url": figure_pages.number_url(HANDLING.code, DENOMINATOR, link) if link else "",
    }


def page(
    by: str, subject: Subject, period: Period, at: dt.datetime, link: Mapping[str, str]
) -> dict[str, Any]:
    now, before, year = durations.times(subject, [period, period.before, period.year_before], at)
    found = durations.split(subject, by, period, at)
    names = figure_pages.names_of(by, found)
    rows = sorted(found.items(), key=lambda part: (-part[1].n, str(part[0])))
    most = max((times.median or 0 for _key, times in rows if not times.few), default=0)
    return {
        "figure": told(now, link),
        "others": [
            {"label": label, "median": words(then.median), "n": then.n}
            for label, then in ((_("上一期"), before), (_("去年同期"), year))
            if then.n
        ],
        "dimensions": [
            {"label": DIMENSIONS[name], "url": f"?{urlencode({**link, 'by': name})}", "current": name == by}
            for name in dimensions_of(HANDLING.code)
        ],
        "by_words": DIMENSIONS[by],
        "parts": [_part(by, key, times, names, most, link) for key, times in rows[: figure_pages.MOST]],
    }


def _part(
    by: str,
    key: int | str,
    times: Times,
    names: Mapping[int | str, tuple[str, str]],
    most: float,
    link: Mapping[str, str],
) -> dict[str, Any]:
    name, code = names.get(key, (str(key), ""))
    more = {**link, figure_pages.PARAMETER.get(by, by): code} if code else {}
    return {
        "name": name,
        "n": times.n,
        "median": words(times.median),
        "mean": words(times.mean),
        "few": times.few,
        "share": 0 if times.few or not most else round((times.median or 0) * 100 / most, 1),
        "n_url": figure_pages.number_url(HANDLING.code, DENOMINATOR, more) if more else "",
        "url": figure_pages.figure_url(HANDLING.code, {**link, by: code})
        if code and by in figure_pages.WHOSE
        else "",
    }
