"""The form of a move in a sheet over the list: opened by its letter, sent without leaving the line."""

from __future__ import annotations

import re

import pytest

from cases.models import Case
from tests.builders import a_case
from tests.cases.web.test_budgets import cost
from tests.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    return a_case("assigned")


def test_a_letter_opens_its_form_and_sends_it(case):
    clerk = Reader("bumen", htmx=True).open(f"/cases/{case.number}/keys/s/")
    assert clerk.status == 200 and clerk.says("签收", case.number)
    form = clerk.form("sign")
    assert form.fields["sheet"] == ["1"]
    clerk.send(form)
    assert clerk.status == 200 and f'data-done="{case.number}"' in clerk.text
    row = re.search(r"<template>(.*?)</template>", clerk.text, re.S)[1]
    assert "办理中" in row and f'value="{case.number}@{case.version + 1}"' in row
    assert Case.objects.get().status == "in_hand"


def test_a_refusal_stays_in_the_sheet_with_what_was_typed(case):
    clerk = Reader("bumen", htmx=True).open(f"/cases/{case.number}/keys/T/")
    clerk.send("decline", ground="not_our_duty", organisation="GV25", reason="不是我们的", version="99")
    assert clerk.status == 409 and 'id="sheet-in"' in clerk.text and "不是我们的" in clerk.text
    assert "data-row" not in clerk.text


def test_what_may_not_be_done_says_why(case):
    reader = Reader("bumen", htmx=True).open(f"/cases/{case.number}/keys/B/")
    assert reader.status == 200 and reader.says("现在没有“办结”") and not reader.says("办结说明")
    late = Reader("bumen", htmx=True)
    Case.objects.update(declines=2)
    late.open(f"/cases/{case.number}/keys/T/")
    assert "aria-disabled" in late.text and re.search(r'id="sheet-why">[^<]+<', late.text)
    assert Reader("shenji").open(f"/cases/{case.number}/keys/S/").says("现在没有")
    assert Reader("bumen").open(f"/cases/{case.number}/keys/Ω/").says("现在没有")


def test_a_fact_by_its_letter(case):
    clerk = Reader("bumen", htmx=True).open(f"/cases/{case.number}/keys/L/")
    clerk.send("take_up")
    assert f'data-done="{case.number}"' in clerk.text
    assert Case.objects.get().holder_account.username == "bumen"


def test_without_a_sheet_the_form_goes_where_it_went(case):
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    clerk.send("sign")
    assert clerk.path == f"/cases/{case.number}/" and clerk.says("已签收")


def test_outside_nothing(case):
    assert Reader("linju", htmx=True).open(f"/cases/{case.number}/keys/S/").status == 404


def test_a_sheet_costs_little(case):
    assert len(cost("bumen", f"/cases/{case.number}/keys/S/")) <= 6
