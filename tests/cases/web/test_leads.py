"""What the desk's form makes easy: who is chosen as lead does not assist as well; a step out of place leads back."""

from __future__ import annotations

import pytest

from cases.models import Case, Part
from parties import directory
from tests import builders
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def test_a_unit_chosen_as_lead_while_still_ticked_as_assisting_leads(town):
    case = builders.a_case()
    reader = Reader("jiedao").open(f"/desk/?case={case.number}")
    form = reader.form("dispatch-form")
    lead = form.fields["organisation"][0]
    reader.send("dispatch-form", assisting=[lead])
    case = Case.objects.get(pk=case.pk)
    assert reader.status == 200 and case.status == "assigned", reader.words
    assert directory.by_id(case.holder_id).code == lead and not Part.objects.filter(case=case).exists()


def test_a_form_that_is_not_to_be_had_leads_back_to_the_case(town):
    case = builders.a_case("assigned")
    reader = Reader("bumen").open(f"/cases/{case.number}/moves/resolve/")
    assert reader.status == 404 and reader.says("这里现在没有“办结”")
    assert f'href="/cases/{case.number}/"' in reader.text


def test_after_a_fact_the_desk_stays_with_its_case(town):
    builders.a_case()
    second = builders.a_case()
    reader = Reader("jiedao").open(f"/desk/?case={second.number}")
    reader.send(f"/cases/{second.number}/facts/note/", text="已电话核实。")
    assert f"case={second.number}" in reader.path and reader.says(f"{second.number}：“留言”已记下")
    assert reader.form("dispatch-form").action.startswith(f"/cases/{second.number}/")
