"""Facts beside the moves: the status stays, each is an entry, some move the version, none moves a due time later."""

from __future__ import annotations

import pytest

from cases import editing
from cases.lifecycle import FACTS
from cases.models import Attachment, Case, Words
from cases.refusals import MoveRefused
from ledger.models import Entry
from parties.gate import OutOfScope
from tests.builders import STREET_ITEM, a_case, a_fact, a_photo, walk
from tests.cases.walking import (
    DAY,
    HOUR,
    MINUTE,
    clock,
    clocks,
    events,
    fact_refused,
    fresh,
    holder,
    last,
    local,
)
from tests.house.invariants import faults
from tests.town import COMMUNITY, COMMUNITY_2, GRID_2, GRID_3, OTHER_GRID, STREET

COMMITTEE = f"JW-{COMMUNITY}"


def in_hand(**call) -> Case:
    return a_case(through=("accept", "dispatch", "sign"), **call)


# SPEC §5: "they need …", and what the table adds; `in`: a status the fact may be recorded in
FACT_ROWS = {
    "note": ("a part", "received", {"text": "看过了"}),
    "attach": ("a part", "received", {}),
    "urge": ("a part", "received", {}),
    "instruct": ("instruct", "received", {"text": "请尽快到现场看，三天内回我。"}),
    "report": ("own unit", "received", {"text": "已到现场"}),
    "reveal": ("a part", "received", {"reason": "要联系反映人"}),
    "stop_texts": ("accept", "received", {"call": 1, "reason": "打来电话说不要发短信"}),
    "resume_texts": ("accept", "received", {"call": 1, "reason": "打来电话说恢复短信"}),
    "contact": ("contact", "received", {"channel": "phone"}),
    "arrive": ("arrive", "in_hand", {}),
    "secure": ("arrive", "in_hand", {"text": "已围挡"}),
    "interim": ("answer", "in_hand", {"done": "已勘查", "next": "排期", "channel": "phone"}),
    "verify": ("verify", "resolved", {"done": True}),
    "take_up": ("own unit", "received", {}),
    "assign": ("own unit", "in_hand", {"person": "bumen2"}),
    "pass_on": ("own unit", "in_hand", {"person": "bumen2", "reason": "休假前交接"}),
    "put_back": ("own unit", "in_hand", {}),
    "release": ("release", "in_hand", {}),
    "release_part": ("dispatch", "assigned", {"organisation": "IN02"}),
    "reclassify": ("accept", "received", {"item": "0108", "reason": "看错了"}),
    "relocate": ("accept", "received", {"place": GRID_2, "reason": "走错了"}),
    "urgency": ("accept", "received", {"urgency": "urgent", "reason": "有危险"}),
    "open_claims": ("dispatch", "accepted", {}),
    "close_claims": ("dispatch", "accepted", {}),
    "ask_release": ("sign", "in_hand", {"reason": "不是我们的"}),
    "refuse_release": ("release", "in_hand", {"reason": "是我们的"}),
    "state": ("a part", "received", {"text": "不归我们"}),
    "keep_ruling": ("adjudicate", "in_hand", {"place": GRID_2}),
    "tell": ("answer", "resolved", {}),
    "assist": ("dispatch", "assigned", {"assisting": ["IN02"]}),
    "link": ("merge", "received", {"parent": "GYG-1"}),
    "unlink": ("merge", "received", {"reason": "不是一回事"}),
    "spread": ("merge", "received", {"places": [GRID_2], "text": "各处都查"}),
    "split": ("unmerge", "received", {"call": 1, "reason": "不是一回事"}),
}
# these ask for more than a case of one caller in one place: see test_disputes, test_claims, test_telling, test_parts,
# test_families, test_splitting, test_instructions, test_stopping
ELSEWHERE = {
    "verify", "release_part", "open_claims", "close_claims", "ask_release", "refuse_release", "state", "keep_ruling",
    "tell", "assist", "link", "unlink", "spread", "split", "instruct", "report", "stop_texts", "resume_texts",
}  # fmt: skip


def test_every_fact_is_told_here():
    assert set(FACT_ROWS) == {fact.name for fact in FACTS.values() if fact.by_people}
    for name, (need, status, _sent) in FACT_ROWS.items():
        assert status in FACTS[name].sources
        if need not in ("a part", "own unit"):
            assert FACTS[name].capability == need, name


@pytest.mark.parametrize("name", [name for name in FACT_ROWS if name not in ELSEWHERE])
def test_the_status_stays_and_an_entry_is_written(town, name):
    _need, status, sent = FACT_ROWS[name]
    case = in_hand() if status == "in_hand" else a_case()
    who = {
        "interim": "bumen",
        "assign": "fuzeren",
        "release": "fuzeren",
        "pass_on": "bumen",
        "put_back": "bumen",
    }.get(name, "jiedao")
    if name in ("arrive", "secure"):
        who = "bumen"
    more = {"until": case.last_at + DAY} if name == "interim" else {}
    more |= {"attachments": [a_photo(town.actor(who))]} if name == "attach" else {}
    after = a_fact(case, name, by=who, **sent, **more)
    assert after.status == case.status
    assert after.version == case.version + FACTS[name].bumps
    assert last(after).event == FACTS[name].event and last(after).actor_id == town.account(who).pk
    assert faults(fresh(after)) == []


@pytest.mark.parametrize("name", [name for name, row in FACTS.items() if row.bumps])
def test_what_moves_the_version_asks_for_it(town, name):
    case = in_hand() if FACT_ROWS[name][1] in ("in_hand", "assigned") else a_case()
    who = {
        "assign": "fuzeren",
        "pass_on": "bumen",
        "put_back": "bumen",
        "take_up": "bumen" if case.status == "in_hand" else "jiedao",
        "split": "zhiban",
    }.get(name, "jiedao")
    sent = {
        "number": case.number,
        "fact": name,
        "by": town.actor(who),
        "at": case.last_at,
        **FACT_ROWS[name][2],
    }
    for version, kind in ((None, "malformed"), (case.version + 1, "stale")):
        with pytest.raises(MoveRefused) as refusal:
            editing.add_fact(version=version, **sent)
        assert refusal.value.kind == kind


class TestWho:
    @pytest.mark.parametrize("name", ["note", "urge", "reveal"])
    def test_a_part_in_the_case(self, town, name):
        case, sent = in_hand(), FACT_ROWS[name][2]
        for who in ("wangge", "shequ", "jiedao", "quji", "bumen"):
            case = a_fact(case, name, by=who, **sent)
        for who in ("admin", "shenji", "huifang"):
            assert fact_refused("not_yours", case, name, by=who, **sent)
        for who in ("linju", "huanwei", "wangge2"):
            with pytest.raises(OutOfScope):
                a_fact(case, name, by=who, **sent)

    def test_a_supervisor_urges_and_reveals_nothing(self, town):
        case = in_hand()
        a_fact(case, "urge", by="ducha")
        assert fact_refused("not_yours", case, "reveal", by="ducha", reason="想看")

    def test_contact_and_arrival_by_whoever_works_there(self, town):
        case = in_hand()
        for who in ("wangge", "bumen", "jiedao"):
            case = a_fact(case, "contact", by=who, channel="phone")
        assert fact_refused("not_yours", case, "contact", by="lingdao", channel="phone")
        assert fact_refused("not_yours", case, "arrive", by="jiedao")  # a dispatcher has no such capability

    def test_take_up_inside_ones_own_unit(self, town):
        case = a_fact(in_hand(), "take_up", by="bumen2")
        assert (case.holder_account.username, holder(case)) == ("bumen2", "GV24")
        assert clock(case, "resolve").account.username == "bumen2"
        assert fact_refused("not_yours", case, "take_up", by="jiedao")

    def test_naming_another_is_the_heads(self, town):
        case = in_hand()
        assert fact_refused("not_yours", case, "assign", by="bumen", person="bumen2")
        assert fact_refused("not_ready", case, "assign", by="fuzeren", person="huanwei")
        assert fact_refused("not_ready", case, "assign", by="fuzeren", person="nobody\x00")
        assert a_fact(case, "assign", by="fuzeren", person="bumen2").holder_account.username == "bumen2"

    def test_a_shift_lead_hands_out_the_desks(self, town):
        case = a_case()
        assert fact_refused("not_yours", case, "assign", by="jiedao", person="jiedao2")
        assert fact_refused("not_ready", case, "assign", by="zhiban", person="bumen")
        assert a_fact(case, "assign", by="zhiban", person="jiedao2").holder_account.username == "jiedao2"

    def test_out_of_ones_own_hands_into_a_colleagues(self, town):
        case = a_fact(in_hand(), "take_up", by="bumen")
        assert fact_refused("not_yours", case, "pass_on", by="bumen2", person="bumen2")
        assert fact_refused("not_yours", case, "pass_on", by="fuzeren", person="bumen2")  # names by `assign`
        assert fact_refused("not_ready", case, "pass_on", by="bumen", person="bumen")
        assert fact_refused("not_ready", case, "pass_on", by="bumen", person="huanwei")
        case = a_fact(case, "pass_on", by="bumen", person="bumen2", reason="我明天休假")
        assert (case.holder_account.username, holder(case)) == ("bumen2", "GV24")
        assert clock(case, "resolve").account.username == "bumen2"
        assert set(last(case).payload) == {"had", "account"}
        assert faults(fresh(case)) == []

    def test_what_is_about_a_colleague_is_not_passed_to_him(self, town):
        case = a_fact(in_hand(), "take_up", by="bumen")
        Case.objects.filter(pk=case.pk).update(about_account=town.account("bumen2"))
        assert fact_refused("not_ready", case, "pass_on", by="bumen", person="bumen2")

    def test_back_to_the_unit_by_who_has_it_or_the_head(self, town):
        case = a_fact(in_hand(), "take_up", by="bumen")
        assert fact_refused("not_yours", case, "put_back", by="bumen2")
        case = a_fact(case, "put_back", by="bumen")
        assert case.holder_account is None and holder(case) == "GV24" and faults(fresh(case)) == []
        assert fact_refused("not_yours", case, "put_back", by="bumen")  # nobody has it
        case = a_fact(case, "take_up", by="bumen2")
        assert a_fact(case, "put_back", by="fuzeren").holder_account is None

    def test_the_desks_facts(self, town):
        case = in_hand()
        for who in ("bumen", "wangge", "shequ"):  # no such capability, or a desk below the case's level
            assert fact_refused("not_yours", case, "reclassify", by=who, item="0108", reason="x")
        a_fact(case, "reclassify", by="quji", item="0108", reason="x")


class TestContact:
    def test_counts_only_when_somebody_was_reached(self, town):
        case = a_fact(a_case(), "contact", by="jiedao", channel="phone", reached=False)
        assert case.contacted_by == [] and last(case).payload == {"channel": "phone", "reached": False}
        case = a_fact(case, "contact", by="jiedao", channel="phone", text="约好明早")
        assert case.contacted_by == [town.org(f"ZX-{STREET}").pk]
        assert Words.objects.get(case=case, seq=last(case).seq).texts == {"text": "约好明早"}


class TestInterim:
    SENT = {"done": "已勘查", "next": "明日施工", "channel": "phone"}

    def test_ends_the_round_and_opens_the_next_as_promised(self, town):
        case = a_fact(in_hand(), "interim", by="bumen", until=local("27 12:00"), **self.SENT)
        assert clock(case, "feedback", n=1).outcome == "met"
        assert clock(case, "feedback").due_at == local("27 12:00") and holder(case) == "GV24"
        assert Words.objects.get(case=case, seq=last(case).seq).texts == {
            "done": "已勘查",
            "next": "明日施工",
        }

    def test_at_most_five_working_days(self, town):
        case = in_hand()
        assert fact_refused("not_ready", case, "interim", by="bumen", until=local("30 17:31"), **self.SENT)
        assert fact_refused("not_ready", case, "interim", by="bumen", until=local("23 08:00"), **self.SENT)
        a_fact(case, "interim", by="bumen", until=local("30 17:30"), **self.SENT)

    def test_needs_a_caller(self, town):
        case = in_hand(caller=None)
        assert fact_refused("not_ready", case, "interim", by="bumen", until=local("25 12:00"), **self.SENT)

    def test_even_on_hold(self, town):
        case = walk(in_hand(), "hold")
        case = a_fact(case, "interim", by="bumen", until=local("27 12:00"), **self.SENT)
        assert clocks(case)["feedback#2"] == "running"
        case = walk(case, "resume", by="bumen")
        assert clock(case, "feedback").due_at == local("27 12:00")


class TestNeverLater:
    """Reclassify, relocate, urgency and merge never move a running due time later."""

    def test_urgency(self, town):
        case = walk(a_case(), "accept", "dispatch")
        assert clock(case, "sign").due_at == local("23 14:32")
        case = a_fact(case, "urgency", by="jiedao", urgency="critical", reason="有人受伤")
        assert clock(case, "sign").due_at == local("23 10:02") and case.urgency == "critical"
        case = a_fact(case, "urgency", by="jiedao", urgency="normal", reason="已脱险")
        assert clock(case, "sign").due_at == local("23 10:02")

    def test_reclassify(self, town):
        case = walk(a_case(), "accept")
        case = a_fact(case, "reclassify", by="jiedao", item="0606", reason="是树")
        assert clock(case, "resolve").due_at == local("25 09:00") and case.item.code == "0606"

    def test_a_new_item_is_routed_anew(self, town):
        case = a_case(item="0602")
        assert case.proposed.code == "IN02"
        case = a_fact(case, "reclassify", by="jiedao", item=STREET_ITEM, reason="是墙")
        assert case.proposed.code == "GV24" and "建筑外立面" in case.routing_reason


class TestRelocate:
    def test_carries_the_columns_and_the_clocks_along(self, town):
        case = a_fact(a_case(), "relocate", by="jiedao", place=GRID_3, reason="是琵琶山的")
        place = town.place(GRID_3)
        assert (case.place_id, case.path, case.grid_id) == (place.pk, place.path, place.pk)
        assert case.community_id == town.place(COMMUNITY_2).pk and case.building_id is None
        assert "琵琶山" in case.place_text
        assert {row.path for row in case.clocks.all()} == {place.path}
        assert {row.community_id for row in case.clocks.all()} == {case.community_id}
        assert clock(case, "accept").due_at == local("24 09:00")

    def test_the_new_places_desk_takes_it_by_its_moves(self, town):
        case = a_case(item="0108")
        assert holder(case) == COMMITTEE
        case = a_fact(case, "relocate", by="jiedao", place=GRID_3, reason="是琵琶山的")
        assert holder(case) == COMMITTEE
        case = walk(case, "accept", by="jiedao")
        assert case.level == "street" and faults(fresh(case)) == []

    @pytest.mark.parametrize("place", ["", "nowhere", "GV24\x00", 7, [], "370811", OTHER_GRID])
    def test_only_to_a_living_place_in_reach(self, town, place):
        assert fact_refused("not_ready", a_case(), "relocate", by="jiedao", place=place, reason="x")

    def test_the_district_reaches_every_street(self, town):
        case = a_fact(a_case(), "relocate", by="quji", place=OTHER_GRID, reason="在喻屯")
        assert case.street_id == town.place("370811111").pk


class TestFiles:
    def test_belong_to_one_entry_of_one_case(self, town):
        photo = a_photo(town.actor("wangge"))
        case = a_fact(a_case(), "attach", by="wangge", attachments=[photo])
        row = Attachment.objects.get(pk=photo)
        assert (row.case_id, row.seq) == (case.pk, last(case).seq) and last(case).payload == {
            "attachments": 1
        }
        assert fact_refused("not_ready", a_case(), "attach", by="wangge", attachments=[photo])

    @pytest.mark.parametrize("files", [["x"], "nonsense", [None], 5, [["a"]]])
    def test_nonsense(self, town, files):
        assert fact_refused("not_ready", a_case(), "attach", by="wangge", attachments=files)


class TestAgain:
    def test_the_same_note_twice_is_one(self, town):
        case = a_case()
        sent = {
            "number": case.number,
            "fact": "note",
            "by": town.actor("wangge"),
            "at": case.last_at,
            "text": "在",
        }
        for _ in range(3):
            editing.add_fact(**sent, request_key="k", body_hash="b")
        assert events(case) == ["case.received", "case.noted"]
        with pytest.raises(MoveRefused, match="幂等键"):
            editing.add_fact(**sent, request_key="k", body_hash="c")

    def test_a_note_with_an_old_version_is_told(self, town):
        case = walk(a_case(), "accept")
        with pytest.raises(MoveRefused) as refusal:
            editing.add_fact(
                number=case.number, fact="note", by=town.actor("jiedao"), at=case.last_at, version=1, text="x"
            )
        assert refusal.value.kind == "stale" and refusal.value.case.version == 2

    def test_on_an_ended_case(self, town):
        case = walk(a_case(), "reject")
        a_fact(case, "note", by="wangge", text="反映人又来电")
        assert fact_refused("not_from_here", case, "urge", by="wangge")
        assert Entry.objects.filter(event="case.noted").count() == 1 and HOUR > MINUTE
