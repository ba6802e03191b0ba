"""How every view of the cases describes its refusals in the schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse

from cases.api import shapes
from grid.api.views import IDEMPOTENCY_KEY

__all__ = ["IDEMPOTENCY_KEY", "refusals"]

SENTENCES = {
    400: "看不懂，或没有版本号",
    401: "没有登录",
    403: "没有权限",
    404: "没有，或不在范围内",
    409: "情况已变化；带当前工单",
    413: "太大",
    415: "内容类型不对",
    422: "缺少或不合",
    429: "太频繁",
    507: "服务器存不下",
}


def refusals(*codes: int) -> dict[Any, OpenApiResponse]:
    """Problem answers for these statuses; 401 and 429 stand everywhere."""
    return {
        (code, "application/problem+json"): OpenApiResponse(shapes.Problem, SENTENCES[code])
        for code in sorted({401, 429, *codes})
    }
