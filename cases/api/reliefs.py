"""Reliefs: the list of a case, filing one, answering one."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import relief_shapes as shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body
from cases.api.requests import actor, key_of
from cases.api.views import find
from cases.models import Case, Relief
from cases.queries import reliefs as queries
from cases.queries.masking import names_of
from cases.reliefs import answering, asking, reviewing
from cases.sla.board import ClockBoard
from ledger import clock
from parties import gate

ANSWERS: dict[str, Callable[..., Relief]] = {
    "grant": answering.grant,
    "refuse": answering.refuse,
    "withdraw": answering.withdraw,
    "keep": reviewing.keep,
    "end": reviewing.end,
}


class ReliefsView(APIView):
    """The reliefs of a case; asking for one."""

    @extend_schema(operation_id="reliefs", responses={200: shapes.Reliefs, **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        case = find(request, number)
        return Response({"results": shown(case, request)})

    @extend_schema(
        operation_id="ask_for_relief",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.NewRelief,
        responses={201: shapes.Relief, **refusals(400, 403, 404, 409, 422)},
    )
    def post(self, request: Request, number: str) -> Response:
        sent = body(request)
        key = key_of(request, sent)
        relief = asking.ask(
            number=number,
            by=actor(request),
            at=clock.now(),
            request_key=key.key,
            body_hash=key.body_hash,
            kind=sent.get("kind"),
            **{name: sent[name] for name in asking.FIELDS if name in sent},
        )
        return Response(shown(relief.case, request, relief.n)[0], status=status.HTTP_201_CREATED)


class AnswerView(APIView):
    """Grant, refuse or take back one relief; keep or end a hold that was granted."""

    @extend_schema(
        operation_id="answer_relief",
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter("answer", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(ANSWERS)),
        ],
        request=shapes.ReliefAnswer,
        responses={200: shapes.Relief, **refusals(400, 403, 404, 409, 422)},
    )
    def post(self, request: Request, number: str, n: int, answer: str) -> Response:
        if answer not in ANSWERS:
            raise gate.OutOfScope(_("没有“%(answer)s”这种批复。") % {"answer": answer[:40]})
        sent = body(request)
        key = key_of(request, sent)
        relief = ANSWERS[answer](
            number=number,
            n=n,
            by=actor(request),
            at=clock.now(),
            request_key=key.key,
            body_hash=key.body_hash,
            **({"reason": sent["reason"]} if "reason" in sent else {}),
        )
        return Response(shown(relief.case, request, relief.n)[0])


def shown(case: Case, request: Request, n: int | None = None) -> list[dict[str, object]]:
    """The reliefs of a case as JSON, or one of them; the clocks that the command has in hand are not read again."""
    board = getattr(case, "board", None) or ClockBoard.load(case)
    reliefs = [one for one in queries.of_case(case) if n in (None, one.n)]
    texts, by = queries.words_of(reliefs), actor(request)
    names = names_of([case.pk])[case.pk] if texts else []
    return [
        queries.relief_json(one, by=by, waiting=queries.is_waiting(one, board.rows), texts=texts, names=names)
        for one in reliefs
    ]
