"""People on the ground over HTTP: who looks after a place, and where somebody is missing below it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import paging
from ledger import clock
from parties import ground
from parties.api.shapes import GapPage, GroundPeople
from parties.errors import PartiesRefused

PLACE = OpenApiParameter("place", OpenApiTypes.STR, description="地点编码；不填是自己最上面的一处")


class GroundView(APIView):
    """Who looks after a place in one's scope, the nearest first, and how many gaps lie below it."""

    @extend_schema(operation_id="ground", parameters=[PLACE], responses=GroundPeople)
    def get(self, request: Request) -> Response:
        at = clock.now()
        place = ground.place_for(request.user.actor, request.query_params.get("place", ""))
        people = [
            {
                name: value
                for name, value in row.items()
                if name not in ("id", "place_id", "role_label", "place_name", "post")
            }
            for row in ground.people_at(place, at)
        ]
        return Response({"place": place.code, "people": people, "gaps": ground.gaps(place, at)})


class GapsView(APIView):
    """One sort of gap, page by page."""

    @extend_schema(
        operation_id="gaps",
        parameters=[
            PLACE,
            OpenApiParameter("gap", OpenApiTypes.STR, enum=list(ground.GAPS), required=True),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses=GapPage,
    )
    def get(self, request: Request) -> Response:
        asked = {name: value.replace("\0", "") for name, value in request.query_params.items()}
        place = ground.place_for(request.user.actor, asked.get("place", ""))
        name = asked.get("gap", "no_worker")
        if name not in ground.GAPS:
            raise PartiesRefused(_("没有这个选项。"), status=400, fields={"gap": _("没有这个选项。")})
        rows, found = ground.gap_rows(name, place, clock.now(), asked)
        shown: list[dict[str, Any]] = [{"gap": name, **row} for row in rows]
        return Response(paging.answer(found, shown, lambda text: request.build_absolute_uri(f"?{text}")))
