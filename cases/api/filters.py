"""Saved filters over the interface: one's own, and those that one's unit shares."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers as s
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import saved_filters
from cases.api.answers import refusals
from cases.api.parsers import body
from cases.api.requests import actor
from cases.models import SavedFilter
from cases.queries import views
from cases.refusals import malformed
from ledger import clock

WHERE = OpenApiParameter("list", enum=list(views.TABS), description="哪个列表；不写是全部")
KINDS: dict[str, type] = {"name": str, "query": str, "list": str, "start": bool, "shared": bool, "step": int}


class FilterBody(s.Serializer):
    list = s.ChoiceField(choices=list(views.TABS), required=False, help_text="默认 list")
    name = s.CharField(max_length=saved_filters.LONGEST)
    query = s.CharField(help_text="和列表网址里的一样：tab=open&item=0610&sort=-due")
    start = s.BooleanField(required=False, help_text="打开列表时先看它")
    shared = s.BooleanField(required=False, help_text="同单位的人也能用")


class FilterChange(s.Serializer):
    name = s.CharField(required=False, max_length=saved_filters.LONGEST)
    start = s.BooleanField(required=False)
    shared = s.BooleanField(required=False)
    step = s.ChoiceField(choices=[-1, 1], required=False, help_text="前移或后移一位")


class FilterRow(s.Serializer):
    id = s.IntegerField()
    list = s.ChoiceField(choices=list(views.TABS))
    name = s.CharField()
    query = s.CharField()
    start = s.BooleanField()
    shared = s.BooleanField()
    mine = s.BooleanField()
    owner = s.CharField()


class FiltersView(APIView):
    """The filters that stand among one's tabs."""

    @extend_schema(
        operation_id="filters", parameters=[WHERE], responses={200: FilterRow(many=True), **refusals(400)}
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params.get("list", "")
        if asked and asked not in views.TABS:
            raise malformed(_("没有这个列表。"), list=_("没有这个选项。"))
        by = actor(request)
        found = [
            row for where in views.TABS if asked in ("", where) for row in saved_filters.seen_by(by, where)
        ]
        return Response([filter_json(row, by.id) for row in found])

    @extend_schema(
        operation_id="save_filter", request=FilterBody, responses={201: FilterRow, **refusals(400, 422)}
    )
    def post(self, request: Request) -> Response:
        """The same name again replaces what it kept."""
        sent, by = _read(body(request)), actor(request)
        row = saved_filters.save(
            by=by, at=clock.now(), where=sent.get("list", "list"), name=sent.get("name", ""),
            query=views.parse(sent.get("query", "")), start=sent.get("start", False),
            shared=sent.get("shared", False),
        )  # fmt: skip
        return Response(filter_json(row, by.id), status=status.HTTP_201_CREATED)


class FilterView(APIView):
    @extend_schema(
        operation_id="change_filter",
        request=FilterChange,
        responses={200: FilterRow, **refusals(400, 404, 422)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        sent, by = _read(body(request)), actor(request)
        changed: dict[str, Any] = {
            name: sent[name] for name in ("name", "start", "shared", "step") if name in sent
        }
        return Response(filter_json(saved_filters.change(by=by, pk=pk, **changed), by.id))

    @extend_schema(operation_id="delete_filter", responses={204: None, **refusals(404)})
    def delete(self, request: Request, pk: int) -> Response:
        saved_filters.delete(by=actor(request), pk=pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _read(sent: Any) -> dict[str, Any]:
    """Every value of its kind, the rest named."""
    wrong = {
        name: _("没有这个选项。")
        for name, kind in KINDS.items()
        if name in sent and type(sent[name]) is not kind
    }
    if "step" in sent and sent["step"] not in (-1, 1):
        wrong["step"] = _("没有这个选项。")
    if wrong:
        raise malformed(_("有的内容读不懂。"), **wrong)
    return dict(sent)


def filter_json(row: SavedFilter, account: int | None) -> dict[str, Any]:
    return {
        "id": row.pk,
        "list": row.where,
        "name": row.name,
        "query": row.query,
        "start": row.is_start,
        "shared": row.unit_id is not None,
        "mine": row.owner_id == account,
        "owner": row.owner.person.name,
    }
