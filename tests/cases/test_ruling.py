"""The lowest desk above both parties rules; a higher one where the lowest cannot, or asks."""

from __future__ import annotations

from cases.models import Case
from cases.ruling import desk_for
from parties import directory
from tests.builders import a_case, walk
from tests.cases.walking import last, refused, repost
from tests.clients import Api
from tests.pages import Reader
from tests.town import STREET

SQUAD = f"TS02-{STREET}"
DESK, ABOVE = f"ZX-{STREET}", "ZX-370811"


def declined(by: str = "jiedao", **more):
    """The street sent it to its own squad, which sends it back."""
    case = walk(a_case(item="0615", through=("accept",)), "dispatch", by=by, organisation=SQUAD)
    return walk(case, "decline", by="zhongdui", **{"organisation": "GV25", **more})


def ruler(case: Case) -> str:
    desk = desk_for(case, case.last_at)
    return desk.code if desk is not None else ""


def test_the_lowest_and_no_higher_one(town):
    case = declined()
    assert ruler(case) == DESK
    told = refused("not_yours", case, "rule", by="quji", organisation=SQUAD)
    assert "观音阁街道指挥中心" in told and "上呼" in told
    assert not walk(case, "rule", by="zhiban", organisation=SQUAD).final


def test_a_higher_one_when_the_lowest_calls_it_upward(town):
    case = walk(declined(), "escalate", by="zhiban")
    case = walk(case, "accept", by="quji")
    assert ruler(case) == ABOVE
    assert refused("not_yours", case, "rule", by="zhiban", organisation=SQUAD)
    assert walk(case, "rule", by="quji", organisation="GV25").final


def test_a_higher_one_where_the_lowest_is_a_party(town):
    """The squad says that the centre itself should do it."""
    case = declined(organisation=DESK)
    assert ruler(case) == ABOVE
    assert refused("not_yours", case, "rule", by="zhiban", organisation=SQUAD)
    assert walk(case, "rule", by="quji", organisation=SQUAD).final


def test_a_higher_one_where_nobody_at_the_lowest_may(town):
    """Its only shift lead is who dispatched; or is gone; with a second one it is the lowest again."""
    case = declined(by="zhiban")
    assert ruler(case) == ABOVE
    repost("jiedao2", "shift_lead", STREET)
    assert ruler(case) == DESK
    assert refused("not_yours", case, "rule", by="quji", organisation=SQUAD)
    repost("jiedao2", "street_dispatcher", STREET)
    repost("zhiban", "street_dispatcher", STREET)
    assert ruler(case) == ABOVE


def test_where_no_desk_may_a_supervisor_does(town):
    case = walk(a_case("assigned"), "decline", by="bumen")
    for name in ("quji", "quji2"):
        repost(name, "return_visitor", "370811")
    assert ruler(case) == ""
    assert walk(case, "rule", by="ducha", organisation="GV24").final


def test_a_substitute_rules_for_who_is_away(town):
    from parties.models import Posting

    case = declined()
    Posting.objects.filter(account=town.account("zhiban")).update(
        substitute=town.account("linju"), substitute_from=town.FOUNDED, substitute_until=town.MONDAY.replace(year=2027)
    )  # fmt: skip
    assert ruler(case) == DESK
    assert walk(case, "rule", by="linju", organisation=SQUAD).status == "assigned"
    case = declined(by="zhiban")  # not by the posting of who dispatched it: then the next desk above rules
    assert ruler(case) == ABOVE
    assert refused("not_yours", case, "rule", by="linju", organisation=SQUAD)
    assert walk(case, "rule", by="quji", organisation=SQUAD).status == "assigned"


def test_who_dispatched_may_not_even_if_the_ruling_changes_hands(town):
    case = walk(declined(), "rule", by="zhiban", organisation=SQUAD)
    assert last(case).event == "case.ruled" and directory.by_id(case.desk_id).code == DESK
    assert "您派遣" in refused(
        "not_yours", case, "rule", by="zhiban", organisation=SQUAD
    )  # he did, by ruling


def test_buttons_and_interface_say_the_same(town):
    case = declined()
    page = Reader("quji").open(f"/cases/{case.number}/dispute/")
    assert page.says("观音阁街道指挥中心") and not page.says(
        'action="/cases/' + case.number + '/moves/rule/"'
    )
    told = {move["name"]: move for move in Api("quji").case(case.number)["moves"]}["rule"]
    assert not told["enabled"] and "上呼" in told["why_not"]
    answer = Api("quji").move(
        {"number": case.number, "version": case.version}, "rule", organisation=SQUAD, grounds="x"
    )
    assert answer.status_code == 403 and answer.json()["detail"] == told["why_not"]
    assert {move["name"]: move for move in Api("zhiban").case(case.number)["moves"]}["rule"]["enabled"]
