"""Look-ups of organisations: pure, and as fresh as the version."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from grid.queries import lineage
from parties import commands, directory
from tests.parties.town import AT, SYSTEM, Town


def test_the_desk_of_each_level(town: Town) -> None:
    line = lineage(town.place("370811015001001001"))
    assert directory.desk_at(line, "grid").code == "JW-370811015001"
    assert directory.desk_at(line, "community").code == "JW-370811015001"
    assert directory.desk_at(line, "street").code == "ZX-370811015"
    assert directory.desk_at(line, "district").code == "ZX-370811"


def test_a_level_the_place_lacks_is_the_next_above(town: Town) -> None:
    line = lineage(town.place("370811015"))
    assert directory.desk_at(line, "grid").code == "ZX-370811015"
    assert directory.desk_at(lineage(town.place("37")), "street") is None


def test_levels(town: Town) -> None:
    levels = {
        "JW-370811015001": "community",
        "TS02-370811015": "street",
        "JD-370811015": "street",
        "ZX-370811015": "street",
        "ZX-370811": "district",
        "GV24": "district",
        "UT03": "district",
    }
    assert {code: directory.level_of(directory.by_code(code)) for code in levels} == levels


def test_a_template_finds_the_office_that_serves_the_place(town: Town) -> None:
    assert directory.serving("TS02", lineage(town.place("370811015001"))).code == "TS02-370811015"
    assert directory.serving("TS02", lineage(town.place("370811111260001"))).code == "TS02-370811111"
    assert directory.serving("JW", lineage(town.place("370811111260001"))).code == "JW-370811111260"
    assert directory.serving("TS02", lineage(town.place("370811"))) is None
    assert directory.serving("TS99", lineage(town.place("370811015001"))) is None


def test_no_statement_once_it_is_warm(town: Town) -> None:
    line = lineage(town.place("370811015001"))
    directory.by_code("GV24")
    with CaptureQueriesContext(connection) as queries:
        unit = directory.by_code("GV24")
        directory.by_id(unit.id)
        directory.desk_at(line, "street")
        directory.serving("TS05", line)
        directory.under(unit.path)
        directory.search("执法")
        directory.named("城管局")
    assert len(queries) == 0


def test_a_change_is_seen(town: Town) -> None:
    unit = town.org("GV24")
    assert directory.by_code("GV24").short_name == "区综合执法局"
    commands.rename_organisation(
        by=SYSTEM, at=AT, organisation=unit, version=1, name="任城区城市管理局", short_name="区城管局"
    )
    assert directory.by_code("GV24").short_name == "区城管局"
    assert directory.named("任城区综合行政执法局（城市管理局）").code == "GV24"


def test_names(town: Town) -> None:
    assert directory.named("环卫处").code == "IN02"
    assert directory.named("城管").code == "GV24"
    commands.rename_organisation(
        by=SYSTEM, at=AT, organisation=town.org("IN06"), version=1, aliases=["数字城管", "城管"]
    )
    assert directory.named("城管") is None  # several go by it
    assert directory.named("没有的单位") is None
    assert [org.code for org in directory.search("综合执法中队", serves=[town.place("370811015").pk])] == [
        "TS02-370811015"
    ]
    assert directory.name_of(None) == ""
    assert directory.name_of(town.org("GV24").pk, short=True) == "区综合执法局"


def test_a_merged_name_leads_to_what_it_became(town: Town) -> None:
    old, new = town.org("TS13-370811015"), town.org("TS01-370811015")
    commands.merge_organisation(by=SYSTEM, at=AT, organisation=old, into=new, version=1)
    assert directory.current(directory.by_code("TS13-370811015")).code == "TS01-370811015"
    assert directory.named("观音阁街道综合治理办公室").code == "TS01-370811015"
    assert directory.serving("TS13", lineage(town.place("370811015"))) is None
