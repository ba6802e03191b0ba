"""Saved filters over the interface are those of the pages."""

from __future__ import annotations

import json

import pytest

from cases.models import SavedFilter
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def patch(api: Api, pk: int, **sent):
    return api.raw("PATCH", f"filters/{pk}/", json.dumps(sent))


def test_kept_shown_changed_and_forgotten(town):
    api = Api("jiedao")
    made = api.post(
        "filters/",
        {"list": "list", "name": "急件", "query": "tab=open&urgency=critical&moon=1", "start": True},
    )
    assert made.status_code == 201
    kept = made.json()
    assert (
        kept["query"] == "tab=open&urgency=critical" and kept["mine"] and kept["start"] and not kept["shared"]
    )
    assert "急件" in Reader("jiedao").open("/cases/?tab=all").text
    changed = patch(api, kept["id"], name="特急", shared=True, start=False)
    assert changed.status_code == 200 and changed.json()["shared"]
    assert [row["name"] for row in api.get("filters/?list=list").json()] == ["特急"]
    assert api.get("filters/?list=desk").json() == []
    other = Api("linju")
    assert other.get("filters/").json() == []
    assert patch(other, kept["id"], name="我的").status_code == 404
    assert other.raw("DELETE", f"filters/{kept['id']}/").status_code == 404
    assert api.raw("DELETE", f"filters/{kept['id']}/").status_code == 204
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"name": "", "query": ""}, 422),
        ({"name": "甲" * 21, "query": ""}, 422),
        ({"name": 7, "query": ""}, 400),
        ({"name": "甲", "query": ["tab"]}, 400),
        ({"name": "甲", "query": "", "start": "yes"}, 400),
        ({"name": "甲", "query": "", "list": "moon"}, 422),
        ({"name": "甲", "query": "q=" + "长" * 1200}, 422),
    ],
)
def test_what_cannot_be_kept(town, sent, status):
    assert Api("jiedao").post("filters/", sent).status_code == status
    assert not SavedFilter.objects.exists()


def test_a_list_that_there_is_not(town):
    assert Api("jiedao").get("filters/?list=moon").status_code == 400


def test_a_step_is_one(town):
    api = Api("jiedao")
    ids = [api.post("filters/", {"name": name, "query": "tab=open"}).json()["id"] for name in "甲乙"]
    assert patch(api, ids[1], step=-1).status_code == 200
    assert [row["name"] for row in api.get("filters/").json()] == ["乙", "甲"]
    assert patch(api, ids[1], step=5).status_code == 400
    assert patch(api, ids[1], step=True).status_code == 400
