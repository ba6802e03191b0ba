"""contact, arrive, secure: clocks only where a policy sets one, stopped by the facts of their names."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases import policy_edits
from cases.models import Case, Clock
from ledger.models import Entry
from tests import builders, town
from tests.cases.walking import fact_refused, last
from tests.clients import Api
from tests.house.invariants import faults
from tests.pages import Reader

pytestmark = pytest.mark.django_db

SINCE = town.MONDAY.date()
SIGNED = ("accept", "dispatch", "sign")


@pytest.fixture
def set_policies(town):
    """One policy per milestone, in force."""

    def adopt(*stages: str, **scope) -> None:
        for stage in stages:
            row = policy_edits.propose_policy(
                by=town.actor("admin"), at=town.MONDAY, stage=stage, amount=2, unit="hour",
                since=SINCE, basis="处置流程（试行）", **scope,
            )  # fmt: skip
            policy_edits.confirm_policy(policy=row.pk, by=town.actor("admin2"), at=town.MONDAY)

    return adopt


def clocks(case: Case, *stages: str) -> dict[str, tuple[str, str, str]]:
    rows = Clock.objects.filter(case=case, stage__in=stages or ("contact", "arrive", "secure"))
    rows = rows.select_related("organisation").order_by("stage", "round")
    return {f"{row.stage}{row.round}": (row.state, row.outcome, row.organisation.code) for row in rows}


def test_without_a_policy_there_is_no_clock(town):
    assert clocks(builders.a_case("in_hand")) == {}


def test_the_handler_has_them_from_dispatch(town, set_policies):
    set_policies("contact", "arrive", "secure")
    assert clocks(builders.a_case("accepted")) == {}
    case = builders.a_case("assigned")
    assert clocks(case) == {
        "arrive1": ("running", "", "GV24"),
        "contact1": ("running", "", "GV24"),
        "secure1": ("running", "", "GV24"),
    }
    arrive = Clock.objects.get(case=case, stage="arrive")
    assert arrive.due_at == case.dispatched_at + dt.timedelta(hours=2)
    assert arrive.rule["no_response_after"] is None if "no_response_after" in arrive.rule else True
    assert Clock.objects.get(case=case, stage="contact").rule["no_response_after"] == [1, "day"]


def test_the_facts_stop_them(town, set_policies):
    set_policies("contact", "arrive", "secure")
    case = builders.a_case("in_hand", through=SIGNED)
    case = builders.a_fact(case, "contact", by="bumen", channel="phone", reached=True)
    case = builders.a_fact(case, "arrive", by="bumen")
    case = builders.a_fact(case, "secure", by="bumen", text="已拉警戒线。")
    assert {state for state, *_rest in clocks(case).values()} == {"stopped"}
    assert {outcome for _state, outcome, _unit in clocks(case).values()} == {"met"}


def test_who_asks_or_tells_the_caller_has_reached_him(town, set_policies):
    set_policies("contact")
    case = builders.a_case("in_hand", through=SIGNED)
    case = builders.walk(case, "ask", by="bumen", channel="phone")
    assert clocks(case) == {"contact1": ("stopped", "met", "GV24")}
    case = builders.a_case("in_hand", through=SIGNED)
    told = {
        "done": "已勘查",
        "next": "明日施工",
        "channel": "phone",
        "until": case.last_at + dt.timedelta(days=1),
    }
    case = builders.a_fact(case, "interim", by="bumen", **told)
    assert clocks(case) == {"contact1": ("stopped", "met", "GV24")}


def test_a_call_that_was_not_answered_stops_nothing(town, set_policies):
    set_policies("contact")
    case = builders.a_fact(
        builders.a_case("in_hand", through=SIGNED), "contact", by="bumen", channel="phone", reached=False
    )
    assert clocks(case)["contact1"][0] == "running"


def test_without_a_caller_there_is_nobody_to_contact(town, set_policies):
    set_policies("contact", "arrive")
    assert list(clocks(builders.a_case("assigned", caller=None))) == ["arrive1"]


def test_only_for_what_the_policy_names(town, set_policies):
    set_policies("arrive", urgency="critical")
    assert clocks(builders.a_case("assigned")) == {}


def test_whoever_gets_it_next_has_them_anew(town, set_policies):
    set_policies("arrive")
    case = builders.a_case("in_hand", through=SIGNED)
    case = builders.walk(case, "transfer")
    assert clocks(case) == {"arrive1": ("stopped", "ended", "GV24"), "arrive2": ("running", "", "IN02")}


def test_they_end_when_it_goes_back_and_when_it_is_done(town, set_policies):
    set_policies("arrive")
    back = builders.walk(builders.a_case("assigned"), "decline")
    assert clocks(back) == {"arrive1": ("stopped", "ended", "GV24")}
    assert clocks(builders.a_case("resolved", through=(*SIGNED, "resolve"))) == {
        "arrive1": ("stopped", "ended", "GV24")
    }


def test_who_works_on_it_himself_has_them_too(town, set_policies):
    set_policies("arrive")
    case = builders.a_case("in_hand", through=("accept", "start"), item=builders.GRID_ITEM)
    assert [state for state, *_rest in clocks(case).values()] == ["running"]


class TestWithoutASignal:
    """What a phone kept counts as of then: at most 72 hours back, never before the round began."""

    def test_the_clock_stops_when_it_happened(self, town, set_policies):
        set_policies("arrive", "secure", "contact")
        case = builders.a_case("in_hand", through=SIGNED)
        then, sent_at = case.last_at + dt.timedelta(minutes=20), case.last_at + dt.timedelta(hours=5)
        kept = {"by": "bumen", "when": sent_at, "captured_at": then.isoformat()}
        case = builders.a_fact(case, "arrive", **kept)
        case = builders.a_fact(case, "secure", text="已拉警戒线。", **kept)
        case = builders.a_fact(case, "contact", channel="phone", **kept)
        rows = Clock.objects.filter(case=case, stage__in=("arrive", "secure", "contact"))
        assert {row.stopped_at for row in rows} == {then} and all(row.stopped_at < row.due_at for row in rows)
        assert last(case).payload["captured_at"] == then.isoformat() and last(case).at == sent_at
        assert faults(case) == []

    def test_not_before_the_round_began(self, town, set_policies):
        set_policies("arrive")
        case = builders.a_case("in_hand", through=SIGNED)
        before = case.dispatched_at - dt.timedelta(hours=1)
        case = builders.a_fact(case, "arrive", by="bumen", captured_at=before.isoformat())
        assert Clock.objects.get(case=case, stage="arrive").stopped_at == case.dispatched_at
        assert last(case).payload["captured_at"] == before.isoformat()

    def test_not_to_come(self, town, set_policies):
        set_policies("arrive")
        case = builders.a_case("in_hand", through=SIGNED)
        when = (case.last_at + dt.timedelta(hours=2)).isoformat()
        assert "不能在以后" in fact_refused("not_ready", case, "arrive", by="bumen", captured_at=when)
        assert clocks(case)["arrive1"][0] == "running"

    def test_longer_ago_it_counts_from_its_receipt_and_says_so(self, town, set_policies):
        set_policies("arrive")
        case = builders.a_case("in_hand", through=SIGNED)
        then, sent_at = case.last_at + dt.timedelta(minutes=5), case.last_at + dt.timedelta(hours=80)
        case = builders.a_fact(case, "arrive", by="bumen", when=sent_at, captured_at=then.isoformat())
        assert Clock.objects.get(case=case, stage="arrive").stopped_at == sent_at
        told = Entry.objects.get(subject_id=case.pk, event="case.arrived").payload
        assert (
            told["captured_at"] == then.isoformat() and told["too_old"] is True and "counted_at" not in told
        )

    def test_an_interim_answer_and_a_check_too(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        then, sent_at = case.last_at + dt.timedelta(minutes=20), case.last_at + dt.timedelta(hours=5)
        kept = {"when": sent_at, "captured_at": then.isoformat()}
        until = (sent_at + dt.timedelta(days=1)).isoformat()
        said = {"done": "已到场", "next": "明天修", "until": until, "channel": "phone"}
        case = builders.a_fact(case, "interim", by="bumen", **said, **kept)
        first = Clock.objects.get(case=case, stage="feedback", round=1)
        assert (first.stopped_at, first.outcome) == (then, "met") and last(case).payload[
            "captured_at"
        ] == then.isoformat()
        assert Clock.objects.get(case=case, stage="feedback", round=2).started_at == sent_at
        assert faults(case) == []

    def test_a_check_made_without_a_signal(self, town):
        case = builders.a_case("resolved", caller=None, origin="patrol")  # what nobody called for is checked
        then, sent_at = case.last_at + dt.timedelta(minutes=20), case.last_at + dt.timedelta(hours=5)
        case = builders.a_fact(
            case, "verify", by="wangge", done=True, when=sent_at, captured_at=then.isoformat()
        )
        assert Clock.objects.get(case=case, stage="verify").stopped_at == then and case.verified_at == sent_at

    def test_not_before_a_pause_was_over(self, town):
        """The feedback was on hold meanwhile: it goes on from there."""
        case = builders.a_case("in_hand", through=SIGNED)
        then = case.last_at + dt.timedelta(minutes=1)
        case = builders.walk(case, "hold")
        case = builders.walk(case, "resume")
        resumed = case.last_at
        said = {
            "done": "已到场",
            "next": "再修",
            "until": (resumed + dt.timedelta(days=1)).isoformat(),
            "channel": "phone",
        }
        case = builders.a_fact(case, "interim", by="bumen", **said, captured_at=then.isoformat())
        assert Clock.objects.get(case=case, stage="feedback", round=1).stopped_at == resumed
        assert faults(case) == []

    def test_over_the_interface(self, town, set_policies):
        set_policies("arrive")
        case = builders.a_case("in_hand", through=SIGNED)
        sent = {"captured_at": "no time"}
        assert Api("bumen").post(f"cases/{case.number}/facts/arrive/", sent).status_code == 422
        answer = Api("bumen").post(f"cases/{case.number}/facts/arrive/", {})
        assert answer.status_code == 201 and clocks(case)["arrive1"][:2] == ("stopped", "met")


class TestOneTap:
    def test_on_the_page_of_a_department(self, town, set_policies):
        set_policies("arrive", "secure", "contact")
        case = builders.a_case("in_hand", through=SIGNED)
        page = Reader("bumen").open(f"/cases/{case.number}/")
        for stage in ("arrive", "secure", "contact"):
            one = re.search(f'<form[^>]*id="milestone-{stage}".*?</form>', page.text, re.DOTALL)
            assert one is not None and not re.search("<(input|textarea|select)[^>]*required", one[0])
            fields = dict(re.findall('<input type="hidden" name="([^"]+)" value="([^"]*)">', one[0]))
            fields.pop("csrfmiddlewaretoken", None)
            page.send(f"facts/{stage}", **fields)
        assert {outcome for _state, outcome, _unit in clocks(case).values()} == {"met"}
        assert page.says("到现场了", "联系上了") and 'id="milestone-' not in page.text
        assert page.text.count('data-key="D"') <= 1

    def test_the_letter_is_the_taps(self, town, set_policies):
        set_policies("arrive")
        case = builders.a_case("in_hand", through=SIGNED)
        text = Reader("bumen").open(f"/cases/{case.number}/").text
        assert text.count('data-key="D"') == 1 and re.search('id="milestone-arrive"[^>]*data-key="D"', text)

    def test_nothing_where_no_policy_asks_or_it_went_on(self, town, set_policies):
        case = builders.a_case("in_hand", through=SIGNED)
        assert 'id="milestones"' not in Reader("bumen").open(f"/cases/{case.number}/").text
        set_policies("arrive")
        case = builders.walk(builders.a_case("assigned"), "decline")
        assert 'id="milestones"' not in Reader("jiedao").open(f"/cases/{case.number}/").text

    def test_on_the_phone(self, town, set_policies):
        set_policies("arrive")
        case = builders.a_case(item=builders.GRID_ITEM, through=("accept", "start"))
        text = Reader("wangge").open(f"/cases/{case.number}/").text
        assert 'id="milestone-arrive"' in text
