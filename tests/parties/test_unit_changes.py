"""The changes of a unit: tried and done alike, with what they touch, within one's reach, against others' work."""

from __future__ import annotations

import json

import pytest

from ledger.models import Entry
from parties import directory, unit_changes
from parties.access import NotYours
from parties.errors import PartiesRefused
from parties.models import Organisation, Posting, Serving
from parties.unit_changes import WAYS, carry_out
from tests.parties.town import AT, SYSTEM, Town

BASIS = "任民〔2026〕31号"
OFFICE, OTHER_OFFICE = "JD-370811015", "JD-370811111"
SQUAD = "TS02-370811015"
COMMITTEE, COMMITTEE_2 = "JW-370811015001", "JW-370811015002"
ESTATE = "370811015001"


@pytest.fixture
def admin(town: Town):
    """A street's admin: 观音阁街道, and nothing else."""
    return town.actor(town.somebody("jdadmin", "admin", place="370811015"))


def do(town: Town, way: str, at_unit: str = "", /, by=SYSTEM, dry_run: bool = False, **sent):
    unit = town.org(at_unit) if at_unit else None
    sent.setdefault("basis", BASIS)
    if way != "open" and unit is not None:
        sent.setdefault("version", unit.version)
    return carry_out(WAYS[way], unit=unit, sent=sent, by=by, at=AT, dry_run=dry_run)


def told(outcome) -> dict[str, tuple[str, str]]:
    return {change["label"]: (change["before"], change["after"]) for change in outcome.changes}


def test_a_property_firm_is_opened_below_the_street(town: Town, admin) -> None:
    sent = {
        "name": "前铺物业公司",
        "code": "WY-1",
        "kind": "property",
        "aliases": "前铺物业\n老物业",
        "serves": ESTATE,
    }
    tried = do(town, "open", OFFICE, by=admin, dry_run=True, **sent)
    assert (
        told(tried)["名称"] == ("", "前铺物业公司") and not Organisation.objects.filter(code="WY-1").exists()
    )
    assert directory.by_code("WY-1") is None
    done = do(town, "open", OFFICE, by=admin, **sent)
    assert done.unit.parent.code == OFFICE and done.unit.aliases == ["前铺物业", "老物业"]
    assert Serving.objects.get(organisation=done.unit).place.code == ESTATE
    entry = Entry.objects.get(subject_kind="organisation", subject_id=done.unit.pk)
    assert entry.payload["basis"] == BASIS


def test_rename_keeps_the_old_name_and_needs_a_basis(town: Town, admin) -> None:
    with pytest.raises(PartiesRefused) as refused:
        do(town, "rename", SQUAD, by=admin, name="综合执法中队", basis=" ")
    assert set(refused.value.fields) == {"basis"}
    old = town.org(SQUAD).name
    outcome = do(town, "rename", SQUAD, by=admin, name="综合执法中队")
    assert told(outcome)["名称"] == (old, "综合执法中队")
    assert old in town.org(SQUAD).aliases and directory.named(old).code == SQUAD


def test_a_dry_run_writes_nothing_and_refuses_alike(town: Town, admin) -> None:
    entries = Entry.objects.count()
    tried = do(town, "rename", SQUAD, by=admin, dry_run=True, name="综合执法中队")
    assert tried.dry_run and told(tried)["名称"][1] == "综合执法中队"
    assert Entry.objects.count() == entries and town.org(SQUAD).name != "综合执法中队"
    assert directory.by_code(SQUAD).name != "综合执法中队"
    for dry_run in (True, False):
        with pytest.raises(PartiesRefused) as refused:
            do(town, "open", OFFICE, by=admin, dry_run=dry_run, name="甲", code=SQUAD, kind="office")
        assert refused.value.status == 409


def test_aliases_are_set_whole(town: Town, admin) -> None:
    do(town, "aliases", SQUAD, by=admin, aliases="城管中队\n执法队")
    assert town.org(SQUAD).aliases == ["城管中队", "执法队"]
    do(town, "aliases", SQUAD, by=admin, aliases=["执法队"])
    assert town.org(SQUAD).aliases == ["执法队"]
    entry = Entry.objects.filter(subject_kind="organisation", subject_id=town.org(SQUAD).pk).latest("seq")
    assert entry.payload["aliases"] == [["城管中队", "执法队"], ["执法队"]]


def test_serving_begins_and_ends(town: Town, admin) -> None:
    do(town, "serve", SQUAD, by=admin, place="370811015001")
    with pytest.raises(PartiesRefused):
        do(town, "serve", SQUAD, by=admin, place="370811015001")
    row = Serving.objects.get(organisation=town.org(SQUAD), place__code="370811015001")
    assert row.until is None
    do(town, "leave", SQUAD, by=admin, place="370811015001")
    assert not Serving.objects.filter(
        organisation=town.org(SQUAD), place__code="370811015001", until=None
    ).exists()
    with pytest.raises(PartiesRefused):
        do(town, "leave", SQUAD, by=admin, place="370811015001")


def test_move_takes_along_what_is_below(town: Town) -> None:
    office = town.org(OFFICE)
    do(town, "open", SQUAD, name="一班", code="B1", kind="office")
    do(town, "move", SQUAD, parent=OTHER_OFFICE)
    squad, team = town.org(SQUAD), town.org("B1")
    assert squad.path == f"{town.org(OTHER_OFFICE).path}{squad.pk}/"
    assert team.path == f"{squad.path}{team.pk}/" and not squad.path.startswith(office.path)
    for parent in ("B1", SQUAD, OTHER_OFFICE):
        with pytest.raises(PartiesRefused):
            do(town, "move", SQUAD, parent=parent)


def test_a_street_admin_stays_in_the_street(town: Town, admin) -> None:
    for way, code, sent in (
        ("rename", OTHER_OFFICE, {"name": "甲"}),
        ("rename", "GV24", {"name": "甲"}),
        ("open", OTHER_OFFICE, {"name": "甲", "code": "X", "kind": "office"}),
        ("open", "", {"name": "甲", "code": "X", "kind": "office"}),
        ("move", SQUAD, {"parent": OTHER_OFFICE}),
        ("merge", COMMITTEE, {"into": "JW-370811111260"}),
        ("serve", SQUAD, {"place": "370811111"}),
        ("retire", "GV24", {}),
    ):
        for dry_run in (True, False):
            with pytest.raises(NotYours):
                do(town, way, code, by=admin, dry_run=dry_run, **sent)


def test_somebody_else_was_faster(town: Town, admin) -> None:
    seen = town.org(SQUAD).version
    do(town, "rename", SQUAD, name="综合执法中队")
    with pytest.raises(PartiesRefused) as refused:
        do(town, "rename", SQUAD, by=admin, name="城管中队", version=seen)
    assert refused.value.status == 409 and refused.value.now.name == "综合执法中队"
    with pytest.raises(PartiesRefused) as refused:
        do(town, "rename", SQUAD, by=admin, name="城管中队", version="")
    assert refused.value.status == 400


def test_merging_shows_what_goes_over_then_does_it(town: Town, admin) -> None:
    town.somebody("zhongdui", "department_clerk", organisation=SQUAD)
    do(town, "open", OFFICE, name="城市管理办公室", code="CG-2", kind="office")
    tried = do(town, "merge", SQUAD, by=admin, dry_run=True, into="CG-2")
    assert {impact.subject for impact in tried.impacts} == {"postings", "servings", "names"}
    assert tried.blocked == "" and town.org(SQUAD).merged_into is None
    do(town, "merge", SQUAD, by=admin, into="CG-2")
    assert town.org(SQUAD).merged_into.code == "CG-2"
    assert Posting.objects.filter(organisation=town.org("CG-2"), until=None).count() == 1


def test_retire_says_what_has_no_home(town: Town, admin) -> None:
    town.somebody("zhongdui", "department_clerk", organisation=SQUAD)
    tried = do(town, "retire", SQUAD, by=admin, dry_run=True)
    assert "任职" in tried.blocked and town.org(SQUAD).retired_at is None
    with pytest.raises(PartiesRefused) as refused:
        do(town, "retire", SQUAD, by=admin)
    assert refused.value.status == 409 and any(impact.blocks for impact in refused.value.impacts)
    desk = do(town, "retire", COMMITTEE_2, by=admin, dry_run=True)
    assert "受理台" in desk.blocked
    do(town, "open", OFFICE, name="临时办", code="LS-1", kind="office")
    do(town, "retire", "LS-1", by=admin)
    assert town.org("LS-1").retired_at == AT


def test_no_phone_enters_the_ledger_with_a_basis(town: Town, admin) -> None:
    outcome = do(town, "rename", SQUAD, by=admin, name="甲队", basis="电话 13812345678 通知")
    entry = Entry.objects.filter(subject_kind="organisation", subject_id=outcome.unit.pk).latest("seq")
    assert "13812345678" not in json.dumps(entry.payload)


def test_every_way_reads_what_its_command_takes() -> None:
    for way in WAYS.values():
        assert len({field.name for field in way.fields}) == len(way.fields)
        assert way.icon and way.label
    assert unit_changes.BASIS.required
