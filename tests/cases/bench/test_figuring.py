"""What the bench of figures says of how they grow."""

from __future__ import annotations

from cases.bench import figuring, meter
from cases.bench.meter import Subject


def measured(name: str, ms: float, **more) -> Subject:
    return Subject(name, lambda _ready: None, wall=[ms / 1000], cpu=[ms / 2000], **more)


def test_it_says_how_many_times_the_largest_takes_and_whether_that_is_too_much():
    said: list[str] = []
    sizes = {10: (5.0, 40.0), 100: (6.0, 100.0), 500: (6.0, 149.0)}
    found = {
        size: {"insert": measured("insert", one), "dashboard, street": measured("dashboard, street", two)}
        for size, (one, two) in sizes.items()
    }
    figuring._growth(said.append, found)
    assert said[1].split() == ["insert", "5.0", "6.0", "6.0", "1.00", "×"]
    assert said[2].endswith("1.49 ×  ok ≤ 1.5 ×")
    found[500]["dashboard, street"] = measured("dashboard, street", 151.0)
    figuring._growth(said.append, found)
    assert said[-1].endswith("1.51 ×  OVER ≤ 1.5 ×")
    figuring._growth(said.append, {10: found[10]})
    assert said[-1].split() == ["dashboard,", "street", "40.0"]


def test_a_table_judges_statements_times_and_milliseconds():
    yardstick, page = (
        measured("insert", 10),
        measured("page", 90, allowed_sql=8, allowed_ratio=10, allowed_ms=80),
    )
    page.sql = 9
    line = meter.table([yardstick, page], yardstick)[-1]
    assert line.endswith("OVER ≤ 8 SQL, ok ≤ 10 ×, OVER ≤ 80 ms")
