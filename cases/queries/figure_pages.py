"""Pages of figures: what each means, one figure taken apart, the rows behind a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import kinds, rulebook
from cases.figures import later
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, MISSED, NUMERATOR, REGISTERED, figure_of, sources_behind
from cases.figures.catalogue import CASE, CLOCK, FIGURES, SHARE, STAY, Figure
from cases.figures.measuring import count, summary
from cases.figures.splitting import DIMENSIONS, by_past, dimensions_of, split
from cases.figures.values import NOTHING, Value
from cases.models import Case, Clock
from cases.models.past import CasePast, ClockPast
from cases.queries.addresses import address
from cases.queries.lists import SIZE, page_of
from cases.queries.masking import title_for
from cases.queries.timeline import LABELS
from cases.scope import listed
from cases.sla.phrases import minutes_words
from grid.paging import Key
from grid.queries import by_ids
from ledger.actor import Actor
from parties import directory

NEAR = 3  # points short of the target that are still a warning
MOST_KEPT = 200  # kept rows listed with those behind a number
MOST = 30  # parts of a split that are shown; the rest are summed
WORDS = {
    "origin": kinds.ORIGINS,
    "channel": kinds.CHANNELS,
    "level": kinds.LEVELS,
    "kind": kinds.KINDS,
    "urgency": kinds.URGENCIES,
}
GROUPS = (
    (CLOCK, gettext_lazy("按时限算的"), gettext_lazy("每个环节一个时钟，按它到期的时刻归到时段里：已经停表的看停表是否晚于到期，"
     "过了期还没办的算没做到，还没到期的不算。到期前转给别人、撤销、并案或正在挂账的那一轮，分子分母都不算；返工、重办会让办结作废，"
     "时钟接着走。地点和单位按停表或到期那一刻，以后区划调整不影响。")),
    (CASE, gettext_lazy("按工单算的"), gettext_lazy("一件工单算一次，按登记、承诺、办结的时刻归到时段里；批准剔除的和已经并案的两边都不算。")),
    (STAY, gettext_lazy("按经办算的"), gettext_lazy("工单在一个单位手里的一段算一次，按这一段结束的时刻归到时段里。")),
    ("", gettext_lazy("还不能算的"), gettext_lazy("口径已经定了，要等别的台账建成才有数。")),
)  # fmt: skip


def state_of(value: Value, figure: Figure) -> str:
    """ok where the target is kept, warn up to 3 points short of it, else bad; few: too small a sample for a lamp."""
    if value.rate is None or value.few or figure.target is None:
        return "few"
    short = figure.target - value.rate * 100 if figure.up else value.rate * 100 - figure.target
    return "ok" if short <= 0 else "warn" if short <= NEAR else "bad"


def number_url(code: str, part: str, link: Mapping[str, str]) -> str:
    """Where a number opens to its rows; `link` names subject and period."""
    return f"{reverse('cases:figure_rows', args=[code, part])}?{urlencode(link)}"


def figure_url(code: str, link: Mapping[str, str]) -> str:
    return f"{reverse('cases:figure', args=[code])}?{urlencode(link)}"


def definitions(
    subject: Subject, period: Period, at: dt.datetime, link: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The whole catalogue in words, each with its number as an example: [{title, words, rows}]. Two statements; one more
    as of a past instant."""
    values = summary(subject, period, at)
    return [
        {
            "title": title,
            "words": words,
            "rows": [
                told(figure, values.get(code, NOTHING), link)
                for code, figure in FIGURES.items()
                if figure.rows == rows and figure.unit == SHARE
            ],
        }
        for rows, title, words in GROUPS
    ]


def in_words(figure: Figure) -> dict[str, Any]:
    """What the catalogue says of it."""
    return {
        "code": figure.code,
        "name": figure.name,
        "num_words": figure.num_words,
        "den_words": figure.den_words,
        "up": figure.up,
        "target": figure.target,
        "later": figure.later,
    }


def told(figure: Figure, value: Value, link: Mapping[str, str]) -> dict[str, Any]:
    return {
        **in_words(figure),
        "numerator": value.numerator,
        "denominator": value.denominator,
        "percent": value.percent,
        "state": state_of(value, figure),
        "url": "" if figure.later or not link else figure_url(figure.code, link),
        "num_url": number_url(figure.code, NUMERATOR, link) if link else "",
        "den_url": number_url(figure.code, DENOMINATOR, link) if link else "",
    }


# -- what changed afterwards

JUDGED = {True: gettext_lazy("按时"), False: gettext_lazy("没按时"), None: gettext_lazy("不计")}
FACT_WORDS = {
    "status": gettext_lazy("状态"),
    "excluded": gettext_lazy("剔除"),
    "path": gettext_lazy("地点"),
    "origin": gettext_lazy("来源"),
    "reworks": gettext_lazy("返工"),
    "reopens": gettext_lazy("重办"),
    "declines": gettext_lazy("退单"),
}


def later_rows(actor: Actor, subject: Subject, period: Period) -> list[dict[str, Any]]:
    """Every entry after the period's end that changed its figures: {number, url, title, at, what, figures}. Cases that
    the reader may not see are told without their number."""
    found = later.changes(subject, period)
    seen = set(listed(actor).filter(pk__in={one.case.pk for one in found}).values_list("pk", flat=True))
    return [
        {
            "number": one.case.number if one.case.pk in seen else "",
            "url": address("detail", one.case.number) if one.case.pk in seen else "",
            "title": title_for(actor, one.case) if one.case.pk in seen else _("（不公开）"),
            "at": one.at,
            "what": LABELS.get(one.event, one.event),
            "figures": [
                _("%(figure)s：%(before)s → %(after)s")
                % {"figure": FIGURES[code].name, "before": JUDGED[before], "after": JUDGED[after]}
                for code, before, after in one.clocks
            ]
            + [str(FACT_WORDS[name]) for name in one.case_facts],
        }
        for one in found
    ]


# -- one figure


def one(
    code: str, by: str, subject: Subject, period: Period, at: dt.datetime, link: Mapping[str, str]
) -> dict[str, Any]:
    """One figure now, before and a year ago, and split by `by`. Two statements and the names."""
    figure = FIGURES[code]
    times = [period, period.before, period.year_before]
    now, before, year = (values[code] for values in count(subject, times, at, [code]))
    parts = split(code, by, subject, period, at)
    return {
        "figure": told(figure, now, link),
        "missed": now.denominator - now.numerator,
        "missed_url": number_url(code, MISSED, link),
        "deltas": [
            {"label": label, "points": _points(now, then), "words": then.percent}
            for label, then in ((_("环比"), before), (_("同比"), year))
        ],
        "dimensions": [
            {"label": DIMENSIONS[name], "url": f"?{urlencode({**link, 'by': name})}", "current": name == by}
            for name in dimensions_of(code)
        ],
        "parts": _parts(figure, by, parts, now, link),
        "by_words": DIMENSIONS[by],
    }


def _points(now: Value, then: Value) -> float | None:
    if now.rate is None or then.rate is None:
        return None
    return round((now.rate - then.rate) * 100, 1)


def _parts(
    figure: Figure, by: str, found: Mapping[int | str, Value], whole: Value, link: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The largest first; small samples keep their place in the order but no lamp."""
    named = names_of(by, found)
    rows = sorted(found.items(), key=lambda part: (-part[1].denominator, str(part[0])))
    told = []
    for key, value in rows[:MOST]:
        name, code = named.get(key, (str(key), ""))
        more = {**link, by: code} if code else {}
        told.append(
            {
                "name": name,
                "numerator": value.numerator,
                "denominator": value.denominator,
                "percent": value.percent,
                "state": state_of(value, figure),
                "few": value.few,
                "share": round(value.denominator * 100 / whole.denominator, 1) if whole.denominator else 0,
                "num_url": number_url(figure.code, NUMERATOR, more) if more else "",
                "den_url": number_url(figure.code, DENOMINATOR, more) if more else "",
                "url": figure_url(figure.code, more) if more and by in ("place", "organisation") else "",
            }
        )
    rest = sum((value for _key, value in rows[MOST:]), NOTHING)
    if rest.denominator:
        told.append(
            {
                "name": _("其余 %(n)s 项") % {"n": len(rows) - MOST},
                "numerator": rest.numerator,
                "denominator": rest.denominator,
                "percent": rest.percent,
                "state": "few",
                "few": False,
                "share": round(rest.denominator * 100 / whole.denominator, 1),
            }
        )
    return told


def names_of(by: str, found: Mapping[int | str, Any]) -> dict[int | str, tuple[str, str]]:
    """key → (name, code that names it in an address)."""
    if by == "place":
        places = by_ids(key for key in found if isinstance(key, int))
        return {pk: (place.name, place.code) for pk, place in places.items()}
    if by == "organisation":
        units = {key: directory.by_id(key) for key in found if isinstance(key, int)}
        return {pk: (unit.short_name or unit.name, unit.code) for pk, unit in units.items() if unit}
    if by == "item":
        items = {key: rulebook.item_by_id(key) for key in found if isinstance(key, int)}
        return {pk: (item.name, item.code) for pk, item in items.items() if item}
    return {key: (str(WORDS[by].get(str(key), key)), str(key)) for key in found}


# -- the rows behind a number

PART_WORDS = {
    NUMERATOR: gettext_lazy("分子"),
    DENOMINATOR: gettext_lazy("分母"),
    MISSED: gettext_lazy("没做到的"),
}
# by what the rows of a split are narrowed: the parameter's name → the column of a case
NARROW = ("origin", "channel", "level", "kind", "urgency")


def narrowed(
    found: list[QuerySet], code: str, asked: Mapping[str, str]
) -> tuple[list[QuerySet], dict[str, str], list[str]]:
    """The rows of one part of a split, the parameters that name it, and the part in words."""
    own = figure_of(code).rows == CASE
    kept: dict[str, str] = {}
    said: list[str] = []
    for name in NARROW:
        value = asked.get(name, "")
        if value in WORDS[name]:
            found = [rows.filter(**{_column(rows, name, own): value}) for rows in found]
            kept[name] = value
            said.append(str(WORDS[name][value]))
    if (item := rulebook.item(asked.get("item", ""))) is not None:
        found = [rows.filter(**{_column(rows, "item_id", own): item.id}) for rows in found]
        kept["item"] = item.code
        said.append(item.name)
    return found, kept, said


def _column(rows: QuerySet, name: str, own: bool) -> str:
    return name if own and not by_past(rows, name) else f"case__{name}"


def kept_rows(actor: Actor, code: str, rows: QuerySet, at: dt.datetime) -> list[dict[str, Any]]:
    """What stood at a past instant and was changed since, as it stood; at most MOST_KEPT, the newest change first."""
    seen = (
        rows.filter(case_id__in=listed(actor).values("pk")).select_related("case").order_by("-until", "-id")
    )
    return [{**_row(actor, code, one, at), "changed": True} for one in seen[:MOST_KEPT]]


def behind(
    actor: Actor,
    code: str,
    rows: QuerySet,
    total: int,
    asked: Mapping[str, str],
    at: dt.datetime,
    size: int = SIZE,
) -> dict[str, Any]:
    """One page of the rows behind a number. What the reader may not list is counted only. Two statements
    besides the count."""
    own = code == REGISTERED or FIGURES[code].rows == CASE
    key = "pk" if own else "case_id"
    when = "received_at" if code == REGISTERED else FIGURES[code].when
    seen = rows.filter(**{f"{key}__in": listed(actor).values("pk")})
    if not own:
        seen = seen.select_related("case")
    found, pager = page_of(seen, (Key(when, descending=True), Key("id", descending=True)), asked, total, size)
    return {
        "rows": [_row(actor, code, row, at) for row in found],
        "page": pager,
        "columns": _columns(code),
    }


def _columns(code: str) -> list[str]:
    if code != REGISTERED and FIGURES[code].rows == CLOCK:
        return [_("单位"), _("轮次"), _("到期"), _("停表"), _("结果")]
    if code != REGISTERED and FIGURES[code].rows == STAY:
        return [_("单位"), _("从"), _("到"), _("办公时间")]
    return [_("单位"), _("登记"), _("承诺"), _("办结"), _("状态")]


def _row(actor: Actor, code: str, row: Model, at: dt.datetime) -> dict[str, Any]:
    case: Case = row if isinstance(row, Case) else row.case  # type: ignore[attr-defined]
    held = isinstance(row, Case | CasePast)
    unit = directory.by_id(row.holder_id if held else row.organisation_id)  # type: ignore[attr-defined]
    return {
        "number": case.number,
        "url": address("detail", case.number),
        "title": title_for(actor, case),
        "place": case.place_text,
        "unit": (unit.short_name or unit.name) if unit else "",
        "cells": _cells(row, at),
    }


def _cells(row: Any, at: dt.datetime) -> list[dict[str, Any]]:
    """Each an instant `at` (or none), or `words`."""
    if isinstance(row, Clock | ClockPast):
        late = (row.stopped_at or at) > row.due_at
        words = _("超时") if late else _("按时")
        if row.stopped_at is None:
            words = _("未办，已超时")
        elif row.outcome == "ended":
            words = _("超时后转走")
        result = {"words": words, "late": late}
        return [{"words": str(row.round)}, {"at": row.due_at}, {"at": row.stopped_at}, result]
    if isinstance(row, Case | CasePast):
        status = {"words": str(kinds.STATUSES[row.status])}
        return [{"at": row.received_at}, {"at": row.promised_at}, {"at": row.resolved_at}, status]
    return [{"at": row.since}, {"at": row.until}, {"words": minutes_words(row.worked_minutes)}]


def rows_asked(
    code: str, part: str, subject: Subject, period: Period, at: dt.datetime, asked: Mapping[str, str]
) -> tuple[list[QuerySet], dict[str, str], list[str]]:
    """The rows behind a number, narrowed to a part of a split where one is named; as of a past instant those that were
    changed since come second."""
    return narrowed(sources_behind(code, part, subject, period, at), code, asked)
