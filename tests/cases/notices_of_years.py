"""Notices in the shape of the yearly announcements, of our own wording, made from the shipped days; and one of 2027
that nobody published."""

from __future__ import annotations

import datetime as dt

from cases.sla.calendar import shipped_days

WEEKDAYS = "一二三四五六日"

OF_2027 = """国务院办公厅关于2027年部分节假日安排的通知
各有关单位：
现将2027年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期安排如下。
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（农历除夕、周五）至11日（周四）放假调休，共7天。1月31日（周日）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）放假1天，不调休。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
节假日期间请妥善安排好值班。
2026年11月20日
"""


def text_of(year: int, *, weekdays: bool = True, counts: bool = True) -> str:
    """The announcement of a shipped year: runs of holidays and the worked days of each name."""
    known = {date: day for date, day in shipped_days().items() if belongs(date, day.name) == year}
    lines = [f"关于{year}年部分节假日安排的通知"]
    names = list(dict.fromkeys(day.name for _date, day in sorted(known.items())))
    for n, name in enumerate(names):
        days = sorted(date for date, day in known.items() if day.name == name and day.kind == "holiday")
        made_up = sorted(date for date, day in known.items() if day.name == name and day.kind == "makeup")
        line = f"{'一二三四五六七八九'[n]}、{name}："
        if days:
            line += spans(days, year, weekdays) + ("放假调休" if made_up else "放假")
            line += f"，共{len(days)}天。" if counts else "。"
        if made_up:
            line += "、".join(said(day, year, weekdays) for day in made_up) + "上班。"
        lines.append(line)
    return "\n".join(lines)


def belongs(date: dt.date, name: str) -> int:
    """Of which year's notice a day is: the last days of December before New Year are the next one's."""
    return date.year + 1 if "元旦" in name and date.month == 12 else date.year


def spans(days: list[dt.date], year: int, weekdays: bool) -> str:
    found: list[list[dt.date]] = []
    for day in days:
        if found and (day - found[-1][-1]).days == 1:
            found[-1].append(day)
        else:
            found.append([day])
    return "、".join(
        said(run[0], year, weekdays)
        + (f"至{said(run[-1], year, weekdays, after=run[0])}" if len(run) > 1 else "")
        for run in found
    )


def said(day: dt.date, year: int, weekdays: bool, after: dt.date | None = None) -> str:
    words = "" if day.year == (after.year if after else year) else f"{day.year}年"
    if after is None or day.month != after.month or words:
        words += f"{day.month}月"
    words += f"{day.day}日"
    return words + (f"（周{WEEKDAYS[day.weekday()]}）" if weekdays else "")
