"""A complaint about a unit never reaches it, what is sensitive or confidential is read by holder and desk alone, and no
phone is shown in full: asked of every address that the access matrix knows, so that a page added tomorrow is asked too.

For who must not know, the world with the case and the world without it look the same to the letter: no word, no number,
no count in a figure, no neighbour in a list, no hint of the live process betrays it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from cases import exporting, scope
from cases.live import topics, wire
from cases.models import Attachment, Case, Finding, Notice
from cases.queries import dashboard_parts, views
from cases.sla import sweep
from config.live import Listener, Switchboard
from ledger import clock, post
from tests.builders import a_case, a_fact, a_photo, walk
from tests.house.test_access_matrix import MATRIX, PEOPLE, patterns
from tests.town import COMMUNITY, GRID, GRID_2, MONDAY, actor

World = dict[str, tuple[int, str]]  # address → status, what it shows
MARK = "紫云英第七封"
TEXT = f"{MARK}：一再来电无人理睬。"
CALLER = {"name": "慕容婉清", "phone": "13654329876", "contact_by": "phone"}
BEFORE = MONDAY - dt.timedelta(days=4)  # Thursday: what came then is late by now, so it stands in figures
NOW = MONDAY.replace(hour=6)
LISTS = ("cases:desk", "cases:queue", "cases:list", "cases:todo", "cases:my_calls", "cases:grid", "cases:search",
         "cases:search_suggest", "cases:reliefs", "cases:claims", "cases:notices", "cases:findings", "api:cases",
         "api:notices", "api:findings", "api:stats-weekly", "cases:screen_board", "cases:figure_rows")  # fmt: skip
ASKED = ("cases:desk", "cases:queue", "cases:list", "cases:search", "cases:search_suggest", "cases:todo", "api:cases")  # fmt: skip
TABBED = {"cases:desk": "desk", "cases:queue": "queue", "cases:list": "list", "api:cases": "list"}
QUEUES = ("all", "claims", "disputed", "desk", "in_hand")
# the machine, forms without a case, and what is for program and phone: no case stands there
STILL = ("healthz", "api:schema", "api:docs", "api:categories", "api:organisations", "cases:offline", "cases:service_worker",
         "cases:manifest")  # fmt: skip
RULES = ("/rules/", "/tree/", "/places/", "/organisations/", "/people/", "/profile/", "/api/v1/duties/",
         "/api/v1/unit-drafts/", "/api/v1/drafts/", "/api/v1/places/", "/report/", "/api/v1/accounts/",
         "/api/v1/postings/")  # fmt: skip
FIGURES = ("accept_on_time", "resolve_on_time")
COUNTED = ("/dashboard/", "/screen/", "/api/v1/stats/")  # what counts instead of listing
MORE = {
    "cases:dashboard": (
        "?group=department",
        "?place=370811015001001",
        "?organisation=GV24",
        "?period=week&form=csv",
    ),
    "cases:screen_board": ("?day=2026-11-20&hour=24",),
    "cases:weekly": ("?week=2026-W47&as_of=2026-11-22",),
    "cases:figures": ("?as_of=2026-11-22", "?form=csv"),
    "cases:figure": ("?by=item", "?by=organisation&as_of=2026-11-22"),
    "cases:figure_rows": ("?as_of=2026-11-22", "?form=csv"),
    "cases:figures_later": ("?from=2026-11-01&to=2026-11-19", "?as_of=2026-11-22"),
    "cases:holders": ("?form=csv", "?organisation=GV24"),
    "cases:workload": ("?form=csv",),
    "api:stats-summary": ("?as_of=2026-11-22",),
    "api:stats-weekly": ("?week=2026-W47",),
    "api:stats-split": ("?figure=accept_on_time&by=item", "?figure=resolve_on_time&by=organisation"),
    "api:stats-ranking": ("?group=desk",),
    "api:absence-candidates": ("?since=2026-11-24&until=2026-11-30",),
}
KNOWN = {"stage": "resolve", "n": 1, "kind": "extension", "answer": "refuse", "fact": "note", "move": "resolve",
         "act": "state", "which": "after", "token": "nothing", "way": "rename", "change": "rename", "part": "denominator",
         "key": "S", "username": "wangge"}  # fmt: skip
ROWS = {
    "cases:finding": Finding,
    "cases:finding_act": Finding,
    "api:finding": Finding,
    "cases:notice": Notice,
}
POSTED = (
    ("cases:similar_calls", {"place_q": GRID, "text": TEXT, "item": ""}),
    ("cases:search_phone", {"phone": CALLER["phone"], "reason": "回访核对"}),
)
CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|"(X-CSRFToken|csrf)": *"\w+"|nonce="[^"]+"'
    r'|name="(idempotency_key|key)" value="[^"]+"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
    r"|/(CreationDate|ModDate) \([^)]*\)|<[0-9a-f]{32}>"  # of a PDF, besides its number
)


def addresses(case: Case) -> dict[str, str]:
    """Every address that answers a GET, of the case and of every list: with the name it has."""
    found: dict[str, str] = {}
    for name, pattern in patterns(get_resolver()):
        methods = {method for method, _stranger, _table in MATRIX.get(name, ())}
        if name.startswith("admin:") or name in STILL or (methods and "get" not in methods):
            continue
        words = re.findall(r"<(\w+):(\w+)>", str(pattern.pattern))
        for code, part in codes_of(name):
            row = ROWS[name].objects.filter(case=case).first() if name in ROWS else None
            known = {**KNOWN, "number": case.number, "code": code, "name": part, "pk": row.pk if row else 1}
            own = {word: _file_of(case) if kind == "uuid" else known[word] for kind, word in words}
            url = reverse(name, kwargs=own)
            if url.startswith(RULES):
                break
            urls = [url, *(f"{url}{more}" for more in MORE.get(name, ()))]
            urls += [f"{url}?q={asked}" for asked in (MARK, case.number) if name in ASKED]
            urls += [f"{url}?tab={tab}" for tab in views.TABS[TABBED[name]]] if name in TABBED else []
            urls += [f"{url}?queue={queue}" for queue in QUEUES] if name == "api:cases" else []
            found |= dict.fromkeys(urls, name)
            if not {"code", "name"} & {*own}:
                break
    return found


def codes_of(name: str) -> list[tuple[str, str]]:
    """What stands in an address as `code` and `name`."""
    if name == "cases:dashboard_part":
        return [("", part) for part in dashboard_parts.PARTS]
    return [(code, "") for code in (FIGURES if name.startswith("cases:figure") else (COMMUNITY,))]


def _file_of(case: Case) -> str:
    """The file that goes with it."""
    return str(Attachment.objects.filter(case=case).values_list("pk", flat=True).first() or uuid.UUID(int=0))


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
            urls = [*urls] or [*addresses(case)]
            with_it = {username: world(town, username, urls) for username in usernames}
            transaction.set_rollback(True)
        differ: dict[str, list[str]] = {}
        for username, seen in with_it.items():
            without = world(town, username, urls)
            assert seen.keys() == without.keys()
            differ[username] = [url for url, shown in seen.items() if shown != without[url]]
    return case.number, differ, with_it


def told_apart(seen: World, differ: Iterable[str], number: str) -> list[str]:
    return [f"{seen[url][0]} {url}{' names it' if number in seen[url][1] else ''}" for url in differ]


# -- a complaint about somebody


def about_the_committee() -> Case:
    """Taken and accepted late, with the department since; every clock of it is over."""
    photo = a_photo(actor("jiedao"), BEFORE)
    case = a_case(about=f"JW-{COMMUNITY}", by="jiedao", place=GRID, text=TEXT, when=BEFORE, caller=CALLER, attachments=[photo])  # fmt: skip
    case = a_fact(walk(case, "accept", by="quji"), "note", by="quji", text=MARK)
    return walk(case, "dispatch", by="quji", organisation="GV24")


def about_the_department() -> Case:
    case = a_case(item="0108", about="GV24", by="jiedao", place=GRID, text=TEXT, when=BEFORE, caller=CALLER)
    return walk(case, "accept", by="quji" if case.level == "district" else "jiedao")


def about_a_person() -> Case:
    """In the hands of the person's own head."""
    case = a_case(about="account:bumen", by="jiedao", place=GRID_2, text=TEXT, when=BEFORE, caller=CALLER)
    case = walk(case, "accept", "dispatch")
    return walk(case, "sign", by="fuzeren")


ABOUT = [
    (about_the_committee, ("shequ", "wangge")),
    (about_the_department, ("fuzeren", "bumen")),
    (about_a_person, ("bumen",)),
]


@pytest.mark.parametrize(("make", "accused"), ABOUT)
def test_a_complaint_never_reaches_whom_it_is_about(town, make, accused):
    """Whoever sees the most of them is asked at every address."""
    number, differ, seen = two_worlds(town, make, accused[:1])
    assert {name: told_apart(seen[name], urls, number) for name, urls in differ.items()} == {accused[0]: []}
    own = {url: status for url, (status, _body) in seen[accused[0]].items() if f"/{number}/" in url}
    assert len(own) > 20 and set(own.values()) <= {403, 404}  # 403 is a role's, whatever the number


@pytest.mark.parametrize(("make", "accused"), [(make, rest) for make, (_first, *rest) in ABOUT if rest])
def test_nor_their_colleagues(town, make, accused):
    with transaction.atomic():
        case = make()
        urls = [url for url, name in addresses(case).items() if name in LISTS or case.number in url]
        transaction.set_rollback(True)
    number, differ, seen = two_worlds(town, make, accused, urls)
    assert {name: told_apart(seen[name], found, number) for name, found in differ.items()} == {
        name: [] for name in accused
    }


@pytest.mark.parametrize(("make", "accused"), ABOUT)
def test_nothing_can_be_done_with_it_either(town, make, accused):
    """Whatever is sent of it is answered as of a number that nobody has."""
    nobody = "GYG20261119-9999"
    client = Client(raise_request_exception=False)
    client.force_login(town.account(accused[0]), "parties.backends.PostingsBackend")
    not_there = 0
    with clock.frozen(NOW):
        number = make().number
        for name, pattern in patterns(get_resolver()):
            words = re.findall(r"<\w+:(\w+)>", str(pattern.pattern))
            if "number" not in words or "post" not in {method for method, *_rest in MATRIX.get(name, ())}:
                continue
            for move in ("dispatch", "withdraw", "resolve") if "move" in words else ("",):
                said = []
                for one in (number, nobody):
                    known = {**KNOWN, "move": move, "number": one}
                    url = reverse(name, kwargs={word: known[word] for word in words})
                    answer = client.post(url, {"version": 3}, content_type="application/json")
                    said.append((answer.status_code, body_of(answer).replace(one, "")))
                assert said[0] == said[1], url
                not_there += said[0][0] == 404
    assert not_there > 5


def test_whoever_may_know_is_shown_it(town):
    """So an empty difference means something."""
    urls = ["/cases/", "/desk/", f"/cases/?q={MARK}", "/dashboard/", "/dashboard/?period=week&form=csv",
            "/dashboard/?as_of=2026-11-22", "/dashboard/weekly/", *(f"/dashboard/parts/{name}/" for name in ("rising", "spread", "shares")),
            "/api/v1/stats/rising/", "/api/v1/stats/spread/", "/dashboard/weekly/pdf/", "/dashboard/figures/",
            "/dashboard/figures/?as_of=2026-11-22", "/dashboard/figures/accept_on_time/", "/screen/board/",
            "/dashboard/figures/accept_on_time/denominator/?form=csv", "/screen/board/?day=2026-11-20&hour=24",
            "/api/v1/stats/summary/", "/api/v1/stats/summary/?as_of=2026-11-22", "/api/v1/stats/weekly/",
            "/api/v1/stats/board/", "/api/v1/stats/split/?figure=accept_on_time&by=item"]  # fmt: skip
    _number, differ, _seen = two_worlds(town, about_the_committee, ["zhiban"], urls)
    assert {*urls, "export"} - {*differ["zhiban"]} == set()


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


def test_what_is_sensitive_stands_in_no_list_of_others(town):
    """Others who see the place may open it; no list, search or sheet holds it, not even as one more in a count."""
    with transaction.atomic():
        case = sensitive()
        urls = [
            url for url in addresses(case) if not url.startswith(COUNTED) and f"/{case.number}/" not in url
        ]
        transaction.set_rollback(True)
    number, differ, seen = two_worlds(town, sensitive, ["jiedao"], urls)
    by_its_number = [f"/cases/?q={number}", f"/search/?q={number}"]  # opens it
    assert told_apart(seen["jiedao"], differ["jiedao"], number) == [f"302 {url}" for url in by_its_number]


@pytest.mark.parametrize(("make", "drawn"), [(sensitive, False), (confidential, True)])
def test_no_heat_map_holds_what_is_sensitive(town, make, drawn):
    urls = ["/screen/board/", "/screen/board/?day=2026-11-23&hour=14"]
    with clock.frozen(NOW):
        make()
        shown = world(town, "lingdao", urls)
    heat = [bool(re.search(r'<li class="h[1-5]"', shown[url][1])) for url in urls]
    assert heat == [drawn, drawn]


FOUND = ("cases:list", "cases:todo", "cases:search_suggest", "cases:figure_rows", "cases:screen_board", "api:cases",
         "api:notices", "api:findings")  # fmt: skip
READ = (
    ("", ""),
    ("", "history/"),
    ("", "dispute/"),
    ("", "slip/"),
    ("/api/v1", ""),
    ("/api/v1", "timeline/"),
)


def test_its_words_are_read_by_holder_and_desk_alone(town):
    """By every role; nobody's page shows a whole phone number, and no list of others a sensitive one's."""
    told: dict[str, list[str]] = {}
    near: dict[str, int] = {}
    with clock.frozen(NOW):
        cases = [sensitive(), confidential()]
        post.deliver_pending()
        # 要我办 takes no question: what is in one's hands stands there whatever is asked
        whole = [u for u in addresses(cases[0]) if cases[0].number in u and not u.startswith("/todo/?")]
        brief = [f"{where}/cases/{case.number}/{page}" for case in cases for where, page in READ]
        lists = [url for url, name in addresses(cases[0]).items() if name in FOUND and "=" not in url]
        for name in PEOPLE:
            far = [case for case in cases if not scope.is_near(town.actor(name, NOW), case)]
            near[name] = len(cases) - len(far)
            shown = world(town, name, {*brief, *lists, *(whole if name in ("ducha", "bumen") else ())})
            for url, (_status, body) in shown.items():
                secrets = [CALLER["phone"]]
                if len(far) == len(cases) or any(case.number in url for case in far):
                    secrets += [CALLER["name"], MARK]
                secrets += [case.number for case in far if case.sensitive and case.number not in url]
                if not url.startswith("POST") and (found := [word for word in secrets if word in body]):
                    told.setdefault(name, []).append(f"{url}: {found}")
            if name == "wangge":  # who took the calls reads them
                assert all(MARK in shown[f"/cases/{case.number}/"][1] for case in cases)
    assert told == {}
    assert sum(n > 0 for n in near.values()) >= 3 and sum(n == 0 for n in near.values()) >= 5, near
