"""Refusals as pages: the sentence of the domain, with its status, on the page that says what to do next.

One translator for every room's refusals that no view has answered itself. Interfaces have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.evidence import EvidenceRefused
from cases.refusals import MoveRefused
from cases.web.answers import by_script, page, problem
from grid.errors import TreeRefused
from parties.access import NotYours
from parties.errors import PartiesRefused
from parties.gate import OutOfScope


@dataclass(frozen=True)
class Told:
    """What a status says where nobody said it better: `sentence` what happened, `hint` what to do next."""

    title: Promise
    tone: str
    icon: str
    sentence: Promise
    hint: Promise


TOLD = {
    400: Told(
        _("填得不对"),
        "bad",
        "alert-square",
        _("这份内容没有看懂，可能缺了一部分。"),
        _("回上一页看看填的内容，再交一次。"),
    ),
    403: Told(
        _("没有这项权限"),
        "warn",
        "lock",
        _("您能看到这里，但这一步不由您办。"),
        _("该谁办、为什么，工单里写着。需要这项权限，请找本单位管理员核对您的任职。"),
    ),
    404: Told(
        _("找不到"),
        "info",
        "map-off",
        _("没有这一页，或者它不在您的范围内。"),
        _("核对编号，或按地址查找。要看别处的件，请找本单位管理员核对您的任职。"),
    ),
    409: Told(
        _("刚才已经变了"),
        "warn",
        "arrows-exchange",
        _("您打开之后，别人先办了一步。"),
        _("回到工单看现在的情况，再决定怎么办。"),
    ),
    422: Told(
        _("还差一点"),
        "bad",
        "alert-square",
        _("还有内容没补齐。"),
        _("按提示补齐，再交一次。"),
    ),
    429: Told(
        _("请稍等"),
        "warn",
        "hourglass",
        _("短时间里请求太多了。"),
        _("过几分钟再试。"),
    ),
}


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
    """One error page, with what to do instead; a status without words of its own looks like 422."""
    shown = status if status in TOLD else 422
    told = TOLD[shown]
    context: dict[str, Any] = {
        "status": shown,
        "told": told,
        "fields": dict(fields or {}),
        "actions": actions,
    }
    context |= {"sentence": str(sentence) or told.sentence, "hint": str(hint) or told.hint}
    if case_number:
        context["case_url"] = reverse("cases:detail", args=[case_number])
    return page(request, "errors/refused.html", context, status)


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
        return problem(400, title=str(TOLD[400].title))
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, NotYours) else ""
    if is_api(request) or by_script(request):
        return problem(403, title=str(TOLD[403].title), detail=sentence)
    return answer(request, 403, sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, OutOfScope) else ""
    if is_api(request) or by_script(request):
        return problem(404, title=str(TOLD[404].title), detail=sentence)
    return answer(request, 404, sentence)
