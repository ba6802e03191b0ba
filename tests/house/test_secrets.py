"""A complaint about a unit never reaches it, and what is sensitive never shows beyond holder and desk: by no address
that the access matrix knows, so that a page added tomorrow is asked too.

For who must not know, the world with the case and the world without it look the same to the letter: no word, no number,
no count, no neighbour in a list betrays it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from cases import exporting
from cases.models import Case
from cases.queries import views
from ledger import clock, post
from tests.builders import CALLER, a_case, a_fact, walk
from tests.house.test_access_matrix import MATRIX, patterns
from tests.town import COMMUNITY, GRID, GRID_2, MONDAY

World = dict[str, tuple[int, str]]  # address → status, what it shows
MARK = "紫云英第七封"
TEXT = f"{MARK}：一再来电无人理睬。"
# figures are the house's and the same for every reader: they count all, and only their rows follow the reader
FIGURES = ("/dashboard/", "/screen/", "/api/v1/stats/")
ASKED = (
    "cases:desk",
    "cases:queue",
    "cases:list",
    "cases:search",
    "cases:search_suggest",
    "cases:todo",
    "api:cases",
)
TABBED = {"cases:desk": "desk", "cases:queue": "queue", "cases:list": "list", "api:cases": "list"}
QUEUES = ("all", "claims", "disputed", "desk", "in_hand")
STILL = ("healthz", "api:schema", "api:docs")  # tell of the machine, not of its cases
KNOWN = {"stage": "resolve", "n": 1, "kind": "extension", "answer": "refuse", "fact": "note", "move": "resolve",
         "act": "state", "token": "nothing", "pk": 1, "way": "rename", "change": "rename", "part": "missed", "key": "S",
         "username": "wangge"}  # fmt: skip
POSTED = (
    ("cases:similar_calls", {"place_q": GRID, "text": TEXT, "item": ""}),
    ("cases:search_phone", {"phone": CALLER["phone"], "reason": "回访核对"}),
)
CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": *"\w+"|nonce="[^"]+"|name="idempotency_key" value="[^"]+"'
    r'|name="key" value="[^"]+"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
)


def addresses(number: str) -> Iterable[str]:
    """Every address that answers a GET, of the case and of every list."""
    for name, pattern in patterns(get_resolver()):
        methods = {method for method, _stranger, _table in MATRIX.get(name, ())}
        if name.startswith("admin:") or name in STILL or (methods and "get" not in methods):
            continue
        words = re.findall(r"<\w+:(\w+)>", str(pattern.pattern))
        code = "resolved" if name.startswith("cases:figure") else COMMUNITY
        known = {**KNOWN, "number": number, "code": code}
        try:
            url = reverse(name, kwargs={word: known[word] for word in words})
        except (KeyError, NoReverseMatch):
            continue
        yield url
        if name in ASKED:
            yield from (f"{url}?q={asked}" for asked in (MARK, number))
        yield from (f"{url}?tab={tab}" for tab in views.TABS[TABBED[name]]) if name in TABBED else ()
        yield from (f"{url}?queue={queue}" for queue in QUEUES) if name == "api:cases" else ()


def body_of(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return CHANGING.sub("", body.decode("utf-8", "replace"))


def world(town, username: str, urls: Iterable[str]) -> World:
    """All that somebody is shown: of every page, of what answers to words, of a sheet of everything."""
    client = Client(raise_request_exception=False)
    client.force_login(town.account(username), "parties.backends.PostingsBackend")
    seen = {url: (answer.status_code, body_of(answer)) for url in urls for answer in [client.get(url)]}
    for name, sent in POSTED:
        answer = client.post(reverse(name), sent)
        seen[f"POST {name}"] = (answer.status_code, body_of(answer))
    rows, _view = exporting.rows_of(town.actor(username, clock.now()), clock.now(), "list", "tab=all")
    seen["export"] = (200, " ".join(rows.values_list("number", flat=True)))
    return seen


def two_worlds(
    town, username: str, make: Callable[[], Case], urls: Iterable[str] = ()
) -> tuple[str, World, World]:
    """The case's number; what is shown with it, what without it, at one instant."""
    with clock.frozen(MONDAY.replace(hour=6)):
        with transaction.atomic():
            case = make()
            post.deliver_pending()
            urls = [*urls] or [*addresses(case.number)]
            seen = world(town, username, urls)
            transaction.set_rollback(True)
        return case.number, seen, world(town, username, urls)


def different(with_it: World, without: World) -> list[str]:
    assert with_it.keys() == without.keys()
    return [
        url
        for url, shown in with_it.items()
        if shown != without[url] and (not url.startswith(FIGURES) or told(shown[1]))
    ]


def told(body: str) -> bool:
    """Does a page of figures name it?"""
    return MARK in body or "YG20261123-" in body


def about_the_committee() -> Case:
    case = a_case(item="0108", about=f"JW-{COMMUNITY}", by="jiedao", place=GRID, text=TEXT)
    case = walk(case, "accept", by="jiedao")
    return a_fact(case, "note", by="jiedao", text=MARK)


def about_a_person() -> Case:
    case = a_case(item="0108", about="account:wangge2", by="jiedao", place=GRID_2, text=TEXT)
    return walk(case, "accept")


@pytest.mark.parametrize(
    ("username", "make"),
    [
        ("shequ", about_the_committee),
        ("wangge2", about_a_person),
    ],
)
def test_a_complaint_never_reaches_whom_it_is_about(town, username, make):
    _number, with_it, without = two_worlds(town, username, make)
    assert different(with_it, without) == []


def sensitive() -> Case:
    case = a_case(item="0412", by="wangge", text=TEXT)
    assert case.sensitive
    return case


@pytest.mark.parametrize("username", ["jiedao", "ducha"])
def test_what_is_sensitive_stays_with_holder_and_desk(town, username):
    """Others who see the place open it and read no word of it; no list, search, map or sheet holds it."""
    number, with_it, without = two_worlds(town, username, sensitive)
    found = different(with_it, without)
    assert [url for url in found if MARK in with_it[url][1]] == []
    assert [url for url in found if number not in url] == []  # who has its number has its address


def test_who_may_know_is_shown_it(town):
    """So an empty difference means something."""
    lists = ["/cases/", "/desk/", f"/cases/?q={MARK}"]
    _number, with_it, without = two_worlds(town, "shequ", sensitive, lists)
    assert {*lists, "export"} <= set(different(with_it, without))
