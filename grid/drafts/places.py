"""Drafts of the tree of places: what their steps are, what they lock, who may."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy

from grid import history, kinds, tree
from grid.commands.base import CAPABILITY
from grid.draft_base import DraftBase
from grid.drafts import base, reading, seeing, steps
from grid.drafts.base import Args, Now, Ran, Run
from grid.models import Draft, Place
from ledger.actor import Actor


class Places(base.Tree):
    model = Draft
    subject = "places"
    capability = CAPABILITY
    no_right = gettext_lazy("您没有修改网格树的权限。")
    no_right_here = gettext_lazy("您没有修改这里的网格树的权限。")
    takes_along = frozenset({"move", "merge", "split", "retire"})

    def read(self, command: str, args: Args) -> dict[str, Any]:
        return reading.read(steps.COMMANDS, steps.SHAPES, command, args)

    def references(self, command: str, args: Args) -> Iterator[str]:
        return steps.references(command, args)

    def find(self, ref: str) -> Place:
        return steps.find(ref)

    def may(self, by: Actor, node: Place) -> bool:
        return by.may(CAPABILITY, path=node.path)

    def do(self, run: Run, command: str, args: Args) -> Ran:
        return steps.COMMANDS[command].run(run, args)

    def lock(self, draft: DraftBase) -> None:
        """All trees that the steps can touch, in one ascending take: later takes inside find them held."""
        named = {int(pk) for step in draft.steps for pk in step["base"]}
        kind_of = dict(Place.objects.filter(pk__in=named).values_list("pk", "kind"))
        opens_root = any(
            step["command"] == "open" and step["args"].get("kind") in kinds.ROOTS for step in draft.steps
        )
        forest = opens_root or any(kind in kinds.ROOTS for kind in kind_of.values())
        tree.lock_places(*named, forest=forest)
        upper = [pk for pk, kind in kind_of.items() if kind in kinds.UPPER]
        if upper and any(step["command"] in ("move", "merge", "split") for step in draft.steps):
            for path in Place.objects.filter(pk__in=upper).order_by("pk").values_list("path", flat=True):
                tree.lock_below(path)

    def now(self, ids: Collection[int]) -> dict[int, Now]:
        rows = Place.objects.filter(pk__in=ids).values_list("pk", "name", "version", "path")
        return {pk: Now(name, version, path) for pk, name, version, path in rows.order_by("pk")}

    def since(self, versions: Mapping[int, int]) -> dict[int, list[str]]:
        return history.since(versions)

    def names(self, several: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        refs = {ref for step in several for ref in self.references(step["command"], step["args"])}
        if not refs:
            return {}
        ids = [int(ref[1:]) for ref in refs if ref.startswith("#")]
        found = {}
        for pk, code, name in Place.objects.filter(Q(code__in=refs) | Q(pk__in=ids)).values_list(
            "pk", "code", "name"
        ):
            found[code] = found[f"#{pk}"] = name
        return found

    def near(self, by: Actor, ids: Collection[int]) -> set[int]:
        if by.system or "read_all" in by.capabilities:
            return set(ids)
        mine = {grant.place_path for grant in by.grants if grant.place_path}
        rows = Place.objects.filter(pk__in=ids).values_list("pk", "path") if mine and ids else ()
        return {pk for pk, path in rows if seeing.related(path, mine)}

    def published_where(self, by: Actor) -> Q:
        found = Q(pk__in=[])
        for grant in by.grants_for(CAPABILITY):
            if grant.place_path:
                found |= tree.within(grant.place_path)
        return found


PLACES = Places()
base.register(PLACES)
