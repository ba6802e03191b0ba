"""Sheets into the tree: first what each row would do, then all of it in one transaction.

Keyed by code, so a second run of the same sheet changes nothing. New places go in by one COPY; renames and
moves, which are few, go through the same commands as those made by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import codes, commands, facts, generator, kinds, naming, sheets, stickers, tree
from grid.errors import TreeRefused, Unreadable
from grid.models import Place, PlaceName
from grid.sheets import Row
from ledger import book, versions
from ledger.actor import Actor

Progress = Callable[[str, int, int], None]  # stage (check, names, write), done, total

OPEN, RENAME, MOVE, SAME = "open", "rename", "move", "same"


@dataclass(frozen=True)
class Effect:
    """What one row does: open, rename, move or same."""

    row: Row
    does: str
    place: Place | None = None  # the standing one; None where the row opens


@dataclass
class Report:
    """What a sheet does, or did: its effects in row order (a row may rename and move) and what is wrong with
    it, by row number."""

    effects: list[Effect] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)

    def count(self, does: str) -> int:
        return sum(effect.does == does for effect in self.effects)

    @property
    def is_change(self) -> bool:
        return any(effect.does != SAME for effect in self.effects)


def load(
    rows: Sequence[Row],
    *,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    keep: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Bring the tree to what the rows say, in one transaction. Raises Unreadable naming every bad row.

    A dry run writes nothing and returns the problems in the report. `keep` leaves places that already stand
    as they are, whatever the rows say of them."""
    tell = progress or (lambda stage, done, total: None)
    with transaction.atomic():
        if not dry_run:
            _lock(rows)
        tell("check", 0, len(rows))
        report = _Planner(rows, keep).report()
        tell("check", len(rows), len(rows))
        if dry_run:
            return report
        if report.problems:
            raise Unreadable(
                _("有 {n} 处问题，未导入任何数据。").format(n=len(report.problems)), report.problems
            )
        _write(report, by, at, basis, tell)
    return report


def only_under(rows: Sequence[Row], root: str) -> list[Row]:
    """The row with this code, all below it and the line above it; raises Unreadable when it is not there."""
    root = codes.tidy(root)
    by_code = {row.code: row for row in rows}
    if root not in by_code:
        raise Unreadable(_("文件中没有编码 {code}。").format(code=root))
    wanted = {root}
    above = by_code.get(by_code[root].parent_code)
    while above and above.code not in wanted:
        wanted.add(above.code)
        above = by_code.get(above.parent_code)
    below: dict[str, list[str]] = {}
    for row in rows:
        below.setdefault(row.parent_code, []).append(row.code)
    open_ends = [root]
    while open_ends:
        fresh = [code for code in below.get(open_ends.pop(), ()) if code not in wanted]
        wanted.update(fresh)
        open_ends += fresh
    return [row for row in rows if row.code in wanted]


def load_town(by: Actor, at: dt.datetime, progress: Progress | None = None) -> Report:
    """任城区 with its real streets and communities, and invented grids, estates and buildings.

    Repeatable: what already stands is left alone, what is missing is opened."""
    rows = generator.town(sheets.shipped("rencheng"))
    return load(rows, by=by, at=at, basis="demo", keep=True, progress=progress)


def _lock(rows: Sequence[Row]) -> None:
    named = {codes.tidy(code) for row in rows for code in (row.code, row.parent_code) if code}
    tree.lock_places(*Place.objects.filter(code__in=named).values_list("pk", flat=True), forest=True)


class _Planner:
    """Compares the rows with the tree as it stands; three reads, whatever the number of rows."""

    def __init__(self, rows: Sequence[Row], keep: bool) -> None:
        self.rows, self.keep = rows, keep
        self.first_line = sheets.numbered(rows)
        self.kinds = {row.code: kinds.read(row.level) for row in rows}
        named = {
            codes.tidy(code)
            for row in rows
            for code in (row.code, row.parent_code, row.facts.get("managed_by", ""))
            if code
        }
        standing = Place.objects.filter(code__in=named).order_by()
        self.standing = {place.code: place for place in standing.defer("boundary")}
        self.former = set(
            PlaceName.objects.filter(kind=PlaceName.Kind.CODE, value__in=named).values_list(
                "value", flat=True
            )
        )
        above = {place.above_id for place in self.standing.values() if place.above_id}
        self.code_of = dict(Place.objects.filter(pk__in=above).order_by().values_list("pk", "code"))

    def report(self) -> Report:
        report = Report()
        for row in self.rows:
            wrong = self._wrong(row)
            report.problems += [(row.number, sentence) for sentence in wrong]
            if not wrong:
                report.effects += self._effects(row)
        return report

    def _wrong(self, row: Row) -> list[str]:
        """Every sentence that speaks against the row; checks that would only echo another are left out."""
        wrong = list(row.problems)
        kind = self.kinds[row.code]
        if not codes.is_well_formed(row.code):
            wrong.append(_("编码“{code}”格式不对").format(code=row.code))
        elif self.first_line[row.code] != row.number:
            wrong.append(_("编码 {code} 与第 {n} 行重复").format(code=row.code, n=self.first_line[row.code]))
            return wrong
        elif row.code in self.former:
            wrong.append(_("编码 {code} 是停用的旧编码，不能再用").format(code=row.code))
        if not naming.tidy(row.name):
            wrong.append(_("名称为空"))
        elif len(naming.tidy(row.name)) > facts.LONGEST_NAME:
            wrong.append(_("名称太长"))
        if kind is None:
            wrong.append(_("不认识的类型“{level}”").format(level=row.level))
            return wrong
        if self.keep and row.code in self.standing:
            return wrong
        wrong += self._wrong_standing(row, kind)
        wrong += self._wrong_above(row, kind)
        estate = row.facts.get("managed_by")
        if estate and self._kind_of(estate) != kinds.ESTATE:
            wrong.append(_("所属小区 {code} 不存在或不是小区").format(code=estate))
        return wrong

    def _wrong_standing(self, row: Row, kind: str) -> Iterable[str]:
        place = self.standing.get(row.code)
        if place and not place.is_live:
            yield _("编码 {code} 的地点已停用").format(code=row.code)
        if place and place.kind != kind:
            yield _("{code} 已是{kind}，类型不能改").format(code=row.code, kind=kinds.label(place.kind))

    def _wrong_above(self, row: Row, kind: str) -> Iterable[str]:
        if not row.parent_code:
            if row.code not in self.standing and not kinds.may_stand_alone(kind):
                yield _("{kind}必须有上级").format(kind=kinds.label(kind))
            return
        above = self._kind_of(row.parent_code)
        standing = self.standing.get(row.parent_code)
        if above is None:
            yield _("上级 {code} 不存在").format(code=row.parent_code)
        elif standing and not standing.is_live:
            yield _("上级 {code} 已停用").format(code=row.parent_code)
        elif not kinds.may_hold(above, kind):
            yield _("{kind}不能放在{above}之下").format(kind=kinds.label(kind), above=kinds.label(above))

    def _kind_of(self, code: str) -> str | None:
        place = self.standing.get(code)
        return place.kind if place else self.kinds.get(code)

    def _effects(self, row: Row) -> list[Effect]:
        place = self.standing.get(row.code)
        if place is None:
            return [Effect(row, OPEN)]
        effects = []
        if not self.keep:
            if naming.tidy(row.name) != place.name:
                effects.append(Effect(row, RENAME, place))
            if row.parent_code and self.code_of.get(place.above_id or 0) != row.parent_code:
                effects.append(Effect(row, MOVE, place))
        return effects or [Effect(row, SAME, place)]


def _write(report: Report, by: Actor, at: dt.datetime, basis: str, tell: Progress) -> None:
    """Do what the report says; the trees are locked."""
    opening = [effect.row for effect in report.effects if effect.does == OPEN]
    if opening:
        _open_all(opening, by, at, basis, tell)
    for effect in report.effects:
        if effect.place is None or effect.does == SAME:
            continue
        place = Place.objects.get(pk=effect.place.pk)
        change: dict[str, Any] = {
            "place": place,
            "version": place.version,
            "by": by,
            "at": at,
            "basis": basis,
        }
        try:
            if effect.does == RENAME:
                commands.rename_place(name=effect.row.name, **change)
            else:
                commands.move_place(parent=Place.objects.get(code=effect.row.parent_code), **change)
        except TreeRefused as refusal:
            raise Unreadable(
                _("有 1 处问题，未导入任何数据。"), [(effect.row.number, refusal.sentence)]
            ) from None
    if opening:
        versions.bump("places")


def _open_all(rows: Sequence[Row], by: Actor, at: dt.datetime, basis: str, tell: Progress) -> None:
    rows = sorted(rows, key=lambda row: kinds.rank(_kind(row)))  # parents first
    fresh: dict[str, Place] = {}
    for n, (row, pk) in enumerate(zip(rows, tree.next_ids(len(rows)), strict=True)):
        place = Place(pk=pk, code=row.code, kind=_kind(row))
        _furnish(place, row)
        fresh[row.code] = place
        if n % 200 == 0:
            tell("names", n, len(rows))
    tell("names", len(rows), len(rows))
    outside = {code for row in rows for code in (row.parent_code, row.facts.get("managed_by", ""))}
    known = {place.code: place for place in Place.objects.filter(code__in=outside - fresh.keys())} | fresh
    planted = []
    for row in rows:
        if estate := row.facts.get("managed_by"):
            fresh[row.code].managed_by = known[estate]
        above = known[row.parent_code] if row.parent_code else None
        tree.position(fresh[row.code], above)  # the facts below tell the path
        planted.append((fresh[row.code], above))
    tell("write", 0, len(rows))
    extra = {"basis": basis} if basis else {}
    book.record_many(
        [
            book.Fact(
                subject=place,
                event="place.opened",
                by=by,
                at=at,
                path=place.path,
                payload={"kind": place.kind, "code": place.code, "parent": row.parent_code or None} | extra,
            )
            for row, place in zip(rows, fresh.values(), strict=True)
        ]
    )
    tree.bulk_load(planted)
    names = [name for place in fresh.values() for name in facts.alias_rows(place)]
    names += [stickers.sticker(place) for place in fresh.values() if place.kind in stickers.KINDS]
    PlaceName.objects.bulk_create(names, batch_size=5000)
    tell("write", len(rows), len(rows))


def _kind(row: Row) -> str:
    kind = kinds.read(row.level)
    assert kind is not None  # the planner let no other row through
    return kind


def _furnish(place: Place, row: Row) -> None:
    try:
        facts.give_name(place, row.name)
        facts.give(place, {name: value for name, value in row.facts.items() if name != "managed_by"})
    except TreeRefused as refusal:
        raise Unreadable(_("有 1 处问题，未导入任何数据。"), [(row.number, refusal.sentence)]) from None
