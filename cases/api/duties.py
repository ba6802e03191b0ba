"""Duty rows: list, open, change, end; who would get a call; holes and overlaps."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import duty_edits, rulebook
from cases.api.answers import refusals
from cases.api.parsers import body, query
from cases.api.requests import actor
from cases.models.rules import DutyRow
from cases.queries import duties
from cases.refusals import not_ready
from cases.routing import explain, lint
from cases.routing.decide import decide
from cases.web.shell import reads_rules
from grid import finding, paging
from grid.models import Place
from grid.queries import lineage
from ledger import clock
from ledger.actor import Actor
from parties import directory, gate

NULL = {"allow_null": True}
ROWS = DutyRow.objects.select_related("item", "category", "place", "organisation")


class DutyRowShape(s.Serializer):
    id = s.IntegerField()
    item = s.CharField(**NULL)
    category = s.CharField(**NULL)
    name = s.CharField(help_text="小项或大类的名称")
    place = s.CharField()
    place_name = s.CharField()
    organisation = s.CharField(**NULL)
    template = s.CharField(**NULL, help_text="镇街机构：各地用自己的那一个")
    unit_name = s.CharField()
    part = s.ChoiceField(choices=DutyRow.Part.values)
    direct = s.BooleanField(help_text="街道可直派")
    since = s.DateField()
    until = s.DateField(**NULL, help_text="失效的第一天")
    basis = s.CharField()
    state = s.ChoiceField(choices=list(duties.TABS))


class DutyPage(s.Serializer):
    results = DutyRowShape(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class DutyChange(s.Serializer):
    """不写的照旧。"""

    organisation = s.CharField(required=False)
    template = s.CharField(required=False)
    part = s.ChoiceField(choices=DutyRow.Part.values, required=False)
    direct = s.BooleanField(required=False)
    since = s.DateField(required=False, help_text="不写是今天")
    until = s.DateField(required=False, **NULL)
    basis = s.CharField(required=False)


class NewDuty(DutyChange):
    """`item` 和 `category` 写一个，`organisation` 和 `template` 写一个。"""

    item = s.CharField(required=False)
    category = s.CharField(required=False)
    place = s.CharField()


class DutyEnd(s.Serializer):
    on = s.DateField(required=False, help_text="失效日；不写是今天")


class DutyCandidate(s.Serializer):
    row = s.IntegerField()
    why = s.ChoiceField(choices=explain.ORDER)
    words = s.CharField()
    organisation = s.CharField(**NULL)


class DutyTest(s.Serializer):
    matched = s.BooleanField()
    lead = s.CharField(**NULL)
    assisting = s.ListField(child=s.CharField())
    direct = s.BooleanField()
    unambiguous = s.BooleanField()
    reason = s.CharField()
    candidates = DutyCandidate(many=True)


class DutyGap(s.Serializer):
    item = s.CharField()
    why = s.ChoiceField(choices=[lint.NO_ROW, lint.ENDED, lint.UNFILLED])
    sentence = s.CharField()
    communities = s.ListField(child=s.CharField())


class DutyLint(s.Serializer):
    gaps = DutyGap(many=True)
    overlaps = s.ListField(child=s.ListField(child=s.IntegerField()))
    ended_units = s.ListField(child=s.IntegerField())
    retired_places = s.ListField(child=s.IntegerField())
    unfilled = s.DictField(child=s.ListField(child=s.CharField()))


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
        responses={200: DutyPage, **refusals(400, 403)},
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
        request=NewDuty,
        responses={201: DutyRowShape, **refusals(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by = body(request), actor(request)
        gate.admit(by, "rules")
        row = duty_edits.open_duty(
            by=by,
            at=clock.now(),
            place=_place(sent),
            item=_text(sent, "item"),
            category=_text(sent, "category"),
            **_content(sent),
        )
        return Response(_shown(row), status=201)


class DutyView(APIView):
    """One duty row."""

    @extend_schema(operation_id="duty", responses={200: DutyRowShape, **refusals(403, 404)})
    def get(self, request: Request, pk: int) -> Response:
        admit(actor(request))
        return Response(_shown(gate.find(ROWS, pk=pk)))


class DutyChangeView(APIView):
    """Close a row and open one in its stead; or end it."""

    @extend_schema(
        operation_id="change_duty",
        request=DutyChange,
        responses={200: DutyRowShape, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by, sent = actor(request), body(request)
        gate.admit(by, "rules")
        row = gate.find(ROWS, pk=pk)
        return Response(_shown(duty_edits.change_duty(row=row.pk, by=by, at=clock.now(), **_content(sent))))


class DutyEndView(APIView):
    """Let a row hold no longer; 204 where it never held and was taken back."""

    @extend_schema(
        operation_id="end_duty",
        request=DutyEnd,
        responses={200: DutyRowShape, 204: None, **refusals(400, 403, 404, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        by, sent = actor(request), body(request)
        gate.admit(by, "rules")
        row = gate.find(ROWS, pk=pk)
        left = duty_edits.end_duty(row=row.pk, by=by, at=clock.now(), on=_day(sent, "on"))
        return Response(status=204) if left is None else Response(_shown(gate.find(ROWS, pk=pk)))


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
        responses={200: DutyTest, **refusals(400, 403, 422)},
    )
    def get(self, request: Request) -> Response:
        admit(actor(request))
        asked = query(request)
        item = rulebook.item(asked.get("item", ""))
        if item is None:
            raise not_ready(_("请选小项。"), item=_("请选小项。"))
        line = lineage(_place(asked))
        day = _day(asked, "on") or clock.today()
        at = clock.local_midnight(day) + dt.timedelta(hours=12)
        found, kind = decide(item, asked.get("kind") or item.kind, line, at), asked.get("kind") or item.kind
        return Response(
            {
                "matched": found.matched,
                "lead": _code(found.lead),
                "assisting": [_code(pk) for pk in found.assisting],
                "direct": found.direct,
                "unambiguous": found.unambiguous,
                "reason": found.reason,
                "candidates": [
                    {
                        "row": one.row.id,
                        "why": one.why,
                        "words": one.words,
                        "organisation": _code(one.unit),
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
        responses={200: DutyLint, **refusals(403, 422)},
    )
    def get(self, request: Request) -> Response:
        by = actor(request)
        admit(by)
        found = lint.look(_day(query(request), "on") or clock.today(), duties.roots_of(by))
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


def _code(pk: int | None) -> str | None:
    unit = directory.by_id(pk)
    return unit.code if unit is not None else None


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise not_ready(_("“%(field)s”要写成文字。") % {"field": name}, **{name: _("请改成文字。")})
    return value or ""


def _place(sent: dict[str, Any]) -> Place:
    found = finding.by_code(_text(sent, "place"))
    if found is None:
        raise not_ready(_("没有这个地点。"), place=_("请核对地点。"))
    return found


def _day(sent: dict[str, Any], name: str) -> dt.date | None:
    text = _text(sent, name)
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise not_ready(_("请填日期，如 2027-01-04。"), **{name: _("请填日期。")}) from None


def _content(sent: dict[str, Any]) -> dict[str, Any]:
    """What was sent of who, in which part, when and why."""
    given: dict[str, Any] = {}
    if code := _text(sent, "organisation"):
        given["organisation"] = directory.by_code(code)
        if given["organisation"] is None:
            raise not_ready(
                _("没有找到单位“%(word)s”。") % {"word": code[:40]}, organisation=_("请核对单位。")
            )
    given |= {name: _text(sent, name) for name in ("template", "part", "basis") if name in sent}
    if "direct" in sent:
        if not isinstance(sent["direct"], bool):
            raise not_ready(_("“%(field)s”要写是或否。") % {"field": "direct"}, direct=_("请改。"))
        given["direct"] = sent["direct"]
    given |= {name: _day(sent, name) for name in ("since", "until") if name in sent}
    return given
