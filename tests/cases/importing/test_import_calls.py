"""The command as a whole: exactly once, whatever happens."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from cases.importing import batch, run
from cases.models import Attachment, Call, Case, Clock, DayNumber
from cases.sla import sweep
from ledger import clock
from ledger.models import Entry
from tests import ledgers
from tests.house import invariants
from tests.town import COMMUNITY, DISTRICT, GRID, OTHER_GRID, OTHER_STREET, STREET

pytestmark = pytest.mark.django_db

COLUMNS = {"text_column": "内容", "called_at_column": "时间", "ref_column": "编号"}


def rows(n: int, start: int = 1) -> list[dict[str, str]]:
    return [
        {"编号": f"R{i}", "时间": f"2019-08-{i % 28 + 1:02d} 10:{i % 60:02d}", "内容": f"第 {i} 个井盖坏了。"}
        for i in range(start, start + n)
    ]


def test_calls_are_replayed_at_their_own_time(town, sheet, load):
    said = load(sheet(rows(3)), place=GRID, **COLUMNS)
    assert said.totals == {"read": 3, "taken": 3, "known": 0, "refused": 0}
    case = Case.objects.get(external_ref="calls:R1")
    at = dt.datetime(2019, 8, 2, 2, 1, tzinfo=dt.UTC)
    assert (case.called_at, case.received_at, case.held_since) == (at, at, at)
    assert case.number.startswith("GYG20190802-")
    assert (case.channel, case.status, case.place.code) == ("import", "received", GRID)
    assert case.holder.code == f"JW-{COMMUNITY}"
    call = case.calls.get()
    assert (call.text, call.called_at, call.reporter) == ("第 1 个井盖坏了。", at, None)
    accept = Clock.objects.get(case=case, stage="accept")
    assert accept.due_at == at + dt.timedelta(days=1)
    entry = Entry.objects.get(subject_kind="case", subject_id=case.pk)
    assert (entry.event, entry.actor_role, entry.at) == ("case.received", "system:import", at)
    assert not entry.pending  # nobody is told of what was years ago


def test_one_call_and_many_are_planned_alike(town, sheet, load):
    """What the bulk writes is what `take_call` writes, but for who and how."""
    from cases import intake

    at = dt.datetime(2026, 11, 20, 2, 0, tzinfo=dt.UTC)
    one = intake.take_call(
        by=town.SYSTEM, at=at, called_at=at, place_code=GRID, text="路灯不亮", item="0626",
        origin="resident", channel="import", external_ref="one",
    ).case  # fmt: skip
    line = {"n": "1", "t": "路灯不亮", "i": "0626", "c": "2026-11-20 10:00"}
    with clock.frozen(dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)):
        load(sheet([line]), place=GRID, ref_column="n", text_column="t", item_column="i",
             called_at_column="c", origin="resident")  # fmt: skip
    many = Case.objects.get(external_ref="calls:1")
    one = Case.objects.get(pk=one.pk)
    own = {"id", "number", "external_ref", "chain_head", "chain_length"}
    same = [f.attname for f in Case._meta.concrete_fields if f.attname not in own]
    assert {name: getattr(one, name) for name in same} == {name: getattr(many, name) for name in same}
    clocks = (
        "stage",
        "rule",
        "anchor",
        "segments",
        "due_at",
        "warn_at",
        "next_at",
        "organisation_id",
        "path",
    )
    assert list(one.clocks.order_by("stage").values(*clocks)) == list(
        many.clocks.order_by("stage").values(*clocks)
    )
    payloads = [
        e.payload for e in Entry.objects.filter(subject_id__in=(one.pk, many.pk), event="case.received")
    ]
    assert payloads[0] == payloads[1]


def test_a_second_import_adds_none_and_says_so(town, sheet, load):
    path = sheet(rows(7))
    load(path, place=GRID, **COLUMNS)
    for options in ({}, {"restart": True}):
        said = load(path, place=GRID, **COLUMNS, **options)
        assert said.totals == {"read": 7, "taken": 0, "known": 7, "refused": 0}
        assert "没有新增" in said.out
    assert Case.objects.count() == Call.objects.count() == 7
    assert load(path, place=GRID, source="other", **COLUMNS).totals["taken"] == 7


def test_the_channel_may_change_and_it_is_still_the_same_call(town, sheet, load):
    path = sheet(rows(2))
    load(path, place=GRID, **COLUMNS)
    assert load(path, place=GRID, channel="hotline", **COLUMNS).totals["known"] == 2


def test_stopped_in_the_middle_it_goes_on_from_there(town, sheet, load, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 5)
    path = sheet(rows(18))
    write, batches = batch.write, []

    def breaks(news, **options):
        batches.append(len(news))
        if len(batches) == 3:
            write(news, **options)
            raise KeyboardInterrupt  # everything of this batch was written, and none of it stays
        write(news, **options)

    monkeypatch.setattr(batch, "write", breaks)
    with pytest.raises(KeyboardInterrupt):
        load(path, place=GRID, **COLUMNS)
    assert Case.objects.count() == 10
    monkeypatch.setattr(batch, "write", write)
    said = load(path, place=GRID, **COLUMNS)
    assert said.totals == {"read": 18, "taken": 8, "known": 10, "refused": 0}
    per_day = DayNumber.objects.filter(prefix="GYG").values_list("n", flat=True)
    assert sum(per_day) == 18  # a rolled back batch gave its numbers back
    assert not ledgers.faults()


def test_numbers_of_a_day_have_no_gap_across_batches(town, sheet, load, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 4)
    same_day = [{**row, "时间": "2020-01-05 09:00"} for row in rows(10)]
    load(sheet(same_day), place=GRID, **COLUMNS)
    assert sorted(Case.objects.values_list("number", flat=True)) == [
        f"GYG20200105-{n:04d}" for n in range(1, 11)
    ]


def test_a_bad_row_is_told_and_stops_nothing(town, sheet, load):
    good = {"编号": "1", "时间": "2019-08-19 10:00", "内容": "好的一行", "地点": GRID, "类型": "投诉"}
    bad = [
        {**good, "编号": "2", "内容": " "},
        {**good, "编号": "3", "时间": "前天"},
        {**good, "编号": "4", "地点": "天边"},
        {**good, "编号": "5", "地点": DISTRICT},
        {**good, "编号": "6", "类型": "天气"},
        {**good, "编号": ""},
        {**good},
        {**good, "编号": "9", "内容": "\x00"},
    ]
    last = {**good, "编号": "10", "内容": "最后一行", "地点": "前铺社区居委会"}
    said = load(sheet([good, *bad, last]), place_column="地点", kind_column="类型", **COLUMNS)
    assert said.totals == {"read": 10, "taken": 2, "known": 0, "refused": 8}
    assert [line.split("：")[0] for line in said.err.strip().splitlines()] == [
        f"第 {n} 行" for n in range(3, 11)
    ]
    for sentence in (
        "读不懂的时间“前天”",
        "没有“天边”这个地点",
        "街道以上",
        "不认识的类型",
        "没有编号",
        "重复",
    ):
        assert sentence in said.err
    assert Case.objects.get(external_ref="calls:10").place.code == COMMUNITY
    assert Case.objects.get(external_ref="calls:1").kind == "complaint"


def test_a_row_the_database_refuses_is_told_and_the_others_are_in(town, sheet, load, monkeypatch):
    path = sheet(rows(9))
    plan = run.Import._plan

    def spoilt(self, row, where):
        new = plan(self, row, where)
        if row.ref.endswith("R5"):
            new.planned.call.channel = "smoke"  # a check constraint says no
        return new

    monkeypatch.setattr(run.Import, "_plan", spoilt)
    said = load(path, place=GRID, **COLUMNS)
    assert said.totals == {"read": 9, "taken": 8, "known": 0, "refused": 1}
    assert said.err.startswith("第 6 行：数据库不收这一行")


def test_a_dry_run_writes_nothing(town, sheet, load):
    before = Entry.objects.count()
    said = load(
        sheet([*rows(4), {**rows(1)[0], "编号": "x", "时间": "?"}]), place=GRID, dry_run=True, **COLUMNS
    )
    assert said.totals == {"read": 5, "taken": 4, "known": 0, "refused": 1}
    assert "没有写入" in said.out
    assert not Case.objects.exists() and not DayNumber.objects.exists()
    assert Entry.objects.count() == before


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_encodings(town, sheet, load, encoding):
    load(sheet(rows(2), encoding=encoding, name="calls.csv.gz"), place=GRID, **COLUMNS)
    assert Call.objects.filter(text="第 2 个井盖坏了。").exists()


def test_spread_is_the_same_each_time_and_leaves_the_stranger_alone(town, sheet, load):
    with override_settings(DEMO=True):
        load(sheet(rows(60)), place=DISTRICT, spread="grids", **COLUMNS)
        grids = dict(Case.objects.values_list("external_ref", "place__code"))
        assert set(grids.values()) == {GRID, "370811015001002", "370811015002001"}
        assert OTHER_GRID not in grids.values()
        Case.objects.all()
        load(sheet(rows(60)), place=DISTRICT, spread="grids", source="again", **COLUMNS)
    again = dict(
        Case.objects.filter(external_ref__startswith="again:").values_list("external_ref", "place__code")
    )
    assert again.keys() == {ref.replace("calls:", "again:") for ref in grids}
    other = load(sheet(rows(5)), place=OTHER_GRID, source="quiet", **COLUMNS)
    assert other.totals["taken"] == 5  # outside of a demo it is a grid like any other
    with override_settings(DEMO=True):
        said = load(sheet(rows(1)), place=OTHER_GRID, source="demo", **COLUMNS)
    assert said.totals["refused"] == 1


def test_given_deadlines_are_the_resolve_clocks_and_the_rest_has_none(town, sheet, load):
    lines = [
        {**row, "期限": due, "办结": done}
        for row, due, done in zip(
            rows(4),
            ("2019-08-10 10:00", "", "2019-08-05 10:00", "2019-08-06 10:00"),
            ("", "", "2019-08-05 11:00", "2019-08-06 09:00"),
            strict=True,
        )
    ]
    said = load(
        sheet(lines), place=GRID, target_column="期限", closed_column="办结", item="0220", tz="Asia/Tokyo",
        **COLUMNS,
    )  # fmt: skip
    assert said.totals["taken"] == 4
    assert "办结 2 件" in said.out
    clocks = {
        c.case.external_ref[-2:]: c for c in Clock.objects.filter(stage="resolve").select_related("case")
    }
    assert sorted(clocks) == ["R1", "R3", "R4"]
    assert clocks["R1"].due_at == dt.datetime(2019, 8, 10, 1, tzinfo=dt.UTC)
    assert [clocks[ref].outcome for ref in ("R1", "R3", "R4")] == ["", "met", "met"]
    assert clocks["R3"].breached_at and not clocks["R4"].breached_at
    last = dt.datetime(2019, 8, 31, tzinfo=dt.UTC)
    sweep.sweep(last)
    breached = Clock.objects.filter(stage="resolve", breached_at__isnull=False)
    assert sorted(c.case.external_ref[-2:] for c in breached.select_related("case")) == ["R1", "R3"]
    closed = Case.objects.filter(external_ref__in=("calls:R3", "calls:R4"))
    assert {case.status for case in closed} == {"closed"}
    assert not [
        fault for case in Case.objects.exclude(external_ref="calls:R2") for fault in invariants.faults(case)
    ]
    assert not ledgers.faults()


def test_a_close_needs_an_item_that_asks_for_no_photo(town, sheet, load):
    lines = [
        {**rows(1)[0], "办结": "2019-08-05 11:00", "小项": "0601"},
        {**rows(1, 2)[0], "办结": "2019-08-05 11:00", "小项": ""},
    ]
    said = load(sheet(lines), place=GRID, closed_column="办结", item_column="小项", **COLUMNS)
    assert said.totals["refused"] == 2
    assert said.err.count("结案不能回放") == 2


def test_a_caller_is_answered_and_the_case_closed_when_the_grace_is_over(town, sheet, load):
    lines = [{**rows(1)[0], "办结": "2019-08-05 11:00"}]
    load(sheet(lines), place=GRID, closed_column="办结", item="0220", origin="resident", **COLUMNS)
    case = Case.objects.get()
    assert case.status == "closed"
    assert case.ended_at == dt.datetime(2019, 8, 8, 3, tzinfo=dt.UTC)
    assert case.calls.get().told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"place": GRID}, "--text-column"),
        ({"place": GRID, "text_column": "没有"}, "没有这些列"),
        ({"place": "999999", "text_column": "内容"}, "没有“999999”这个地点"),
        ({"place": DISTRICT, "text_column": "内容"}, "街道以上"),
        ({"place": GRID, "text_column": "内容", "tz": "Mars/Olympus"}, "时区"),
        ({"place": GRID, "text_column": "内容", "item": "9999"}, "这一小项"),
    ],
)
def test_a_slip_in_the_options_is_said_before_anything_is_written(town, sheet, load, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        load(sheet(rows(1)), **options)
    assert not Case.objects.exists()


def test_after_an_import_the_sweep_finds_all_of_it_once(town, sheet, load):
    load(sheet(rows(6)), place=OTHER_STREET, origin="resident", **COLUMNS)
    swept = sweep.sweep()
    assert (swept.warned, swept.breached) == (18, 18)
    assert sweep.sweep().total == 0
    assert not Entry.objects.filter(event__startswith="clock.", pending=True).exists()
    assert not ledgers.faults()
    call_command("check_tree", skip_checks=True)


def test_hostile_text_stays_text(town, sheet, load, client):
    row = {**rows(1)[0], "内容": "<script>alert('x')</script>"}
    load(sheet([row]), place=STREET, **COLUMNS)
    assert Call.objects.get().text == "<script>alert('x')</script>"
    assert not Attachment.objects.exists()
