"""A small fixed town with people of every role: one district, two streets, three communities.

Built once per process by the real commands, then copied back from memory for every test that asks for it:
use the fixture `town` (or call `plant()` inside a test that has the database).
"""

from __future__ import annotations

import datetime as dt
import io
from functools import lru_cache

from django.apps import apps
from django.db import connection, transaction
from django.test import override_settings

from cases import seeding
from grid.commands import open_place
from grid.models import Place
from ledger import versions
from ledger.actor import Actor, system
from parties.access import actor_of
from parties.demo import load_demo_accounts
from parties.models import Account, Organisation
from parties.seeding import load_organisations

SYSTEM = system("test")
FOUNDED = dt.datetime(2026, 10, 12, 1, 0, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)  # 09:00 in Jining, a working day

DISTRICT = "370811"
STREET = "370811015"
COMMUNITY = "370811015001"
COMMUNITY_2 = "370811015002"
GRID = "370811015001001"  # wangge's, wanggezhang's
GRID_2 = "370811015001002"  # wangge2's
GRID_3 = "370811015002001"
BUILDING = "370811015001001001"  # louzhang's
OTHER_STREET = "370811111"
OTHER_GRID = "370811111260001"  # linju's

GROUND = (
    ("37", "province", "山东省", None),
    ("3708", "city", "济宁市", "37"),
    (DISTRICT, "district", "任城区", "3708"),
    (STREET, "street", "观音阁街道", DISTRICT),
    (COMMUNITY, "community", "前铺社区", STREET),
    (GRID, "grid", "第一网格", COMMUNITY),
    (BUILDING, "building", "1号楼", GRID),
    (GRID_2, "grid", "第二网格", COMMUNITY),
    (COMMUNITY_2, "community", "琵琶山社区", STREET),
    (GRID_3, "grid", "第一网格", COMMUNITY_2),
    (OTHER_STREET, "street", "喻屯镇", DISTRICT),
    ("370811111260", "community", "谭口集村村委会", OTHER_STREET),
    (OTHER_GRID, "grid", "第一网格", "370811111260"),
)
ROOMS = ("ledger", "grid", "parties", "cases", "knox")

_rows: dict[str, bytes] = {}


def plant() -> None:
    """The town stands in the test's database, and nothing else does."""
    with transaction.atomic():
        if _rows:
            _bring_back()
        else:
            _build()
            _keep()
    versions.clear_all()


def _build() -> None:
    places: dict[str, Place] = {}
    for code, kind, name, above in GROUND:
        places[code] = open_place(
            by=SYSTEM, at=FOUNDED, kind=kind, name=name, code=code, parent=places.get(above or "")
        )
    load_organisations(by=SYSTEM, at=FOUNDED)
    seeding.load_rules(SYSTEM, FOUNDED)
    with override_settings(DEMO=True):
        load_demo_accounts(by=SYSTEM, at=FOUNDED)


@lru_cache
def _tables() -> tuple[str, ...]:
    models = [model for model in apps.get_models() if model._meta.managed]  # no views
    return tuple(model._meta.db_table for model in models if model._meta.app_label in ROOMS)


def _keep() -> None:
    with connection.cursor() as cursor:
        for table in _tables():
            sheet = io.BytesIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', sheet)
            if sheet.tell():
                _rows[table] = sheet.getvalue()


def _bring_back() -> None:
    with connection.cursor() as cursor:
        for table, sheet in _rows.items():
            cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.BytesIO(sheet))


# -- who and where


def account(username: str) -> Account:
    return Account.objects.get(username=username)


def actor(username: str, at: dt.datetime = MONDAY) -> Actor:
    """Somebody of parties.demo.PEOPLE, as a command takes them."""
    return actor_of(account(username).pk, at)


def place(code: str) -> Place:
    return Place.objects.get(code=code)


def org(code: str) -> Organisation:
    return Organisation.objects.get(code=code)
