"""The public board: what stands on a community's, written and taken off; a case released to it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import board, board_places
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body, query
from cases.api.requests import actor, key_of
from cases.api.views import find
from cases.models import BoardCard
from cases.queries import board as queries
from ledger import clock

VERSION = OpenApiParameter("version", OpenApiTypes.INT, required=True)


class Step(s.Serializer):
    on = s.CharField(required=False, allow_blank=True, help_text="日期，可不填")
    words = s.CharField()
    done = s.BooleanField(required=False)


class Card(s.Serializer):
    id = s.IntegerField()
    version = s.IntegerField()
    kind = s.CharField(help_text="wish、project、done")
    title = s.CharField()
    steps = Step(many=True)
    photos = s.ListField(child=s.CharField(), help_text="照片的地址，办前在先")
    shown_at = s.DateTimeField()


class NewCard(s.Serializer):
    kind = s.CharField(help_text="wish 或 project")
    title = s.CharField()
    steps = Step(many=True)


class ChangedCard(NewCard):
    version = s.IntegerField()


class Release(s.Serializer):
    title = s.CharField(help_text="用自己的话写一句")
    after = s.UUIDField(help_text="工单照片的编号")
    before = s.UUIDField(required=False)
    looked = s.BooleanField(help_text="看清了照片上认不出人、门牌和车牌")


class CardsView(APIView):
    """What stands on a community's board; its own page shows the same without an account."""

    @extend_schema(operation_id="board", responses={200: Card(many=True), **refusals(404)})
    def get(self, request: Request, code: str) -> Response:
        return Response([_json(row) for row in queries.cards(board_places.community(code))])

    @extend_schema(
        operation_id="write_card",
        parameters=[IDEMPOTENCY_KEY],
        request=NewCard,
        responses={201: Card, **refusals(403, 404, 422)},
    )
    def post(self, request: Request, code: str) -> Response:
        return Response(_written(request, code, None), status=201)


class CardView(APIView):
    @extend_schema(
        operation_id="rewrite_card",
        request=ChangedCard,
        responses={200: Card, **refusals(400, 403, 404, 409, 422)},
    )
    def put(self, request: Request, code: str, pk: int) -> Response:
        return Response(_written(request, code, pk))

    @extend_schema(
        operation_id="retire_card",
        parameters=[VERSION],
        responses={204: None, **refusals(400, 403, 404, 409)},
    )
    def delete(self, request: Request, code: str, pk: int) -> Response:
        place, version = board_places.community(code), query(request).get("version")
        board.retire(by=actor(request), at=clock.now(), pk=pk, place=place, version=version)
        return Response(status=204)


class CaseCardView(APIView):
    @extend_schema(
        operation_id="release_to_board",
        parameters=[IDEMPOTENCY_KEY],
        request=Release,
        responses={201: Card, **refusals(403, 404, 409, 422)},
    )
    def post(self, request: Request, number: str) -> Response:
        """Pictures of what was done, chosen by the desk, on the board of its community."""
        sent, by = body(request), actor(request)
        key = key_of(request, sent)
        said = {name: str(sent.get(name) or "") for name in ("title", "after", "before")}
        row = board.release(
            by=by, at=clock.now(), case=find(request, number), looked=sent.get("looked") is True,
            request_key=key.key, body_hash=key.body_hash, **said,
        )  # fmt: skip
        return Response(_json(row), status=201)


def _written(request: Request, code: str, pk: int | None) -> dict[str, Any]:
    sent, place = body(request), board_places.community(code)
    key = key_of(request, sent)
    said = {name: sent[name] if isinstance(sent.get(name), str) else "" for name in ("kind", "title")}
    row = board.write(
        by=actor(request), at=clock.now(), place=place, pk=pk, version=sent.get("version"), steps=sent.get("steps") or [],
        request_key=key.key, body_hash=key.body_hash, **said,
    )  # fmt: skip
    return _json(row)


def _json(row: BoardCard) -> dict[str, Any]:
    photos = [photo["url"] for photo in queries.card(row)["photos"]]
    known = {name: getattr(row, name) for name in ("version", "kind", "title", "steps", "shown_at")}
    return {"id": row.pk, "photos": photos, **known}
