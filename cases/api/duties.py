"""Duty rows: list, open, change, end; who would get a call; holes and overlaps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import duty_edits, duty_import, rulebook
from cases.api import duty_shapes as shapes
from cases.api.answers import refusals
from cases.api.parsers import body, query
from cases.api.requests import actor
from cases.models.rules import DutyRow
from cases.queries import duties, duty_suggestions
from cases.refusals import not_ready
from cases.routing import duty_sheets, explain, lint
from cases.routing.decide import decide
from cases.web.shell import reads_rules
from grid import finding, paging
from grid.models import Place
from grid.queries import lineage
from ledger import clock, days
from ledger.actor import Actor
from parties import directory, gate

ROWS = DutyRow.objects.select_related("item", "category", "place", "organisation")


class DutiesView(APIView):
    """The duty rows; writing one down."""

    @extend_schema(
        operation_id="duties",
        parameters=[
            OpenApiParameter("tab", OpenApiTypes.STR, enum=list(duties.TABS), description="不写是全部"),
            OpenApiParameter("item", OpenApiTypes.STR, description="小项或大类的编号"),
            OpenApiParameter("place", OpenApiTypes.STR, description="地点，含以下"),
            OpenApiParameter("organisation", OpenApiTypes.STR),
            OpenApiParameter("part", OpenApiTypes.STR, enum=DutyRow.Part.values),
            OpenApiParameter("q", OpenApiTypes.STR, description="名称或拼音首字母"),
            OpenApiParameter("cursor", OpenApiTypes.STR),
        ],
        responses={200: shapes.DutyPage, **refusals(400, 403)},
    )
    def get(self, request: Request) -> Response:
        admit(actor(request))
        asked, today = query(request), clock.today()
        found = duties.in_tab(asked.get("tab", ""), today).filter(duties.condition(asked))
        rows, page = duties.page(found, asked, today)
        results = [duties.row_json(row) for row in rows]
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))

    @extend_schema(
        operation_id="open_duty",
        request=shapes.NewDuty,
        responses={201: shapes.DutyRowShape, **refusals(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by = body(request), actor(request)
        gate.admit(by, "rules")
        row = duty_edits.open_duty(
            by=by,
            at=clock.now(),
            place=place_of(sent),
            item=text_of(sent, "item"),
            category=text_of(sent, "category"),
            **content(sent),
        )
        return Response(_shown(row), status=201)


class DutyView(APIView):
    """One duty row."""

    @extend_schema(operation_id="duty", responses={200: shapes.DutyRowShape, **refusals(403, 404)})
    def get(self, request: Request, pk: int) -> Response:
        admit(actor(request))
        return Response(_shown(gate.find(ROWS, pk=pk)))


class DutyChangeView(APIView):
    """Close a row and open one in its stead; or end it."""

    @extend_schema(
        operation_id="change_duty",
        request=shapes.DutyChange,
        responses={200: shapes.DutyRowShape, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by, sent = actor(request), body(request)
        gate.admit(by, "rules")
        row = gate.find(ROWS, pk=pk)
        return Response(_shown(duty_edits.change_duty(row=row.pk, by=by, at=clock.now(), **content(sent))))


class DutyEndView(APIView):
    """Let a row hold no longer; 204 where it never held and was taken back."""

    @extend_schema(
        operation_id="end_duty",
        request=shapes.DutyEnd,
        responses={200: shapes.DutyRowShape, 204: None, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by, sent = actor(request), body(request)
        gate.admit(by, "rules")
        row = gate.find(ROWS, pk=pk)
        left = duty_edits.end_duty(row=row.pk, by=by, at=clock.now(), on=day_of(sent, "on"))
        return Response(status=204) if left is None else Response(_shown(gate.find(ROWS, pk=pk)))


class DutyImportView(APIView):
    """Many rows at once, all or nothing; `dry_run=1` only says what each would do."""

    @extend_schema(
        operation_id="import_duties",
        parameters=[OpenApiParameter("dry_run", OpenApiTypes.BOOL)],
        request=shapes.DutySheet,
        responses={200: shapes.DutyImport, **refusals(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        gate.admit(by, "rules")
        rows = sent.get("rows")
        if not isinstance(rows, list) or not rows or len(rows) > duty_sheets.MOST_ROWS:
            raise not_ready(_("rows 要写 1 至 %(n)s 行。") % {"n": duty_sheets.MOST_ROWS}, rows=_("请核对。"))
        if not all(isinstance(row, dict) for row in rows):
            raise not_ready(_("rows 的每一行要是一个对象。"), rows=_("请核对。"))
        lines = [
            duty_sheets.line_of(n, {name: text_of(row, name) for name in duty_sheets.COLUMNS})
            for n, row in enumerate(rows, 1)
        ]
        told = duty_import.plan(lines, by=by, at=at)
        dry = query(request).get("dry_run", "") not in ("", "0", "false")
        if not dry:
            draft = duty_import.keep(content=lines, name="API", by=by, at=at)
            duty_import.publish(draft, by=by, at=at)
        effects = [
            {"number": one.line.number, "does": one.does, "problem": one.problem} for one in told.effects
        ]
        return Response({"published": not dry, "effects": effects})


class DutySuggestionsView(APIView):
    """What the past year's dispatches speak for and the rows do not say; accept one by opening it."""

    @extend_schema(
        operation_id="suggested_duties",
        responses={200: shapes.DutyProposal(many=True), **refusals(403)},
    )
    def get(self, request: Request) -> Response:
        by = actor(request)
        gate.admit(by, "rules")
        return Response(
            [
                {
                    "item": one.item,
                    "place": one.place.code,
                    "organisation": one.unit.code,
                    "support": one.suggestion.support,
                    "total": one.suggestion.total,
                    "confidence": round(one.suggestion.confidence, 3),
                    "alternatives": {code_of(int(pk)): n for pk, n in one.suggestion.alternatives},
                }
                for one in duty_suggestions.proposals(by, clock.now())
            ]
        )


class DutyTestView(APIView):
    """Who would get such a call, and why."""

    @extend_schema(
        operation_id="test_duties",
        parameters=[
            OpenApiParameter("item", OpenApiTypes.STR, required=True),
            OpenApiParameter("place", OpenApiTypes.STR, required=True),
            OpenApiParameter("kind", OpenApiTypes.STR),
            OpenApiParameter("on", OpenApiTypes.DATE, description="不写是今天"),
        ],
        responses={200: shapes.DutyTest, **refusals(400, 403, 422)},
    )
    def get(self, request: Request) -> Response:
        admit(actor(request))
        asked = query(request)
        item = rulebook.item(asked.get("item", ""))
        if item is None:
            raise not_ready(_("请选小项。"), item=_("请选小项。"))
        line = lineage(place_of(asked))
        day = day_of(asked, "on") or clock.today()
        at = clock.local_midnight(day) + dt.timedelta(hours=12)
        found, kind = decide(item, asked.get("kind") or item.kind, line, at), asked.get("kind") or item.kind
        return Response(
            {
                "matched": found.matched,
                "lead": code_of(found.lead),
                "assisting": [code_of(pk) for pk in found.assisting],
                "direct": found.direct,
                "unambiguous": found.unambiguous,
                "reason": found.reason,
                "candidates": [
                    {
                        "row": one.row.id,
                        "why": one.why,
                        "words": one.words,
                        "organisation": code_of(one.unit),
                    }
                    for one in explain.verdicts(item, kind, line, at)
                ],
            }
        )


class DutyLintView(APIView):
    """Holes and overlaps, below the places whose rows one keeps."""

    @extend_schema(
        operation_id="lint_duties",
        parameters=[OpenApiParameter("on", OpenApiTypes.DATE, description="不写是今天")],
        responses={200: shapes.DutyLint, **refusals(403, 422)},
    )
    def get(self, request: Request) -> Response:
        by = actor(request)
        admit(by)
        found = lint.look(day_of(query(request), "on") or clock.today(), duties.roots_of(by))
        words = duties.report(found)["gaps"]
        return Response(
            {
                "gaps": [
                    {
                        "item": gap.item,
                        "why": gap.why,
                        "sentence": told["sentence"],
                        "communities": [spot.code for spot in gap.spots],
                    }
                    for gap, told in zip(found.gaps, words, strict=True)
                ],
                "overlaps": [[row.id for row in one.rows] for one in found.overlaps],
                "ended_units": [row.id for row in found.dead_units],
                "retired_places": [row.id for row in found.dead_places],
                "unfilled": found.unfilled,
            }
        )


def admit(by: Actor) -> None:
    """Who keeps the rules, or reads everything; others 403."""
    if not reads_rules(by):
        gate.admit(by, "rules")


def _shown(row: DutyRow) -> dict[str, Any]:
    return duties.row_json(duties.lines([row], clock.today())[0])


def code_of(pk: int | None) -> str | None:
    unit = directory.by_id(pk)
    return unit.code if unit is not None else None


def text_of(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise not_ready(_("“%(field)s”要写成文字。") % {"field": name}, **{name: _("请改成文字。")})
    return value or ""


def place_of(sent: dict[str, Any]) -> Place:
    found = finding.by_code(text_of(sent, "place"))
    if found is None:
        raise not_ready(_("没有这个地点。"), place=_("请核对地点。"))
    return found


def day_of(sent: dict[str, Any], name: str) -> dt.date | None:
    text = text_of(sent, name)
    if not text:
        return None
    try:
        return days.read(text)
    except days.NoDay as wrong:
        raise not_ready(wrong.sentence, **{name: _("请填日期。")}) from None


def content(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent of who, in which part, when and why."""
    given: dict[str, Any] = {}
    if code := text_of(sent, "organisation"):
        given["organisation"] = directory.by_code(code)
        if given["organisation"] is None:
            raise not_ready(
                _("没有找到单位“%(word)s”。") % {"word": code[:40]}, organisation=_("请核对单位。")
            )
    given |= {name: text_of(sent, name) for name in ("template", "part", "basis") if name in sent}
    if "direct" in sent:
        if not isinstance(sent["direct"], bool):
            raise not_ready(_("“%(field)s”要写是或否。") % {"field": "direct"}, direct=_("请改。"))
        given["direct"] = sent["direct"]
    given |= {name: day_of(sent, name) for name in ("since", "until") if name in sent}
    return given
