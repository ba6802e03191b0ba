"""A year's notice: what was understood, which deadlines would move; then the import."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from kombu.exceptions import OperationalError

from cases import calendar_edits, notice_import, tasks
from cases.models.calendars import CalendarNotice
from cases.queries import moved_rows
from cases.refusals import MoveRefused
from cases.web.answers import go, page, params, plain
from cases.web.rules import reading
from ledger import clock
from parties import gate


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """GET: the preview, its deadlines by the page. POST: import (or finish what was left)."""
    rows = CalendarNotice.objects.select_related("calendar__place", "calendar__organisation")
    notice = gate.find(rows, calendar__code=plain(code, 24), pk=pk)
    refusal, status = None, 200
    if request.method == "POST":
        try:
            done = notice_import.apply(
                by=request.actor,
                at=clock.now(),
                notice=notice,
                sure=bool(request.POST.get("sure")),
                seconds=notice_import.SECONDS,
            )
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "import"), refused.status
        else:
            if done.left:
                with contextlib.suppress(OperationalError):  # without the broker the button does it
                    tasks.finish_notice.delay(pk=notice.pk)
            messages.success(request, _told(done))
            return go(request, request.path)
    return page(request, "cases/rules/notice.html", _context(request, notice, refusal), status)


def _told(done: notice_import.Imported) -> str:
    said = ngettext(
        "日历改了 %(days)s 天，重新推算了 %(n)s 个时限。",
        "日历改了 %(days)s 天，重新推算了 %(n)s 个时限。",
        done.clocks,
    ) % {"days": done.days, "n": done.clocks}
    if done.left:
        said += _("还有 %(n)s 件工单没有算完，后台在接着算，也可以再按一次。") % {"n": done.left}
    return said


def _context(request: HttpRequest, notice: CalendarNotice, refusal: dict[str, Any] | None) -> dict[str, Any]:
    plan = notice_import.plan(notice)
    moved = plan.moved()
    here = reverse("cases:calendar_notice", args=[notice.calendar.code, notice.pk])
    number = reading.whole(params(request).get("page", ""), 1, least=1, most=9999)
    return {
        "calendar": {
            "name": notice.calendar.name or notice.calendar.code,
            "url": reverse("cases:calendar", args=[notice.calendar.code]),
        },
        "notice": {
            "year": notice.year,
            "basis": notice.basis,
            "text": notice.text,
            "applied_at": notice.applied_at,
            "url": here,
        },
        "days": moved_rows.days(plan),
        "changed": len(plan.changes),
        "kept": moved_rows.kept(plan),
        "faults": list(plan.faults)[:20],
        "doubts": list(plan.doubts)[:20],
        "idle": plan.reading.idle[:40],
        "published_until": plan.published_until,
        "may": calendar_edits.may_change(request.actor, notice.calendar),
        "open": plan.changes_calendar or bool(moved),
        "moved": moved_rows.page(moved, number, here),
        "refusal": refusal,
    }
