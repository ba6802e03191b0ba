"""The dashboard's figures as JSON: {name: {numerator, denominator, rate}} (SPEC §10)."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.tables import RENDERERS
from cases.figures import durations
from cases.figures.catalogue import BY_STAGE, FIGURES, HANDLING, RATES
from cases.figures.kept import moment
from cases.figures.measuring import measure, summary
from cases.figures.ranking import GROUPS, ranking
from cases.figures.splitting import dimensions_of, split
from cases.figures.trend import weekly
from cases.figures.values import Value
from cases.queries import dashboard, holding_times, screen, weekly_report
from cases.queries.figure_pages import names_of
from cases.queries.screen_json import as_json
from cases.unchanged import tagged
from cases.web.asked import asked_week, figures_asked, period_asked, subject_asked

ASKED = [
    OpenApiParameter("place", str, description="地点编码，含其下各级"),
    OpenApiParameter("organisation", str, description="单位编码，含其下各级"),
    OpenApiParameter("from", OpenApiTypes.DATE, description="首日（当地日期，含）；不填为本月"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="末日（含）"),
    OpenApiParameter("as_of", str, description="按这一天结束时（或这一时刻）的样子；不填为现在"),
    OpenApiParameter(
        "tree",
        str,
        enum=["call", "today"],
        description="按当时的区划（call，默认：环节算在停表或到期那时的地方，工单算在登记那时的地方），或按今天的区划（today）",
    ),
]


class Summary(APIView):
    renderer_classes = RENDERERS

    @extend_schema(parameters=ASKED, responses={200: OpenApiTypes.OBJECT}, operation_id="stats_summary")
    def get(self, request: Request) -> Response:
        """Every figure of the period: {name: {numerator, denominator, rate}}; of 办理时长 {n, median_minutes,
        mean_minutes}."""
        at = moment()
        asked = figures_asked(request.actor, request.query_params, at)
        subject, period = asked.subject, asked.period
        (handled,) = durations.times(subject, [period], at)
        return Response({**_json(summary(subject, period, at)), HANDLING.code: handled.json()})


class Trend(APIView):
    renderer_classes = RENDERERS

    @extend_schema(
        parameters=[*ASKED[:2], ASKED[-1]], responses={200: OpenApiTypes.OBJECT}, operation_id="stats_trend"
    )
    def get(self, request: Request) -> Response:
        """The last 12 weeks: {results: [{from, to, figures}]}."""
        at = moment()
        subject = figures_asked(request.actor, request.query_params, at).subject
        codes = [figure.code for figure in BY_STAGE.values()]
        weeks = weekly(subject, dashboard.WEEKS, at, codes)
        return Response(
            {
                "results": [
                    {
                        "from": week["since"].isoformat(),
                        "to": week["until"].isoformat(),
                        "figures": _json(week["figures"]),
                    }
                    for week in weeks
                ]
            }
        )


class Ranking(APIView):
    renderer_classes = RENDERERS

    @extend_schema(
        parameters=[*ASKED, OpenApiParameter("group", str, description="单位类别；不填按下级地点排")],
        responses={200: OpenApiTypes.OBJECT},
        operation_id="stats_ranking",
    )
    def get(self, request: Request) -> Response:
        """Comparable ones beside each other: {results: [{rank, code, name, kind, n, few, figures}]}."""
        at = moment()
        asked = figures_asked(request.actor, request.query_params, at)
        subject, period = asked.subject, asked.period
        group = request.query_params.get("group", "")
        group = group if group in GROUPS else ""
        rows = ranking(subject, measure(subject, period, at, group), group)
        return Response(
            {
                "results": [
                    {
                        "rank": row["rank"],
                        "code": row["code"],
                        "name": row["name"],
                        "kind": row["kind"],
                        "n": row["n"],
                        "few": row["few"],
                        "figures": _json(row["figures"]),
                    }
                    for row in rows
                ]
            }
        )


class Board(APIView):
    @extend_schema(
        parameters=ASKED[:2], responses={200: OpenApiTypes.OBJECT, 304: None}, operation_id="stats_board"
    )
    def get(self, request: Request) -> HttpResponse:
        """What the command screen shows now: {today, rates, ranking, newest, hours, places}. Sent again with
        `If-None-Match` it costs nothing to read where nothing has changed."""
        subject, link = subject_asked(request.actor, request.query_params)
        found = as_json(screen.board(subject, moment(), request.actor, link))
        return tagged(request.headers, json.dumps(found, sort_keys=True).encode(), Response(found))


class Weekly(APIView):
    @extend_schema(
        parameters=[
            *ASKED[:2],
            OpenApiParameter("week", str, description="2026-W47、last（上周，默认）或 this（本周）"),
            ASKED[-1],
        ],
        responses={200: OpenApiTypes.OBJECT},
        operation_id="stats_weekly",
    )
    def get(self, request: Request) -> Response:
        """The weekly report: {week, from, to, at, registered, patrol, resolved, open, late, near, figures, ranking,
        late_cases, changed_later}."""
        at = moment()
        asked = asked_week(request.actor, request.query_params, at)
        page = weekly_report.page(asked.subject, asked.period, at, request.actor, link=asked.link)
        return Response(weekly_report.as_json(page))


class Figures(APIView):
    @extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="stats_figures")
    def get(self, request: Request) -> Response:
        """The catalogue: {results: [{code, name, numerator, denominator, target, more_is_better, dimensions, unit}]}."""
        return Response(
            {
                "results": [
                    {
                        "code": figure.code,
                        "name": str(figure.name),
                        "numerator": str(figure.num_words),
                        "denominator": str(figure.den_words),
                        "target": figure.target,
                        "more_is_better": figure.up,
                        "dimensions": dimensions_of(figure.code),
                        "unit": figure.unit,
                    }
                    for figure in FIGURES.values()
                ]
            }
        )


class Split(APIView):
    renderer_classes = RENDERERS

    @extend_schema(
        parameters=[
            *ASKED,
            OpenApiParameter("figure", str, required=True, description="指标代号，见 stats/figures/"),
            OpenApiParameter(
                "by",
                str,
                description="按什么拆：place、organisation、origin、channel、level、kind、urgency、item",
            ),
        ],
        responses={200: OpenApiTypes.OBJECT},
        operation_id="stats_split",
    )
    def get(self, request: Request) -> Response:
        """One figure taken apart: {figure, by, results: [{code, name, numerator, denominator, rate}]}."""
        at = moment()
        asked = figures_asked(request.actor, request.query_params, at)
        subject, period = asked.subject, asked.period
        code, by = request.query_params.get("figure", ""), request.query_params.get("by", "origin")
        if code not in RATES:
            raise ValidationError({"figure": _("没有这个指标。")})
        if by not in dimensions_of(code):
            raise ValidationError({"by": _("这个指标不能这样拆。")})
        found = split(code, by, subject, period, at)
        names = names_of(by, found)
        rows = sorted(found.items(), key=lambda part: (-part[1].denominator, str(part[0])))
        results = [
            {"code": names.get(key, ("", ""))[1], "name": names.get(key, ("", ""))[0], **value.json()}
            for key, value in rows
        ]
        return Response({"figure": code, "by": by, "results": results})


class Holders(APIView):
    renderer_classes = RENDERERS

    @extend_schema(parameters=ASKED[:4], responses={200: OpenApiTypes.OBJECT}, operation_id="stats_holders")
    def get(self, request: Request) -> Response:
        """How long each unit had what it handed on or resolved in the period, in opening minutes without hold and
        question: {results: [{code, name, stays, median_minutes, mean_minutes, few}]}."""
        subject, _link = subject_asked(request.actor, request.query_params)
        period, _name = period_asked(request.query_params, moment())
        return Response({"results": holding_times.as_json(holding_times.of(subject, period))})


def _json(values: dict[str, Value]) -> dict[str, Any]:
    return {code: value.json() for code, value in values.items()}
