"""The commands that learn from a file of past dispatches: real figures, nothing lost, nothing applied."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.models.rules import DutyRow

PINGSHAN = Path(settings.BASE_DIR).parent / "shared" / "data" / "events_pingshan_dev.csv"
HEADER = "created_at,street,community,type_l2,type_l3,unit,unit_id"


def run(name: str, *args, **options) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *map(str, args), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def a_file(tmp_path):
    def write(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / "past.csv"
        path.write_bytes("\n".join([header, *lines]).encode(encoding))
        return path

    return write


def line(n: int, unit: str, number: str = "", *, community: str = "龙田社区") -> str:
    return f"2018-02-{1 + n // 24:02d} {n % 24:02d}:00:00,龙田街道,{community},设施,道路破损,{unit},{number}"


@pytest.mark.skipif(not PINGSHAN.exists(), reason="the Pingshan events are not here")
def test_pingshan_counts_add_up():
    told = json.loads(run("routing_replay", PINGSHAN, json=True)[0])
    with PINGSHAN.open(encoding="utf-8", newline="") as file:
        lines = sum(1 for _row in csv.DictReader(file))
    assert told["lines"] == lines
    assert told["hit"] + told["abstained"] + told["wrong"] == told["routed"]
    assert told["learnt"] + told["routed"] + told["skipped"] == lines
    assert told["hit"] > 3 * told["wrong"] > 0 and told["abstained"] > 0


@pytest.mark.skipif(not PINGSHAN.exists(), reason="the Pingshan events are not here")
def test_pingshan_prints_each_threshold_and_the_mix_ups():
    out, err = run("routing_replay", PINGSHAN)
    assert out.count(" | ") >= 12 * 5 and "→ ≥3 ≥0.70" in out and " ← " in out
    assert "龙田社区 = 龙田社区（龙田街道办事处）" in err
    assert "没有写单位" in err and "测试单位" in err


def test_learns_on_the_earlier_part_whatever_the_order_of_lines(a_file):
    lines = [line(n, "甲") for n in range(10)] + [line(n, "乙") for n in range(30, 40)]
    for order in (lines, lines[::-1]):
        told = json.loads(run("routing_replay", a_file(*order), json=True)[0])
        assert (told["learnt"], told["hit"], told["wrong"], told["reachable"]) == (10, 0, 10, 0)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_two_names_of_one_unit_are_one(a_file, encoding):
    lines = [line(n, "龙田社区" if n % 2 else "龙田社区（龙田街道办事处）") for n in range(20)]
    lines += [line(30, "-"), line(31, "区测试责任单位一"), line(32, "")]
    _out, err = run("routing_replay", a_file(*lines, encoding=encoding))
    assert (
        "龙田社区（龙田街道办事处）" in err
        and "略过 2 行：没有写单位" in err
        and "略过 1 行：测试单位" in err
    )
    told = json.loads(run("routing_replay", a_file(*lines), json=True)[0])
    assert (told["hit"], told["wrong"], told["skipped"]) == (10, 0, 3)


def test_one_name_with_two_numbers_stays_two_units(a_file):
    lines = [line(n, "城建办", "1") for n in range(4)] + [line(n, "城建办", "2") for n in range(4, 8)]
    out, _err = run("duty_suggest", a_file(*lines), support=1, confidence=0.0)
    assert "城建办" in out
    told = json.loads(run("routing_replay", a_file(*lines), json=True)[0])
    assert told["hit"] == 0


@pytest.mark.parametrize(
    ("header", "words"), [("a,b", "缺少列"), (HEADER.replace("unit,", "office,"), "缺少列：unit")]
)
def test_a_file_it_cannot_read_is_said(a_file, header, words):
    with pytest.raises(CommandError, match=words):
        run("routing_replay", a_file("1,2", header=header))
    with pytest.raises(CommandError, match="打不开"):
        run("routing_replay", "/nowhere/at/all.csv")
    with pytest.raises(CommandError, match="没有可以学习"):
        run("routing_replay", a_file(line(1, "-")))


@pytest.mark.django_db
def test_suggestions_are_a_sheet_and_no_rows(a_file, tmp_path, town):
    before = DutyRow.objects.count()
    lines = [line(n, "龙田社区") for n in range(6)] + [line(n, "乙", community="竹坑社区") for n in range(6)]
    out, err = run("duty_suggest", a_file(*lines), place="370811")
    sheet = list(csv.DictReader(io.StringIO(out)))
    assert sheet and {row["状态"] for row in sheet} == {"建议"}
    assert all(row["支持数"] and row["把握"] and row["依据"] for row in sheet)
    assert "都没有生效" in err and DutyRow.objects.count() == before
    book = tmp_path / "out.xlsx"
    run("duty_suggest", a_file(*lines), out=book)
    assert book.read_bytes()[:2] == b"PK"
