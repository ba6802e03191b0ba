"""Drafts of duty rows: keep a change, see what it would do, replay it on past cases, publish or drop it. One's own only."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import duty_import, duty_replay
from cases.api import duty_shapes as shapes
from cases.api.answers import refusals
from cases.api.duties import ROWS, code_of, content, day_of, place_of, text_of
from cases.api.parsers import body
from cases.api.requests import actor
from cases.models.duty_draft import DutyDraft
from cases.refusals import not_ready
from cases.web.rules.duty_drafts import work_out
from ledger import clock
from ledger.actor import Actor
from parties import gate


class DutyDraftsView(APIView):
    """My drafts; keeping a change as one."""

    @extend_schema(
        operation_id="duty_drafts", responses={200: shapes.DutyDraftLine(many=True), **refusals(403)}
    )
    def get(self, request: Request) -> Response:
        return Response([_line(one) for one in _mine(actor(request)).defer("lines", "result")])

    @extend_schema(
        operation_id="keep_duty_draft",
        request=shapes.NewDutyDraft,
        responses={201: shapes.DutyDraftShape, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        gate.admit(by, "rules")
        if "row" not in sent:
            return Response(_shown(_new(sent, by), by), status=201)
        if isinstance(sent["row"], bool) or not isinstance(sent["row"], int):
            raise not_ready(_("没有这一行职责。"), row=_("请改。"))
        row = gate.find(ROWS, pk=sent["row"])
        if sent.get("end") is True:
            draft = duty_import.try_end(row=row.pk, by=by, at=at, on=day_of(sent, "on"))
        else:
            draft = duty_import.try_change(row=row.pk, by=by, at=at, **content(sent))
        return Response(_shown(draft, by), status=201)


class DutyDraftView(APIView):
    """One draft: what each line would do, and its replay; dropping it."""

    @extend_schema(operation_id="duty_draft", responses={200: shapes.DutyDraftShape, **refusals(403, 404)})
    def get(self, request: Request, pk: int) -> Response:
        by = actor(request)
        return Response(_shown(gate.find(_mine(by), pk=pk), by))

    @extend_schema(operation_id="drop_duty_draft", responses={204: None, **refusals(403, 404, 422)})
    def delete(self, request: Request, pk: int) -> Response:
        draft = gate.find(_mine(actor(request)), pk=pk)
        if draft.published_at is not None:
            raise not_ready(_("这份草稿已经发布过了。"))
        draft.delete()
        return Response(status=204)


class DutyDraftReplayView(APIView):
    """Route past cases by the rows in force and by the draft; a large one goes on behind, the draft says how far."""

    @extend_schema(
        operation_id="replay_duty_draft",
        request=shapes.DutyReplayAsked,
        responses={200: shapes.DutyDraftShape, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by, sent = actor(request), body(request)
        draft = gate.find(_mine(by), pk=pk)
        since, until = day_of(sent, "since"), day_of(sent, "until")
        if since is None or until is None:
            raise not_ready(_("请填日期，如 2027-01-04。"), since=_("请填日期。"), until=_("请填日期。"))
        place = place_of(sent) if text_of(sent, "place") else None
        duty_replay.ask(draft, by=by, at=clock.now(), since=since, until=until, place=place)
        work_out(draft)
        return Response(_shown(gate.find(_mine(by), pk=pk), by))


class DutyDraftPublishView(APIView):
    """Let everything hold that the draft says, or nothing."""

    @extend_schema(
        operation_id="publish_duty_draft",
        request=None,
        responses={200: shapes.DutyDraftShape, **refusals(403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by = actor(request)
        draft = gate.find(_mine(by), pk=pk)
        duty_import.publish(draft, by=by, at=clock.now())
        return Response(_shown(draft, by))


def _mine(by: Actor) -> Any:
    gate.admit(by, "rules")
    return DutyDraft.objects.filter(author_id=by.id).select_related("place")


def _new(sent: dict[str, Any], by: Actor) -> DutyDraft:
    """A row that is not there yet, by the columns of a sheet."""
    given = content(sent)
    unit = given.pop("organisation", None)
    cells = {name: value for name, value in given.items() if value and name != "direct"}
    cells |= {name: text_of(sent, name) for name in ("item", "category")}
    cells |= {
        "place": place_of(sent).code,
        "organisation": unit.code if unit else "",
        "direct": "1" if given.get("direct") else "",
    }
    return duty_import.keep(content=[duty_import.form_line(cells)], name="", by=by, at=clock.now())


def _line(draft: DutyDraft) -> dict[str, Any]:
    return {
        "id": draft.pk,
        "name": draft.name,
        "created_at": draft.created_at,
        "published_at": draft.published_at,
        "replay": draft.state or "none",
    }


def _shown(draft: DutyDraft, by: Actor) -> dict[str, Any]:
    told = None
    if draft.published_at is None:
        told = duty_import.plan(duty_import.lines_of(draft), by=by, at=clock.now())
    result = draft.result if draft.state == DutyDraft.State.DONE else {}
    return _line(draft) | {
        "effects": [
            {"number": one.line.number, "does": one.does, "problem": one.problem} for one in told.effects
        ]
        if told
        else [],
        "since": draft.since,
        "until": draft.until,
        "place": draft.place.code if draft.place else None,
        "done": draft.done,
        "total": draft.total,
        "day": result.get("day"),
        "cases": result.get("cases"),
        "same": result.get("same"),
        "moved": [
            {"now": code_of(old), "then": code_of(new), "cases": n} for old, new, n in result.get("moved", ())
        ],
        "listed": [
            {"number": number, "now": code_of(old), "then": code_of(new)}
            for number, _place, _item, old, new in result.get("listed", ())
        ],
    }
