"""What the lower parts of the dashboard count, as JSON: what rises, how a period's registrations lie, who settles them."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.stats import ASKED
from cases.figures import later, rising, spread
from cases.figures.kept import moment
from cases.queries import counting, dashboard_parts, figure_pages, instructions
from cases.queries.figure_pages import names_of
from cases.queries.screen import fine_kind
from cases.web.asked import figures_asked


class Rising(APIView):
    @extend_schema(parameters=ASKED, responses={200: OpenApiTypes.OBJECT}, operation_id="stats_rising")
    def get(self, request: Request) -> Response:
        """Items and places above their own past, the fastest first, small samples behind: {from, to, items: [{code, name,
        now, before, expected, signal, few}], places}; `from` and `to` are the days they are compared with."""
        at = moment()
        asked = figures_asked(request.actor, request.query_params, at)
        subject, period = asked.subject, asked.period
        found = rising.rising(subject, period, at)
        return Response(
            {
                "from": found.base.first.isoformat(),
                "to": found.base.last.isoformat(),
                "items": _rises(found.items, "item"),
                "places": _rises(found.places, "place"),
            }
        )


def _rises(rows: list[rising.Rise], by: str) -> list[dict[str, Any]]:
    names = names_of(by, {row.pk: row for row in rows})
    return [
        {
            "code": names[row.pk][1],
            "name": names[row.pk][0],
            "now": row.now,
            "before": row.before,
            "expected": round(row.expected, 2),
            "signal": round(row.signal, 2),
            "few": row.few,
        }
        for row in rows
        if row.pk in names
    ]


class Spread(APIView):
    @extend_schema(parameters=ASKED, responses={200: OpenApiTypes.OBJECT}, operation_id="stats_spread")
    def get(self, request: Request) -> Response:
        """Where and when the period's registrations came, how, and at which level they were resolved: {places: [{code,
        name, n}], hours: [{weekday, hour, n}], origins: {…}, channels: {…}, levels: [{raised, resolved, n,
        self_settled}]}. What is sensitive is in neither places nor hours."""
        at = moment()
        asked = figures_asked(request.actor, request.query_params, at)
        subject, period = asked.subject, asked.period
        heat = spread.heat(subject, period, at, fine_kind(subject))
        shares = spread.shares(subject, period, at)
        names = names_of("place", heat.spots)
        return Response(
            {
                "places": [
                    {"code": names[pk][1], "name": names[pk][0], "n": n}
                    for pk, n in sorted(heat.spots.items(), key=lambda spot: (-spot[1], spot[0]))
                    if pk in names
                ],
                "hours": [
                    {"weekday": day, "hour": hour, "n": n} for (day, hour), n in sorted(heat.hours.items())
                ],
                "origins": shares.origins,
                "channels": shares.channels,
                "levels": [
                    {"raised": raised, "resolved": resolved, "n": n, "self_settled": own}
                    for (raised, resolved), (n, own) in sorted(shares.levels.items())
                ],
            }
        )


class Voices(APIView):
    @extend_schema(parameters=ASKED, responses={200: OpenApiTypes.OBJECT}, operation_id="stats_voices")
    def get(self, request: Request) -> Response:
        """Who says it again: {crowded_total, crowded: [{title, number, place, holder, callers, late}], again: [{phone, n,
        last_at}]}. Numbers are masked; what the reader may not list has no `number`; nothing that is guarded."""
        asked = figures_asked(request.actor, request.query_params, moment())
        found = dashboard_parts.hear(asked.subject, asked.period, moment(), request.actor, asked.link)
        return Response(
            {
                "crowded_total": found["crowded_total"],
                "crowded": [_without_links(row) for row in found["crowded"]],
                "again": [_without_links(row) for row in found["again"]],
            }
        )


class Instructions(APIView):
    @extend_schema(parameters=ASKED, responses={200: OpenApiTypes.OBJECT}, operation_id="stats_instructions")
    def get(self, request: Request) -> Response:
        """批示 of the period and what came of them: {counts: {instructed, instructed_answered, instructed_waiting,
        instructed_late}, results: [{number, title, who, at, answer_by, words, answered_at, answer, unit, state,
        status}]}, those that wait first, on cases that the reader may list, with words he may read."""
        at = moment()
        asked = figures_asked(request.actor, request.query_params, at)
        rows = instructions.lines(asked.subject, asked.period, at, request.actor)
        return Response(
            {
                "counts": instructions.counts(asked.subject, asked.period, at),
                "results": [_without_links(row) for row in rows],
            }
        )


class Later(APIView):
    @extend_schema(
        parameters=[
            *ASKED[:4],
            ASKED[-1],
            OpenApiParameter("cursor", str, description="上一页答复里的 next"),
        ],
        responses={200: OpenApiTypes.OBJECT},
        operation_id="stats_later",
    )
    def get(self, request: Request) -> Response:
        """What changed the figures of a period after it was over, the newest first: {total, next, results: [{number, title,
        at, what, figures}]}; a total beyond 1,000 is told as 1,001. Cases that the reader may not list have no number."""
        asked = figures_asked(request.actor, request.query_params, moment())
        found = later.entries(asked.subject, asked.period)
        total = counting.counts({"later": found})["later"]
        paging = {"cursor": request.query_params.get("cursor", "")}
        page = figure_pages.later_page(request.actor, asked.subject, asked.period, found, total, paging)
        following = QueryDict(page["page"]["next"].removeprefix("?")) if page["page"] else QueryDict()
        return Response(
            {
                "total": total,
                "next": following.get("cursor"),
                "results": [_without_links(row) for row in page["rows"]],
            }
        )


def _without_links(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("url", "chip")}
