"""直派: what a desk that wants it so has accepted goes out by the duty rows, or says why it stays."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import moves
from cases.models import Case, Words
from cases.models.rules import DutyRow
from cases.queries import desk, story
from cases.sla.board import ClockBoard
from ledger import versions
from ledger.models import Entry
from parties import commands, directory
from parties.errors import PartiesRefused
from parties.models import Organisation, Posting
from tests.builders import a_case, a_fact, walk
from tests.cases.walking import clocks, events, fresh, holder, last, local
from tests.clients import Api, statements
from tests.house.invariants import faults
from tests.pages import Reader
from tests.threads import at_once

DESK = "ZX-370811015"


def allow(town, code: str = DESK, on: bool = True) -> None:
    """The desk wants it so; and in the units that its rows name somebody could sign."""
    for unit in map(town.org, ("GV13", "IN02", "TS12-370811015")):
        Posting.objects.get_or_create(
            account=town.account("huanwei"), role="department_clerk", organisation=unit,
            defaults={"since": town.FOUNDED, "confirmed_at": town.FOUNDED},
        )  # fmt: skip
    unit = town.org(code)
    commands.rename_organisation(
        organisation=unit, version=unit.version, auto_dispatch=on, basis="区政办〔2026〕8 号",
        by=town.actor("admin"), at=town.MONDAY,
    )  # fmt: skip


def accept(town, case, *, by="jiedao", **more) -> Case:
    return moves.perform(
        number=case.number, move="accept", by=town.actor(by), at=case.last_at + dt.timedelta(minutes=1),
        version=case.version, **more,
    )  # fmt: skip


def why(case) -> str:
    entry = Entry.objects.filter(subject_kind="case", subject_id=case.pk, event="case.accepted").latest("seq")
    return entry.payload.get("stays", "")


def stays(town, case, reason: str, **more) -> Case:
    """It was accepted, is at its desk, and its entry says why."""
    case = accept(town, case, **more)
    assert (case.status, why(case)) == ("accepted", reason)
    assert faults(fresh(case)) == []
    return case


class TestGoes:
    def test_in_one_write_signed_by_routing(self, town):
        allow(town)
        case = accept(town, a_case())
        assert (case.status, case.version, holder(case)) == ("assigned", 2, "GV24")
        assert events(case) == ["case.received", "case.accepted", "case.assigned"]
        accepted, assigned = Entry.objects.filter(subject_kind="case", subject_id=case.pk).order_by("seq")[1:]
        assert accepted.actor_id == town.account("jiedao").pk
        assert (assigned.actor_id, assigned.actor_role) == (None, "system:routing")
        row = DutyRow.objects.get(pk=assigned.payload["duty_row"])
        assert row.item.code == "0610" and assigned.payload["organisation"] == "GV24"
        assert Words.objects.get(case=case, seq=assigned.seq).texts == {"reason": case.routing_reason}
        assert clocks(case)["dispatch"] == "met" and clocks(case)["sign"] == "running"
        assert faults(fresh(case)) == []

    def test_the_timeline_says_by_which_row(self, town):
        allow(town)
        case = accept(town, a_case())
        told = story.told(town.actor("jiedao"), case, story.read(case), {}, [], {})[1]
        assert "按职责行直派" in told["words"] and "最具体的一行" in told["quote"]
        assert told["who"] == "系统"

    def test_assisting_units_go_along(self, town):
        allow(town)
        case = accept(town, a_case(item="0601"))
        assert holder(case) == "IN02" and case.open_parts == 1

    def test_critical_too(self, town):
        allow(town)
        case = a_fact(a_case(), "urgency", by="jiedao", urgency="critical", reason="有坠落危险。")
        assert accept(town, case).status == "assigned"

    def test_the_desk_recalls_and_then_sends_by_hand(self, town):
        allow(town)
        case = walk(accept(town, a_case()), "recall", by="jiedao")
        assert (case.status, holder(case)) == ("accepted", DESK)
        assert walk(case, "dispatch", organisation="TS02-370811015").status == "assigned"

    def test_accept_and_dispatch_by_hand_is_by_hand(self, town):
        allow(town)
        case = a_case()
        case = moves.perform_chain(
            number=case.number, steps=[("accept", {}), ("dispatch", {"organisation": "TS02-370811015"})],
            by=town.actor("jiedao"), at=local("23 10:00"), version=case.version,
        )  # fmt: skip
        assert holder(case) == "TS02-370811015" and last(case).actor_role == "street_dispatcher"


class TestStays:
    def test_where_the_desk_does_not_ask_for_it(self, town):
        stays(town, a_case(), "")

    def test_the_setting_is_the_desks_own(self, town):
        allow(town, "ZX-370811")
        stays(town, a_case(), "")
        allow(town)
        allow(town, on=False)
        stays(town, a_case(), "")

    def test_unmatched(self, town):
        allow(town)
        day = dt.date(2026, 11, 1)
        DutyRow.objects.filter(item__code="0610").update(until=day)
        DutyRow.objects.filter(category__isnull=False).update(until=day)
        versions.bump("duty")
        case = stays(town, a_case(), "unmatched")
        assert case.unmatched

    def test_ambiguous(self, town):
        allow(town)
        row = DutyRow.objects.filter(item__code="0610", part="lead").first()
        like = {name: getattr(row, name) for name in ("item", "place", "part", "direct", "since")}
        DutyRow.objects.create(organisation=town.org("GV25"), until=dt.date(2027, 1, 1), **like)
        versions.bump("duty")
        case = stays(town, a_case(), "ambiguous")
        assert "另有同级职责行" in case.routing_reason
        assert "不止指向一家" in story.facts_words(last(case))

    def test_confidential(self, town):
        allow(town)
        stays(town, a_case(confidential=True), "guarded")

    def test_sensitive_by_what_is_confirmed(self, town):
        """The item confirmed at acceptance counts, not the one that was told."""
        from cases.models.rules import Item

        allow(town)
        Item.objects.filter(code="0601").update(sensitive=True)
        versions.bump("checklist")
        case = a_case()
        stays(town, case, "guarded", by="zhiban", item="0601")

    def test_about_somebody(self, town):
        allow(town, "ZX-370811")
        stays(town, a_case(about="GV25"), "about", by="quji")

    def test_open_to_claims(self, town):
        allow(town)
        stays(town, a_case(kind="wish"), "claims")

    def test_what_came_back(self, town):
        allow(town)
        case = walk(accept(town, a_case()), "decline", by="bumen")
        assert (case.status, case.declines) == ("accepted", 1)
        case = walk(case, "escalate", by="jiedao")
        allow(town, "ZX-370811")
        stays(town, case, "again", by="quji")

    def test_beyond_the_desks_reach(self, town):
        allow(town)
        DutyRow.objects.filter(item__code="0610").update(direct=False)
        versions.bump("duty")
        stays(town, a_case(), "reach")

    def test_its_own_duty(self, town):
        allow(town, "JW-370811015001")
        stays(town, a_case(item="0108"), "own", by="shequ")


class TestSetting:
    def test_is_for_desks(self, town):
        with pytest.raises(PartiesRefused, match="只有受理台"):
            allow(town, "GV24")
        assert not Organisation.objects.filter(auto_dispatch=True).exists()

    def test_is_an_entry(self, town):
        allow(town)
        entry = Entry.objects.filter(event="organisation.renamed").latest("seq")
        assert entry.payload["auto_dispatch"] == [False, True]
        assert directory.by_code(DESK).auto_dispatch

    def test_by_the_interface(self, town):
        unit = town.org(DESK)
        body = {
            "version": unit.version,
            "basis": "区政办〔2026〕8 号",
            "name": unit.name,
            "auto_dispatch": True,
        }
        assert Api("jiedao").post(f"/api/v1/organisations/{DESK}/rename/", body).status_code == 403
        answer = Api("admin").post(f"/api/v1/organisations/{DESK}/rename/", body)
        assert answer.status_code == 200, answer.content.decode()
        assert Api("jiedao").get(f"/api/v1/organisations/{DESK}/").json()["auto_dispatch"] is True


class TestAgain:
    def test_the_same_request_gets_the_same_answer(self, town):
        allow(town)
        case = a_case()
        for _n in range(3):
            done = accept(town, case, request_key="k1", body_hash="b1")
            assert (done.status, done.version) == ("assigned", 2)
        assert events(case) == ["case.received", "case.accepted", "case.assigned"]

    def test_what_it_costs(self, town):
        """As much as accepting and dispatching by hand, and the words."""
        by_hand, by_duty = a_case(), a_case()
        steps = [("accept", {}), ("dispatch", {"organisation": "GV24"})]
        accept(town, a_case())
        with statements() as hand:
            moves.perform_chain(
                number=by_hand.number, steps=steps, by=town.actor("jiedao"), at=local("23 10:00"),
                version=by_hand.version,
            )  # fmt: skip
        allow(town)
        accept(town, a_case())  # caches are warm
        who = town.actor("jiedao")
        with statements() as duty:
            moves.perform(
                number=by_duty.number, move="accept", by=who, at=local("23 10:00"), version=by_duty.version
            )
        assert len(duty) <= len(hand) + 1 and len(duty) <= 11, [one[:90] for one in duty]


@pytest.mark.django_db(transaction=True)
def test_one_of_many_wins():
    from tests import town

    town.plant()
    allow(town)
    case = a_case()
    seen = {"number": case.number, "version": case.version}
    callers = [Api("jiedao"), Api("jiedao2"), Api("zhiban")]
    answers: list[int] = []
    jobs = [lambda one=one: answers.append(one.move(seen, "accept").status_code) for one in callers]
    assert at_once(*jobs) == [] and sorted(answers) == [200, 409, 409]
    assert events(case) == ["case.received", "case.accepted", "case.assigned"]
    assert faults(fresh(case)) == []


def test_the_page_says_where_it_went(town):
    allow(town)
    case = a_case()
    clerk = Reader("jiedao").open(f"/cases/{case.number}/")
    clerk.send("accept")
    assert fresh(case).status == "assigned" and clerk.says("按职责行直派")


class TestSaidBeforehand:
    def said(self, town, case):
        at = case.last_at + dt.timedelta(minutes=1)
        return desk.dispatch_form(town.actor("jiedao"), case, ClockBoard.load(case), at)["onward"]

    def test_the_form_says_what_accepting_would_do(self, town):
        case = a_case()
        assert self.said(town, case) is None  # the desk does not ask for it
        allow(town)
        told = self.said(town, case)
        assert told["goes"] == (accept(town, case).status == "assigned"), told

    def test_or_why_it_would_wait(self, town):
        case = a_case()
        allow(town)
        case.declines = 1
        told = self.said(town, case)
        assert not told["goes"] and "派出过、退过或有争议的件" in told["words"]
