"""How a page answers: what may be kept by nobody, where to go after a post, what was wrong with one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from cases.kinds import STATUSES
from cases.models import Case
from cases.refusals import MoveRefused
from parties import directory
from parties.errors import PartiesRefused
from parties.web.pages import params, plain, safe

__all__ = [
    "back_of",
    "go",
    "is_desk",
    "now_of",
    "page",
    "params",
    "plain",
    "private",
    "query_of",
    "refusal_of",
    "safe",
    "yours",
]


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page, or its fragment when htmx asks; kept by no cache, for it shows people and their matters. To a script
    that sends a kept form again, a refusal is its sentence."""
    if status >= 400 and by_script(request):
        refusal = context.get("refusal") or {}
        detail = refusal.get("sentence") or str(context.get("sentence", ""))
        return private(problem(status, detail=detail, fields=refusal.get("fields") or context.get("fields")))
    response = render(request, template, dict(context), status=status)
    return private(response)


def by_script(request: HttpRequest) -> bool:
    """Whether a form comes from the phone's outbox, which reads no pages."""
    return request.headers.get("Accept", "") == "application/json"


def problem(
    status: int, *, title: str = "", detail: str = "", fields: Mapping[str, str] | None = None
) -> JsonResponse:
    """RFC 9457, in the reader's language."""
    body = {"type": "about:blank", "title": title or detail, "status": status, "detail": detail or title}
    return JsonResponse(
        body | ({"errors": dict(fields)} if fields else {}),
        status=status,
        content_type="application/problem+json",
    )


def private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """After a post: to a page. htmx on that very page gets it as a fragment, elsewhere it goes there; a script that
    sent a kept form is told where."""
    if by_script(request):
        return private(JsonResponse({"url": url}))
    here = _here(request)
    if request.htmx and here != url and not (is_desk(here) and is_desk(url)):
        return private(HttpResponseClientRedirect(url))
    return private(HttpResponseRedirect(url))


def _here(request: HttpRequest) -> str:
    """The page that htmx says it stands on; "" where what it says is no address."""
    try:
        current = urlsplit(request.htmx.current_url or "")
    except ValueError:
        return ""
    return f"{current.path}?{current.query}" if current.query else current.path


def back_of(request: HttpRequest) -> str:
    """Where the form says it wants to go afterwards."""
    return safe(request, request.POST.get("back", "") or request.GET.get("back", ""))


def is_desk(target: str) -> bool:
    return urlsplit(target).path == reverse("cases:desk")


def query_of(target: str) -> QueryDict:
    return QueryDict(urlsplit(target).query, mutable=True)


# -- refusals


def refusal_of(
    refused: MoveRefused, name: str, posted: QueryDict | Mapping[str, Any], labels: Mapping[str, object]
) -> dict[str, Any]:
    """What `components/refusal.html` prints: the sentence, each field, and for a 409 both texts."""
    told = sentences_of(refused, posted)
    lone = list(told["fields"].values()) == [told["sentence"]]
    told |= {"move": name, "lone": next(iter(refused.fields), "") if lone else ""}
    if refused.status == 409:
        told["typed"] = "\n".join(posted.get(name) for name in labels if posted.get(name))
        told["yours"] = yours(posted, labels)
        told["now"] = now_of(refused.case) if refused.case is not None else ""
    return told


def sentences_of(
    refused: MoveRefused | PartiesRefused, posted: QueryDict | Mapping[str, Any]
) -> dict[str, Any]:
    """The same of a form of settings, which nobody else is at: each field has its sentence besides the one of all."""
    return {
        "status": refused.status,
        "sentence": str(refused.sentence),
        "fields": {field: str(words) for field, words in refused.fields.items()},
        "lone": "",
        "posted": posted,
    }


def yours(posted: QueryDict | Mapping[str, Any], labels: Mapping[str, object]) -> str:
    """What was typed, by field."""
    lines = [
        _("%(field)s：%(words)s") % {"field": label, "words": posted.get(name)}
        for name, label in labels.items()
        if posted.get(name)
    ]
    return "\n".join(lines) or _("（没有填写文字）")


def now_of(case: Case) -> str:
    """Where the case stands by now."""
    words = {
        "status": STATUSES[case.status],
        "holder": directory.name_of(case.holder_id, short=True),
        "version": case.version,
    }
    return _("%(status)s，在%(holder)s（第 %(version)s 版）") % words
