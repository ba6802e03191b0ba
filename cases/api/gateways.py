"""Gateways of texts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import receipts
from cases.api.answers import refusals
from cases.api.parsers import body
from cases.api.requests import actor
from cases.models.deliveries import Endpoint
from cases.notices import endpoints, gateway_edits
from ledger import clock
from parties.gate import NotYours

PK = OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH)


class GatewayBody(s.Serializer):
    """给出哪项改哪项；网址和密钥存下后不再给出，留空不改。"""

    name = s.CharField(required=False, max_length=60)
    address = s.CharField(required=False, allow_blank=True, help_text="问号后面可写空位，如 {phone}")
    secret = s.CharField(required=False, allow_blank=True, help_text="用 {secret} 引用")
    method = s.ChoiceField(choices=list(gateway_edits.CHOICES["method"]), required=False)
    form = s.CharField(required=False, help_text="json、form 或 query")
    headers = s.CharField(required=False, allow_blank=True, help_text="每行一个，名称: 值")
    body = s.CharField(required=False, allow_blank=True)
    signature = s.CharField(required=False, allow_blank=True)
    templates = s.CharField(required=False, allow_blank=True, help_text="每行一个，种类=模板编号")
    ok_at = s.CharField(required=False, allow_blank=True)
    ok = s.CharField(required=False, allow_blank=True, help_text="逗号分开")
    id_at = s.CharField(required=False, allow_blank=True)
    per_minute = s.IntegerField(required=False, min_value=0, max_value=6000)
    quiet_from = s.CharField(required=False, help_text="HH:MM")
    quiet_until = s.CharField(required=False, help_text="HH:MM")
    receipts = s.BooleanField(required=False)
    receipt_hours = s.IntegerField(required=False, min_value=1, max_value=72)
    receipt_list_at = s.CharField(required=False, allow_blank=True)
    receipt_id_at = s.CharField(required=False, allow_blank=True)
    receipt_state_at = s.CharField(required=False, allow_blank=True)
    receipt_good = s.CharField(required=False, allow_blank=True, help_text="逗号分开")
    receipt_bad = s.CharField(required=False, allow_blank=True, help_text="逗号分开")
    receipt_signed = s.BooleanField(required=False)
    reply_phone_at = s.CharField(required=False, allow_blank=True)
    reply_words_at = s.CharField(required=False, allow_blank=True)
    is_on = s.BooleanField(required=False)


class GatewayChange(GatewayBody):
    fresh = s.BooleanField(required=False, help_text="换一个回执网址，旧的作废")


class NewGateway(GatewayBody):
    organisation = s.CharField(help_text="编码或名称；它下面各单位的短信也从这里发")


class Gateway(GatewayBody):
    id = s.IntegerField()
    organisation = s.CharField()
    shown = s.CharField()
    signed = s.BooleanField(help_text="有密钥")
    failures = s.IntegerField()
    paused_until = s.DateTimeField(allow_null=True)
    sent_at = s.DateTimeField(allow_null=True)
    receipts_url = s.CharField(allow_blank=True, help_text="只给能改它的人")


class TryBody(s.Serializer):
    phone = s.CharField()


class Tried(s.Serializer):
    taken = s.BooleanField()
    why = s.CharField(allow_blank=True)
    words = s.CharField(help_text="网关怎么答的")


def _looking(request: Request) -> None:
    if not endpoints.may_look(actor(request)):
        raise NotYours(_("短信网关由系统管理员设置。"))


class GatewaysView(APIView):
    """The gateways of the units one keeps."""

    @extend_schema(operation_id="gateways", responses={200: Gateway(many=True), **refusals(403)})
    def get(self, request: Request) -> Response:
        _looking(request)
        rows = gateway_edits.visible(actor(request)).order_by("organisation__code", "id")
        return Response([gateway_json(one, request) for one in rows])

    @extend_schema(
        operation_id="open_gateway", request=NewGateway, responses={201: Gateway, **refusals(400, 403, 422)}
    )
    def post(self, request: Request) -> Response:
        _looking(request)
        sent = body(request)
        wanted = {name: sent[name] for name in gateway_edits.FIELDS if name in sent}
        made = gateway_edits.open_gateway(
            by=actor(request), at=clock.now(), organisation=sent.get("organisation", ""), **wanted
        )
        return Response(gateway_json(made, request), status=201)


class GatewayView(APIView):
    """One gateway."""

    @extend_schema(operation_id="gateway", parameters=[PK], responses={200: Gateway, **refusals(403, 404)})
    def get(self, request: Request, pk: int) -> Response:
        _looking(request)
        return Response(gateway_json(gateway_edits.find(actor(request), pk), request))

    @extend_schema(
        operation_id="change_gateway",
        parameters=[PK],
        request=GatewayChange,
        responses={200: Gateway, **refusals(400, 403, 404, 422)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        _looking(request)
        sent = body(request)
        wanted = {name: sent[name] for name in (*gateway_edits.FIELDS, "fresh") if name in sent}
        changed = gateway_edits.change_gateway(by=actor(request), at=clock.now(), pk=pk, **wanted)
        return Response(gateway_json(changed, request))


class TryView(APIView):
    """One harmless text to a number of one's own choice."""

    @extend_schema(
        operation_id="try_gateway",
        parameters=[PK],
        request=TryBody,
        responses={200: Tried, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        _looking(request)
        phone = body(request).get("phone", "")
        tried = gateway_edits.try_gateway(by=actor(request), at=clock.now(), pk=pk, phone=phone)
        return Response({"taken": not tried.why, "why": tried.why, "words": tried.words})


def gateway_json(one: Endpoint, request: Request) -> dict[str, Any]:
    values = gateway_edits.values_of(one)
    del values["address"], values["secret"]
    may = actor(request).may(endpoints.KEEPS)
    return {
        **values,
        "id": one.pk,
        "organisation": one.organisation.code,
        "shown": one.shown,
        "signed": bool(one.secret),
        "failures": one.failures,
        "paused_until": one.paused_until,
        "sent_at": one.sent_at,
        "receipts_url": receipts.address(one) if may and one.gateway.get("receipts") else "",
    }
