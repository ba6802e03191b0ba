"""The command screen's numbers as data: the page's own, in scope only, at no cost where nothing has changed."""

from __future__ import annotations

import re

import pytest

from ledger import clock
from tests import builders
from tests.clients import Api, statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def test_it_is_what_the_wall_shows(town):
    now = clock.now()
    for at in ("received", "assigned", "in_hand", "resolved"):
        builders.a_case(at, when=now)
    api = Api("lingdao")
    board = api.get("stats/board/").json()
    page = Reader("lingdao").open("/screen/")
    shown = [int(one) for one in re.findall(r"<dd[^>]*>(?:<a[^>]*>)?([\d,]+)<", page.text)][:5]
    today = board["today"]
    assert shown == [today[name] for name in ("registered", "resolved", "late", "near", "fine")]
    assert today["registered"] == 4 and today["open"] == 4
    summary = api.get("stats/summary/").json()
    for rate in board["rates"]:
        assert {name: rate[name] for name in ("numerator", "denominator", "rate")} == summary[rate["code"]]
    assert sum(place["registered"] for place in board["places"]) == 4
    assert sum(n for day in board["hours"] for n in day["registered"]) == 4
    assert len(board["newest"]) == 4


def test_nothing_new_costs_no_byte_and_few_statements(town):
    builders.a_case(when=clock.now())
    api = Api("lingdao")
    with clock.frozen(clock.now()):
        first = api.get("stats/board/")
        again = api.get("stats/board/", **{"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        with statements() as asked:
            api.get("stats/board/")
    assert len(asked) <= 8, asked


def test_another_place_is_not_found(town):
    assert Api("lingdao").get("stats/board/?place=370811111").status_code == 404
    assert Api("bumen").get("stats/board/?organisation=GV25").status_code == 404
