"""What people say in the demo town, and what became of it. Written for this project; nobody's real words."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

SHEET = Path(__file__).parent / "calls.csv"

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = [
    "秀兰",
    "建国",
    "玉梅",
    "志强",
    "桂英",
    "海燕",
    "文博",
    "立新",
    "春梅",
    "国栋",
    "晓燕",
    "德明",
    "静",
    "雪",
    "远",
    "敏",
    "凯",
    "晓东",
    "超",
    "保平",
    "磊",
    "芸",
    "佳",
    "浩",
    "淑芬",
    "振华",
    "红霞",
    "永刚",
    "丽娟",
    "卫东",
    "新民",
    "爱华",
    "金凤",
    "长顺",
    "巧云",
    "守义",
]


@dataclass(frozen=True)
class Text:
    """One thing somebody may say: `origin` resident or patrol, `item` a code of the checklist, `result` how it
    ended. Slots in braces are filled by chance."""

    item: str
    origin: str
    text: str
    result: str

    def said(self, chance: Random) -> str:
        return self.text.format(b=chance.randint(1, 16), u=chance.randint(1, 4), f=chance.randint(2, 6))


@cache
def texts() -> tuple[Text, ...]:
    """All of them, in the order of the sheet."""
    with SHEET.open(encoding="utf-8", newline="") as sheet:
        return tuple(
            Text(row["item"], {"r": "resident", "p": "patrol"}[row["origin"]], row["text"], row["result"])
            for row in csv.DictReader(sheet)
        )


def somebody(chance: Random, *, reachable: bool = False) -> dict[str, object]:
    """An invented caller; one in twelve gives no name, unless there has to be a way to reach them."""
    if chance.random() < 1 / 12 and not reachable:
        return {"anonymous": True}
    name = chance.choice(SURNAMES) + chance.choice(GIVEN)
    return {"name": name, "phone": f"1380000{chance.randint(0, 9999):04d}"}
