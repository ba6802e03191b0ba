"""Nobody judges what they did: by human and by unit, at each step that judges (SPEC §4)."""

from __future__ import annotations

import pytest

from cases import authority, checking
from cases.lifecycle import FACTS
from cases.models import Case
from cases.scope import covers
from ledger import post
from ledger.actor import Grant
from parties.gate import OutOfScope
from parties.models import Account
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.walking import MINUTE, fact_refused, fresh, refused, repost
from tests.town import COMMUNITY, GRID, STREET

COMMITTEE = f"JW-{COMMUNITY}"
# how somebody comes to have handled a case: the moves after take, and who made the last of them
HANDLED = {
    "settle": (("settle",), "shequ", {"item": "0108"}),
    "start": (("accept", "start"), "shequ", {"item": "0108"}),
    "sign": (("accept", "dispatch", "sign"), "bumen", {}),
    "resolve": (("accept", "dispatch", "sign", "resolve"), "bumen", {}),
}


def handled(how: str) -> tuple[Case, str]:
    path, who, call = HANDLED[how]
    case = a_case(through=path[:-1], **call)
    return walk(case, path[-1], by=who), who


@pytest.mark.parametrize("how", HANDLED)
def test_handling_marks_human_and_unit(town, how):
    case, who = handled(how)
    by = town.actor(who)
    assert by.person_id in case.handler_people and by.units & set(case.handler_units)


def test_accepting_and_passing_on_is_no_handling(town):
    case = a_case(through=("accept", "dispatch"))
    assert case.handler_people == case.handler_units == []


@pytest.mark.parametrize("how", ["settle", "start"])
def test_nobody_of_the_unit_verifies(town, how):
    case, _who = handled(how)
    if case.status == "in_hand":
        case = walk(case, "resolve", by="shequ")
    for insider in ("shequ", "shequ2", "wangge", "wanggezhang"):
        assert refused("not_yours", case, "rework", by=insider)
        assert fact_refused("not_yours", case, "verify", by=insider, done=True)
    assert walk(case, "rework", by="jiedao").status == "in_hand"  # the desk above may


def test_the_human_stays_the_human_in_another_post(town):
    """Who handled it and was posted elsewhere since is still who handled it."""
    case, _who = handled("resolve")
    repost("bumen", "shift_lead", STREET)
    assert fact_refused("not_yours", case, "verify", by="bumen", done=True)
    assert refused("not_yours", case, "rework", by="bumen")
    case = walk(case, "answer", "reopen", by=None)
    assert refused("not_yours", case, "withdraw", by="bumen")


def test_the_same_human_with_another_login(town):
    case, _who = handled("resolve")
    person = town.account("bumen").person
    Account.objects.filter(username="jiedao2").update(person=person)
    assert fact_refused("not_yours", case, "verify", by="jiedao2", done=True)


def test_nobody_rules_on_what_he_handled_or_dispatched(town):
    case = a_case(through=("accept", "escalate"))
    case = walk(case, "accept", by="quji")
    case = walk(case, "dispatch", by="quji", organisation="GV24")
    case = walk(case, "decline", by="bumen")
    assert "您派遣" in refused("not_yours", case, "rule", by="quji")
    repost("ducha", "supervisor", "370811")
    assert walk(case, "rule", by="quji2").status == "assigned"


def test_a_desk_that_worked_on_it_rules_no_more(town):
    case = walk(a_case(through=("accept",)), "start", by="quji")
    case = walk(case, "transfer", by="quji", organisation="GV24")
    case = walk(case, "decline", by="bumen")
    for insider in ("quji", "quji2"):
        assert "办过" in refused("not_yours", case, "rule", by=insider)
    assert walk(case, "rule", by="ducha").final


def test_nobody_grants_relief_for_what_he_handled(town):
    case = walk(a_case(through=("accept",)), "start", by="jiedao")
    assert "办过" in refused("not_yours", case, "hold", by="zhiban")
    assert "申请" in refused("not_ready", case, "hold", by="quji")  # the desk above might


def test_nobody_parts_what_he_merged(town):
    a_case()
    case = walk(a_case(), "merge", by="zhiban")
    assert "并入" in refused("not_yours", case, "unmerge", by="zhiban")
    assert walk(case, "unmerge", by="quji").status == "received"


def test_a_supervisor_never_edits_handling_records(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    for move in ("resolve", "transfer", "decline", "ask"):
        assert refused("not_yours", case, move, by="ducha")
    for fact, sent in {
        "reclassify": {"item": "0108"},
        "urgency": {"urgency": "urgent"},
        "release": {},
    }.items():
        assert fact_refused("not_yours", case, fact, by="ducha", reason="x", **sent)


@pytest.mark.parametrize("who", ["admin", "shenji", "huifang", "lingdao"])
def test_who_administers_audits_visits_or_leads_works_no_case(town, who):
    case = a_case(through=("accept",))
    for move in ("dispatch", "start", "settle", "reject", "escalate", "withdraw"):
        assert refused("not_yours", case, move, by=who)


class TestAbout:
    """A case about a unit or an account: those never see nor handle it, and it starts one level above."""

    def test_starts_one_level_above(self, town):
        assert a_case(item="0108").level == "community"
        assert a_case(item="0108", about=COMMITTEE).level == "street"
        assert a_case(item="0108", about=f"ZX-{STREET}").level == "district"
        assert a_case(item="0108", about="account:shequ").level == "street"

    def test_never_seen_by_them(self, town):
        case = a_case(item="0108", about=COMMITTEE, by="jiedao")
        for insider in ("wangge", "wanggezhang", "shequ", "shequ2"):
            assert not covers(town.actor(insider), case)
            with pytest.raises(OutOfScope):
                a_move(case, "accept", when=case.last_at + MINUTE, by=insider)
        assert covers(town.actor("jiedao"), case)

    def test_not_even_by_who_reported_it(self, town):
        case = a_case(item="0108", about="account:wangge", by="wangge")
        assert not covers(town.actor("wangge"), case) and covers(town.actor("wanggezhang"), case)

    def test_not_by_who_is_posted_below(self, town):
        case = a_case(item="0108", about=f"JD-{STREET}", by="quji")
        assert case.level == "district"
        for insider in ("shequ", "jiedao", "zhongdui"):
            assert not covers(town.actor(insider), case)

    def test_never_handed_to_them(self, town):
        case = a_case(item="0610", about="GV24", by="jiedao")
        assert not covers(town.actor("bumen"), case)
        case = walk(case, "accept", by="quji")
        assert refused("not_ready", case, "dispatch", by="quji", organisation="GV24")
        assert refused("not_ready", case, "dispatch", by="quji", organisation="GV13", assisting=["GV24"])
        case = walk(case, "dispatch", by="quji", organisation="IN02")
        case = walk(case, "sign", by="huanwei")
        assert refused("not_ready", case, "transfer", by="huanwei", organisation="GV24")

    def test_no_person_is_given_a_case_about_himself(self, town):
        case = a_case(about="account:bumen2", through=("accept", "dispatch", "sign"))
        assert fact_refused("not_ready", case, "assign", by="fuzeren", person="bumen2")
        assert a_fact(case, "assign", by="fuzeren", person="bumen").holder_account.username == "bumen"

    def test_no_notice_reaches_them(self, town):
        from cases.models import Notice

        case = a_case(about="account:bumen2", through=("accept", "dispatch"))
        post.deliver_pending()
        told = set(Notice.objects.filter(case=case).values_list("account__username", flat=True))
        assert "bumen" in told and "bumen2" not in told


class TestWords:
    """Confidential and sensitive words are for desk, holder and reporter."""

    def readers(self, town, case) -> set[str]:
        from cases.scope import reads_words

        case = fresh(case)
        return {
            name
            for name in (
                "wangge",
                "wangge2",
                "shequ",
                "jiedao",
                "quji",
                "bumen",
                "lingdao",
                "ducha",
                "shenji",
            )
            if reads_words(town.actor(name), case)
        }

    def test_confidential(self, town):
        case = a_case(confidential=True, by="jiedao")
        assert self.readers(town, case) == {"jiedao"}
        case = walk(case, "accept", "dispatch")
        assert self.readers(town, case) == {"jiedao", "bumen"}

    def test_sensitive_items(self, town):
        case = a_case(item="0412", by="wangge")
        assert case.sensitive
        assert {"wangge", "shequ"} <= self.readers(town, case)
        assert not {"jiedao", "quji", "lingdao", "ducha", "shenji", "bumen"} & self.readers(town, case)

    def test_a_case_that_becomes_sensitive_stays_so(self, town):
        case = walk(a_case(item="0108"), "accept", by="shequ", item="0412")
        assert case.sensitive
        assert a_fact(case, "reclassify", by="shequ", item="0108", reason="错了").sensitive

    def test_sensitive_ones_are_not_open_to_claims(self, town):
        from cases.scope import is_open_to_claim

        case = a_case(item="0105", kind="wish", confidential=True, through=("accept",))
        assert not is_open_to_claim(town.actor("bumen"), case)
        assert GRID


class TestStandingIn:
    """Standing in for an absent colleague opens no second way round it: whatever a substitute may do to a case, he may
    do by himself or the absent one may, and nothing that either of them handled does he judge."""

    PAIRS = (
        ("wangge", "wangge2"),
        ("shequ", "shequ2"),
        ("jiedao", "zhiban"),
        ("quji", "quji2"),
        ("bumen", "bumen2"),
    )
    JUDGING = ("rework", "rule", "withdraw", "unmerge", "reopen")

    def lent(self, town, absent: str, substitute: str):
        """The substitute now, and the same person before."""
        from parties import commands
        from parties.access import actor_of

        at = town.MONDAY + 12 * 60 * MINUTE
        before = town.actor(substitute)
        commands.set_absence(
            by=town.SYSTEM, at=at, account=town.account(absent), since=at, until=at + 24 * 60 * MINUTE,
            reason="leave", substitute=town.account(substitute),
        )  # fmt: skip
        now = actor_of(town.account(substitute).pk, at)
        assert now.stands_in
        return now, before

    @pytest.mark.parametrize(("absent", "substitute"), PAIRS)
    def test_no_wider_than_the_two(self, town, absent, substitute):
        from cases import authority
        from cases.lifecycle import FACTS, MOVES

        cases = [handled(how)[0] for how in HANDLED]
        cases += [a_case(through=path) for path in ((), ("accept",), ("accept", "dispatch"))]
        cases.append(walk(cases[-1], "decline", by="bumen"))
        cases.append(walk(handled("resolve")[0], "answer", by="bumen"))
        both, alone = self.lent(town, absent, substitute)
        other = town.actor(absent)
        for case in cases:
            for row in (*MOVES.values(), *FACTS.values()):
                if not isinstance(row.capability, dict) and row.capability == "system":
                    continue
                found = authority.acting(row, case, both)
                if isinstance(found, str):
                    continue
                ways = [authority.acting(row, case, one) for one in (alone, other)]
                assert any(not isinstance(way, str) for way in ways), (row.name, case.status)
                if row.name in (*self.JUDGING, "verify"):
                    assert both.person_id not in case.handler_people, row.name
                    if found.lender is not None:
                        assert found.lender not in case.handler_people, row.name

    def test_not_even_where_every_desk_handled_it(self, town):
        """Another human checks it then: not by the posting that who handled it has lent."""
        from dataclasses import replace

        from cases import authority

        case = a_case(item="0108", through=("settle",))
        case.handler_units = [unit.id for unit in town_desks(case)]
        both, alone = self.lent(town, "shequ", "shequ2")
        case.handler_people = [town.actor("shequ").person_id]
        lent_only = replace(both, grants=tuple(grant for grant in both.grants if grant.lent_by is not None))
        assert isinstance(authority.outsider(case, lent_only, "verify"), str)
        assert not isinstance(authority.outsider(case, alone, "verify"), str)  # by his own he may, as ever


def town_desks(case: Case):
    from parties import directory

    return directory.desks_over(case.path)


def test_a_supervisor_checks_where_no_human_is_left(town):
    """Of the street's own matter, with the street complained about: the district's two are all there is."""
    case = a_case("received", item="0108", by="quji", place=STREET, origin="patrol")
    case = walk(case, "settle", by="quji")
    case.about_organisation = town.org(f"ZX-{STREET}")
    one, other, above = (town.actor(name) for name in ("quji", "quji2", "ducha"))
    assert checking.left(case, case.last_at) == checking.A_HUMAN
    assert isinstance(authority.outsider(case, one, "verify"), str)
    assert isinstance(authority.outsider(case, other, "verify"), Grant)
    assert isinstance(authority.outsider(case, above, "verify"), str)
    case.handler_people = [one.person_id, other.person_id]
    assert checking.left(case, case.last_at) == checking.NOBODY
    assert isinstance(authority.outsider(case, other, "verify"), str)
    assert isinstance(authority.outsider(case, above, "verify"), Grant)
    assert authority.may_try(FACTS["verify"], case, above)
    assert not authority.may_try(FACTS["verify"], case, town.actor("shenji"))
    case.about_organisation = None  # the street could, then
    assert checking.left(case, case.last_at) == checking.A_DESK
    assert isinstance(authority.outsider(case, above, "verify"), str)
