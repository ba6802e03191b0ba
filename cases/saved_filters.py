"""Commands: keep a list one comes back to. One's own tool like the simulation, and no fact: it writes no entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from cases.models import SavedFilter
from cases.queries import views
from cases.refusals import not_ready
from ledger import versions
from ledger.actor import Actor
from ledger.versions import Cached
from parties import directory
from parties.gate import NOT_FOUND, OutOfScope

MOST = 12  # per person and page; more tabs than that nobody reads
LONGEST = 20


def _load() -> dict[str, list[SavedFilter]]:
    """Every page's, in their order. A district has some hundreds, and everybody's tabs are made of them."""
    found: dict[str, list[SavedFilter]] = {where: [] for where in SavedFilter.WHERE}
    for row in SavedFilter.objects.select_related("owner__person", "unit").order_by("place", "pk"):
        found[row.where].append(row)
    return found


_kept: Cached[dict[str, list[SavedFilter]]] = Cached("filters", _load)


def seen_by(actor: Actor, where: str) -> list[SavedFilter]:
    """One's own, then those that the unit shares; nobody changes what is given out here."""
    mine = [row for row in _kept()[where] if row.owner_id == actor.id]
    return mine + [row for row in _kept()[where] if row.owner_id != actor.id and row.unit_id in actor.units]


def save(
    *,
    by: Actor,
    at: dt.datetime,
    where: str,
    name: str,
    query: Mapping[str, str],
    start: bool = False,
    shared: bool = False,
) -> SavedFilter:
    """Keep a view under a name; the same name again replaces it."""
    if where not in views.TABS:
        raise not_ready(_("没有这个列表。"), where=where[:20])
    name = _name(name)
    view = views.view(by, at, where, query)
    kept = view.address()
    if len(kept) > views.LONGEST:
        raise not_ready(_("条件太多了，存不下；请去掉一些。"), query="")
    with transaction.atomic():
        mine = SavedFilter.objects.select_for_update().filter(owner_id=by.id, where=where)
        found = {one.name: one for one in mine}
        if name not in found and len(found) >= MOST:
            raise not_ready(_("一个列表最多存 %(n)s 个筛选，请先删去一个。") % {"n": MOST}, name="")
        if start:
            mine.filter(is_start=True).update(is_start=False)
        row = found.get(name) or SavedFilter(owner_id=by.id, where=where, name=name, place=_last(mine) + 1)
        row.query, row.is_start = kept, start
        row.unit_id = _unit_of(by) if shared else None
        row.save()
        versions.bump("filters")
        return row


def change(
    *,
    by: Actor,
    pk: int,
    name: str | None = None,
    start: bool | None = None,
    shared: bool | None = None,
    step: int = 0,
) -> SavedFilter:
    """Rename one's own, begin with it, share it with one's unit, move it forward (-1) or back (+1)."""
    with transaction.atomic():
        row = _own(by, pk)
        others = list(SavedFilter.objects.select_for_update().filter(owner_id=by.id, where=row.where))
        if name is not None:
            row.name = _name(name)
            if any(one.name == row.name and one.pk != row.pk for one in others):
                raise not_ready(_("已有同名的筛选，请换一个名字。"), name=_("换一个名字。"))
        if start is not None:
            if start:
                SavedFilter.objects.filter(owner_id=by.id, where=row.where).update(is_start=False)
            row.is_start = start
        if shared is not None:
            row.unit_id = _unit_of(by) if shared else None
        row.save()
        versions.bump("filters")
        if step:
            _move(others, row.pk, step)
        return row


def delete(*, by: Actor, pk: int) -> None:
    with transaction.atomic():
        _own(by, pk).delete()
        versions.bump("filters")


def _own(by: Actor, pk: int) -> SavedFilter:
    row = SavedFilter.objects.filter(owner_id=by.id, pk=pk).first()
    if row is None:
        raise OutOfScope(NOT_FOUND)
    return row


def _move(rows: list[SavedFilter], pk: int, step: int) -> None:
    """Among its neighbours; numbered anew, for older ones may share a number."""
    at = next(n for n, one in enumerate(rows) if one.pk == pk)
    to = min(len(rows) - 1, max(0, at + step))
    rows.insert(to, rows.pop(at))
    for n, one in enumerate(rows):
        one.place = n
    SavedFilter.objects.bulk_update(rows, ["place"])


def _name(name: object) -> str:
    """Kept short: it stands on a tab."""
    said = " ".join(name.replace("\x00", "").split()) if isinstance(name, str) else ""
    if not said:
        raise not_ready(_("请给筛选起个名字。"), name=_("请填写。"))
    if len(said) > LONGEST:
        raise not_ready(_("名字最多 %(n)s 个字。") % {"n": LONGEST}, name=_("请短一些。"))
    return said


def _last(rows: QuerySet[SavedFilter]) -> int:
    last = rows.aggregate(last=Max("place"))["last"]
    return -1 if last is None else last


def _unit_of(by: Actor) -> int:
    units = [grant.unit_id for grant in by.grants if grant.unit_id is not None]
    if not units or directory.by_id(units[0]) is None:
        raise not_ready(_("您没有任职单位，不能共享。"), shared="")
    return units[0]
