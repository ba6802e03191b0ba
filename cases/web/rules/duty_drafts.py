"""Many duty rows at once: sheets in and out, drafts with what each line does, replays on past cases; and what the
district's own dispatches suggest."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from kombu.exceptions import OperationalError

from cases import duty_edits, duty_import, duty_replay, rulebook, tasks
from cases.models.duty_draft import DutyDraft
from cases.models.rules import DutyRow
from cases.queries import duties, duty_suggestions
from cases.refusals import MoveRefused, not_ready
from cases.routing import duty_sheets
from cases.web.answers import go, page, params, plain
from cases.web.rules import duty_forms, reading
from grid import workbooks
from grid.errors import Unreadable
from grid.queries import PlaceLite, by_ids
from ledger import clock
from parties import directory, gate
from parties.gate import NotYours, needs

SHOWN = 500
DOES = {
    duty_import.OPEN: (gettext_lazy("新增"), "ok"),
    duty_import.CHANGE: (gettext_lazy("接替"), "info"),
    duty_import.END: (gettext_lazy("终止"), "warn"),
    duty_import.SAME: (gettext_lazy("不变"), ""),
    duty_import.SUGGESTED: (gettext_lazy("建议，未采用"), ""),
    duty_import.WRONG: (gettext_lazy("有错"), "bad"),
}
logger = logging.getLogger(__name__)


# -- sheets


@needs("rules")
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """Hand in a sheet, take one out, my drafts."""
    refusal, status = None, 200
    if request.method == "POST":
        try:
            draft = _hand_in(request)
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "sheet"), refused.status
        else:
            return go(request, reverse("cases:duty_draft", args=[draft.pk]))
    mine = DutyDraft.objects.filter(author_id=request.actor.id).defer("lines", "result")
    context = {
        "refusal": refusal,
        "columns": [words[0] for words in list(duty_sheets.COLUMNS.values())[:10]],
        "drafts": [
            {
                "url": reverse("cases:duty_draft", args=[one.pk]),
                "name": one.name or _("一行改动"),
                "at": one.created_at,
                "state": _("已发布") if one.published_at else one.get_state_display(),
            }
            for one in mine[:10]
        ],
    }
    return page(request, "cases/rules/duty_sheet.html", context, status)


def _hand_in(request: HttpRequest) -> DutyDraft:
    file = request.FILES.get("file")
    if file is None or not file.size:
        raise not_ready(_("请选一个文件，内容不能为空。"), file=_("请选文件"))
    if file.size > duty_sheets.LARGEST:
        raise not_ready(_("文件太大：最多 5 MB。"), file=_("太大"))
    try:
        lines = duty_sheets.read(file)
    except Unreadable as problem:
        raise not_ready(str(problem), file=str(problem)) from None
    return duty_import.keep(content=lines, name=plain(file.name or "", 120), by=request.actor, at=clock.now())


@reading.keepers
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The rows in force and to come, filtered as the list is, as CSV or (format=xlsx) a workbook."""
    asked, today = params(request), clock.today()
    tab = asked.get("tab", "")
    rows = duties.in_tab(tab, today).filter(duties.condition(asked))
    if tab not in duties.TABS:
        rows = rows.filter(DutyRow.standing(today))
    lines = duty_import.exported(duties.in_order(rows).order_by("matter", "place_path", "pk").iterator(500))
    name = f"duties-{today.isoformat()}"
    if asked.get("format") == "xlsx":
        response: HttpResponseBase = HttpResponse(
            duty_sheets.workbook(lines), content_type=workbooks.MEDIA_TYPE
        )
        name += ".xlsx"
    else:
        response = StreamingHttpResponse(
            duty_sheets.csv_pieces(lines), content_type="text/csv; charset=utf-8"
        )
        name += ".csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


# -- a draft


@needs("rules")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What each line would do; its replay. POST action=replay | publish | discard."""
    found = gate.find(DutyDraft.objects.filter(author_id=request.actor.id).select_related("place"), pk=pk)
    refusal, status = None, 200
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            target = ACTS.get(action, _nothing)(request, found)
        except (MoveRefused, NotYours) as refused:
            if isinstance(refused, NotYours):
                refused = MoveRefused("not_yours", refused.sentence)
            refusal, status = reading.refusal(request, refused, action), refused.status
        else:
            return go(request, target)
    return page(
        request, "cases/rules/duty_draft.html", {**_shown(request, found), "refusal": refusal}, status
    )


def _shown(request: HttpRequest, found: DutyDraft) -> dict[str, Any]:
    told = None
    if found.published_at is None:
        told = duty_import.plan(duty_import.lines_of(found), by=request.actor, at=clock.now())
    today = clock.today()
    since, until = found.since or today - dt.timedelta(days=90), found.until or today
    return {
        "draft": {
            "url": reverse("cases:duty_draft", args=[found.pk]),
            "name": found.name or _("一行改动"),
            "at": found.created_at,
            "published_at": found.published_at,
        },
        "counts": _counts(told),
        "effects": _effects(told),
        "more": max(0, len(told.effects) - SHOWN) if told else 0,
        "can_publish": bool(told and told.difference and not told.problems),
        "fields": [
            {
                "field": "since",
                "type": "date",
                "label": _("从"),
                "required": True,
                "value": since.isoformat(),
            },
            {
                "field": "until",
                "type": "date",
                "label": _("到"),
                "required": True,
                "value": until.isoformat(),
            },
            {
                "field": "place",
                "type": "line",
                "label": _("地点（含以下）"),
                "value": found.place.code if found.place else "",
                "hint": _("不写就是全部。"),
            },
        ],
        "replay": _replay_shown(found),
    }


def _counts(told: duty_import.Plan | None) -> list[dict[str, Any]]:
    if told is None:
        return []
    counts = told.counts
    return [
        {"label": label, "css": css, "n": counts[does]} for does, (label, css) in DOES.items() if counts[does]
    ]


def _effects(told: duty_import.Plan | None) -> list[dict[str, Any]]:
    """Wrong ones first, then what changes, then the rest."""
    if told is None:
        return []
    order = [duty_import.WRONG, duty_import.OPEN, duty_import.CHANGE, duty_import.END]
    ranked = sorted(told.effects, key=lambda one: order.index(one.does) if one.does in order else len(order))
    names = by_ids({one.row.place_id for one in ranked[:SHOWN] if one.row is not None})
    return [
        {
            "number": one.line.number,
            "label": DOES[one.does][0],
            "css": DOES[one.does][1],
            "words": _words(one, names),
            "since": one.row.since if one.row else None,
            "until": one.row.until if one.row else None,
            "problem": one.problem,
            "evidence": _evidence(one.line.cells) if one.line.suggested else "",
        }
        for one in ranked[:SHOWN]
    ]


def _words(one: duty_import.Effect, names: Mapping[int, PlaceLite]) -> str:
    cells = one.line.cells
    if one.row is None:
        told = [cells.get(name, "") for name in ("item", "category", "place", "organisation", "template")]
        return " · ".join(word for word in told if word)
    matter = duties.matter_words(one.row)
    unit = duties.target_words(one.row.organisation_id, one.row.template)
    place = names[one.row.place_id].name if one.row.place_id in names else cells.get("place", "")
    return f"{matter['code']} {matter['matter']} · {place} → {unit}"


def _evidence(cells: Any) -> str:
    return _("支持 %(support)s，把握 %(confidence)s；其他：%(others)s") % {
        "support": cells.get("support", "") or "—",
        "confidence": cells.get("confidence", "") or "—",
        "others": cells.get("alternatives", "") or "—",
    }


def _replay_shown(found: DutyDraft) -> dict[str, Any] | None:
    if not found.state:
        return None
    result = found.result or {}
    nobody = _("受理台（无职责行）")

    def unit(pk: int | None) -> str:
        return directory.name_of(pk, short=True) or nobody

    return {
        "over": found.state in (DutyDraft.State.DONE, DutyDraft.State.FAILED),
        "failed": found.state == DutyDraft.State.FAILED,
        "done": found.done,
        "total": found.total,
        "percent": min(100, 100 * found.done // found.total) if found.total else 0,
        "day": result.get("day", ""),
        "cases": result.get("cases", 0),
        "same": result.get("same", 0),
        "elsewhere": result.get("cases", 0) - result.get("same", 0),
        "moved": [
            {"old": unit(old), "new": unit(new), "n": n, "direct": old == new}
            for old, new, n in result.get("moved", ())
        ],
        "listed": [
            {
                "number": number,
                "url": reverse("cases:detail", args=[number]),
                "place": place,
                "item": item,
                "old": unit(old),
                "new": unit(new),
            }
            for number, place, item, old, new in result.get("listed", ())
        ],
    }


def _nothing(request: HttpRequest, found: DutyDraft) -> str:
    raise not_ready(_("表单不完整，请刷新页面再交一次。"))


def _publish(request: HttpRequest, found: DutyDraft) -> str:
    done = duty_import.publish(found, by=request.actor, at=clock.now())
    words = {"begun": len(done.begun), "ended": len(done.dated) + len(done.gone)}
    messages.success(request, _("已发布：写下 %(begun)s 行，终止 %(ended)s 行；在办的不变。") % words)
    return reverse("cases:duties")


def _discard(request: HttpRequest, found: DutyDraft) -> str:
    if found.published_at is None:
        found.delete()
    messages.success(request, _("草稿已丢弃，没有写入任何一行。"))
    return reverse("cases:duty_sheet")


def _replay(request: HttpRequest, found: DutyDraft) -> str:
    posted = request.POST
    since = reading.date(plain(posted.get("since", ""), 20), "since")
    until = reading.date(plain(posted.get("until", ""), 20), "until")
    words = plain(posted.get("place", ""), 80).strip()
    place = duty_forms.place_of(words) if words else None
    assert since is not None and until is not None
    duty_replay.ask(found, by=request.actor, at=clock.now(), since=since, until=until, place=place)
    work_out(found)
    return reverse("cases:duty_draft", args=[found.pk])


def work_out(found: DutyDraft) -> None:
    """A small one at once, a large one by a worker. Without a broker it waits, and can be asked for again."""
    if found.total <= duty_replay.AT_ONCE:
        duty_replay.run(pk=found.pk)
        return
    try:
        tasks.replay_duties.delay(pk=found.pk)
    except OperationalError:
        logger.warning("no broker: replay of draft %s waits", found.pk)


ACTS = {"publish": _publish, "discard": _discard, "replay": _replay}


# -- what the district's own dispatches suggest


@needs("rules")
@require_http_methods(["GET", "HEAD", "POST"])
def suggestions(request: HttpRequest) -> HttpResponse:
    """Rows that the past year speaks for. POST key=: accept that one."""
    actor, at = request.actor, clock.now()
    found = duty_suggestions.proposals(actor, at)
    refusal, status = None, 200
    if request.method == "POST":
        key = plain(request.POST.get("key", ""), 200)
        try:
            row = _accept(request, next((one for one in found if one.key == key), None))
        except (MoveRefused, NotYours) as refused:
            if isinstance(refused, NotYours):
                refused = MoveRefused("not_yours", refused.sentence)
            refusal, status = reading.refusal(request, refused, "accept"), refused.status
        else:
            messages.success(request, _("已采用，自 %(day)s 起施行。") % {"day": row.since.isoformat()})
            return go(request, reverse("cases:duty_suggestions"))
    places = duty_suggestions.place_words(found[:SHOWN])
    context = {
        "rows": [
            {
                "key": one.key,
                "code": one.item,
                "matter": name_of(one.item),
                "place": places[one.place.code],
                "unit": one.unit.short_name or one.unit.name,
                "support": one.suggestion.support,
                "total": one.suggestion.total,
                "confidence": f"{100 * one.suggestion.confidence:.0f} %",
                "others": _("、").join(
                    f"{directory.name_of(int(pk), short=True)} {n}" for pk, n in one.suggestion.alternatives
                ),
                "now": one.now,
                "test": f"{reverse('cases:duty_test')}?"
                + urlencode({"asked": 1, "item": one.item, "place": one.place.code}),
            }
            for one in found[:SHOWN]
        ],
        "refusal": refusal,
    }
    return page(request, "cases/rules/duty_suggestions.html", context, status)


def name_of(code: str) -> str:
    item = rulebook.item(code)
    return item.name if item is not None else code


def _accept(request: HttpRequest, one: duty_suggestions.Proposal | None) -> Any:
    if one is None:
        raise not_ready(_("这条建议已经不在了：职责行或派遣有了变化。"))
    found = one.suggestion
    return duty_edits.open_duty(
        by=request.actor,
        at=clock.now(),
        place=one.place,
        item=one.item,
        organisation=one.unit,
        direct=one.unit.level == "district",
        basis=_("过去一年 %(total)s 次派遣中 %(support)s 次由它办结")
        % {"total": found.total, "support": found.support},
    )
