"""A small piece of ground, planted by the real commands."""

from __future__ import annotations

import datetime as dt
from typing import Any

from grid import commands, soundness
from grid.commands import Outcome
from grid.models import Place
from ledger.actor import Actor, Grant, system

AT = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
SYSTEM = system("test")

GROUND = (
    ("37", "province", "山东省", None),
    ("3708", "city", "济宁市", "37"),
    ("3709", "city", "泰安市", "37"),
    ("370811", "district", "任城区", "3708"),
    ("370812", "district", "兖州区", "3708"),
    ("370811015", "street", "观音阁街道", "370811"),
    ("370811015001", "community", "前铺社区居民委员会", "370811015"),
    ("370811015001001", "grid", "前铺第一网格", "370811015001"),
    ("370811015001001001", "building", "锦绣花园1号楼", "370811015001001"),
    ("370811015001002", "grid", "前铺第二网格", "370811015001"),
    ("370811015001701", "estate", "锦绣花园", "370811015001"),
    ("370811015002", "community", "琵琶山社区居民委员会", "370811015"),
    ("370811111", "street", "喻屯镇", "370811"),
    ("370811111260", "community", "谭口集村村委会", "370811111"),
    ("370811111260001", "grid", "谭口集第一网格", "370811111260"),
)


class Ground:
    """Places by code, always as they are now, and the commands with their tiresome arguments filled in."""

    def __getitem__(self, code: str) -> Place:
        return Place.objects.get(code=code)

    def plant(self) -> Ground:
        for code, kind, name, parent in GROUND:
            self.open(kind, name, parent, code=code)
        return self

    def open(self, kind: str, name: str, parent: str | None, **more: Any) -> Place:
        above = self[parent] if parent else None
        return commands.open_place(
            **{"by": SYSTEM, "at": AT, "kind": kind, "name": name, "parent": above} | more
        )

    def move(self, code: str, parent: str, **more: Any) -> Outcome:
        return commands.move_place(parent=self[parent], **self._change(code) | more)

    def rename(self, code: str, name: str, **more: Any) -> Outcome:
        return commands.rename_place(name=name, **self._change(code) | more)

    def retire(self, code: str, successor: str | None = None, **more: Any) -> Outcome:
        heir = self[successor] if successor else None
        return commands.retire_place(successor=heir, **self._change(code) | more)

    def _change(self, code: str) -> dict[str, Any]:
        place = self[code]
        return {"place": place, "version": place.version, "by": SYSTEM, "at": AT}


def assert_sound() -> None:
    assert soundness.faults() == []


def clerk(path: str, *capabilities: str) -> Actor:
    """Somebody with a posting over one subtree."""
    grant = Grant(role="admin", capabilities=frozenset(capabilities), place_path=path)
    return Actor(id=7, person_id=7, name="x", role="admin", grants=(grant,))
