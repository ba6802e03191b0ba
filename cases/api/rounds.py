"""巡查走访: made, due, covered; and how often they are asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import round_rules, rounds
from cases.api import round_shapes as shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body, query
from cases.api.requests import actor, key_of
from cases.kinds import ROUNDS
from cases.queries import my_grid, round_sql
from cases.queries import rounds as queries
from cases.refusals import not_ready
from grid import paging
from grid import queries as grid
from ledger import clock, days
from parties import gate

PLACE = OpenApiParameter("place", OpenApiTypes.STR, description="地点编码，含其下；不写是自己的地点")
KIND = OpenApiParameter("kind", OpenApiTypes.STR, enum=list(ROUNDS))
MOST = 500


class RoundsView(APIView):
    """The rounds made in one's scope, the newest first; a new one."""

    throttle_scope = "calls"

    @extend_schema(
        operation_id="rounds",
        parameters=[
            PLACE,
            KIND,
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: shapes.RoundPage, **refusals(400, 404)},
    )
    def get(self, request: Request) -> Response:
        by, asked = actor(request), query(request)
        rows = queries.seen_by(by)
        if code := asked.get("place"):
            rows = rows.filter(place__path__startswith=my_grid.in_scope(by, code).path)
        if asked.get("kind") in ROUNDS:
            rows = rows.filter(kind=asked["kind"])
        page = paging.page(rows, queries.NEWEST, asked)
        files = queries.files_of(page.rows)
        raised = queries.raised_on(by, page.rows)
        results = [queries.as_json(row, files.get(row.pk, []), raised.get(row.pk, [])) for row in page.rows]
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))

    @extend_schema(
        operation_id="log_round",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.NewRound,
        responses={201: shapes.Round, **refusals(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        key = key_of(request, sent)
        told = {need.field: sent[need.field] for need in rounds.NEEDS if sent.get(need.field) is not None}
        row = rounds.log(
            by=by, at=at, place=sent.get("place", ""), request_key=key.key, body_hash=key.body_hash, **told
        ).round
        return Response(queries.as_json(row, queries.files_of([row]).get(row.pk, [])), status=201)


class DueRoundsView(APIView):
    """What is to be walked or visited by today, what waited longest first."""

    @extend_schema(
        operation_id="due_rounds",
        parameters=[PLACE, KIND],
        responses={200: shapes.AskedRound(many=True), **refusals(404)},
    )
    def get(self, request: Request) -> Response:
        asked = query(request)
        place = my_grid.in_scope(actor(request), asked.get("place", ""))
        kind = asked["kind"] if asked.get("kind") in ROUNDS else ""
        found = round_sql.rows(
            place.path, clock.now(), show="due", kind=kind, order=round_sql.URGENT, limit=MOST
        )
        return Response(_asked_json(found))


class RoundCoverView(APIView):
    """How much is covered: the place in all, and by what lies directly below; with `show` the places that a number counts."""

    @extend_schema(
        operation_id="round_cover",
        parameters=[
            PLACE,
            OpenApiParameter("from", OpenApiTypes.DATE, description="从这天起；不写是近 7 天"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="到这天止"),
        ],
        responses={200: shapes.RoundCover, **refusals(404, 422)},
    )
    def get(self, request: Request) -> Response:
        asked, at = query(request), clock.now()
        place = my_grid.in_scope(actor(request), asked.get("place", ""))
        return Response(queries.cover_json(place, at, _period(asked, at)))


class CoveredPlacesView(APIView):
    """The places behind a number of the cover."""

    @extend_schema(
        operation_id="round_cover_places",
        parameters=[
            PLACE,
            KIND,
            OpenApiParameter("show", OpenApiTypes.STR, enum=list(round_sql.SHOWN)),
            OpenApiParameter("from", OpenApiTypes.DATE),
            OpenApiParameter("to", OpenApiTypes.DATE),
            OpenApiParameter("after", OpenApiTypes.STR, description="上一页最后的地点编码"),
        ],
        responses={200: shapes.AskedRound(many=True), **refusals(404, 422)},
    )
    def get(self, request: Request) -> Response:
        asked, at = query(request), clock.now()
        place = my_grid.in_scope(actor(request), asked.get("place", ""))
        show = asked["show"] if asked.get("show") in round_sql.SHOWN else "all"
        kind = asked["kind"] if asked.get("kind") in ROUNDS else ""
        found = round_sql.rows(
            place.path,
            at,
            _period(asked, at),
            show=show,
            kind=kind,
            after=asked.get("after", "")[:40],
            limit=MOST,
        )
        return Response(_asked_json(found))


class RoundRulesView(APIView):
    """How often: the rules in force or to come; a new one, by who keeps the rules."""

    @extend_schema(operation_id="round_rules", responses={200: shapes.RoundRule(many=True), **refusals()})
    def get(self, request: Request) -> Response:
        return Response(queries.rules(clock.today()))

    @extend_schema(
        operation_id="set_round_rule",
        request=shapes.NewRoundRule,
        responses={201: shapes.RoundRule, **refusals(403, 422)},
    )
    def post(self, request: Request) -> Response:
        by, at = actor(request), clock.now()
        gate.admit(by, "rules")
        sent = body(request)
        since = _day(sent["since"], "since") if sent.get("since") else None
        told = {name: sent.get(name) for name in ("place_kind", "kind", "every_days", "basis")}
        row = round_rules.set_rule(by=by, at=at, place=sent.get("place", ""), since=since, **told)
        return Response(queries.rule(row, clock.local_date(at)), status=201)


def _asked_json(found: list[round_sql.Asked]) -> list[dict[str, Any]]:
    paths = grid.lineages(one.path for one in found)
    return [
        {
            "place": {"code": one.code, "name": one.name, "kind": one.place_kind},
            "path": [
                {"code": lite.code, "name": lite.name, "kind": lite.kind} for lite in paths[one.path].values()
            ],
            "kind": one.kind,
            "every_days": one.every_days,
            "last_at": one.last_at,
            "due": one.due,
            "late": one.late,
        }
        for one in found
    ]


def _period(asked: dict[str, str], at: dt.datetime) -> round_sql.Period:
    today = clock.local_date(at)
    usual = round_sql.Period.last_days(today, queries.USUAL_DAYS)
    since = _day(asked["from"], "from") if asked.get("from") else usual.since
    until = _day(asked["to"], "to") if asked.get("to") else usual.until
    if until < since:
        raise not_ready(_("起始日要在截止日之前。"), to=_("请改日期。"))
    return round_sql.Period(since, until)


def _day(typed: Any, field: str) -> dt.date:
    try:
        return days.read(typed)
    except days.NoDay as wrong:
        raise not_ready(wrong.sentence, **{field: wrong.sentence}) from None
