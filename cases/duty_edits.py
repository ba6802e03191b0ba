"""Commands that change whose duty is what. Rows are dated: closed, never overwritten; each command, however many
rows it touches, writes one entry into the chain of the duty rows. Cases keep what they were told; what comes is
routed by the new rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import rulebook
from cases.models.rules import Category, DutyRow, Item, RuleTable
from cases.refusals import MoveRefused, not_ready
from cases.routing import concern
from cases.routing.facts import Duty
from cases.routing.revision import Clash, Difference, Revision
from grid.models import Place
from grid.queries import lineage
from ledger import clock
from ledger.actor import Actor
from ledger.models import Entry
from parties import access, directory
from parties.models import Organisation

MOST_AHEAD = dt.timedelta(days=20 * 366)


# -- one row


def open_duty(
    *,
    by: Actor,
    at: dt.datetime,
    place: Place,
    item: str = "",
    category: str = "",
    organisation: Organisation | directory.Org | None = None,
    template: str = "",
    part: str = "lead",
    direct: bool = False,
    since: dt.date | None = None,
    until: dt.date | None = None,
    basis: str = "",
) -> DutyRow:
    """Say whose duty an item (or a category) is below a place, from `since` (today) on.

    What stood before on the same matter gives way: a lead to any other lead, an assisting or willing unit to
    its own former row; where the new one has an end, the former takes up again after it. Needs `rules` over
    the place. Refuses what is not known, what is no longer there, and who has nothing to do with the place."""
    new = said(
        at=at,
        place=place,
        item=item,
        category=category,
        organisation=organisation,
        template=template,
        part=part,
        direct=direct,
        since=since,
        until=until,
        basis=basis,
    )
    access.require(by, "rules", path=place.path)
    return _open(new, by=by, at=at)


def from_ruling(
    *,
    item: str,
    place: Place,
    organisation: Organisation | directory.Org,
    ruling: str,
    by: Actor,
    at: dt.datetime,
) -> DutyRow:
    """Make a ruling a duty row (属地管理清单): from today on the case's `item` (code) is led by `organisation` in
    the subtree of `place`, a place on the case's path. `ruling`: the case's number, which the Basis names.

    Who may adjudicate over the place may, without keeping the rules: the row says what he ruled. A district's
    unit may be sent to by the street itself from then on. MoveRefused 422 where that very row stands already
    or the unit has nothing to do with the place; the caller makes sure that there was such a ruling."""
    if not by.may("rules", path=place.path):
        access.require(by, "adjudicate", path=place.path)
    unit = directory.by_id(organisation.id)
    new = said(
        at=at,
        place=place,
        item=item,
        organisation=unit,
        direct=unit is not None and unit.level == "district",
        basis=_("工单 %(number)s 的裁定") % {"number": ruling},
    )
    return _open(new, by=by, at=at, ruling=ruling)


def change_duty(
    *, row: int, by: Actor, at: dt.datetime, since: dt.date | None = None, **changes: Any
) -> DutyRow:
    """Close a row at `since` (today) and open one in its stead that differs in `changes`: any of organisation,
    template, part, direct, until, basis. One that has not held a whole day is rewritten."""
    old = row_of(row)
    access.require(by, "rules", path=old.place.path)
    return _open(as_changed(old, at=at, since=since, **changes), by=by, at=at, instead_of=row)


def as_changed(old: DutyRow, *, at: dt.datetime, since: dt.date | None = None, **changes: Any) -> Duty:
    """The row that would take this one's place."""
    given: dict[str, Any] = {
        "organisation": directory.by_id(old.organisation_id),
        "template": old.template,
        **{name: getattr(old, name) for name in ("part", "direct", "until", "basis")},
    }
    if changes.get("organisation") is not None:
        given["template"] = ""
    elif changes.get("template"):
        given["organisation"] = None
    given |= changes
    today = clock.local_date(at)
    return said(
        at=at,
        place=old.place,
        item=old.item.code if old.item else "",
        category=old.category.code if old.category else "",
        since=since or max(today, old.since),
        **given,
    )


def end_duty(*, row: int, by: Actor, at: dt.datetime, on: dt.date | None = None) -> DutyRow | None:
    """Let a duty row hold no longer from a day (today) on. One that has not held a whole day is taken back:
    None then, and what had given way to it holds again."""
    duty = row_of(row)
    access.require(by, "rules", path=duty.place.path)
    day = on or clock.local_date(at)
    _near(day, at, "until")
    with RuleTable.change("duty", "rules.duty_ended", by=by, at=at) as payload:
        book = _standing(_like(rulebook.duty_of(duty)), at)
        with worded():
            left = end_in(book, row, day)
        write(book.difference(), payload)
        payload.update(row=row, until=day.isoformat())
    return None if left is None else DutyRow.objects.get(pk=row)


def end_in(book: Revision, row: int, day: dt.date) -> Duty | None:
    """End a row; where it never held and is taken back (None), what had given way to it holds again."""
    left = book.end(row, day)
    if left is None:
        for pk, until in _gave_way_to(row).items():
            book.restore(pk, until)
    return left


def _open(
    new: Duty, *, by: Actor, at: dt.datetime, instead_of: int | None = None, ruling: str = ""
) -> DutyRow:
    with RuleTable.change("duty", "rules.duty_opened", by=by, at=at) as payload:
        known = _like(new) if instead_of is None else _like(new) | Q(pk=instead_of)
        book = _standing(known, at)
        with worded():
            row = book.open(new, instead_of=instead_of)
        pks = write(book.difference(), payload)
        payload.update(
            row=pks[row.id],
            item=new.item,
            category=new.category,
            place=new.place_id,
            organisation=new.organisation_id,
            template=new.template,
            part=new.part,
            direct=new.direct,
            since=new.since.isoformat(),
            until=new.until.isoformat() if new.until else None,
            **({"ruling": ruling} if ruling else {}),
        )
    return DutyRow.objects.select_related("item", "category", "place", "organisation").get(pk=pks[row.id])


def row_of(row: int) -> DutyRow:
    found = DutyRow.objects.select_related("item", "category", "place").filter(pk=row).first()
    if found is None:
        raise not_ready(_("这一行职责已经不在了，请刷新。"))
    return found


# -- what a row may say


def said(
    *,
    at: dt.datetime,
    place: Place,
    item: str = "",
    category: str = "",
    organisation: Organisation | directory.Org | None = None,
    template: str = "",
    part: str = "lead",
    direct: bool = False,
    since: dt.date | None = None,
    until: dt.date | None = None,
    basis: str = "",
) -> Duty:
    """A row as somebody would have it, checked for itself: the matter, the place and the unit are known, stand,
    and have to do with one another. Raises MoveRefused (422)."""
    if bool(item) == bool(category):
        raise not_ready(_("职责行要么写小项，要么写大类。"), item=_("小项和大类写一个。"))
    if item and ((known := rulebook.item(item)) is None or known.retired):
        raise not_ready(_("没有编号为“%(code)s”的小项，或已停用。") % {"code": item[:8]}, item=_("请核对。"))
    if category and rulebook.category(category) is None:
        raise not_ready(_("没有编号为“%(code)s”的大类。") % {"code": category[:8]}, category=_("请核对。"))
    if part not in DutyRow.Part.values:
        raise not_ready(_("没有这个选项：%(value)s。") % {"value": part[:20]}, part=_("请选择。"))
    if place.retired_at is not None:
        raise not_ready(_("“%(name)s”已停用。") % {"name": place.name}, place=_("请选在用的地点。"))
    if (organisation is None) == (not template):
        raise not_ready(_("职责行要么写单位，要么写镇街机构模板。"), organisation=_("单位和模板写一个。"))
    unit = directory.by_id(organisation.id) if organisation is not None else None
    if organisation is not None:
        if unit is None or unit.retired:
            raise not_ready(_("“%(name)s”已停用。") % {"name": organisation.name}, organisation=_("请另选。"))
        if not concern.reaches(unit, lineage(place)):
            words = {"unit": unit.short_name or unit.name, "place": place.name}
            raise not_ready(
                _("%(unit)s不管%(place)s：它属于别的镇街或社区。") % words, organisation=_("请另选。")
            )
    elif template not in concern.templates():
        raise not_ready(_("没有“%(code)s”这种镇街机构。") % {"code": template[:24]}, template=_("请核对。"))
    since = since or clock.local_date(at)
    _near(since, at, "since")
    if until is not None:
        _near(until, at, "until")
    return Duty(
        id=0,
        place_id=place.pk,
        part=part,
        since=since,
        until=until,
        item=item,
        category=category,
        organisation_id=unit.id if unit is not None else None,
        template=template,
        direct=direct,
        basis=" ".join(basis.split())[:120],
    )


def _near(day: dt.date, at: dt.datetime, field: str) -> None:
    if day > clock.local_date(at) + MOST_AHEAD:
        raise not_ready(_("日期太远：最多二十年以后。"), **{field: _("请改日期。")})


@contextmanager
def worded() -> Iterator[None]:
    """A clash of dates becomes a refusal in words."""
    try:
        yield
    except Clash as clash:
        raise refusal_of(clash) from None


def refusal_of(clash: Clash) -> MoveRefused:
    """The sentence for a change that does not fit."""
    row, fix = clash.row, _("请改日期。")
    if clash.why == "past":
        return not_ready(_("日期不能早于今天：过去的职责不改写。"), since=fix, until=fix)
    if clash.why == "not_after":
        return not_ready(_("失效日须晚于生效日。"), until=fix)
    if clash.why == "gone" or row is None:
        return not_ready(_("这一行职责已经不在了，请刷新。"))
    if clash.why == "said":
        return not_ready(
            _("一样的一行自 %(since)s 起已经有了。") % {"since": row.since.isoformat()},
            organisation=_("与现有的一样。"),
        )
    if clash.why == "ended":
        assert row.until is not None
        return not_ready(
            _("这一行 %(until)s 起失效，已经定了。") % {"until": row.until.isoformat()}, until=fix
        )
    return not_ready(
        _("同一事项在此地点自 %(since)s 起已有一行；请改那一行，或给新的一行写上不晚于那天的失效日。")
        % {"since": row.since.isoformat()},
        since=fix,
    )


# -- rows in and out


def _like(new: Duty) -> Q:
    """Every row on the same matter in the same place."""
    return Q(
        place_id=new.place_id,
        part=new.part,
        **({"item__code": new.item} if new.item else {"category__code": new.category}),
    )


def _standing(wanted: Q, at: dt.datetime) -> Revision:
    """The rows that hold today or later, and those that ended today, as a revision begins from them. Under the
    table's lock."""
    today = clock.local_date(at)
    rows = DutyRow.objects.filter(Q(until=None) | Q(until__gte=today)).select_related("item", "category")
    return Revision.of(map(rulebook.duty_of, rows.filter(wanted).order_by("pk")), today)


def write(found: Difference, payload: dict[str, Any]) -> Mapping[int, int]:
    """Carry a difference out, within `RuleTable.change`, and tell it in the entry's payload: `begun`, `ended`
    and `gone` name rows, `terms` the ends that the dated ones had. Gives new ids for those below zero."""
    for row in found.gone:
        DutyRow.objects.filter(pk=row.id).delete()
    by_until: dict[dt.date | None, list[int]] = {}
    for _was, now in found.dated:
        by_until.setdefault(now.until, []).append(now.id)
    for until, pks in sorted(by_until.items(), key=lambda one: one[0] is None):  # those that go on come last
        DutyRow.objects.filter(pk__in=pks).update(until=until)
    made = _made(found.begun)
    DutyRow.objects.bulk_create(made)
    if found:
        payload.update(
            begun=[row.pk for row in made],
            ended=[now.id for _was, now in found.dated],
            terms={str(was.id): was.until.isoformat() if was.until else None for was, _now in found.dated},
            gone=[row.id for row in found.gone],
        )
    return {row.id: one.pk for row, one in zip(found.begun, made, strict=True)}


def _made(rows: Iterable[Duty]) -> list[DutyRow]:
    rows = list(rows)
    items = dict(Item.objects.filter(code__in={row.item for row in rows}).values_list("code", "pk"))
    categories = dict(
        Category.objects.filter(code__in={row.category for row in rows}).values_list("code", "pk")
    )
    return [
        DutyRow(
            item_id=items[row.item] if row.item else None,
            category_id=categories[row.category] if row.category else None,
            place_id=row.place_id,
            organisation_id=row.organisation_id,
            template=row.template,
            part=row.part,
            direct=row.direct,
            since=row.since,
            until=row.until,
            basis=row.basis,
        )
        for row in rows
    ]


def _gave_way_to(row: int) -> dict[int, dt.date | None]:
    """The rows that the opening of this one ended, with the ends they had."""
    entries = Entry.objects.filter(
        subject_kind=RuleTable.SUBJECT, event="rules.duty_opened", payload__row=row
    ).order_by("-seq")
    told = entries.values_list("payload", flat=True).first() or {}
    return {
        int(pk): dt.date.fromisoformat(until) if until else None
        for pk, until in told.get("terms", {}).items()
    }


def publish(
    *,
    by: Actor,
    at: dt.datetime,
    change: Callable[[Revision], None],
    paths: Iterable[str],
    payload: Mapping[str, Any],
) -> Difference:
    """Many changes at once, all or nothing, one entry. `change` works on the rows as they stand under the lock;
    `paths`: the places (id-paths) it touches, each to be within `rules`."""
    for path in paths:
        access.require(by, "rules", path=path)
    with RuleTable.change("duty", "rules.duty_published", by=by, at=at) as told:
        book = _standing(Q(), at)
        change(book)
        found = book.difference()
        if found:
            write(found, told)
            told.update(payload)
    return found
