"""The page of a case with everything on it, for every role: eight statements, with session and frame."""

from __future__ import annotations

import pytest

from ledger import clock
from tests.builders import CALLER, a_case, a_fact, a_photo, walk
from tests.cases.reliefs.filing import asked
from tests.cases.walking import fresh
from tests.cases.web.test_budgets import cost
from tests.town import GRID, GRID_2

MOST = 8
SQUAD = "TS02-370811015"
ROLES = (
    *("wangge", "wanggezhang", "shequ", "jiedao", "zhiban", "lingdao", "quji", "bumen", "fuzeren"),
    *("zhongdui", "ducha", "huifang", "shenji"),
)


@pytest.fixture
def full(town):
    """Several callers, assisting units, a decline and a ruling, places under it, notes with a name in them, photos, a relief,
    a standard text, somebody looking at it."""
    case = a_case("accepted", when=clock.now())
    for n in range(2):
        other = a_case(caller={**CALLER, "phone": f"1390537000{n}"}, when=case.last_at, text=f"第{n}位。")
        walk(other, "merge", by="zhiban", target=case.number)
        case = fresh(case)
    place = a_case(place=GRID_2, when=case.last_at, by="jiedao")
    a_fact(place, "link", by="jiedao", parent=case.number)
    case = walk(fresh(case), "dispatch", by="jiedao", organisation="GV24", assisting=[SQUAD])
    case = walk(
        walk(case, "decline", by="bumen", organisation="GV25"), "rule", by="quji", organisation="GV24"
    )
    case = a_fact(case, "assist", by="jiedao", assisting=[SQUAD])
    case = walk(case, "sign", by="bumen")
    case = a_fact(case, "note", by="bumen", text="@郑德明 请看。")
    case = a_fact(case, "attach", by="bumen", attachments=[a_photo(town.actor("bumen"))])
    case = a_fact(case, "contact", by="bumen", channel="phone", reached=True)
    asked(case)
    like = a_case(place=GRID, when=fresh(case).last_at)
    assert like.place_id == case.place_id
    return fresh(case)


@pytest.mark.parametrize("username", ROLES)
def test_eight_statements(full, username):
    found = cost(username, f"/cases/{full.number}/")
    assert len(found) <= MOST, (len(found), found)
