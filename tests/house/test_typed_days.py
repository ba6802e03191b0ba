"""Every edge that reads a typed day: the ends of the calendar are answered with a sentence, never with an error."""

from __future__ import annotations

from ledger.days import FIRST, LAST
from tests import town
from tests.clients import Api
from tests.pages import Reader

EDGES = ("0001-01-01", "0001-01-02", "9999-12-31", "9999-12-30")
NO_DAYS = ("2026-02-30", "昨天", "2026-13-01", "1" * 400)
ASKED = (*EDGES, *NO_DAYS, FIRST.isoformat(), LAST.isoformat())

# who, address with one day in it
PAGES = [
    ("admin", "/tree/past/?day={}"),
    ("admin", "/tree/past/?day=2026-01-01&until={}"),
    ("admin", "/rules/duties/check/?on={}"),
    ("admin", "/rules/duties/test/?asked=1&item=0301&place=" + town.GRID + "&on={}"),
    ("lingdao", "/dashboard/?from={0}&to={0}"),
    ("lingdao", "/dashboard/?from=2026-01-01&to={}"),
    ("lingdao", "/dashboard/figures/?as_of={}"),
    ("lingdao", "/screen/?day={}"),
    ("lingdao", "/screen/board/?day={}"),
    ("jiedao", "/cases/?since={}"),
    ("jiedao", "/cases/?from={0}&to={0}&figure=accepted_in_time"),
    ("jiedao", "/cases/?received_from={0}&received_until={0}"),
]  # fmt: skip
CALLS = [
    ("admin", "places/?as_of={}"),
    ("admin", "places/" + town.GRID + "/?as_of={}"),
    ("admin", "places/difference/?from={0}&to={0}"),
    ("admin", "places/difference/?from=2026-01-01&to={}"),
    ("admin", "duties/test/?item=0301&place=" + town.GRID + "&on={}"),
    ("admin", "duties/lint/?on={}"),
    ("lingdao", "stats/summary/?from={0}&to={0}"),
    ("lingdao", "stats/ranking/?from=2026-01-01&to={}"),
    ("jiedao", "cases/?received_from={0}&received_until={0}"),
]  # fmt: skip
# what is sent: who, address, body with the day
SENT = [
    ("admin", "drafts/", lambda day: {"basis": "试", "effective_on": day}),
    ("admin", "unit-drafts/", lambda day: {"basis": "试", "effective_on": day}),
    ("admin", f"places/{town.GRID}/moves/rename/?dry_run=1", lambda day: {"version": 1, "name": "新", "at": day}),
    ("admin", "duties/", lambda day: {"item": "0301", "place": town.STREET, "organisation": "GV24", "basis": "试", "since": day}),
    ("admin", "duties/", lambda day: {"item": "0301", "place": town.STREET, "organisation": "GV24", "basis": "试", "until": day}),
]  # fmt: skip


def test_a_page(town):
    for who, address in PAGES:
        reader = Reader(who)
        for day in ASKED:
            answer = reader.client.get(address.format(day))
            assert answer.status_code < 500, (address, day)
            assert answer.status_code not in (403, 404), address


def test_a_call(town):
    for who, address in CALLS:
        api = Api(who)
        for day in ASKED:
            answer = api.get(address.format(day))
            assert answer.status_code < 500, (address, day)
            assert answer.status_code < 400 or answer.json()["detail"], (address, day)


def test_a_body(town):
    for who, address, body in SENT:
        api = Api(who)
        for day in (*EDGES, *NO_DAYS):
            answer = api.post(address, body(day))
            assert answer.status_code in (400, 422), (address, day, answer.content.decode()[:300])
            assert answer.json()["detail"]


def test_the_form_of_a_draft_says_what_is_wrong_with_its_day(town):
    reader = Reader("admin")
    post = reader.client.post
    token = {"csrfmiddlewaretoken": "x" * 32}
    reader.client.cookies["csrftoken"] = "x" * 32
    post("/tree/draft/", {"do": "add", "command": "rename", "place": town.GRID, "name": "新名", **token})
    answer = post("/tree/draft/", {"do": "amend", "basis": "试", "effective_on": "0001-01-01", **token})
    assert answer.status_code == 422
    assert "1900" in answer.content.decode()
