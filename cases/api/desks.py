"""What desks do with many cases over the interface: one move on each, and lists taken out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import bulk, exporting, searching
from cases.api import shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body
from cases.api.requests import actor, key_of
from cases.kinds import CONTACT_CHANNELS
from cases.models import Bulk, Export
from cases.models.desk import Errand
from cases.queries import case_json, views
from cases.refusals import malformed
from cases.web import bulk as bulk_pages
from cases.web import exports as export_pages
from ledger import clock
from parties import gate
from parties.commands.accounts import SEARCH_REASONS


class Picked(s.Serializer):
    number = s.CharField()
    version = s.IntegerField()


class BulkBody(s.Serializer):
    move = s.ChoiceField(choices=list(bulk.WAYS))
    cases = Picked(many=True)
    organisation = s.CharField(required=False, help_text="派遣：不写时每件按它自己的分工")
    person = s.CharField(required=False, help_text="分派、交接：不写时每件给当时手上最轻的人")
    until = s.DateTimeField(required=False)
    ground = s.CharField(required=False)
    reason = s.CharField(required=False)
    told = s.CharField(required=False)
    channel = s.ChoiceField(choices=list(CONTACT_CHANNELS), required=False)


class BulkResult(s.Serializer):
    number = s.CharField()
    status = s.IntegerField()
    sentence = s.CharField(help_text="空：已办")
    person = s.CharField(allow_null=True, help_text="分派、交接：到了谁手上")


class BulkReport(s.Serializer):
    id = s.IntegerField()
    move = s.CharField()
    state = s.ChoiceField(choices=Errand.State.choices)
    done = s.IntegerField()
    total = s.IntegerField()
    results = BulkResult(many=True)


class ExportBody(s.Serializer):
    form = s.ChoiceField(choices=list(exporting.FORMS))
    list = s.ChoiceField(choices=list(views.TABS), required=False, help_text="默认 list")
    query = s.CharField(required=False, help_text="和列表网址里的一样：tab=open&item=0610&sort=-due")


class ExportState(s.Serializer):
    id = s.IntegerField()
    state = s.ChoiceField(choices=Errand.State.choices)
    done = s.IntegerField()
    total = s.IntegerField()
    expires_at = s.DateTimeField()
    file = s.CharField(allow_null=True, help_text="做好并且没有过期时的地址")


class PhoneBody(s.Serializer):
    by = s.CharField(required=False, help_text="phone（默认）、name 或 code")
    phone = s.CharField(required=False, help_text="完整号码")
    name = s.CharField(required=False, help_text="完整姓名，和 place 一起")
    place = s.CharField(required=False, help_text="楼栋、小区的编码或名称")
    code = s.CharField(required=False, help_text="查询码，照念的写")
    reason = s.ChoiceField(choices=list(SEARCH_REASONS))


class PhoneView(APIView):
    """Cases of a caller by the whole number, by name and building or by the code read aloud; with a reason that is
    written down, what was asked is not."""

    @extend_schema(
        operation_id="cases_by_phone",
        request=PhoneBody,
        responses={200: shapes.CasePage, **refusals(400, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        way = sent.get("by", "phone")
        if not isinstance(way, str) or way not in searching.WAYS:
            raise malformed(_("by 要写 phone、name 或 code。"))
        find, names = searching.WAYS[way]
        rows = find(by=by, at=at, reason=sent.get("reason"), **{name: sent.get(name) for name in names})
        return Response({"results": case_json.rows_json(rows, by=by, at=at), "next": None, "previous": None})


class BulksView(APIView):
    """One move on many cases: each is done or refused by itself. A few are done at once, many by a worker."""

    @extend_schema(
        operation_id="bulk", parameters=[IDEMPOTENCY_KEY], request=BulkBody,
        responses={202: BulkReport, **refusals(400, 403, 422)},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        sent = body(request)
        key, digest = keyed(request, sent)
        row = bulk.ask(
            by=actor(request), at=clock.now(), move=sent.get("move"), cases=sent.get("cases"), details=sent,
            request_key=key, body_hash=digest,
        )  # fmt: skip
        bulk_pages.work(row)
        row.refresh_from_db()
        return Response(bulk_json(row), status=status.HTTP_202_ACCEPTED)


class BulkView(APIView):
    """How far a bulk is, and what became of each case."""

    @extend_schema(operation_id="bulk_report", responses={200: BulkReport, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        return Response(bulk_json(bulk_pages.find(actor(request), pk)))


class ExportsView(APIView):
    """Take a list out as a file; it is the maker's alone, for a day."""

    @extend_schema(
        operation_id="export", parameters=[IDEMPOTENCY_KEY], request=ExportBody,
        responses={202: ExportState, **refusals(400, 422)},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        sent = body(request)
        key, digest = keyed(request, sent)
        row = exporting.ask(
            by=actor(request), at=clock.now(), form=sent.get("form"), where=sent.get("list", "list"),
            query=sent.get("query", ""), request_key=key, body_hash=digest,
        )  # fmt: skip
        export_pages.work(row)
        row.refresh_from_db()
        return Response(export_json(request, row), status=status.HTTP_202_ACCEPTED)


class ExportView(APIView):
    """How far an export is."""

    @extend_schema(operation_id="export_state", responses={200: ExportState, **refusals(404)})
    def get(self, request: Request, pk: int) -> Response:
        return Response(export_json(request, exporting.mine(actor(request), pk)))


class ExportFileView(APIView):
    """The file of an export."""

    @extend_schema(
        operation_id="export_file", responses={(200, "text/csv"): OpenApiTypes.BINARY, **refusals(404)}
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        row = exporting.mine(actor(request), pk)
        path = exporting.file_of(row, clock.now())
        if path is None:
            raise gate.OutOfScope(_("文件还没有做好，或已过期；请重新导出。"))
        return FileResponse(
            path.open("rb"), as_attachment=True, filename=path.name, content_type=exporting.FORMS[row.form]
        )


def keyed(request: Request, sent: Mapping[str, Any]) -> tuple[str, str]:
    """The request's own key, or one that nobody else has."""
    key = key_of(request, sent)
    return (f"api:{key.key}", key.body_hash) if key.key else (f"api:{secrets.token_hex(16)}", "")


def bulk_json(row: Bulk) -> dict[str, Any]:
    people = bulk.receivers(row)
    results = [
        {
            "number": number,
            "status": code,
            "sentence": words,
            "person": people.get(given[0], {}).get("username") if given else None,
        }
        for number, words, code, *given in row.results
    ]
    return {
        "id": row.pk,
        "move": row.move,
        "state": row.state,
        "done": row.done,
        "total": row.total,
        "results": results,
    }


def export_json(request: Request, row: Export) -> dict[str, Any]:
    ready = exporting.file_of(row, clock.now()) is not None
    where = request.build_absolute_uri(reverse("api:export_file", args=[row.pk])) if ready else None
    told = {"id": row.pk, "state": row.state, "done": row.done, "total": row.total}
    return {**told, "expires_at": row.expires_at.isoformat(), "file": where}
