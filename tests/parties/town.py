"""The small town without its people: the parties' tests open and post their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from grid.commands import open_place
from grid.models import Place
from ledger.actor import Actor, system
from parties import commands
from parties.access import actor_of
from parties.models import Account, Organisation
from parties.seeding import load_organisations
from tests.town import GROUND

AT = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)  # a Monday, 09:00 in Jining
SYSTEM = system("test")


@dataclass
class Town:
    places: dict[str, Place] = field(default_factory=dict)

    def place(self, code: str) -> Place:
        return self.places[code]

    def org(self, code: str) -> Organisation:
        return Organisation.objects.get(code=code)

    def somebody(
        self, username: str, role: str = "", place: str = "", organisation: str = "", **details: object
    ) -> Account:
        """An account, posted where said; what waits is confirmed, as the system posts."""
        account = commands.open_account(
            by=SYSTEM, at=AT, username=username, name="周小明", phone="13800000001"
        )
        if role:
            commands.post(
                by=SYSTEM,
                at=AT,
                account=account,
                role=role,
                place=self.places[place] if place else None,
                organisation=self.org(organisation) if organisation else None,
                **details,
            )
        return account

    def actor(self, account: Account, at: dt.datetime = AT) -> Actor:
        return actor_of(account.pk, at)


def build(*, organisations: bool = True) -> Town:
    town = Town()
    for code, kind, name, above in GROUND:
        town.places[code] = open_place(
            by=SYSTEM, at=AT, kind=kind, name=name, code=code, parent=town.places.get(above or "")
        )
    if organisations:
        load_organisations(by=SYSTEM, at=AT)
    return town
