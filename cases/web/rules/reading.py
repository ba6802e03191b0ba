"""What the forms of the rules send, as the commands take it; and who may look."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from cases.refusals import MoveRefused, not_ready
from cases.web.answers import refusal_of
from cases.web.shell import reads_rules
from ledger import days
from parties.gate import admit

View = Callable[..., HttpResponse]
_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*(?:-|–|—|~|至|到)\s*(\d{1,2}:\d{2})")
_BETWEEN = re.compile(r"^[\s,;、和及]*$")


def keepers(view: View) -> View:
    """A page for those who keep the rules, and for who may read everything; others get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not reads_rules(request.actor):
            admit(request.actor, "rules")
        return view(request, *args, **kwargs)

    return login_required(guarded)


def spans(text: str, field: str) -> list[list[str]]:
    """08:30-12:00、13:30-17:30 as intervals; nothing typed is no opening. Raises MoveRefused."""
    text = unicodedata.normalize("NFKC", text).strip()
    found = list(_SPAN.finditer(text))
    rest = _SPAN.sub("", text)
    fault = {field: _("请写成 08:30-12:00、13:30-17:30。")}
    if not _BETWEEN.match(rest):
        raise not_ready(_("开放时间读不懂：%(words)s") % {"words": text[:40]}, **fault)
    spans = [[_time(opens), _time(closes)] for opens, closes in (one.groups() for one in found)]
    if any("" in one for one in spans):
        raise not_ready(_("开放时间读不懂：%(words)s") % {"words": text[:40]}, **fault)
    return spans


def _time(text: str) -> str:
    """08:30; 24:00 is kept as 00:00, the end of the day."""
    hour, minute = (int(part) for part in text.split(":"))
    if (hour, minute) == (24, 0):
        return "00:00"
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else ""


def date(text: str, field: str, *, required: bool = True) -> dt.date | None:
    """A date as the browser sends it. Raises MoveRefused."""
    text = text.strip()
    if not text and not required:
        return None
    try:
        return days.read(text)
    except days.NoDay as wrong:
        raise not_ready(wrong.sentence, **{field: _("请填日期。")}) from None


def whole(text: str, default: int, *, least: int, most: int) -> int:
    return (
        min(most, max(least, int(text))) if text.isascii() and text.isdigit() and len(text) < 6 else default
    )


def refusal(request: HttpRequest, refused: MoveRefused, name: str) -> dict[str, Any]:
    return refusal_of(refused, name, request.POST, {})
