"""Gateways of texts: an endpoint of the channel sms, kept by a unit for itself and all below it."""

from __future__ import annotations

import datetime as dt

from cases.models.case import Case
from cases.models.deliveries import Endpoint
from cases.notices.quiet import Hours
from grid.tree import path_ids
from parties import directory

CHANNEL = "sms"
QUIET: Hours = (dt.time(21), dt.time(8))  # a resident's evening and night
RECEIPT_HOURS = 24


def of(case: Case) -> Endpoint | None:
    """The one that is on nearest above the case's desk; None where none is."""
    desk = directory.by_id(case.desk_id)
    line = path_ids(desk.path) if desk is not None else ()
    rows = {
        row.organisation_id: row
        for row in Endpoint.objects.filter(channel=CHANNEL, is_on=True).order_by("-pk")
    }
    return next((rows[unit] for unit in reversed(line) if unit in rows), None)


def quiet_hours(one: Endpoint | None) -> Hours:
    begins, ends = (one.gateway if one is not None else {}).get("quiet") or (None, None)
    return (dt.time.fromisoformat(begins), dt.time.fromisoformat(ends)) if begins and ends else QUIET
