"""Calendar pages: the year, the week, the exceptions, a notice from paste to import, and what a page costs."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import calendars, rulebook
from cases.models import Calendar, CalendarDay, CalendarNotice, Clock
from ledger import clock
from tests import builders
from tests.cases.notices_of_years import OF_2027
from tests.cases.web.rules.sending import send
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db

DEFAULT = "/rules/calendars/default/"
NEW_YEARS_EVE = dt.datetime(2026, 12, 31, 8, 0, tzinfo=dt.UTC)


class TestLooking:
    def test_a_year_tells_its_days_by_marks(self, town):
        page = Reader("admin").open(f"{DEFAULT}?year=2026")
        assert page.status == 200
        assert page.says("2026 年") and page.text.count(">假</span>") > 30
        assert page.text.count(">班</span>") >= 6
        assert "暂定" not in page.text

    def test_a_year_without_a_notice_says_so(self, town):
        page = Reader("admin").open(f"{DEFAULT}?year=2027")
        assert page.text.count(">暂定</span>") == 12 and page.says("放假通知只到")

    @pytest.mark.parametrize("year", ["", "x", "1", "99999", "٢٠٢٧"])
    def test_a_strange_year_is_some_year(self, town, year):
        assert Reader("admin").open(f"{DEFAULT}?year={year}").status == 200

    def test_the_auditor_looks_and_changes_nothing(self, town):
        page = Reader("shenji").open(DEFAULT)
        assert page.status == 200 and 'name="action"' not in page.text
        assert send("shenji", DEFAULT, action="remove", date="2026-10-01").status == 403
        assert Reader("jiedao").open(DEFAULT).status == 403

    def test_an_unknown_one_is_404(self, town):
        assert Reader("admin").open("/rules/calendars/nobody/").status == 404


class TestEditing:
    def test_a_half_day(self, town):
        send(
            "admin",
            DEFAULT,
            action="day",
            date="2027-03-08",
            kind="half",
            intervals="8:30-12:00",
            name="妇女节",
        )
        assert rulebook.calendar().day(dt.date(2027, 3, 8)).hours == ((dt.time(8, 30), dt.time(12)),)

    def test_several_days_and_taking_one_back(self, town):
        send("admin", DEFAULT, action="day", date="2027-03-08", until="2027-03-10", kind="holiday")
        assert not rulebook.calendar().is_workday(dt.date(2027, 3, 10))
        send("admin", DEFAULT, action="remove", date="2027-03-10")
        assert rulebook.calendar().is_workday(dt.date(2027, 3, 10))
        assert CalendarDay.objects.filter(date=dt.date(2027, 3, 10), until_seq__isnull=False).exists()

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"date": "明天", "kind": "holiday"}, "请填日期"),
            ({"date": "2027-03-08", "kind": "half"}, "请写明这一天的开放时间"),
            ({"date": "2027-03-08", "kind": "half", "intervals": "上午"}, "读不懂"),
            ({"date": "2027-03-08", "kind": "half", "intervals": "13:00-12:00"}, "按先后排列"),
            ({"date": "2027-03-08", "kind": "half", "intervals": "08:30-12:00、11:00-13:00"}, "按先后排列"),
            ({"date": "2027-03-08", "kind": "half", "intervals": "25:00-26:00"}, "读不懂"),
            ({"date": "2027-03-08", "kind": "nothing"}, "没有这个选项"),
            ({"date": "2027-03-08", "until": "2027-09-08", "kind": "holiday"}, "一次最多"),
            ({"date": "2027-03-08", "until": "2027-03-01", "kind": "holiday"}, "结束日"),
            ({"date": "0001-01-01", "kind": "holiday"}, "日期要在 1900 年到 2200 年之间"),
        ],
    )
    def test_what_does_not_fit_is_refused_in_a_sentence(self, town, fields, sentence):
        page = send("admin", DEFAULT, action="day", **fields)
        assert page.status == 422 and page.says(sentence)
        assert not CalendarDay.objects.filter(date__year=2027).exists()

    def test_the_week(self, town):
        week = {f"day{day}": "09:00-12:00、13:00-16:00、18:00-24:00" for day in range(6)}
        send("admin", DEFAULT, action="week", tz="Asia/Shanghai", **week, day6="")
        assert len(rulebook.calendar().weekly[5]) == 3 and not rulebook.calendar().weekly[6]
        assert send("admin", DEFAULT, action="week", tz="Mars/Base", **week).status == 422
        assert send("admin", DEFAULT, action="week", tz="Asia/Shanghai").status == 422


class TestItsOwn:
    def test_an_organisation_s_calendar_is_really_used(self, town):
        page = send("admin", "/rules/calendars/", organisation="GV24")
        assert page.status == 200
        code = Calendar.objects.get(organisation__code="GV24").code
        week = {f"day{day}": "10:00-12:00" for day in range(5)}
        send("admin", f"/rules/calendars/{code}/", action="week", tz="Asia/Shanghai", **week)
        case = builders.a_case("assigned")
        sign = Clock.objects.get(case=case, stage="sign")
        dispatch = Clock.objects.get(case=case, stage="dispatch")
        assert calendars.code_of(sign.rule["calendar"]) == code
        assert calendars.code_of(dispatch.rule["calendar"]) == "default"
        assert sign.due_at == calendars.calendar(code).lay_out(sign.anchor, 4 * 3600 * 1_000_000)
        assert sign.due_at.astimezone(clock.LOCAL).date() == town.MONDAY.date() + dt.timedelta(days=1)

    def test_a_place_s_calendar_is_used_by_who_has_none(self, town):
        send("admin", "/rules/calendars/", place=town.DISTRICT)
        code = Calendar.objects.get(place__code=town.DISTRICT).code
        assert (
            calendars.code_of(
                Clock.objects.get(case=builders.a_case("accepted"), stage="dispatch").rule["calendar"]
            )
            == code
        )
        send("admin", "/rules/calendars/", organisation="GV24")
        ours = Calendar.objects.get(organisation__code="GV24")
        assert ours.parent.code == code

    @pytest.mark.parametrize(
        "fields", [{}, {"organisation": "GV24", "place": "370811"}, {"place": "没有的地方"}]
    )
    def test_exactly_one_owner(self, town, fields):
        assert send("admin", "/rules/calendars/", **fields).status == 422
        assert Calendar.objects.count() == 1

    def test_not_twice(self, town):
        send("admin", "/rules/calendars/", organisation="GV24")
        assert send("admin", "/rules/calendars/", organisation="GV24").says("已经有自己的日历")


class TestNotice:
    def test_from_paste_to_import(self, town):
        case = builders.a_case("assigned", when=NEW_YEARS_EVE)
        page = send("admin", DEFAULT, action="notice", text=OF_2027, basis="国办发明电（演示）")
        assert page.status == 200 and page.says("预览，还没有导入")
        assert page.says("日历将改 33 天") and case.number in page.text
        assert rulebook.calendar().published_until.year == 2026
        notice = CalendarNotice.objects.get()
        page = send("admin", f"{DEFAULT}notices/{notice.pk}/")
        assert page.says("日历与这份通知一致") and rulebook.calendar().published_until.year == 2027
        assert Reader("admin").open(DEFAULT).says("已导入")

    def test_hostile_text(self, town):
        text = "元旦：1月1日放假。<script>alert(1)</script>\u202e\x00" + "９" * 300
        page = send("admin", DEFAULT, action="notice", text=text, year="2027")
        assert page.status == 200 and "<script>alert" not in page.text and page.says("还不能导入")

    def test_a_huge_paste(self, town):
        page = send("admin", DEFAULT, action="notice", text="放假" * 40_000, year="2027")
        assert page.status == 422 and page.says("太长了")

    def test_doubts_are_ticked(self, town):
        text = OF_2027.replace("1月1日（周五）", "1月1日（周四）")
        send("admin", DEFAULT, action="notice", text=text)
        path = f"{DEFAULT}notices/{CalendarNotice.objects.get().pk}/"
        assert send("admin", path).status == 422
        assert send("admin", path, sure="1").status == 200


class TestCost:
    def cost(self, path: str) -> list[str]:
        reader = Reader("admin").open(path)
        assert reader.status == 200
        with statements() as found:
            reader.open(path)
        return found

    def test_the_list_does_not_grow_with_calendars(self, town):
        few = self.cost("/rules/calendars/")
        for code in ("GV24", "GV25", "IN02"):
            send("admin", "/rules/calendars/", organisation=code)
        many = self.cost("/rules/calendars/")
        assert len(many) == len(few) <= 6, many

    def test_a_year(self, town):
        assert len(self.cost(f"{DEFAULT}?year=2026")) <= 8

    def test_a_preview_does_not_grow_with_deadlines(self, town):
        send("admin", DEFAULT, action="notice", text=OF_2027)
        path = f"{DEFAULT}notices/{CalendarNotice.objects.get().pk}/"
        builders.a_case("assigned", when=NEW_YEARS_EVE)
        few = self.cost(path)
        for minute in range(6):
            builders.a_case("assigned", when=NEW_YEARS_EVE + dt.timedelta(minutes=minute))
        assert len(self.cost(path)) == len(few) <= 8
