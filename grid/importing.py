"""Sheets into the tree: first what each row would do, then all of it in one transaction.

Keyed by code, so a second run of the same sheet changes nothing. New places go in by one COPY; renames, moves
and other facts of places that stand, which are few, go through the same commands as those made by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from grid import bulk, codes, generator, sheet_changes, sheets, tree
from grid.commands.base import rehearsal, retried
from grid.errors import TreeRefused, Unreadable
from grid.models import Place
from grid.sheet_plan import AT_ONCE, OPEN, Planner, Progress, Report, named_in, of_codes, pieces
from grid.sheets import Row
from ledger import versions
from ledger.actor import Actor

MOST_LOCKS = 1000  # streets; beyond, the table is locked as a whole


@retried
def load(
    rows: Sequence[Row],
    *,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    keep: bool = False,
    expected: str | None = None,
    progress: Progress | None = None,
) -> Report:
    """Bring the tree to what the rows say, in one transaction. Raises Unreadable naming every bad row.

    A dry run writes nothing and returns the problems and all consequences in the report. `keep` leaves places that already stand
    as they are, whatever the rows say of them. What a row leaves empty stays as it is. Somebody may change only
    what lies in his right; the system may change all. `expected`: the fingerprint of the report that somebody
    said yes to; under the locks it must be the same, else 409."""
    tell = progress or (lambda stage, done, total: None)
    with transaction.atomic():
        if not dry_run:
            _lock(rows)
        report = Planner(rows, keep, by, tell).report()
        if dry_run:
            if report.changing and not report.problems:
                _rehearse(report, rows, by, at, tell)
            return report
        if report.problems:
            raise Unreadable(
                _("有 {n} 处问题，未导入任何数据。").format(n=len(report.problems)), report.problems
            )
        if expected is not None and report.fingerprint() != expected:
            raise TreeRefused(_("核对之后有人改过，请再核对一遍。"), status=409)
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
    """The trees in which the rows' places stand."""
    standing, streets = [], set()
    for found in of_codes(named_in(rows), Place.objects.order_by(), "code"):
        for pk, path in found.values_list("pk", "path").iterator(AT_ONCE):
            standing.append(pk)
            streets.update(tree.path_ids(path)[:4])
        if len(streets) > MOST_LOCKS:
            return tree.lock_all()
    tree.lock_places(*standing, forest=True)


def _write(report: Report, by: Actor, at: dt.datetime, basis: str, tell: Progress) -> None:
    """Do what the report says; the trees are locked."""
    opening = [effect.row for effect in report.effects if effect.does == OPEN]
    if opening:
        _open(opening, by, at, basis, lambda done, of: tell("write", done, of))
    changing = report.changing
    told = opening if by.id is not None or changing else []  # a load by the system alone is no publication
    if changing or told:
        sheet_changes.publish(
            changing,
            _("有 1 处问题，未导入任何数据。"),
            by=by,
            at=at,
            basis=basis,
            opened=told,
            tell=lambda done, of: tell("change", done, of),
        )
        tell("change", len(changing), len(changing))


def _open(
    opening: Sequence[Row], by: Actor, at: dt.datetime, basis: str, tell: Callable[[int, int], None]
) -> None:
    outside = named_in(opening) - {row.code for row in opening}
    standing: dict[str, int] = {}
    for piece in pieces(outside):
        standing.update(Place.objects.filter(code__in=piece).order_by().values_list("code", "pk"))
    bulk.open_all(opening, standing, by=by, at=at, basis=basis, tell=tell)
    versions.bump("places")


def _rehearse(report: Report, rows: Sequence[Row], by: Actor, at: dt.datetime, tell: Progress) -> None:
    """Do what the report changes, with the new places that it needs for it, and roll it back: what follows from each
    row, and which cannot be."""
    changing = report.changing
    report.unseen = max(0, len(changing) - sheet_changes.MOST_REHEARSED)
    with rehearsal():
        _lock(rows)
        if opening := sheet_changes.needed(changing, [one.row for one in report.effects if one.does == OPEN]):
            _open(opening, by, at, "", lambda done, of: None)
        for n, (effect, result) in enumerate(sheet_changes.rehearse(changing, by=by, at=at), start=1):
            tell("change", n, len(changing))
            number = effect.row.number
            report.consequences += [(number, impact) for impact in result.impacts]
            if result.problem:
                report.problems.append((number, result.problem))
