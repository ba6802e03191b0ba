"""The place that a position lies in, as the forms take it."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from cases.models import Call
from grid.models import Place
from tests import town as places
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db
RING = [[116.60, 35.40], [116.61, 35.40], [116.61, 35.41], [116.60, 35.41], [116.60, 35.40]]
INSIDE = {"lat": "35.405000", "lng": "116.605000"}


@pytest.fixture
def bounded(town):
    """The second grid of wangge's community has a boundary."""
    _bound(places.GRID_2)
    return town


def _bound(code: str) -> None:
    box = {"west": 116.60, "east": 116.61, "south": 35.40, "north": 35.41}
    Place.objects.filter(code=code).update(boundary={"type": "Polygon", "coordinates": [RING]}, **box)


def asked(reader: Reader, **where) -> Reader:
    reader.open("/report/" if not reader.client.session.get("_auth_user_id") else "/calls/new/")
    token = reader.forms[0].fields["csrfmiddlewaretoken"][0]
    return reader._show(
        reader.client.post("/calls/here/", {"csrfmiddlewaretoken": token, **where}), "/calls/here/"
    )


def test_a_resident_anywhere_and_a_worker_on_his_ground(bounded):
    resident, name = asked(Reader(), **INSIDE), bounded.place(places.GRID_2).name
    assert resident.says("按定位，您在这里", name) and f'value="{places.GRID_2}" checked' in resident.text
    clerk = asked(Reader("shequ"), **INSIDE)
    assert f'value="{places.GRID_2}" checked' in clerk.text
    worker = asked(Reader("wangge"), **INSIDE)  # it is the other worker's
    assert worker.says(f"按定位您在“{name}”，不归您登记") and "radio" not in worker.text


@pytest.mark.parametrize(
    "where", [{}, {"lat": "x", "lng": "1"}, {"lat": "nan", "lng": "nan"}, {"lat": "91", "lng": "0"}, {"lat": "1e999", "lng": "0"}]
)  # fmt: skip
def test_no_position_no_place(bounded, where):
    page = asked(Reader(), **where)
    assert page.status == 200 and "按定位" not in page.text and "还没有画边界" not in page.text


def test_where_nobody_drew_a_boundary_it_says_so(bounded):
    assert asked(Reader(), lat="35.9", lng="116.9").says("这里还没有画边界")


def test_the_call_stands_at_the_place_of_the_position(bounded):
    page = Reader("shequ").open("/calls/new/")
    page.send(
        "call-form",
        text="路灯不亮",
        place=places.COMMUNITY,
        place_found=places.GRID_2,
        action="take",
        **INSIDE,
    )
    call = Call.objects.get()
    assert page.status == 200 and call.case.place.code == places.GRID_2 and call.lat is not None


def test_a_refused_form_keeps_it(bounded):
    page = Reader().open("/report/")
    form = next(form for form in page.forms if form.action == "/report/")
    page.send(form, action="send", caller_phone="12", place_found=places.GRID_2, text="x", **INSIDE)
    assert page.status == 422 and 'value="116.605000"' in page.text
    assert f'value="{places.GRID_2}" checked' in page.text
    form = next(form for form in page.forms if form.action == "/report/")
    page.send(form, action="send", caller_phone="12", place_found="", place_q="前铺社区", text="x")
    assert f'value="{places.GRID_2}" checked' not in page.text


def test_one_position_few_statements(bounded):
    reader = Reader("shequ").open("/calls/new/")
    asked(reader, **INSIDE)
    with statements() as found:
        reader.client.post(
            "/calls/here/", {"csrfmiddlewaretoken": reader.client.cookies["csrftoken"].value, **INSIDE}
        )
    assert len(found) <= 6, found


def test_a_scanned_sticker_is_not_called_ones_own_grid(town):
    page = Reader("wangge").open(f"/calls/new/?place={places.BUILDING}")
    building, grid = town.place(places.BUILDING).name, town.place(places.GRID).name
    assert f"{building}（我的网格）" not in page.text and page.says(f"{grid}（我的网格）")
    assert next(form for form in page.forms if form.ident == "call-form").fields["place"] == [places.BUILDING]
    assert Reader("wangge").open("/calls/new/").text.count("（我的网格）") == 1


def test_a_stranger_asks_so_many_times(bounded, settings):
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "anon": "2/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    cache.clear()
    assert [asked(Reader(), **INSIDE).status for _n in range(3)] == [200, 200, 429]
    worker = Reader("wangge")
    assert [asked(worker, **INSIDE).status for _n in range(3)] == [200, 200, 200]
