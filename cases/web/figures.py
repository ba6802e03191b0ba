"""Pages of figures: the definitions, one figure taken apart, the rows behind a number."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.figures import durations
from cases.figures import later as changes
from cases.figures.behind import CODES, PARTS, narrowed, part_asked
from cases.figures.catalogue import FIGURES, HANDLING, RATES
from cases.figures.kept import moment
from cases.figures.splitting import dimensions_of
from cases.queries import figure_pages, figure_rows, figure_times
from cases.queries.counting import shown
from cases.queries.figure_pages import list_url
from cases.queries.lists import SIZE
from cases.web import shell
from cases.web.asked import Asked, asked_of
from cases.web.taking_out import size_of, takes_out, too_long
from parties.gate import signed_in


@signed_in
@require_safe
@takes_out
def definitions(request: HttpRequest) -> HttpResponse:
    """Every figure in words, with its number in the reader's own scope as the example."""
    at = moment()
    asked = asked_of(request, at)
    context = _frame(asked, _("指标口径"), "cases:figures")
    context |= {
        "groups": figure_pages.definitions(asked.subject, asked.period, at, asked.link),
        "handling": figure_times.told(durations.times(asked.subject, [asked.period], at)[0], asked.link),
        "later_url": f"{reverse('cases:figures_later')}?{urlencode(asked.link)}",
    }
    return render(request, "cases/desk/figures.html", context)


@signed_in
@require_safe
@takes_out
def later(request: HttpRequest) -> HttpResponse:
    """What changed the figures of a period after it was over."""
    asked = asked_of(request, moment())
    context = _frame(asked, _("事后变动"), "cases:figures_later")
    found = changes.entries(asked.subject, asked.period)
    total = shell.count(request, {"later": found})["later"]
    if (refused := too_long(request, total)) is not None:
        return refused
    paging = {key: request.GET[key] for key in ("cursor", "nth") if key in request.GET}
    context |= figure_pages.later_page(
        request.actor,
        asked.subject,
        asked.period,
        found,
        total,
        {**asked.link, **paging},
        size_of(request, SIZE),
    )
    context["total"] = shown(total)
    context["figures_url"] = f"{reverse('cases:figures')}?{urlencode(asked.link)}"
    return render(request, "cases/desk/figures_later.html", context)


@signed_in
@require_safe
@takes_out
def one(request: HttpRequest, code: str) -> HttpResponse:
    """`?by=` one of the figure's dimensions."""
    if code not in RATES and code != HANDLING.code:
        raise Http404
    at = moment()
    asked = asked_of(request, at)
    by = request.GET.get("by", "")
    dimensions = dimensions_of(code)
    by = by if by in dimensions else dimensions[0]
    context = _frame(asked, str(FIGURES[code].name), "cases:figure", [code])
    if code == HANDLING.code:
        context |= figure_times.page(by, asked.subject, asked.period, at, asked.link)
        return render(request, "cases/desk/figure_times.html", context)
    context |= figure_pages.one(code, by, asked.subject, asked.period, at, asked.link)
    return render(request, "cases/desk/figure.html", context)


@signed_in
@require_safe
@takes_out
def rows(request: HttpRequest, code: str, part: str) -> HttpResponse:
    """The rows behind a number, one for each that it counts."""
    if code not in CODES or part not in PARTS:
        raise Http404
    at = moment()
    asked = asked_of(request, at)
    part_said = part_asked(code, request.GET.dict())
    found, *before = narrowed(code, part, asked.subject, asked.period, at, request.GET.dict())
    counts = shell.count(request, {"rows": found, **({"before": before[0]} if before else {})})
    total = sum(counts[name] for name in ("rows", "before") if name in counts)
    link = {**asked.link, **part_said.kept}
    # a list is of now
    cases_url = "" if asked.as_of else list_url(link, figure=code, part=part)
    if (refused := too_long(request, total, cases_url)) is not None:
        return refused
    words = figure_rows.words_of(code, part)
    context = _frame(asked, words, "cases:figure_rows", [code, part], part_said.kept)
    paging = {key: request.GET[key] for key in ("cursor", "nth") if key in request.GET}
    context |= figure_rows.behind(
        request.actor, code, found, total, {**link, **paging}, at, size_of(request, SIZE)
    )
    said, most = list(part_said.said), size_of(request, figure_rows.MOST_KEPT)
    if before and "cursor" not in request.GET:
        context["rows"] += figure_rows.kept_rows(request.actor, code, before[0], asked.as_of or at, most)
        if counts["before"] > most:
            said.append(_("后来变动过的只列最近 %(n)s 条") % {"n": most})
    context |= {"total": total, "said": said, "figure_url": "", "list_url": cases_url}
    if code in RATES:
        context["figure_url"] = figure_pages.figure_url(code, asked.link)
    return render(request, "cases/desk/figure_rows.html", context)


def _frame(
    asked: Asked, name: str, page: str, args: list[str] | None = None, kept: dict[str, str] | None = None
) -> dict[str, Any]:
    """What these pages have around them: whose, when, and the ways to other periods."""
    return {
        "title": name,
        "whose": asked.title,
        "period_words": asked.period_words,
        "periods": asked.periods(reverse(page, args=args or []), kept or {}),
        "trees": asked.trees(reverse(page, args=args or []), kept or {}),
        "dashboard_url": f"{reverse('cases:dashboard')}?{urlencode(asked.link)}",
        **asked.tools(reverse(page, args=args or []), kept or {}),
    }
