"""The draft beside the tree of places: adding steps, checking, publishing, taking back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from cases.queries import place_tree
from cases.web.answers import page
from cases.web.tree import editor, forms
from grid.errors import TreeRefused
from grid.models import Draft
from parties import gate
from parties.web.draft_desk import Desk


@gate.needs("tree")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """What publishing would do; change the draft, or publish it."""
    return DESK.show(request)


@gate.needs("tree")
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """What waits for its midnight and what was published, to be recalled or taken back."""
    return DESK.show_published(request)


@gate.signed_in
@require_safe
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """What one publication changed, for whomever it concerns."""
    return DESK.show_one(request, pk)


def _again(request: HttpRequest, refusal: TreeRefused) -> HttpResponse:
    """The page it came from, with the sentence that says why not, and what was typed."""
    by = request.actor
    tops = editor.roots_of(by)
    chosen = editor.find_place(by, request.POST.get("place", "") or tops[0].code)
    shown = editor.context(request, tops, chosen, refusal=refusal, posted=request.POST)
    return page(request, "grid/tree.html", shown, refusal.status)


DESK = Desk(model=Draft, frame=editor.FRAME, wording=place_tree.WORDING, forms=forms.READERS, again=_again)
