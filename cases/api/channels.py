"""Where a unit's messages go, and what could not be sent."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import notice_shapes as shapes
from cases.api.answers import refusals
from cases.api.notices import ids_of
from cases.api.parsers import body, query
from cases.api.requests import actor
from cases.models.deliveries import Endpoint, NoticeDelivery
from cases.notices import endpoints, failures
from cases.queries import deliveries
from cases.queries.case_list import BadFilter
from cases.refusals import malformed
from grid import paging
from ledger import clock
from parties.gate import NotYours

PK = OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH)


def _looking(request: Request) -> None:
    if not endpoints.may_look(actor(request)):
        raise NotYours(_("消息通道由系统管理员设置。"))


class ChannelsView(APIView):
    """The channels of the units one keeps."""

    @extend_schema(operation_id="channels", responses={200: shapes.Channel(many=True), **refusals(403)})
    def get(self, request: Request) -> Response:
        _looking(request)
        rows = endpoints.visible(actor(request)).order_by("organisation__code", "id")
        return Response([channel_json(one, request) for one in rows])

    @extend_schema(
        operation_id="open_channel",
        request=shapes.NewChannel,
        responses={201: shapes.Channel, **refusals(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        _looking(request)
        sent = body(request)
        wanted = {
            name: sent.get(name) for name in ("organisation", "channel", *endpoints.FIELDS) if name in sent
        }
        for name in ("organisation", "channel"):
            wanted.setdefault(name, "")
        made = endpoints.open_endpoint(by=actor(request), at=clock.now(), **wanted)
        return Response(channel_json(made, request), status=201)


class ChannelView(APIView):
    """One channel."""

    @extend_schema(
        operation_id="channel", parameters=[PK], responses={200: shapes.Channel, **refusals(403, 404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        _looking(request)
        return Response(channel_json(endpoints.find(actor(request), pk), request))

    @extend_schema(
        operation_id="change_channel",
        parameters=[PK],
        request=shapes.ChannelChange,
        responses={200: shapes.Channel, **refusals(400, 403, 404, 422)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        _looking(request)
        sent = body(request)
        wanted = {name: sent[name] for name in endpoints.FIELDS if name in sent}
        if not wanted:
            endpoints.find(actor(request), pk)
            raise malformed(_("没有要改的内容。"))
        changed = endpoints.change_endpoint(by=actor(request), at=clock.now(), pk=pk, **wanted)
        return Response(channel_json(changed, request))


class TestView(APIView):
    """Send one harmless message and say what became of it."""

    @extend_schema(
        operation_id="test_channel",
        parameters=[PK],
        request=None,
        responses={200: shapes.Delivery, **refusals(403, 404)},
    )
    def post(self, request: Request, pk: int) -> Response:
        _looking(request)
        return Response(delivery_json(endpoints.test_endpoint(by=actor(request), at=clock.now(), pk=pk)))


class FailuresView(APIView):
    """What could not be sent, the newest first."""

    @extend_schema(
        operation_id="failures",
        parameters=[
            OpenApiParameter(
                "state", OpenApiTypes.STR, enum=list(deliveries.STATES), description="默认 given_up"
            ),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: shapes.DeliveryPage, **refusals(400, 403)},
    )
    def get(self, request: Request) -> Response:
        by, asked = actor(request), query(request)
        if not failures.may_look(by):
            raise NotYours(_("消息投递由管理员和单位负责人查看。"))
        state = asked.get("state") or "given_up"
        if state not in deliveries.STATES:
            raise BadFilter({"state": _("没有“%(word)s”这个选项。") % {"word": state[:40]}})
        rows = deliveries.rows_in(failures.visible(by, clock.now()), state)
        page = paging.page(rows, deliveries.NEWEST, asked)
        results = [delivery_json(row) for row in page.rows]
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))


class FailureActView(APIView):
    """Send them again, or let them go."""

    @extend_schema(
        operation_id="failure_act",
        parameters=[
            OpenApiParameter("act", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(failures.ACTS))
        ],
        request=shapes.FailureIds,
        responses={200: shapes.Done, **refusals(400, 403, 404)},
    )
    def post(self, request: Request, act: str) -> Response:
        by, sent = actor(request), body(request)
        failures.must_mend(by)
        return Response({"done": failures.act(by=by, at=clock.now(), name=act, ids=ids_of(sent))})


def channel_json(one: Endpoint, request: Request) -> dict[str, Any]:
    row = deliveries.endpoint_row(one, actor(request), clock.now())
    return {name: value for name, value in row.items() if name not in ("channel_label", "unit", "kind_words")}


def delivery_json(row: NoticeDelivery) -> dict[str, Any]:
    shown = deliveries.row_of(row)
    for name in ("number", "error", "why", "left_as"):
        shown[name] = shown[name] or None
    return {name: value for name, value in shown.items() if name not in ("unit", "channel_label")}
