"""认定: what drafts one, who states, who decides, what takes it back."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.findings import commands, scope
from cases.models import Clock, Finding, Notice
from cases.refusals import MoveRefused
from cases.sla import sweep
from cases.sla.board import ClockBoard
from cases.sla.segments import CAP
from ledger import post, reading
from parties.gate import OutOfScope
from tests import ledgers
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.reliefs.filing import answered, asked, in_hand
from tests.town import MONDAY

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
SENT = ("accept", "dispatch", "sign")
SQUAD = "TS02-370811015"


def drafts(**about) -> list[tuple[str, str, str]]:
    """(kind, unit, state) of everything drafted, oldest first, after the post has been."""
    post.deliver_pending()
    rows = Finding.objects.filter(**about).order_by("pk")
    return [(row.kind, row.organisation.code, row.state) for row in rows]


def signed_late(*, late: dt.timedelta = HOUR):
    """Sent out on Monday 09:02, to be signed within four opening hours: by 14:32."""
    case = a_case("assigned")
    due = Clock.objects.get(case=case, stage="sign").due_at
    return a_move(case, "sign", when=due + late)


def a_finding(**more) -> Finding:
    signed_late(**more)
    post.deliver_pending()
    return Finding.objects.get()


class TestWhatDrafts:
    def test_in_time_drafts_nothing(self, town):
        walk(a_case("assigned"), "sign", "resolve")
        assert drafts() == []

    def test_the_due_instant_is_in_time(self, town):
        signed_late(late=dt.timedelta(0))
        assert drafts() == []

    def test_a_late_signature(self, town):
        case = signed_late()
        assert drafts() == [("late_response", "GV24", "drafted")]
        row = Finding.objects.get()
        clock = Clock.objects.get(case=case, stage="sign")
        assert row.clock == clock and row.rule == "clock" and row.drafted_by is None
        assert row.facts["due_at"] == clock.due_at.isoformat() and row.drafted_at == clock.stopped_at
        # two working days after Monday: Wednesday's closing
        assert row.state_by == dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)

    def test_a_late_acceptance_is_the_desks(self, town):
        case = a_case("received")
        a_move(case, "accept", when=MONDAY + DAY + HOUR)
        assert drafts() == [("late_response", "ZX-370811015", "drafted")]

    def test_late_and_by_another_move(self, town):
        case = a_case("assigned")
        a_move(case, "recall", when=MONDAY + DAY, by="jiedao")
        assert drafts() == [("late_response", "GV24", "drafted")]

    def test_a_late_part_is_the_assisting_units(self, town):
        case = walk(a_case("accepted"), "dispatch", organisation="GV24", assisting=[SQUAD])
        a_move(case, "sign", when=MONDAY + DAY, by="zhongdui")
        assert drafts() == [("late_response", SQUAD, "drafted")]

    def test_silence(self, town):
        case = a_case("assigned")
        due = Clock.objects.get(case=case, stage="sign").due_at
        sweep.sweep(due + DAY + HOUR)
        assert drafts() == [("no_response", "GV24", "drafted")]
        # whoever shows himself afterwards had been silent, and is that once
        a_move(case, "sign", when=due + DAY + 2 * HOUR)
        assert drafts() == [("no_response", "GV24", "drafted")]

    def test_silence_that_no_sweep_saw(self, town):
        signed_late(late=DAY + HOUR)
        assert drafts() == [("no_response", "GV24", "drafted")]

    def test_every_holding_answers_for_itself(self, town):
        """Declined late, sent to another who is late too: one each."""
        case = a_case("assigned")
        case = a_move(case, "recall", when=MONDAY + DAY, by="jiedao")
        case = walk(case, "dispatch", organisation=SQUAD)
        a_move(case, "sign", when=MONDAY + 2 * DAY, by="zhongdui")
        assert drafts() == [("late_response", "GV24", "drafted"), ("late_response", SQUAD, "drafted")]

    def test_a_late_resolve(self, town):
        case = a_case(through=SENT)
        a_move(case, "resolve", when=MONDAY + 3 * DAY)
        assert drafts() == [("late_resolve", "GV24", "drafted")]

    def test_a_rework_makes_no_second_one(self, town):
        case = a_move(a_case(through=SENT), "resolve", when=MONDAY + 3 * DAY)
        case = walk(case, "rework")
        walk(case, "resolve")
        assert drafts() == [("late_resolve", "GV24", "drafted")]

    def test_a_late_stage_that_a_transfer_ends(self, town):
        """Half a day of the work's own time is left when the contact was due."""
        from cases.sla.clock import Rule

        case = a_case(through=SENT)
        board = ClockBoard.load(case)
        rule = Rule("contact", 1, "hour")
        board.start("contact", rule, anchor=MONDAY, at=MONDAY, organisation=case.holder_id)
        board.save()
        a_move(case, "transfer", when=MONDAY + 6 * HOUR)
        assert drafts() == [("late_response", "GV24", "drafted")]

    def test_a_late_stage_that_a_withdrawal_ends(self, town):
        a_move(a_case("assigned", caller=None), "withdraw", when=MONDAY + DAY)
        assert drafts() == [("late_response", "GV24", "drafted")]

    def test_a_part_that_is_done_late(self, town):
        case = walk(a_case("accepted"), "dispatch", organisation="GV24", assisting=[SQUAD])
        case = a_move(case, "sign", when=MONDAY + HOUR, by="zhongdui")
        case.refresh_from_db()
        a_move(case, "resolve", when=MONDAY + 4 * DAY, by="zhongdui")
        assert ("late_resolve", SQUAD, "drafted") in drafts()

    def test_called_upward_and_handed_back(self, town):
        case = walk(a_case(item="0108"), "escalate", by="shequ")
        walk(case, "hand_down", by="jiedao")
        assert drafts() == [("improper_escalation", "JW-370811015001", "drafted")]
        assert Finding.objects.get().holding.ended_by == "escalate"

    def test_handed_down_what_nobody_called_upward(self, town):
        walk(a_case(), "hand_down", by="jiedao")
        assert drafts() == []

    def test_delivered_twice_drafts_once(self, town):
        from cases import reactions
        from ledger.models import Entry

        signed_late()
        post.deliver_pending()
        reactions.draft_findings(Entry.objects.filter(event="case.signed").get())
        assert Finding.objects.count() == 1

    def test_a_merge_calls_off(self, town):
        elder = a_case("received", when=MONDAY - HOUR)
        case = a_case("received")
        a_move(case, "merge", when=MONDAY + 2 * DAY, by="jiedao", target=elder.number)
        assert [one for one in drafts() if one[0] != "no_response"] == []
        assert not Finding.objects.filter(case=case).exists()


class TestTheUnitStates:
    def test_its_people_do_once(self, town):
        row = a_finding()
        row = commands.state(pk=row.pk, by=town.actor("bumen"), at=MONDAY + DAY, statement="系统故障。")
        assert (row.state, row.statement, row.stated_by) == (
            "stated",
            "系统故障。",
            town.actor("bumen").person_id,
        )
        with pytest.raises(MoveRefused) as refused:
            commands.state(pk=row.pk, by=town.actor("fuzeren"), at=MONDAY + DAY, statement="再说一次")
        assert refused.value.status == 409

    def test_the_words_stay_out_of_the_ledger(self, town):
        row = a_finding()
        commands.state(pk=row.pk, by=town.actor("bumen"), at=MONDAY + DAY, statement="系统故障。")
        entries = reading.timeline("finding", row.pk)
        assert [entry.event for entry in entries] == ["finding.drafted", "finding.stated"]
        assert "系统故障" not in str([entry.payload for entry in entries])
        assert ledgers.faults() == []

    @pytest.mark.parametrize("name", ["ducha", "lingdao", "shenji"])
    def test_nobody_else_does(self, town, name):
        row = a_finding()
        with pytest.raises(MoveRefused) as refused:
            commands.state(pk=row.pk, by=town.actor(name), at=MONDAY + DAY, statement="x")
        assert refused.value.status == 403

    def test_not_after_its_time(self, town):
        row = a_finding()
        with pytest.raises(MoveRefused, match="期限已过") as refused:
            commands.state(pk=row.pk, by=town.actor("bumen"), at=row.state_by + HOUR, statement="x")
        assert refused.value.status == 422

    @pytest.mark.parametrize("words", ["", "   ", None, 3])
    def test_it_needs_words(self, town, words):
        row = a_finding()
        with pytest.raises(MoveRefused) as refused:
            commands.state(pk=row.pk, by=town.actor("bumen"), at=MONDAY + DAY, statement=words)
        assert refused.value.status == 422 and "statement" in refused.value.fields


class TestTheSupervisorDecides:
    def test_after_the_statement(self, town):
        row = a_finding()
        ducha = town.actor("ducha")
        with pytest.raises(MoveRefused, match="还可以陈述"):
            commands.confirm(pk=row.pk, by=ducha, at=MONDAY + DAY, reason="属实")
        commands.state(pk=row.pk, by=town.actor("bumen"), at=MONDAY + DAY, statement="忙。")
        row = commands.confirm(pk=row.pk, by=ducha, at=MONDAY + DAY + HOUR, reason="属实")
        assert (row.state, row.decided_by, row.reason) == ("confirmed", ducha.person_id, "属实")

    def test_after_silence_over_it(self, town):
        row = a_finding()
        row = commands.confirm(pk=row.pk, by=town.actor("ducha"), at=row.state_by + HOUR, reason="属实")
        assert row.state == "confirmed"

    def test_dropping_waits_for_nobody(self, town):
        row = a_finding()
        row = commands.drop(pk=row.pk, by=town.actor("ducha"), at=MONDAY + DAY, reason="系统停机。")
        assert row.state == "dropped"
        with pytest.raises(MoveRefused) as refused:
            commands.confirm(pk=row.pk, by=town.actor("ducha2"), at=MONDAY + 5 * DAY, reason="又想")
        assert refused.value.status == 409

    @pytest.mark.parametrize("name", ["bumen", "lingdao", "shenji"])
    def test_nobody_else_does(self, town, name):
        row = a_finding()
        with pytest.raises(MoveRefused) as refused:
            commands.drop(pk=row.pk, by=town.actor(name), at=MONDAY + DAY, reason="x")
        assert refused.value.status == 403

    def test_not_who_handled_the_case(self, town):
        row = a_finding()
        ducha = town.actor("ducha")
        row.case.handler_people = [*row.case.handler_people, ducha.person_id]
        row.case.save(update_fields=["handler_people"])
        with pytest.raises(MoveRefused, match="办过这件工单"):
            commands.drop(pk=row.pk, by=ducha, at=MONDAY + DAY, reason="x")
        assert (
            commands.drop(pk=row.pk, by=town.actor("ducha2"), at=MONDAY + DAY, reason="x").state == "dropped"
        )

    def test_not_who_drafted_it(self, town):
        ducha = town.actor("ducha")
        case = a_case(through=SENT)
        from django.db import transaction

        with transaction.atomic():
            row = commands.draft(
                kind="buck_passing",
                case=case,
                organisation=case.holder_id,
                by=ducha,
                at=MONDAY + HOUR,
                words="推来推去",
            )
        with pytest.raises(MoveRefused, match="您起草的"):
            commands.drop(pk=row.pk, by=ducha, at=MONDAY + DAY, reason="x")
        assert (
            commands.drop(pk=row.pk, by=town.actor("ducha2"), at=MONDAY + DAY, reason="x").state == "dropped"
        )

    def test_the_same_request_again(self, town):
        row = a_finding()
        sent = {
            "pk": row.pk,
            "by": town.actor("ducha"),
            "at": MONDAY + DAY,
            "request_key": "k",
            "body_hash": "h",
        }
        assert commands.drop(**sent, reason="停机").state == "dropped"
        assert commands.drop(**sent, reason="停机").state == "dropped"
        assert len(reading.timeline("finding", row.pk)) == 2
        with pytest.raises(MoveRefused, match="幂等键"):
            commands.drop(**{**sent, "body_hash": "other"}, reason="别的")


class TestInTimeAfterAll:
    def test_a_cap_given_back(self, town):
        """Merged with an earlier call it was due earlier, and was late; parted again it had been in time."""
        case = a_case(through=SENT)
        other = a_case("received", when=MONDAY + HOUR, called_at=MONDAY - 12 * HOUR, by="jiedao")
        a_move(other, "merge", when=MONDAY + 2 * HOUR, by="jiedao", target=case.number)
        case.refresh_from_db()
        case = a_move(case, "resolve", when=MONDAY + 40 * HOUR)
        assert ("late_resolve", "GV24", "drafted") in drafts(case=case)
        clock = Clock.objects.get(case=case, stage="resolve")
        clock.segments = [one for one in clock.segments if one["kind"] != CAP]
        clock.save(update_fields=["segments"])
        other.refresh_from_db()
        a_move(other, "unmerge", when=MONDAY + 42 * HOUR)
        assert ("late_resolve", "GV24", "withdrawn") in drafts(case=case)

    def test_a_relief_that_was_filed_in_time(self, town):
        """Filed before due, granted after the late resolve: it counts from the filing."""
        case = in_hand()
        relief = asked(case, when=MONDAY + 47 * HOUR)
        case.refresh_from_db()
        case = a_move(case, "resolve", when=MONDAY + 49 * HOUR)
        assert drafts() == [("late_resolve", "GV24", "drafted")]
        case = a_move(case, "rework", when=MONDAY + 50 * HOUR)
        answered(relief, when=MONDAY + 51 * HOUR)
        assert drafts() == [("late_resolve", "GV24", "withdrawn")]

    def test_late_again_it_waits_again(self, town):
        """Withdrawn by a cap given back, then late by its own deadline."""
        case = in_hand()
        relief = asked(case, when=MONDAY + 47 * HOUR)
        case.refresh_from_db()
        case = a_move(case, "resolve", when=MONDAY + 49 * HOUR)
        post.deliver_pending()
        row = Finding.objects.get()
        case = a_move(case, "rework", when=MONDAY + 50 * HOUR)
        answered(relief, when=MONDAY + 51 * HOUR)
        assert drafts() == [("late_resolve", "GV24", "withdrawn")]
        case.refresh_from_db()
        case = a_move(case, "resolve", when=MONDAY + 9 * DAY)
        assert drafts() == [("late_resolve", "GV24", "drafted")]
        again = Finding.objects.get()
        assert again.pk == row.pk and again.decided_at is None and again.drafted_at > row.drafted_at
        assert again.facts["stopped_at"] == (MONDAY + 9 * DAY).isoformat() and again.state_by > row.state_by
        told = [entry.event for entry in reading.timeline("finding", row.pk)]
        assert told == ["finding.drafted", "finding.withdrawn", "finding.drafted"]
        assert ledgers.faults() == []

    def test_a_late_resolve_that_runs_again_stays_late(self, town):
        """Reworked, then parted from a later call: the clock runs, but it was late."""
        case = in_hand()
        other = a_case("received", when=MONDAY + HOUR, by="jiedao")
        a_move(other, "merge", when=MONDAY + 2 * HOUR, by="jiedao", target=case.number)
        case.refresh_from_db()
        case = a_move(case, "resolve", when=MONDAY + 3 * DAY)
        post.deliver_pending()
        case = a_move(case, "rework", when=MONDAY + 3 * DAY + HOUR)
        other.refresh_from_db()
        a_move(other, "unmerge", when=MONDAY + 3 * DAY + 2 * HOUR)
        assert drafts(case=case) == [("late_resolve", "GV24", "drafted")]
        row = Finding.objects.get(kind="late_resolve")
        row = commands.confirm(pk=row.pk, by=town.actor("ducha"), at=row.state_by + HOUR, reason="属实")
        assert row.state == "confirmed"

    def test_an_exclusion_takes_all_back(self, town):
        """The case leaves every figure; what a rule drafted on it goes, and no rule drafts any more."""
        case = signed_late()
        relief = asked(case, "exclusion")
        assert drafts() == [("late_response", "GV24", "drafted")]
        answered(relief, by="ducha")
        assert drafts() == [("late_response", "GV24", "withdrawn")]
        case.refresh_from_db()
        a_move(case, "resolve", when=MONDAY + 9 * DAY)
        assert drafts() == [("late_response", "GV24", "withdrawn")]

    def test_what_was_decided_stays(self, town):
        case = in_hand()
        relief = asked(case, when=MONDAY + 47 * HOUR)
        case.refresh_from_db()
        case = a_move(case, "resolve", when=MONDAY + 49 * HOUR)
        post.deliver_pending()
        row = Finding.objects.get()
        commands.drop(pk=row.pk, by=town.actor("ducha"), at=MONDAY + 50 * HOUR, reason="已申请延期。")
        a_move(case, "rework", when=MONDAY + 50 * HOUR)
        answered(relief, when=MONDAY + 51 * HOUR)
        assert drafts() == [("late_resolve", "GV24", "dropped")]

    def test_an_extension_that_was_filed_in_time(self, town):
        """Filed before due and granted after: it takes effect from the filing."""
        from django.db import transaction

        from cases.findings import rules
        from cases.sla import clock as sla
        from cases.sla.board import calendar_of, pure
        from ledger.models import Entry

        row = a_finding()
        board = ClockBoard.load(row.case)
        clock = board.latest("sign")
        cal = calendar_of(clock)
        run = pure(clock, cal)
        filed = clock.due_at - HOUR
        board._apply(clock, sla.extend(run, 4, filed, cal, unit="work_hour"))
        board.save()
        with pytest.raises(MoveRefused, match="不再算迟"):
            commands.confirm(pk=row.pk, by=town.actor("ducha"), at=row.state_by + HOUR, reason="x")
        with transaction.atomic():
            rules.review(Entry.objects.filter(event="case.signed").get())
        row.refresh_from_db()
        assert row.state == "withdrawn" and row.decided_by is None
        assert reading.timeline("finding", row.pk)[-1].event == "finding.withdrawn"
        assert ledgers.faults() == []


class TestWhoSees:
    def names(self, town, row):
        from parties.demo import PEOPLE

        found = {one.username for one in PEOPLE if scope.covers(town.actor(one.username), row)}
        listed = {
            one.username
            for one in PEOPLE
            if scope.visible(town.actor(one.username)).filter(pk=row.pk).exists()
        }
        assert found == listed
        return found

    OVERSEERS = {"lingdao", "ducha", "ducha2", "shenji"}

    def test_the_unit_and_those_above(self, town):
        assert self.names(town, a_finding()) == self.OVERSEERS | {"bumen", "bumen2", "fuzeren"}

    def test_the_desk(self, town):
        a_move(a_case("received"), "accept", when=MONDAY + DAY + HOUR)
        post.deliver_pending()
        assert self.names(town, Finding.objects.get()) == self.OVERSEERS | {"jiedao", "jiedao2", "zhiban"}

    def test_never_whom_the_case_is_about(self, town):
        case = a_case("assigned", about="TS02-370811015")
        due = Clock.objects.get(case=case, stage="sign").due_at
        a_move(case, "sign", when=due + HOUR)
        post.deliver_pending()
        assert "zhongdui" not in self.names(town, Finding.objects.get())
        row = Finding.objects.get()
        row.case.about_account = town.account("ducha")
        row.case.save(update_fields=["about_account"])
        assert self.names(town, Finding.objects.get()) == (
            self.OVERSEERS | {"bumen", "bumen2", "fuzeren"}
        ) - {"ducha"}

    def test_outside_is_not_there(self, town):
        row = a_finding()
        with pytest.raises(OutOfScope):
            commands.state(pk=row.pk, by=town.actor("linju"), at=MONDAY + DAY, statement="x")


class TestWhoIsTold:
    def told(self, event):
        post.deliver_pending()
        return set(Notice.objects.filter(event=event).values_list("account__username", flat=True))

    def test_the_unit_then_the_supervisors_then_the_unit(self, town):
        row = a_finding()
        unit = {"bumen", "bumen2", "fuzeren"}
        assert self.told("finding.drafted") == unit
        commands.state(pk=row.pk, by=town.actor("bumen"), at=MONDAY + DAY, statement="忙。")
        assert self.told("finding.stated") == {"ducha", "ducha2"}
        commands.confirm(pk=row.pk, by=town.actor("ducha"), at=MONDAY + DAY, reason="属实")
        assert self.told("finding.confirmed") == unit


def test_contact_counts_as_a_response(town):
    """No policy sets a contact clock by default; one that runs is answered by the contact."""
    case = a_case(through=SENT)
    board = ClockBoard.load(case)
    from cases.sla.clock import Rule

    board.start("contact", Rule("contact", 4, "hour"), anchor=MONDAY, at=MONDAY, organisation=case.holder_id)
    board.save()
    a_fact(case, "contact", by="bumen", when=MONDAY + 6 * HOUR, channel="phone", reached=True)
    assert drafts() == [("late_response", "GV24", "drafted")]
