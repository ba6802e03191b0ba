"""Eight people change the tree at once, at random, by every command and by drafts: no invariant breaks, no deadlock
reaches anybody, no change is lost. `HUYING_TREE_CHANGES=2000` makes it as long as a night's run should be."""

from __future__ import annotations

import datetime as dt
import os
import random

import pytest
from django.db import connection
from django.db.models import Count, F

from grid import commands, drafts, finding
from grid.errors import TreeRefused
from grid.models import Place, PlacePast
from ledger.models import Entry
from tests.grid.ground import AT, SYSTEM, Ground, assert_sound
from tests.grid.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
CHANGES = int(os.environ.get("HUYING_TREE_CHANGES", "160"))
KINDS = ["community", "grid", "building"]


class Writer:
    """One admin with a mind of their own; `done` counts what was answered with success."""

    def __init__(self, n: int, changes: int) -> None:
        self.n, self.changes, self.chance = n, changes, random.Random(n)
        self.done = self.refused = 0
        self.names: list[tuple[int, int, str]] = []  # place, version, name that was given

    def __call__(self) -> None:
        for turn in range(self.changes):
            at = AT + dt.timedelta(minutes=turn + 1)
            try:
                self.change({"by": SYSTEM, "at": at}, f"{self.n}-{turn}")
                self.done += 1
            except TreeRefused as refusal:
                assert refusal.status in (409, 422) and refusal.sentence
                self.refused += 1

    def some(self, *kinds: str, live: bool = True) -> Place:
        rows = Place.objects.filter(kind__in=kinds or KINDS, retired_at__isnull=live).order_by("pk")
        count = rows.count()
        if not count:
            raise TreeRefused("nothing of the kind")
        found = rows[self.chance.randrange(count) :][:1]
        return next(iter(found), None) or rows[0]

    def change(self, why: dict, word: str) -> None:
        what = self.chance.choices(
            ["open", "rename", "recode", "move", "street", "retire", "restore", "merge", "split", "draft"],
            [6, 3, 2, 4, 1, 1, 1, 1, 1, 2],
        )[0]  # fmt: skip
        kind = self.chance.choice(KINDS)
        holders = {"community": "street", "grid": "community", "building": "grid"}
        match what:
            case "open":
                commands.open_place(kind=kind, name=word, parent=self.some(holders[kind]), **why)
            case "rename":
                place = self.some()
                outcome = commands.rename_place(place=place, name=word, version=place.version, **why)
                self.names.append((place.pk, outcome.place.version, word))
            case "recode":
                place = self.some()
                commands.recode_place(place=place, code=f"W-{word}", version=place.version, **why)
            case "move":
                place, above = self.some(kind), self.some(holders[kind])
                commands.move_place(place=place, parent=above, version=place.version, **why)
            case "street":
                place, above = self.some("street"), self.some("district")
                commands.move_place(place=place, parent=above, version=place.version, **why)
            case "retire":
                place = self.some(kind)
                commands.retire_place(place=place, version=place.version, successor=self.some(kind), **why)
            case "restore":
                place = self.some(live=False)
                commands.restore_place(place=place, version=place.version, **why)
            case "merge":
                place, heir = self.some(kind), self.some(kind)
                commands.merge_places(places=[place], versions=[place.version], target=heir, **why)
            case "split":
                place = self.some("grid")
                children = list(Place.objects.filter(parent=place, retired_at=None))
                parts = [commands.Part(word + "a", tuple(children)), commands.Part(word + "b")]
                commands.split_place(place=place, version=place.version, parts=parts, **why)
            case "draft":
                draft = drafts.open_draft(**why)
                opened = {"kind": "grid", "name": word, "parent": f"#{self.some('community').pk}"}
                draft = drafts.add(draft, command="open", args=opened, **why)
                moved = {"place": f"#{self.some('building').pk}", "parent": "~1"}
                draft = drafts.add(draft, command="move", args=moved, **why)
                drafts.check(draft, **why)
                drafts.publish(draft, **why)


def test_eight_writers():
    ground = Ground().plant()
    for n in range(6):
        ground.open("community", f"社区{n}", ("370811015", "370811111")[n % 2], code=f"S-{n}")
        ground.open("grid", f"网格{n}", f"S-{n}", code=f"G-{n}")
        for k in range(3):
            ground.open("building", f"{n}-{k}号楼", f"G-{n}")
    writers = [Writer(n, CHANGES // WRITERS) for n in range(WRITERS)]
    planted = Entry.objects.filter(subject_kind="place").count()

    assert at_once(*writers, patience=60 + CHANGES) == []

    assert_sound()
    done = sum(writer.done for writer in writers)
    assert done >= CHANGES // 3, [(writer.done, writer.refused) for writer in writers]
    # one entry, one version per change of a place; how it was before is kept for all but the opening
    assert not Place.objects.exclude(version=F("chain_length")).exists()
    entries = Entry.objects.filter(subject_kind="place")
    lengths = dict(entries.values_list("subject_id").annotate(n=Count("pk")))
    assert lengths == dict(Place.objects.values_list("pk", "chain_length"))
    assert entries.count() - planted >= done
    assert PlacePast.objects.count() == entries.exclude(event="place.opened").count()
    # no lost change: every name that was given was given in its turn
    for pk, version, name in (one for writer in writers for one in writer.names):
        entry = entries.get(subject_id=pk, seq=version)
        assert entry.event == "place.renamed"
        later = PlacePast.objects.filter(place=pk, name=name).exists()
        assert later or Place.objects.get(pk=pk).name == name
    for old in Place.objects.exclude(retired_at=None)[:50]:
        for heir in finding.heirs(old.pk):
            assert heir.is_live
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        print(
            f"{done} of {CHANGES} done, {sum(w.refused for w in writers)} refused, deadlocks {cursor.fetchone()[0]}"
        )
