"""What else there has been at a case's place: how many, how often the same, and the last ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.kinds import STATUSES
from cases.models import Case
from cases.queries.addresses import address
from cases.queries.counting import counts, shown
from cases.queries.masking import title_for
from cases.scope import listed
from cases.templatetags.huying import hm
from ledger.actor import Actor
from parties import directory

MOST = 12
MONTH, YEAR = dt.timedelta(days=30), dt.timedelta(days=365)


def page(actor: Actor, case: Case, at: dt.datetime) -> dict[str, Any]:
    """Of the building, or of the place where the case stands in none; guarded matters left out. Two statements."""
    here = Q(building_id=case.building_id) if case.building_id is not None else Q(place_id=case.place_id)
    rows = listed(actor).filter(
        here, ~Q(pk=case.pk), ~Q(status="merged"), sensitive=False, confidential=False
    )
    recent, same = rows.filter(received_at__gt=at - MONTH), rows.filter(item_id=case.item_id or 0)
    found = counts({
        "month": recent,
        "year": rows.filter(received_at__gt=at - YEAR),
        "same": same.filter(received_at__gt=at - YEAR),
        "reopened": rows.filter(received_at__gt=at - YEAR, reopens__gt=0),
    })  # fmt: skip
    numbers = {name: shown(n) for name, n in found.items()}
    return {
        "words": _(
            "近 30 天 %(month)s 件，一年 %(year)s 件；其中同一小项 %(same)s 件，重办过 %(reopened)s 件。"
        )
        % numbers,
        "repeats": found["same"] > 1,
        "rows": [_line(actor, one) for one in rows.order_by("-received_at", "-id")[:MOST]],
    }


def _line(actor: Actor, case: Case) -> dict[str, Any]:
    return {
        "title": title_for(actor, case),
        "url": address("detail", case.number),
        "words": " · ".join(
            (
                case.number,
                hm(case.received_at),
                str(STATUSES[case.status]),
                directory.name_of(case.holder_id, short=True),
            )
        ),
    }
