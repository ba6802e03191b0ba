"""The parties' share of the interface: who one is, and the organisations."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parties import queries
from parties.api.shapes import Me, OrganisationShape


class MeView(APIView):
    """Who one is."""

    @extend_schema(operation_id="me", responses=Me)
    def get(self, request: Request) -> Response:
        return Response(queries.me_json(request.actor))


class OrganisationsView(APIView):
    """The organisations, open to every account."""

    @extend_schema(
        operation_id="organisations",
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="名称、简称、别名或编码的一部分"),
            OpenApiParameter("kind", OpenApiTypes.STR, description="单位类别"),
            OpenApiParameter("serves", OpenApiTypes.STR, description="所服务地点的编码（含上级地点）"),
        ],
        responses=OrganisationShape(many=True),
    )
    def get(self, request: Request) -> Response:
        ask = request.query_params
        return Response(
            queries.organisations_json(
                q=ask.get("q", ""), kind=ask.get("kind", ""), serves=ask.get("serves", "")
            )
        )
