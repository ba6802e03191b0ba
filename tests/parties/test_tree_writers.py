"""Eight admins change the tree at once, at random, by every command and by drafts, each within a scope of their own and
some in the same one: no invariant breaks, no deadlock reaches anybody, no change is lost. `HUYING_TREE_CHANGES=2000`
makes it as long as a night's run should be."""

from __future__ import annotations

import collections
import datetime as dt
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F

from grid import commands, drafts, finding
from grid.commands import Outcome
from grid.errors import TreeRefused
from grid.models import Draft, Place, PlacePast
from grid.tree import path_ids
from ledger import versions
from ledger.actor import Actor
from ledger.models import Entry
from parties.access import actor_of
from parties.models import Account, Person, Posting
from tests.grid.ground import AT, Ground, assert_sound
from tests.grid.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CHANGES = int(os.environ.get("HUYING_TREE_CHANGES", "160"))
KINDS = ["community", "grid", "building"]
HOLDERS = {"community": "street", "grid": "community", "building": "grid"}
# who may change what: two the whole city, two a district, two the same street, two one street each
SCOPES = ("3708", "3708", "370811", "370812", "370811015", "370811015", "370811111", "370812001")
Told = tuple[int, int, str, str]  # place, its version after, the event, and what was given


class Writer:
    """One admin with a mind of their own. `told`: every change that was answered with success, as it was told."""

    def __init__(self, n: int, account: Account, changes: int) -> None:
        self.n, self.account, self.changes, self.chance = n, account, changes, random.Random(n)
        self.told: list[Told] = []
        self.drafts: list[int] = []
        self.done, self.refused = 0, collections.Counter()

    def __call__(self) -> None:
        versions.forget()
        for turn in range(self.changes):
            at = AT + dt.timedelta(minutes=turn + 1)
            by = actor_of(self.account.pk, at)
            try:
                self.change(by, {"by": by, "at": at}, f"{self.n}-{turn}")
                self.done += 1
            except TreeRefused as refusal:
                assert refusal.status in (403, 409, 422) and refusal.sentence
                self.refused[refusal.status] += 1

    def some(self, by: Actor, *kinds: str, live: bool = True) -> Place:
        """One of those within their right; now and then any, to be refused."""
        rows = Place.objects.filter(kind__in=kinds or KINDS, retired_at__isnull=live).order_by("pk")
        if self.chance.random() < 0.95:
            (grant,) = by.grants_for("tree")
            rows = rows.filter(path__startswith=grant.place_path)
        found = list(rows.values_list("pk", flat=True))
        if not found:
            raise TreeRefused("nothing of the kind")
        return Place.objects.get(pk=self.chance.choice(found))

    def tell(self, outcome: Outcome, event: str, word: str = "") -> None:
        self.told.append((outcome.place.pk, outcome.place.version, event, word))

    def change(self, by: Actor, why: dict[str, Any], word: str) -> None:
        acts: dict[str, tuple[int, Callable[..., None]]] = {
            "open": (6, self.open), "rename": (3, self.rename), "recode": (2, self.recode), "facts": (2, self.facts),
            "move": (4, self.move), "street": (1, self.street), "retire": (1, self.retire),
            "restore": (1, self.restore), "merge": (1, self.merge), "anew": (1, self.anew),
            "split": (1, self.split), "draft": (2, self.draft),
        }  # fmt: skip
        weights = [weight for weight, _act in acts.values()]
        acts[self.chance.choices(list(acts), weights)[0]][1](by, why, word)

    def open(self, by, why, word) -> None:
        kind = self.chance.choice(KINDS)
        place = commands.open_place(kind=kind, name=word, parent=self.some(by, HOLDERS[kind]), **why)
        self.told.append((place.pk, 1, "place.opened", word))

    def rename(self, by, why, word) -> None:
        place = self.some(by)
        self.tell(
            commands.rename_place(place=place, name=word, version=place.version, **why), "place.renamed", word
        )

    def recode(self, by, why, word) -> None:
        place = self.some(by)
        outcome = commands.recode_place(place=place, code=f"W-{word}", version=place.version, **why)
        self.tell(outcome, "place.recoded", f"W-{word}")

    def facts(self, by, why, word) -> None:
        place, homes = self.some(by), self.chance.randrange(1, 10**6)
        outcome = commands.set_facts(place=place, values={"households": homes}, version=place.version, **why)
        self.tell(outcome, "place.facts_set", str(homes))

    def move(self, by, why, word) -> None:
        kind = self.chance.choice(KINDS)
        place, above = self.some(by, kind), self.some(by, HOLDERS[kind])
        outcome = commands.move_place(place=place, parent=above, version=place.version, **why)
        self.tell(outcome, "place.moved", str(above.pk))

    def street(self, by, why, word) -> None:
        place, above = self.some(by, "street"), self.some(by, "district")
        outcome = commands.move_place(place=place, parent=above, version=place.version, **why)
        self.tell(outcome, "place.moved", str(above.pk))

    def retire(self, by, why, word) -> None:
        kind = self.chance.choice(KINDS)
        place, heir = self.some(by, kind), self.some(by, kind)
        outcome = commands.retire_place(place=place, version=place.version, successor=heir, **why)
        self.tell(outcome, "place.retired")

    def restore(self, by, why, word) -> None:
        place = self.some(by, live=False)
        self.tell(commands.restore_place(place=place, version=place.version, **why), "place.restored")

    def merge(self, by, why, word) -> None:
        kind = self.chance.choice(KINDS)
        place, heir = self.some(by, kind), self.some(by, kind)
        outcome = commands.merge_places(places=[place], versions=[place.version], target=heir, **why)
        self.tell(outcome, "place.retired")

    def anew(self, by, why, word) -> None:
        place = self.some(by)
        outcome = commands.merge_places(places=[place], versions=[place.version], name=word, **why)
        self.tell(outcome, "place.retired")
        self.told.append((outcome.opened[0].pk, 1, "place.opened", word))

    def split(self, by, why, word) -> None:
        place = self.some(by, "grid")
        children = list(Place.objects.filter(parent=place, retired_at=None))
        parts = [commands.Part(word + "a", tuple(children)), commands.Part(word + "b")]
        outcome = commands.split_place(place=place, version=place.version, parts=parts, **why)
        self.tell(outcome, "place.retired")
        for part, new in zip("ab", outcome.opened, strict=True):
            self.told.append((new.pk, 1, "place.opened", word + part))

    def draft(self, by, why, word) -> None:
        draft = drafts.open_draft(**why)
        opened = {"kind": "grid", "name": word, "parent": f"#{self.some(by, 'community').pk}"}
        draft = drafts.add(draft, command="open", args=opened, **why)
        moved = {"place": f"#{self.some(by, 'building').pk}", "parent": "~1"}
        draft = drafts.add(draft, command="move", args=moved, **why)
        drafts.check(draft, **why)
        self.drafts.append(drafts.publish(draft, **why).pk)


@pytest.fixture
def planted() -> Ground:
    ground = Ground().plant()
    ground.open("street", "兴隆庄街道", "370812", code="370812001")
    for n in range(9):
        street = ("370811015", "370811111", "370812001")[n % 3]
        ground.open("community", f"社区{n}", street, code=f"S-{n}")
        ground.open("grid", f"网格{n}", f"S-{n}", code=f"G-{n}")
        for k in range(3):
            ground.open("building", f"{n}-{k}号楼", f"G-{n}")
    return ground


def an_admin(n: int, place: Place) -> Account:
    person = Person.objects.create(name=f"管理员{n}")
    account = Account.objects.create(username=f"admin{n}", person=person, opened_at=AT)
    since = AT - dt.timedelta(days=30)
    Posting.objects.create(account=account, role="admin", place=place, since=since, confirmed_at=since)
    return account


def test_eight_writers(planted):
    writers = [Writer(n, an_admin(n, planted[code]), CHANGES // len(SCOPES)) for n, code in enumerate(SCOPES)]
    before = Entry.objects.filter(subject_kind="place").count()

    assert at_once(*writers, patience=60 + CHANGES) == []

    assert_sound()
    done = sum(writer.done for writer in writers)
    refused = sum((writer.refused for writer in writers), collections.Counter())
    assert done >= CHANGES // 3 and refused[403], (done, refused)
    entries = Entry.objects.filter(subject_kind="place")
    # no lost change: what each writer was told is in the ledger, once, under that writer's name, in its turn
    told: dict[tuple[int, int], tuple[Told, Writer]] = {}
    for writer in writers:
        for one in writer.told:
            assert one[:2] not in told, "two were told the same version"
            told[one[:2]] = one, writer
    kept = {(entry.subject_id, entry.seq): entry for entry in entries}
    for (pk, version), (one, writer) in told.items():
        entry = kept[pk, version]
        assert (entry.event, entry.actor_id) == (one[2], writer.account.pk), one
        assert entry.payload["version"] == version
        _was_so(entry, one)
    # and nothing stands there that nobody was told: what goes along with a told change, or with a publication
    published = {pk for writer in writers for pk in writer.drafts}
    assert published == set(Draft.objects.filter(status="published").values_list("pk", flat=True))
    homes = dict(Posting.objects.values_list("account_id", "place_id"))
    for entry in entries.filter(at__gt=AT):
        at = (entry.subject_id, entry.seq)
        assert at in told or entry.payload.get("part") or entry.payload["draft"] in published, entry.event
        home = homes[entry.actor_id]
        assert home in path_ids(entry.path), "out of one's right"
    # one entry and one version per change of a place; how it was before is kept
    assert not Place.objects.exclude(version=F("chain_length")).exists()
    lengths = dict(entries.values_list("subject_id").annotate(n=Count("pk")))
    assert lengths == dict(Place.objects.values_list("pk", "chain_length"))
    assert PlacePast.objects.count() == entries.exclude(event__in=("place.opened", "place.facts_set")).count()
    for old in Place.objects.exclude(retired_at=None)[:50]:
        assert all(heir.is_live for heir in finding.heirs(old.pk))
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        deadlocks = cursor.fetchone()[0]
    print(
        f"{done} of {CHANGES} done, {sum(refused.values())} refused {dict(refused)}, {len(told)} changes told,"
        f" {entries.count() - before} entries, {deadlocks} deadlocks begun again"
    )


def _was_so(entry: Entry, one: Told) -> None:
    """The ledger, or the past that it points to, holds what was given."""
    pk, _version, event, given = one
    match event:
        case "place.renamed" | "place.opened":
            names = set(PlacePast.objects.filter(place=pk).values_list("name", flat=True))
            assert given in names | {Place.objects.get(pk=pk).name}
        case "place.recoded":
            assert entry.payload["to"] == given
        case "place.facts_set":
            assert entry.payload["changed"]["households"][1] == int(given)
        case "place.moved":
            codes = set(PlacePast.objects.filter(place=given).values_list("code", flat=True))
            assert entry.payload["to"] in codes | {Place.objects.get(pk=given).code}
