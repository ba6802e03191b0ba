"""The shape of the tree: the only file that knows tree_id, lft, rght and how a path is built.

The forest is rooted at the street; province, city and district stand above it on plain links, and the
id-path runs through both. Every writer takes its lock before it reads: one advisory transaction lock per
street's tree, keyed by the street's id (which is also the tree_id of all its places), and FOREST for what
stands above the trees. Locks are taken in ascending order, FOREST first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from grid import kinds
from grid.copying import copy_rows, copy_values
from grid.errors import TreeRefused
from grid.models import Place

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


def lock_places(*place_ids: int, forest: bool = False) -> set[int]:
    """Lock the trees in which these places stand (FOREST for those above the streets); which were locked."""
    return _take(
        "SELECT DISTINCT CASE WHEN kind = ANY(%s) THEN 0 ELSE tree_id::bigint END AS k "
        "FROM grid_place WHERE id = ANY(%s) UNION SELECT 0 WHERE %s ORDER BY 1",
        [list(kinds.UPPER), list(place_ids), forest],
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
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Place._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


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


def bulk_load(planted: Sequence[tuple[Place, Place | None]]) -> None:
    """Write many numbered new places, each with what it hangs under, parents before their children.

    One pass in Python computes bounds and levels of every tree that is touched, COPY writes the new rows;
    rows that stood in those trees get their shifted bounds by one UPDATE. The caller holds FOREST and the
    trees. Siblings keep their order, new ones come last."""
    fresh: dict[int, Place] = {}
    for place, above in planted:
        position(place, above)
        if above is not None and place.kind in kinds.INNER:
            place.tree_id = above.tree_id
        fresh[place.pk] = place
    touched = {place.tree_id for place in fresh.values() if place.kind not in kinds.UPPER}
    standing = list(
        Place.objects.filter(tree_id__in=touched - fresh.keys())
        .order_by("tree_id", "lft")
        .values_list("id", "parent_id", "lft", "rght", "level", "tree_id")
    )
    children: dict[int | None, list[int]] = {}
    for pk, parent_id, *_rest in standing:
        if parent_id:
            children.setdefault(parent_id, []).append(pk)
    for place in fresh.values():
        if place.parent_id:
            children.setdefault(place.parent_id, []).append(place.pk)
    bounds = {row[0]: row[1:] for street in touched for row in numbered(street, children)}
    for place in fresh.values():
        if place.pk in bounds:
            place.lft, place.rght, place.level = bounds[place.pk]
    shifted = [
        (pk, *bounds[pk], tree_id, None)
        for pk, _parent, lft, rght, level, tree_id in standing
        if bounds[pk] != (lft, rght, level)
    ]
    if shifted:
        rewrite(shifted)
    fields = Place._meta.concrete_fields
    copy_rows(
        Place._meta.db_table,
        [field.column for field in fields],
        (copy_values(place, fields) for place in fresh.values()),
    )


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
