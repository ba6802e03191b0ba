"""One organisation over HTTP: read it, open one, change it; `?dry_run=1` says what a change would touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid.api.keys import asks_dry_run
from ledger import clock
from parties import directory, queries, unit_changes
from parties.api.shapes import OrganisationChange, OrganisationChanged, OrganisationShape
from parties.directory import Org
from parties.errors import PartiesRefused
from parties.gate import NOT_FOUND, OutOfScope
from parties.models import Organisation
from parties.unit_changes import WAYS

DRY_RUN = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="1：只看会怎样，不改")
NOT_BY_CODE = ("open",)  # a new unit is posted to the list


class OrganisationView(APIView):
    """One organisation; a merged name says where it leads."""

    @extend_schema(operation_id="organisation", responses=OrganisationShape)
    def get(self, request: Request, code: str) -> Response:
        return Response(unit_json(org_of(code)))


class OrganisationChangeView(APIView):
    """Rename, set aliases, serve or leave a place, move, merge into another, retire."""

    @extend_schema(
        operation_id="change_organisation",
        parameters=[
            OpenApiParameter("code", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter(
                "change",
                OpenApiTypes.STR,
                OpenApiParameter.PATH,
                enum=[name for name in WAYS if name not in NOT_BY_CODE],
            ),
            DRY_RUN,
        ],
        request=OrganisationChange,
        responses=OrganisationChanged,
    )
    def post(self, request: Request, code: str, change: str) -> Response:
        if change not in WAYS or change in NOT_BY_CODE:
            raise OutOfScope(NOT_FOUND)
        unit = Organisation.objects.select_related("desk_of").get(pk=org_of(code).id)
        return Response(carried_out(request, change, unit))


def carried_out(request: Request, change: str, unit: Organisation | None) -> dict[str, Any]:
    """The answer to a change, or to its dry run."""
    sent = body_of(request)
    dry_run = asks_dry_run(request)
    outcome = unit_changes.carry_out(
        WAYS[change], unit=unit, sent=sent, by=request.user.actor, at=clock.now(), dry_run=dry_run
    )
    org = directory.by_id(outcome.unit.pk)
    return {
        "organisation": unit_json(org, outcome.unit.version) if org is not None else None,
        "changes": outcome.changes,
        "impacts": [
            {"subject": one.subject, "count": one.count, "sentence": one.sentence, "blocks": one.blocks}
            for one in outcome.impacts
        ],
        "dry_run": dry_run,
    }


def unit_json(org: Org, version: int | None = None) -> dict[str, Any]:
    """An organisation in full, with the version a change has to name."""
    if version is None:
        version = Organisation.objects.values_list("version", flat=True).get(pk=org.id)
    return {**queries.organisation_rows([org])[0], "version": version}


def body_of(request: Request) -> Mapping[str, Any]:
    sent = request.data
    if not isinstance(sent, Mapping):
        raise PartiesRefused(_("请求体应为一个 JSON 对象。"), status=400)
    return {name: sent[name] for name in sent}


def org_of(code: str) -> Org:
    org = directory.by_code(code)
    if org is None:
        raise OutOfScope(NOT_FOUND)
    return org
