"""Command: look for a caller's cases, by the whole phone, by name and building, by the code read aloud. Who looks says
why; that is written down, number, name and code are not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.models import Case
from cases.queries import finding_cases
from cases.refusals import not_ready
from cases.spoken import digits
from grid import finding
from grid.kinds import rank
from grid.models import Place
from ledger.actor import Actor
from parties import commands
from parties.commands.accounts import SEARCH_REASONS

MOST = 50
SHORTEST_CODE = 8


def by_phone(*, by: Actor, at: dt.datetime, phone: Any, reason: Any) -> list[Case]:
    """The newest cases in scope with a caller of exactly this number."""
    _need_reason(reason)
    if not isinstance(phone, str) or len(finding_cases.digits_of(phone)) < finding_cases.SHORTEST:
        raise not_ready(_("请填完整的电话号码。"), phone=_("请填完整的电话号码。"))
    return _noted(by, at, reason, finding_cases.by_phone(by, phone))


def by_name(*, by: Actor, at: dt.datetime, name: Any, place: Any, reason: Any) -> list[Case]:
    """Those of a caller, or of somebody called for, of exactly this name, in a building or a place as small."""
    _need_reason(reason)
    said = " ".join(name.split()) if isinstance(name, str) else ""
    if len(said) < 2 or len(said) > 40 or "\x00" in said:
        raise not_ready(_("请填反映人的姓名，一字不差。"), name=_("请填完整姓名。"))
    where = place.strip() if isinstance(place, str) and "\x00" not in place else ""
    found = finding.by_code(where) or _only(finding.search(where, limit=2) if where else [], where)
    if found is None or rank(found.kind) <= rank("street"):
        words = _("请填他住的楼栋或小区，名称或编码，能认出一处的。")
        raise not_ready(words, place=words)
    return _noted(by, at, reason, finding_cases.by_name(by, said, found))


def by_code(*, by: Actor, at: dt.datetime, code: Any, reason: Any) -> list[Case]:
    """The one whose tracking code was read aloud: 四八二七 一九零三, spaces and full width as they come."""
    _need_reason(reason)
    if not isinstance(code, str) or not SHORTEST_CODE <= len(digits(code)) <= 16:
        raise not_ready(_("请把查询码填完整。"), code=_("查询码至少 %(n)s 位数字。") % {"n": SHORTEST_CODE})
    return _noted(by, at, reason, finding_cases.by_code(by, code))


WAYS: dict[str, tuple[Callable[..., list[Case]], tuple[str, ...]]] = {
    "phone": (by_phone, ("phone",)),
    "name": (by_name, ("name", "place")),
    "code": (by_code, ("code",)),
}


def _only(hits: Sequence[Place], where: str) -> Place | None:
    exact = [hit for hit in hits if hit.name == where]
    return (exact or list(hits))[0] if len(hits) == 1 or len(exact) == 1 else None


def _need_reason(reason: Any) -> None:
    if not isinstance(reason, str) or reason not in SEARCH_REASONS:
        raise not_ready(_("请选择为什么要查。"), reason=_("请选择。"))


def _noted(by: Actor, at: dt.datetime, reason: str, rows: QuerySet[Case]) -> list[Case]:
    found = list(rows[:MOST])
    commands.note_phone_search(by=by, at=at, reason=reason, found=len(found))
    return found
