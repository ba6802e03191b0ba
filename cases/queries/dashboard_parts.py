"""The lower parts of the dashboard, each a fragment of its own with few statements: what rises, where and when it comes,
how it comes and who settles it, who says it again, what happened since the last visit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases import kinds, rulebook, visits
from cases.figures import rising, spread, voices
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, NUMERATOR, part_asked, rows_behind
from cases.figures.parts import WEEKDAYS, caller_key
from cases.figures.values import FEW, Value
from cases.kinds import LEVELS
from cases.models.case import Case
from cases.queries import instructions, rounds
from cases.queries.addresses import address
from cases.queries.figure_pages import number_url, plain_url, short
from cases.queries.masking import title_for
from cases.queries.screen import fine_kind, heat_map, step
from cases.scope import listed
from grid import finding
from grid.queries import by_ids
from ledger import clock as host
from ledger.actor import Actor
from parties.privacy import mask_phone

SHOWN = 6
MAP = (560, 400)  # what the drawing is fitted into
Link = Mapping[str, str]


# -- what rises


def rise(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    found = rising.rising(subject, period, at)
    names = by_ids(row.pk for row in found.places)
    base = {**link, "from": found.base.first.isoformat(), "to": found.base.last.isoformat()}
    tables = []
    for title, rows, key in ((_("小项"), found.items, "item"), (_("下级地点"), found.places, "place")):
        told: list[dict[str, Any]] = []
        for row in rows:
            item = rulebook.item_by_id(row.pk) if key == "item" else names.get(row.pk)
            if item is not None and len(told) < SHOWN:
                told.append(_rise(row, short(item.name), {key: item.code}, link, base))
        tables.append({"title": title, "rows": told})
    weeks = (found.base.until - found.base.since) // dt.timedelta(weeks=1)
    return {"tables": tables, "weeks": weeks, "few": FEW}


def _rise(row: rising.Rise, name: str, own: Link, link: Link, base: Link) -> dict[str, Any]:
    return {
        "name": name,
        "now": row.now,
        "now_url": plain_url("registered", link, **own),
        "before": row.before,
        "before_url": plain_url("registered", base, **own),
        "expected": round(row.expected, 1),
        "times": None if row.times is None else round(row.times, 1),
        "startling": not row.few and row.signal >= rising.STARTLING,
        "few": row.few,
    }


# -- where and when


def lie(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    kind = fine_kind(subject)
    found = spread.heat(subject, period, at, kind)
    names = by_ids(found.spots)
    most = max(found.hours.values(), default=0)
    rows = [
        (
            str(WEEKDAYS[day - 1]),
            [(hour, step(n, most), n) for hour in range(24) for n in [found.hours.get((day, hour), 0)]],
        )
        for day in range(1, 8)
    ]
    spots = sorted(
        ((n, short(names[pk].name), names[pk].code) for pk, n in found.spots.items() if pk in names)
    )
    return {
        "map": heat_map(subject, found.spots, MAP),
        "kind": kind,
        "spots": [
            {"name": name, "n": n, "url": plain_url("heat", link, place=code)}
            for n, name, code in reversed(spots)
        ],
        "hours": {"rows": rows},
        "table": [
            {
                "name": name,
                "cells": [
                    {"n": n, "url": plain_url("heat", link, weekday=str(day), hour=str(hour))}
                    for hour, _step, n in hours
                ],
            }
            for day, (name, hours) in enumerate(rows, start=1)
        ],
        "columns": range(24),
        "total": sum(found.hours.values()),
    }


# -- how it comes, who settles it


def share(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    found = spread.shares(subject, period, at)
    return {
        "bars": [
            _bars(found.origins, kinds.ORIGINS, "origin", link),
            _bars(found.channels, kinds.CHANNELS, "channel", link),
        ],
        "levels": _levels(found, link),
    }


def _bars(
    counts: Mapping[str, int], words: Mapping[str, object], name: str, link: Link
) -> list[dict[str, Any]]:
    total = sum(counts.values())
    return [
        {
            "name": str(words.get(key, key)),
            "n": n,
            "percent": round(n * 100 / total, 1),
            "url": plain_url("registered", link, **{name: key}),
        }
        for key, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _levels(found: spread.Shares, link: Link) -> list[dict[str, Any]]:
    total = sum(n for n, _own in found.levels.values())
    rows = []
    for level, words in LEVELS.items():
        raised = sum(n for (one, _other), (n, _own) in found.levels.items() if one == level)
        done = sum(n for (_one, other), (n, _own) in found.levels.items() if other == level)
        here, own = found.levels.get((level, level), (0, 0))
        if not raised and not done:
            continue
        value = Value(here, raised)
        at_level = {**link, "raised_level": level}
        rows.append(
            {
                "name": str(words),
                "done": done,
                "done_url": plain_url("done", {**link, "resolved_level": level}),
                "share": round(done * 100 / total, 1),
                "raised": raised,
                "raised_url": plain_url("done", at_level),
                "here": here,
                "here_url": number_url("settled_at_level", NUMERATOR, at_level),
                "own": own,
                "own_url": number_url("self_settled", NUMERATOR, {**at_level, "resolved_level": level}),
                "percent": value.percent,
                "few": value.few,
            }
        )
    return rows


# -- who says it again


def hear(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    many, total = voices.crowded(subject, period, at)
    seen = set(listed(by).filter(pk__in={case.pk for case in many}).values_list("pk", flat=True))
    return {
        "crowded": [_matter(by, case, case.pk in seen) for case in many],
        "crowded_total": total,
        "crowded_url": plain_url("crowded", link),
        "again": [
            {
                "phone": mask_phone(one.phone),
                "n": one.cases,
                "last_at": one.last_at,
                "url": plain_url("voices", link, caller=caller_key(one.call)),
            }
            for one in voices.again(subject, period, at)
        ],
    }


def _matter(by: Actor, case: Case, seen: bool) -> dict[str, Any]:
    return {
        "number": case.number if seen else "",
        "title": title_for(by, case) if seen else _("（不公开）"),
        "url": address("detail", case.number) if seen else "",
        "place": case.place_text,
        "holder": case.holder.short_name or case.holder.name,
        "callers": case.heard,  # type: ignore[attr-defined]
        "late": bool(case.late),  # type: ignore[attr-defined]
    }


# -- since one was here last


def since(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    """What came, was done and fell due since the reader's last visit, whatever the period."""
    before = visits.last(by, at)
    if before is None:
        return {"before": None}
    days = Period.of_days(host.local_date(before), host.local_date(at))
    here = {**link, "from": days.first.isoformat(), "to": days.last.isoformat()}
    asked = {"after": before.isoformat()}
    told = []
    for code, words in (("registered", _("新登记")), ("done", _("新办结")), ("late", _("新超时"))):
        rows = rows_behind(code, DENOMINATOR, subject, days, at)
        n = rows.filter(part_asked(code, asked).q).count()
        told.append(
            {"name": words, "n": n, "url": plain_url(code, here, **asked), "bad": code == "late" and n > 0}
        )
    return {"before": before, "rows": told}


# -- places walked and visited


def walked(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    """The rounds' own page in short, of its own days whatever the period: what is asked for is of today. Of an
    organisation nothing: places are walked. Three statements."""
    place = finding.by_code(subject.place.code) if subject.place is not None else None
    if place is None:
        return {"cover": None}
    kept = {"days": str(rounds.USUAL_DAYS)}
    cover = rounds.cover(place, at, rounds.USUAL_DAYS, kept)
    for row in cover["rows"]:
        row["name"] = short(row["name"])
    return {
        "cover": cover,
        "days": rounds.USUAL_DAYS,
        "url": rounds.address({**kept, "place": place.code}),
    }


PARTS: dict[str, Callable[[Subject, Period, dt.datetime, Actor, Link], dict[str, Any]]] = {
    "since": since,
    "rising": rise,
    "spread": lie,
    "shares": share,
    "voices": hear,
    "instructed": instructions.part,
    "rounds": walked,
}
