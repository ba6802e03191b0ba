"""Sheets of places in the browser: hand in, read what each row would do, let it be done; and out again."""

from __future__ import annotations

import io
import logging
import tempfile
import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from grid import (
    command_sheets,
    exporting,
    facts,
    finding,
    sheet_plan,
    sticker_sheets,
    uploads,
    workbooks,
)
from grid import sheets as sheet_files
from grid.commands import CAPABILITY
from grid.errors import TreeRefused
from grid.models import Place, Upload
from ledger import clock
from parties.access import scope_of
from parties.gate import NOT_FOUND, OutOfScope, admit, find, needs
from parties.tasks import work_on_sheet
from parties.web.pages import page, params

logger = logging.getLogger(__name__)

AT_ONCE = 20_000  # bytes: a smaller sheet of plain text is worked on while one waits
DOES = {
    sheet_plan.OPEN: gettext_lazy("新增"),
    sheet_plan.RENAME: gettext_lazy("更名"),
    sheet_plan.MOVE: gettext_lazy("移动"),
    sheet_plan.FACTS: gettext_lazy("改资料"),
    sheet_plan.SAME: gettext_lazy("不变"),
}
STAGES = {
    "check": gettext_lazy("正在核对"),
    "write": gettext_lazy("正在写入"),
    "change": gettext_lazy("正在修改"),
}


@needs(CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def sheets(request: HttpRequest) -> HttpResponse:
    """Hand in a sheet, take one out, what I handed in lately."""
    problems: list[tuple[int, str]] = []
    refusal, status = None, 200
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is not None and (file.size or 0) > uploads.LARGEST:
                raise TreeRefused(_("文件太大：页面上最多 20 MB，更大的请用命令行导入。"))
            content = file.read() if file is not None else b""
            name = (file.name or "") if file is not None else ""
            basis = request.POST.get("basis", "").replace("\x00", "")
            if content and command_sheets.is_one(io.BytesIO(content)):
                command_sheets.to_draft(io.BytesIO(content), by=request.actor, at=clock.now(), basis=basis)
                messages.success(request, _("已加进草稿，请核对后发布。"))
                return redirect("cases:tree_draft")
            upload = uploads.hand_in(
                content, name.replace("\x00", ""), basis, by=request.actor, at=clock.now()
            )
        except TreeRefused as refused:
            refusal, status = refused.sentence, refused.status
            problems = getattr(refused, "problems", [])
        else:
            _work(upload, waiting=_is_small(content))
            return redirect("parties:sheet", pk=upload.pk)
    roots = Place.objects.filter(pk__in=scope_of(request.actor, CAPABILITY).place_ids).order_by("path")
    context = {
        "refusal": refusal,
        "problems": problems,
        "roots": [{"code": place.code, "name": place.name} for place in roots.only("code", "name", "path")],
        "uploads": [
            {
                "url": reverse("parties:sheet", args=[upload.pk]),
                "name": upload.name,
                "state": upload.get_state_display(),
                "at": upload.created_at,
            }
            for upload in uploads.of(request.actor)
        ],
    }
    return page(request, "parties/sheets.html", context, status)


def _is_small(content: bytes) -> bool:
    return len(content) <= AT_ONCE and not sheet_files.is_packed(content)


def _work(upload: Upload, *, waiting: bool) -> None:
    """A small one at once, others by a worker. Without a broker it waits for `parties.finish_sheets`."""
    if waiting:
        work_on_sheet(pk=str(upload.pk))
        return
    try:
        work_on_sheet.delay(pk=str(upload.pk))
    except OperationalError:
        logger.warning("no broker: sheet %s waits", upload.pk)


@needs(CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One sheet: how far it is, what each row does or did, what is wrong. POST: do it."""
    mine = Upload.objects.filter(author_id=request.actor.id).defer("content")
    upload = find(mine, pk=pk)
    if request.method == "POST":
        if uploads.confirm(upload):
            rows = sum(upload.report.get("counts", {}).values())
            _work(upload, waiting=rows <= 50 and _is_small(bytes(upload.content)))
            upload.refresh_from_db()
            if upload.state == Upload.State.CHECKED:  # somebody was there before
                return page(request, "parties/sheet.html", _shown(upload), 409)
        return redirect("parties:sheet", pk=upload.pk)
    return page(request, "parties/sheet.html", _shown(upload))


def _shown(upload: Upload) -> dict[str, Any]:
    report = upload.report
    running = upload.state in (Upload.State.CHECKING, Upload.State.APPLYING)
    progress = uploads.progress_of(upload) if running else {}
    counts = report.get("counts", {})
    return {
        "upload": {
            "url": reverse("parties:sheet", args=[upload.pk]),
            "name": upload.name,
            "basis": upload.basis,
            "state": upload.state,
            "state_label": upload.get_state_display(),
            "at": upload.created_at,
            "problem": upload.problem,
        },
        "running": running,
        "stage": STAGES[progress["stage"]] if running else "",
        "done": progress.get("done", 0),
        "total": progress.get("total", 0),
        "percent": 100 * progress["done"] // progress["total"] if progress.get("total") else 0,
        "counts": [{"label": label, "n": counts.get(does, 0)} for does, label in DOES.items()]
        if counts
        else [],
        "changed": sum(n for does, n in counts.items() if does != sheet_plan.SAME),
        "changes": [
            {
                **one,
                "label": DOES[one["does"]],
                "facts": _("、").join(str(facts.LABELS[name]) for name in one["facts"]),
            }
            for one in report.get("changes", [])
        ],
        "more": report.get("more", 0),
        "consequences": report.get("consequences", []),
        "follows": report.get("follows", 0),
        "unseen": report.get("unseen", 0),
        "problems": report.get("problems", []),
    }


@needs(CAPABILITY)
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """A subtree as a sheet: `?root=CODE&form=csv|xlsx`; `form=pdf` for the stickers of its buildings."""
    asked = params(request)
    root = _mine(request, asked.get("root", ""))
    if asked.get("form") == "pdf":
        return redirect("parties:stickers", code=root.code)
    name = f"places-{root.code}"
    if asked.get("form") == "xlsx":
        file = tempfile.TemporaryFile()  # noqa: SIM115 -- the answer closes it
        exporting.workbook(file, root)
        file.seek(0)
        return FileResponse(
            file, as_attachment=True, filename=f"{name}.xlsx", content_type=workbooks.MEDIA_TYPE
        )
    answer = StreamingHttpResponse(exporting.csv_pieces(root), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


@needs(CAPABILITY)
@require_safe
def stickers(request: HttpRequest, code: str) -> HttpResponse:
    """The QR stickers of a subtree as a PDF."""
    root = _mine(request, code)
    try:
        found = sticker_sheets.stickers(root)
        content = sticker_sheets.pdf(found, request.build_absolute_uri("/").rstrip("/"), root.name)
    except TreeRefused as refused:
        return page(request, "parties/refused.html", {"sentence": refused.sentence}, refused.status)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="stickers-{root.code}.pdf"'
    return answer


def _mine(request: HttpRequest, code: str) -> Place:
    """A place one may change. Places are open to every account: an unknown one is 404, another's 403."""
    place = finding.by_code(code.replace("\x00", "")[:40])
    if place is None:
        raise OutOfScope(NOT_FOUND)
    admit(request.actor, CAPABILITY, path=place.path)
    return place
