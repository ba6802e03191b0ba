"""What all of a draft's doings share: whose it is, how it stands, what is written down of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.commands.base import CAPABILITY, NO_REQUEST, Request
from grid.errors import TreeRefused
from grid.models import Draft
from grid.tree import within
from ledger import book, clock
from ledger.actor import Actor

Status = Draft.Status
NO_RIGHT = gettext_lazy("您没有修改网格树的权限。")


def of(by: Actor) -> QuerySet[Draft]:
    """The drafts one may see, newest first: one's own, and what was published where one may change the tree."""
    rows = Draft.objects.order_by("-pk")
    if by.system:
        return rows
    seen = Q(author_id=by.id)
    for grant in by.grants_for(CAPABILITY):
        if grant.place_path:
            seen |= Q(status=Status.PUBLISHED) & within(grant.place_path)
    return rows.filter(seen)


def due(at: dt.datetime) -> list[Draft]:
    """Scheduled drafts whose midnight has come, the earliest first."""
    rows = Draft.objects.filter(status=Status.SCHEDULED, effective_on__lte=clock.local_date(at))
    return list(rows.order_by("effective_on", "pk"))


def mine(draft: Draft, by: Actor, *statuses: str) -> Draft:
    if not by.system and draft.author_id != by.id:
        raise TreeRefused(_("这是别人的草稿。"), status=403)
    require_somewhere(by)
    return locked(draft, *(statuses or (Status.OPEN,)))


def locked(draft: Draft, *statuses: str) -> Draft:
    draft = Draft.objects.select_for_update(no_key=True, of=("self",)).get(pk=draft.pk)
    if draft.status not in statuses:
        raise TreeRefused(
            _("这份草稿现在是“{status}”，不能这样改。").format(status=draft.get_status_display()), status=409
        )
    return draft


def require_somewhere(by: Actor) -> None:
    if not by.may(CAPABILITY):
        raise TreeRefused(NO_RIGHT, status=403)


def check_day(day: dt.date | None, at: dt.datetime) -> None:
    if day is not None and clock.local_midnight(day) <= at:
        raise TreeRefused(_("生效日要在今天之后。"), fields={"effective_on": _("已过")})


def tidy_basis(basis: str) -> str:
    return basis.strip()[:200]


def write(
    draft: Draft,
    event: str,
    by: Actor,
    at: dt.datetime,
    payload: dict[str, Any] | None = None,
    *fields: str,
    request: Request = NO_REQUEST,
) -> Draft:
    draft.version += 1
    draft.changed_at = at
    book.record(
        subject=draft,
        event=event,
        by=by,
        at=at,
        path=draft.path,
        payload=payload or {},
        request_key=request.key,
        body_hash=request.body_hash,
    )
    draft.save(update_fields=[*fields, "version", "changed_at", *book.CHAIN])
    return draft
