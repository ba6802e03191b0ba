"""The page from which a desk rules, and the board of claims, as people read them."""

from __future__ import annotations

from cases.models import DutyRow
from tests.builders import a_fact, walk
from tests.cases.test_claims import offered
from tests.cases.test_disputes import disputed
from tests.cases.walking import repost
from tests.clients import Api
from tests.pages import Reader


def test_a_desk_reads_both_sides_and_writes_the_ruling_down(town):
    case = a_fact(disputed(), "state", by="bumen", text="外墙在小区红线内。")
    page = Reader("quji2").open(f"/cases/{case.number}/dispute/")
    assert page.status == 200 and page.says(
        "有争议", "外墙在小区红线内", "还没有陈述", "不属本单位职责", "同类裁定"
    )
    assert not Reader("wangge").open(f"/cases/{case.number}/dispute/").says("外墙在小区红线内")
    told = Api("quji2").get(f"cases/{case.number}/dispute/").json()
    assert told["waits"] and {party["code"] for party in told["parties"]} == {"GV24", "IN02", "GV25"}
    case = walk(case, "rule", by="quji2", organisation="GV24")
    page = Reader("quji2").open(f"/cases/{case.number}/dispute/")
    assert page.says("最终", "写入职责清单")
    page.send(f"/cases/{case.number}/facts/keep_ruling/")
    assert page.status == 200, page.words[:400]
    assert DutyRow.objects.latest("pk").organisation.code == "GV24" and page.says("已写入职责清单")


def test_the_board_of_claims(town):
    repost("huanwei", "department_clerk", "MO02")
    case = offered()
    page = Reader("huanwei").open("/claims/")
    assert page.says(case.number, "认领，到时办结")
    page.send(f"/cases/{case.number}/moves/claim/", until="2030-01-01T09:00")
    assert page.status in (200, 422)
