"""What is done with a case from a list: by its letters in a sheet over it, or beside it at the desk; the line comes back."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from cases.models import Case
from ledger import clock
from tests.builders import a_case, a_fact, walk
from tests.cases.web.test_budgets import cost
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    return a_case("assigned")


def letters(username: str, case: Case) -> tuple[Reader, dict[str, str]]:
    reader = Reader(username, htmx=True).open(f"/cases/{case.number}/keys/")
    assert reader.status == 200
    return reader, json.loads(unescape(re.search(r'data-letters="([^"]*)"', reader.text)[1]))


def sheets(reader: Reader) -> set[str]:
    return set(re.findall(r'<template data-sheet="(.)"', reader.text))


def test_each_letter_brings_its_form_or_says_why_not(case):
    clerk, told = letters("bumen", case)
    assert {"S", "L", "T"} <= sheets(clerk) and told["S"] == told["T"] == ""
    assert "B" not in told and "办结说明" not in clerk.text  # nothing to resolve yet
    Case.objects.update(declines=2)
    late, told = letters("bumen", case)
    assert "T" not in sheets(late) and told["T"].endswith("。")


def test_a_relief_is_asked_for_in_a_sheet_of_its_own(town):
    case = walk(a_case("assigned", when=clock.now()), "sign")
    clerk, told = letters("bumen", case)
    here = f"/cases/{case.number}/reliefs/new/extension/?beside=sheet"
    assert told["Y"] == "" and f'data-sheet="Y" data-link="{here}"' in clerk.text
    with statements() as found:
        clerk.open(here)
    assert len(found) <= 12 and 'id="sheet-in"' in clerk.text and "<h1" not in clerk.text, found
    assert clerk.says("申请延期", "批准后会怎样", "延期率")
    clerk.send("extension", ground="complex", reason="须请检测机构。", beside="sheet")
    assert clerk.status == 422 and 'id="sheet-in"' in clerk.text and "须请检测机构。" in clerk.text
    clerk.send(
        "extension",
        ground="complex",
        reason="须请检测机构。",
        measure="已围挡。",
        told="已电话告知。",
        beside="sheet",
    )
    assert f'data-done="{case.number}"' in clerk.text and "data-stays" in clerk.text
    assert clerk.says("延期申请已提出")
    assert Reader("bumen").open(f"/cases/{case.number}/").says("待批复", "延长 2 日")


def test_a_form_is_sent_and_its_line_comes_back(case):
    clerk, _told = letters("bumen", case)
    clerk.send("sign", beside="sheet")
    assert (
        clerk.status == 200 and f'data-done="{case.number}"' in clerk.text and "data-stays" not in clerk.text
    )
    row = re.search(r"<template>(.*?)</template>", clerk.text, re.S)[1]
    assert "办理中" in row and f'value="{case.number}@{case.version + 1}"' in row
    assert Case.objects.get().status == "in_hand"


def test_a_refusal_stays_in_the_sheet_with_what_was_typed(case):
    clerk, _told = letters("bumen", case)
    clerk.send(
        "decline",
        ground="not_our_duty",
        organisation="GV25",
        reason="不是我们的",
        version="99",
        beside="sheet",
    )
    assert clerk.status == 409 and 'id="sheet-in"' in clerk.text and "不是我们的" in clerk.text
    assert "data-row" not in clerk.text


def test_a_form_that_is_gone_says_so(case):
    clerk, _told = letters("bumen", case)
    other = Reader("bumen2").open(f"/cases/{case.number}/")
    other.send("sign")
    clerk.send("sign", beside="sheet")
    assert clerk.status == 409 and clerk.says("现在没有“签收”")


def test_a_fact_leaves_the_cursor_where_it_is(case):
    clerk, _told = letters("bumen", case)
    clerk.send("take_up", beside="sheet")
    assert f'data-done="{case.number}"' in clerk.text and "data-stays" in clerk.text
    assert Case.objects.get().holder_account.username == "bumen"


def test_without_a_list_the_form_goes_where_it_went(case):
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    clerk.send("sign")
    assert clerk.path == f"/cases/{case.number}/" and clerk.says("已签收")
    assert Reader("bumen").open(f"/cases/{case.number}/keys/").path == f"/cases/{case.number}/"


def test_outside_nothing(case):
    assert Reader("linju", htmx=True).open(f"/cases/{case.number}/keys/").status == 404
    _reader, told = letters("shenji", case)
    assert "S" not in told


def test_the_letters_of_a_line_cost_little(town):
    case = a_case("assigned")
    for move in ("", "sign", "resolve"):
        case = walk(case, move) if move else case
        reader = Reader("bumen", htmx=True).open(f"/cases/{case.number}/keys/")
        with statements() as found:
            reader.open(f"/cases/{case.number}/keys/")
        assert len(found) <= 8, (move, found)


# -- beside the list of the desk

HOME = "/desk/?tab=received"


def beside(case: Case, username: str = "jiedao") -> Reader:
    return Reader(username, htmx=True).open(f"/desk/{case.number}/?back=/desk/%3Ftab=received")


def test_dispatched_beside_the_list_the_line_says_how_it_stands(town):
    case = a_case("received")
    desk = beside(case)
    desk.send("accept_dispatch", organisation="GV24", beside="pane")
    assert desk.status == 200 and f'data-done="{case.number}"' in desk.text and "data-stays" not in desk.text
    line = unescape(re.search(r"<template>(.*?)</template>", desk.text, re.S)[1])
    assert "待签收" in line and f'href="{HOME}&case={case.number}"' in line and f"{case.number}@" in line


def test_refused_beside_the_list_the_case_comes_back_with_every_word(town):
    case = a_case("received")
    desk = beside(case)
    unit = desk.form("accept_dispatch").choices["organisation"][-1]
    desk.send("accept_dispatch", organisation=unit, version="99", beside="pane")
    assert desk.status == 409 and 'id="pane"' in desk.text and "data-queue" not in desk.text
    assert desk.form("accept_dispatch").fields["organisation"] == [unit]
    assert desk.form("accept_dispatch").fields["version"] == [str(case.version)]


def test_a_note_beside_the_list_stays(town):
    case = a_case("received")
    desk = beside(case)
    desk.send("note", text="已电话核实。", beside="pane")
    assert desk.status == 200 and "data-stays" in desk.text


def test_a_number_shown_beside_the_list_is_shown_once(town):
    case = a_case("received", caller={"name": "周大妈", "phone": "13800002046"})
    desk = beside(case)
    desk.send("reveal", reason="回电核实地址", beside="pane")
    assert "data-stays" in desk.text and "13800002046" not in desk.text
    assert "13800002046" in beside_again(desk, case) and "13800002046" not in beside_again(desk, case)


def beside_again(desk: Reader, case: Case) -> str:
    return desk.open(f"/desk/{case.number}/?back=/desk/%3Ftab=received").text


def test_the_pane_changes_its_mark_with_the_case(town):
    case = a_case("received")
    mark = re.compile(r'data-state="([^"]+)"')
    first = mark.search(beside(case).text)[1]
    assert mark.search(beside(case).text)[1] == first
    a_fact(case, "note", by="jiedao", text="又来过电话。")
    assert mark.search(beside(case).text)[1] != first


def test_a_pane_costs_little(town):
    """Session, account, and what stands near included."""
    case = a_case("received", text="一号楼北侧外墙被喷了涂料，字很大。")
    a_case("received", text="一号楼北侧外墙被喷了涂料。")
    address = f"/desk/{case.number}/?back=/desk/%3Ftab=received"
    reader = Reader("jiedao", htmx=True).open(address)
    with statements() as found:
        reader.open(address)
    assert reader.says("附近相似") and len(found) <= 8, (len(found), found)
    near = [one for one in found if "cases_bigrams" in one or "same_phone" in one]
    assert 0 < len(near) <= 2, near


def test_the_desk_ticks_and_does_many(town):
    cases = [a_case("received", text=f"第{n}件。") for n in range(2)]
    desk = Reader("jiedao").open("/desk/")
    form = next(form for form in desk.forms if form.ident == "queue")
    assert set(form.choices.get("number", [])) >= {f"{one.number}@{one.version}" for one in cases}
    assert ("", "") not in form.buttons
    answer = desk.client.post("/bulk/accept/", {
        "number": [f"{one.number}@{one.version}" for one in cases], "go": "1", "back": HOME,
        "idempotency_key": "x" * 32, "csrfmiddlewaretoken": form.fields["csrfmiddlewaretoken"][0],
    })  # fmt: skip
    report = desk.open(answer["Location"])
    assert report.says("已办", cases[0].number, cases[1].number)
    assert len(cost("jiedao", "/desk/")) <= 10
