"""A complaint about a unit never reaches it, what is sensitive or confidential is read by holder and desk alone, and no
phone is shown in full: asked of every address that the access matrix knows, so that a page added tomorrow is asked too.

For who must not know, the world with the case and the world without it look the same to the letter: no word, no number,
no count in a figure, no neighbour in a list, no hint of the live process betrays it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse

from cases import exporting, scope
from cases.live import topics, wire
from cases.models import Case
from cases.queries import views
from cases.sla import sweep
from config.live import Listener, Switchboard
from ledger import clock, post
from tests.builders import a_case, a_fact, walk
from tests.house.test_access_matrix import MATRIX, patterns
from tests.town import COMMUNITY, GRID, GRID_2, MONDAY

World = dict[str, tuple[int, str]]  # address → status, what it shows
MARK = "紫云英第七封"
TEXT = f"{MARK}：一再来电无人理睬。"
CALLER = {"name": "慕容婉清", "phone": "13654329876", "contact_by": "phone"}
BEFORE = MONDAY - dt.timedelta(days=4)  # Thursday: what came then is late by now, so it stands in figures
NOW = MONDAY.replace(hour=6)
ASKED = ("cases:desk", "cases:queue", "cases:list", "cases:search", "cases:search_suggest", "cases:todo", "api:cases")  # fmt: skip
TABBED = {"cases:desk": "desk", "cases:queue": "queue", "cases:list": "list", "api:cases": "list"}
QUEUES = ("all", "claims", "disputed", "desk", "in_hand")
STILL = ("healthz", "api:schema", "api:docs")  # tell of the machine, not of its cases
FIGURES = ("accept_on_time", "registered")
MORE = {
    "cases:dashboard": ("?group=department", "?period=year", "?place=370811015001001", "?organisation=GV24"),
    "cases:screen_board": ("?day=2026-11-20&hour=24",),
    "api:stats-split": ("?figure=accept_on_time&by=item", "?figure=resolve_on_time&by=organisation"),
    "api:stats-ranking": ("?group=desk",),
    "cases:figures": ("?as_of=2026-11-22",),
    "cases:figure": ("?by=item",),
}
KNOWN = {"stage": "resolve", "n": 1, "kind": "extension", "answer": "refuse", "fact": "note", "move": "resolve",
         "act": "state", "token": "nothing", "pk": 1, "way": "rename", "change": "rename", "part": "denominator",
         "key": "S", "username": "wangge"}  # fmt: skip
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
        for code in FIGURES if name.startswith("cases:figure") else (COMMUNITY,):
            known = {**KNOWN, "number": number, "code": code}
            try:
                url = reverse(name, kwargs={word: known[word] for word in words})
            except (KeyError, NoReverseMatch):
                break
            yield url
            yield from (f"{url}{more}" for more in MORE.get(name, ()))
            if name in ASKED:
                yield from (f"{url}?q={asked}" for asked in (MARK, number))
            yield from (f"{url}?tab={tab}" for tab in views.TABS[TABBED[name]]) if name in TABBED else ()
            yield from (f"{url}?queue={queue}" for queue in QUEUES) if name == "api:cases" else ()
            if "code" not in words:
                break


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
    town, make: Callable[[], Case], usernames: Iterable[str], urls: Iterable[str] = ()
) -> tuple[str, dict[str, list[str]], dict[str, World]]:
    """The case's number; for each reader where the two worlds differ, at one instant; what is shown with it."""
    with clock.frozen(NOW):
        with transaction.atomic():
            case = make()
            sweep.sweep(NOW)
            post.deliver_pending()
            urls = [*urls] or [*addresses(case.number)]
            with_it = {username: world(town, username, urls) for username in usernames}
            transaction.set_rollback(True)
        differ: dict[str, list[str]] = {}
        for username, seen in with_it.items():
            without = world(town, username, urls)
            assert seen.keys() == without.keys()
            differ[username] = [url for url, shown in seen.items() if shown != without[url]]
    return case.number, differ, with_it


# -- a complaint about somebody


def about_the_committee() -> Case:
    """Taken and accepted late, with the department since; every clock of it is over."""
    case = a_case(about=f"JW-{COMMUNITY}", by="jiedao", place=GRID, text=TEXT, when=BEFORE, caller=CALLER)
    case = a_fact(walk(case, "accept", by="quji"), "note", by="quji", text=MARK)
    return walk(case, "dispatch", by="quji", organisation="GV24")


def about_the_department() -> Case:
    case = a_case(item="0108", about="GV24", by="jiedao", place=GRID, text=TEXT, when=BEFORE, caller=CALLER)
    return walk(case, "accept", by="quji" if case.level == "district" else "jiedao")


def about_a_person() -> Case:
    case = a_case(
        item="0108", about="account:wangge2", by="jiedao", place=GRID_2, text=TEXT, when=BEFORE, caller=CALLER
    )
    return walk(case, "accept")


ABOUT = [
    (about_the_committee, ("shequ", "wanggezhang", "wangge")),
    (about_the_department, ("fuzeren", "bumen")),
    (about_a_person, ("wangge2",)),
]


def test_whoever_may_know_is_shown_it(town):
    """So an empty difference means something."""
    urls = ["/cases/", "/desk/", f"/cases/?q={MARK}", "/dashboard/", "/api/v1/stats/summary/", "/notices/"]
    _number, differ, _seen = two_worlds(town, about_the_committee, ["zhiban"], urls)
    assert {*urls, "export"} - {"/notices/"} <= set(differ["zhiban"])


@pytest.mark.parametrize(("make", "accused"), ABOUT)
def test_no_hint_of_it_reaches_their_pages(
    town, make, accused, monkeypatch, django_capture_on_commit_callbacks
):
    """What is really sent to the live process, passed on by its own switchboard."""
    sent: list[str] = []

    class Wire:
        def publish(self, _channel: str, text: str) -> int:
            sent.append(text)
            return 1

    monkeypatch.setattr(wire, "ask", lambda what, whole=False: None if whole else what(Wire()))
    with django_capture_on_commit_callbacks(execute=True):
        make()
    with django_capture_on_commit_callbacks(execute=True):
        sweep.sweep(NOW)
    board = Switchboard()
    pages = {name: Listener(frozenset(topics.of_actor(town.actor(name)))) for name in (*accused, "zhiban")}
    for page in pages.values():
        board.join(page)
    for text in sent:
        board.pass_on(text)
    assert {name for name, page in pages.items() if page.waiting} == {"zhiban"}


def test_what_is_kept_from_somebody_is_asked_once(town):
    """No statement a page, until the next call about anybody is taken."""
    actor = town.actor("shequ")
    assert scope.hidden(actor) == ()
    case = about_the_committee()
    assert scope.hidden(town.actor("shequ")) == (case.pk,)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert scope.hidden(actor) == (case.pk,)
    assert len(asked) == 0
    assert scope.hidden(town.actor("jiedao")) == () and scope.hidden(town.SYSTEM) == ()


# -- what is sensitive or confidential


def sensitive() -> Case:
    """In time: were it late, whoever confirms the finding would find it among what waits."""
    case = a_case(item="0412", by="wangge", text=TEXT, caller=CALLER, when=MONDAY)
    assert case.sensitive
    return case


def confidential() -> Case:
    case = a_case(by="wangge", text=TEXT, caller=CALLER, confidential=True, when=MONDAY)
    return walk(case, "accept", "dispatch", "sign")


@pytest.mark.parametrize("username", ["jiedao"])
def test_what_is_sensitive_stands_in_no_list_of_others(town, username):
    """Others who see the place may open it and read no word of it; no list, search or sheet holds it, and no map."""
    number, differ, seen = two_worlds(town, sensitive, [username])
    found = differ[username]
    figures = (
        "/dashboard/",
        "/screen/",
        "/api/v1/stats/",
    )  # count it; whoever may not list it finds no row there
    named = [url for url in found if number in seen[username][url][1] and number not in url]
    assert named == []
    assert [url for url in found if number not in url and not url.startswith(figures)] == []


@pytest.mark.parametrize(("make", "drawn"), [(sensitive, False), (confidential, True)])
def test_no_heat_map_holds_what_is_sensitive(town, make, drawn):
    urls = ["/screen/board/", "/screen/board/?day=2026-11-23&hour=14"]
    with clock.frozen(NOW):
        make()
        shown = world(town, "lingdao", urls)
    heat = [bool(re.search(r'<li class="h[1-5]"', shown[url][1])) for url in urls]
    assert heat == [drawn, drawn]
