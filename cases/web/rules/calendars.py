"""Calendars: all of them, and one with its year, its week and its dated exceptions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases import calendar_edits, notice_import
from cases.models.calendars import Calendar, CalendarDay
from cases.queries import opening_year
from cases.refusals import MoveRefused, not_ready
from cases.sla import notice_sheet
from cases.sla.calendar import FIRST_YEAR, LAST_YEAR
from cases.web.answers import go, page, params, plain
from cases.web.rules import reading
from grid import finding
from ledger import clock
from parties import gate
from parties.models import Organisation

MOST_BYTES = 400_000


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def every(request: HttpRequest) -> HttpResponse:
    """All calendars, each under the one it inherits from; POST opens one."""
    refusal, status = None, 200
    if request.method == "POST":
        try:
            opened = _open(request)
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "open"), refused.status
        else:
            messages.success(request, _("已建“%(name)s”。") % {"name": opened.name})
            return go(request, reverse("cases:calendar", args=[opened.code]))
    actor = request.actor
    context = {
        "calendars": opening_year.tree(actor),
        "may": actor.may("rules"),
        "fields": _opening_fields(request) if actor.may("rules") else [],
        "refusal": refusal,
    }
    return page(request, "cases/rules/calendars.html", context, status)


def _open(request: HttpRequest) -> Calendar:
    posted, by, at = request.POST, request.actor, clock.now()
    code, where = plain(posted.get("organisation", ""), 40), plain(posted.get("place", ""), 80).strip()
    place = organisation = None
    if where:
        found = finding.by_code(where) or next(iter(finding.search(where, limit=1)), None)
        if found is None:
            raise not_ready(_("没有这个地点。"), place=_("请核对地点。"))
        place = found
    if code:
        organisation = Organisation.objects.filter(code=code).first()
    return calendar_edits.open_calendar(
        by=by, at=at, place=place, organisation=organisation, name=plain(posted.get("name", ""), 60)
    )


def _opening_fields(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {
            "field": "organisation",
            "type": "choice",
            "label": _("单位"),
            "choices": opening_year.owners(request.actor),
            "empty": _("不选单位"),
        },
        {
            "field": "place",
            "type": "line",
            "label": _("或地点"),
            "hint": _("编码、名称或拼音首字母。"),
        },
        {"field": "name", "type": "line", "label": _("名称"), "hint": _("不写则按单位或地点取名。")},
    ]


# -- one calendar


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, code: str) -> HttpResponse:
    """One calendar. POST action=day | remove | week | notice changes it."""
    rows = Calendar.objects.select_related("place", "organisation", "parent")
    row = gate.find(rows, code=plain(code, 24))
    refusal, status = None, 200
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            target = ACTIONS.get(action, _nothing)(request, row)
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, action), refused.status
        else:
            return go(request, target)
    number = reading.whole(
        params(request).get("year", ""), clock.today().year, least=FIRST_YEAR + 1, most=LAST_YEAR - 1
    )
    return page(request, "cases/rules/calendar.html", _context(request, row, number, refusal), status)


def _context(
    request: HttpRequest, row: Calendar, number: int, refusal: dict[str, Any] | None
) -> dict[str, Any]:
    here = reverse("cases:calendar", args=[row.code])
    may = calendar_edits.may_change(request.actor, row)
    year = opening_year.year(row, number, today=clock.today())
    return {
        "calendar": {
            "code": row.code,
            "name": row.name or row.code,
            "whose": opening_year.whose(row),
            "inherits": opening_year.inherits(row),
            "tz": row.tz,
            "own_week": row.weekly is not None,
            "url": here,
        },
        "may": may,
        "year": year,
        "years": [
            {"label": str(n), "url": f"{here}?year={n}", "current": n == number, "count": None}
            for n in range(number - 2, number + 3)
        ],
        "week": opening_year.week(row),
        "exceptions": opening_year.exceptions(row, number),
        "notices": opening_year.notices(row),
        "day_fields": _day_fields(number) if may else [],
        "week_fields": _week_fields(row) if may else [],
        "notice_fields": _notice_fields() if may else [],
        "refusal": refusal,
    }


def _nothing(request: HttpRequest, row: Calendar) -> str:
    raise not_ready(_("表单不完整，请刷新页面再交一次。"))


def _here(row: Calendar, year: int | None = None) -> str:
    here = reverse("cases:calendar", args=[row.code])
    return f"{here}?year={year}" if year else here


def _set_day(request: HttpRequest, row: Calendar) -> str:
    posted = request.POST
    first = reading.date(plain(posted.get("date", ""), 20), "date")
    until = reading.date(plain(posted.get("until", ""), 20), "until", required=False)
    assert first is not None
    calendar_edits.set_day(
        by=request.actor,
        at=clock.now(),
        calendar=row,
        date=first,
        until=until,
        kind=plain(posted.get("kind", ""), 10),
        intervals=reading.spans(plain(posted.get("intervals", ""), 120), "intervals"),
        name=plain(posted.get("name", ""), 40),
    )
    messages.success(request, _("%(day)s 已写入日历；正在走的时限不变。") % {"day": first.isoformat()})
    return _here(row, first.year)


def _remove_day(request: HttpRequest, row: Calendar) -> str:
    day = reading.date(plain(request.POST.get("date", ""), 20), "date")
    assert day is not None
    calendar_edits.remove_day(by=request.actor, at=clock.now(), calendar=row, date=day)
    messages.success(request, _("%(day)s 的特例已去掉。") % {"day": day.isoformat()})
    return _here(row, day.year)


def _set_week(request: HttpRequest, row: Calendar) -> str:
    posted = request.POST
    weekly = None
    if not (row.parent_id and posted.get("inherit")):
        weekly = {
            day: reading.spans(plain(posted.get(f"day{day}", ""), 120), f"day{day}") for day in range(7)
        }
    tz = plain(posted.get("tz", ""), 40).strip()
    calendar_edits.set_week(by=request.actor, at=clock.now(), calendar=row, weekly=weekly, tz=tz)
    messages.success(request, _("每周开放时间已保存；正在走的时限不变。"))
    return _here(row)


def _submit(request: HttpRequest, row: Calendar) -> str:
    """A notice as typed or as a file, kept for its preview."""
    posted, text = request.POST, request.POST.get("text", "")
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > MOST_BYTES:
            raise not_ready(_("文件太大，最多 400 KB。"), file=_("请另选。"))
        try:
            text = notice_sheet.decode(file.read())
        except notice_sheet.Unreadable as unreadable:
            raise not_ready(str(unreadable), file=str(unreadable)) from unreadable
    year = plain(posted.get("year", ""), 4).strip()
    notice = notice_import.submit(
        by=request.actor,
        at=clock.now(),
        calendar=row,
        text=text,
        year=int(year) if year.isascii() and year.isdigit() else None,
        basis=plain(posted.get("basis", ""), 120),
    )
    return reverse("cases:calendar_notice", args=[row.code, notice.pk])


ACTIONS = {"day": _set_day, "remove": _remove_day, "week": _set_week, "notice": _submit}


# -- its forms


def _day_fields(number: int) -> list[dict[str, Any]]:
    kinds = [{"value": kind.value, "label": kind.label} for kind in CalendarDay.Kind]
    return [
        {"field": "date", "type": "date", "label": _("日期"), "required": True},
        {"field": "until", "type": "date", "label": _("到哪一天"), "hint": _("只有一天就不填。")},
        {"field": "kind", "type": "choice", "label": _("性质"), "required": True, "choices": kinds},
        {
            "field": "intervals",
            "type": "line",
            "label": _("开放时间"),
            "placeholder": "08:30-12:00、13:30-17:30",
            "hint": _("节假日不填；调休上班不填即按平日时间；半天和变更时间必填。"),
        },
        {"field": "name", "type": "line", "label": _("名称")},
    ]


def _week_fields(row: Calendar) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = []
    if row.parent_id:
        fields.append(
            {
                "field": "inherit",
                "type": "bool",
                "label": _("随上级日历（勾选后下面的时间不用）"),
                "value": "1" if row.weekly is None else "",
            }
        )
    fields += [
        {
            "field": day["field"],
            "type": "line",
            "label": day["label"],
            "value": day["value"],
            "placeholder": _("不开放"),
        }
        for day in opening_year.week(row)
    ]
    fields.append({"field": "tz", "type": "line", "label": _("时区"), "value": row.tz})
    return fields


def _notice_fields() -> list[dict[str, Any]]:
    return [
        {
            "field": "text",
            "type": "text",
            "rows": 8,
            "label": _("通知全文或表格"),
            "hint": _("可粘贴国务院办公厅通知的原文，或带“日期、性质、名称”表头的表格。"),
        },
        {"field": "year", "type": "line", "label": _("哪一年"), "hint": _("通知里写明了就不用填。")},
        {"field": "basis", "type": "line", "label": _("依据（文号）")},
    ]
