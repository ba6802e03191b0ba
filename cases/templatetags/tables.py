"""Rows of the dashboard's tables, written in one go: a ranking has a dozen numbers a row, a calendar a day a cell, and
each that opens to its rows costs less here than the nodes of a template that would write it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.templatetags.marks import bar, signed


def opens(n: int, url: str) -> SafeString:
    """A number that opens what is behind it; nothing is behind 0."""
    return _link(n, url) if n else SafeString("0")


def _link(n: int, url: str, css: str = "") -> SafeString:
    return SafeString(f'<a data-n="{n}"{css} href="{escape(url)}">{n:,}</a>')


def _plain(n: int, url: str) -> SafeString:
    """Opened also where it is 0, and not underlined."""
    return _link(n, url, ' class="plain"')


def rank_row(row: Mapping[str, Any]) -> SafeString:
    """A `<tr>` of the ranking from a row of `cases.queries.dashboard_tables.ranked`."""
    few = row["few"]
    css = ' class="few"' if few else ""
    rank = "—" if few else f"<b>{row['rank']}</b>"
    return SafeString(
        f"<tr{css}><td>{rank}</td>"
        f'<td class="nowrap"><a href="{escape(row["url"])}">{escape(row["name"])}</a></td>'
        f'<td class="r nowrap">{_plain(row["kept"], row["kept_url"])} / {_plain(row["count"], row["count_url"])}</td>'
        f"{''.join(map(_cell, row['cells']))}"
        f"{_unranked(few) if few else _scored(row)}</tr>"
    )


def _cell(cell: Mapping[str, Any]) -> str:
    sides = ""
    if cell["denominator"]:
        num, den = (_plain(cell[side], cell[f"{side[:3]}_url"]) for side in ("numerator", "denominator"))
        sides = f'<br><span class="small muted">{num} / {den}</span>'
    return f'<td class="r nowrap">{cell["words"]}{sides}</td>'


def _unranked(words: str) -> str:
    return f'<td colspan="3" class="small">{escape(words)}</td>'


def _scored(row: Mapping[str, Any]) -> str:
    state, score, delta = row["state"], row["score"], row["delta"]
    tone = "t-bad" if delta and delta < 0 else "t-ok"
    return (
        f'<td><div class="row"><span class="meter grow" aria-hidden="true"><i class="{state} {bar(score)}"></i></span>'
        f'<b>{score}</b></div></td><td class="r nowrap {tone}">{signed(delta)}</td>'
        f'<td><span class="lamp"><span class="sig {state}" aria-hidden="true"></span>'
        f"{_lamps(get_language() or '')[state]}</span></td>"
    )


@lru_cache(maxsize=8)
def _lamps(language: str) -> dict[str, str]:
    """What the lamps say in the reader's language, looked up once."""
    return {"ok": escape(_("达标")), "warn": escape(_("预警")), "bad": escape(_("未达标"))}


def week_row(week: Mapping[str, Any]) -> SafeString:
    """A `<tr>` of the table behind the calendar: {first, days [{n, url} or nothing]}."""
    days = (_link(day["n"], day["url"]) if day and day["n"] else "" for day in week["days"])
    cells = "".join(f'<td class="r">{day}</td>' for day in days)
    return SafeString(f'<tr><th scope="row" class="nowrap">{week["first"]}</th>{cells}</tr>')
