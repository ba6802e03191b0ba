"""Photos and recordings, handed out by right and never by address alone."""

from __future__ import annotations

import uuid

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.disputes import closed_to
from cases.evidence import PHOTO_MIME, path_of
from cases.models import Attachment, Case
from cases.queries import rounds
from cases.scope import reads_words, visible_to
from ledger.actor import Actor
from parties.gate import OutOfScope, signed_in


@signed_in
@require_safe
def attachment(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """`?small=1` for the small picture. Whoever may read the case's words sees its files, who sees a round the round's;
    one that belongs to none yet, only who uploaded it."""
    return handed_out(request, readable(request.actor, pk))


def handed_out(request: HttpRequest, file: Attachment) -> HttpResponseBase:
    """The file, for who may have it."""
    small = request.GET.get("small") == "1" and bool(file.thumbnail)
    name = file.thumbnail.name if small else file.file.name
    try:
        opened = path_of(name).open("rb")
    except OSError:
        raise OutOfScope(_("文件不在了，请联系管理员。")) from None
    response = FileResponse(opened, content_type=PHOTO_MIME if small else file.mime)
    response["Content-Disposition"] = f'inline; filename="{file.pk.hex[:8]}.{name.rpartition(".")[2]}"'
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def readable(actor: Actor, pk: uuid.UUID) -> Attachment:
    """The file, if this reader may open it. Raises OutOfScope."""
    file = Attachment.objects.filter(pk=pk).first()
    if file is not None and file.case_id is None and file.uploaded_by_id == actor.id:
        return file
    if (
        file is not None
        and file.round_id is not None
        and rounds.seen_by(actor).filter(pk=file.round_id).exists()
    ):
        return file
    if file is not None and file.case_id is not None:
        case = Case.objects.filter(visible_to(actor), pk=file.case_id).first()
        if case is not None and reads_words(actor, case) and file.seq not in closed_to(actor, case):
            return file
    raise OutOfScope(_("没有找到，或不在您的范围内。"))
