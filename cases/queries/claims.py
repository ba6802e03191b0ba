"""认领: the board of what is open to claims, and what one's own units claimed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from cases import authority, claims
from cases.kinds import OPEN
from cases.lifecycle import FACTS, MOVES
from cases.models import Case
from cases.models.case import ANCESTORS
from cases.queries import disputes, lists
from cases.queries.addresses import address
from cases.queries.moves_bar import need_field
from cases.queries.row_clocks import clocks_of
from ledger.actor import Actor, Grant

TABS = {"open": gettext_lazy("等人认领"), "ours": gettext_lazy("我单位认领的")}
EMPTY = {
    "open": (
        gettext_lazy("没有等人认领的"),
        gettext_lazy("微心愿、微项目和受理台开放的工单会出现在这里。受理台在工单上点“开放认领”即可开放。"),
    ),
    "ours": (
        gettext_lazy("没有在办的认领"),
        gettext_lazy("认领以后、办结以前的会列在这里，带着承诺的时间。"),
    ),
}
# what a right to claim is judged by, beside what a row shows
JUDGED = (*(f"{kind}_id" for kind in ANCESTORS), "offered_at", "claimed_until", "unit_ids", "about_organisation_id",
          "about_account_id", "disputed_at")  # fmt: skip


def may_look(actor: Actor) -> bool:
    """Who may claim, and the desks that open cases to claims."""
    return actor.may("claim") or actor.may("dispatch")


def in_tab(actor: Actor, tab: str) -> QuerySet[Case]:
    if tab == "open":
        return disputes.claimable(actor)
    ours = lists.held(actor, lists.units_of(actor))
    return ours.filter(claimed_until__isnull=False, status__in=OPEN)


def with_names(rows: QuerySet[Case]) -> QuerySet[Case]:
    """As `lists.with_names`, with what the right to claim is judged by."""
    return lists.with_names(rows).only(*lists.FIELDS, *JUDGED)


def rows_of(actor: Actor, found: list[Case], at: dt.datetime) -> list[dict[str, Any]]:
    """The rows, each with the form of who may claim it or close it to claims."""
    clocks = clocks_of(found)
    shown = lists.rows_of_clocks(actor, found, clocks, at)
    return [
        {
            **row,
            "version": case.version,
            "by_desk": case.offered_at is not None,
            "offered_at": case.offered_at,
            "claimed_until": case.claimed_until,
            "due_at": case.next_due_at,
            "claim": _claim(actor, case, at),
            "close_url": address("fact", case.number, "close_claims") if _may_close(actor, case) else "",
        }
        for case, row in zip(found, shown, strict=True)
    ]


def _claim(actor: Actor, case: Case, at: dt.datetime) -> dict[str, Any] | None:
    row = MOVES["claim"]
    if not claims.waits(case) or not isinstance(authority.acting(row, case, actor), Grant):
        return None
    fields = [need_field(need, row, case, actor, at) for need in row.needs]
    return {"url": address("move", case.number, "claim"), "fields": fields}


def _may_close(actor: Actor, case: Case) -> bool:
    return case.offered_at is not None and isinstance(
        authority.acting(FACTS["close_claims"], case, actor), Grant
    )
