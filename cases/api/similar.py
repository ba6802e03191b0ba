"""Open cases that may be the same matter: of a call before it is taken, and of a case."""

from __future__ import annotations

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import kinds
from cases.api.answers import refusals
from cases.api.parsers import query
from cases.api.requests import actor
from cases.queries import detail, dossier, likely
from cases.queries.case_list import BadFilter
from grid import finding
from ledger import clock
from parties import gate


class SimilarCase(s.Serializer):
    """可能是同一件事的在办工单。"""

    number = s.CharField()
    title = s.CharField()
    status = s.ChoiceField(choices=list(kinds.STATUSES))
    place = s.CharField()
    called_at = s.DateTimeField()
    callers = s.IntegerField()
    score = s.FloatField(help_text="像的程度；达到门槛才列出")
    why = s.CharField(help_text="为什么像，一句话")


class SimilarCases(s.Serializer):
    results = SimilarCase(many=True)


class SimilarToCallView(APIView):
    """Before a call is taken: is it known already?"""

    @extend_schema(
        operation_id="similar_to_call",
        parameters=[
            OpenApiParameter("place", OpenApiTypes.STR, required=True, description="地点编码，街道或以下"),
            OpenApiParameter("item", OpenApiTypes.STR),
            OpenApiParameter("text", OpenApiTypes.STR),
        ],
        responses={200: SimilarCases, **refusals(400, 403)},
    )
    def get(self, request: Request) -> Response:
        by, at, asked = actor(request), clock.now(), query(request)
        gate.admit(by, "take")
        place = finding.by_code(asked.get("place", "").strip())
        if place is None:
            raise BadFilter({"place": _("没有这个地点。")})
        found = likely.for_call(by, place, at, item=asked.get("item", ""), text=asked.get("text", ""))
        return Response({"results": likely.json(by, found)})


class SimilarToCaseView(APIView):
    """Open cases that may be the same matter as this one."""

    @extend_schema(operation_id="similar_to_case", responses={200: SimilarCases, **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        by, at = actor(request), clock.now()
        case = detail.find(by, number)
        found = likely.for_case(by, case, dossier.read(case).calls, at)
        return Response({"results": likely.json(by, found)})
