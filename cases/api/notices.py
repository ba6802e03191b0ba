"""The inbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api import notice_shapes as shapes
from cases.api.answers import refusals
from cases.api.parsers import body, query
from cases.api.requests import actor
from cases.models.notice import Notice
from cases.notices import preferences, quiet
from cases.notices.kinds import KINDS, kind_of
from cases.notices.messages import sentence
from cases.queries import notices
from cases.refusals import malformed
from cases.scope import covers, reads_words
from grid import paging
from ledger import clock
from ledger.actor import Actor
from parties import commands
from parties.models import Account
from parties.privacy import mask_text

ORDER = (paging.Key("id", descending=True),)


class NoticesView(APIView):
    """One's own notices, the newest first."""

    @extend_schema(
        operation_id="notices",
        parameters=[
            OpenApiParameter("unread", OpenApiTypes.BOOL, description="1：只看未读"),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=list(KINDS)),
            OpenApiParameter("case", OpenApiTypes.STR, description="工单编号"),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: shapes.NoticePage, **refusals(400)},
    )
    def get(self, request: Request) -> Response:
        by, asked = actor(request), query(request)
        rows = notices.asked_for(by, asked).select_related("case")
        page = paging.page(rows, ORDER, asked)
        notices.name_people(page.rows)
        results = [notice_json(row, by) for row in page.rows]
        return Response(paging.answer(page, results, lambda text: request.build_absolute_uri(f"?{text}")))


class ReadView(APIView):
    """Mark one's own notices read."""

    @extend_schema(
        operation_id="read_notices",
        request=shapes.ReadBody,
        responses={200: shapes.Done, **refusals(400, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by = body(request), actor(request)
        asked = {name: str(sent[name]) for name in ("kind", "case") if sent.get(name)}
        ids = ids_of(sent) if "ids" in sent else None
        if ids is None and sent.get("all") is not True:
            raise malformed(_("请给出 ids，或 all。"))
        return Response({"done": notices.mark_read(by, clock.now(), asked, ids)})


class PreferencesView(APIView):
    """How messages reach one beside the inbox."""

    @extend_schema(operation_id="notice_preferences", responses={200: shapes.Preferences, **refusals()})
    def get(self, request: Request) -> Response:
        return Response(preferences_json(actor(request), cast(Account, request.user)))

    @extend_schema(
        operation_id="choose_notices",
        request=shapes.PreferencesBody,
        responses={200: shapes.Preferences, **refusals(400, 422)},
    )
    def put(self, request: Request) -> Response:
        sent, by, account = body(request), actor(request), cast(Account, request.user)
        choices = sent.get("choices", {})
        if not isinstance(choices, dict) or not all(isinstance(one, dict) for one in choices.values()):
            raise malformed(_("choices 应为 {kind: {mail, mention}}。"))
        begins, ends = quiet.hours_of([account.pk])[account.pk]
        with transaction.atomic():
            if {"email", "chat_id"} & sent.keys():
                person = account.person
                account = commands.set_addresses(
                    by=by,
                    at=clock.now(),
                    account=account,
                    email=str(sent.get("email", person.email)),
                    chat_id=str(sent.get("chat_id", person.chat_id)),
                )
            if {"quiet_from", "quiet_until"} & sent.keys():
                quiet.set_hours(
                    by=by,
                    begins=str(sent.get("quiet_from", f"{begins:%H:%M}")),
                    ends=str(sent.get("quiet_until", f"{ends:%H:%M}")),
                )
            preferences.choose(
                by=by,
                choices={
                    kind: {"mail": one.get("mail"), "mention": one.get("mention")}
                    for kind, one in choices.items()
                },
            )
        return Response(preferences_json(by, account))


def preferences_json(by: Actor, account: Account) -> dict[str, object]:
    begins, ends = quiet.hours_of([account.pk])[account.pk]
    return {
        "email": account.person.email,
        "chat_id": account.person.chat_id,
        "quiet_from": f"{begins:%H:%M}",
        "quiet_until": f"{ends:%H:%M}",
        "choices": [
            {
                "kind": kind,
                "label": str(KINDS[kind].label),
                "mail": one.mail,
                "mention": one.mention,
                "own": one.own,
            }
            for kind, one in preferences.of(by).items()
        ],
    }


def ids_of(sent: Mapping[str, Any]) -> list[int]:
    """The body's `ids`."""
    ids = sent.get("ids")
    if not isinstance(ids, list) or not all(type(one) is int and 0 < one < 2**63 for one in ids):
        raise malformed(_("ids 应为编号的列表。"))
    return ids


def notice_json(row: Notice, by: Actor) -> dict[str, object]:
    """A notice outlives the right to see its case: then neither title nor number shows."""
    case = row.case if row.case is not None and covers(by, row.case) else None
    title = (
        mask_text(case.title) if case is not None and reads_words(by, case) else (case.number if case else "")
    )
    return {
        "id": row.pk,
        "event": row.event,
        "kind": kind_of(row.event),
        "text": sentence(row.event, row.facts, title),
        "for": row.facts.get("for_names", []),
        "number": case.number if case is not None else None,
        "at": row.at.isoformat(),
        "read_at": row.read_at.isoformat() if row.read_at else None,
        "quiet_until": row.quiet_until.isoformat() if row.quiet_until else None,
    }
