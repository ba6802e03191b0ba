"""Refusals as pages: the sentence of the domain, with its status, on the page that says what to do next.

One translator for every room's refusals that no view has answered itself. Interfaces have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.evidence import EvidenceRefused
from cases.refusals import MoveRefused
from cases.web.answers import by_script, page, problem
from grid.errors import TreeRefused
from parties.access import NotYours
from parties.errors import PartiesRefused
from parties.gate import OutOfScope

TEMPLATES = {status: f"errors/{status}.html" for status in (400, 403, 404, 409, 422, 429)}


def answer(
    request: HttpRequest,
    status: int,
    sentence: object = "",
    *,
    fields: Mapping[str, str] | None = None,
    case_number: str = "",
    hint: object = "",
    actions: Sequence[Mapping[str, Any]] = (),
) -> HttpResponse:
    """One error page, with what to do instead; a status without a page of its own looks like 422."""
    context: dict[str, Any] = {"sentence": str(sentence), "fields": dict(fields or {})}
    context |= {"hint": str(hint), "actions": actions}
    if case_number:
        context["case_url"] = reverse("cases:detail", args=[case_number])
    return page(request, TEMPLATES.get(status, TEMPLATES[422]), context, status)


class RefusalsMiddleware:
    """Turns a refusal that a page's view let through into its error page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if is_api(request):
            return None
        if isinstance(problem, MoveRefused):
            number = problem.case.number if problem.case is not None else ""
            return answer(
                request, problem.status, problem.sentence, fields=problem.fields, case_number=number
            )
        if isinstance(problem, TreeRefused | PartiesRefused):
            return answer(request, problem.status, problem.sentence, fields=problem.fields)
        if isinstance(problem, EvidenceRefused):
            return answer(request, problem.status, problem.sentence)
        return None


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


# -- what Django asks for by itself


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request) or by_script(request):
        return problem(400, title=_("填得不对"))
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, NotYours) else ""
    if is_api(request) or by_script(request):
        return problem(403, title=_("没有这项权限"), detail=sentence)
    return answer(request, 403, sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, OutOfScope) else ""
    if is_api(request) or by_script(request):
        return problem(404, title=_("找不到"), detail=sentence)
    return answer(request, 404, sentence)
