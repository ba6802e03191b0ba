"""The parties' share of the interface: who one is, and the organisations."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from parties import queries
from parties.api.shapes import Me, NewOrganisation, OrganisationChanged, OrganisationShape
from parties.api.units import DRY_RUN, body_of, carried_out
from parties.models import Organisation
from parties.reading import Field, read


class MeView(APIView):
    """Who one is."""

    @extend_schema(operation_id="me", responses=Me)
    def get(self, request: Request) -> Response:
        return Response(queries.me_json(request.actor))


class OrganisationsView(APIView):
    """The organisations, open to every account; opening one asks for the right to look after the unit above."""

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

    @extend_schema(
        operation_id="open_organisation",
        parameters=[DRY_RUN],
        request=NewOrganisation,
        responses={201: OrganisationChanged},
    )
    def post(self, request: Request) -> Response:
        parent: Organisation | None = read([Field("parent", "parent", "unit")], body_of(request)).get(
            "parent"
        )
        told = carried_out(request, "open", parent)
        return Response(told, status=200 if told["dry_run"] else 201)
