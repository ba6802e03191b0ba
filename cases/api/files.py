"""Evidence in and out: uploads are verified before they are kept; files are handed out by right only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import evidence
from cases.api import shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import FORM_AT_MOST, TooLarge
from cases.api.requests import actor, key_of
from cases.disputes import closed_to
from cases.models.evidence import Attachment
from cases.queries import rounds
from cases.scope import covers, reads_words
from ledger import clock
from ledger.actor import Actor
from parties import gate
from parties.access import NotYours

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
CHUNK = 256 * 1024


class UploadView(APIView):
    """Hand in a photo or a recording; its id then goes into `attachments` of a call, move or fact."""

    parser_classes = [MultiPartParser]
    throttle_scope = "attachments"

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Too large a body is refused before anything of it is read."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > FORM_AT_MOST:
            raise TooLarge(_("文件太大：照片最大 20 MB，录音最大 5 MB。"))
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="upload",
        parameters=[IDEMPOTENCY_KEY],
        request={"multipart/form-data": shapes.Upload},
        responses={201: shapes.Uploaded, **refusals(400, 413, 415, 422, 507)},
    )
    def post(self, request: Request) -> Response:
        key = key_of(request, None)
        files = request.FILES.getlist("file")
        if len(files) != 1:
            raise evidence.EvidenceRefused(_("请用 file 字段上传一个文件。"))
        kept = evidence.store(by=actor(request), at=clock.now(), file=files[0], key=key.key)
        return Response(attachment_json(kept), status=201)


class FileView(APIView):
    """One file, for those who may read the words of its case; a free one for who handed it in."""

    @extend_schema(
        operation_id="attachment",
        parameters=[OpenApiParameter("size", OpenApiTypes.STR, enum=["thumb"], description="缩略图")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, **refusals(403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return handed_out(request, pk)


def handed_out(request: Request, pk: UUID) -> HttpResponseBase:
    """The file as an answer; OutOfScope or NotYours for whom it is not."""
    row = permitted(actor(request), pk)
    small = request.GET.get("size") == "thumb" and bool(row.thumbnail)
    name, mime = (row.thumbnail.name, evidence.PHOTO_MIME) if small else (row.file.name, row.mime)
    etag = f'"{row.sha256}{"-small" if small else ""}"'
    if request.headers.get("If-None-Match") == etag:
        answer: HttpResponseBase = HttpResponse(status=304)
    else:
        answer = _file(evidence.path_of(name), mime, request.headers.get("Range", ""))
    answer["ETag"] = etag
    answer["Cache-Control"] = "private, max-age=600"
    # whatever a browser thinks of it: nothing in it runs, and a recording is never a page
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    how = "attachment" if row.kind == "voice" else "inline"
    answer["Content-Disposition"] = f'{how}; filename="{row.pk.hex}{Path(name).suffix}"'
    return answer


def permitted(by: Actor, pk: UUID) -> Attachment:
    """The attachment if this reader may have it."""
    row = gate.find(Attachment.objects.select_related("case"), pk=pk)
    if row.case is None:
        if row.uploaded_by_id != by.id and not rounds.seen_by(by).filter(pk=row.round_id).exists():
            raise _not_there()
        return row
    if not covers(by, row.case) or row.seq in closed_to(by, row.case):
        raise _not_there()
    if not reads_words(by, row.case):
        raise NotYours(_("这件工单的内容只给受理台和承办单位看。"))
    return row


def _not_there() -> gate.OutOfScope:
    return gate.OutOfScope(_("没有找到，或不在您的范围内。"))


def _file(path: Path, mime: str, wanted: str) -> HttpResponseBase:
    """The whole file, or the one stretch that a player asks for."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise gate.OutOfScope(_("材料的文件不在了，请告诉管理员。")) from None
    size = path.stat().st_size
    stretch = _stretch(wanted, size)
    if stretch is None:
        answer: HttpResponseBase = FileResponse(file, content_type=mime)
    elif stretch[0] > stretch[1]:
        file.close()
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
        return answer
    else:
        first, last = stretch
        answer = StreamingHttpResponse(_read(file, first, last), status=206, content_type=mime)
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
        answer["Content-Length"] = str(last - first + 1)
    answer["Accept-Ranges"] = "bytes"
    return answer


def _stretch(wanted: str, size: int) -> tuple[int, int] | None:
    """(first, last) of a single range; None for the whole; first > last where it cannot be had."""
    found = RANGE.fullmatch(wanted.strip())
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


def _read(file, first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (data := file.read(min(CHUNK, left))):
            left -= len(data)
            yield data


def attachment_json(row: Attachment) -> dict[str, object]:
    """What was kept."""
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "mime": row.mime,
        "size": row.size,
        "width": row.width,
        "height": row.height,
        "sha256": row.sha256,
        "uploaded_at": row.uploaded_at.isoformat(),
    }
