"""The shape of the tree: the only file that knows tree_id, lft, rght and how a path is built.

The forest is rooted at the street; province, city and district stand above it on plain links, and the
id-path runs through both. Every writer takes its lock before it reads: one advisory transaction lock per
street's tree, keyed by the street's id (which is also the tree_id of all its places), and FOREST for what
stands above the trees. Locks are taken in ascending order, FOREST first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from grid import kinds
from grid.errors import TreeRefused
from grid.models import Place
from ledger.copying import copy_rows

FOREST = 0  # the lock of everything above the streets, and of opening, moving and retiring a street
NAMESPACE = 0x67_72 << 40  # our advisory keys, apart from those of other rooms


# -- reading


def path_ids(path: str) -> list[int]:
    """Ids on an id-path, from the top down, own id last."""
    return [int(part) for part in path.split("/") if part]


def contains(path_a: str, path_b: str) -> bool:
    """Is the place with `path_b` the one with `path_a`, or below it?"""
    return bool(path_a) and path_b.startswith(path_a)


def within(place: Place | str, field: str = "path") -> Q:
    """Filter for the place itself and everything below it; `field` is where the rows keep their id-path."""
    path = place if isinstance(place, str) else place.path
    return Q(**{f"{field}__startswith": path})


def below(place: Place) -> Q:
    """Filter for everything below the place, without itself."""
    return within(place) & ~Q(pk=place.pk)


# -- locking


def lock(*street_ids: int, shared: bool = False) -> None:
    """Hold the trees of these streets until the transaction ends; FOREST may be among them.

    Moves take the exclusive form, intake the shared one. Take it before any read of the tree."""
    _take("SELECT unnest(%s::bigint[]) AS k ORDER BY 1", [sorted(set(street_ids))], shared=shared)


def lock_places(*place_ids: int, forest: bool = False, shared: bool = False) -> set[int]:
    """Lock the trees in which these places stand (FOREST for those above the streets); which were locked."""
    return _take(
        "SELECT DISTINCT CASE WHEN kind = ANY(%s) THEN 0 ELSE tree_id::bigint END AS k "
        "FROM grid_place WHERE id = ANY(%s) UNION SELECT 0 WHERE %s ORDER BY 1",
        [list(kinds.UPPER), list(place_ids), forest],
        shared=shared,
    )


def lock_below(path: str) -> set[int]:
    """Lock every street's tree under a path. Only after FOREST, which keeps the set of streets still."""
    return _take(
        "SELECT id AS k FROM grid_place WHERE kind = 'street' AND path LIKE %s ORDER BY 1", [path + "%"]
    )


def _take(keys: str, params: list, *, shared: bool = False) -> set[int]:
    if not connection.in_atomic_block:
        raise RuntimeError("a tree lock lives in a transaction")
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        # the sorted subquery is finished before the first lock is asked for: ascending order, always
        cursor.execute(f"SELECT k, {function}({NAMESPACE} + k) FROM ({keys}) AS wanted", params)  # noqa: S608 -- our own words only
        return {row[0] for row in cursor.fetchall()}


def lock_all() -> None:
    """Hold FOREST and let nobody else write a place: for a load that touches more trees than one by one can
    be locked (a server has room for some thousands of locks)."""
    lock(FOREST)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE grid_place IN SHARE ROW EXCLUSIVE MODE")


def hold(*place_ids: int, forest: bool = False, subtree: int | None = None) -> dict[int, Place]:
    """Lock, then read: the named places as they now are, their rows held for update.

    `forest` for changes to a place at or above a street; `subtree` names the place whose whole subtree is
    going to be rewritten, so the trees of all streets below it are locked too. Raises TreeRefused (409)
    when a place went to another tree in the meantime."""
    locked = lock_places(*place_ids, forest=forest)
    rows = Place.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    found = {place.pk: place for place in rows.filter(pk__in=place_ids)}
    if any((place.street_id or FOREST) not in locked for place in found.values()):
        raise TreeRefused(_("树刚刚有变动，请刷新后再试。"), status=409)
    if subtree in found and found[subtree].kind in kinds.UPPER:
        lock_below(found[subtree].path)
    return found


# -- writing; the caller holds the lock


def next_ids(count: int) -> list[int]:
    """Ids that nobody else gets, for rows whose path must be known before they are written."""
    with connection.cursor() as cursor:
        found: list[int] = []
        while len(found) < count:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [Place._meta.db_table, min(count - len(found), 20_000)],
            )
            found += (row[0] for row in cursor.fetchall())
        return found


def position(place: Place, above: Place | None) -> None:
    """Give a numbered, unwritten place its link upwards and its path; no statement."""
    place.path = f"{above.path if above else '/'}{place.pk}/"
    if place.kind in kinds.ROOTS:
        place.superior, place.parent = above, None
        place.tree_id, place.lft, place.rght, place.level = place.pk, 1, 2, 0
    else:
        place.superior, place.parent = None, above


def insert_leaf(place: Place, above: Place | None) -> None:
    """Write a numbered new place as the last child of `above` (None: the top of everything)."""
    position(place, above)
    if place.kind in kinds.INNER:
        Place._tree_manager.insert_node(place, above, allow_existing_pk=True, refresh_target=False)
    place.is_planted = True
    place.save(force_insert=True)


def move_subtree(place: Place, above: Place) -> int:
    """Hang a place with all below it under `above`; every row below gets its new path. How many rows moved.

    The row of the place itself is written too, so whoever holds it FOR SHARE is waited for."""
    old, new = place.path, f"{above.path}{place.pk}/"
    if place.kind in kinds.ROOTS:
        place.superior = above
        place.save(update_fields=["superior"])
    else:
        Place._tree_manager.move_node(place, above, position="last-child")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE grid_place SET path = %s || substr(path, %s) WHERE path LIKE %s",
            [new, len(old) + 1, old + "%"],
        )
        moved = cursor.rowcount
    place.path = new
    return moved


class Spot(NamedTuple):
    """Where a new place stands: the columns that only this file knows."""

    parent_id: int | None
    superior_id: int | None
    tree_id: int
    lft: int
    rght: int
    level: int
    path: str


def lay_out(fresh: Mapping[int, tuple[str, int | None]]) -> Iterator[tuple[int, Spot]]:
    """Where many numbered new places stand; `fresh` is id → (kind, id of what it hangs under), parents before
    their children.

    One pass computes bounds and levels of every tree that is touched. Rows that stood in those trees get their
    shifted bounds by one UPDATE before the first answer; after it no statement is made, so the answers can be
    copied in as they come. The caller holds FOREST and the trees. Siblings keep their order, new ones come
    last."""
    parents = {above for _kind, above in fresh.values()} - {None}
    anchors = _anchors(parents - fresh.keys())
    paths = {pk: path for pk, (path, _root) in anchors.items()}
    root_of = {pk: root for pk, (_path, root) in anchors.items()}
    children: dict[int | None, list[int]] = {}
    upper: list[int] = []
    streets: list[int] = []
    inner: set[int] = set()
    for pk, (kind, above) in fresh.items():
        if kind in kinds.INNER and above is not None:
            children.setdefault(above, []).append(pk)
            inner.add(root_of[above])
            if pk in parents:
                root_of[pk] = root_of[above]
        else:
            (streets if kind == kinds.STREET else upper).append(pk)
            root_of[pk] = pk
        if pk in parents:
            paths[pk] = f"{paths[above] if above else '/'}{pk}/"
    standing = _shift(inner - fresh.keys(), children)
    return _spots(fresh, upper, streets + standing, children, paths)


def _anchors(ids: Iterable[int | None]) -> dict[int, tuple[str, int]]:
    """id → (path, number of its tree) of standing places."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, path, tree_id FROM grid_place WHERE id = ANY(%s)", [list(ids)])
        return {pk: (path, root) for pk, path, root in cursor.fetchall()}


def _shift(streets: set[int], children: dict[int | None, list[int]]) -> list[int]:
    """Make room in standing trees for new places: their own go first in `children`, and get their new bounds."""
    rows = Place.objects.filter(tree_id__in=streets).order_by("tree_id", "lft")
    standing = list(rows.values_list("id", "parent_id", "lft", "rght", "level", "tree_id"))
    own: dict[int, list[int]] = {}
    for pk, parent_id, *_rest in standing:
        if parent_id:
            own.setdefault(parent_id, []).append(pk)
    for parent_id, pks in own.items():
        children[parent_id] = pks + children.get(parent_id, [])
    bounds = {
        pk: (lft, rght, level) for street in streets for pk, lft, rght, level in numbered(street, children)
    }
    shifted = [
        (pk, *bounds[pk], tree_id, None)
        for pk, _parent, lft, rght, level, tree_id in standing
        if bounds[pk] != (lft, rght, level)
    ]
    if shifted:
        rewrite(shifted)
    return sorted(streets)


def _spots(
    fresh: Mapping[int, tuple[str, int | None]],
    upper: Sequence[int],
    streets: Sequence[int],
    children: Mapping[int | None, Sequence[int]],
    paths: Mapping[int, str],
) -> Iterator[tuple[int, Spot]]:
    def path(pk: int, above: int | None) -> str:
        return f"{paths[above] if above else '/'}{pk}/"

    for pk in upper:
        above = fresh[pk][1]
        yield pk, Spot(None, above, pk, 1, 2, 0, path(pk, above))
    for street in streets:
        for pk, lft, rght, level in numbered(street, children):
            if pk not in fresh:
                continue
            above = fresh[pk][1]
            parent, superior = (None, above) if pk == street else (above, None)
            yield pk, Spot(parent, superior, street, lft, rght, level, path(pk, above))


def numbered(root: int, children: Mapping[int | None, Sequence[int]]) -> Iterator[tuple[int, int, int, int]]:
    """(id, lft, rght, level) for every place of one tree, from its root and the children of each place."""
    counter = 1
    stack = [(root, iter(children.get(root, ())), 1, 0)]
    while stack:
        node, rest, left, level = stack[-1]
        counter += 1
        child = next(rest, None)
        if child is None:
            yield node, left, counter, level
            stack.pop()
        else:
            stack.append((child, iter(children.get(child, ())), counter, level + 1))


def rewrite(rows: Iterable[tuple[int, int, int, int, int, str | None]]) -> int:
    """Set (id, lft, rght, level, tree_id, path) where it differs, path None: kept; how many rows changed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE place_shape (id bigint PRIMARY KEY, l int, r int, v int, t int, p text) "
            "ON COMMIT DROP"
        )
        copy_rows("place_shape", ["id", "l", "r", "v", "t", "p"], rows)
        cursor.execute("ANALYZE place_shape")
        cursor.execute(
            "UPDATE grid_place AS g SET lft = l, rght = r, level = v, tree_id = t, path = coalesce(p, g.path) "
            "FROM place_shape AS s WHERE s.id = g.id "
            "AND (g.lft, g.rght, g.level, g.tree_id, g.path) "
            "IS DISTINCT FROM (l, r, v, t, coalesce(p, g.path))"
        )
        changed = cursor.rowcount
        cursor.execute("DROP TABLE place_shape")
    return changed
