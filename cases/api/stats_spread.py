"""What the lower parts of the dashboard count, as JSON: what rises, how a period's registrations lie, who settles them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.stats import ASKED
from cases.figures import rising, spread
from cases.figures.kept import moment
from cases.queries.figure_pages import names_of
from cases.queries.screen import fine_kind
from cases.web.asked import period_asked, subject_asked


class Rising(APIView):
    @extend_schema(parameters=ASKED, responses={200: OpenApiTypes.OBJECT}, operation_id="stats_rising")
    def get(self, request: Request) -> Response:
        """Items and places above their own past, the fastest first, small samples behind: {from, to, items: [{code, name,
        now, before, expected, signal, few}], places}; `from` and `to` are the days they are compared with."""
        at = moment()
        subject, _link = subject_asked(request.actor, request.query_params)
        period, _name = period_asked(request.query_params, at)
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
        subject, _link = subject_asked(request.actor, request.query_params)
        period, _name = period_asked(request.query_params, at)
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
