"""Standard texts: read, write, take out of use; filled in for a case where one is named."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import standard_texts
from cases.api import text_shapes as shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body, query
from cases.api.requests import actor, key_of
from cases.api.views import find
from cases.queries import standard_texts as queries
from cases.sla.board import ClockBoard
from ledger import clock

FIELDS = ("organisation", "item", "move", "title", "text")


class TextsView(APIView):
    """The texts one may use; with `case` those that fit it and `move`, filled in."""

    @extend_schema(
        operation_id="texts",
        parameters=[
            OpenApiParameter("case", OpenApiTypes.STR, description="工单编号：只要合用的，空格已填好"),
            OpenApiParameter("move", OpenApiTypes.STR, enum=list(standard_texts.moves_with_words())),
        ],
        responses={200: shapes.StandardText(many=True), **refusals(404)},
    )
    def get(self, request: Request) -> Response:
        by, asked = actor(request), query(request)
        if number := asked.get("case", ""):
            case = find(request, number)
            fits = queries.offered(by, case, ClockBoard.load(case), asked.get("move", ""), clock.now())
            return Response([{"id": one["id"], "title": one["title"], "text": one["words"]} for one in fits])
        return Response([queries.as_json(row) for row in queries.seen(by).order_by("pk")[:1000]])

    @extend_schema(
        operation_id="write_text",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.NewText,
        responses={201: shapes.StandardText, **refusals(403, 422)},
    )
    def post(self, request: Request) -> Response:
        return Response(_written(request, None), status=201)


class TextView(APIView):
    @extend_schema(
        operation_id="rewrite_text",
        request=shapes.ChangedText,
        responses={200: shapes.StandardText, **refusals(400, 403, 404, 409, 422)},
    )
    def put(self, request: Request, pk: int) -> Response:
        return Response(_written(request, pk))

    @extend_schema(
        operation_id="retire_text",
        parameters=[OpenApiParameter("version", OpenApiTypes.INT, required=True)],
        responses={204: None, **refusals(400, 403, 404, 409)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        version = query(request).get("version")
        standard_texts.retire(pk=pk, version=version, by=actor(request), at=clock.now())
        return Response(status=204)


def _written(request: Request, pk: int | None) -> dict[str, Any]:
    sent = body(request)
    key = key_of(request, sent)
    said = {name: sent.get(name) or "" for name in FIELDS}
    said = {name: value if isinstance(value, str) else "" for name, value in said.items()}
    row = standard_texts.write(
        pk=pk, version=sent.get("version"), by=actor(request), at=clock.now(),
        request_key=key.key, body_hash=key.body_hash, **said,
    )  # fmt: skip
    return queries.as_json(row)
