"""Commands: route past cases by the rows of a draft beside those in force; nothing but the draft's own row is written.

Cases of one item in one place are decided once. Both sides are asked for the day from which the whole draft would hold.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from cases import duty_import, errands, rulebook
from cases.models import Case
from cases.models.duty_draft import DutyDraft
from cases.refusals import not_ready
from cases.routing.decide import Decision, decide
from cases.routing.facts import Duty
from cases.scope import visible
from grid.models import Place
from grid.queries import lineages
from ledger import clock
from ledger.actor import Actor
from parties.access import actor_of

LONGEST = dt.timedelta(days=3 * 366)
AT_ONCE = 20_000  # so many cases are routed while the asker waits
CHUNK = 500
LISTED = 200
State = DutyDraft.State
UNDONE = (State.WAITING, State.RUNNING)
TRIES = 3


def ask(
    draft: DutyDraft, *, by: Actor, at: dt.datetime, since: dt.date, until: dt.date, place: Place | None
) -> DutyDraft:
    """Write down which past cases are to be routed. `run` does the work."""
    if until < since:
        raise not_ready(_("结束日不能早于开始日。"), until=_("请改日期。"))
    if until - since > LONGEST:
        raise not_ready(_("一次最多推演三年。"), until=_("请改日期。"))
    told = duty_import.plan(duty_import.lines_of(draft), by=by, at=at)
    if told.problems:
        raise not_ready(_("草稿里有错的行，先改好再推演。"))
    if not told.difference:
        raise not_ready(_("草稿没有改变什么，不用推演。"))
    draft.since, draft.until, draft.place = since, until, place
    draft.state, draft.done, draft.result = State.WAITING, 0, {}
    draft.total = _cases(draft, by, told).count()
    draft.save(update_fields=["since", "until", "place", "state", "done", "total", "result"])
    return draft


def run(*, pk: int) -> None:
    """Work a replay out. Twice is once: what is over stays over, and one worker is at it at a time. Begun by workers that
    died too often, it has failed."""
    with errands.alone(DutyDraft, pk) as draft:
        if draft is None or draft.state not in UNDONE:
            return
        tries = draft.result.get("tries", 0) + 1
        mine = DutyDraft.objects.filter(
            pk=pk, state=State.RUNNING
        )  # asked for anew meanwhile, it waits again
        DutyDraft.objects.filter(pk=pk, state=draft.state).update(
            state=State.FAILED if tries > TRIES else State.RUNNING, result={"tries": tries}
        )
        if tries > TRIES:
            return
        at = clock.now()
        try:
            result = _compare(draft, actor_of(draft.author_id, at), at)
        except Exception:
            mine.update(state=State.FAILED)
            raise
        mine.update(state=State.DONE, result=result, done=draft.total)


def left() -> list[int]:
    """Replays that were asked for and are not over; `run` passes over what somebody is at."""
    return list(DutyDraft.objects.filter(state__in=UNDONE).order_by("pk").values_list("pk", flat=True))


def _touched(told: duty_import.Plan) -> tuple[set[str], set[str]]:
    """Codes of the items and of the categories whose rows the draft changes."""
    found = told.difference
    rows = [*found.begun, *found.gone, *(was for was, _now in found.dated)]
    return {row.item for row in rows if row.item}, {row.category for row in rows if row.category}


def _cases(draft: DutyDraft, by: Actor, told: duty_import.Plan) -> QuerySet[Case]:
    items, categories = _touched(told)
    wanted = [one.id for one in rulebook.items() if one.code in items or one.category in categories]
    assert draft.since is not None and draft.until is not None
    rows = visible(by).filter(
        received_at__gte=clock.local_midnight(draft.since),
        received_at__lt=clock.local_midnight(draft.until + dt.timedelta(days=1)),
        item_id__in=wanted,
        excluded=False,
    )
    return rows.filter(path__startswith=draft.place.path) if draft.place is not None else rows


def _compare(draft: DutyDraft, by: Actor, at: dt.datetime) -> dict[str, Any]:
    told = duty_import.plan(duty_import.lines_of(draft), by=by, at=at)
    day = max((row.since for row in told.difference.begun), default=clock.local_date(at))
    day = max([day, *(now.until for _was, now in told.difference.dated if now.until)])
    noon = clock.local_midnight(day) + dt.timedelta(hours=12)
    after: dict[str, list[Duty]] = {}
    for row in told.rows():
        after.setdefault(row.item or f"{row.category}*", []).append(row)
    cases = _cases(draft, by, told)
    groups = list(cases.order_by().values_list("item_id", "path").annotate(n=Count("pk")))
    moved: Counter[tuple[int | None, int | None]] = Counter()
    seen = same = 0
    places: dict[tuple[int, str], tuple[int | None, int | None]] = {}
    for start in range(0, len(groups), CHUNK):
        part = groups[start : start + CHUNK]
        lines = lineages(path for _item, path, _n in part)
        for item_id, path, n in part:
            item = rulebook.item_by_id(item_id)
            if item is None:
                continue
            rows = after.get(item.code, []) + after.get(f"{item.category}*", [])
            old = decide(item, item.kind, lines[path], noon)
            new = decide(item, item.kind, lines[path], noon, rows)
            seen += n
            if _says(old) == _says(new):
                same += n
            else:
                moved[old.lead, new.lead] += n
                places[item_id, path] = (old.lead, new.lead)
        DutyDraft.objects.filter(pk=draft.pk).update(done=seen)
    return {
        "day": day.isoformat(),
        "cases": seen,
        "same": same,
        "moved": [[old, new, n] for (old, new), n in moved.most_common()],
        "listed": _listed(cases, places),
    }


def _says(one: Decision) -> tuple[object, ...]:
    return one.lead, one.direct


def _listed(
    cases: QuerySet[Case], places: dict[tuple[int, str], tuple[int | None, int | None]]
) -> list[list[Any]]:
    """The latest cases that would go elsewhere: [number, place, item, old, new]."""
    if not places:
        return []
    found: list[list[Any]] = []
    wanted = cases.filter(
        path__in={path for _item, path in places}, item_id__in={item for item, _p in places}
    )
    rows = wanted.order_by("-received_at", "-pk").values_list("number", "place_text", "item_id", "path")
    for number, place, item_id, path in rows[: LISTED * 10]:
        if (item_id, path) in places:
            item = rulebook.item_by_id(item_id)
            found.append([number, place, item.name if item else "", *places[item_id, path]])
            if len(found) == LISTED:
                break
    return found
