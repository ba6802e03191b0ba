"""How a page answers: kept by no cache, for it shows people and their matters; what a query says, without traps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from parties.commands.accounts import REASONS
from parties.kinds import KINDS
from parties.models.accounts import LANGUAGES
from parties.reading import Field
from parties.roles import DUTIES, ROLES

# how a field of parties.reading is drawn by the tag `field`
DRAWN = {
    "lines": "text", "bool": "bool", "kind": "choice", "role": "choice", "duty": "choice", "language": "choice", "reason": "choice",
    "day": "date", "last_day": "date",
}  # fmt: skip
CHOICES = {
    "kind": lambda: [{"value": name, "label": str(kind.label)} for name, kind in KINDS.items()],
    "role": lambda: [{"value": role.name, "label": str(role.label)} for role in ROLES.values()],
    "duty": lambda: [{"value": duty.name, "label": str(duty.label)} for duty in DUTIES.values()],
    "language": lambda: list(LANGUAGES),
    "reason": lambda: list(REASONS.items()),
}


def page(request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A page, or its fragment when htmx asks."""
    response = render(request, template, dict(context), status=status)
    response["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response


def plain(text: str, limit: int = 2000) -> str:
    """What came from outside, without the one character no database takes."""
    return text.replace("\x00", "")[:limit]


def safe(request: HttpRequest, target: str) -> str:
    """A way back inside this site, to a page that there is; "" for anything else."""
    target = plain(target)
    if not target.startswith("/") or not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return ""
    try:
        resolve(urlsplit(target).path)
    except Resolver404:
        return ""
    return target


def params(request: HttpRequest) -> dict[str, str]:
    """The query string, one value each, without the one character no database takes."""
    return {name: plain(value, 400) for name, value in request.GET.items()}


def need(field: Field, value: Any = None) -> dict[str, Any]:
    """A field as the tag `field` takes it."""
    drawn = {
        "field": field.name,
        "label": field.label,
        "type": DRAWN.get(field.type, "line"),
        "required": field.required,
        "hint": field.hint,
        "value": value,
    }
    if field.type in CHOICES:
        drawn["choices"] = CHOICES[field.type]()
    return drawn
