"""The story of a deadline: complete, without gaps, and right when added up by hand."""

import datetime as dt
import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sla import clock as sla
from cases.sla import words
from cases.sla.calendar import DEFAULT, OFFICE_WEEK, SECOND, SHANGHAI, Calendar, Day, shipped_days
from cases.sla.lines import whole_second
from tests.cases.sla.strategies import instants, lives, local

DATES = re.compile(r"^(\d{4}-\d\d-\d\d)（周.）(?:至 ((?:\d{4}-)?\d\d-\d\d)（周.）)?")
SPAN = re.compile(r"，计 (?:(\d+) 小时)? ?(?:(\d+) 分)? ?(?:(\d+) 秒)?")
ONE_DAY = dt.timedelta(days=1)


def why(unit, amount, at):
    return sla.why(sla.start(sla.Rule("resolve", amount, unit), at, at, DEFAULT), DEFAULT)


def dates_of(sentence):
    """The dates a sentence speaks for; none for one that tells a moment."""
    found = DATES.match(sentence)
    if not found or re.match(r"^\S+（周.）\d\d:\d\d(:\S+)? ", sentence):
        return []
    first = dt.date.fromisoformat(found[1])
    last = dt.date.fromisoformat(f"{first.year}-{found[2]}"[-10:]) if found[2] else first
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def test_working_days_over_national_day():
    assert why("work_day", 3, local(2026, 9, 30, 16)) == [
        "自 2026-09-30（周三）16:00 起，限 3 个工作日；起算当日不计，到最后一个工作日办公结束时为止。",
        "2026-10-01（周四）至 10-07（周三）国庆节放假，不计。",
        "2026-10-08（周四）至 10-09（周五）为第 1 至第 2 个工作日。",
        "2026-10-10（周六）为第 3 个工作日（调休上班）。",
        "到期时刻：2026-10-10（周六）17:30。",
    ]


def test_two_holidays_in_one_run_are_named_together():
    assert "2025-10-01（周三）至 10-08（周三）国庆节、中秋节放假，不计。" in why(
        "work_day", 1, local(2025, 9, 30, 9)
    )


def test_opening_hours_are_listed_day_by_day():
    assert why("work_hour", 17, local(2026, 9, 29, 16)) == [
        "自 2026-09-29（周二）16:00 起，计 17 个工作小时，只计办公时间。",
        "2026-09-29（周二）16:00–17:30，计 1 小时 30 分，累计 1 小时 30 分，尚余 15 小时 30 分。",
        "2026-09-30（周三）08:30–12:00、13:30–17:30，计 7 小时 30 分，累计 9 小时，尚余 8 小时。",
        "2026-10-01（周四）至 10-07（周三）国庆节放假，不计。",
        "2026-10-08（周四）08:30–12:00、13:30–17:30，计 7 小时 30 分，累计 16 小时 30 分，尚余 30 分。",
        "2026-10-09（周五）08:30–09:00，计 30 分，累计 17 小时，计满。",
        "到期时刻：2026-10-09（周五）09:00。",
    ]


def test_legal_days_are_pushed_on_in_words():
    assert why("legal_day", 3, local(2026, 9, 30, 16)) == [
        "自 2026-09-30（周三）16:00 起，限 3 日（法定期间）；起算当日不计，到最后一日 24 时为止。",
        "2026-10-01（周四）至 10-03（周六）为第 1 至第 3 日，休息日和节假日也计。",
        "2026-10-03（周六）至 10-07（周三）国庆节放假，期限不在休息日届满，顺延。",
        "到期时刻：2026-10-08（周四）24:00。",
    ]


def test_a_whole_life():
    at = local(2026, 9, 28, 9)
    rule = sla.Rule("resolve", 4, "work_hour", reason="按通用规定，限 4 个工作小时。")
    clock = sla.pause(sla.start(rule, at, at, DEFAULT), local(2026, 9, 28, 10), DEFAULT)
    clock = sla.resume(clock, local(2026, 9, 29, 9), DEFAULT)
    clock = sla.extend(clock, 1, local(2026, 9, 29, 9), DEFAULT)
    clock = sla.void(sla.stop(clock, local(2026, 9, 29, 14, 29)), local(2026, 10, 8, 9), DEFAULT)
    told = sla.why(sla.stop(clock, local(2026, 10, 8, 16)), DEFAULT)
    assert told == [
        "按通用规定，限 4 个工作小时。",
        "自 2026-09-28（周一）09:00 起，计 4 个工作小时，只计办公时间。",
        "2026-09-28（周一）09:00–12:00、13:30–14:30，计 4 小时。",
        "2026-09-28（周一）10:00 起暂停，尚余办公时间 3 小时。",
        "所余的是到 2026-09-28（周一）14:30 为止的下列时间。",
        "2026-09-28（周一）10:00–12:00、13:30–14:30，计 3 小时。",
        "2026-09-29（周二）09:00 恢复，从此刻续计所余时间，到 2026-09-29（周二）12:00。",
        "2026-09-29（周二）09:00–12:00，计 3 小时。",
        "延长 1 个工作小时，在原到期时刻 2026-09-29（周二）12:00 之上加计，到 2026-09-29（周二）14:30。",
        "2026-09-29（周二）13:30–14:30，计 1 小时。",
        "2026-09-29（周二）14:29 停止，尚余办公时间 1 分。",
        "所余的是到 2026-09-29（周二）14:30 为止的下列时间。",
        "2026-09-29（周二）14:29–14:30，计 1 分。",
        "2026-10-08（周四）09:00 认定此前的停止无效，时钟继续。",
        "所余不足 4 个工作小时，按 4 个工作小时从此刻计。",
        "2026-10-08（周四）09:00–12:00、13:30–14:30，计 4 小时。",
        "2026-10-08（周四）16:00 停止，已超办公时间 1 小时 30 分。",
        "到期时刻：2026-10-08（周四）14:30。",
        "停止时已超过到期时刻。",
    ]


def test_provisional_deadlines_say_so():
    told = why("work_day", 2, local(2026, 12, 30, 9))
    assert told[-2] == "2026-12-31 以后的放假安排尚未公布，暂按每周工作日和法定节假日推算，公布后重算。"
    assert "没有可查的放假通知" in why("work_day", 2, local(2010, 5, 4, 9))[-2]


shipped = st.integers(0, 8 * 365 * 1440).map(lambda n: local(2018, 1, 2) + dt.timedelta(minutes=n))


@settings(deadline=None)
@given(at=shipped, amount=st.integers(1, 60))
def test_every_date_between_anchor_and_due_is_told_once(at, amount):
    told = why("work_day", amount, at)
    dates = [date for sentence in told[1:-1] for date in dates_of(sentence)]
    due = (
        sla.start(sla.Rule("resolve", amount, "work_day"), at, at, DEFAULT).due_at.astimezone(SHANGHAI).date()
    )
    assert dates == [at.date() + (n + 1) * ONE_DAY for n in range((due - at.date()).days)]
    assert f"第 {amount} 个工作日" in told[-2]


@settings(deadline=None)
@given(at=shipped, amount=st.decimals(Decimal("0.05"), Decimal("200"), places=2))
def test_the_counted_stretches_add_up_to_the_amount(at, amount):
    told = why("work_hour", amount, at)
    dates = [date for sentence in told[1:-1] for date in dates_of(sentence)]
    due = (
        sla.start(sla.Rule("resolve", amount, "work_hour"), at, at, DEFAULT)
        .due_at.astimezone(SHANGHAI)
        .date()
    )
    assert dates == [at.date() + n * ONE_DAY for n in range((due - at.date()).days + 1)]
    seconds = 0
    for sentence in told[1:-1]:
        if found := SPAN.search(sentence):
            seconds += sum(int(n or 0) * size for n, size in zip(found.groups(), (3600, 60, 1), strict=True))
    assert seconds == amount * 3600


@settings(deadline=None, max_examples=200)
@given(life=lives(), now=instants)
def test_any_life_can_be_told(life, now):
    cal, told = life
    sentences = sla.why(told[-1], cal)
    assert len(sentences) >= 2
    assert all(sentence.endswith("。") and "%(" not in sentence for sentence in sentences)


def test_a_long_limit_is_told_by_the_week():
    told = why("work_day", 30, local(2026, 10, 12, 9))
    assert told[1:-1] == [
        "2026-10-13（周二）至 10-16（周五）为第 1 至第 4 个工作日。",
        "2026-10-17（周六）至 10-18（周日）周末，不计。",
        "2026-10-19（周一）至 11-22（周日）为第 5 至第 29 个工作日（共 5 周，周末不计）。",
        "2026-11-23（周一）为第 30 个工作日。",
    ]
    told = why("work_hour", 120, local(2026, 10, 12, 9))
    assert (
        "2026-10-19（周一）至 11-01（周日）共 2 周：周一至周五每日 08:30–12:00、13:30–17:30，共 10 日，周末不计，"
        in told[4]
    )
    assert len(told) <= 8


def test_days_and_nights_are_one_line():
    assert why("day", 2, local(2026, 9, 30, 16))[1:] == [
        "2026-09-30（周三）16:00 至 2026-10-02（周五）16:00 昼夜连续，计 48 小时。",
        "到期时刻：2026-10-02（周五）16:00。",
    ]


def test_whole_paused_dates_are_told_and_given_back():
    clock = sla.start(
        sla.Rule("resolve", 5, "legal_day"), local(2026, 9, 26, 9), local(2026, 9, 26, 9), DEFAULT
    )
    clock = sla.resume(sla.pause(clock, local(2026, 9, 28, 10), DEFAULT), local(2026, 10, 1, 8), DEFAULT)
    assert sla.why(clock, DEFAULT)[-4:] == [
        "2026-10-01（周四）08:00 恢复，顺延整日暂停的日期后到期日为 2026-10-08（周四）24:00。",
        "2026-09-29（周二）至 09-30（周三）整日暂停，到期日顺延 2 日。",
        "2026-10-03（周六）至 10-07（周三）国庆节放假，期限不在休息日届满，顺延。",
        "到期时刻：2026-10-08（周四）24:00。",
    ]


def test_late_is_told_as_late_after_a_pause():
    at = local(2026, 9, 28, 9)
    clock = sla.start(sla.Rule("resolve", 2, "hour"), at, at, DEFAULT)
    clock = sla.resume(sla.pause(clock, local(2026, 9, 28, 12), DEFAULT), local(2026, 9, 30, 12), DEFAULT)
    told = sla.why(clock, DEFAULT)
    assert (
        "2026-09-30（周三）12:00 恢复时早已逾期，所超的 1 小时照旧，到期时刻记为 2026-09-30（周三）11:00。"
        in told
    )
    assert "曾在 2026-09-28（周一）11:00 到期而未完成，这一次逾期不因后来的变动而取消。" in told


def test_planned_again_is_told_with_what_it_was():
    clock = sla.start(
        sla.Rule("resolve", 2, "work_day"), local(2026, 12, 30, 9), local(2026, 12, 30, 9), DEFAULT
    )
    notice = {dt.date(2027, 1, day): Day("holiday", (), "元旦") for day in (1, 2, 3, 4)}
    later = Calendar(OFFICE_WEEK, {**shipped_days(), **notice}, published_until=dt.date(2027, 12, 31))
    told = sla.why(sla.replan(clock, later, at=local(2026, 12, 31, 9)), later)
    assert told[-2] == (
        "2026-12-31（周四）09:00 因规则或日历有变重新推算：原为 2027-01-04（周一）17:30，现为 2027-01-05（周二）17:30。"
    )


@settings(deadline=None, max_examples=300)
@given(life=lives())
def test_the_lines_of_any_life_add_up(life):
    """Recomputed from the lines alone: what was granted, what was left, what was added, and where it ends."""
    cal, told = life
    clock = told[-1]
    story = words.story(clock, cal)
    assert story.chapters[-1].due == clock.due_at
    for chapter, step in zip(story.chapters, sla.steps(clock, cal), strict=True):
        total, before = 0, None
        for line in chapter.lines:
            total += line.counted
            assert line.total == total
            if before is not None and not (line.what.endswith("顺延") or "整日" in before.what):
                assert line.first in (before.last, before.last + ONE_DAY)
            before = line
        if chapter.lines:
            assert chapter.lines[-1].left == 0
        if chapter.kind in ("start", "extend"):
            assert abs(total - granted(step.amount, step.unit)) < SECOND
        elif chapter.kind in ("pause", "stop"):
            assert total == 0 or abs(total - abs(step.left)) < SECOND
        elif step.floored:
            assert abs(total - granted(step.amount, step.unit)) < SECOND
        elif chapter.kind in ("resume", "void") and chapter.in_days:
            assert total == step.days
        elif chapter.kind in ("resume", "void") and not step.late:
            assert abs(total - step.left) < SECOND
        ends_there = chapter.kind in ("start", "extend", "resume", "void") and not step.late
        if chapter.lines and ends_there and not chapter.lines[-1].what.startswith("整日"):
            last = max(chapter.lines[-1].last, chapter.lines[-1].first)
            due = whole_second(chapter.due)
            assert last == cal.date_of_end(due) or closed_from(last, due, cal)


def granted(amount, unit):
    if unit in ("work_day", "legal_day"):
        return int(amount)
    return int(amount * 3600 * 1_000_000) * (24 if unit == "day" else 1)


def closed_from(last, due, cal):
    """A rest day moved the end of a legal day on: the next working day."""
    return not cal.is_workday(last) and cal.date_of_end(due) == cal.nth_workday_after(last, 1)
