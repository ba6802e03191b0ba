"""What a relief would do to the figures of the unit that asks: in words and numbers, before it is asked.

For the month in which the work is due: how many count towards each rate of the unit, with this case and without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import BY_STAGE, FIGURES, STAGES, UNCOUNTED_OF
from cases.figures.measuring import ONE, count
from cases.figures.values import Value
from cases.lifecycle import MOVES
from cases.models import Case, Clock, Relief
from cases.scope import hidden
from cases.sla import clock as sla
from cases.sla.board import ClockBoard, calendar_of, pure
from cases.templatetags.huying import hm
from ledger import clock as host
from ledger.actor import Actor
from parties import directory

PAUSED = next(effect.stages for effect in MOVES["hold"].clocks if effect.verb == "pause")
ROWS = ("resolve", "feedback", "dispatch", "sign", "accept", "verify")


@dataclass
class Effect:
    """`rows`: {name, before, after, words, leaves} by figure; `due`: the deadline now and then, in words."""

    unit: str
    month: str
    due: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)


def of(
    case: Case,
    board: ClockBoard,
    kind: str,
    at: dt.datetime,
    *,
    reader: Actor,
    asker: int,
    amount: int = 0,
    unit: str = "",
    since: dt.datetime | None = None,
) -> Effect | None:
    """Two statements. `since`: when it was filed; now, unless told."""
    row = board.latest("resolve")
    organisation = directory.by_id(asker)
    if row is None or organisation is None:
        return None
    subject = Subject(organisation=organisation, without=hidden(reader))
    month = _month(row.due_at)
    told = Effect(organisation.short_name or organisation.name, _name(month))
    after = _extended(row, amount, unit, since or at) if kind == "extension" and amount else row.due_at
    if kind == "extension":
        told.due = _("办结时限 %(before)s → %(after)s") % {"before": hm(row.due_at), "after": hm(after)}
    counts = _counts(subject, month, case)
    own = {one.stage: one for one in board.rows if one.part == 0 and one.state != "stopped"}
    for stage in ROWS:
        n, of_case = counts.get(stage, (0, 0))
        if not of_case and stage not in own:
            continue
        told.rows.append(_row(stage, kind, n, of_case, own.get(stage), month, after))
    told.rows.append(_promise(kind))
    told.rows.append(_share(subject, kind, case, at))
    return told


def _row(
    stage: str, kind: str, n: int, own: int, live: Clock | None, month: Period, after: dt.datetime
) -> dict[str, Any]:
    leaves, words = 0, _("照计，不变")
    if kind == "exclusion":
        leaves, words = own, _("退出分子和分母")
    elif kind == "hold" and live is not None and stage in PAUSED:
        leaves, words = min(own, 1), _("挂账期间不计；恢复后按新时限回到分母")
    elif kind == "extension" and stage == "resolve":
        words = _("仍计入，按新时限判")
        if not month.since <= after < month.until:
            leaves, words = min(own, 1), _("移到 %(month)s的分母") % {"month": _name(_month(after))}
    return {
        "name": str(BY_STAGE[stage].name),
        "before": n,
        "after": n - leaves,
        "words": words,
        "leaves": bool(leaves),
    }


def _promise(kind: str) -> dict[str, Any]:
    words = _("退出分子和分母") if kind == "exclusion" else _("照计：对反映人的承诺时间不变")
    name = str(FIGURES["promise_kept"].name)
    return {"name": name, "before": "—", "after": "—", "words": words, "leaves": kind == "exclusion"}


def _share(subject: Subject, kind: str, case: Case, at: dt.datetime) -> dict[str, Any]:
    """The share that tells how often the unit asks to be let off."""
    figure = next(one for one in FIGURES.values() if one.relief == kind)
    month = _month(case.received_at)
    now = count(subject, [month], at, [figure.code])[0][figure.code]
    known = Relief.objects.filter(case=case, kind=kind, state="granted").exists()
    then = now if known else Value(now.numerator + 1, now.denominator)
    return {
        "name": str(figure.name),
        "before": f"{now.numerator}/{now.denominator}",
        "after": f"{then.numerator}/{then.denominator}",
        "words": _("%(month)s登记的工单中") % {"month": _name(month)},
        "leaves": False,
    }


def _counts(subject: Subject, month: Period, case: Case) -> dict[str, tuple[int, int]]:
    """stage → (what counts or will count in the month, of which this case's); one statement."""
    gone = (Q(outcome="ended") & Q(stopped_at__lte=F("due_at"))) | Q(outcome="cancelled") | Q(state="paused")
    rows = (
        Clock.objects.filter(
            subject.of_clocks(), UNCOUNTED_OF, ~gone, stage__in=STAGES,
            due_at__gte=month.since, due_at__lt=month.until,
        )
        .order_by()
        .values_list("stage")
        .annotate(n=Count(ONE), own=Count(ONE, filter=Q(case_id=case.pk)))
    )  # fmt: skip
    return {stage: (n, own) for stage, n, own in rows}


def _extended(row: Clock, amount: int, unit: str, since: dt.datetime) -> dt.datetime:
    cal = calendar_of(row)
    return sla.extend(pure(row, cal), amount, max(since, row.started_at), cal, unit).due_at


def _month(at: dt.datetime) -> Period:
    first = host.local_date(at).replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    return Period.of_days(first, after - dt.timedelta(days=1))


def _name(month: Period) -> str:
    return _("%(month)s月") % {"month": host.local_date(month.since).month}


__all__: Sequence[str] = ("Effect", "of")
