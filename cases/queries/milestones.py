"""The milestones of a case as buttons: one tap each, until it is met."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases import milestones
from cases.models import Case
from cases.queries import colours
from cases.queries.rail import left_words
from cases.sla.board import ClockBoard


def rows(case: Case, board: ClockBoard, facts: list[dict[str, Any]], at: dt.datetime) -> list[dict[str, Any]]:
    """What the handler is asked for, with its deadline. `fact`: the form of its fact, where the reader may record it; one
    tap sends it with `sent`. The tap takes the letter over from the longer form."""
    words = {
        "contact": (_("联系上了"), {"channel": "phone", "reached": "1"}),
        "arrive": (_("到现场了"), {}),
        "secure": (_("已制止、围护"), {"text": _("已到场制止、围护。")}),
    }
    shown = []
    for one in milestones.of(case, board):
        fact = next((fact for fact in facts if fact["name"] == one.stage and fact["enabled"]), None)
        label, sent = words[one.stage]
        late = milestones.left(one, at) < dt.timedelta(0)
        shown.append(
            {
                "stage": one.stage,
                "label": label,
                "met": one.met,
                "late": late,
                "due_at": one.clock.due_at,
                "stopped_at": one.clock.stopped_at,
                "colour": colours.of_clock(one.clock, at),
                "words": "" if one.met else left_words(one.clock.due_at, at),
                "fact": None if one.met or fact is None else dict(fact),
                "sent": sent,
            }
        )
        if fact is not None and not one.met:
            fact["key"] = ""
    return shown
