"""A sheet compared with the tree as it stands: what each row would do, or why it cannot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from grid import bulk, codes, commands, facts, kinds, naming, sheets
from grid.errors import TreeRefused
from grid.followers import Impact
from grid.models import Place, PlaceName
from grid.sheets import Row
from ledger.actor import Actor

Progress = Callable[[str, int, int], None]  # stage (check, write, change), done, total
Consequence = tuple[int, Impact]  # by row number

OPEN, RENAME, MOVE, FACTS, SAME = "open", "rename", "move", "facts", "same"
AT_ONCE = 10_000  # codes asked for in one statement


@dataclass(slots=True, frozen=True)
class Standing:
    """What a sheet has to know of a place that stands."""

    pk: int
    code: str
    kind: str
    name: str
    path: str
    above: str  # its parent's code
    is_live: bool
    version: int


@dataclass(slots=True, frozen=True)
class Effect:
    """What one row does: open, rename, move, facts or same. `facts` are those that differ."""

    row: Row
    does: str
    place: Standing | None = None  # the standing one; None where the row opens
    facts: Mapping[str, Any] = field(default_factory=lambda: sheets.NO_FACTS)


@dataclass
class Report:
    """What a sheet does, or did: its effects in row order (a row may rename and move) and what is wrong with
    it, by row number. `consequences`: what a dry run has found to follow for everything that lives on the tree, of
    all changes but the last `unseen`."""

    effects: list[Effect] = field(default_factory=list)
    consequences: list[Consequence] = field(default_factory=list)
    unseen: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    def count(self, does: str) -> int:
        return sum(effect.does == does for effect in self.effects)

    @property
    def changing(self) -> list[Effect]:
        """Those on places that stand."""
        return [effect for effect in self.effects if effect.does not in (OPEN, SAME)]

    @property
    def is_change(self) -> bool:
        return any(effect.does != SAME for effect in self.effects)

    def fingerprint(self) -> str:
        """Equal for two reports of a sheet that change the same places, in the state they have, in the same way."""
        digest = hashlib.sha256()
        for effect in self.effects:
            if effect.does != SAME:
                place = (effect.place.pk, effect.place.version) if effect.place else None
                line = (effect.row.number, effect.does, place, sorted(effect.facts.items()))
                digest.update(repr(line).encode())
        return digest.hexdigest()


class Planner:
    """Compares the rows with the tree as it stands; three reads for every ten thousand codes."""

    def __init__(self, rows: Sequence[Row], keep: bool, by: Actor, tell: Progress) -> None:
        self.rows, self.keep, self.by, self.tell = rows, keep, by, tell
        self.first_line = sheets.numbered(rows)
        self.level_of = {row.code: row.level for row in rows}
        self.kind_of = {level: kinds.read(level) for level in {row.level for row in rows}}
        self.standing: dict[str, Standing] = {}
        self.former: set[str] = set()
        tell("check", 0, len(rows))
        self._read(named_in(rows))
        self.carried = {} if keep else self._carried()

    def _read(self, named: set[str]) -> None:
        above = Coalesce("parent__code", "superior__code")
        for found in of_codes(named, Place.objects.order_by().annotate(above_code=above), "code"):
            columns = found.values_list(
                "pk", "code", "kind", "name", "path", "above_code", "retired_at", "version"
            )
            for pk, code, kind, name, path, above_code, retired, version in columns.iterator(AT_ONCE):
                self.standing[code] = Standing(
                    pk, code, kind, name, path, above_code or "", retired is None, version
                )
        former = PlaceName.objects.filter(kind=PlaceName.Kind.CODE).order_by()
        for found in of_codes(named, former, "value"):
            self.former.update(found.values_list("value", flat=True))

    def _carried(self) -> dict[str, dict[str, Any]]:
        """code → what it carries, of the standing places of which the sheet says more than name and parent."""
        found: dict[str, dict[str, Any]] = {}
        wanted = [row.code for row in self.rows if row.facts and row.code in self.standing]
        for piece in pieces(wanted):
            rows = Place.objects.filter(code__in=piece).order_by()
            for values in rows.values("code", "managed_by__code", *(set(facts.FIELDS) - {"managed_by"})):
                values["managed_by"] = values.pop("managed_by__code")
                found[values.pop("code")] = values
        return found

    def report(self) -> Report:
        report = Report()
        for n, row in enumerate(self.rows):
            wrong = self._wrong(row)
            if wrong:
                report.problems += [(row.number, sentence) for sentence in wrong]
            else:
                report.effects += self._effects(row)
            if n % 1000 == 0:
                self.tell("check", n, len(self.rows))
        self.tell("check", len(self.rows), len(self.rows))
        return report

    def _wrong(self, row: Row) -> list[str]:
        """Every sentence that speaks against the row; checks that would only echo another are left out."""
        wrong = list(row.problems)
        kind = self.kind_of[row.level]
        if not codes.is_well_formed(row.code):
            wrong.append(_("编码“{code}”格式不对").format(code=row.code))
        elif self.first_line[row.code] != row.number:
            wrong.append(_("编码 {code} 与第 {n} 行重复").format(code=row.code, n=self.first_line[row.code]))
            return wrong
        elif row.code in self.former:
            wrong.append(_("编码 {code} 是停用的旧编码，不能再用").format(code=row.code))
        name = naming.tidy(row.name)
        if not name:
            wrong.append(_("名称为空"))
        elif len(name) > facts.LONGEST_NAME:
            wrong.append(_("名称太长"))
        if kind is None:
            wrong.append(_("不认识的类型“{level}”").format(level=row.level))
            return wrong
        if self.keep and row.code in self.standing:
            return wrong
        wrong += self._wrong_standing(row, kind)
        wrong += self._wrong_above(row, kind)
        if row.facts:
            wrong += self._wrong_facts(row, kind)
        return wrong

    def _wrong_standing(self, row: Row, kind: str) -> Iterable[str]:
        place = self.standing.get(row.code)
        if place is None:
            return
        if not self.by.may(commands.CAPABILITY, path=place.path):
            yield _("{code} 不在您可以修改的范围内").format(code=row.code)
        if not place.is_live:
            yield _("编码 {code} 的地点已停用").format(code=row.code)
        if place.kind != kind:
            yield _("{code} 已是{kind}，类型不能改").format(code=row.code, kind=kinds.label(place.kind))

    def _wrong_above(self, row: Row, kind: str) -> Iterable[str]:
        if not row.parent_code:
            if row.code not in self.standing and not kinds.may_stand_alone(kind):
                yield _("{kind}必须有上级").format(kind=kinds.label(kind))
            elif row.code not in self.standing and not self.by.may(commands.CAPABILITY, path="/"):
                yield _("{code} 不在您可以修改的范围内").format(code=row.code)
            return
        above = self._kind_of(row.parent_code)
        standing = self.standing.get(row.parent_code)
        if above is None:
            yield _("上级 {code} 不存在").format(code=row.parent_code)
        elif standing and not standing.is_live:
            yield _("上级 {code} 已停用").format(code=row.parent_code)
        elif not kinds.may_hold(above, kind):
            yield _("{kind}不能放在{above}之下").format(kind=kinds.label(kind), above=kinds.label(above))
        elif (
            standing and self._is_new_under(row) and not self.by.may(commands.CAPABILITY, path=standing.path)
        ):
            yield _("上级 {code} 不在您可以修改的范围内").format(code=row.parent_code)

    def _is_new_under(self, row: Row) -> bool:
        place = self.standing.get(row.code)
        return place is None or place.above != row.parent_code

    def _wrong_facts(self, row: Row, kind: str) -> Iterable[str]:
        estate = row.facts.get("managed_by")
        if estate and self._kind_of(estate) != kinds.ESTATE:
            yield _("所属小区 {code} 不存在或不是小区").format(code=estate)
        elif estate and (wrong := self._wrong_estate(row.code, self.standing.get(estate))):
            yield wrong
        try:
            bulk.carrying(kind, row.facts)
        except TreeRefused as refusal:
            yield refusal.sentence

    def _wrong_estate(self, code: str, estate: Standing | None) -> str:
        """What speaks against counting a place to an estate that stands; nothing against the one that it has."""
        if estate is None or self.carried.get(code, {}).get("managed_by") == estate.code:
            return ""
        if not self.by.may(commands.CAPABILITY, path=estate.path):
            return _("所属小区 {code} 不在您可以修改的范围内").format(code=estate.code)
        return "" if estate.is_live else _("所属小区 {code} 已停用").format(code=estate.code)

    def _kind_of(self, code: str) -> str | None:
        place = self.standing.get(code)
        return place.kind if place else self.kind_of.get(self.level_of.get(code, ""))

    def _effects(self, row: Row) -> list[Effect]:
        place = self.standing.get(row.code)
        if place is None:
            return [Effect(row, OPEN)]
        effects = []
        if not self.keep:
            if naming.tidy(row.name) != place.name:
                effects.append(Effect(row, RENAME, place))
            if row.parent_code and place.above != row.parent_code:
                effects.append(Effect(row, MOVE, place))
            if row.facts and (other := self._other_facts(row)):
                effects.append(Effect(row, FACTS, place, other))
        return effects or [Effect(row, SAME, place)]

    def _other_facts(self, row: Row) -> dict[str, Any]:
        carried = self.carried[row.code]
        said = {**row.facts}
        if "aliases" in said:
            said["aliases"] = facts.tidy_names(said["aliases"])
        return {name: value for name, value in said.items() if carried[name] != value}


def named_in(rows: Iterable[Row]) -> set[str]:
    """Every code that the rows speak of."""
    named: set[str] = set()
    for row in rows:
        named.add(row.code)
        named.add(row.parent_code)
        if estate := row.facts.get("managed_by"):
            named.add(estate)
    named.discard("")
    return named


def pieces(named: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(named)
    while piece := list(islice(rest, AT_ONCE)):
        yield piece


def of_codes(named: set[str], rows: QuerySet, column: str) -> Iterator[QuerySet]:
    """The rows that go by these codes, and perhaps others: piece by piece, or all at once where there are fewer of
    them than codes."""
    if len(named) > AT_ONCE and rows.count() <= len(named):
        yield rows
    else:
        for piece in pieces(named):
            yield rows.filter(**{f"{column}__in": piece})
