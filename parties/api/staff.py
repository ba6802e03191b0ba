"""Accounts and postings over HTTP, for who looks after them; `?dry_run=1` says what an end would touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import paging
from grid.api.keys import asks_dry_run
from ledger import clock
from parties import people_pages, staffing
from parties.api.shapes import (
    AccountPage,
    AccountShape,
    NewAccount,
    NewPosting,
    PostingPage,
    StaffAct,
    StaffDone,
)
from parties.api.units import DRY_RUN, body_of
from parties.gate import NOT_FOUND, NotYours, OutOfScope
from parties.models import Account
from parties.privacy import mask_phone
from parties.reading import Field, read
from parties.staffing import ON_ACCOUNT, ON_POSTING, Outcome

PAGED = [OpenApiParameter("cursor", OpenApiTypes.STR), OpenApiParameter("page_size", OpenApiTypes.INT)]


class AccountsView(APIView):
    """The accounts in reach; opening one answers with a password that is shown this once."""

    @extend_schema(
        operation_id="accounts",
        parameters=[OpenApiParameter("q", OpenApiTypes.STR, description="姓名或用户名"), *PAGED],
        responses=AccountPage,
    )
    def get(self, request: Request) -> Response:
        asked = _looking(request)
        rows = staffing.accounts(request.user.actor, clock.now())
        if q := asked.get("q", "").strip():
            rows = rows.filter(username__startswith=q.lower()) | rows.filter(person__name__icontains=q)
        found = paging.page(rows, people_pages.BY_NAME, asked)
        shown = [account_json(account) for account in found.rows]
        return Response(paging.answer(found, shown, lambda text: request.build_absolute_uri(f"?{text}")))

    @extend_schema(
        operation_id="open_account",
        parameters=[DRY_RUN],
        request=NewAccount,
        responses={200: StaffDone, 201: StaffDone},
    )
    def post(self, request: Request) -> Response:
        _looking(request)
        outcome = staffing.open_account(
            sent=body_of(request), by=request.user.actor, at=clock.now(), dry_run=asks_dry_run(request)
        )
        return Response(done_json(outcome, "password"), status=200 if outcome.dry_run else 201)


class AccountView(APIView):
    """One account in reach."""

    @extend_schema(operation_id="account", responses=AccountShape)
    def get(self, request: Request, username: str) -> Response:
        _looking(request)
        account = staffing.find_account(request.user.actor, username, clock.now())
        postings = staffing.postings(request.user.actor).filter(account=account).order_by("-since", "-id")
        shown = [posting_json(row) for row in people_pages.posting_rows(postings)]
        return Response({**account_json(account), "postings": shown})


class AccountActView(APIView):
    """Post, reset the password, show the phone, close."""

    @extend_schema(
        operation_id="account_act",
        parameters=[
            OpenApiParameter("username", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter("act", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(ON_ACCOUNT)),
            DRY_RUN,
        ],
        request=StaffAct,
        responses=StaffDone,
    )
    def post(self, request: Request, username: str, act: str) -> Response:
        _looking(request)
        if act not in ON_ACCOUNT:
            raise OutOfScope(NOT_FOUND)
        outcome = staffing.on_account(
            ON_ACCOUNT[act],
            username=username,
            sent=body_of(request),
            by=request.user.actor,
            at=clock.now(),
            dry_run=asks_dry_run(request),
        )
        return Response(done_json(outcome, "phone" if act == "reveal" else "password"))


class PostingsView(APIView):
    """Who is posted where, in reach, newest first."""

    @extend_schema(
        operation_id="postings",
        parameters=[
            OpenApiParameter("q", OpenApiTypes.STR, description="姓名或用户名"),
            OpenApiParameter("role", OpenApiTypes.STR),
            OpenApiParameter("place", OpenApiTypes.STR, description="地点编码：它和它以下的"),
            OpenApiParameter("organisation", OpenApiTypes.STR, description="单位编码：它和它以下的"),
            OpenApiParameter(
                "tab",
                OpenApiTypes.STR,
                enum=["standing", "waiting", "duty", "ending", "substituted", "ended"],
            ),
            *PAGED,
        ],
        responses=PostingPage,
    )
    def get(self, request: Request) -> Response:
        asked = _looking(request)
        rows = people_pages.asked(request.user.actor, asked)
        narrow = people_pages.tabs(clock.now())
        if asked.get("tab") in narrow:
            rows = rows.filter(narrow[asked["tab"]])
        shown, found = people_pages.listed(rows, asked)
        answer = paging.answer(
            found, [posting_json(row) for row in shown], lambda text: request.build_absolute_uri(f"?{text}")
        )
        return Response(answer)

    @extend_schema(
        operation_id="post",
        parameters=[DRY_RUN],
        request=NewPosting,
        responses={200: StaffDone, 201: StaffDone},
    )
    def post(self, request: Request) -> Response:
        staffing.must_post(request.user.actor)
        sent = body_of(request)
        named = read([Field("account", _("账号"), required=True)], sent)
        outcome = staffing.on_account(
            ON_ACCOUNT["post"],
            username=named["account"],
            sent=sent,
            by=request.user.actor,
            at=clock.now(),
            dry_run=asks_dry_run(request),
        )
        return Response(done_json(outcome), status=200 if outcome.dry_run else 201)


class PostingActView(APIView):
    """Confirm, end, on and off duty, AB角."""

    @extend_schema(
        operation_id="posting_act",
        parameters=[
            OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH),
            OpenApiParameter("act", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(ON_POSTING)),
            DRY_RUN,
        ],
        request=StaffAct,
        responses=StaffDone,
    )
    def post(self, request: Request, pk: int, act: str) -> Response:
        _looking(request)
        if act not in ON_POSTING:
            raise OutOfScope(NOT_FOUND)
        outcome = staffing.on_posting(
            ON_POSTING[act],
            pk=pk,
            sent=body_of(request),
            by=request.user.actor,
            at=clock.now(),
            dry_run=asks_dry_run(request),
        )
        return Response(done_json(outcome))


def _looking(request: Request) -> dict[str, str]:
    if not staffing.may_look(request.user.actor):
        raise NotYours(_("您不能管理账号和任职。"))
    return {name: value.replace("\0", "") for name, value in request.query_params.items()}


def account_json(account: Account) -> dict[str, Any]:
    return {
        "username": account.username,
        "name": account.person.name,
        "phone": mask_phone(account.person.phone),
        "language": account.language,
        "is_active": account.is_active,
        "must_change_password": account.must_change_password,
        "opened_at": account.opened_at,
    }


LEFT_OUT = ("phone", "where", "role_label", "waits")


def posting_json(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of people_pages as the interface shows it."""
    shown = {name: value for name, value in row.items() if name not in LEFT_OUT}
    shown["substitute"] = shown.pop("substitute_username")
    return {**shown, "confirmed": not row["waits"]}


def done_json(outcome: Outcome, secret: str = "") -> dict[str, Any]:
    posting = people_pages.posting_rows([outcome.posting])[0] if outcome.posting is not None else None
    return {
        "account": account_json(outcome.account),
        "posting": posting_json(posting) if posting else None,
        "impacts": [
            {"subject": one.subject, "count": one.count, "sentence": one.sentence, "blocks": one.blocks}
            for one in outcome.impacts
        ],
        "dry_run": outcome.dry_run,
        **({secret: outcome.secret} if outcome.secret else {}),
    }
