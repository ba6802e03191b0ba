"""The tree over HTTP: look, as of today or of a past day, find, open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import commands, finding, kinds, paging, queries, tree
from grid.api import bodies, past, shapes
from grid.api.keys import asks_dry_run, key_of
from grid.commands.base import rehearsal
from grid.errors import TreeRefused
from grid.models import Place
from ledger import clock
from ledger.actor import Actor

ORDER = (paging.Key("code"), paging.Key("id"))
OPENED = ("kind", "name", "parent", "code", "basis", "aliases", "boundary", "datum", "lon", "lat",
          "households", "residents", "managed_by", "management", "valid_from")  # fmt: skip

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="同一个键只办一次，再发答一样的；最长 255 个字符",
)


class PlacesView(APIView):
    """Places, open to every account; opening one asks for the right to change the tree there."""

    throttle_scope = "api"

    @extend_schema(
        operation_id="places",
        parameters=[
            OpenApiParameter("parent", OpenApiTypes.STR, description="上级编码：直接在其下的"),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=list(kinds.KINDS)),
            OpenApiParameter("q", OpenApiTypes.STR, description="名称、编码、拼音首字母；最像的在前，只一页"),
            OpenApiParameter("within", OpenApiTypes.STR, description="编码：它和它以下的"),
            OpenApiParameter(
                "retired", OpenApiTypes.STR, enum=["1", "only"], description="1：连停用的；only：只要停用的"
            ),
            OpenApiParameter(
                "as_of",
                OpenApiTypes.DATE,
                description="那一天结束时的样子；可与 parent、kind、within、q 同用",
            ),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: shapes.PlacePage},
    )
    def get(self, request: Request) -> Response:
        asked = {name: request.query_params.get(name, "").replace("\0", "") for name in request.query_params}
        if asked.get("as_of"):
            rows, cursor = past.page(asked)
            return Response(paging.answer(cursor, rows, lambda text: request.build_absolute_uri(f"?{text}")))
        if asked.get("q"):
            return Response(_found(asked))
        page = paging.page(_wanted(asked), ORDER, asked)
        rows = queries.places_json(page.rows)
        return Response(paging.answer(page, rows, lambda text: request.build_absolute_uri(f"?{text}")))

    @extend_schema(
        operation_id="open_place",
        parameters=[OpenApiParameter("dry_run", OpenApiTypes.BOOL), IDEMPOTENCY_KEY],
        request=shapes.NewPlace,
        responses={200: shapes.PlaceMoved, 201: shapes.PlaceInFull},
    )
    def post(self, request: Request) -> Response:
        sent, by = body_of(request), request.user.actor
        key = key_of(request, sent)
        if asks_dry_run(request):
            return Response(_as_it_would_be(sent, by))
        try:
            values = {"parent": None, **bodies.read(sent, *OPENED, required=("kind", "name"))}
            place = commands.open_place(by=by, at=clock.now(), request=key, **values)
        except (TreeRefused, IntegrityError):
            place = commands.replayed(by, key)
            if place is None:
                raise
        return Response(queries.place_json(place, boundary=True), status=201)


def _as_it_would_be(sent: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """The place that the real thing would open; nothing is written. Nothing lives on it yet, so nothing follows."""
    values = {"parent": None, **bodies.read(sent, *OPENED, required=("kind", "name"))}
    with rehearsal():
        place = commands.open_place(by=by, at=clock.now(), **values)
        shown = queries.place_json(place, boundary=True)
    return {**shown, "dry_run": True, "impacts": [], "draft": None}


class PlaceView(APIView):
    """One place; an old code leads to what took over. With `as_of` as it was at the end of that day."""

    @extend_schema(
        operation_id="place",
        parameters=[OpenApiParameter("as_of", OpenApiTypes.DATE)],
        responses={200: shapes.PlaceInFull},
    )
    def get(self, request: Request, code: str) -> Response:
        if request.query_params.get("as_of"):
            return Response(past.one(request.query_params["as_of"], code))
        return Response(queries.place_json(place_at(code), boundary=True))


def body_of(request: Request) -> Mapping[str, Any]:
    if not isinstance(request.data, Mapping):
        raise bodies.Malformed(_("请求体要是一个 JSON 对象。"))
    return request.data


def place_at(code: str) -> Place:
    """The live place a code leads to, an old one too; a retired one where nothing took over."""
    found = None if "\0" in code else finding.by_code(code)
    if found is None:
        raise Http404
    return found


def _known(asked: Mapping[str, str], name: str) -> Place | None:
    """The place that a filter names; Malformed where there is none."""
    if not asked.get(name):
        return None
    found = finding.by_code(asked[name])
    if found is None:
        raise bodies.Malformed(
            _("没有编码为“{code}”的地点。").format(code=asked[name][:40]), **{name: _("没有")}
        )
    return found


def _wanted(asked: Mapping[str, str]):
    """The places that the filters leave."""
    rows = queries.light()
    if asked.get("retired") == "only":
        rows = rows.filter(retired_at__isnull=False)
    elif asked.get("retired") not in ("1", "true"):
        rows = rows.filter(retired_at=None)
    if (parent := _known(asked, "parent")) is not None:
        rows = rows.filter(pk__in=queries.children(parent, retired=True).order_by().values("pk"))
    if (within := _known(asked, "within")) is not None:
        rows = rows.filter(tree.within(within))
    if kind := asked.get("kind"):
        _check_kind(kind)
        rows = rows.filter(kind=kind)
    return rows


def _found(asked: Mapping[str, str]) -> dict[str, Any]:
    """Searching orders by fit: one page, without a cursor."""
    size = asked.get("page_size") or "20"
    if not (size.isascii() and size.isdigit()) or not 1 <= int(size[:9]) <= paging.MOST:
        raise paging.BadPage("page_size")
    kind = asked.get("kind") or None
    _check_kind(kind)
    parent = _known(asked, "parent")
    hits = finding.search(asked["q"][:120], _known(asked, "within") or parent, kind, limit=int(size))
    if parent is not None:
        hits = [place for place in hits if place.above_id == parent.pk]
    return {"results": queries.places_json(hits), "next": None, "previous": None}


def _check_kind(kind: str | None) -> None:
    if kind and kind not in kinds.KINDS:
        raise bodies.Malformed(_("没有这种地点类型。"), kind=_("类型不对"))
