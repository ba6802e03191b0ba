"""The command screen's board as data: the numbers that its page prints, for a wall of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cases.figures.values import Value
from grid.queries import by_ids

TODAY = ("registered", "registered_delta", "resolved", "resolved_delta", "open", "late", "near", "fine")
RANKED = ("rank", "code", "name", "kind", "n", "score", "delta", "few")


def as_json(board: dict[str, Any]) -> dict[str, Any]:
    """Of `screen.board`: {today, rates, ranking, newest, hours, places}."""
    return {
        "today": {name: board["today"][name] for name in TODAY},
        "rates": [_rate(one) for one in board["rates"]],
        "ranking": [{name: row[name] for name in RANKED} for row in board["ranking"]],
        "newest": [{**row, "at": row["at"].isoformat()} for row in board["newest"]],
        "hours": [
            {"weekday": weekday, "registered": [n for _hour, _step, n in hours]}
            for weekday, (_name, hours) in enumerate(board["hours"]["rows"], start=1)
        ],
        "places": _places(board["spots"]),
    }


def _places(spots: Mapping[int, int]) -> list[dict[str, Any]]:
    """Where calls of the last weeks came from, the most first."""
    places = by_ids(spots)
    rows = sorted((-n, places[pk].code, places[pk].name) for pk, n in spots.items() if pk in places)
    return [{"code": code, "name": name, "registered": -n} for n, code, name in rows]


def _rate(one: dict[str, Any]) -> dict[str, Any]:
    value: Value = one["value"]
    return {
        "code": one["code"],
        "name": one["name"],
        **value.json(),
        "target": one["target"],
        "delta": one["delta"],
        "state": one["state"],
    }
