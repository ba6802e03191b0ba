"""A small piece of ground for the parties' tests: one district, two streets, planted by the real commands."""

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

AT = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)  # a Monday, 09:00 in Jining
SYSTEM = system("test")

GROUND = (
    ("37", "province", "山东省", None),
    ("3708", "city", "济宁市", "37"),
    ("370811", "district", "任城区", "3708"),
    ("370811015", "street", "观音阁街道", "370811"),
    ("370811015001", "community", "前铺社区居民委员会", "370811015"),
    ("370811015001001", "grid", "第一网格", "370811015001"),
    ("370811015001001001", "building", "1号楼", "370811015001001"),
    ("370811015001002", "grid", "第二网格", "370811015001"),
    ("370811015002", "community", "琵琶山社区居民委员会", "370811015"),
    ("370811111", "street", "喻屯镇", "370811"),
    ("370811111260", "community", "谭口集村村委会", "370811111"),
    ("370811111260001", "grid", "第一网格", "370811111260"),
)


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
