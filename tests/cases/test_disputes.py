"""Who must respond when nobody wants to: third holder, statements, ruling."""

from __future__ import annotations

from cases import disputes
from cases.models import Notice
from cases.queries import disputes as queries
from cases.ruling import desk_for
from cases.scope import covers
from ledger import post
from tests.builders import a_case, a_fact, a_photo, walk
from tests.cases.walking import fact_refused, fresh, last, refused, repost

SQUAD = "TS02-370811015"


def disputed(**call):
    """The department and the sanitation office sent it back, each naming another; the desk has it again."""
    case = walk(a_case("assigned", **call), "decline", by="bumen", organisation="IN02")
    case = walk(case, "dispatch", by="quji", organisation="IN02")
    return walk(case, "decline", by="huanwei", organisation="GV25")


class TestThirdHolder:
    def test_two_declines_make_a_dispute(self, town):
        case = walk(a_case("assigned"), "decline")
        assert not disputes.is_disputed(case) and "disputed" not in last(case).payload
        case = walk(case, "dispatch", "decline")
        assert disputes.is_disputed(case) and last(case).payload["disputed"] is True

    def test_the_third_unit_that_is_sent_it_does_too(self, town):
        case = walk(a_case("assigned"), "sign", "transfer", organisation="IN02")
        assert not disputes.is_disputed(case)
        case = walk(case, "sign", by="huanwei")
        case = walk(case, "transfer", by="huanwei", organisation="GV13")
        assert disputes.is_disputed(case)
        assert {town.org(code).pk for code in ("GV24", "IN02", "GV13")} <= set(case.party_ids)

    def test_not_what_goes_round_inside_one_house(self, town):
        repost("bumen", "department_clerk", "GV24")
        case = walk(a_case("assigned"), "sign")
        assert case.lead_ids == [town.org("GV24").pk]

    def test_whoever_signs_ends_it(self, town):
        case = walk(disputed(), "dispatch", by="quji2", organisation="GV24")
        assert disputes.is_disputed(case)
        case = walk(case, "sign", by="bumen")
        assert case.disputed_at is None

    def test_a_dispute_outlives_a_merge_undone(self, town):
        a_case()
        case = disputed()
        case = walk(walk(case, "merge", by="quji"), "unmerge", by="zhiban")
        assert disputes.is_disputed(case)

    def test_listed_for_who_rules_and_who_sees_it(self, town):
        case = disputed()
        for name in ("quji", "zhiban", "ducha"):
            assert list(queries.disputed(town.actor(name))) == [case]
        assert list(queries.listed(town.actor("jiedao"))) == [case]
        assert not queries.listed(town.actor("linju")).exists()

    def test_the_desk_that_rules_is_told(self, town):
        case = disputed()
        post.deliver_pending()
        told = Notice.objects.filter(case=case, event="disputed")
        assert set(told.values_list("account__username", flat=True)) == {"quji", "quji2"}


class TestNamed:
    def test_a_named_unit_sees_it_once_it_is_disputed(self, town):
        repost("zhongdui", "department_clerk", "GV25")
        case = walk(a_case("assigned"), "decline", by="bumen", organisation="IN02")
        assert not covers(town.actor("zhongdui"), case)
        case = walk(case, "dispatch", by="quji", organisation="IN02")
        case = walk(case, "decline", by="huanwei", organisation="GV25")
        assert covers(town.actor("zhongdui"), case)

    def test_not_what_is_confidential(self, town):
        repost("zhongdui", "department_clerk", "GV25")
        case = disputed(confidential=True)
        assert not covers(town.actor("zhongdui"), case)

    def test_not_what_is_about_it(self, town):
        repost("zhongdui", "department_clerk", "GV25")
        case = disputed(about="GV25", by="jiedao")
        assert disputes.is_disputed(case) and not covers(town.actor("zhongdui"), case)


class TestStatement:
    def test_each_party_speaks_once_a_round(self, town):
        case = disputed()
        photo = a_photo(town.actor("bumen"))
        case = a_fact(case, "state", by="bumen", text="外墙在小区红线内。", attachments=[photo])
        assert last(case).payload == {"unit": "GV24", "round": 1, "attachments": 1}
        assert "陈述过" in fact_refused("not_ready", case, "state", by="fuzeren", text="再说一次")
        assert a_fact(case, "state", by="huanwei", text="不在保洁范围。").stated_ids

    def test_only_parties_and_only_in_a_dispute(self, town):
        case = walk(a_case("assigned"), "decline")
        assert "没有争议" in fact_refused("not_ready", case, "state", by="bumen", text="x")
        case = disputed()
        for name in ("jiedao", "quji", "shequ", "ducha"):
            assert fact_refused("not_yours", case, "state", by=name, text="x")

    def test_the_next_round_hears_anew(self, town):
        repost("ducha2", "shift_lead", "370811")
        case = a_fact(disputed(), "state", by="bumen", text="一")
        case = walk(case, "rule", by="quji2", organisation="GV24")
        assert (case.rulings, case.stated_ids, case.disputed_at) == (1, [], None)

    def test_read_by_desks_and_parties(self, town):
        case = a_fact(disputed(), "state", by="bumen", text="外墙在小区红线内。")
        readers = {
            name
            for name in ("wangge", "louzhang", "shequ", "jiedao", "zhiban", "quji", "bumen", "huanwei", "lingdao",
                         "ducha", "shenji")
            if disputes.reads_statements(town.actor(name), case)
        }  # fmt: skip
        assert readers == {
            "shequ",
            "jiedao",
            "zhiban",
            "quji",
            "bumen",
            "huanwei",
            "lingdao",
            "ducha",
            "shenji",
        }


class TestRuling:
    def test_by_the_lowest_desk_above_both(self, town):
        case = disputed()
        desk = desk_for(case, case.last_at)
        assert desk is not None and desk.code == "ZX-370811"
        assert refused("not_yours", case, "rule", by="zhiban")
        assert refused("not_yours", case, "rule", by="quji")  # who dispatched
        case = walk(case, "rule", by="quji2", organisation="GV24")
        assert case.final and case.status == "assigned"
        assert refused("not_ready", case, "decline", by="bumen")
        assert refused("not_ready", case, "recall", by="quji2")

    def test_the_street_between_its_own(self, town):
        case = a_case(item="0108", through=("escalate",))
        case = walk(case, "accept", by="jiedao")
        case = walk(case, "dispatch", by="jiedao", organisation=SQUAD)
        case = walk(case, "decline", by="zhongdui", organisation="JW-370811015001")
        desk = desk_for(case, case.last_at)
        assert desk is not None and desk.code == "ZX-370811015"
        case = walk(case, "rule", by="zhiban", organisation="JW-370811015001")
        assert not case.final


class TestRelease:
    def test_asked_for_and_granted(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        case = a_fact(case, "ask_release", by="bumen", reason="地块不在红线内。")
        assert "已请" in fact_refused("not_ready", case, "ask_release", by="bumen2", reason="再请")
        post.deliver_pending()
        told = Notice.objects.filter(case=case, event="case.release_asked")
        assert set(told.values_list("account__username", flat=True)) == {"fuzeren"}
        case = a_fact(case, "release", by="fuzeren")
        assert case.released and not case.release_asked
        assert walk(case, "decline").status == "accepted"

    def test_refused_with_a_sentence(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        assert fact_refused("not_ready", case, "refuse_release", by="fuzeren", reason="x")
        case = a_fact(case, "ask_release", by="bumen", reason="地块不在红线内。")
        assert fact_refused("not_yours", case, "refuse_release", by="bumen", reason="x")
        case = a_fact(case, "refuse_release", by="fuzeren", reason="清单写明归我们。")
        assert not case.release_asked and "放行" in refused("not_ready", case, "decline")
        post.deliver_pending()
        told = Notice.objects.filter(case=case, event="case.release_refused")
        assert set(told.values_list("account__username", flat=True)) == {"bumen"}

    def test_not_needed_before_signing(self, town):
        case = a_case("assigned")
        assert "不用" in fact_refused("not_ready", case, "ask_release", by="bumen", reason="x")
        assert fresh(case).release_asked is False
