"""Digits as people write and say them: any width, any spacing, 一二三, 幺 for one and 洞 for nought."""

from __future__ import annotations

SAID = {said: str(n) for n, each in enumerate(("零〇洞", "一幺壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾")) for said in each}  # fmt: skip


def digits(said: str, most: int = 24) -> str:
    """The digits alone, at most so many; what is no digit says nothing."""
    found = (SAID.get(char) or (str(int(char)) if char.isdecimal() else "") for char in said)
    return "".join(found)[:most]
