"""Reliefs as people file and answer them, in few words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cases.models import Case, Relief
from cases.refusals import MoveRefused
from cases.reliefs import answering, asking
from ledger.actor import Actor
from ledger.models import Entry
from tests import town
from tests.builders import a_case, a_photo
from tests.cases.walking import MINUTE, fresh

SAID = {
    "reason": "需请检测机构到场。",
    "measure": "已围挡并设警示牌。",
    "told": "已电话告知要多等几天。",
    "next_step": "报告出来后进场。",
}
GROUNDS = {"extension": "complex", "hold": "weather", "exclusion": "force_majeure"}


def in_hand(**call: Any) -> Case:
    """With a clerk of the department since 09:03 on Monday the 23rd; resolve is due on Wednesday at 09:00."""
    return a_case(through=("accept", "dispatch", "sign"), **call)


def someone(by: str | Actor, when: dt.datetime) -> Actor:
    return town.actor(by, when) if isinstance(by, str) else by


def asked(
    case: Case,
    kind: str = "extension",
    *,
    when: dt.datetime | None = None,
    by: str | Actor = "bumen",
    **more: Any,
) -> Relief:
    case = fresh(case)
    when = when or case.last_at + MINUTE
    who = someone(by, when)
    sent = {**SAID, "ground": GROUNDS.get(kind, ""), "attachments": [a_photo(who, when)], **more}
    if kind == "hold" and "until" not in sent:
        sent["until"] = when + dt.timedelta(days=10)
    return asking.ask(number=case.number, kind=kind, by=who, at=when, **sent)


def answered(
    relief: Relief,
    answer: str = "grant",
    *,
    when: dt.datetime | None = None,
    by: str | Actor = "jiedao",
    **more: Any,
) -> Relief:
    when = when or fresh(relief.case).last_at + MINUTE
    act = {"grant": answering.grant, "refuse": answering.refuse, "withdraw": answering.withdraw}[answer]
    if answer == "refuse":
        more.setdefault("reason", "理由不充分。")
    return act(number=relief.case.number, n=relief.n, by=someone(by, when), at=when, **more)


def granted(
    case: Case, kind: str = "extension", *, by: str = "jiedao", asker: str = "bumen", **more: Any
) -> Relief:
    return answered(asked(case, kind, by=asker, **more), by=by)


def cannot(act, *args: Any, kind: str = "not_ready", **more: Any) -> str:
    """The sentence with which it is refused; nothing has changed by it."""
    case = args[0] if isinstance(args[0], Case) else args[0].case
    before = Case.objects.filter(pk=case.pk).values().get(), list(Relief.objects.order_by("pk").values())
    entries = Entry.objects.count()
    with pytest.raises(MoveRefused) as refusal:
        act(*args, **more)
    assert refusal.value.kind == kind, refusal.value.sentence
    now = Case.objects.filter(pk=case.pk).values().get(), list(Relief.objects.order_by("pk").values())
    assert now == before and Entry.objects.count() == entries
    return str(refusal.value.sentence)
