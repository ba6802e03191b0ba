"""What open pages ask for: numbers and arrivals, a ticket to the live process, who is on a case."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import mentions
from cases.api import live_shapes as shapes
from cases.api.answers import refusals
from cases.api.parsers import body, query
from cases.api.requests import actor
from cases.api.views import find
from cases.live import presence, tickets, topics
from cases.queries import counting
from cases.queries import live as queries
from cases.unchanged import tagged
from cases.web import shell
from ledger import clock


class LiveView(APIView):
    """What there is now. Sent again with `If-None-Match` it costs nothing to read where nothing has changed."""

    @extend_schema(
        operation_id="live",
        parameters=[
            OpenApiParameter(
                "page", OpenApiTypes.STR, enum=["queue", "desk", "notices"], description="看着哪张列表"
            ),
            OpenApiParameter("tab", OpenApiTypes.STR, description="列表的哪一栏"),
            OpenApiParameter("since", OpenApiTypes.DATETIME, description="列表是几时的：之后来的算新到"),
            OpenApiParameter("rows", OpenApiTypes.STR, description="工单编号，逗号隔开，最多 100 个：谁在办"),
        ],
        responses={200: shapes.Live, 304: None, **refusals()},
    )
    def get(self, request: Request) -> HttpResponse:
        by, at, asked = actor(request), clock.now(), query(request)
        numbers = shell.frame(by)
        fresh = 0
        if since := _instant(asked.get("since", "")):
            rows = queries.arrived(by, asked.get("page", ""), asked.get("tab", ""), since, at)
            fresh = rows[: counting.MOST].count()
        listed = [one for one in asked.get("rows", "").split(",") if one]
        found: dict[str, Any] = {
            "counts": {
                name.removeprefix("frame:"): counting.shown(n)
                for name, n in numbers.items()
                if not name.endswith("_late")
            },
            "late": [name[6:-5] for name, n in numbers.items() if name.endswith("_late") and n],
            "fresh": fresh,
            "fresh_words": queries.arrived_words(fresh, asked.get("page", "")),
            "here": queries.here_of(by, listed, at),
        }
        return _tagged(request, found)


class TicketView(APIView):
    """Where this session may listen: an address with a ticket that is good for two minutes, "" where no live
    process runs. With `case` one hears of that case, too."""

    @extend_schema(
        operation_id="live_ticket",
        parameters=[OpenApiParameter("case", OpenApiTypes.STR, description="工单编号")],
        responses={200: shapes.LiveTicket, **refusals(404)},
    )
    def get(self, request: Request) -> Response:
        heard = topics.of_actor(actor(request))
        if number := query(request).get("case", ""):
            heard.append(topics.case(find(request, number).pk))
        answer = Response({"url": tickets.address(request, heard), "seconds": tickets.GOOD_FOR})
        answer["Cache-Control"] = "no-store"
        return answer


class PresenceView(APIView):
    """Who is on a case. A lease of 90 seconds: renewed it lasts, given back it ends at once."""

    @extend_schema(operation_id="presence", responses={200: shapes.Presence, **refusals(404)})
    def get(self, request: Request, number: str) -> HttpResponse:
        by, case = actor(request), find(request, number)
        people = presence.here([case.pk], clock.now()).get(case.pk, [])
        return _tagged(request, queries.scene(by, case, people))

    @extend_schema(
        operation_id="be_present",
        request=shapes.Lease,
        responses={200: shapes.Presence, **refusals(400, 404)},
    )
    def post(self, request: Request, number: str) -> Response:
        by, case, sent, at = actor(request), find(request, number), body(request), clock.now()
        if not queries.takes_part(by, case):
            people = presence.here([case.pk], at).get(case.pk, [])
            return Response(queries.scene(by, case, people))
        lease = sent.get("lease")
        lease = lease if isinstance(lease, str) else ""
        found = presence.beat(case, by, at, lease=lease, take=sent.get("take") is True)
        return Response(queries.scene(by, case, found[1], found[0]) if found else queries.scene(by, case, []))

    @extend_schema(operation_id="leave", request=shapes.Lease, responses={204: None, **refusals(404)})
    def delete(self, request: Request, number: str) -> Response:
        lease = body(request).get("lease")
        presence.leave(find(request, number), actor(request), lease if isinstance(lease, str) else "")
        return Response(status=204)


class ColleaguesView(APIView):
    """Whom a note may name by @: who works on the case and may see it."""

    @extend_schema(operation_id="colleagues", responses={200: shapes.Colleague(many=True), **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        by = actor(request)
        found = mentions.colleagues(find(request, number), by, clock.now())
        return Response([{"username": one.username, "name": one.name, "unit": one.unit} for one in found])


def _instant(text: str) -> dt.datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _tagged(request: Request, found: dict[str, Any]) -> HttpResponse:
    spelled = json.dumps(found, sort_keys=True, ensure_ascii=False).encode()
    return tagged(request.headers, spelled, Response(found))
