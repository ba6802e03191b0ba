"""Keys and sessions at the interface, and what it tells about people and organisations."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import AuthToken

from ledger import clock
from parties import commands, directory
from parties.models import Account
from tests.parties.town import AT, SYSTEM, Town

pytestmark = pytest.mark.urls("tests.parties.urls")


@pytest.fixture(autouse=True)
def plain_problems(settings) -> None:
    """How refusals are written is another room's; here only their status counts."""
    handler = {"EXCEPTION_HANDLER": "rest_framework.views.exception_handler"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, **handler}


@pytest.fixture
def clerk(town: Town) -> Account:
    return town.somebody("bumen", "department_clerk", organisation="GV24")


def key_of(account: Account) -> str:
    return commands.make_key(by=SYSTEM, at=clock.now(), account=account)


def get(client: Client, path: str, key: str):
    return client.get(f"/api/v1/{path}", headers={"authorization": f"Token {key}"})


def test_me(client: Client, town: Town, clerk: Account) -> None:
    me = get(client, "me/", key_of(clerk)).json()
    assert me["username"] == "bumen"
    assert me["roles"] == ["department_clerk"]
    assert me["places"] == []
    assert [unit["code"] for unit in me["organisations"]] == ["GV24"]
    assert "sign" in me["capabilities"] and "dispatch" not in me["capabilities"]
    worker = town.somebody("wangge", "grid_worker", place="370811015001001")
    me = get(client, "me/", key_of(worker)).json()
    assert me["places"] == [{"code": "370811015001001", "name": "第一网格", "kind": "grid"}]
    assert [unit["code"] for unit in me["organisations"]] == ["JW-370811015001"]


def test_key_and_actor_in_one_statement(client: Client, clerk: Account) -> None:
    key = key_of(clerk)
    directory.by_code("GV24")
    with CaptureQueriesContext(connection) as queries:
        assert get(client, "me/", key).status_code == 200
    assert len(queries) == 1


def test_only_the_hash_is_kept(clerk: Account) -> None:
    key = key_of(clerk)
    row = AuthToken.objects.get()
    assert key not in row.digest and len(row.digest) == 128
    assert dt.timedelta(days=89) < row.expiry - clock.now() <= dt.timedelta(days=90)


@pytest.mark.parametrize("header", ["Token", "Token nonsense", "Token a b", "Token é", "Token " + "0" * 64])
def test_wrong_keys(client: Client, clerk: Account, header: str) -> None:
    answer = client.get("/api/v1/me/", headers={"authorization": header})
    assert answer.status_code == 401


def test_no_key_no_session(client: Client, clerk: Account) -> None:
    assert client.get("/api/v1/me/").status_code == 401


def test_expired_forgotten_and_closed(client: Client, clerk: Account) -> None:
    key = key_of(clerk)
    with clock.frozen(clock.now() + dt.timedelta(days=91)):
        assert get(client, "me/", key).status_code == 401
    assert get(client, "me/", key).status_code == 200
    assert commands.forget_keys(by=SYSTEM, at=AT, account=clerk) == 1
    assert get(client, "me/", key).status_code == 401
    key = key_of(clerk)
    commands.close_account(by=SYSTEM, at=AT, account=clerk)
    assert get(client, "me/", key).status_code == 401


def test_a_session_serves_too(client: Client, clerk: Account) -> None:
    client.force_login(clerk)
    assert client.get("/api/v1/me/").json()["username"] == "bumen"


def test_organisations(client: Client, town: Town, clerk: Account) -> None:
    key = key_of(clerk)
    one = get(client, "organisations/?q=综合行政执法", key).json()
    assert [row["code"] for row in one] == ["GV24"]
    assert one[0]["short_name"] == "区综合执法局"
    assert one[0]["kind"] == "department"
    assert one[0]["serves"] == [{"code": "370811", "name": "任城区", "kind": "district"}]
    here = get(client, "organisations/?serves=370811015001&kind=committee", key).json()
    assert [row["code"] for row in here] == ["JW-370811015001"]
    offices = get(client, "organisations/?serves=370811015001&kind=office", key).json()
    assert len(offices) == 13 and all(row["code"].endswith("370811015") for row in offices)
    assert get(client, "organisations/?serves=nowhere", key).json() == []
    with CaptureQueriesContext(connection) as queries:
        everything = get(client, "organisations/", key).json()
    assert len(everything) > 100 and len(queries) == 2


def test_api_key_prints_the_key_alone_on_the_last_line(client: Client, clerk: Account) -> None:
    out = StringIO()
    call_command("api_key", "Bumen", stdout=out, stderr=StringIO())
    key = out.getvalue().splitlines()[-1]
    assert get(client, "me/", key).json()["username"] == "bumen"
    call_command("api_key", "bumen", stdout=StringIO(), stderr=StringIO())
    assert get(client, "me/", key).status_code == 200  # a new key does not end the old one


def test_api_key_for_nobody(clerk: Account) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("api_key", "nobody", stdout=StringIO())
    commands.close_account(by=SYSTEM, at=AT, account=clerk)
    with pytest.raises(CommandError):
        call_command("api_key", "bumen", stdout=StringIO())


def test_the_first_admin_of_a_real_installation(client: Client, town: Town) -> None:
    out = StringIO()
    call_command("open_admin", "Guanli", "--name", "高远", stdout=out, stderr=StringIO())
    password = out.getvalue().strip()
    account = Account.objects.get(username="guanli")
    assert account.check_password(password) and account.must_change_password
    assert town.actor(account, clock.now()).may("accounts", path=town.place("370811015").path)
    with pytest.raises(CommandError):
        call_command("open_admin", "guanli", "--name", "高远", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command(
            "open_admin", "guanli2", "--name", "高远", "--place", "370811015001001", stdout=StringIO()
        )
