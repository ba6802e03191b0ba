"""The clocks of the many cases of a list, read lightly: plain tuples instead of models, and of their JSON only what
a row shows. The same words and shares come of them as of the models (cases.queries.rail)."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Case as OneOf
from django.db.models import F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Cast

from cases.models import Case, Clock

RAIL = ("accept", "resolve", "feedback")
COLUMNS = (
    "case_id",
    "stage",
    "part",
    "round",
    "state",
    "outcome",
    "anchor",
    "due_at",
    "warn_at",
    "stopped_at",
)


@dataclass(slots=True)
class RowClock:
    """What a row needs of a clock, named as in the model."""

    case_id: int
    stage: str
    part: int
    round: int
    state: str
    outcome: str
    anchor: dt.datetime
    due_at: dt.datetime
    warn_at: dt.datetime | None
    stopped_at: dt.datetime | None
    rule_json: str
    segments_json: str  # "" where it has done nothing but run

    @property
    def rule(self) -> dict[str, Any]:
        return _rule(self.rule_json)

    @property
    def turned(self) -> bool:
        return bool(self.segments_json)

    @property
    def segments(self) -> list[dict[str, Any]]:
        return json.loads(self.segments_json)


@lru_cache(maxsize=4096)
def _rule(text: str) -> dict[str, Any]:
    """Many clocks run by one rule; nobody changes what is given out here."""
    return json.loads(text)


TURNS = Func(F("segments"), function="jsonb_array_length", output_field=IntegerField())
SEGMENTS = OneOf(
    When(turns__gt=1, then=Cast("segments", TextField())), default=Value(""), output_field=TextField()
)


def clocks_of(cases: Iterable[Case]) -> dict[int, list[RowClock]]:
    """Case id → what lives, and the three of the rail; one statement."""
    ids = [case.pk for case in cases]
    found: dict[int, list[RowClock]] = defaultdict(list)
    if ids:
        wanted = Q(state__in=("running", "paused")) | Q(stage__in=RAIL)
        rows = Clock.objects.filter(wanted, case_id__in=ids, part=0).order_by("id").annotate(turns=TURNS)
        for row in rows.values_list(*COLUMNS, Cast("rule", TextField()), SEGMENTS):
            found[row[0]].append(RowClock(*row))
    return found
