"""By which posting somebody acts. The rows of the table are asked in tests/house/test_grid_of_moves.py."""

from __future__ import annotations

from cases import authority
from cases.lifecycle import FACTS, MOVES
from cases.models import Case
from cases.queries.case_list import to_verify_q
from grid.commands import move_place
from ledger import post
from ledger.actor import Grant
from parties import directory
from parties.models import Posting
from tests.builders import GRID_ITEM, a_case, a_fact, a_move, a_photo, walk
from tests.cases.walking import MINUTE, fact_refused, fresh, last, local, refused, repost
from tests.town import COMMUNITY, COMMUNITY_2, GRID, GRID_2, GRID_3, STREET


def acting(town, case, who, name):
    row = MOVES.get(name) or FACTS[name]
    return authority.acting(row, fresh(case), town.actor(who))


def test_the_lowest_desk_acts(town):
    """Somebody posted at the street and at the community accepts a community matter for the community."""
    Posting.objects.create(
        account=town.account("jiedao"), role="community_clerk", place=town.place(COMMUNITY), since=town.FOUNDED,
        confirmed_at=town.FOUNDED,
    )  # fmt: skip
    case = a_case(item="0108")
    grant = acting(town, case, "jiedao", "accept")
    assert isinstance(grant, Grant) and grant.role == "community_clerk"
    assert walk(case, "accept", by="jiedao").holder.code == f"JW-{COMMUNITY}"


def test_a_grid_lead_accepts_for_the_committee_in_the_own_grid(town):
    case = walk(a_case(item=GRID_ITEM), "accept", by="wanggezhang")
    assert case.holder.code == f"JW-{COMMUNITY}"
    other = a_case(item=GRID_ITEM, place=GRID_2, by="shequ")
    assert not authority.may_try(MOVES["accept"], other, town.actor("wanggezhang"))


def test_a_committee_has_no_say_next_door(town):
    case = a_case(item="0108", place=GRID_3, by="jiedao")
    assert not authority.may_try(MOVES["accept"], case, town.actor("shequ"))
    repost("shequ2", "community_clerk", COMMUNITY_2)
    assert walk(case, "accept", by="shequ2").holder.code == f"JW-{COMMUNITY_2}"


def test_a_posting_that_ended_gives_nothing(town):
    case = a_case()
    Posting.objects.filter(account=town.account("jiedao")).update(until=local("23 09:30"))
    assert a_move(case, "accept", when=local("23 09:29"), by="jiedao").status == "accepted"
    assert town.actor("jiedao", local("23 09:30")).roles == ()


def test_a_posting_that_waits_for_a_second_person_gives_nothing(town):
    Posting.objects.filter(account=town.account("ducha")).update(confirmed_at=None)
    assert town.actor("ducha").roles == ()


def test_a_substitute_acts_in_the_period_and_signs_as_himself(town):
    Posting.objects.filter(account=town.account("bumen")).update(
        substitute=town.account("huanwei"),
        substitute_from=local("24 00:00"),
        substitute_until=local("25 00:00"),
    )
    case = a_case("assigned")
    assert "GV24" not in {g.organisation_id for g in town.actor("huanwei").grants}
    case = a_move(case, "sign", when=local("24 10:00"), by="huanwei")
    assert last(case).actor_id == town.account("huanwei").pk and case.holder.code == "GV24"
    assert town.actor("huanwei", local("25 00:00")).units == {town.org("IN02").pk}


def test_a_unit_above_acts_for_the_one_below(town):
    """Whoever is posted at the street's government acts for its offices."""
    repost("huanwei", "department_clerk", f"JD-{STREET}")
    case = a_case(item="0615", through=("accept",))
    case = walk(case, "dispatch", by="jiedao", organisation=f"TS02-{STREET}")
    assert walk(case, "sign", by="huanwei").status == "in_hand"


def test_the_reporter_answers_and_supplies_wherever_it_went(town):
    case = walk(a_case(by="wangge"), "ask", by="jiedao")
    case = a_fact(case, "relocate", by="jiedao", place=GRID_3, reason="走错了")
    case = walk(case, "supply", by="wangge")
    case = walk(case, "accept", "dispatch", "sign", "resolve")
    assert walk(case, "answer", by="wangge").status == "answered"


def test_the_system_may_everything_but_by_the_table(town):
    case = a_case()
    assert refused("not_from_here", case, "sign", by=town.SYSTEM)
    assert a_move(case, "accept", when=case.last_at + MINUTE, by=town.SYSTEM).status == "accepted"
    assert last(case).actor_role == "system:test"


def test_a_row_of_the_systems_own_is_nobodys(town):
    case = a_case(through=("accept", "dispatch", "sign", "resolve", "answer"))
    for who in ("zhiban", "quji", "ducha", "admin"):
        assert not authority.may_try(MOVES["close"], case, town.actor(who))


def test_another_committee_works_on_what_it_was_sent(town):
    """A desk works on what it holds wherever it stands; who works for it from below, only there."""
    repost("shequ2", "community_clerk", COMMUNITY_2)
    case = walk(a_case(item="0108"), "accept", by="jiedao")
    case = walk(case, "dispatch", by="jiedao", organisation=f"JW-{COMMUNITY_2}")
    assert refused("not_yours", case, "sign", by="shequ")
    case = walk(case, "sign", by="shequ2")
    assert (case.status, case.holder.code) == ("in_hand", f"JW-{COMMUNITY_2}")
    case = walk(case, "resolve", by="shequ2")
    assert walk(case, "answer", by="shequ2").status == "answered"


def test_what_a_committee_has_in_hand_stays_workable_when_the_grid_goes(town):
    case = walk(a_case(item=GRID_ITEM), "accept", "start", by="shequ")
    place = town.place(GRID)
    move_place(
        place=place, parent=town.place(COMMUNITY_2), version=place.version, by=town.SYSTEM, at=case.last_at
    )
    case = fresh(case)
    assert case.holder.code == f"JW-{COMMUNITY}"
    assert walk(case, "resolve", by="shequ").status == "resolved"


def test_where_every_desk_handled_it_another_human_checks(town):
    """Found on patrol, begun by the committee, the street and the district in turn: nobody is left above."""
    case = a_case(item="0108", caller=None)
    for who in ("shequ", "jiedao"):
        case = walk(case, "accept", "start", "escalate", by=who)
    case = walk(case, "accept", "start", "resolve", by="quji")
    assert {unit.id for unit in directory.desks_over(case.path)} <= set(case.handler_units)
    for name in ("shequ", "jiedao", "quji"):
        assert "办过" in fact_refused("not_yours", case, "verify", by=name, done=True)
        assert not Case.objects.filter(to_verify_q(town.actor(name))).exists()
    assert Case.objects.filter(to_verify_q(town.actor("quji2"))).exists()
    a_fact(case, "verify", by="quji2", done=True, attachments=[a_photo(town.actor("quji2"))])
    post.deliver_pending()
    assert fresh(case).status == "closed"


def test_while_a_desk_is_left_it_checks(town):
    case = walk(a_case(item="0108", caller=None), "accept", "start", "resolve", by="shequ")
    for name in ("shequ2", "wangge"):
        assert "办过" in fact_refused("not_yours", case, "verify", by=name, done=True)
    assert isinstance(acting(town, case, "jiedao", "verify"), Grant)
