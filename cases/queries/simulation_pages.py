"""What the pages of a simulation print: the form with what one tried before, the progress, both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cases import calendars, simulating
from cases.figures.catalogue import STAGES as RATED_STAGES
from cases.models import Case, Policy, Simulation
from cases.notices.messages import STAGES
from cases.queries.addresses import address
from cases.scope import listed
from cases.sla.phrases import AMOUNTS, amount_words
from grid.queries import lineage, path_text
from ledger import clock
from ledger.actor import Actor
from parties import directory
from parties.access import scope_of

LINES = 3  # limits that can be typed in at once
RECENT = 10
SHOWN = 50  # changed clocks on one page
VERDICTS = {
    "on_time": lambda: _("按时"),
    "missed": lambda: _("超时"),
    "left": lambda: _("不计入"),
    "open": lambda: _("未到期"),
}
SELECTED = ("item", "category", "kind", "urgency", "level")


def form(actor: Actor, at: dt.datetime, posted: Mapping[str, str]) -> dict[str, Any]:
    """The form, filled with what was posted, and one's last simulations."""
    today = clock.local_date(at)
    first = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    value = {"since": first.isoformat(), "until": today.isoformat(), **posted}
    proposals = Policy.objects.filter(confirmed_at__isnull=True).select_related("item", "category")
    kept = Simulation.objects.filter(asked_by_id=actor.id).select_related("place", "organisation")
    return {
        "period": [
            {"field": name, "type": "date", "label": label, "required": True, "value": value[name]}
            for name, label in (("since", _("第一天")), ("until", _("最后一天")))
        ],
        "whose": [
            _choice("place", _("地点"), _places(actor), value, blank=_("我的范围")),
            {
                "field": "organisation",
                "type": "line",
                "label": _("单位（编号或名称）"),
                "value": value.get("organisation", ""),
            },
        ],
        "lines": [_line(n, value) for n in range(1, LINES + 1)],
        "more": any(value.get(f"stage{n}") for n in range(2, LINES + 1)),
        "others": [
            one
            for one in (
                _choice("policy", _("待确认的时限规则"), _proposals(proposals), value, blank=_("不试")),
                _choice("calendar", _("工作日历"), _calendars(), value, blank=_("各用各的")),
            )
            if one["choices"]
        ],
        "runs": [_run(one) for one in kept[:RECENT]],
        "fault": "",
    }


def _choice(
    name: str, label: str, options: list[dict[str, str]], value: Mapping[str, str], blank: str
) -> dict[str, Any]:
    return {
        "field": name,
        "type": "choice",
        "label": label,
        "choices": options,
        "empty": blank,
        "value": value.get(name, ""),
    }


def _line(n: int, value: Mapping[str, str]) -> list[dict[str, Any]]:
    stages = [{"value": one, "label": str(STAGES[one])} for one in RATED_STAGES]
    stages.append({"value": "reaccept", "label": _("再次受理")})
    units = [{"value": unit, "label": unit_words(unit)} for unit in AMOUNTS]
    return [
        _choice(f"stage{n}", _("环节"), stages, value, blank=_("不改")),
        {"field": f"amount{n}", "type": "number", "label": _("限"), "value": value.get(f"amount{n}", "")},
        {
            "field": f"unit{n}",
            "type": "choice",
            "label": _("时间单位"),
            "choices": units,
            "empty": "",
            "value": value.get(f"unit{n}", "work_day"),
        },
    ]


def unit_words(unit: str) -> str:
    words = {
        "hour": _("小时（昼夜连续）"),
        "day": _("日（昼夜连续）"),
        "work_hour": _("工作小时"),
        "work_day": _("工作日"),
        "legal_day": _("日（法定期间）"),
    }
    return words[unit]


def _places(actor: Actor) -> list[dict[str, str]]:
    """Where the reader stands; the street or district below it is reached from the dashboard."""
    found = []
    for path in sorted(scope_of(actor).places, key=len)[:50]:
        place = list(lineage(path).values())[-1]
        found.append({"value": place.code, "label": path_text(path, below="city", between=" ") or place.name})
    return found


def _proposals(rows: Any) -> list[dict[str, str]]:
    found = []
    for row in rows[:50]:
        words = [str(STAGES.get(row.stage, row.stage)), amount_words(_plain(row.amount), row.unit)]
        words += [str(getattr(row, name)) for name in SELECTED if getattr(row, name)]
        found.append({"value": str(row.pk), "label": " · ".join(words)})
    return found


def _plain(amount: Any) -> Any:
    return int(amount) if amount == int(amount) else amount


def _calendars() -> list[dict[str, str]]:
    return [{"value": row.code, "label": row.name or row.code} for row in calendars.all_rows()]


# -- one simulation


def result(actor: Actor, asked: Simulation, first: int = 0) -> dict[str, Any]:
    """How far it is, or both sides with what changed, from the `first` on; what the reader may not list has no number
    there."""
    found = asked.result
    stages = found.get("stages", {})  # the database keeps no order of keys
    changed = found.get("changed", [])
    first = first if 0 <= first < len(changed) else 0
    shown = changed[first : first + SHOWN]
    rows = listed(actor).filter(number__in={one["number"] for one in shown}) if shown else Case.objects.none()
    named = set(rows.values_list("number", flat=True))
    return {
        "run": _run(asked),
        "over": asked.is_over,
        "failed": asked.state == Simulation.State.FAILED,
        "percent": min(100, 100 * asked.done // asked.total) if asked.total else 0,
        "done": asked.done,
        "total": asked.total,
        "stages": [_stage(name, stages[name]) for name in RATED_STAGES if stages.get(name, {}).get("clocks")],
        "changed": [_changed(one, one["number"] in named) for one in shown],
        "page": _pager(asked, first, len(changed)),
        "changed_total": found.get("changed_total", 0),
        "clocks": found.get("clocks", 0),
        "seconds": found.get("seconds", 0),
    }


def _pager(asked: Simulation, first: int, total: int) -> dict[str, Any] | None:
    if total <= SHOWN:
        return None
    here = reverse("cases:simulation", args=[asked.pk])
    words = {"first": first + 1, "last": min(first + SHOWN, total), "all": total}
    return {
        "words": _("第 %(first)s–%(last)s 个，列出 %(all)s 个") % words,
        "previous": f"{here}?first={max(0, first - SHOWN)}" if first else "",
        "next": f"{here}?first={first + SHOWN}" if first + SHOWN < total else "",
    }


def _run(asked: Simulation) -> dict[str, Any]:
    where = asked.place.name if asked.place else ""
    unit = directory.name_of(asked.organisation_id, short=True) if asked.organisation_id else ""
    return {
        "url": reverse("cases:simulation", args=[asked.pk]),
        "at": asked.asked_at,
        "period": _("%(since)s 至 %(until)s")
        % {"since": asked.since.isoformat(), "until": asked.until.isoformat()},
        "where": " · ".join(word for word in (where, unit) if word) or _("全部"),
        "what": _("；").join(scenario_words(asked.scenario)),
        "state": asked.get_state_display(),
    }


def scenario_words(kept: Mapping[str, Any]) -> list[str]:
    """What is tried, in words."""
    said = []
    for one in kept.get("rows", ()):
        row = simulating.row_of(one)
        words = _("%(stage)s %(amount)s") % {
            "stage": _("再次受理") if row.stage == "reaccept" else STAGES.get(row.stage, row.stage),
            "amount": amount_words(row.amount, row.unit),
        }
        named = [str(getattr(row, name)) for name in SELECTED if getattr(row, name)]
        said.append(words + (_("（%(what)s）") % {"what": _("、").join(named)} if named else ""))
    if kept.get("calendar"):
        line = calendars.line(kept["calendar"])
        name = (line[0].name if line else "") or kept["calendar"]
        said.append(_("日历：%(name)s") % {"name": name})
    return said


def _stage(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    now, then = one["now"], one["then"]
    both = now["rate"] is not None and then["rate"] is not None
    return {
        "label": str(STAGES.get(name, name)),
        "now": _side(now),
        "then": _side(then),
        "difference": f"{100 * (then['rate'] - now['rate']):+.1f}" if both else "–",
        "better": one["better"],
        "worse": one["worse"],
        "moved": one["moved"],
    }


def _side(side: Mapping[str, Any]) -> dict[str, Any]:
    rate = "–" if side["rate"] is None else f"{100 * side['rate']:.1f}%"
    return {"on_time": side["on_time"], "missed": side["missed"], "rate": rate}


def _changed(one: Mapping[str, Any], named: bool) -> dict[str, Any]:
    return {
        "number": one["number"] if named else _("（不公开）"),
        "url": address("detail", one["number"]) if named else "",
        "stage": str(STAGES.get(one["stage"], one["stage"])),
        "round": one["round"],
        "before": VERDICTS[one["before"]](),
        "after": VERDICTS[one["after"]](),
        "due_before": dt.datetime.fromisoformat(one["due_before"]),
        "due_after": dt.datetime.fromisoformat(one["due_after"]),
        "worse": one["after"] == "missed",
    }
