"""The moves of a place over HTTP, each at once, for show (`dry_run`), or at a coming midnight."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grid import commands, drafts, queries
from grid.api import bodies, shapes
from grid.api.keys import asks_dry_run, key_of
from grid.api.views import IDEMPOTENCY_KEY, body_of, place_at
from grid.commands import Outcome
from grid.drafts import steps
from grid.errors import TreeRefused
from grid.followers import Impact
from grid.models import Draft, Place
from ledger import clock, versions
from ledger.actor import Actor

MOVES = ("rename", "recode", "move", "set_facts", "merge", "split", "retire", "restore")

# what of the body each of them takes along into a draft
SAID: Mapping[str, tuple[str, ...]] = {
    "rename": ("name",),
    "recode": ("code",),
    "move": ("parent",),
    "set_facts": steps.FACTS,
    "merge": ("target", "name", "code"),
    "split": ("parts",),
    "retire": ("target", "targets"),
}


class PlaceMoveView(APIView):
    """Change a place; with `?dry_run=1` only say what it would touch, with `at` a coming midnight when."""

    throttle_scope = "api"

    @extend_schema(
        operation_id="move_place",
        parameters=[
            OpenApiParameter("code", OpenApiTypes.STR, OpenApiParameter.PATH),
            OpenApiParameter("move", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(MOVES)),
            OpenApiParameter("dry_run", OpenApiTypes.BOOL),
            IDEMPOTENCY_KEY,
        ],
        request=shapes.PlaceMove,
        responses={200: shapes.PlaceMoved},
    )
    def post(self, request: Request, code: str, move: str) -> Response:
        sent, by, now = body_of(request), request.user.actor, clock.now()
        if move not in MOVES:
            raise Http404
        key = key_of(request, sent)
        dry_run = asks_dry_run(request)
        place = _addressed(code, move)
        draft: Draft | None = None
        impacts: list[Impact] = []
        try:
            version = bodies.version(sent)
            day = bodies.midnight(sent.get("at"), now)
            command = _command(move, place, version, sent)
            basis = bodies.read(sent, "basis").get("basis", "")
            if day is None or dry_run:
                outcome: Outcome = command(by=by, at=now, basis=basis, dry_run=dry_run, request=key)
                impacts, place = outcome.impacts, place if dry_run else outcome.place
            else:
                draft = _scheduled(place, version, move, sent, day, by, now, basis, key)
        except (TreeRefused, IntegrityError):
            before = commands.replayed(by, key)
            if before is None:
                raise
            place = before
        shown = queries.place_json(place, boundary=True)
        told = [impact_json(one) for one in impacts]
        return Response({**shown, "dry_run": dry_run, "impacts": told, "draft": draft.pk if draft else None})


def impact_json(impact: Impact) -> dict[str, Any]:
    return {
        "subject": impact.subject,
        "count": impact.count,
        "sentence": impact.sentence,
        "blocks": impact.blocks,
        "examples": list(impact.examples),
    }


def _addressed(code: str, move: str) -> Place:
    """The live place that a code leads to; to restore, the very place that has the code."""
    if move != "restore":
        return place_at(code)
    try:
        return steps.find(code.replace("\0", ""))
    except TreeRefused:
        raise Http404 from None


def _command(move: str, place: Place, version: int, sent: Mapping[str, Any]) -> Callable[..., Outcome]:
    """The command with what it is about; TreeRefused where something is missing."""

    def run(**why: Any) -> Outcome:
        match move:
            case "rename":
                said = bodies.read(sent, "name", required=("name",))
                return commands.rename_place(place=place, version=version, **said, **why)
            case "recode":
                said = bodies.read(sent, "code", required=("code",))
                return commands.recode_place(place=place, version=version, **said, **why)
            case "move":
                said = bodies.read(sent, "parent", required=("parent",))
                return commands.move_place(place=place, version=version, **said, **why)
            case "set_facts":
                values = bodies.values(sent, *steps.FACTS)
                if not values:
                    raise TreeRefused(_("请填写要改的资料。"), fields={steps.FACTS[0]: _("请填写。")})
                return commands.set_facts(place=place, version=version, values=values, **why)
            case "merge":
                said = bodies.read(sent, "target", "name")
                new = {**said, **bodies.read(sent, "code")} if "name" in said else said
                others = bodies.others(sent.get("parts"))
                places, seen = [place, *(one for one, _v in others)], [version, *(v for _p, v in others)]
                return commands.merge_places(places=places, versions=seen, **new, **why)
            case "split":
                return commands.split_place(
                    place=place, version=version, parts=bodies.parts(sent.get("parts")), **why
                )
            case "retire":
                said = bodies.read(sent, "target")
                heirs = [said["target"]] if said else bodies.several(sent.get("targets") or [], "targets")
                return commands.retire_place(place=place, version=version, successors=heirs, **why)
        return commands.restore_place(place=place, version=version, **why)

    return run


def _scheduled(
    place: Place,
    version: int,
    move: str,
    sent: Mapping[str, Any],
    day: dt.date,
    by: Actor,
    at: dt.datetime,
    basis: str,
    key: commands.Request,
) -> Draft:
    """The move as a draft of one step that waits for its midnight; checked as it would be published now."""
    if version != place.version:
        raise TreeRefused(_("“{name}”刚被他人改过，请刷新后再试。").format(name=place.name), status=409)
    args: dict[str, Any] = {"place": f"#{place.pk}"}
    if move == "merge":
        others = bodies.others(sent.get("parts"))
        args = {"places": [f"#{one.pk}" for one in (place, *(one for one, _v in others))]}
    for wanted in SAID.get(move, ()):
        if sent.get(wanted) or (move == "set_facts" and wanted in sent):
            args[wanted] = sent[wanted]
    try:
        with transaction.atomic():
            draft = drafts.open_draft(by=by, at=at, basis=basis, effective_on=day)
            draft = drafts.add(draft, command=move, args=args, by=by, at=at)
            return drafts.publish(draft, by=by, at=at, request=key)
    finally:
        versions.forget()
