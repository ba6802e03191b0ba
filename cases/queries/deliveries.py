"""Messages on their way, as the failure list and the channels' page print them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models.deliveries import CHANNELS, Endpoint, NoticeDelivery
from cases.notices import composing
from cases.notices.channels import ERRORS
from cases.notices.kinds import KINDS
from grid.paging import Key
from ledger.actor import Actor
from parties import directory
from parties.privacy import mask_phone

NEWEST = (Key("id", descending=True),)
STATES = {
    "given_up": ("given_up",),
    "failed": ("failed",),
    "sent": ("sent",),
}


def rows_in(rows: QuerySet[NoticeDelivery], tab: str) -> QuerySet[NoticeDelivery]:
    found = rows.filter(state__in=STATES[tab])
    found = found.filter(ended_by=None) if tab == "given_up" else found
    return found.select_related("endpoint", "case", "call__caller").annotate(
        reader=F("notice__account__person__name"), email=F("notice__account__person__email")
    )


def row_of(row: NoticeDelivery) -> dict[str, Any]:
    """What it said, to whom, why not, and what comes next."""
    told = row.case is None or row.named  # type: ignore[attr-defined] # annotated by failures.visible
    box, _at, domain = str(getattr(row, "email", "") or "").rpartition("@")
    return {
        "id": row.pk,
        "words": composing.message_of(row).words if told else _("（不公开）"),
        "number": row.case.number if row.case is not None and told else "",
        "to": _to(row),
        "unit": directory.name_of(row.endpoint.organisation_id, short=True) if row.endpoint else "",
        "shown": row.endpoint.shown if row.endpoint is not None else f"{box[:1]}***@{domain}" if box else "",
        "channel": row.channel,
        "channel_label": CHANNELS[row.channel],
        "state": row.state,
        "error": row.error,
        "why": error_words(row),
        "left_as": _left_as(row),
        "tries": row.tries,
        "at": row.at,
        "next_at": row.next_at if row.state == "failed" else None,
        "ended_at": row.ended_at,
    }


def _to(row: NoticeDelivery) -> str:
    if row.call is not None:
        caller = getattr(row.call, "caller", None)
        return mask_phone(caller.phone) if caller is not None and row.named else ""  # type: ignore[attr-defined]
    return row.endpoint.name if row.endpoint is not None else str(getattr(row, "reader", ""))


def _left_as(row: NoticeDelivery) -> str:
    """Of a text that has left: in which language, as how many messages."""
    if not row.segments:
        return ""
    names = dict(settings.LANGUAGES)
    words = {"language": str(names.get(row.language, row.language)), "n": row.segments}
    said = ngettext("%(language)s，%(n)s 条", "%(language)s，%(n)s 条", row.segments) % words
    if not row.instead_of:
        return said
    wanted = {"wanted": str(names.get(row.instead_of, row.instead_of)), "said": said}
    return _("%(said)s；网关没有%(wanted)s模板") % wanted


def error_words(row: NoticeDelivery) -> str:
    if not row.error:
        return ""
    words = str(ERRORS.get(row.error, row.error))
    detail = ERRORS[row.detail] if row.error == "unsure" and row.detail in ERRORS else row.detail
    return f"{words} ({detail})" if detail else words


def endpoint_row(one: Endpoint, actor: Actor, at: dt.datetime) -> dict[str, Any]:
    """An endpoint without its secrets."""
    paused = one.is_on and one.paused_until is not None and one.paused_until > at
    return {
        "id": one.pk,
        "name": one.name,
        "channel": one.channel,
        "channel_label": CHANNELS[one.channel],
        "unit": directory.name_of(one.organisation_id, short=True),
        "organisation": one.organisation.code,
        "shown": one.shown,
        "signed": bool(one.secret),
        "kinds": list(one.kinds),
        "kind_words": [str(KINDS[kind].label) for kind in one.kinds if kind in KINDS],
        "least_urgency": one.least_urgency,
        "is_on": one.is_on,
        "failures": one.failures,
        "paused_until": one.paused_until if paused else None,
        "sent_at": one.sent_at,
    }
