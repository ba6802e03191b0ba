"""Many new places at once: one pass in Python, one COPY for the places, one for their facts.

What is kept of each place while its row streams by is its row of the sheet, its id and its parent's; the rest
is made when its turn comes and forgotten.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grid import facts, kinds, naming, stickers, tree
from grid.models import Place, PlaceName
from grid.sheets import Row
from ledger import copying
from ledger.actor import Actor
from ledger.loading import FirstFacts
from ledger.masking import mask_text

_FIELDS = {field.attname: field for field in Place._meta.concrete_fields}
_COLUMNS = [field.column for field in _FIELDS.values()]
_AT = {name: n for n, name in enumerate(_FIELDS)}
# what facts.give sets, apart from the link to the estate
_CARRIED = tuple(name for name in (*facts.FIELDS, "west", "south", "east", "north") if name != "managed_by")


def open_all(
    rows: Sequence[Row],
    standing: Mapping[str, int],
    *,
    by: Actor,
    at: dt.datetime,
    basis: str,
    tell: Callable[[int, int], None],
) -> None:
    """Open a place for every row; `standing` is code → id of the places they name that stand already.

    The rows are known to fit (`grid.importing` looked at each); the caller holds the trees."""
    kind_of = {level: kinds.read(level) for level in {row.level for row in rows}}
    rows = sorted(rows, key=lambda row: kinds.rank(kind_of[row.level]))  # parents first
    by_id = dict(zip(tree.next_ids(len(rows)), rows, strict=True))
    ids = {row.code: pk for pk, row in by_id.items()}

    def known(code: str) -> int:
        return ids[code] if code in ids else standing[code]

    fresh = {
        pk: (kind_of[row.level], known(row.parent_code) if row.parent_code else None)
        for pk, row in by_id.items()
    }
    told = FirstFacts(kind=Place.SUBJECT, event="place.opened", by=by, at=at)
    names: list[tuple[int, str, str, str]] = []
    blank = [copying.spelled(value) for value in copying.copy_values(Place(), _FIELDS.values())]

    why = {"basis": mask_text(basis)} if basis else {}

    def lines() -> Iterator[str]:
        total = len(rows)
        for n, (pk, spot) in enumerate(tree.lay_out(fresh)):
            row, kind = by_id[pk], fresh[pk][0]
            payload = {"kind": kind, "code": row.code, "parent": row.parent_code or None, **why}
            head = told.add(pk, spot.path, payload)
            line = blank.copy()
            _put(line, id=pk, code=row.code, kind=kind, chain_head=head, chain_length=1, **spot._asdict())
            _put(line, **facts.names_of(row.name))
            if row.facts:
                place = carrying(kind, row.facts)
                for name in _CARRIED:
                    line[_AT[name]] = copying.spelled(copying.plain(_FIELDS[name], getattr(place, name)))
                if estate := row.facts.get("managed_by"):
                    _put(line, managed_by_id=known(estate))
                names.extend(
                    (pk, PlaceName.Kind.ALIAS.value, alias, naming.normal(alias)) for alias in place.aliases
                )
            if kind in stickers.KINDS:
                names.append((pk, PlaceName.Kind.QR.value, stickers.token_for(row.code), ""))
            if n % 1000 == 0:
                tell(n, total)
            yield copying.line(line)

    stream = lines()
    first = next(stream, None)  # makes its statements before the COPY begins
    if first is None:
        return
    copying.copy_lines(Place._meta.db_table, _COLUMNS, _from(first, stream))
    told.write()
    copying.copy_rows(PlaceName._meta.db_table, ("place_id", "kind", "value", "normal"), names)
    tell(len(rows), len(rows))


def carrying(kind: str, said: Mapping[str, Any]) -> Place:
    """An unwritten place with what a row says of it, but for its estate. Raises TreeRefused."""
    place = Place(kind=kind)
    facts.give(place, {name: value for name, value in said.items() if name != "managed_by"})
    return place


def _put(line: list[str], **values: Any) -> None:
    for name, value in values.items():
        line[_AT[name]] = copying.spelled(value)


def _from(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
