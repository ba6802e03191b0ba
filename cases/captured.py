"""When something was done that a phone without a signal kept: as the phone says, within bounds."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from cases.call_sheet import FUTURE_AT_MOST, OFFLINE_AT_MOST
from cases.refusals import not_ready


def happened(when: dt.datetime | None, at: dt.datetime) -> dt.datetime:
    """The phone's time where it kept one, never later than now; else now. Raises MoveRefused (422) where it cannot be."""
    if when is None:
        return at
    if not at - OFFLINE_AT_MOST <= when <= at + FUTURE_AT_MOST:
        raise not_ready(
            _("手机记下的时间要在 72 小时以内，也不能在以后。"), captured_at=_("请核对手机的时间。")
        )
    return min(when, at)
