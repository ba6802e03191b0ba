"""Where gateways tell what became of texts, and the demo's tray."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import Throttled
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import receipts
from cases.api.answers import refusals
from cases.api.parsers import JSONParser, query
from cases.api.requests import actor
from cases.api.throttles import count, count_anonymous
from cases.queries import tray
from grid import paging
from ledger import clock
from parties.gate import NOT_FOUND, NotYours, OutOfScope


class Heard(s.Serializer):
    heard = s.IntegerField(help_text="有几条回执是新的")
    opted_out = s.IntegerField(help_text="有几个号码退订")


class ReceiptsView(APIView):
    """A gateway tells what became of texts: an address that only it knows, in the gateway's own words."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (JSONParser, FormParser)

    @extend_schema(
        operation_id="text_receipts",
        auth=[],
        parameters=[
            OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH),
            OpenApiParameter("token", OpenApiTypes.STR, OpenApiParameter.PATH),
        ],
        request=OpenApiTypes.OBJECT,
        responses={200: Heard, **refusals(400, 403, 404, 429)},
    )
    def post(self, request: Request, pk: int, token: str) -> Response:
        try:
            one = receipts.find(pk, token)
        except OutOfScope:
            count_anonymous(request)  # who guesses addresses is slowed
            raise
        if (wait := count("receipts", str(one.pk))) is not None:
            raise Throttled(wait=wait)
        body, stamp = request.body, request.headers.get("X-Huying-Timestamp", "")
        given = request.headers.get("X-Huying-Signature", "")
        at = clock.now()
        if not receipts.is_genuine(one, body, stamp, given, at):
            raise NotYours(_("签名不对、太旧或用过了。"))
        data = request.data
        return Response(receipts.take(one, data.dict() if hasattr(data, "dict") else data, at))


class Text(s.Serializer):
    id = s.IntegerField()
    kind = s.CharField()
    phone = s.CharField(help_text="打码")
    text = s.CharField(help_text="评价码打码")
    segments = s.IntegerField(help_text="网络拆成几条")
    language = s.CharField()
    at = s.DateTimeField()


class TextPage(s.Serializer):
    results = Text(many=True)
    next = s.URLField(allow_null=True)
    previous = s.URLField(allow_null=True)


class TrayView(APIView):
    """演示：本该发给反映人的短信，新的在前。正式使用时没有这个地址。"""

    @extend_schema(
        operation_id="tray",
        parameters=[
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: TextPage, **refusals(400, 404)},
    )
    def get(self, request: Request) -> Response:
        if not settings.DEMO:
            raise OutOfScope(NOT_FOUND)
        by = actor(request)
        page = paging.page(tray.rows(by), tray.NEWEST, query(request))
        results: list[dict[str, Any]] = tray.shown(page.rows, by)
        for row in results:
            del row["kind_label"]
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))
