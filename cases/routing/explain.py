"""Who would get it, row by row: each that speaks of the matter here, and why it won or lost. Reads caches only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from cases import rulebook
from cases.routing import match
from cases.routing.decide import organisation_for
from cases.routing.facts import ASSIST, LEAD, OFFER, Duty, Facts, facts_of
from grid.queries import Lineage
from ledger import clock

WINS, HELPS = "wins", "helps"
WHY = {
    WINS: gettext_lazy("由它主办：地点最具体，写小项的先于写大类的"),
    HELPS: gettext_lazy("由它协办"),
    "no_unit": gettext_lazy("它最具体，但这里还没有对应的单位，或单位已停用"),
    "rival": gettext_lazy("同样具体，但有更新的一行"),
    "wider_place": gettext_lazy("有地点更具体的一行"),
    "category": gettext_lazy("它写的是大类，同一地点有写小项的一行"),
    "not_yet": gettext_lazy("那天还没有生效"),
    "over": gettext_lazy("那天已经失效"),
    "offer": gettext_lazy("只是愿意帮忙，从不自动派给它"),
}
ORDER = list(WHY)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One row that speaks of the matter at the place. `unit`: the id of whom it comes to, None for nobody."""

    row: Duty
    why: str
    unit: int | None

    @property
    def words(self) -> str:
        return str(WHY[self.why])


def verdicts(
    item: rulebook.Item, kind: str, line: Lineage, at: dt.datetime, rows: Iterable[Duty] | None = None
) -> list[Verdict]:
    """Every row for the item or its category on the way to the place: who won first, then who lost and why."""
    facts = facts_of(item=item.code, category=item.category, kind=kind, lineage=line, on=clock.local_date(at))
    known = list(rulebook.duty_rows_for(item) if rows is None else rows)
    best = {
        part: max(
            (fit for row in known if row.part == part and (fit := match.rank(facts, row))), default=None
        )
        for part in (LEAD, ASSIST)
    }
    winner = match.lead(facts, known)
    found = []
    for row in known:
        if row.place_id not in facts.path:
            continue
        unit = organisation_for(row, line)
        why = _why(row, facts, best, winner)
        if why in (WINS, HELPS) and unit is None:
            why = "no_unit"
        found.append(Verdict(row, why, unit.id if unit else None))
    return sorted(found, key=lambda one: (ORDER.index(one.why), one.row.part != LEAD, one.row.id))


def _why(row: Duty, facts: Facts, best: dict, winner: match.Match | None) -> str:
    if not row.holds_on(facts.on):
        return "not_yet" if row.since > facts.on else "over"
    if row.part == OFFER:
        return "offer"
    if winner is not None and row == winner.row:
        return WINS
    fit, top = match.rank(facts, row), best[row.part]
    if fit == top:
        return "rival" if row.part == LEAD else HELPS
    assert fit is not None and top is not None
    return "wider_place" if fit[0] != top[0] else "category"
