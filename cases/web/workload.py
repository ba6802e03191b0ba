"""本单位谁手上有什么, for who hands out its work."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases import bulk
from cases.queries import handing, lists, workload
from cases.web.answers import page, params
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?unit=` another that one leads; `?form=csv` as a sheet."""
    actor, at, asked = request.actor, clock.now(), params(request)
    unit = workload.unit_asked(actor, asked.get("unit", ""))
    loads = workload.of(actor, unit, at)
    if asked.get("form") == "csv":
        answer = HttpResponse(workload.as_csv(loads), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="workload-{clock.local_date(at)}.csv"'
        return answer
    here = reverse("cases:workload")
    context = {
        "unit": {"code": unit.code, "name": unit.short_name or unit.name},
        "units": [{"code": org.code, "name": org.name} for org in workload.units_to_choose(actor)],
        "here": here,
        "rows": workload.rows(actor, unit, loads, at),
        "nobody_posted": not any(one.posted for one in loads),
        "csv_url": f"{here}?{urlencode({'unit': unit.code, 'form': 'csv'})}",
    }
    return page(request, "cases/desk/workload.html", context)


@signed_in
@require_safe
def hand_over(request: HttpRequest) -> HttpResponse:
    """Out of somebody's hands (`?person=`; nobody: what is not taken up) into those of another, or shared among those
    present: the form. It is sent as a bulk, with its checks and its report."""
    actor, at, asked = request.actor, clock.now(), params(request)
    pile = handing.pile(actor, asked.get("unit", ""), asked.get("person", ""), at)
    found = list(handing.cases(actor, pile)[: bulk.MOST])
    context = {
        "pile": {"name": pile.name, "own": pile.own, "nobody": pile.account is None},
        "way": pile.way,
        "rows": lists.rows_of(actor, found, at),
        "most": bulk.MOST if len(found) == bulk.MOST else 0,
        "fields": handing.fields(actor, pile, at),
        "back": f"{reverse('cases:workload')}?{urlencode({'unit': pile.unit.code})}"
        if pile.unit is not None
        else reverse("cases:queue"),
    }
    return page(request, "cases/desk/hand_over.html", context)
