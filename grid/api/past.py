"""The tree as of a past day, over HTTP: its places, the difference of two days, one place's story."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import history, kinds, naming, paging
from grid.api import bodies, shapes
from grid.codes import tidy
from grid.drafts import steps
from grid.errors import TreeRefused
from grid.history import Then
from grid.models import Place
from ledger import clock, days

MOST = 20_000  # places read for one answer
ORDER = (paging.Key("code"), paging.Key("id"))


class DifferenceView(APIView):
    """What became of the tree between the ends of two days; open to every account."""

    throttle_scope = "api"

    @extend_schema(
        operation_id="places_difference",
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, required=True),
            OpenApiParameter("to", OpenApiTypes.DATE, description="不写：今天"),
            OpenApiParameter("within", OpenApiTypes.STR, description="编码：那两天在它和它以下的"),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses={200: shapes.DifferencePage},
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params.dict()
        first = day_of(asked.get("from"), "from")
        last = day_of(asked["to"], "to") if asked.get("to") else clock.today()
        if first > last:
            raise bodies.Malformed(_("起始日要在截止日之前。"), **{"from": _("太晚")})
        root = Place.objects.get(pk=_known(last, asked, "within").id).path if asked.get("within") else ""
        found = history.difference(first, last, root=root, most=MOST)
        page = paging.page_of(found, ORDER, asked)
        before = _paths(first, [one.before for one in page.rows if one.before])
        after = _paths(last, [one.after for one in page.rows if one.after])
        rows = [
            {
                "code": one.code,
                "name": one.name,
                "kind": one.kind,
                "changes": list(one.kinds),
                "before": before.get(one.id),
                "after": after.get(one.id),
            }
            for one in page.rows
        ]
        return Response(paging.answer(page, rows, lambda text: request.build_absolute_uri(f"?{text}")))


class HistoryView(APIView):
    """One place's story, newest first; the very place that has or had the code."""

    throttle_scope = "api"

    @extend_schema(operation_id="place_history", responses={200: shapes.History})
    def get(self, request: Request, code: str) -> Response:
        try:
            place = steps.find(code.replace("\0", ""))
        except TreeRefused:
            raise Http404 from None
        rows = [
            {
                "at": event.at.isoformat(),
                "event": event.event,
                "label": event.label,
                "sentence": event.sentence,
                "role": event.actor_role,
                "basis": event.basis,
                "draft": event.draft,
            }
            for event in history.timeline(place)
        ]
        return Response({"code": place.code, "results": rows})


def page(asked: Mapping[str, str]) -> tuple[list[dict[str, Any]], paging.Page]:
    """One page of the places as they were at the end of `as_of`, live then."""
    day = day_of(asked["as_of"], "as_of")
    found = paging.page_of(_wanted(day, asked), ORDER, asked)
    paths = _paths(day, found.rows)
    return [paths[place.id] for place in found.rows], found


def one(as_of: str, code: str) -> dict[str, Any]:
    """The place that had this code at the end of a day, retired then or not."""
    day = day_of(as_of, "as_of")
    found = history.by_code(day, tidy(code.replace("\0", "")))
    if found is None:
        raise Http404
    return _paths(day, [found])[found.id]


def day_of(raw: str | None, name: str) -> dt.date:
    """A day that is not to come; Malformed otherwise."""
    try:
        day = days.read(raw or "")
    except days.NoDay as wrong:
        raise bodies.Malformed(wrong.sentence, **{name: _("格式不对")}) from None
    if day > clock.today():
        raise bodies.Malformed(_("这一天还没有到。"), **{name: _("太晚")})
    return day


def _wanted(day: dt.date, asked: Mapping[str, str]) -> list[Then]:
    kind = asked.get("kind")
    if kind and kind not in kinds.KINDS:
        raise bodies.Malformed(_("没有这种地点类型。"), kind=_("类型不对"))
    if asked.get("parent"):
        rows = history.children(day, _known(day, asked, "parent").id)
        if asked.get("within"):
            root, lines = _known(day, asked, "within").id, history.lines(day, rows)
            rows = [one for one in rows if any(above.id == root for above in lines[one.id])]
    elif asked.get("within"):
        below = history.within(day, _known(day, asked, "within").id, MOST)
        rows = [place for place in below if not place.retired]
    else:
        if len(Place.objects.order_by().values_list("pk")[: MOST + 1]) > MOST:
            raise TreeRefused(
                _("地点太多，不能一次看全部：请用 parent 或 within 指定从哪里看起。"),
                fields={"within": _("没有")},
            )
        rows = [place for place in history.states(day).values() if not place.retired]
    if kind:
        rows = [place for place in rows if place.kind == kind]
    if asked.get("q"):
        word, code = naming.normal(asked["q"][:120]), tidy(asked["q"][:120])
        rows = [one for one in rows if word in naming.normal(one.name) or one.code.startswith(code)]
    return sorted(rows, key=lambda place: (place.code, place.id))


def _known(day: dt.date, asked: Mapping[str, str], name: str) -> Then:
    found = history.by_code(day, tidy(asked[name]))
    if found is None:
        raise bodies.Malformed(
            _("没有编码为“{code}”的地点。").format(code=asked[name][:40]), **{name: _("没有")}
        )
    return found


def _paths(day: dt.date, places: Iterable[Then]) -> dict[int, dict[str, Any]]:
    """id → the place as interfaces show it as of a day."""
    places = list(places)
    lines = history.lines(day, places)
    return {place.id: then_json(day, lines[place.id]) for place in places}


def then_json(day: dt.date, line: list[Then]) -> dict[str, Any]:
    place = line[-1]
    return {
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "parent": line[-2].code if len(line) > 1 else None,
        "path": [{"code": one.code, "name": one.name, "kind": one.kind} for one in line],
        "retired": place.retired,
        "as_of": day.isoformat(),
    }
