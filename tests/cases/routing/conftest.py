"""A little ground: one district with two streets, every unit it calls for, and the shipped rules."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from cases import seeding
from grid import queries
from grid.commands import open_place
from ledger import actor
from parties.seeding import load_organisations

AT = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
BY = actor.system("test")


@pytest.fixture
def ground(db):
    """Places by name, with the organisations and rules that stand on them."""

    def opened(kind: str, name: str, code: str, parent=None):
        return open_place(by=BY, at=AT, kind=kind, name=name, parent=parent, code=code)

    province = opened("province", "山东省", "37")
    city = opened("city", "济宁市", "3708", province)
    district = opened("district", "任城区", "370811", city)
    here = opened("street", "观音阁街道", "370811015", district)
    there = opened("street", "南苑街道", "370811016", district)
    community = opened("community", "秦庄社区居委会", "370811015001", here)
    grid = opened("grid", "秦庄社区第一网格", "370811015001001", community)
    elsewhere = opened("community", "南苑社区居委会", "370811016001", there)
    load_organisations(by=BY, at=AT)
    loaded = seeding.load_rules(BY, AT)
    return SimpleNamespace(
        district=district,
        here=here,
        there=there,
        community=community,
        grid=grid,
        elsewhere=elsewhere,
        loaded=loaded,
        at=AT,
        by=BY,
        lineage=queries.lineage,
    )
