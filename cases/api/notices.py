"""The inbox."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import shapes
from cases.api.answers import refusals
from cases.api.parsers import query
from cases.api.requests import actor
from cases.models.notice import Notice
from cases.notices.messages import sentence
from cases.scope import covers, reads_words
from grid import paging
from ledger.actor import Actor
from parties.privacy import mask_text

ORDER = (paging.Key("id", descending=True),)


class NoticesView(APIView):
    """One's own notices, the newest first."""

    @extend_schema(
        operation_id="notices",
        parameters=[
            OpenApiParameter("unread", OpenApiTypes.BOOL, description="1：只看未读"),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: shapes.NoticePage, **refusals(400)},
    )
    def get(self, request: Request) -> Response:
        by, asked = actor(request), query(request)
        rows = Notice.objects.filter(account_id=by.id).select_related("case")
        if asked.get("unread") in ("1", "true"):
            rows = rows.filter(read_at=None)
        page = paging.page(rows, ORDER, asked)
        results = [notice_json(row, by) for row in page.rows]
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))


def notice_json(row: Notice, by: Actor) -> dict[str, object]:
    """A notice outlives the right to see its case: then neither title nor number shows."""
    case = row.case if row.case is not None and covers(by, row.case) else None
    title = (
        mask_text(case.title) if case is not None and reads_words(by, case) else (case.number if case else "")
    )
    return {
        "id": row.pk,
        "event": row.event,
        "text": sentence(row.event, row.facts, title),
        "number": case.number if case is not None else None,
        "at": row.at.isoformat(),
        "read_at": row.read_at.isoformat() if row.read_at else None,
        "quiet_until": row.quiet_until.isoformat() if row.quiet_until else None,
    }
