"""Errors as application/problem+json (RFC 9457): the one translator at the edge of the interface.

`type` is a URN that programs may compare, `title` its name, `detail` the sentence for the reader, `errors` what
is wrong by field. A 409 carries the current `case`. Nothing inside ever shows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from rest_framework import exceptions, status
from rest_framework.response import Response

from cases.api import throttles
from cases.evidence import EvidenceRefused
from cases.queries import case_json
from cases.queries.case_list import BadFilter
from cases.refusals import MoveRefused
from grid.errors import TreeRefused
from grid.paging import BadPage
from ledger import clock
from parties import directory
from parties.api.units import unit_json
from parties.errors import PartiesRefused

log = logging.getLogger(__name__)

LIBRARYS_OWN = ("JSON parse error", "Multipart form parse error")  # its words for an unreadable body
CONTENT_TYPE = "application/problem+json"
SLUGS = {
    400: "malformed",
    401: "not-signed-in",
    403: "not-yours",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "not-ready",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
    507: "no-room",
}


class Problem(exceptions.APIException):
    """A refusal of this edge's own making."""

    def __init__(self, status_code: int, sentence: str, **fields: str) -> None:
        super().__init__(sentence)
        self.status_code, self.sentence, self.fields = status_code, sentence, fields


def handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Every error of every view below /api/v1/."""
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        try:
            throttles.count_anonymous(context["request"])
        except exceptions.Throttled as throttled:
            exc = throttled
    response = _response(exc, context)
    if response.status_code == 401:
        response["WWW-Authenticate"] = getattr(exc, "auth_header", None) or "Token"
    if isinstance(exc, exceptions.Throttled) and exc.wait:
        response["Retry-After"] = str(int(exc.wait) + 1)
    if response.status_code == 503:
        response["Retry-After"] = "1"
    return response


def _response(exc: Exception, context: dict[str, Any]) -> Response:
    match exc:
        case MoveRefused():
            return _refused(exc, context)
        case TreeRefused() | PartiesRefused():
            return problem(exc.status, exc.sentence, exc.fields, **_impacts(exc))
        case EvidenceRefused():
            return problem(exc.status, exc.sentence, {"file": exc.sentence})
        case BadFilter():
            return problem(400, str(exc), exc.fields)
        case BadPage():
            return problem(400, _("翻页参数看不懂。"), {str(exc): _("请从第一页重新开始。")})
        case Problem():
            return problem(exc.status_code, exc.sentence, exc.fields)
        case Http404():
            return problem(404, str(exc.args[0]) if exc.args and type(exc) is not Http404 else _not_found())
        case PermissionDenied():
            return problem(403, str(exc) or _("您没有这项权限。"))
        case RequestDataTooBig():
            return problem(413, _("请求太大。"))
        case SuspiciousOperation():
            return problem(400, _("请求看不懂。"))
        case exceptions.ValidationError():
            fields = _flat(exc.detail)
            return problem(422, pgettext("between sentences", "；").join(fields.values()), fields)
        case exceptions.ParseError() if str(exc.detail).startswith(LIBRARYS_OWN):
            return problem(400, _("请求体看不懂：应为 JSON，文件用 multipart。"))
        case UnreadablePostError():
            return problem(400, _("请求没有收完整。"))
        case exceptions.NotAuthenticated():
            return problem(401, _("请先登录，或带上密钥。"))
        case exceptions.Throttled():
            return problem(429, _("请求太频繁，请稍后再试。"))
        case exceptions.MethodNotAllowed():
            return problem(405, _("这个地址不支持 %(method)s。") % {"method": context["request"].method})
        case exceptions.UnsupportedMediaType():
            return problem(415, _("不支持这种内容类型。"))
        case exceptions.NotFound():
            return problem(404, _not_found())
        case exceptions.APIException():
            return problem(exc.status_code, str(exc.detail))
        case OperationalError() | InterfaceError():
            log.error("database unavailable: %s", exc)
            return problem(503, _("系统正忙，请稍后再试。"))
    return _unexpected(exc, context)


def _refused(exc: MoveRefused, context: dict[str, Any]) -> Response:
    more: dict[str, Any] = {}
    if exc.status == 409 and exc.case is not None:
        by = context["request"].user.actor
        more["case"] = case_json.case_json(exc.case, by=by, at=clock.now())
    slug = {"stale": "stale", "not_from_here": "not-from-here"}.get(exc.kind, "")
    return problem(exc.status, str(exc.sentence), exc.fields, slug=slug, **more)


def _unexpected(exc: Exception, context: dict[str, Any]) -> Response:
    """Told to the log and to whoever listens for errors, to the caller only that it happened."""
    request = context["request"]._request
    log.error("%s %s failed", request.method, request.path, exc_info=exc)
    got_request_exception.send(sender=handler, request=request)
    return problem(500, _("系统出了差错，已记录；请稍后再试。"))


def problem(
    status_code: int,
    sentence: str,
    fields: Mapping[str, object] | None = None,
    *,
    slug: str = "",
    **more: Any,
) -> Response:
    """The answer for one refusal."""
    body: dict[str, Any] = {
        "type": f"urn:huying:problem:{slug or SLUGS.get(status_code, 'other')}",
        "title": title(status_code, slug),
        "status": status_code,
        "detail": sentence,
    }
    if fields:
        body["errors"] = {name: [str(words)] for name, words in fields.items()}
    return Response({**body, **more}, status=status_code, content_type=CONTENT_TYPE)


def title(status_code: int, slug: str = "") -> str:
    """A short name of the kind of problem, in the reader's language."""
    titles = {
        400: _("请求看不懂"),
        401: _("没有登录"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("方法不对"),
        409: _("情况已变化"),
        413: _("太大"),
        415: _("类型不对"),
        422: _("还不能办"),
        429: _("太频繁"),
        503: _("暂时不可用"),
        507: _("存不下"),
    }
    return titles.get(status_code) or _("出错了")


def _not_found() -> str:
    return _("没有找到，或不在您的范围内。")


def _impacts(exc: Exception) -> dict[str, Any]:
    """What stands in the way of a change, and the unit as somebody else has left it meanwhile."""
    found, now = getattr(exc, "impacts", None), getattr(exc, "now", None)
    told: dict[str, Any] = {"impacts": [impact_json(impact) for impact in found]} if found else {}
    org = directory.by_id(now.pk) if now is not None else None
    return {**told, "organisation": unit_json(org, now.version)} if org is not None else told


def impact_json(impact: Any) -> dict[str, Any]:
    return {
        "subject": impact.subject,
        "count": impact.count,
        "sentence": impact.sentence,
        "blocks": impact.blocks,
    }


def _flat(detail: Any, prefix: str = "") -> dict[str, str]:
    """Nested validation errors as field → sentence."""
    if isinstance(detail, Mapping):
        found: dict[str, str] = {}
        for name, inner in detail.items():
            found |= _flat(inner, f"{prefix}.{name}" if prefix else str(name))
        return found
    words = detail if isinstance(detail, Iterable) and not isinstance(detail, str) else [detail]
    return {prefix or "body": pgettext("between sentences", "；").join(map(str, words))}


__all__ = ["Problem", "handler", "problem", "status"]
