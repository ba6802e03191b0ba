"""A street's admin draws a boundary, looks for overlaps, saves; hands in and takes out a file; over HTTP too."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from grid import boundary_text
from grid.models import Place
from tests.clients import Api
from tests.grid.test_boundaries import square


def admin(town) -> Client:
    found = Client()
    found.force_login(town.account("admin"), "parties.backends.PostingsBackend")
    return found


def test_draw_look_save(town):
    browser, place = admin(town), Place.objects.get(code=town.GRID)
    address = f"/places/{town.GRID}/boundary/"
    page = browser.get(address).content.decode()
    assert "data-points" in page and "boundary_map.js" in page
    sent = {
        "version": place.version,
        "points": boundary_text.written(square(116.6, 35.4)),
        "datum": "CGCS2000",
    }
    looked = browser.post(address, {**sent, "step": "check"}).content.decode()
    assert 'value="apply"' in looked
    place.refresh_from_db()
    before = place.version
    saved = browser.post(address, {**sent, "step": "apply"}, follow=True).content.decode()
    assert "边界已保存" in saved
    place.refresh_from_db()
    assert (place.west, place.version) == (116.6, before + 1)
    stale = browser.post(address, {**sent, "points": "1,2\n2,2\n2,3", "step": "apply"})
    assert stale.status_code == 409
    wrong = browser.post(address, {**sent, "points": "1,2\nx", "step": "check"})
    assert wrong.status_code == 422
    assert "第 2 行" in wrong.content.decode()


def test_file_in_and_out(town):
    browser = admin(town)
    feature = {"type": "Feature", "properties": {"code": town.GRID}, "geometry": square(116.6, 35.4)}
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()

    def hand_in(step: str, whole: bytes = content):
        file = SimpleUploadedFile("x.geojson", whole)
        return browser.post("/places/boundaries/", {"root": town.STREET, "file": file, "step": step})

    assert "还没有写入" in hand_in("check").content.decode()
    assert Place.objects.get(code=town.GRID).boundary != square(116.6, 35.4)
    assert "已写入" in hand_in("apply").content.decode()
    assert Place.objects.get(code=town.GRID).boundary == square(116.6, 35.4)
    answer = browser.get("/places/boundaries/export/", {"root": town.GRID})
    assert json.loads(b"".join(answer.streaming_content))["features"][0]["geometry"] == square(116.6, 35.4)
    assert hand_in("apply", b"{").status_code == 422
    outside = json.dumps(
        {"type": "FeatureCollection", "features": [{**feature, "properties": {"code": town.OTHER_GRID}}]}
    ).encode()
    assert hand_in("apply", outside).status_code == 422


def test_over_http(town):
    api = Api("admin")
    place = Place.objects.get(code=town.GRID)
    path = f"places/{town.GRID}/boundary/"
    body = {"version": place.version, "boundary": square(116.6, 35.4)}
    tried = api.put(path + "?dry_run=1", body)
    assert tried.status_code == 200 and tried.json()["dry_run"]
    assert api.put(path, body).json()["geometry"] == square(116.6, 35.4)
    assert api.put(path, body).status_code == 409
    moved = api.get(path, {"datum": "GCJ-02"}).json()
    assert moved["properties"]["datum"] == "GCJ-02"
    assert moved["geometry"]["coordinates"][0][0] != [116.6, 35.4]
    assert api.get(path, {"datum": "BD-09"}).status_code == 400
    assert api.put(path, {"version": 1}).status_code == 400
    assert Api("wangge").put(path, body).status_code == 403
