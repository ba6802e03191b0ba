"""A year's notice handed in as a table, and the one door for both shapes: bytes or text in, a `Reading` out.

Columns by tolerant headings, Chinese or English: date, kind (or whether it is worked), name, hours. Pure.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections import Counter
from itertools import pairwise

from cases.sla import announcement
from cases.sla.announcement import FIRST, HOLIDAY, LAST, MAKEUP, Named, Reading
from cases.sla.phrases import _, reader

LONGEST_TEXT = 50_000  # characters; a notice has two thousand
MOST_ROWS = 1_000
HALF, HOURS, ORDINARY = "half", "hours", ""

HEADINGS = {
    "date": ("date", "day", "日期", "日子", "公历日期"),
    "kind": ("kind", "type", "status", "类型", "性质", "类别", "安排", "说明类型"),
    "worked": ("is_workday", "workday", "isoffday", "是否上班", "上班", "是否工作日", "工作日", "是否放假"),
    "name": ("name", "holiday", "title", "名称", "节日", "节假日", "节日名称", "备注"),
    "hours": ("hours", "intervals", "open", "开放时间", "办公时间", "时间"),
}
UPSIDE_DOWN = ("isoffday", "是否放假")
KINDS = {
    HOLIDAY: ("holiday", "off", "rest", "放假", "节假日", "休", "休息", "法定节假日", "假", "法定节日"),
    MAKEUP: ("makeup", "make-up", "make_up", "make_up_workday", "make-upworkday", "workingday", "调休上班",
             "上班", "补班", "班", "调休", "调休工作日"),
    HALF: ("half", "half-day", "halfday", "半天", "半日"),
    HOURS: ("hours", "changed", "变更时间", "调整时间"),
    ORDINARY: ("workday", "weekday", "weekend", "normal", "工作日", "周末", "休息日", "正常"),
}  # fmt: skip
YES, NO = ("1", "true", "yes", "y", "是", "上班"), ("0", "false", "no", "n", "否", "放假", "休")
_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[T(].*)?$")
_SPAN = re.compile(r"(\d{1,2}:\d{2})(?:-|–|—|~|至|到)(\d{1,2}:\d{2})")


class Unreadable(ValueError):
    """What was handed in cannot be a notice; the message is the sentence to show."""


def decode(data: bytes) -> str:
    """UTF-8 with or without a mark, else GB18030."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("这个文件不是文字（请用 UTF-8 或 GB18030 编码）。"))


def tidy(text: str) -> str:
    """What is kept and read: no byte marks, no NUL, one kind of line end. Refused when it is too long or empty."""
    text = text.replace("\ufeff", "").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Unreadable(_("请粘贴通知全文，或选一个文件。"))
    if len(text) > LONGEST_TEXT:
        raise Unreadable(
            _("太长了：一份通知最多 %(n)s 字，收到 %(got)s 字。请只粘贴放假安排。")
            % {"n": LONGEST_TEXT, "got": len(text)}
        )
    return text


def year_of(text: str) -> int | None:
    """Of which year the notice is, as far as it says."""
    if (columns := _columns(text)) is None:
        return announcement.year_of(text)
    years = Counter(
        date.year for row in _rows(text) if (date := _date(_cell(row, columns, "date"))) is not None
    )
    return years.most_common(1)[0][0] if years else None


def read(text: str, year: int | None = None) -> Reading:
    """The days of a notice, whichever shape it has. Raises Unreadable where not even the year can be told."""
    with reader():
        found_year = year or year_of(text)
        if found_year is None or not FIRST <= found_year <= LAST:
            raise Unreadable(_("看不出是哪一年的通知，请写明年份。"))
        if _columns(text) is None:
            return announcement.read(text, found_year)
        return _read_sheet(text, found_year)


# -- the table


def _read_sheet(text: str, year: int) -> Reading:
    columns = _columns(text) or {}
    found = Reading(year)
    rows = _rows(text)
    if len(rows) > MOST_ROWS:
        raise Unreadable(_("表格最多 %(n)s 行。") % {"n": MOST_ROWS})
    strange = 0
    for n, row in enumerate(rows, start=2):
        if not any(row):
            continue
        date = _date(_cell(row, columns, "date"))
        if date is None:
            found.faults.append(
                _("第 %(n)s 行的日期读不懂：%(value)s。")
                % {"n": n, "value": _cell(row, columns, "date")[:20]}
            )
            continue
        if date.year != year and not (date.year == year - 1 and date.month == 12):
            strange += 1
            continue
        named = _named(row, columns, date)
        if isinstance(named, str):
            found.faults.append(_("第 %(n)s 行：%(fault)s") % {"n": n, "fault": named})
        elif named is not None:
            found.say(date, named)
    if strange:
        found.idle.append(_("%(n)s 行不是 %(year)s 年的，没有用。") % {"n": strange, "year": year})
    announcement.check(found)
    return found


def _named(row: list[str], columns: dict[str, int], date: dt.date) -> Named | str | None:
    """What a row says of its date; a sentence where it cannot be told, None where it is an ordinary day."""
    said, worked = _plain(_cell(row, columns, "kind")), _plain(_cell(row, columns, "worked"))
    name = _cell(row, columns, "name")[:40]
    kind = next((kind for kind, words in KINDS.items() if said in words), None) if said else None
    if kind is None and not said and worked:
        is_open = worked in YES
        if not is_open and worked not in NO:
            return _("“%(value)s”看不出是放假还是上班。") % {"value": worked[:20]}
        if "upside" in columns:
            is_open = not is_open
        ordinary = is_open == (date.weekday() < 5)
        kind = ORDINARY if ordinary and (is_open or not name) else MAKEUP if is_open else HOLIDAY
    if kind is None:
        return _("“%(value)s”看不出是放假还是上班。") % {"value": (said or worked)[:20]}
    if kind == ORDINARY:
        return None
    hours = tuple(
        (opens.zfill(5), closes.zfill(5)) for opens, closes in _SPAN.findall(_cell(row, columns, "hours"))
    )
    if kind in (HALF, HOURS) and not hours:
        return _("半天和变更时间要写开放时间，如 08:30-12:00。")
    for time in (time for span in hours for time in span):
        if not _is_time(time):
            return _("“%(value)s”不是钟点。") % {"value": time}
    if hours and not _in_order(hours):
        return _("开放时间须按先后排列且不重叠。")
    return Named(kind, announcement.name_of(name) or name, () if kind == HOLIDAY else hours)


def _is_time(text: str) -> bool:
    hour, _sign, minute = text.partition(":")
    return int(hour) < 24 and int(minute) < 60


def _in_order(hours: tuple[tuple[str, str], ...]) -> bool:
    flat = [time for span in hours for time in span]
    return all(one < other for one, other in pairwise(flat))


def _columns(text: str) -> dict[str, int] | None:
    """name → number of the column, where the first line is a heading with a date in it."""
    first = text.lstrip().split("\n", 1)[0]
    cells = [
        _plain(cell).replace(" ", "") for cell in next(csv.reader([first], delimiter=_delimiter(first)), [])
    ]
    found = {
        name: cells.index(word)
        for name, words in HEADINGS.items()
        for word in reversed(words)
        if word in cells
    }
    if "date" not in found or len(found) < 2:
        return None
    if "worked" in found and cells[found["worked"]] in UPSIDE_DOWN:
        found["upside"] = found["worked"]
    return found


def _rows(text: str) -> list[list[str]]:
    first, _end, rest = text.lstrip().partition("\n")
    try:
        return [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(rest), delimiter=_delimiter(first))
        ]
    except csv.Error as error:
        raise Unreadable(_("这个表格读不懂。")) from error


def _delimiter(line: str) -> str:
    return max((",", "\t", ";", "，"), key=line.count)


def _cell(row: list[str], columns: dict[str, int], name: str) -> str:
    at = columns.get(name)
    return row[at] if at is not None and at < len(row) else ""


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().lower()


def _date(value: str) -> dt.date | None:
    said = _DATE.match(unicodedata.normalize("NFKC", value).replace(" ", ""))
    if said is None:
        return None
    try:
        return dt.date(*(int(one) for one in said.groups()))
    except ValueError:
        return None
