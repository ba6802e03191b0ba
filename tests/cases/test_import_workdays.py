"""`manage.py import_workdays`: shown first, written with --apply, from a file or standard input."""

from __future__ import annotations

import datetime as dt
import io
from unittest import mock

import pytest
from django.core.management import CommandError, call_command

from cases import rulebook
from tests import builders
from tests.cases.notices_of_years import OF_2027

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("import_workdays", *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "2027.txt"
    path.write_bytes(OF_2027.encode("gb18030"))
    return str(path)


def test_a_preview_writes_nothing(town, file):
    case = builders.a_case("assigned", when=dt.datetime(2026, 12, 31, 8, 0, tzinfo=dt.UTC))
    said = run(file)
    assert "读出 33 天" in said and case.number in said and "只是预览" in said
    assert rulebook.calendar().published_until.year == 2026


def test_apply_and_again(town, file):
    builders.a_case("assigned", when=dt.datetime(2026, 12, 31, 8, 0, tzinfo=dt.UTC))
    assert "日历改了 33 天，重新推算了 1 个时限" in run(file, "--apply", "--basis", "国办发明电（演示）")
    assert rulebook.calendar().published_until.year == 2027
    assert "日历改了 0 天，重新推算了 0 个时限" in run(file, "--apply")


def test_from_standard_input(town):
    with mock.patch("sys.stdin", mock.Mock(buffer=io.BytesIO(OF_2027.encode()))):
        assert "读出 33 天" in run("-")


@pytest.mark.parametrize(
    ("text", "args", "sentence"),
    [
        ("元旦：1月1日放假。", (), "哪一年"),
        ("元旦：1月1日放假。", ("--year", "2027", "--apply"), "还不能导入"),
        (OF_2027.replace("（周五）至3日", "（周四）至3日"), ("--apply",), "核对"),
        (OF_2027, ("--calendar", "nobody"), "没有这份日历"),
    ],
)
def test_refusals_are_one_sentence(town, tmp_path, text, args, sentence):
    path = tmp_path / "notice.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=sentence):
        run(str(path), *args)


def test_a_file_that_is_not_there(town):
    with pytest.raises(CommandError, match="读不到文件"):
        run("/nowhere/at/all.csv")
