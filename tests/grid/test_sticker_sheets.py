"""一楼一码 on paper."""

import re
import zlib

import pytest
from django.core.management import CommandError, call_command

from grid import finding, sticker_sheets
from grid.errors import TreeRefused
from grid.models import PlaceName


def streams(pdf: bytes) -> list[bytes]:
    import base64

    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        raw = raw.strip()
        if raw.endswith(b"~>"):
            raw = base64.a85decode(b"<~" + raw, adobe=True)
        found.append(zlib.decompress(raw))
    return found


def test_one_sticker_for_each_building_in_order(ground):
    for n in range(1, 9):
        ground.open("building", f"{n}号楼", "370811015001002")
    found = sticker_sheets.stickers(ground["370811015001"])
    assert len(found) == 9
    assert found[0].path == "观音阁街道 · 前铺社区居民委员会 · 前铺第一网格"
    for sticker in found:
        assert finding.by_qr(sticker.token).code == sticker.code


def test_the_pdf_has_six_to_a_page(ground):
    for n in range(1, 9):
        ground.open("building", f"{n}号楼", "370811015001002")
    pdf = sticker_sheets.pdf(sticker_sheets.stickers(ground["370811015001"]), "https://x.example", "前铺")
    assert len(re.findall(rb"/Type /Page\b(?!s)", pdf)) == 2
    assert b"STSong-Light" in pdf
    pages = [page for page in streams(pdf) if b" re" in page]
    assert len(pages) == 2
    name = "有事扫一扫，网格来帮忙".encode("utf-16-be")
    escaped = pages[0].replace(b"\\(", b"(").replace(b"\\)", b")").replace(b"\\\\", b"\\")
    assert re.sub(rb"\\(\d{3})", lambda m: bytes([int(m[1], 8)]), escaped).count(name) == 6


def test_a_long_name_is_made_to_fit(ground):
    place = ground.open("building", "很长的名字" * 20, "370811015001002")
    assert sticker_sheets.pdf(sticker_sheets.stickers(place), "https://x.example", "x").startswith(b"%PDF")


def test_nothing_and_too_many_are_refused(ground, monkeypatch):
    with pytest.raises(TreeRefused, match="没有楼栋"):
        sticker_sheets.stickers(ground["370811111"])
    monkeypatch.setattr(sticker_sheets, "MOST", 0)
    with pytest.raises(TreeRefused, match="最多"):
        sticker_sheets.stickers(ground["370811015"])


def test_statements_do_not_grow(ground, django_assert_max_num_queries):
    for n in range(1, 30):
        ground.open("building", f"{n}号楼", "370811015001002")
    with django_assert_max_num_queries(4):
        sticker_sheets.stickers(ground["370811"])


def test_the_latest_token_of_a_place_is_printed(ground):
    place = ground["370811015001001001"]
    PlaceName.objects.create(place=place, kind="qr", value="newer")
    assert [one.token for one in sticker_sheets.stickers(place)] == ["newer"]


def test_the_command(ground, tmp_path):
    file = tmp_path / "x.pdf"
    call_command("qr_sheets", str(file), root="370811015", site="https://x.example/")
    assert file.read_bytes().startswith(b"%PDF")
    with pytest.raises(CommandError):
        call_command("qr_sheets", str(file), root="999", site="https://x.example/")
