"""A day as somebody typed it: the one reader of every edge.

What is let in can be reckoned with: its midnight, the year before and the day after are days too, in any zone.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIRST, LAST = dt.date(1900, 1, 1), dt.date(2200, 12, 31)
FORM = _("请按“2026-11-21”的样子填写日期。")
RANGE = _("日期要在 1900 年到 2200 年之间。")


class NoDay(ValueError):
    """What was typed is no day; `sentence` tells the reader why, in the language of then."""

    def __init__(self, sentence: Promise) -> None:
        super().__init__()
        self.lazy = sentence

    @property
    def sentence(self) -> str:
        return str(self.lazy)


def read(typed: Any) -> dt.date:
    """The day of an ISO 8601 text. Raises NoDay."""
    try:
        day = dt.date.fromisoformat(typed)
    except (TypeError, ValueError):
        raise NoDay(FORM) from None
    if not FIRST <= day <= LAST:
        raise NoDay(RANGE)
    return day
