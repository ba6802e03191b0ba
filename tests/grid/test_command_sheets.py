"""A sheet of commands becomes a draft; every bad row is named and then nothing is added."""

import gzip
import io

import pytest

from grid import command_sheets, drafts, workbooks
from grid.errors import Unreadable
from grid.models import Draft, Place
from ledger import clock
from tests.grid.ground import AT, clerk

HEAD = "操作,编码,名称,上级编码,类型,新编码,目标编码\n"


def file(text: str) -> io.BytesIO:
    return io.BytesIO((HEAD + text).encode())


@pytest.fixture
def by(ground):
    return clerk("/", "tree")


def test_rows_become_steps_and_are_published(ground, by):
    draft = command_sheets.to_draft(
        file(
            "改名,370811015001001,一号网格,,,,\n"
            "新增,370811015001008,八号网格,370811015001,网格,,\n"
            "新增,,8号楼,370811015001008,楼栋,,\n"
            "移动,370811015001001001,,370811015001008,,,\n"
            "合并,370811015001002,,,,,370811015001008\n"
            "改码,370811015002,,,,370811015777,\n"
        ),
        by=by,
        at=AT,
        basis="任政〔2026〕1号",
    )
    assert [step["command"] for step in draft.steps] == ["rename", "open", "open", "move", "merge", "recode"]
    assert draft.steps[2]["args"]["parent"] == "~2"
    assert drafts.check(draft, by=by, at=AT).blocking == []
    drafts.publish(draft, by=by, at=AT)
    assert ground["370811015001001"].name == "一号网格"
    grid = ground["370811015001008"]
    assert Place.objects.get(name="8号楼").parent == grid
    assert ground["370811015001001001"].parent == grid
    assert not ground["370811015001002"].is_live
    assert ground["370811015777"].name == "琵琶山社区居民委员会"


def test_a_split_has_a_row_for_each_part(ground, by):
    head = "操作,编码,名称,上级编码,新编码,下级编码\n"
    text = (
        "拆分,370811015001,前铺东社区,,370811015011,370811015001001\n"
        "改名,370811015002,枇杷山社区居民委员会,,,\n"
        "拆分,370811015001,前铺西社区,,,370811015001002、370811015001701\n"
        "移动,370811111260001,,370811015011,,\n"
    )
    draft = command_sheets.to_draft(io.BytesIO((head + text).encode()), by=by, at=AT)
    assert [step["command"] for step in draft.steps] == ["split", "rename", "move"]
    assert draft.steps[2]["args"]["parent"] == "~1.1"
    drafts.publish(draft, by=by, at=AT)
    assert ground["370811015001001"].parent == ground["370811015011"] == ground["370811111260001"].parent
    assert ground["370811015001701"].parent.name == "前铺西社区" and not ground["370811015001"].is_live


def test_every_bad_row_is_named_and_nothing_added(ground, by):
    with pytest.raises(Unreadable) as refused:
        command_sheets.to_draft(
            file(
                "改名,370811015001001,一号,,,,\n飞,370811015001,,,,,\n移动,999,,370811015001,,,\n新增,,甲,370811015001,飞地,,\n改名,370811015002,,,,,\n"
            ),
            by=by,
            at=AT,
        )
    assert [number for number, _words in refused.value.problems] == [3, 4, 5, 6]
    assert not Draft.objects.exists()


def test_it_goes_on_with_the_open_draft(ground, by):
    first = drafts.open_draft(by=by, at=clock.now())
    again = command_sheets.to_draft(file("停用,370811015001701,,,,,\n"), by=by, at=AT)
    assert again.pk == first.pk and len(again.steps) == 1


def test_what_is_one(db):
    assert command_sheets.is_one(file(""))
    assert not command_sheets.is_one(io.BytesIO("编码,名称,上级编码,类型\n".encode()))
    assert not command_sheets.is_one(io.BytesIO(b""))
    assert not command_sheets.is_one(io.BytesIO(b"PK\x03\x04"))


def test_the_head_is_read_in_every_form_and_a_bomb_is_not_unpacked(monkeypatch):
    small = (HEAD + "改名,1,甲,,,,\n").encode()
    book = io.BytesIO()
    workbooks.write(book, "表", [HEAD.strip().split(",")])
    book.seek(0)
    for one in (io.BytesIO(small), io.BytesIO(gzip.compress(small)), book):
        assert command_sheets.is_one(one) and one.tell() == 0
    bomb = gzip.compress(small + b"," * (3 * command_sheets.LARGEST))
    assert len(bomb) < 100_000
    read = []
    piece = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, n: read.append(n) or piece(self, n))
    file = io.BytesIO(bomb)
    assert not command_sheets.is_one(file) and file.tell() == 0
    assert sum(read) <= command_sheets.LARGEST + 2 * 65536
    assert not command_sheets.is_one(io.BytesIO(small + b" " * command_sheets.LARGEST))
