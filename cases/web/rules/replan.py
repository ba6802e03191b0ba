"""Planning open clocks again on purpose, after a policy or a calendar changed: first shown, then done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from cases import calendar_edits, replanning
from cases.notice_import import SECONDS
from cases.queries import moved_rows, policy_rows
from cases.refusals import MoveRefused
from cases.sla.policy import STAGES
from cases.web.answers import go, page, params, plain
from cases.web.rules import reading
from ledger import clock

MOST = 5_000  # deadlines planned again in one go
CHUNK = 2_000  # open clocks read at a time
LOOKED_AT = tuple(stage for stage in STAGES if stage not in ("reaccept", "decline", "hold", "ask", "grace"))


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """GET stage=: what planning the open clocks of a stage again would do. POST: do it."""
    actor = request.actor
    asked = request.POST if request.method == "POST" else params(request)
    stage = plain(asked.get("stage", ""), 20)
    stage = stage if stage in LOOKED_AT else ""
    refusal, status = None, 200
    if request.method == "POST":
        try:
            done = _apply(request, stage)
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "replan"), refused.status
        else:
            messages.success(request, done)
            return go(request, f"{reverse('cases:replan')}?stage={stage}")
    context: dict[str, Any] = {
        "stages": [
            {
                "label": policy_rows.STAGES[name],
                "url": f"?stage={name}",
                "count": None,
                "current": name == stage,
            }
            for name in LOOKED_AT
        ],
        "stage": stage,
        "stage_label": policy_rows.STAGES.get(stage, ""),
        "may": actor.may("rules") and calendar_edits.keeps_all(actor),
        "moved": None,
        "most": MOST,
        "more": False,
        "refusal": refusal,
    }
    if stage:
        found = _changing(request, stage, MOST + 1)
        moved = found[:MOST]
        here = f"{reverse('cases:replan')}?stage={stage}"
        number = reading.whole(params(request).get("page", ""), 1, least=1, most=9999)
        context |= {"moved": moved_rows.page(moved, number, here), "more": len(found) > MOST}
    return page(request, "cases/rules/replan.html", context, status)


def _changing(request: HttpRequest, stage: str, most: int) -> list[replanning.Moved]:
    """The first to fall due of the open clocks that would change, however many that would not stand before them."""
    rows = replanning.chosen(request.actor, stage).order_by("due_at", "pk").iterator(chunk_size=CHUNK)
    return replanning.preview(rows, replanning.as_of_now(clock.now()), most)


def _apply(request: HttpRequest, stage: str) -> str:
    actor, at = request.actor, clock.now()
    calendar_edits.require_all(actor)
    cases = [one.clock.case_id for one in _changing(request, stage, MOST)] if stage else []
    only = replanning.of_stage(stage, replanning.as_of_now(at))
    done = replanning.apply(cases, only, by=actor, at=at, seconds=SECONDS)
    said = ngettext("重新推算了 %(n)s 个时限。", "重新推算了 %(n)s 个时限。", done.clocks) % {
        "n": done.clocks
    }
    return said + (_("还有 %(n)s 件工单没有算完，请再按一次。") % {"n": done.left} if done.left else "")
