"""Pages of figures: what each means, one figure taken apart, the rows behind a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import rulebook
from cases.figures import later
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, MISSED, NUMERATOR
from cases.figures.catalogue import CASE, CLOCK, FIGURES, SHARE, STAY, VOICE, Figure
from cases.figures.measuring import count, summary
from cases.figures.parts import WORDS
from cases.figures.splitting import DIMENSIONS, dimensions_of, split
from cases.figures.values import NOTHING, Value
from cases.models import Case
from cases.queries.addresses import address
from cases.queries.lists import SIZE, page_of
from cases.queries.masking import title_for
from cases.queries.timeline import LABELS
from cases.scope import listed
from grid import naming
from grid.paging import Key
from grid.queries import by_ids
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory

NEAR = 3  # points short of the target that are still a warning
MOST = 30  # parts of a split that are shown; the rest are summed
WHOSE = ("place", "organisation")  # parts with figures of their own
PARAMETER = {"organisation": "unit"}  # a unit alone, without those below it
GROUPS = (
    (CLOCK, gettext_lazy("按时限算的"), gettext_lazy("每个环节一个时钟，按它到期的时刻归到时段里：已经停表的看停表是否晚于到期，"
     "过了期还没办的算没做到，还没到期的不算。到期前转给别人、撤销、并案或正在挂账的那一轮，分子分母都不算；返工、重办会让办结作废，"
     "时钟接着走。地点和单位按停表或到期那一刻，以后区划调整不影响。")),
    (CASE, gettext_lazy("按工单算的"), gettext_lazy("一件工单算一次，按登记、承诺、办结的时刻归到时段里；批准剔除的和已经并案的两边都不算。")),
    (STAY, gettext_lazy("按经办算的"), gettext_lazy("工单在一个单位手里的一段算一次，按这一段结束的时刻归到时段里。")),
    (VOICE, gettext_lazy("按群众评价算的"), gettext_lazy("一位反映人对一件事只有一票：打过几次电话也算一位，改口的、重办后再评的只算最后一次。解决率、满意率按评价的时刻归到时段里，"
     "评价覆盖率按告知的时刻；地点和单位按告知那一刻，谁办结的算谁的。短信没有送到的不算已答复；批准剔除的和已经并案的两边都不算。")),
)  # fmt: skip


def state_of(value: Value, figure: Figure) -> str:
    """ok where the target is kept, warn up to 3 points short of it, else bad; few: too small a sample for a lamp."""
    if value.rate is None or value.few or figure.target is None:
        return "few"
    short = figure.target - value.rate * 100 if figure.up else value.rate * 100 - figure.target
    return "ok" if short <= 0 else "warn" if short <= NEAR else "bad"


def number_url(code: str, part: str, link: Mapping[str, str]) -> str:
    """Where a number opens to its rows; `link` names subject and period."""
    return f"{address('figure_rows', code, part)}?{_query(tuple(link.items()))}"


@lru_cache(maxsize=1024)
def _query(link: tuple[tuple[str, str], ...]) -> str:
    return urlencode(link)


def plain_url(code: str, link: Mapping[str, str], **more: str) -> str:
    """Where a number that is no rate opens to its rows."""
    return number_url(code, DENOMINATOR, {**link, **more})


def short(name: str) -> str:
    """A place without its office: 乐家社区居民委员会 is 乐家社区."""
    return naming.OFFICE_ENDING.sub("", name)


def list_url(link: Mapping[str, str], **more: str) -> str:
    """The list of cases by these filters."""
    return f"{reverse('cases:list')}?{urlencode({**link, **more})}"


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
    }


def told(figure: Figure, value: Value, link: Mapping[str, str]) -> dict[str, Any]:
    return {
        **in_words(figure),
        "numerator": value.numerator,
        "denominator": value.denominator,
        "percent": value.percent,
        "state": state_of(value, figure),
        "url": figure_url(figure.code, link) if link else "",
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
    "told": gettext_lazy("答复"),
    "rated": gettext_lazy("评价"),
}


NEWEST = (Key("at", descending=True), Key("id", descending=True))


def later_page(
    actor: Actor,
    subject: Subject,
    period: Period,
    found: QuerySet[Entry],
    total: int,
    asked: Mapping[str, str],
    size: int = SIZE,
) -> dict[str, Any]:
    """A page of the entries after the period's end that changed its figures, the newest first: rows of {number, url,
    title, at, what, figures}. Six statements besides the count."""
    rows, pager = page_of(found, NEWEST, asked, total, size)
    told = later.explained(subject, period, rows, _with_seen(actor))
    return {"rows": [_later_row(actor, one) for one in told], "page": pager}


def latest_changes(actor: Actor, found: QuerySet[Entry], most: int) -> list[dict[str, Any]]:
    """The newest of them, without what each changed; one statement."""
    newest, params = (
        found.order_by("-at", "-id").values("id", "subject_id", "at", "event")[:most].query.sql_with_params()
    )
    cases, more = _with_seen(actor).query.sql_with_params()
    rows = Case.objects.raw(
        f"SELECT c.*, newest.at AS later_at, newest.event AS later_event FROM ({newest}) AS newest "  # noqa: S608 -- the ORM's
        f"JOIN ({cases}) AS c ON c.id = newest.subject_id ORDER BY newest.at DESC, newest.id DESC",
        [*params, *more],
    )
    return [_later_row(actor, later.Later(row, row.later_at, row.later_event)) for row in rows]


def _with_seen(actor: Actor) -> QuerySet[Case]:
    """Cases, and whether the reader may list each."""
    return Case.objects.annotate(seen=Exists(listed(actor).filter(pk=OuterRef("pk"))))


def _later_row(actor: Actor, one: later.Later) -> dict[str, Any]:
    """Cases that the reader may not see are told without their number."""
    seen = one.case.seen  # type: ignore[attr-defined]
    return {
        "number": one.case.number if seen else "",
        "url": address("detail", one.case.number) if seen else "",
        "title": title_for(actor, one.case) if seen else _("（不公开）"),
        "at": one.at,
        "what": LABELS.get(one.event, one.event),
        "figures": [
            _("%(figure)s：%(before)s → %(after)s")
            % {"figure": FIGURES[code].name, "before": JUDGED[before], "after": JUDGED[after]}
            for code, before, after in one.clocks
        ]
        + [str(FACT_WORDS[name]) for name in one.case_facts],
    }


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
            {"label": label, "points": points(now, then), "words": then.percent}
            for label, then in ((_("环比"), before), (_("同比"), year))
        ],
        "dimensions": [
            {"label": DIMENSIONS[name], "url": f"?{urlencode({**link, 'by': name})}", "current": name == by}
            for name in dimensions_of(code)
        ],
        "parts": _parts(figure, by, parts, now, link),
        "by_words": DIMENSIONS[by],
    }


def points(now: Value, then: Value) -> float | None:
    """By how many points a rate has moved."""
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
        more = {**link, PARAMETER.get(by, by): code} if code else {}
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
                "url": figure_url(figure.code, {**link, by: code}) if code and by in WHOSE else "",
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
