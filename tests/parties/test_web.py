"""Signing in: the way in, the wrong ways, the lock, and what a session costs."""

from __future__ import annotations

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from parties import commands, directory
from parties.models import Account
from tests.parties.town import AT, SYSTEM, Town

pytestmark = pytest.mark.urls("tests.parties.urls")

PASSWORD = "yi-ge-hao-mima-1"
WRONG = "账号或密码不对"
LOCKED = "先锁一会儿"


@pytest.fixture
def worker(town: Town) -> Account:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    return commands.set_password(by=SYSTEM, at=AT, account=account, password=PASSWORD)


def sign_in(client: Client, username: str = "wangge", password: str = PASSWORD, **more: str):
    return client.post(reverse("parties:login"), {"username": username, "password": password, **more})


def test_the_way_in_and_out(client: Client, worker: Account) -> None:
    page = client.get("/")
    assert page.status_code == 302 and page.url == "/login/?next=/"
    assert client.get("/login/").status_code == 200
    answer = sign_in(client, "  WangGe ")
    assert (answer.status_code, answer.url) == (302, "/")
    home = client.get("/")
    assert home.url == reverse("cases:new_call")
    assert client.get(home.url).content == b"grid_worker"
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/").url == "/login/?next=/"


def test_a_session_costs_one_statement_for_who_and_one_for_itself(client: Client, worker: Account) -> None:
    sign_in(client)
    directory.by_code("GV24")  # the organisations are kept in process
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("cases:new_call"))
    statements = [query["sql"] for query in queries]
    assert len(statements) == 2, statements
    with CaptureQueriesContext(connection) as queries:
        Client().get("/login/")
    assert len(queries) == 0


@pytest.mark.parametrize("username", ["wangge", "nobody", "closed"])
def test_a_wrong_answer_tells_nothing(client: Client, worker: Account, town: Town, username: str) -> None:
    closed = town.somebody("closed")
    commands.set_password(by=SYSTEM, at=AT, account=closed, password=PASSWORD)
    commands.close_account(by=SYSTEM, at=AT, account=closed)
    password = "wrong" if username == "wangge" else PASSWORD
    answer = sign_in(client, username, password)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert WRONG in text and "停用" not in text
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("username", ["wangge", "nobody"])
def test_too_many_wrong_ones_lock_known_and_unknown_alike(
    client: Client, worker: Account, username: str
) -> None:
    answers = [sign_in(client, username, f"wrong-{n}") for n in range(configured.AXES_FAILURE_LIMIT)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    again = sign_in(client, username, PASSWORD)
    assert again.status_code == 429
    assert LOCKED in again.content.decode()
    # another account from the same address is not locked
    other = sign_in(client, "somebody-else", "wrong")
    assert other.status_code == 200 and WRONG in other.content.decode()


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("/profile/", "/profile/"),
        ("//evil.example/", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_next_stays_here(client: Client, worker: Account, target: str, leads: str) -> None:
    assert sign_in(client, next=target).url == leads


def test_profile_and_language(client: Client, worker: Account) -> None:
    sign_in(client)
    page = client.get("/profile/").content.decode()
    assert "第一网格" in page and "网格员" in page and "138****0001" in page and "13800000001" not in page
    answer = client.post("/profile/", {"language": "en", "elder": "1"})
    assert answer.status_code == 302
    worker.refresh_from_db()
    assert (worker.language, worker.elder) == ("en", True)
    assert client.get("/profile/").headers["Content-Language"] == "en"
    assert client.post("/profile/", {"language": "xx"}).status_code == 422


def test_preferences_from_any_page(client: Client, worker: Account) -> None:
    stranger = client.post("/preferences/", {"language": "en", "elder": "1", "next": "/login/"})
    assert stranger.url == "/login/"
    assert stranger.cookies[configured.LANGUAGE_COOKIE_NAME].value == "en"
    assert client.get("/login/", headers={"accept-language": "zh"}).headers["Content-Language"] == "en"
    assert client.post("/preferences/", {"language": "xx", "next": "//evil.example"}).url == "/"
    sign_in(client)
    client.post("/preferences/", {"elder": "1", "next": "/profile/"})
    worker.refresh_from_db()
    assert worker.elder and worker.language == "zh-hans"
    assert client.get("/preferences/").status_code == 405


def test_the_browsers_own_language_is_ignored(client: Client, worker: Account) -> None:
    page = client.get("/login/", headers={"accept-language": "en-US,en"})
    assert page.headers["Content-Language"] == "zh-hans"


def test_change_the_password(client: Client, worker: Account) -> None:
    sign_in(client)
    bad = client.post("/profile/password/", {"old_password": "x", "new_password1": "a", "new_password2": "b"})
    assert bad.status_code == 422
    good = {"old_password": PASSWORD, "new_password1": "xin-de-mima-22", "new_password2": "xin-de-mima-22"}
    assert client.post("/profile/password/", good).status_code == 302
    assert client.get("/profile/").status_code == 200  # the session goes on
    assert sign_in(Client(), password=PASSWORD).status_code == 200
    assert sign_in(Client(), password="xin-de-mima-22").status_code == 302


def test_a_password_set_by_another_is_changed_first(client: Client, worker: Account, town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    commands.set_password(by=admin, at=AT, account=worker, password="lin-shi-mima-33")
    sign_in(client, password="lin-shi-mima-33")
    assert client.get(reverse("cases:new_call")).url == "/profile/password/"
    good = {"old_password": "lin-shi-mima-33", "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert "别人替您设的" in client.get("/profile/password/").content.decode()
    client.post("/profile/password/", good)
    assert client.get(reverse("cases:new_call")).status_code == 200


def test_a_closed_account_is_out_at_the_next_click(client: Client, worker: Account) -> None:
    sign_in(client)
    assert client.get("/profile/").status_code == 200
    commands.close_account(by=SYSTEM, at=AT, account=worker)
    assert client.get("/profile/").status_code == 302


def test_a_changed_posting_counts_at_the_next_click(client: Client, worker: Account, town: Town) -> None:
    sign_in(client)
    assert client.get(reverse("cases:new_call")).content == b"grid_worker"
    commands.post(by=SYSTEM, at=AT, account=worker, role="community_clerk", place=town.place("370811015001"))
    assert client.get(reverse("cases:new_call")).content == b"community_clerk"


def test_forms_need_the_token(worker: Account) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
