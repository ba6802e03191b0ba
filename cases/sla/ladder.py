"""The ladder of a policy: whom a clock's warning, breach and silence tell, from the holder upwards.

A ladder is a JSON list of rungs; a policy carries it and every clock it starts keeps a copy in its rule:

    [{"on": "warned",   "tell": ["holder"]},
     {"on": "breached", "tell": ["holder", "head"]},
     {"on": "breached", "after": [1, "work_day"], "tell": ["dispatcher", "supervisor"]},
     {"on": "silent",   "tell": ["holder", "head", "dispatcher", "supervisor"]}]

`on` is what came true, `tell` who hears of it. `after` makes it a timed rung: so much later than the due time,
`[amount, unit]` in the units of SPEC §6 (at most 400), told once while the clock still runs. An empty list is the standing
ladder. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.sla import units
from cases.sla.units import Amount

ON = WARNED, BREACHED, SILENT = ("warned", "breached", "silent")
TELL = HOLDER, HEAD, DISPATCHER, SUPERVISOR = ("holder", "head", "dispatcher", "supervisor")  # from below
MOST = 8  # rungs; a longer ladder is a mistake
LATEST = 400  # of a unit: what comes later than a year reaches nobody


class BadLadder(ValueError):
    """What was given is no ladder; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Who hears what; `after` the due time where it is timed."""

    on: str
    tell: tuple[str, ...]
    after: tuple[Amount, str] | None = None


Ladder = tuple[Rung, ...]

STANDING: Ladder = (
    Rung(WARNED, (HOLDER,)),
    Rung(BREACHED, (HOLDER, HEAD, DISPATCHER)),
    Rung(SILENT, TELL),
)


def read(data: Any) -> Ladder:
    """A ladder from its JSON, checked. Raises BadLadder."""
    if not isinstance(data, list | tuple) or len(data) > MOST:
        raise BadLadder(_("提醒阶梯须是不超过 %(most)s 级的列表。") % {"most": MOST})
    rungs = tuple(_rung(one) for one in data)
    plain = [rung.on for rung in rungs if rung.after is None]
    if len(plain) != len(set(plain)):
        raise BadLadder(_("同一时点在提醒阶梯里只写一级。"))
    return rungs


def to_json(ladder: Ladder) -> list[dict[str, Any]]:
    """What `read` reads."""
    return [
        {"on": rung.on}
        | ({"after": [_plain(rung.after[0]), rung.after[1]]} if rung.after else {})
        | {"tell": list(rung.tell)}
        for rung in ladder
    ]


def tells(ladder: Ladder, on: str) -> tuple[str, ...]:
    """Who hears that a clock warned, breached or stayed silent."""
    return next((rung.tell for rung in ladder or STANDING if rung.on == on and rung.after is None), ())


def timed(ladder: Ladder) -> tuple[Rung, ...]:
    """The rungs that come some time after the due time, in the order written."""
    return tuple(rung for rung in ladder if rung.after is not None)


def _rung(data: Any) -> Rung:
    if not isinstance(data, dict) or data.keys() - {"on", "tell", "after"} or data.get("on") not in ON:
        raise BadLadder(_("提醒阶梯的每一级写明 on（%(on)s）和 tell。") % {"on": _("、").join(ON)})
    tell, after = data.get("tell"), data.get("after")
    if not isinstance(tell, list | tuple) or not tell or any(one not in TELL for one in tell):
        raise BadLadder(_("tell 至少写一个：%(tell)s。") % {"tell": _("、").join(TELL)})
    if after is not None and data["on"] != BREACHED:
        raise BadLadder(_("只有超时（breached）可以写 after。"))
    return Rung(
        data["on"], tuple(one for one in TELL if one in tell), None if after is None else _after(after)
    )


def _after(data: Sequence[Any]) -> tuple[Amount, str]:
    try:
        given, unit = data
        amount = units.amount_of(unit, given)
    except (TypeError, ValueError):
        amount = LATEST + 1
    if amount > LATEST:
        raise BadLadder(_('after 写成 [数量, 单位]，例如 [1, "work_day"]。'))
    return amount, unit


def _plain(amount: Amount) -> int | str:
    return amount if isinstance(amount, int) else str(amount)
