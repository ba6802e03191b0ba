"""Command: look for a caller's cases by the whole phone. Who looks says why; that is written down, the number is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases.models import Case
from cases.queries import finding_cases
from cases.refusals import not_ready
from ledger.actor import Actor
from parties import commands
from parties.commands.accounts import SEARCH_REASONS

MOST = 50


def by_phone(*, by: Actor, at: dt.datetime, phone: Any, reason: Any) -> list[Case]:
    """The newest cases in scope with a caller of exactly this number."""
    if not isinstance(reason, str) or reason not in SEARCH_REASONS:
        raise not_ready(_("请选择为什么要按电话查。"), reason=_("请选择。"))
    if not isinstance(phone, str) or len(finding_cases.digits_of(phone)) < finding_cases.SHORTEST:
        raise not_ready(_("请填完整的电话号码。"), phone=_("请填完整的电话号码。"))
    found = list(finding_cases.by_phone(by, phone)[:MOST])
    commands.note_phone_search(by=by, at=at, reason=reason, found=len(found))
    return found
