"""The boundary of a place over HTTP, as a GeoJSON feature."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import commands
from grid import datum as datums
from grid.api import bodies, shapes
from grid.api.keys import asks_dry_run, key_of
from grid.api.views import IDEMPOTENCY_KEY, body_of, place_at
from grid.errors import TreeRefused
from grid.models import Place
from ledger import clock


class NewBoundary(s.Serializer):
    version = s.IntegerField()
    boundary = s.DictField(allow_null=True, help_text="GeoJSON Polygon 或 MultiPolygon；null 为去掉")
    datum = s.ChoiceField(choices=list(datums.KNOWN), required=False, help_text="不写为 CGCS2000")
    basis = s.CharField(required=False)


class BoundaryProperties(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    kind = s.CharField()
    version = s.IntegerField()
    datum = s.CharField()


class Boundary(s.Serializer):
    type = s.CharField()
    properties = BoundaryProperties()
    geometry = s.DictField(allow_null=True)


class BoundarySet(Boundary):
    dry_run = s.BooleanField()
    impacts = shapes.Impact(many=True)


class BoundaryView(APIView):
    """A place's area; `?datum=GCJ-02` for maps of that datum. PUT sets it and says what it overlaps."""

    throttle_scope = "api"

    @extend_schema(
        operation_id="boundary",
        parameters=[OpenApiParameter("datum", OpenApiTypes.STR, enum=list(datums.KNOWN))],
        responses={200: Boundary},
    )
    def get(self, request: Request, code: str) -> Response:
        return Response(_feature(place_at(code), _wanted(request)))

    @extend_schema(
        operation_id="set_boundary",
        parameters=[OpenApiParameter("dry_run", OpenApiTypes.BOOL), IDEMPOTENCY_KEY],
        request=NewBoundary,
        responses={200: BoundarySet},
    )
    def put(self, request: Request, code: str) -> Response:
        sent, by = body_of(request), request.user.actor
        key, dry_run = key_of(request, sent), asks_dry_run(request)
        place, impacts = place_at(code), []
        try:
            version = bodies.version(sent)
            values = bodies.read(sent, "datum", "basis")
            if "boundary" not in sent:
                raise bodies.Malformed(_("请带上边界。"), boundary=_("请填写。"))
            outcome = commands.set_boundary(
                place=place,
                boundary=sent["boundary"],
                version=version,
                by=by,
                at=clock.now(),
                dry_run=dry_run,
                request=key,
                **values,
            )
        except (TreeRefused, IntegrityError):
            before = commands.replayed(by, key)
            if before is None:
                raise
            place = before
        else:
            place, impacts = outcome.place, outcome.impacts
        told = [
            {"subject": one.subject, "count": one.count, "sentence": one.sentence, "blocks": one.blocks}
            for one in impacts
        ]
        return Response({**_feature(place, place.datum), "dry_run": dry_run, "impacts": told})


def _wanted(request: Request) -> str:
    raw = request.query_params.get("datum", "")
    found = datums.read(raw) if raw else datums.KEPT
    if found is None:
        raise bodies.Malformed(_("不认识的坐标基准，请用 CGCS2000、WGS-84 或 GCJ-02。"), datum=_("不认识"))
    return found


def _feature(place: Place, wanted: str) -> dict[str, Any]:
    turned = wanted == datums.GCJ
    area = place.boundary
    if area is not None and turned:
        area = datums.converted(area, place.datum, wanted)
    return {
        "type": "Feature",
        "properties": {
            "code": place.code,
            "name": place.name,
            "kind": place.kind,
            "version": place.version,
            "datum": wanted if turned else place.datum,
        },
        "geometry": area,
    }
