"""The story of a deadline: complete, without gaps, and right when added up by hand."""

import datetime as dt
import re
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sla import clock as sla
from cases.sla.calendar import DEFAULT, SHANGHAI
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
        "2026-09-29（周二）16:00–17:30，计 1 小时 30 分。",
        "2026-09-30（周三）08:30–12:00、13:30–17:30，计 7 小时 30 分。",
        "2026-10-01（周四）至 10-07（周三）国庆节放假，不计。",
        "2026-10-08（周四）08:30–12:00、13:30–17:30，计 7 小时 30 分。",
        "2026-10-09（周五）08:30–09:00，计 30 分。",
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
        "2026-09-29（周二）09:00 恢复，从此刻续计所余时间，到 2026-09-29（周二）12:00。",
        "2026-09-29（周二）09:00–12:00，计 3 小时。",
        "延长 1 个工作小时，在原到期时刻 2026-09-29（周二）12:00 之上加计，到 2026-09-29（周二）14:30。",
        "2026-09-29（周二）13:30–14:30，计 1 小时。",
        "2026-09-29（周二）14:29 停止，尚余办公时间 1 分。",
        "2026-10-08（周四）09:00 认定此前的停止无效，时钟继续。",
        "所余不足 4 个工作小时，按 4 个工作小时从此刻计。",
        "2026-10-08（周四）09:00–12:00、13:30–14:30，计 4 小时。",
        "2026-10-08（周四）16:00 停止，已超办公时间 1 小时 30 分。",
        "到期时刻：2026-10-08（周四）14:30。",
        "办结时已超过到期时刻。",
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
