"""A year's notice of holidays read from the words of the announcement: which days are holidays, which are
worked instead, and every sentence that was not understood.

It reads the shapes of the notices since 2018: "1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。",
"与周末连休", several worked days in one sentence, a holiday that begins in the year before. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cases.sla.calendar import ONE_DAY, statutory_holidays
from cases.sla.phrases import WEEKDAYS, _, reader

HOLIDAY, MAKEUP = "holiday", "makeup"
FIRST, LAST = 2000, 2099  # the years a notice can be of
LONGEST = 31  # days in a row; more is a slip of the pen
NAMES = {
    "元旦": "元旦",
    "新年": "元旦",
    "春节": "春节",
    "除夕": "春节",
    "清明": "清明节",
    "劳动节": "劳动节",
    "五一": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "国庆": "国庆节",
    "十一": "国庆节",
}
_NUMBER = r"[一二三四五六七八九十\d]{1,3}"
_HEAD = re.compile(rf"^(?:\({_NUMBER}\)|{_NUMBER}[、.．)])?(?P<name>[^:：\d]{{1,24}})[:：]")
_DATE = r"(?:(?P<y{0}>\d{{4}})年)?(?:(?P<m{0}>\d{{1,2}})月)?(?P<d{0}>\d{{1,2}})[日号](?:\((?P<n{0}>[^()]{{0,30}})\))?"
_SPAN = re.compile(_DATE.format(1) + r"(?:(?:至|到|-|—|–|~|～)" + _DATE.format(2) + r")?")
_SIGNED = re.compile(r"^\d{4}年\d{1,2}月\d{1,2}日$")
_COUNT = re.compile(r"共(\d{1,2})天|放假(\d{1,2})天")
_YEAR = re.compile(r"(\d{4})年(?:部分)?(?:法定)?(?:节假日|放假|节日|元旦)")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_LINK = re.compile(r"^[、,，和及与]+$")
_DAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Named:
    """What a notice says of one date."""

    kind: str
    name: str
    hours: tuple[tuple[str, str], ...] = ()


@dataclass
class Reading:
    """What was understood. `faults` forbid an import; `doubts` want a person's word; `idle` are sentences that
    name no date."""

    year: int
    days: dict[dt.date, Named] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)

    @property
    def first(self) -> dt.date:
        return min([dt.date(self.year, 1, 1), *self.days])

    @property
    def last(self) -> dt.date:
        return max([dt.date(self.year, 12, 31), *self.days])

    def say(self, date: dt.date, named: Named) -> None:
        """A date may be named twice if both say the same."""
        before = self.days.get(date)
        if before is not None and before.kind != named.kind:
            self.faults.append(_("%(day)s 既写了放假又写了上班。") % {"day": date.isoformat()})
        self.days.setdefault(date, named)


def plain(text: str) -> str:
    """One spelling of digits, brackets and blanks; lines stay lines."""
    text = unicodedata.normalize("NFKC", text).replace("〔", "(").replace("〕", ")")
    text = "".join(one for one in text if one == "\n" or not unicodedata.category(one).startswith("C"))
    return re.sub(r"[^\S\n]+", "", text)


def year_of(text: str) -> int | None:
    """Of which year a notice is: as its title says, else the year it names most."""
    said = _YEAR.search(plain(text))
    if said:
        return int(said[1])
    named = Counter(int(one) for one in re.findall(r"(\d{4})年", plain(text)) if FIRST <= int(one) <= LAST)
    return named.most_common(1)[0][0] if named else None


def read(text: str, year: int) -> Reading:
    """The days of an announcement."""
    with reader():
        found = Reading(year)
        name = ""
        for sentence in _sentences(text):
            head = _HEAD.match(sentence)
            if head and (named := name_of(head["name"])):
                name, sentence = named, sentence[head.end() :]
            if sentence:
                _read_sentence(sentence, name, found)
        check(found)
        return found


def check(found: Reading) -> None:
    """What no notice of a year may lack, and dates that cannot belong to it."""
    if not found.days:
        found.faults.append(_("没有读出任何放假或上班的日子。"))
        return
    inside = (dt.date(found.year - 1, 12, 1), dt.date(found.year + 1, 1, 31))
    for date in sorted(found.days):
        if not inside[0] <= date <= inside[1]:
            found.faults.append(
                _("%(day)s 不在 %(year)s 年的通知范围内。") % {"day": date.isoformat(), "year": found.year}
            )
    due = statutory_holidays(found.year)
    lacking = [name for day, name in sorted(due.items()) if day not in found.days]
    if lacking:
        found.faults.append(
            _("没有提到这些法定节日，请补全：%(names)s。") % {"names": _("、").join(dict.fromkeys(lacking))}
        )
    for day, name in sorted(due.items()):
        if day in found.days and found.days[day].kind == MAKEUP:
            found.faults.append(
                _("%(day)s 是法定节日（%(name)s），不能是上班日。") % {"day": day.isoformat(), "name": name}
            )


def _sentences(text: str) -> Iterator[str]:
    for line in plain(text).split("\n"):
        for part in re.split(r"[。;；!！]", line):
            if part.strip():
                yield part.strip()


def name_of(head: str) -> str:
    """The holidays that a heading names: 国庆节、中秋节."""
    found = dict.fromkeys(name for word, name in NAMES.items() if word in head)
    return "、".join(sorted(found, key=lambda name: head.index(name[:2])) if len(found) > 1 else found)


def _read_sentence(sentence: str, name: str, found: Reading) -> None:
    spans = list(_SPAN.finditer(sentence))
    if not spans or _SIGNED.match(sentence):
        found.idle.append(sentence)
        return
    group: list[re.Match[str]] = []
    understood, days = True, 0
    for n, span in enumerate(spans):
        group.append(span)
        end = spans[n + 1].start() if n + 1 < len(spans) else len(sentence)
        after = sentence[span.end() : end]
        if n + 1 < len(spans) and _LINK.match(after):
            continue  # the next date is of the same list
        kind = _kind_of(after)
        if kind is None or (kind == HOLIDAY and _in_passing(sentence, group[0], after)):
            understood = False
        else:
            days += _write(group, kind, name, found)
        group = []
    if not understood:
        found.doubts.append(_("没有看懂：“%(words)s”") % {"words": _short(sentence)})
    counted = _COUNT.search(sentence)
    if counted and days and int(counted[1] or counted[2]) != days:
        said = {"words": _short(sentence), "said": counted[1] or counted[2], "read": days}
        found.doubts.append(_("写的是共 %(said)s 天，读出 %(read)s 天：“%(words)s”") % said)


def _kind_of(after: str) -> str | None:
    """What the words up to the next date say of the dates before them."""
    said = re.match(r"^[^,，、]{0,6}?(放假|休息|补休|照常上班|正常上班|上班|补班)", after)
    if not said:
        return None
    return MAKEUP if said[1].endswith("班") else HOLIDAY


def _in_passing(sentence: str, span: re.Match[str], after: str) -> bool:
    """Advice, not an order: 鼓励各单位…安排职工在除夕（2月9日）休息."""
    if re.search(r"鼓励|建议|可以?结合|年休假", sentence):
        return True
    return "休息" in after[:3] and "(" in sentence[: span.start()]


def _write(group: list[re.Match[str]], kind: str, name: str, found: Reading) -> int:
    month, days = 0, 0
    for span in group:
        first = _date_of(span, 1, month, None, name, found)
        if first is None:
            return days
        last = first
        if span["d2"]:
            later = _date_of(span, 2, first.month, first, name, found)
            if later is None:
                return days
            last = later
        month = last.month
        if (last - first).days >= LONGEST:
            found.faults.append(_("%(words)s 太长，请核对。") % {"words": _short(span[0])})
            return days
        date = first
        while date <= last:
            found.say(date, Named(kind, name))
            date, days = date + ONE_DAY, days + 1
    return days


def _date_of(
    span: re.Match[str], n: int, month: int, after: dt.date | None, name: str, found: Reading
) -> dt.date | None:
    said_month, day = span[f"m{n}"], int(span[f"d{n}"])
    month = int(said_month) if said_month else month
    if span[f"y{n}"]:
        year = int(span[f"y{n}"])
    elif after is not None:
        year = after.year + (1 if month < after.month else 0)
    else:  # December of a New Year's holiday is the year before
        year = found.year - 1 if month == 12 and "元旦" in name else found.year
    try:
        date = dt.date(year, month, day)
    except ValueError:
        found.faults.append(_("没有这一天：“%(words)s”") % {"words": _short(span[0])})
        return None
    if after is not None and date < after:
        found.faults.append(_("“%(words)s”的先后反了。") % {"words": _short(span[0])})
        return None
    weekday = _WEEKDAY.search(span[f"n{n}"] or "")
    if weekday and _DAYS.index(weekday[1].replace("天", "日")) != date.weekday():
        told = {"day": date.isoformat(), "said": weekday[0], "is": _(WEEKDAYS[date.weekday()])}
        found.doubts.append(_("%(day)s 是%(is)s，通知里写的是%(said)s。") % told)
    return date


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
