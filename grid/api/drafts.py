"""Drafts of the tree over HTTP: make, check, publish, take back. One sees one's own, and what was published where
one may change the tree; everything else is not there (404)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import drafts, paging
from grid.api import bodies, shapes
from grid.api.keys import asks_dry_run, key_of, refuse_dry_run
from grid.api.moves import impact_json
from grid.api.views import IDEMPOTENCY_KEY, body_of
from grid.commands.base import rehearsal
from grid.draft_base import DraftBase
from grid.errors import TreeRefused
from grid.models import Draft
from ledger import clock, reading
from ledger.actor import Actor

ORDER = (paging.Key("id", descending=True),)
MOVES = ("publish", "recall", "discard", "refresh", "arrange", "undo", "adopt")
DRY_RUN = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="1：只看会怎样，不改（publish、undo）")


class OfOneTree(APIView):
    """What the views of drafts share: of which tree they are; the units' say another model."""

    throttle_scope = "api"
    model: type[DraftBase] = Draft
    tries = False  # does it know ?dry_run=1

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not self.tries:
            refuse_dry_run(request)

    def admin(self, request: Request) -> Actor:
        by: Actor = request.user.actor
        tree = drafts.tree_of(self.model)
        if not by.may(tree.capability):
            raise TreeRefused(tree.no_right, status=403)
        return by

    def find(self, request: Request, pk: int) -> Any:
        """One that one may see, or may take over."""
        by = self.admin(request)
        found = drafts.of(by, self.model).filter(pk=pk).prefetch_related("undone_by").first()
        if found is None:
            found = next((left for left in drafts.left_behind(by, self.model) if left.pk == pk), None)
        if found is None:
            raise Http404
        return found


class DraftsView(OfOneTree):
    """One's drafts and the publications of one's area, newest first (`left`: those whose author has left, to be taken
    over; `scheduled`: all that wait and touch one's ground); open one."""

    @extend_schema(
        operation_id="drafts",
        parameters=[
            OpenApiParameter(
                "status", OpenApiTypes.STR, enum=["open", "scheduled", "published", "discarded", "left"]
            ),
            OpenApiParameter("cursor", OpenApiTypes.STR),
            OpenApiParameter("page_size", OpenApiTypes.INT),
        ],
        responses={200: shapes.DraftPage},
    )
    def get(self, request: Request) -> Response:
        by = self.admin(request)
        asked = request.query_params.dict()
        rows = drafts.of(by, self.model).prefetch_related("undone_by")
        waiting: dict[int, drafts.Shown] = {}
        if asked.get("status") == "left":
            left = [draft.pk for draft in drafts.left_behind(by, self.model)]
            rows = self.model._default_manager.filter(pk__in=left).prefetch_related("undone_by")
        elif asked.get("status") == "scheduled":
            waiting = {one.draft.pk: one for one in drafts.scheduled_for(by, self.model)}
            rows = self.model._default_manager.filter(pk__in=waiting).prefetch_related("undone_by")
        elif asked.get("status"):
            rows = rows.filter(status=asked["status"][:12])
        page = paging.page(rows, ORDER, asked)
        shown = [draft_json(draft, by, waiting.get(draft.pk)) for draft in page.rows]
        return Response(paging.answer(page, shown, lambda text: request.build_absolute_uri(f"?{text}")))

    @extend_schema(operation_id="open_draft", request=shapes.NewDraft, responses={201: shapes.Draft})
    def post(self, request: Request) -> Response:
        by, sent = self.admin(request), body_of(request)
        draft = drafts.open_draft(by=by, at=clock.now(), model=self.model, **_said(sent))
        return Response(draft_json(draft, by), status=201)


class DraftView(OfOneTree):
    """One draft; change its basis or day. What is scheduled or published is shown to everybody whose ground it touches:
    those of its steps, and how many are `elsewhere`."""

    @extend_schema(operation_id="draft", responses={200: shapes.Draft})
    def get(self, request: Request, pk: int) -> Response:
        by: Actor = request.user.actor
        if seen := drafts.seen(by, pk, self.model):
            return Response(draft_json(seen.draft, by, seen))
        return Response(draft_json(self.find(request, pk), by))

    @extend_schema(operation_id="amend_draft", request=shapes.NewDraft, responses={200: shapes.Draft})
    def patch(self, request: Request, pk: int) -> Response:
        draft, by, sent = self.find(request, pk), request.user.actor, body_of(request)
        said = _said(sent)
        if "effective_on" in sent:
            said.setdefault("effective_on", None)
        return Response(draft_json(drafts.amend(draft, by=by, at=clock.now(), **said), by))


class StepsView(OfOneTree):
    """Append a step."""

    @extend_schema(operation_id="add_step", request=shapes.NewStep, responses={201: shapes.Draft})
    def post(self, request: Request, pk: int) -> Response:
        draft, by, sent = self.find(request, pk), request.user.actor, body_of(request)
        command, args = str(sent.get("command", "")), _args(sent)
        draft = drafts.add(draft, command=command, args=args, by=by, at=clock.now())
        return Response(draft_json(draft, by), status=201)


class StepView(OfOneTree):
    """Change a step's arguments, or drop it."""

    @extend_schema(operation_id="edit_step", request=shapes.NewStep, responses={200: shapes.Draft})
    def put(self, request: Request, pk: int, n: int) -> Response:
        draft, by, sent = self.find(request, pk), request.user.actor, body_of(request)
        return Response(draft_json(drafts.edit(draft, n, args=_args(sent), by=by, at=clock.now()), by))

    @extend_schema(operation_id="drop_step", responses={200: shapes.Draft})
    def delete(self, request: Request, pk: int, n: int) -> Response:
        draft, by = self.find(request, pk), request.user.actor
        return Response(draft_json(drafts.drop(draft, n, by=by, at=clock.now()), by))


class CheckView(OfOneTree):
    """The difference a draft makes and all its consequences; nothing is written."""

    @extend_schema(operation_id="check_draft", responses={200: shapes.Checked})
    def get(self, request: Request, pk: int) -> Response:
        draft = self.find(request, pk)
        checked = drafts.check(draft, by=request.user.actor, at=clock.now())
        return Response(checked_json(checked, drafts.waiting_beside(draft)))


class DraftMoveView(OfOneTree):
    """Publish (or schedule), recall, discard, refresh, arrange; undo a publication."""

    tries = True

    @extend_schema(
        operation_id="move_draft",
        parameters=[
            OpenApiParameter("move", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(MOVES)),
            DRY_RUN,
            IDEMPOTENCY_KEY,
        ],
        request=shapes.DraftMove,
        responses={200: shapes.Draft},
    )
    def post(self, request: Request, pk: int, move: str) -> Response:
        draft, by, sent = self.find(request, pk), request.user.actor, body_of(request)
        if move not in MOVES:
            raise Http404
        why: dict[str, Any] = {"by": by, "at": clock.now()}
        if asks_dry_run(request):
            return Response(_tried(draft, move, why))
        key = key_of(request, sent)
        try:
            match move:
                case "publish":
                    draft = drafts.publish(draft, request=key, **why)
                case "undo":
                    basis = bodies.read(sent, "basis").get("basis", "")
                    draft = drafts.undo(draft, request=key, basis=basis, **why)
                case "arrange":
                    draft = drafts.arrange(draft, _order(sent), **why)
                case _:
                    draft = {
                        "recall": drafts.recall,
                        "discard": drafts.discard,
                        "refresh": drafts.refresh,
                        "adopt": drafts.adopt,
                    }[move](draft, **why)
        except (TreeRefused, IntegrityError):
            before = reading.request_entry(by.id, key.key)
            if (
                before is None
                or before.subject_kind != self.model.SUBJECT
                or before.body_hash != key.body_hash
            ):
                raise
            draft = self.model._default_manager.get(pk=before.subject_id)
        return Response(draft_json(draft, by))


def draft_json(draft: Any, by: Actor, seen: drafts.Shown | None = None) -> dict[str, Any]:
    return {
        "id": draft.pk,
        "status": draft.status,
        "basis": draft.basis,
        "effective_on": draft.effective_on.isoformat() if draft.effective_on else None,
        "version": draft.version,
        "problem": draft.problem,
        "changed_at": draft.changed_at.isoformat(),
        "published_at": draft.published_at.isoformat() if draft.published_at else None,
        "undoes": draft.undoes_id,
        "undone": any(one.status == "published" for one in draft.undone_by.all()),
        "mine": draft.author_id == by.id,
        "steps": [
            {name: step[name] for name in ("n", "command", "args")}
            for step in (seen.steps if seen is not None else draft.steps)
        ],
        "elsewhere": seen.elsewhere if seen is not None else 0,
    }


def checked_json(checked: drafts.Checked, beside: Sequence[drafts.Shown]) -> dict[str, Any]:
    return {
        "publishable": checked.is_publishable,
        "changes": [
            {
                "n": one.n,
                "command": one.command,
                "sentence": one.sentence,
                "place": one.node,
                "impacts": [impact_json(impact) for impact in one.impacts],
                "problem": one.problem,
            }
            for one in checked.changes
        ],
        "blocking": [
            {"n": one.n, "sentence": one.sentence, "status": one.status} for one in checked.blocking
        ],
        "waiting": [
            {
                "draft": one.draft.pk,
                "effective_on": one.draft.effective_on.isoformat(),
                "steps": len(one.steps),
            }
            for one in beside
        ],
    }


def _tried(draft: DraftBase, move: str, why: dict[str, Any]) -> dict[str, Any]:
    """What publishing would do, as `check` says it; whether a publication can be taken back, as the draft that would."""
    if move == "publish":
        return checked_json(drafts.check(draft, **why), drafts.waiting_beside(draft))
    if move != "undo":
        raise Http404
    with rehearsal():
        return draft_json(drafts.undo(draft, **why), why["by"])


def _said(sent: Mapping[str, Any]) -> dict[str, Any]:
    said = bodies.read(sent, "basis", "effective_on")
    return {name: said[name] for name in ("basis", "effective_on") if name in said}


def _args(sent: Mapping[str, Any]) -> Mapping[str, Any]:
    args = sent.get("args")
    if not isinstance(args, Mapping):
        raise bodies.bad("args")
    return args


def _order(sent: Mapping[str, Any]) -> list[int]:
    order = sent.get("order")
    if not isinstance(order, list) or not all(isinstance(n, int) for n in order):
        raise bodies.bad("order")
    return order
