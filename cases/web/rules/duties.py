"""Duty rows: the list, one of them, a new one, holes and overlaps, and a tester."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import duty_edits, duty_import, kinds, rulebook
from cases.models.rules import DutyRow
from cases.queries import duties
from cases.queries.counting import shown
from cases.refusals import MoveRefused, not_ready
from cases.routing import explain, lint
from cases.routing.decide import decide
from cases.web import shell
from cases.web.answers import go, page, params, plain
from cases.web.rules import duty_forms, reading
from grid import paging
from grid.models import Place
from grid.queries import lineage, path_text
from ledger import clock
from parties import gate
from parties.gate import NotYours

HERE = "cases:duties"


@reading.keepers
@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The rows by tab, matter, place, unit, part and words."""
    asked, today = params(request), clock.today()
    tab = asked.get("tab", "live")
    asked["tab"] = tab = tab if tab in duties.TABS else "live"
    kept = {name: asked[name] for name in duties.FILTERS if asked.get(name)}
    wanted = duties.condition(kept)
    by_tab = {name: duties.in_tab(name, today).filter(wanted) for name in duties.TABS}
    numbers = shell.count(request, by_tab)
    try:
        rows, found = duties.page(by_tab[tab], asked, today)
    except paging.BadPage:
        rows, found = duties.page(by_tab[tab], kept, today)
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({**kept, 'tab': name})}",
                "count": shown(numbers[name]),
                "current": name == tab,
            }
            for name, label in duties.TABS.items()
        ],
        "tab": tab,
        "filters": duty_forms.filters(asked),
        "filtered": len(kept) > 1,
        "may": request.actor.may("rules"),
        "rows": rows,
        "sheet": urlencode(kept),
        "page": _pager(found, numbers[tab]),
    }
    return page(request, "cases/rules/duties.html", context)


def _pager(found: paging.Page, total: int) -> dict[str, str] | None:
    if not (found.next or found.previous):
        return None
    return {
        "words": _("共 %(n)s 行") % {"n": shown(total)},
        "next": _query(found.next),
        "previous": _query(found.previous),
    }


def _query(query: str | None) -> str:
    return "" if query is None else "?" + query.replace("page_size=50&", "").replace("&page_size=50", "")


# -- one row


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One row. POST action=change | end, or try_change | try_end to keep it as a draft to be replayed first."""
    rows = DutyRow.objects.select_related("item", "category", "place", "organisation")
    row = gate.find(rows, pk=pk)
    refusal, status, today = None, 200, clock.today()
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            target = ACTS.get(action, _nothing)(request, row)
        except (MoveRefused, NotYours) as refused:
            refusal, status = _refused(request, refused, action.removeprefix("try_"))
        else:
            return go(request, target)
    living = row.until is None or row.until > today
    context = {
        "row": duties.lines([row], today)[0],
        "others": duties.others(row, today),
        "history": duties.history(row),
        "may": living and request.actor.may("rules", path=row.place.path),
        "fresh": row.since >= today,
        "change_fields": duty_forms.change_fields(row, today) if living else [],
        "end_fields": duty_forms.end_fields(today),
        "refusal": refusal,
    }
    return page(request, "cases/rules/duty.html", context, status)


def _refused(request: HttpRequest, refused: MoveRefused | NotYours, name: str) -> tuple[dict[str, Any], int]:
    if isinstance(refused, NotYours):
        refused = MoveRefused("not_yours", refused.sentence)
    return reading.refusal(request, refused, name), refused.status


def _nothing(request: HttpRequest, row: DutyRow) -> str:
    raise not_ready(_("表单不完整，请刷新页面再交一次。"))


def _posted(request: HttpRequest) -> dict[str, str]:
    return {name: plain(value, 200).strip() for name, value in request.POST.items()}


def _given(request: HttpRequest, row: DutyRow) -> dict[str, Any]:
    given = duty_forms.content(_posted(request), row.place)
    if given["organisation"] is not None and given["template"]:
        # the form shows both: whichever differs from what stands was meant
        if given["template"] == row.template:
            given["template"] = ""
        elif given["organisation"].id == row.organisation_id:
            given["organisation"] = None
    return given


def _change(request: HttpRequest, row: DutyRow) -> str:
    new = duty_edits.change_duty(row=row.pk, by=request.actor, at=clock.now(), **_given(request, row))
    messages.success(request, _("已改，自 %(day)s 起施行；在办的不变。") % {"day": new.since.isoformat()})
    return reverse("cases:duty", args=[new.pk])


def _try_change(request: HttpRequest, row: DutyRow) -> str:
    kept = duty_import.try_change(row=row.pk, by=request.actor, at=clock.now(), **_given(request, row))
    return reverse("cases:duty_draft", args=[kept.pk])


def _try_end(request: HttpRequest, row: DutyRow) -> str:
    kept = duty_import.try_end(row=row.pk, by=request.actor, at=clock.now(), on=_on(request))
    return reverse("cases:duty_draft", args=[kept.pk])


def _on(request: HttpRequest) -> dt.date | None:
    return reading.date(plain(request.POST.get("on", ""), 20), "on")


def _end(request: HttpRequest, row: DutyRow) -> str:
    day = _on(request)
    left = duty_edits.end_duty(row=row.pk, by=request.actor, at=clock.now(), on=day)
    if left is None:
        messages.success(request, _("还没生效过，已撤回；原来的一行继续。"))
        return reverse(HERE)
    assert left.until is not None
    messages.success(request, _("%(day)s 起失效；在办的不变。") % {"day": left.until.isoformat()})
    return reverse("cases:duty", args=[row.pk])


ACTS = {"change": _change, "end": _end, "try_change": _try_change, "try_end": _try_end}


# -- a new one


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a row down."""
    refusal, status = None, 200
    if request.method == "POST":
        posted = _posted(request)
        try:
            place = duty_forms.place_of(posted.get("place", ""))
            if posted.get("action") == "try":
                return go(request, _try(request, posted, place))
            row = duty_edits.open_duty(
                by=request.actor,
                at=clock.now(),
                place=place,
                item=posted.get("item", ""),
                category=posted.get("category", ""),
                **duty_forms.content(posted, place),
            )
        except (MoveRefused, NotYours) as refused:
            refusal, status = _refused(request, refused, "new")
        else:
            messages.success(request, _("已写下，自 %(day)s 起施行。") % {"day": row.since.isoformat()})
            return go(request, reverse("cases:duty", args=[row.pk]))
    context = {"fields": duty_forms.new_fields(params(request), clock.today()), "refusal": refusal}
    return page(request, "cases/rules/duty_new.html", context, status)


def _try(request: HttpRequest, posted: dict[str, str], place: Place) -> str:
    """Keep what was typed as a draft of one line, to be replayed first."""
    given = duty_forms.content(posted, place)
    unit, cells = given.pop("organisation"), {name: str(value) for name, value in given.items() if value}
    cells |= {
        "place": place.code,
        "organisation": unit.code if unit else "",
        "direct": "1" if given["direct"] else "",
    }
    line = duty_import.form_line({**cells, "item": posted.get("item"), "category": posted.get("category")})
    kept = duty_import.keep(content=[line], name="", by=request.actor, at=clock.now())
    return reverse("cases:duty_draft", args=[kept.pk])


# -- holes and overlaps


@reading.keepers
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Where nobody, or two, would lead: as of today or a day to come."""
    day = _day(params(request).get("on", ""))
    found = lint.look(day, duties.roots_of(request.actor))
    context = {
        **duties.report(found),
        "may": request.actor.may("rules"),
        "fields": [{"field": "on", "type": "date", "label": _("哪一天"), "value": day.isoformat()}],
        "day": day,
    }
    return page(request, "cases/rules/duty_check.html", context)


def _day(text: str) -> dt.date:
    return reading.date(text, "on", required=False) or clock.today()


# -- the tester


@reading.keepers
@require_safe
def test(request: HttpRequest) -> HttpResponse:
    """Who would get such a call, and why: every row that speaks of it."""
    asked, today = params(request), clock.today()
    context: dict[str, Any] = {
        "fields": duty_forms.test_fields(asked, today),
        "asked": asked,
        "faults": {},
        "decision": None,
        "rows": [],
    }
    if asked.get("asked"):
        try:
            context |= answer(asked)
        except MoveRefused as refused:
            context["faults"] = {name: str(words) for name, words in refused.fields.items()}
    return page(request, "cases/rules/duty_test.html", context, 422 if context["faults"] else 200)


def answer(asked: dict[str, str]) -> dict[str, Any]:
    """What the tester says of an item in a place on a day. Raises MoveRefused."""
    item = rulebook.item(asked.get("item", ""))
    if item is None:
        raise not_ready(_("请选小项。"), item=_("请选小项。"))
    place = duty_forms.place_of(asked.get("place", ""))
    kind = asked.get("kind", "") if asked.get("kind", "") in kinds.KINDS else item.kind
    at = clock.local_midnight(_day(asked.get("on", ""))) + dt.timedelta(hours=12)
    line = lineage(place)
    return {
        "decision": decide(item, kind, line, at),
        "where": f"{item.name} · {path_text(place, below='district')}",
        "rows": duties.candidates(explain.verdicts(item, kind, line, at)),
    }
