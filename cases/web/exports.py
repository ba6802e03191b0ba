"""A list taken out: asked for, watched, fetched; by who made it only, and for a day."""

from __future__ import annotations

import logging

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError

from cases import exporting, tasks
from cases.models import Export
from cases.web import errors, forms
from cases.web.answers import go, page, plain, private
from cases.web.listing import PAGES
from ledger import clock
from parties.gate import signed_in

logger = logging.getLogger(__name__)


@signed_in
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """`where`, `query`, `form`: the view as its address says it."""
    row = exporting.ask(
        by=request.actor,
        at=clock.now(),
        form=request.POST.get("form", ""),
        where=request.POST.get("where", ""),
        query=plain(request.POST.get("query", ""), 2000),
        request_key=forms.key_of(request.POST),
        body_hash=forms.hash_of(request),
    )
    work(row)
    return go(request, reverse("cases:export", args=[row.pk]))


def work(row: Export) -> None:
    """A short list at once, a long one by a worker. Without a broker it waits for `cases.finish_errands`."""
    if row.is_over:
        return
    if row.total <= exporting.AT_ONCE:
        exporting.run(pk=row.pk)
        return
    try:
        tasks.run_export.delay(pk=row.pk)
    except OperationalError:
        logger.warning("no broker: export %s waits", row.pk)


@signed_in
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and where the file is to be had."""
    row = exporting.mine(request.actor, pk)
    context = {
        "row": row,
        "url": reverse("cases:export", args=[row.pk]),
        "file_url": reverse("cases:export_file", args=[row.pk])
        if exporting.file_of(row, clock.now())
        else "",
        "back": f"{reverse(PAGES[row.where])}?{row.query}",
    }
    return page(request, "cases/desk/export.html", context)


@signed_in
@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    return answer(request, exporting.mine(request.actor, pk))


def answer(request: HttpRequest, row: Export) -> HttpResponseBase:
    """The file itself, or that its time is over."""
    path = exporting.file_of(row, clock.now())
    if path is None:
        return errors.answer(request, 404, _("文件还没有做好，或已过期；请重新导出。"))
    name = f"cases-{row.asked_at.astimezone(clock.LOCAL):%Y%m%d-%H%M}.{row.form}"
    sent = FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type=exporting.FORMS[row.form]
    )
    return private(sent)
