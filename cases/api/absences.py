"""Being away and standing in, over the interface."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.answers import refusals
from cases.api.parsers import body
from cases.api.requests import actor
from cases.queries import absences
from ledger import clock
from ledger.actor import Actor
from parties import commands
from parties.errors import PartiesRefused
from parties.models import Absence
from parties.models.absences import REASONS


class AbsencePerson(s.Serializer):
    username = s.CharField()
    name = s.CharField()


class AbsenceBody(s.Serializer):
    person = s.CharField(required=False, help_text="用户名；不写为本人")
    since = s.DateTimeField()
    until = s.DateTimeField()
    reason = s.ChoiceField(choices=list(REASONS), required=False, help_text="不写为 leave")
    substitute = s.CharField(required=False, allow_null=True, help_text="用户名；本单位职责相同、在岗的人")


class AbsenceShape(s.Serializer):
    id = s.IntegerField()
    person = AbsencePerson()
    since = s.DateTimeField()
    until = s.DateTimeField()
    ended_at = s.DateTimeField(allow_null=True)
    reason = s.ChoiceField(choices=list(REASONS), allow_null=True, help_text="代办人看不到")
    substitute = AbsencePerson(allow_null=True)
    due = s.IntegerField(help_text="本人手上、不在时到期的")


class AbsenceList(s.Serializer):
    results = AbsenceShape(many=True)


class Candidates(s.Serializer):
    candidates = AbsencePerson(many=True)
    due = s.IntegerField()


PERIOD = [
    OpenApiParameter("person", str, description="用户名；不写为本人"),
    OpenApiParameter("since", dt.datetime, required=True),
    OpenApiParameter("until", dt.datetime, required=True),
]


class AbsencesView(APIView):
    """Absences that are or are to come: one's own, those one stands in for, those of one's people."""

    @extend_schema(operation_id="absences", responses={200: AbsenceList, **refusals()})
    def get(self, request: Request) -> Response:
        by, at = actor(request), clock.now()
        rows = list(absences.seen(by, at))
        due = absences.due_while_away(by, {row.account_id for row in rows}, at) if rows else {}
        return Response(
            {"results": [absences.as_json(by, row, at, due.get(row.account_id, 0)) for row in rows]}
        )

    @extend_schema(
        operation_id="set_absence",
        request=AbsenceBody,
        responses={201: AbsenceShape, **refusals(400, 403, 404, 409, 422)},
    )
    def post(self, request: Request) -> Response:
        by, at, sent = actor(request), clock.now(), body(request)
        account = absences.account_asked(by, str(sent.get("person") or ""), at)
        row = commands.set_absence(by=by, at=at, account=account, **_sent(sent))
        return Response(_json(by, row, at), status=201)


class CandidatesView(APIView):
    """Before it is entered: who may stand in, and how much falls due meanwhile."""

    @extend_schema(
        operation_id="absence_candidates",
        parameters=PERIOD,
        responses={200: Candidates, **refusals(404, 422)},
    )
    def get(self, request: Request) -> Response:
        by, at, asked = actor(request), clock.now(), request.query_params
        account = absences.account_asked(by, asked.get("person", ""), at)
        since, until = _time(asked, "since"), _time(asked, "until")
        return Response(absences.candidates_json(by, account, since, until, at))


class AbsenceView(APIView):
    """One of them; PUT gives it other days or another substitute."""

    @extend_schema(operation_id="absence", responses={200: AbsenceShape, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        by, at = actor(request), clock.now()
        return Response(_json(by, absences.find(by, pk, at), at))

    @extend_schema(
        operation_id="change_absence",
        request=AbsenceBody,
        responses={200: AbsenceShape, **refusals(400, 403, 404, 409, 422)},
    )
    def put(self, request: Request, pk: int) -> Response:
        by, at, sent = actor(request), clock.now(), body(request)
        row = absences.find(by, pk, at)
        return Response(_json(by, commands.change_absence(by=by, at=at, absence=row, **_sent(sent)), at))


class AbsenceEndView(APIView):
    """Back earlier, or not away after all."""

    @extend_schema(
        operation_id="end_absence",
        request=None,
        responses={200: AbsenceShape, **refusals(403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by, at = actor(request), clock.now()
        row = absences.find(by, pk, at)
        return Response(_json(by, commands.end_absence(by=by, at=at, absence=row), at))


def _json(by: Actor, row: Absence, at: dt.datetime) -> dict[str, Any]:
    due = absences.due_while_away(by, [row.account_id], at)
    return absences.as_json(by, row, at, due.get(row.account_id, 0))


def _sent(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "since": _time(sent, "since"),
        "until": _time(sent, "until"),
        "reason": str(sent.get("reason") or "leave"),
        "substitute": absences.substitute_named(sent.get("substitute")),
    }


def _time(sent: Mapping[str, Any], name: str) -> dt.datetime:
    raw, fields = sent.get(name), {name: _("请写成带时区的时间。")}
    try:
        found = parse_datetime(raw) if isinstance(raw, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 2000 < found.year < 9000:
        raise PartiesRefused(_("请填离岗的起止时间。"), fields=fields)
    return found
