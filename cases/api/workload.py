"""Who of a unit has what, over the interface."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.answers import refusals
from cases.api.requests import actor
from cases.queries import workload
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
    paused = s.IntegerField()
    weight = s.IntegerField(help_text="按紧急程度和时限折算")
    minutes_this_week = s.IntegerField(help_text="本周转出或办结的，办公时间")
    away_until = s.DateTimeField(allow_null=True)
    substitute = s.CharField(allow_null=True)


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
