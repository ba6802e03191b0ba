"""Who makes which move: the demo's people where they may, else a colleague nobody wrote a part for (the system
actor "demo")."""

from __future__ import annotations

import datetime as dt
from random import Random

from cases import authority
from cases.lifecycle import FactKind, Move
from cases.models.case import Case
from ledger.actor import Actor, Grant, system
from parties.access import actor_of
from parties.models import Account

DEMO = system("demo")
# asked in this order; who stands together takes turns
ORDER = (
    ("shequ", "shequ", "shequ2"),
    ("jiedao", "jiedao", "jiedao2"),
    ("bumen", "bumen", "bumen2"),
    ("huanwei",),
    ("zhongdui",),
    ("zhiban",),
    ("quji", "quji2"),
    ("wangge", "wangge2"),
    ("wanggezhang",),
    ("fuzeren",),
)
# a desk above may make these too, but leaves them to the one that has the case
OF_THE_DESK = ("desk", "desk_or_holder")
NEAR = ("wangge", "wangge2", "louzhang", "wanggezhang")  # those who walk the grid


class Cast:
    """The people as they are posted now."""

    def __init__(self, now: dt.datetime) -> None:
        wanted = {name for turn in ORDER for name in turn} | {"louzhang", "lingdao"}
        found = Account.objects.filter(username__in=wanted).values_list("username", "pk")
        self.people = {name: actor_of(pk, now) for name, pk in found}

    def named(self, name: str) -> Actor:
        return self.people.get(name, DEMO)

    def who(self, row: Move | FactKind, case: Case, chance: Random) -> Actor:
        """The first who may do this to the case as it stands; trifles are settled by those who walk the grid."""
        order = (NEAR, *ORDER) if row.name == "settle" else ORDER
        for turn in order:
            person = self.named(chance.choice(turn))
            if person.system or not authority.may_try(row, case, person):
                continue
            grant = authority.acting(row, case, person)
            if isinstance(grant, Grant) and (row.who not in OF_THE_DESK or grant.unit_id == case.holder_id):
                return person
        return DEMO

    def taker(self, path: str, *, patrol: bool, chance: Random) -> tuple[Actor, str]:
        """Who takes a call at a place (id-path), and the channel it came by."""
        near = [name for name in NEAR if self._reaches(name, path)]
        if patrol:
            return (self.named(chance.choice(near)) if near else DEMO), "app"
        desks = [name for name in ("shequ", "jiedao", "jiedao2") if self._reaches(name, path)]
        draw = chance.random()
        if near and draw < 0.5:
            return self.named(near[0]), "app"
        if desks and draw < 0.8:
            desk = chance.choice(desks)
            return self.named(desk), "visit" if desk == "shequ" and draw < 0.6 else "phone"
        return DEMO, chance.choice(("wechat", "wechat", "phone", "hotline", "web"))

    def _reaches(self, name: str, path: str) -> bool:
        person = self.named(name)
        return not person.system and person.may("take", path=path)
