"""Past clocks under other rules, beside what they came to: reads, and changes nothing.

The clocks are those whose present deadline lies in the period, as `figures` counts them; both sides are the same
clocks. They are read by a server-side cursor, so a year of a district needs no more memory than a day; one clock
costs a look at its rule, and a replay of its segments only where the scenario speaks of it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from cases import rulebook
from cases.figures.asking import Period, Subject
from cases.figures.catalogue import BY_STAGE, STAGES, UNCOUNTED_OF
from cases.figures.measuring import measure
from cases.figures.values import Value
from cases.models import Clock
from cases.sla import policy
from cases.sla.simulation import MISSED, ON_TIME, Past, Scenario, Tally, due_under, verdict

LISTED = 500  # clocks that changed side which are kept by name; all are counted
CHUNK = 2000
COLUMNS = (
    "stage", "round", "state", "outcome", "stopped_at", "anchor", "started_at", "due_at", "rule", "segments",
    "case__number", "case__called_at", "case__item_id", "case__kind", "case__urgency", "case__level",
)  # fmt: skip


@dataclass
class Comparison:
    """Both sides, stage by stage; `changed` lists the first clocks that are on time on one side only."""

    stages: dict[str, Tally] = field(default_factory=dict)
    changed: list[dict[str, Any]] = field(default_factory=list)
    changed_total: int = 0
    clocks: int = 0
    seconds: float = 0.0

    def json(self) -> dict[str, Any]:
        """Plain, to be kept and printed."""
        return {
            "stages": {
                stage: {
                    "now": {"on_time": one.now.on_time, "missed": one.now.missed, "rate": one.now.rate},
                    "then": {"on_time": one.then.on_time, "missed": one.then.missed, "rate": one.then.rate},
                    "better": one.better,
                    "worse": one.worse,
                    "moved": one.moved,
                    "clocks": one.seen,
                }
                for stage, one in self.stages.items()
            },
            "changed": self.changed,
            "changed_total": self.changed_total,
            "clocks": self.clocks,
            "seconds": round(self.seconds, 2),
        }


def rows(subject: Subject, period: Period) -> QuerySet[Clock]:
    """The clocks that a simulation replays."""
    return Clock.objects.filter(
        subject.of_clocks(),
        UNCOUNTED_OF,
        stage__in=STAGES,
        due_at__gte=period.since,
        due_at__lt=period.until,
    )


def compare(
    subject: Subject,
    period: Period,
    at: dt.datetime,
    scenario: Scenario,
    progress: Callable[[int], None] = lambda done: None,
) -> Comparison:
    """Judge every clock of the period twice, as of `at`. `progress` hears how many are done."""
    found = Comparison({stage: Tally() for stage in STAGES})
    began = time.perf_counter()
    for round_, number, past in _pasts(subject, period):
        own = rulebook.calendar(past.rule.get("calendar", "default"))
        due = due_under(past, scenario, own)
        before, after = verdict(past, past.due_at, at), verdict(past, due, at)
        found.stages[past.stage].add(before, after, due != past.due_at)
        found.clocks += 1
        if before != after and {before, after} & {ON_TIME, MISSED}:
            found.changed_total += 1
            if len(found.changed) < LISTED:
                found.changed.append(
                    {
                        "number": number,
                        "stage": past.stage,
                        "round": round_,
                        "before": before,
                        "after": after,
                        "due_before": past.due_at.isoformat(),
                        "due_after": due.isoformat(),
                    }
                )
        if found.clocks % CHUNK == 0:
            progress(found.clocks)
    found.seconds = time.perf_counter() - began
    progress(found.clocks)
    return found


def _pasts(subject: Subject, period: Period) -> Iterator[tuple[int, str, Past]]:
    read = rows(subject, period).order_by("due_at", "id").values_list(*COLUMNS)
    for (
        stage, round_, state, outcome, stopped_at, anchor, started_at, due_at, rule, segments,
        number, called_at, item_id, kind, urgency, level,
    ) in read.iterator(chunk_size=CHUNK):  # fmt: skip
        item = rulebook.item_by_id(item_id)
        facts = policy.Facts(
            item=item.code if item else "",
            category=item.category if item else "",
            kind=kind,
            urgency=urgency,
            level=level,
        )
        past = Past(
            stage=stage,
            state=state,
            outcome=outcome,
            stopped_at=stopped_at,
            anchor=anchor,
            started_at=started_at,
            called_at=called_at,
            due_at=due_at,
            rule=rule,
            segments=segments,
            facts=facts,
        )
        yield round_, number, past


def present(subject: Subject, period: Period, at: dt.datetime) -> dict[str, Value]:
    """What the figures say of the same clocks, by stage."""
    measured = measure(subject, period, at).now
    return {stage: measured[figure.code] for stage, figure in BY_STAGE.items()}
