"""Importing a year's notice: the calendar, then exactly the provisional deadlines that touch it, once each."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import calendar_edits, calendars, moves, notice_import, replanning, rulebook
from cases.models import Calendar, CalendarDay, CalendarNotice, Case, Clock
from cases.refusals import MoveRefused
from cases.sla import clock as sla
from cases.sla import sweep, units
from cases.sla.board import ClockBoard, pure
from cases.sla.calendar import OFFICE_WEEK, SHANGHAI
from cases.sla.calendar import Calendar as Opening
from ledger.models import Entry
from parties.access import NotYours
from tests import builders
from tests.cases.notices_of_years import OF_2027, text_of

pytestmark = pytest.mark.django_db

LATE = dt.datetime(2026, 12, 29, 6, 0, tzinfo=dt.UTC)  # Tuesday 14:00; two working days later is 2026-12-31
NEW_YEARS_EVE = dt.datetime(2026, 12, 31, 8, 0, tzinfo=dt.UTC)  # Thursday 16:00
JANUARY = dt.datetime(2027, 1, 28, 2, 0, tzinfo=dt.UTC)  # Thursday; 01-31 is a Sunday that 2027 works
TERMS = ("hold", "ask", "grace")


@pytest.fixture
def admin(town):
    return town.actor("admin")


@pytest.fixture
def default(town):
    return Calendar.objects.get(code="default")


def submit(admin, default, text: str = OF_2027, **more) -> CalendarNotice:
    return notice_import.submit(by=admin, at=NEW_YEARS_EVE, calendar=default, text=text, **more)


def take_in(admin, notice, at=NEW_YEARS_EVE, **more) -> notice_import.Imported:
    return notice_import.apply(by=admin, at=at, notice=notice, **more)


def told(case: Case) -> list[Entry]:
    return list(Entry.objects.filter(subject_kind="case", subject_id=case.pk, event="clock.replanned"))


def by_hand() -> Opening:
    """The calendar of 2027 written down from the notice by hand, not read from it."""
    closed = {
        *((1, day) for day in (1, 2, 3)), *((2, day) for day in range(5, 12)), *((4, day) for day in (3, 4, 5)),
        *((5, day) for day in range(1, 6)), (6, 9), (9, 15), *((10, day) for day in range(1, 8)),
    }  # fmt: skip
    worked = ((1, 31), (2, 20), (4, 25), (5, 8), (9, 26), (10, 9))
    shipped = rulebook.calendar().days
    days = {date: day.hours for date, day in shipped.items() if date.year < 2027}
    days |= {dt.date(2027, month, day): () for month, day in closed}
    days |= {dt.date(2027, month, day): OFFICE_WEEK[0] for month, day in worked}
    return Opening(OFFICE_WEEK, days, SHANGHAI, published_until=dt.date(2027, 12, 31))


def cases_of_all_sorts() -> dict[str, Case]:
    """Running, paused, stopped and certain clocks about the end of 2026 and in January 2027."""
    return {
        "certain": builders.a_case("received", when=LATE - dt.timedelta(days=7)),
        "dispatch": builders.a_case("accepted", when=NEW_YEARS_EVE),
        "sign": builders.a_case("assigned", when=NEW_YEARS_EVE),
        "over_makeup": builders.a_case("accepted", when=dt.datetime(2027, 1, 29, 9, 0, tzinfo=dt.UTC)),
        "check": builders.a_case("resolved", when=JANUARY),
        "held": builders.a_case("on_hold", when=NEW_YEARS_EVE),
        "closed": builders.a_case("rejected", when=NEW_YEARS_EVE),
    }


class TestProof:
    def test_it_plans_again_exactly_what_touches_it_once_with_an_entry(self, town, admin, default):
        cases = cases_of_all_sorts()
        before = {row.pk: row for row in Clock.objects.select_related("case")}
        wanted, cal = {}, by_hand()
        for row in before.values():
            ruled = sla.rule_from_json(row.rule)
            touches = ruled.unit in units.BY_CALENDAR and row.due_at > dt.datetime(
                2026, 12, 31, 16, tzinfo=dt.UTC
            )
            if row.state != "stopped" and row.stage not in TERMS and touches:
                clock = sla.rebuild(ruled, row.anchor, sla.segments_from_json(row.segments), cal)
                wanted[row.pk] = clock.due_at
        assert len(wanted) >= 4 and {before[pk].state for pk in wanted} == {"running", "paused"}
        assert any(before[pk].due_at != due for pk, due in wanted.items())
        notice = submit(admin, default)
        shown = {one.clock.pk: one.new.due_at for one in notice_import.plan(notice).moved()}
        assert shown == wanted

        done = take_in(admin, notice)

        assert (done.days, done.clocks, done.left) == (33, len(wanted), 0)
        for row in Clock.objects.select_related("case"):
            was = before[row.pk]
            entries = [
                entry for entry in told(row.case)
                if (entry.payload["stage"], entry.payload["round"], entry.payload["part"])
                == (row.stage, row.round, row.part)
            ]  # fmt: skip
            if row.pk in wanted:
                assert row.due_at == wanted[row.pk] and not row.provisional
                assert len(entries) == 1
                assert entries[0].payload["old_due_at"] == was.due_at.isoformat()
                assert entries[0].payload["due_at"] == row.due_at.isoformat()
                assert entries[0].actor_id == admin.id
            else:
                assert entries == []
                assert (row.due_at, row.rule, row.segments) == (was.due_at, was.rule, was.segments)
            assert sla.due(pure(row), calendars.calendar(row.rule.get("calendar", "default"))) == row.due_at
        assert cases["certain"].promised_at is None
        assert [case.promised_at for case in Case.objects.order_by("pk")] == [
            row.promised_at for row in sorted({r.case for r in before.values()}, key=lambda case: case.pk)
        ]

    def test_the_same_notice_again_changes_nothing(self, town, admin, default):
        cases_of_all_sorts()
        take_in(admin, submit(admin, default))
        entries, days = Entry.objects.count(), CalendarDay.objects.count()
        for text in (
            OF_2027,
            "\ufeff" + OF_2027 + "\n\n",
            OF_2027.replace("请妥善安排好值班", "请安排好值班"),
        ):
            again = take_in(admin, submit(admin, default, text), at=JANUARY)
            assert (again.days, again.clocks, again.left) == (0, 0, 0)
        assert (Entry.objects.count(), CalendarDay.objects.count()) == (entries, days)
        assert CalendarNotice.objects.count() == 2  # the wording differs once

    def test_what_an_accident_left_is_finished_and_nothing_twice(self, town, admin, default, monkeypatch):
        cases = [builders.a_case("assigned", when=NEW_YEARS_EVE) for _n in range(3)]
        monkeypatch.setattr(replanning, "BATCH", 1)
        real, calls = replanning._batch, []

        def dying(pks, *args, **more):
            calls.append(pks)
            if len(calls) == 2:
                raise RuntimeError("killed")
            return real(pks, *args, **more)

        monkeypatch.setattr(replanning, "_batch", dying)
        notice = submit(admin, default)
        with pytest.raises(RuntimeError):
            take_in(admin, notice)
        assert [len(told(case)) for case in cases] == [1, 0, 0]
        notice.refresh_from_db()
        assert notice.applied_at is not None
        assert len(notice_import.plan(notice).moved()) == 2
        assert take_in(admin, notice).clocks == 2
        assert [len(told(case)) for case in cases] == [1, 1, 1]

    def test_a_person_between_calendar_and_deadlines_takes_no_entry_away(self, town, admin, default):
        """A clock reads the calendar it was given until it is planned again, whoever touches it meanwhile."""
        case = builders.a_case("assigned", when=NEW_YEARS_EVE)
        resolve = Clock.objects.get(case=case, stage="sign")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(notice_import, "finish", lambda **_: replanning.Done())
            take_in(admin, submit(admin, default))
        builders.a_fact(case, "urgency", by="jiedao", urgency="urgent", reason="人多")
        resolve.refresh_from_db()
        assert resolve.provisional
        notice = CalendarNotice.objects.get()
        assert take_in(admin, notice).clocks == 1
        assert len(told(case)) == 1

    def test_a_sweep_before_and_after_tells_once(self, town, admin, default):
        case = builders.a_case("assigned", when=NEW_YEARS_EVE)
        sweep.sweep(dt.datetime(2027, 1, 4, 5, 0, tzinfo=dt.UTC))
        take_in(admin, submit(admin, default), at=dt.datetime(2027, 1, 4, 6, 0, tzinfo=dt.UTC))
        sweep.sweep(dt.datetime(2027, 3, 1, tzinfo=dt.UTC))
        sweep.sweep(dt.datetime(2027, 3, 1, tzinfo=dt.UTC))
        for event in ("clock.warned", "clock.breached"):
            said = Entry.objects.filter(
                subject_kind="case", subject_id=case.pk, event=event, payload__stage="sign"
            )
            assert said.count() == 1


class TestPausedAndResumed:
    def test_a_held_clock_resumes_by_the_new_calendar(self, town, admin, default):
        case = builders.a_case("accepted", when=NEW_YEARS_EVE)
        february = dt.datetime(2027, 2, 1, tzinfo=dt.UTC)
        case = builders.walk(case, "hold", until=february)
        paused = Clock.objects.get(case=case, stage="dispatch")
        assert paused.state == "paused" and paused.provisional
        left = sla.left(pure(paused), NEW_YEARS_EVE, rulebook.calendar())
        take_in(admin, submit(admin, default), at=case.last_at)
        paused.refresh_from_db()
        assert paused.state == "paused" and not paused.provisional
        assert sla.left(pure(paused), NEW_YEARS_EVE, by_hand()) == left
        saturday = dt.datetime(2027, 1, 30, 2, 0, tzinfo=dt.UTC)  # the Sunday after it is worked
        case.refresh_from_db()
        moves.perform(number=case.number, move="resume", by=town.SYSTEM, at=saturday, version=case.version)
        paused.refresh_from_db()
        assert paused.due_at == by_hand().lay_out(saturday, left)
        assert paused.due_at.date() == dt.date(2027, 1, 31)


class TestPreview:
    def test_it_changes_nothing(self, town, admin, default):
        cases_of_all_sorts()
        entries = Entry.objects.count()
        notice = submit(admin, default)
        plan = notice_import.plan(notice)
        plan.moved()
        assert Entry.objects.count() == entries
        assert rulebook.calendar().published_until == dt.date(2026, 12, 31)
        assert len(plan.changes) == 33 and not plan.faults and not plan.doubts

    def test_a_day_that_contradicts_the_calendar_is_told(self, town, admin, default):
        calendar_edits.set_day(
            by=admin, at=LATE, calendar=default, date=dt.date(2027, 1, 31), kind="holiday", intervals=None
        )
        calendar_edits.set_day(
            by=admin,
            at=LATE,
            calendar=default,
            date=dt.date(2027, 3, 8),
            kind="half",
            intervals=[["08:30", "12:00"]],
        )
        plan = notice_import.plan(submit(admin, default))
        assert [change.date for change in plan.changes if change.overwrites] == [dt.date(2027, 1, 31)]
        assert [day.date for day in plan.kept] == [dt.date(2027, 3, 8)]

    def test_the_wording_of_a_name_is_no_change(self, town, admin, default):
        take_in(admin, submit(admin, default))
        rows = "".join(
            f"{day.date.isoformat()},{day.kind},other name\n"
            for day in CalendarDay.objects.filter(calendar=default, date__year=2027)
        )
        plan = notice_import.plan(submit(admin, default, "date,kind,name\n" + rows))
        assert not plan.changes_calendar


class TestRefusals:
    def test_a_gap_of_years(self, town, admin, default):
        notice = submit(admin, default, OF_2027.replace("2027", "2028"))
        with pytest.raises(MoveRefused) as refused:
            take_in(admin, notice, sure=True)
        assert refused.value.status == 422

    def test_doubts_want_a_word(self, town, admin, default):
        notice = submit(admin, default, OF_2027.replace("1月1日（周五）", "1月1日（周四）"))
        with pytest.raises(MoveRefused, match="核对"):
            take_in(admin, notice)
        assert rulebook.calendar().published_until == dt.date(2026, 12, 31)
        assert take_in(admin, notice, sure=True).days == 33

    def test_a_notice_with_a_hole_is_never_taken(self, town, admin, default):
        notice = submit(
            admin, default, OF_2027.replace("端午节：6月9日（周三）放假1天，不调休", "端午节：待定")
        )
        with pytest.raises(MoveRefused, match="端午节"):
            take_in(admin, notice, sure=True)

    def test_who_may_not(self, town, default):
        for name in ("jiedao", "ducha", "shenji", "linju"):
            with pytest.raises((NotYours, MoveRefused)):
                submit(town.actor(name), default)
        assert not CalendarNotice.objects.exists()

    def test_too_long(self, town, admin, default):
        with pytest.raises(MoveRefused, match="太长"):
            submit(admin, default, "1月1日放假。" * 20_000)

    def test_a_year_already_published_comes_out_as_it_is(self, town, admin, default):
        plan = notice_import.plan(submit(admin, default, text_of(2026)))
        assert not plan.faults and not plan.changes_calendar


def test_what_comes_into_the_year_later_is_planned_at_night(town, admin, default, monkeypatch):
    """Due in 2026 when the notice came, extended into 2027 afterwards: it counts by the calendar from before, until
    the nightly task; a second night changes nothing."""
    from cases import tasks
    from config.celery import TIMETABLE, app

    case = builders.a_case(through=("accept", "dispatch", "sign"), when=LATE)
    take_in(admin, submit(admin, default))
    row = Clock.objects.get(case=case, stage="resolve")
    before = row.rule["calendar"]
    assert not row.provisional and before != calendars.pinned("default")
    board = ClockBoard.load(case)
    board.extend("resolve", 4, "work_day", NEW_YEARS_EVE - dt.timedelta(hours=1))
    board.save()
    row = Clock.objects.get(case=case, stage="resolve")
    assert row.provisional and row.rule["calendar"] == before

    monkeypatch.setattr(tasks.clock, "now", lambda: NEW_YEARS_EVE)
    assert tasks.finish_notices() >= 1
    row = Clock.objects.get(case=case, stage="resolve")
    assert not row.provisional and row.rule["calendar"] == calendars.pinned("default")
    assert [one.actor_role for one in told(case) if one.payload["stage"] == "resolve"] == ["system:import"]
    entries = Entry.objects.count()
    assert tasks.finish_notices() == 0 and Entry.objects.count() == entries
    assert "cases.finish_notices" in {name for name, _when, _expires in TIMETABLE} & set(app.tasks)
