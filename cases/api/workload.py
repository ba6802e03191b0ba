"""Who of a unit has what, over the interface."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import bulk
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.desks import BulkReport, Picked, bulk_json, keyed
from cases.api.parsers import body
from cases.api.requests import actor
from cases.queries import handing, workload
from cases.web import bulk as bulk_pages
from ledger import clock


class WorkloadUnit(s.Serializer):
    code = s.CharField()
    name = s.CharField()


class WorkloadRow(s.Serializer):
    username = s.CharField(allow_null=True, help_text="null：没有人领取的")
    name = s.CharField(allow_null=True)
    open = s.IntegerField()
    today = s.IntegerField(help_text="今天到期，还没有超时")
    late = s.IntegerField()
    relief = s.IntegerField(help_text="延期、挂账申请待批")
    paused = s.IntegerField()
    weight = s.IntegerField(help_text="按紧急程度和时限折算")
    minutes_this_week = s.IntegerField(help_text="本周转出或办结的，办公时间")
    due_while_away = s.IntegerField(help_text="本人离岗期间到期")
    away_since = s.DateTimeField(allow_null=True)
    away_until = s.DateTimeField(allow_null=True)
    substitute = s.CharField(allow_null=True)


class HandOverBody(s.Serializer):
    unit = s.CharField(
        required=False, help_text="单位编码：负责人、值班长交接本单位某个人手上的；不写为交出本人手上的"
    )
    person = s.CharField(required=False, help_text="在谁手上；写了单位而不写人：没有人领取的")
    to = s.CharField(required=False, help_text="交给谁；不写时每件给当时手上最轻的人")
    cases = Picked(many=True, required=False, help_text="不写：全部（最多 500 件）")
    reason = s.CharField(required=False, help_text="依据、交接说明")


class WorkloadShape(s.Serializer):
    organisation = WorkloadUnit()
    results = WorkloadRow(many=True)


class WorkloadView(APIView):
    """Who has what, for who hands out the unit's work; what nobody has taken up comes first."""

    @extend_schema(
        operation_id="workload",
        parameters=[OpenApiParameter("unit", str, description="单位编码；不填为自己带的单位")],
        responses={200: WorkloadShape, **refusals(403, 404)},
    )
    def get(self, request: Request) -> Response:
        by = actor(request)
        unit = workload.unit_asked(by, request.query_params.get("unit", ""))
        return Response(workload.as_json(unit, workload.of(by, unit, clock.now())))


class HandOverView(APIView):
    """Cases out of somebody's hands into another's, or shared among those present: one bulk with its report."""

    @extend_schema(
        operation_id="hand_over",
        parameters=[IDEMPOTENCY_KEY],
        request=HandOverBody,
        responses={202: BulkReport, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        pile = handing.pile(by, str(sent.get("unit") or ""), str(sent.get("person") or ""), at)
        cases = sent.get("cases")
        key, digest = keyed(request, sent)
        row = bulk.ask(
            by=by,
            at=at,
            move=pile.way,
            cases=bulk.all_of(handing.cases(by, pile))[: bulk.MOST] if cases is None else cases,
            details={"person": sent.get("to"), "reason": sent.get("reason")},
            request_key=key,
            body_hash=digest,
        )
        bulk_pages.work(row)
        row.refresh_from_db()
        return Response(bulk_json(row), status=202)
