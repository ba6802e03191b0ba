"""A sticker scanned: by a worker, by a resident, by somebody whose building was taken over."""

import pytest
from django.test import Client
from django.urls import reverse

from grid import commands, sticker_sheets, stickers
from grid.models import Place
from ledger import clock
from ledger.actor import system


@pytest.fixture
def building(town):
    parent = Place.objects.get(code=town.GRID)
    return commands.open_place(
        by=system("test"), at=clock.now(), kind="building", name="9号楼", parent=parent
    )


def test_a_worker_comes_to_a_new_call_there(town, building):
    worker = Client()
    worker.force_login(town.account("wangge"), "parties.backends.PostingsBackend")
    answer = worker.get(f"/q/{stickers.token_for(building.code)}/", follow=True)
    assert answer.redirect_chain == [(f"/calls/new/?place={building.code}", 302)]
    assert f'<option value="{building.code}"' in answer.content.decode()
    refused = worker.post("/calls/new/", {"place": building.code, "text": ""})
    assert refused.status_code == 422
    assert f'<option value="{building.code}"' in refused.content.decode()


def test_a_resident_comes_to_a_report_from_there(town, building):
    answer = Client().get(f"/q/{stickers.token_for(building.code)}/", follow=True)
    assert answer.redirect_chain == [(f"/report/?place={building.code}", 302)]
    words = answer.content.decode()
    assert "9号楼" in words and building.code in words and "tel:12345" in words and "/track/" in words
    assert f"/login/?next=%2Fcalls%2Fnew%2F%3Fplace%3D{building.code}" in words
    assert Client().get("/q/nothing/").status_code == 404


def test_whoever_takes_no_calls_reads_it_too(town, building):
    auditor = Client()
    auditor.force_login(town.account("shenji"), "parties.backends.PostingsBackend")
    assert auditor.get(f"/q/{stickers.token_for(building.code)}/").status_code == 200


def test_an_old_sticker_leads_to_the_successor(town, building):
    token = stickers.token_for(building.code)
    heir = commands.open_place(
        by=system("test"), at=clock.now(), kind="building", name="10号楼", parent=building.parent
    )
    commands.retire_place(place=building, version=1, successor=heir, by=system("test"), at=clock.now())
    assert "10号楼" in Client().get(f"/q/{token}/", follow=True).content.decode()


def test_a_split_building_tells_all_that_it_became(town, building):
    commands.split_place(
        place=building,
        version=1,
        parts=[commands.Part("9号楼东段"), commands.Part("9号楼西段")],
        by=system("test"),
        at=clock.now(),
    )
    url = f"/q/{stickers.token_for(building.code)}/"
    codes = list(
        Place.objects.filter(name__startswith="9号楼", retired_at=None).values_list("code", flat=True)
    )
    words = Client().get(url).content.decode()
    assert len(codes) == 2 and all(f"/report/?place={code}" in words for code in codes)
    worker = Client()
    worker.force_login(town.account("wangge"), "parties.backends.PostingsBackend")
    words = worker.get(url).content.decode()
    assert all(f"/calls/new/?place={code}" in words for code in codes)
    refused = worker.post("/calls/new/", {"place": building.code, "text": "外墙"})
    assert refused.status_code == 422


def test_the_address_on_the_wall_holds_for_ever(town, building, monkeypatch):
    """Printed once on paper: the address is the token's alone, whatever becomes of code, name and place."""
    token = stickers.token_for(building.code)
    assert reverse("cases:sticker", args=[token]) == f"/q/{token}/"
    printed: list[str] = []
    monkeypatch.setattr(sticker_sheets, "_qr", lambda canvas, address, x, y: printed.append(address))
    sticker_sheets.pdf(sticker_sheets.stickers(building), "https://huying.example", "")
    assert printed == [f"https://huying.example/q/{token}/"]
    why = {"by": system("test"), "at": clock.now()}
    commands.recode_place(place=building, code="NEW-9", version=1, **why)
    commands.rename_place(place=building, name="改过名的楼", version=2, **why)
    commands.move_place(place=building, parent=Place.objects.get(code=town.GRID_2), version=3, **why)
    for who in ("wangge", "jiedao"):
        reader = Client()
        reader.force_login(town.account(who), "parties.backends.PostingsBackend")
        answer = reader.get(f"/q/{token}/", follow=True)
        assert answer.redirect_chain == [("/calls/new/?place=NEW-9", 302)], who
    assert "改过名的楼" in Client().get(f"/q/{token}/", follow=True).content.decode()
