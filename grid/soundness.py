"""Is the tree sound? Proof of its invariants, and their repair from the links upwards.

`parent` and `superior` are the truth; bounds, levels, tree numbers and paths follow from them.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from grid import kinds, tree
from ledger import versions

_ALLOWED = [
    f"{upper}>{lower}" for upper in kinds.KINDS for lower in kinds.KINDS if kinds.may_hold(upper, lower)
]
_HEIRS = [f"{old}>{new}" for old in kinds.KINDS for new in kinds.KINDS if kinds.may_succeed(old, new)]

# name → (what it means, the statement that counts it); each statement sees one snapshot
CHECKS: dict[str, tuple[Promise, str, list]] = {
    "unreachable": (
        _("上级关系成环或断开"),
        "WITH RECURSIVE r AS (SELECT id FROM grid_place WHERE parent_id IS NULL AND superior_id IS NULL UNION "
        "SELECT c.id FROM grid_place c JOIN r ON coalesce(c.parent_id, c.superior_id) = r.id) "
        "SELECT (SELECT count(*) FROM grid_place) - (SELECT count(*) FROM r)",
        [],
    ),
    "misplaced": (
        _("类型不该放在这个上级之下"),
        "SELECT count(*) FROM grid_place c JOIN grid_place p ON p.id = coalesce(c.parent_id, c.superior_id) "
        "WHERE NOT (p.kind || '>' || c.kind = ANY(%s))",
        [_ALLOWED],
    ),
    "wrong_path": (
        _("上级路径不对"),
        "SELECT count(*) FROM grid_place c LEFT JOIN grid_place p ON p.id = coalesce(c.parent_id, c.superior_id) "
        "WHERE c.path <> coalesce(p.path, '/') || c.id || '/'",
        [],
    ),
    "outside_parent": (
        _("左右值不在上级之内"),
        "SELECT count(*) FROM grid_place c JOIN grid_place p ON p.id = c.parent_id "
        "WHERE NOT (c.tree_id = p.tree_id AND c.lft > p.lft AND c.rght < p.rght)",
        [],
    ),
    "bad_level": (
        _("层号不对"),
        "SELECT count(*) FROM grid_place c LEFT JOIN grid_place p ON p.id = c.parent_id "
        "WHERE c.level <> coalesce(p.level + 1, 0)",
        [],
    ),
    "duplicate_bound": (
        _("左右值重复"),
        "SELECT count(*) FROM (SELECT 1 FROM (SELECT tree_id, lft AS b FROM grid_place UNION ALL "
        "SELECT tree_id, rght FROM grid_place) z GROUP BY tree_id, b HAVING count(*) > 1) y",
        [],
    ),
    "gaps": (
        _("左右值有空号"),
        "SELECT count(*) FROM (SELECT count(*) * 2 AS n, max(rght) AS top, min(lft) AS low FROM grid_place "
        "GROUP BY tree_id) x WHERE n <> top OR low <> 1",
        [],
    ),
    "unordered": (
        _("兄弟的次序有交叠"),
        "SELECT count(*) FROM (SELECT rght, lead(lft) OVER (PARTITION BY tree_id, parent_id ORDER BY lft) AS next "
        "FROM grid_place WHERE parent_id IS NOT NULL) x WHERE next <= rght",
        [],
    ),
    "live_under_retired": (
        _("在用的地点在停用的之下"),
        "SELECT count(*) FROM grid_place c JOIN grid_place p ON p.id = coalesce(c.parent_id, c.superior_id) "
        "WHERE c.retired_at IS NULL AND p.retired_at IS NOT NULL",
        [],
    ),
    "code_of_another": (
        _("现编码曾是别处的编码"),
        "SELECT count(*) FROM grid_place p JOIN grid_placename n ON n.kind = 'code' AND n.value = p.code "
        "WHERE n.place_id <> p.id",
        [],
    ),
    "living_predecessor": (
        _("在用的地点有承接者"),
        "SELECT count(*) FROM grid_succession s JOIN grid_place p ON p.id = s.old_id WHERE p.retired_at IS NULL",
        [],
    ),
    "unfit_successor": (
        _("承接者的类型不对"),
        "SELECT count(*) FROM grid_succession s JOIN grid_place o ON o.id = s.old_id "
        "JOIN grid_place n ON n.id = s.new_id WHERE NOT (o.kind || '>' || n.kind = ANY(%s))",
        [_HEIRS],
    ),
    "successors_in_a_ring": (
        _("承接关系成环"),
        "WITH RECURSIVE way AS (SELECT old_id AS origin, new_id AS id, ARRAY[old_id, new_id] AS seen FROM grid_succession "
        "UNION ALL SELECT w.origin, s.new_id, w.seen || s.new_id FROM way w JOIN grid_succession s ON s.old_id = w.id "
        "WHERE NOT s.new_id = ANY(w.seen[2:])) SELECT count(*) FROM way WHERE id = origin",
        [],
    ),
    "foreign_estate": (
        _("所属小区不是小区或已停用"),
        "SELECT count(*) FROM grid_place p JOIN grid_place e ON e.id = p.managed_by_id "
        "WHERE e.kind <> 'estate' OR (e.retired_at IS NOT NULL AND p.retired_at IS NULL)",
        [],
    ),
    "foreign_number": (
        _("树号不是根的编号"),
        "SELECT count(*) FROM grid_place WHERE parent_id IS NULL AND tree_id <> id",
        [],
    ),
}


@dataclass(frozen=True)
class Fault:
    """One broken invariant and how many rows break it."""

    name: str
    label: str
    count: int


def faults() -> list[Fault]:
    """Every broken invariant; an empty list proves the tree sound. Only reads."""
    found = []
    with connection.cursor() as cursor:
        for name, (label, statement, params) in CHECKS.items():
            cursor.execute(statement, params or None)
            count = cursor.fetchone()[0]
            if count:
                found.append(Fault(name, str(label), count))
    return found


def size() -> tuple[int, int]:
    """(places, street trees)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE kind = 'street') FROM grid_place")
        return cursor.fetchone()


@transaction.atomic
def repair() -> int:
    """Compute bounds, levels, tree numbers and paths anew from the links; how many rows changed.

    Siblings keep their present order. A place that no link connects to a top, or that stands under a kind
    it may not, is left as it is: only a human knows where it belongs."""
    tree.lock(tree.FOREST)
    children: dict[int | None, list[int]] = {}
    hung: dict[int | None, list[int]] = {}
    inner: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE grid_place IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT id, parent_id, superior_id FROM grid_place ORDER BY tree_id, lft, id")
        for pk, parent, superior in cursor.fetchall():
            hung.setdefault(parent or superior, []).append(pk)
            if parent:
                children.setdefault(parent, []).append(pk)
                inner.add(pk)
    shape: dict[int, tuple[int, int, int, int]] = {}
    rows = []
    reached = [(pk, "/") for pk in hung.get(None, ())]
    while reached:
        pk, above = reached.pop()
        path = f"{above}{pk}/"
        if pk not in inner:
            shape.update({row[0]: (*row[1:], pk) for row in tree.numbered(pk, children)})
        rows.append((pk, *shape[pk], path))
        reached += [(child, path) for child in hung.get(pk, ())]
    with connection.cursor() as cursor:  # out of the way first: no two roots may share a number meanwhile
        cursor.execute(
            "UPDATE grid_place SET tree_id = id + 1000000000 WHERE parent_id IS NULL AND tree_id <> id"
        )
    changed = tree.rewrite(rows)
    if changed:
        versions.bump("places")
    return changed
