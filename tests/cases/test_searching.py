"""For callers without a phone: by name and building, by the code read aloud; who looks says why, and only in scope."""

from __future__ import annotations

import pytest
from django.test import Client

from cases import searching
from cases.models import Call
from cases.refusals import MoveRefused
from ledger import clock
from ledger.models import Entry
from parties.models import Account
from tests import town as small_town
from tests.builders import a_case
from tests.clients import Api

OLD = {"name": "赵大爷", "for_person": "钱奶奶", "contact_by": "visit"}


def find(way: str, username: str = "jiedao", **sent):
    by = small_town.actor(username, clock.now())
    return [case.pk for case in searching.WAYS[way][0](by=by, at=clock.now(), reason="progress", **sent)]


@pytest.fixture
def case(town):
    return a_case(caller=OLD, place=small_town.BUILDING)


def test_by_name_and_building(case):
    a_case(caller={"name": "赵大爷"}, place=small_town.GRID_3, by="jiedao")
    assert find("name", name="赵大爷", place=small_town.BUILDING) == [case.pk]
    assert find("name", name=" 钱奶奶 ", place=small_town.GRID) == [case.pk]
    assert find("name", name="赵大", place=small_town.BUILDING) == []


def test_by_the_code_read_aloud(case):
    code = Call.objects.get(case=case).tracking_code
    said = " ".join("零一二三四五六七八九"[int(n)] for n in code)
    assert find("code", code=said) == [case.pk] and find("code", code=f"{code[:4]} {code[4:]}") == [case.pk]
    assert find("code", code=code[:-1]) == []


def test_full_width_digits_of_a_phone(town):
    case = a_case()
    assert find("phone", phone="１３９ ０５３７ １２３４") == [case.pk]


@pytest.mark.parametrize("way", ["name", "code"])
def test_only_in_scope_and_nothing_of_what_is_confidential(case, way):
    sent = {
        "name": {"name": "赵大爷", "place": small_town.BUILDING},
        "code": {"code": Call.objects.get(case=case).tracking_code},
    }
    assert find(way, **sent[way]) == [case.pk]
    assert find(way, "linju", **sent[way]) == []
    anonymous = a_case(caller={**OLD, "name": "孙七", "anonymous": True}, place=small_town.BUILDING)
    assert anonymous.pk not in find("name", name="孙七", place=small_town.BUILDING)


def test_who_looks_says_why_and_what_was_asked_is_not_kept(case):
    with pytest.raises(MoveRefused):
        searching.by_name(
            by=small_town.actor("jiedao"), at=clock.now(), name="赵大爷", place=small_town.BUILDING, reason=""
        )
    find("name", name="赵大爷", place=small_town.BUILDING)
    entry = Entry.objects.filter(event="account.phone_searched").latest("id")
    assert entry.payload == {"reason": "progress", "found": 1}


@pytest.mark.parametrize(
    "sent",
    [
        {"name": "", "place": small_town.BUILDING},
        {"name": "赵大爷", "place": ""},
        {"name": "赵大爷", "place": small_town.STREET},
        {"name": "赵大爷", "place": "没有的楼"},
        {"name": "赵大爷\x00", "place": "\x00"},
    ],
)
def test_a_name_alone_or_a_whole_street_is_too_much(case, sent):
    with pytest.raises(MoveRefused):
        find("name", **sent)


def test_page_and_interface_find_the_same(case):
    client = Client()
    client.force_login(Account.objects.get(username="jiedao"))
    form = {"by": "name", "name": "赵大爷", "place": small_town.BUILDING, "reason": "progress"}
    said = client.post("/search/phone/", form).content.decode()
    assert case.number in said and client.get("/search/phone/").content.decode().count("<form") >= 3
    got = Api("jiedao").post("cases/by-phone/", form).json()["results"]
    assert [row["number"] for row in got] == [case.number]
    assert Api("jiedao").post("cases/by-phone/", {**form, "by": "face"}).status_code == 400
    assert client.post("/search/phone/", {**form, "name": ""}).status_code == 422
