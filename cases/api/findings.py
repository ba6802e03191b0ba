"""认定: list, read, state the unit's case, confirm, drop."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body, query
from cases.api.requests import actor, key_of
from cases.findings import commands, scope
from cases.models.finding import KINDS, STATES
from cases.queries import findings
from grid import paging
from ledger import clock
from parties import gate

NULL = {"allow_null": True}


class Finding(s.Serializer):
    """`facts`：起草时的事实；`counts`：已认定的才计入通报和考评。"""

    id = s.IntegerField()
    kind = s.ChoiceField(choices=list(KINDS))
    kind_label = s.CharField()
    state = s.ChoiceField(choices=list(STATES))
    state_label = s.CharField()
    number = s.CharField(help_text="所属工单")
    organisation = shapes.UnitName(**NULL)
    facts = s.DictField()
    rule = s.CharField(help_text="起草的规则；人起草的为空", **NULL)
    words = s.CharField(**NULL)
    drafted_at = s.DateTimeField()
    state_by = s.DateTimeField(help_text="单位陈述的期限")
    statement = s.CharField(**NULL)
    stated_at = s.DateTimeField(**NULL)
    reason = s.CharField(**NULL)
    decided_at = s.DateTimeField(**NULL)
    counts = s.BooleanField()


class FindingPage(s.Serializer):
    results = Finding(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class FindingBody(s.Serializer):
    """state 带 `statement`；confirm、drop 带 `reason`。"""

    statement = s.CharField(required=False)
    reason = s.CharField(required=False)


class NewFinding(s.Serializer):
    """督查员起草的一条。"""

    case = s.CharField(help_text="工单编号")
    kind = s.ChoiceField(choices=list(KINDS))
    organisation = s.CharField(help_text="经办过它的单位的编码")
    words = s.CharField(help_text="事实与理由")


class FindingsView(APIView):
    """The findings one may see, the newest first; a supervisor's own draft."""

    @extend_schema(
        operation_id="findings",
        parameters=[
            OpenApiParameter("state", OpenApiTypes.STR, description="waiting 是未认定的，或一种状态"),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=list(KINDS)),
            OpenApiParameter("organisation", OpenApiTypes.STR, description="单位编码或名称，含其下"),
            OpenApiParameter("case", OpenApiTypes.STR, description="工单编号"),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: FindingPage, **refusals(400)},
    )
    def get(self, request: Request) -> Response:
        by, at, asked = actor(request), clock.now(), query(request)
        page = paging.page(findings.asked_for(by, asked), findings.NEWEST, asked)
        results = findings.findings_json(by, page.rows, at)
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))

    @extend_schema(
        operation_id="draft_finding",
        parameters=[IDEMPOTENCY_KEY],
        request=NewFinding,
        responses={201: Finding, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        key, number = key_of(request, sent), sent.get("case")
        finding = commands.propose(
            number=number if isinstance(number, str) else "",
            by=by,
            at=at,
            request_key=key.key,
            body_hash=key.body_hash,
            **{name: sent.get(name) for name in ("kind", "organisation", "words")},
        )
        return Response(findings.finding_json(by, finding, at), status=201)


class FindingView(APIView):
    """One finding."""

    @extend_schema(operation_id="finding", responses={200: Finding, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        by = actor(request)
        return Response(findings.finding_json(by, gate.find(scope.visible(by), pk=pk), clock.now()))


class FindingActView(APIView):
    """State the unit's case, confirm or drop."""

    @extend_schema(
        operation_id="act_on_finding",
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter("act", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(commands.ACTS)),
        ],
        request=FindingBody,
        responses={200: Finding, **refusals(400, 403, 404, 409, 422)},
    )
    def post(self, request: Request, pk: int, act: str) -> Response:
        if act not in commands.ACTS:
            raise gate.OutOfScope(gate.NOT_FOUND)
        sent, by, at = body(request), actor(request), clock.now()
        key, field = key_of(request, sent), commands.SAID[act]
        said: dict[str, Any] = {field: sent.get(field)}
        finding = getattr(commands, act)(
            pk=pk, by=by, at=at, request_key=key.key, body_hash=key.body_hash, **said
        )
        return Response(findings.finding_json(by, finding, at))
