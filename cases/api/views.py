"""Calls, cases, moves, facts, timelines. Each parses, calls one command or query, and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import answering, editing, intake, moves, rulebook, vacant
from cases.api import call_shapes, desks, shapes, story_shapes
from cases.api.answers import IDEMPOTENCY_KEY, refusals
from cases.api.parsers import body, query
from cases.api.requests import actor, key_of
from cases.lifecycle import FACTS, MOVES
from cases.models.case import Case
from cases.queries import case_json, case_list, dossier, ordering, timeline, why
from cases.scope import reads_words, visible_to
from cases.sla.board import ClockBoard
from cases.web import bulk as bulk_pages
from grid import paging
from ledger import clock
from parties import gate

CALL_FIELDS = (
    "text",
    "attachments",
    "subject",
    "item",
    "kind",
    "urgency",
    "channel",
    "origin",
    "caller",
    "about",
    "confidential",
    "lat",
    "lng",
    "captured_at",
    "called_at",
    "external_ref",
    "outer_due_at",
    "round",
    "join",
)
FILTERS = {
    "status": "逗号隔开；open 是全部未结",
    "colour": "green、yellow、red、violet、grey，逗号隔开",
    "urgency": "逗号隔开",
    "kind": "逗号隔开",
    "category": "大类编码，逗号隔开",
    "item": "小项编码，逗号隔开",
    "place": "地点编码，含其下；也可写名称或拼音首字母",
    "organisation": "经办单位编码，含其下；也可写全名",
    "person": "经办人的用户名",
    "due": "today 今天到期，late 已超时，逗号隔开",
    "level": "逗号隔开",
    "origin": "逗号隔开",
    "channel": "逗号隔开",
    "callers": "反映人数不少于",
    "since": "登记从这天起，2026-11-22",
    "until": "登记到这天止",
    "disputed": "1 只要退单与争议的，0 不要",
    "unmatched": "1 只要未配分工的，0 不要",
    "mine": "1 只要本人经手的，0 不要",
    "unclaimed": "1 只要没有人领取的，0 不要",
}
SORTS = [way + name for name in ordering.SORTS for way in ("", "-")]
CHAINS = {"accept_and_dispatch": ("accept", "dispatch")}  # 受理并派遣: one request, two entries


class CallsView(APIView):
    """Take a call."""

    throttle_scope = "calls"

    @extend_schema(
        operation_id="take_call",
        parameters=[IDEMPOTENCY_KEY],
        request=call_shapes.NewCall,
        responses={201: call_shapes.Taken, **refusals(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        sent, by, at = body(request), actor(request), clock.now()
        key = key_of(request, sent)
        taken = intake.take_call(
            by=by,
            at=at,
            place_code=sent.get("place", ""),
            request_key=key.key,
            body_hash=key.body_hash,
            **{name: sent[name] for name in CALL_FIELDS if sent.get(name) is not None},
        )
        fresh = not taken.replayed and not taken.joined and not sent.get("attachments")
        papers = dossier.just_taken(taken.case, taken.call, by) if fresh else None
        answer = {
            "number": taken.case.number,
            "tracking_code": taken.call.tracking_code,
            "joined": taken.joined,
            "case": shown(taken.case, request, at=at, papers=papers),
        }
        return Response(answer, status=status.HTTP_201_CREATED)


class CasesView(APIView):
    """The cases one may see."""

    @extend_schema(
        operation_id="cases",
        parameters=[
            OpenApiParameter("queue", OpenApiTypes.STR, enum=case_list.QUEUES),
            *(OpenApiParameter(name, OpenApiTypes.STR, description=words) for name, words in FILTERS.items()),
            OpenApiParameter("sort", OpenApiTypes.STR, description="按什么排；前面加 - 是倒序", enum=SORTS),
            OpenApiParameter("callers", OpenApiTypes.INT, description="至少有几位反映人"),
            OpenApiParameter("q", OpenApiTypes.STR, description="编号、标题、地点或呼叫原文"),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT, description="1 至 100，默认 50"),
        ],
        responses={200: shapes.CasePage, **refusals(400)},
    )
    def get(self, request: Request) -> Response:
        by, at, asked = actor(request), clock.now(), query(request)
        wanted = case_list.asked_for(by, at, asked)
        rows = wanted.base.only(*case_json.LINE)
        page = paging.page(rows, wanted.order, asked, wanted.ways)
        lines = case_json.rows_json(page.rows, by=by, at=at)
        return Response(paging.answer(page, lines, lambda text: request.build_absolute_uri(f"?{text}")))


class CaseView(APIView):
    """One case with everything that hangs on it."""

    @extend_schema(operation_id="case", responses={200: shapes.Case, **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        return Response(shown(find(request, number), request))


class MoveView(APIView):
    """Make a move."""

    @extend_schema(
        operation_id="move_case",
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter("number", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter(
                "move",
                OpenApiTypes.STR,
                OpenApiParameter.PATH,
                enum=[*(row.name for row in MOVES.values() if row.sources and row.by_people), *CHAINS],
            ),
        ],
        request=call_shapes.MoveBody,
        responses={200: call_shapes.Moved, **refusals(400, 403, 404, 409, 422)},
    )
    def post(self, request: Request, number: str, move: str) -> Response:
        names = CHAINS.get(move, (move,))
        if any(name not in MOVES or not MOVES[name].sources for name in names):
            raise gate.OutOfScope(_("没有“%(move)s”这一步。") % {"move": move[:40]})
        sent, at = body(request), clock.now()
        key = key_of(request, sent)
        case = moves.perform_chain(
            number=number,
            steps=[(name, fields(sent)) for name in names],
            by=actor(request),
            at=at,
            version=sent.get("version"),
            request_key=key.key,
            body_hash=key.body_hash,
        )
        answer = shown(case, request, at=at)
        if warning := vacant.of_sent(case, at):
            answer["warnings"] = [warning]
        places = answering.everywhere(case, sent, by=actor(request), at=at)
        if places is not None:
            bulk_pages.work(places)
            places.refresh_from_db()
            answer["places"] = desks.bulk_json(places)
        return Response(answer)


class FactView(APIView):
    """Record a fact beside the moves."""

    @extend_schema(
        operation_id="record_fact",
        parameters=[
            IDEMPOTENCY_KEY,
            OpenApiParameter("number", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter("fact", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(FACTS)),
        ],
        request=call_shapes.FactBody,
        responses={201: call_shapes.Recorded, **refusals(400, 403, 404, 409, 422)},
    )
    def post(self, request: Request, number: str, fact: str) -> Response:
        if fact not in FACTS:
            raise gate.OutOfScope(_("没有“%(fact)s”这种记录。") % {"fact": fact[:40]})
        sent, by, at = body(request), actor(request), clock.now()
        key = key_of(request, sent)
        case = editing.add_fact(
            number=number,
            fact=fact,
            by=by,
            at=at,
            version=sent.get("version"),
            request_key=key.key,
            body_hash=key.body_hash,
            **{need.field: sent[need.field] for need in FACTS[fact].needs if need.field in sent},
        )
        papers = dossier.read(case)
        answer = shown(case, request, at=at, papers=papers)
        if fact == "reveal" and reads_words(by, case):
            answer["contacts"] = case_json.contacts_json(papers)
        if own := getattr(case, "split_into", ""):
            answer["split_into"] = own
        return Response(answer, status=status.HTTP_201_CREATED)


class TimelineView(APIView):
    """What happened to a case, oldest first."""

    @extend_schema(operation_id="timeline", responses={200: story_shapes.Timeline, **refusals(404)})
    def get(self, request: Request, number: str) -> Response:
        case = find(request, number)
        return Response({"results": timeline.timeline_json(case, by=actor(request))})


class WhyView(APIView):
    """Why a clock is due when it is: the last round of the stage, or the one asked for."""

    @extend_schema(
        operation_id="why_due",
        parameters=[
            OpenApiParameter("round", OpenApiTypes.INT, description="第几轮，默认最后一轮"),
            OpenApiParameter("part", OpenApiTypes.INT, description="协办序号，默认 0（主办）"),
        ],
        responses={200: story_shapes.Why, **refusals(404)},
    )
    def get(self, request: Request, number: str, stage: str) -> Response:
        case = find(request, number)
        asked = query(request)
        row = why.find(ClockBoard.load(case), stage, asked)
        if row is None:
            raise gate.OutOfScope(_("这件工单没有“%(stage)s”这个时钟。") % {"stage": stage[:40]})
        told = {"due_at": row.due_at.isoformat(), "provisional": row.provisional}
        return Response({**told, "sentences": why.sentences(row), "steps": why.steps_json(row)})


class CategoriesView(APIView):
    """网格清单: the checklist, open to every account."""

    @extend_schema(
        operation_id="categories", responses={200: shapes.ChecklistCategory(many=True), **refusals()}
    )
    def get(self, request: Request) -> Response:
        return Response(
            [
                {"code": one.code, "name": one.name, "items": [item_json(item) for item in one.items]}
                for one in rulebook.categories()
            ]
        )


def item_json(item: rulebook.Item) -> dict[str, Any]:
    """A 小项 as SPEC §10 has it."""
    return {
        "code": item.code,
        "name": item.name,
        "what_to_call": item.what_to_call,
        "level": item.level,
        "direct": item.direct,
        "kind": item.kind,
        "lead": item.lead_code,
        "assist": list(item.assist_codes),
        "urgency": item.urgency,
        "evidence": list(item.evidence),
        "check_required": item.check_required,
        "sensitive": item.sensitive,
        "claimable": item.claimable,
        "limit": case_json.limit_json(item),
    }


# -- what the views share


def find(request: Request, number: str) -> Case:
    """The case if the asker may see it; OutOfScope (404) else."""
    return gate.find(Case.objects.filter(visible_to(actor(request))), number=number)


def fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields; each move takes those that its row names."""
    return {name: value for name, value in sent.items() if name != "version"}


def shown(
    case: Case, request: Request, *, at: Any = None, papers: dossier.Dossier | None = None
) -> dict[str, Any]:
    """The case for the asker, with what the command has in hand."""
    board = getattr(case, "board", None)
    return case_json.case_json(case, by=actor(request), at=at or clock.now(), board=board, papers=papers)
