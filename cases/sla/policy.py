"""Which rule a stage gets: rows in force, the most specific one first (SPEC §6).

Order: item > category > kind > urgency > level > default; a row may name several, and the first of them that
two rows do not share decides. Among equals the newest `since` wins, then the highest id. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cases.sla import units
from cases.sla.calendar import SHANGHAI
from cases.sla.ladder import Ladder
from cases.sla.segments import Rule
from cases.sla.units import Amount

ORDER = ("item", "category", "kind", "urgency", "level")
SILENCE = (1, units.DAY)  # 不响应: so long after due
TELLS_SILENCE = ("accept", "reaccept", "sign", "contact")
STAGES = (
    "accept",
    "reaccept",  # accept after escalate, hand_down or the second reopening
    "dispatch",
    "sign",
    "resolve",
    "verify",
    "feedback",
    "return_visit",
    "contact",
    "arrive",
    "secure",
    "decline",  # the window in which a case may be returned
    "hold",
    "ask",
    "grace",
    "relief",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy may ask of a case; empty where it is not known."""

    item: Any = ""
    category: Any = ""
    kind: str = ""
    urgency: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One policy. Empty selectors ask nothing. In force from `since` until before `until` (a date is a local
    date); without `since`, always. `no_response` adds 不响应 to a stage that does not tell it anyway;
    an empty `ladder` is the standing one."""

    stage: str
    amount: Amount
    unit: str
    anchor: str = "stage"
    item: Any = ""
    category: Any = ""
    kind: str = ""
    urgency: str = ""
    level: str = ""
    since: dt.date | dt.datetime | None = None
    until: dt.date | dt.datetime | None = None
    basis: str = ""
    id: Any = None
    no_response: bool = False
    ladder: Ladder = ()


def choose(stage: str, facts: Any, rows: Iterable[Any], at: dt.datetime) -> Rule | None:
    """The rule of a stage for these facts at an instant, with the reason in words (`Rule.reason`) and the
    row's id (`Rule.policy`); None where no policy sets the stage. `rows` and `facts` are any objects with the
    attributes of `Row` and `Facts`. The shipped table stands behind the given rows, as the oldest."""
    found = fitting(stage, facts, rows, at)
    if not found:
        return None
    best = found[0]
    silent = stage in TELLS_SILENCE or getattr(best, "no_response", False)
    return Rule(
        stage=stage,
        amount=best.amount,
        unit=best.unit,
        anchor=best.anchor,
        policy=str(best.id or ""),
        no_response_after=SILENCE if silent else None,
        reason=reason_for(best),
        ladder=getattr(best, "ladder", ()),
    )


def fitting(stage: str, facts: Any, rows: Iterable[Any], at: dt.datetime) -> list[Any]:
    """The rows that speak of these facts at an instant, the one that wins first; the shipped table's too."""
    return ranked(stage, facts, (*rows, *DEFAULTS), at)


def ranked(stage: str, facts: Any, rows: Iterable[Any], at: dt.datetime) -> list[Any]:
    """As `fitting`, of these rows alone."""
    found = [row for row in rows if row.stage == stage and _in_force(row, at) and _fits(row, facts)]
    return sorted(found, key=_rank, reverse=True)


def reason_for(row: Any) -> str:
    """Why a row won, in words of the reader's language."""
    from cases.sla.words import policy_reason

    return policy_reason(row)


def _fits(row: Any, facts: Any) -> bool:
    return all(_blank(wanted := getattr(row, name)) or wanted == getattr(facts, name) for name in ORDER)


def names(row: Any) -> tuple[bool, ...]:
    """How particular a row is: which selectors it names, the weightiest first. The greater wins."""
    return tuple(not _blank(getattr(row, name)) for name in ORDER)


def _rank(row: Any) -> tuple[Any, ...]:
    return (
        *names(row),
        _moment(row.since) if row.since else dt.datetime.min.replace(tzinfo=dt.UTC),
        _id_rank(row.id),
    )


def _id_rank(value: Any) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (-1, str(value or ""))


def _blank(value: Any) -> bool:
    return value is None or value == ""


def _in_force(row: Any, at: dt.datetime) -> bool:
    return not (row.since and at < _moment(row.since)) and not (row.until and at >= _moment(row.until))


def _moment(value: dt.date | dt.datetime) -> dt.datetime:
    """A date begins at its local midnight."""
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime.combine(value, dt.time(), SHANGHAI)


# -- what is shipped

# fmt: off
DEFAULTS: tuple[Row, ...] = (
    # 123: 一日受理, 两日办结, 三日反馈
    Row("accept",       1, units.DAY, "call", id="123:accept", basis="123"),
    Row("resolve",      2, units.DAY, "call", id="123:resolve", basis="123"),
    Row("feedback",     3, units.DAY, "call", id="123:feedback", basis="123"),
    Row("reaccept",     4, units.WORK_HOUR, id="default:reaccept"),
    Row("dispatch",     2, units.WORK_HOUR, id="default:dispatch"),
    Row("sign",         4, units.WORK_HOUR, id="default:sign"),
    Row("sign",         1, units.HOUR, urgency="critical", id="default:sign:critical"),
    Row("decline",      4, units.WORK_HOUR, id="default:decline"),
    Row("decline",      1, units.HOUR, urgency="critical", id="default:decline:critical"),
    Row("verify",       2, units.WORK_DAY, id="default:verify"),
    Row("return_visit", 2, units.WORK_DAY, id="default:return_visit"),
    Row("grace",        3, units.DAY, id="default:grace"),
    Row("relief",       1, units.WORK_DAY, id="default:relief"),
    Row("ask",          1, units.WORK_DAY, id="default:ask"),
    Row("hold",        30, units.DAY, id="default:hold"),
)
# fmt: on
ADOPTED_KINDS = {
    "wish": (20, units.WORK_DAY),
    "project": (20, units.WORK_DAY),
    "meeting": (20, units.WORK_DAY),
}
UNCITED = {"", "DRAFT", "123"}
UNIT_WORDS = {"working_day": units.WORK_DAY, "working_hour": units.WORK_HOUR}  # as the checklist spells them
# how long a unit is in working days of seven and a half hours, five to the week
IN_WORKING_DAYS = {
    units.WORK_DAY: Decimal(1),
    units.WORK_HOUR: 1 / Decimal("7.5"),
    units.DAY: Decimal(5) / 7,
    units.LEGAL_DAY: Decimal(5) / 7,
    units.HOUR: Decimal(5) / (7 * 24),
}


def adopted(items: Iterable[Any], since: dt.date | None = None, *, feedback: bool = True) -> Iterator[Row]:
    """The policies shipped as adopted: the kinds wish, project and meeting, and the items whose limit is
    longer than 3 working days with a cited source. Items carry code, limit_amount, limit_unit, limit_basis;
    the rows name an item by its code.

    123 promises feedback one day after the resolve limit. With `feedback` an adopted item keeps that distance
    (one more of its unit), since nobody can report a result before it is due; without, its feedback stays at
    3 days and is met by an interim answer."""
    for kind, (amount, unit) in ADOPTED_KINDS.items():
        yield Row("resolve", amount, unit, "call", kind=kind, since=since, id=f"adopted:{kind}:resolve")
    for item in items:
        unit = UNIT_WORDS.get(item.limit_unit, item.limit_unit)
        if not is_adopted(item.limit_amount, unit, item.limit_basis):
            continue
        limit = units.amount_of(unit, item.limit_amount)
        said = {"item": item.code, "since": since, "basis": item.limit_basis}
        yield Row("resolve", limit, unit, "call", **said, id=f"adopted:{item.code}:resolve")
        if feedback:
            yield Row("feedback", limit + 1, unit, "call", **said, id=f"adopted:{item.code}:feedback")


def is_adopted(amount: Any, unit: str, basis: str | None) -> bool:
    """Is a limit longer than 3 working days, with a source other than our own draft or 123?"""
    cited = {word.strip() for word in (basis or "").split(";")} - UNCITED
    if not amount or unit not in IN_WORKING_DAYS or not cited:
        return False
    return Decimal(amount) * IN_WORKING_DAYS[unit] > 3
