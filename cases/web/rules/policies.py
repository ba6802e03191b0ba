"""Deadlines: the dated rows, one of them, a new one, the 行业时限, and a tester."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases import calendar_edits, kinds, policy_edits, rulebook
from cases.models.rules import Item, Policy
from cases.queries import policy_rows
from cases.queries.counting import shown
from cases.refusals import MoveRefused, not_ready
from cases.web.answers import go, page, params, plain
from cases.web.rules import policy_forms, reading
from grid import finding
from ledger import clock
from ledger.clock import LOCAL
from parties import directory, gate

TABS = {
    "live": gettext_lazy("在用"),
    "waiting": gettext_lazy("待确认"),
    "coming": gettext_lazy("未到生效日"),
    "past": gettext_lazy("已失效"),
}


@reading.keepers
@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """The rows by tab, stage and words."""
    asked, today = params(request), clock.today()
    tab = asked.get("tab", "live")
    tab = tab if tab in TABS else "live"
    stage = asked.get("stage", "") if asked.get("stage", "") in policy_rows.STAGES else ""
    q = asked.get("q", "").strip()
    numbers = policy_rows.counts(today)
    number = reading.whole(asked.get("page", ""), 1, least=1, most=9999)
    kept = {name: value for name, value in (("tab", tab), ("stage", stage), ("q", q)) if value}
    listed = policy_rows.page(
        policy_rows.filtered(tab, stage, q, today), number, today, f"?{urlencode(kept)}&"
    )
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'tab': name})}",
                "count": shown(numbers[name]),
                "late": name == "waiting",
                "current": name == tab,
            }
            for name, label in TABS.items()
        ],
        "tab": tab,
        "filters": policy_forms.filters(stage, q),
        "may": calendar_edits.keeps_all(request.actor) and request.actor.may("rules"),
        **listed,
    }
    return page(request, "cases/rules/policies.html", context)


# -- one row


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One row. POST action=confirm | withdraw | end | confirm_end."""
    row = gate.find(Policy.objects.select_related("item", "category"), pk=pk)
    refusal, status = None, 200
    if request.method == "POST":
        action = request.POST.get("action", "")
        try:
            told = ACTS.get(action, _nothing)(request, row)
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, action), refused.status
            row.refresh_from_db()
        else:
            messages.success(request, told)
            gone = action == "withdraw" and row.confirmed_at is None
            return go(request, reverse("cases:policies") if gone else request.path)
    today, actor = clock.today(), request.actor
    context = {
        "policy": policy_rows.line(row, today),
        "people": policy_rows.people(row),
        "confirmed_at": row.confirmed_at,
        "ladder": policy_forms.ladder_words(row),
        "may": calendar_edits.keeps_all(actor) and actor.may("rules"),
        "mine": policy_rows.is_mine(row, actor),
        "end_fields": [{"field": "until", "type": "date", "label": _("失效日"), "required": True}],
        "can_end": row.confirmed_at is not None and row.until is None and row.ends_on is None,
        "refusal": refusal,
    }
    return page(request, "cases/rules/policy.html", context, status)


def _nothing(request: HttpRequest, row: Policy) -> str:
    raise not_ready(_("表单不完整，请刷新页面再交一次。"))


def _confirm(request: HttpRequest, row: Policy) -> str:
    done = policy_edits.confirm_policy(policy=row.pk, by=request.actor, at=clock.now())
    return _("已确认，自 %(day)s 起施行；正在走的时限不变。") % {"day": done.since.isoformat()}


def _withdraw(request: HttpRequest, row: Policy) -> str:
    policy_edits.withdraw_policy(policy=row.pk, by=request.actor, at=clock.now())
    return _("已撤回。")


def _end(request: HttpRequest, row: Policy) -> str:
    day = reading.date(plain(request.POST.get("until", ""), 20), "until")
    policy_edits.propose_end(policy=row.pk, by=request.actor, at=clock.now(), on=day)
    return _("已提议终止，等另一人确认。")


def _confirm_end(request: HttpRequest, row: Policy) -> str:
    done = policy_edits.confirm_end(policy=row.pk, by=request.actor, at=clock.now())
    assert done.until is not None
    return _("已确认，%(day)s 起失效；正在走的时限不变。") % {"day": done.until.isoformat()}


ACTS = {"confirm": _confirm, "withdraw": _withdraw, "end": _end, "confirm_end": _confirm_end}


# -- a new one


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Propose a deadline."""
    refusal, status = None, 200
    if request.method == "POST":
        posted = {name: plain(value, 200).strip() for name, value in request.POST.items()}
        try:
            row = policy_edits.propose_policy(
                by=request.actor,
                at=clock.now(),
                stage=posted.get("stage", ""),
                amount=posted.get("amount", ""),
                unit=posted.get("unit", ""),
                anchor=posted.get("anchor", ""),
                since=reading.date(posted.get("since", ""), "since"),
                basis=posted.get("basis", ""),
                no_response=bool(posted.get("no_response")),
                ladder=policy_forms.ladder_of(request.POST),
                **{name: posted.get(name, "") for name in policy_edits.SCOPE},
            )
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "new"), refused.status
        else:
            messages.success(request, _("已提出，等另一位管理员确认后生效。"))
            return go(request, reverse("cases:policy", args=[row.pk]))
    context = {
        "fields": policy_forms.new_fields(clock.today()),
        "ladder": policy_forms.ladder_fields(),
        "refusal": refusal,
    }
    return page(request, "cases/rules/policy_new.html", context, status)


# -- 行业时限


@reading.keepers
@require_http_methods(["GET", "HEAD", "POST"])
def adopt(request: HttpRequest) -> HttpResponse:
    """The checklist's limits beside what counts now; POST proposes those that were ticked."""
    refusal, status = None, 200
    if request.method == "POST":
        codes = [plain(code, 8) for code in request.POST.getlist("codes")][: Item.objects.count()]
        try:
            rows = policy_edits.adopt(
                by=request.actor,
                at=clock.now(),
                items=codes,
                basis=plain(request.POST.get("basis", ""), 120),
                since=reading.date(plain(request.POST.get("since", ""), 20), "since"),
            )
        except MoveRefused as refused:
            refusal, status = reading.refusal(request, refused, "adopt"), refused.status
        else:
            messages.success(request, _("已提出 %(n)s 条，等另一位管理员确认后生效。") % {"n": len(rows)})
            return go(request, f"{reverse('cases:policies')}?tab=waiting")
    actor = request.actor
    context = {
        "limits": policy_rows.limits(clock.now()),
        "ticked": request.POST.getlist("codes"),
        "fields": policy_forms.adopt_fields(clock.today()),
        "may": calendar_edits.keeps_all(actor) and actor.may("rules"),
        "refusal": refusal,
    }
    return page(request, "cases/rules/policy_adopt.html", context, status)


# -- the tester


@reading.keepers
@require_safe
def test(request: HttpRequest) -> HttpResponse:
    """A case that might be: which rule each stage gets, why, and until when."""
    asked = params(request)
    fields, faults = policy_forms.test_fields(asked, clock.now()), {}
    question, answers = None, []
    if asked.get("asked"):
        try:
            question = _question(asked)
            answers = policy_rows.answers(question)
        except MoveRefused as refused:
            faults = {name: str(words) for name, words in refused.fields.items()}
    context = {
        "fields": fields,
        "asked": asked,
        "faults": faults,
        "answers": answers,
        "where": _where(question) if question else "",
    }
    return page(request, "cases/rules/policy_test.html", context, 422 if faults else 200)


def _question(asked: dict[str, str]) -> policy_rows.Question:
    place = None
    if words := asked.get("place", "").strip():
        place = finding.by_code(words) or next(iter(finding.search(words, limit=1)), None)
        if place is None:
            raise not_ready(_("没有这个地点。"), place=_("请核对地点。"))
    org = directory.by_code(asked.get("organisation", ""))
    item = rulebook.item(asked.get("item", ""))
    return policy_rows.Question(
        item=item,
        kind=_of(kinds.KINDS, asked.get("kind", ""), "problem"),
        urgency=_of(kinds.URGENCIES, asked.get("urgency", ""), item.urgency if item else "normal"),
        level=_of(kinds.LEVELS, asked.get("level", ""), item.level if item else "community"),
        path=place.path if place is not None else "",
        organisation_id=org.id if org is not None else None,
        at=_instant(asked.get("at", "")),
    )


def _of(table: Any, value: str, default: str) -> str:
    return value if value in table else default


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise not_ready(_("请填时间。"), at=_("请填时间。")) from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=LOCAL)
    if not 2000 <= at.year < 2099:
        raise not_ready(_("日期超出日历范围（1990 至 2100 年）。"), at=_("请改时间。"))
    return at.astimezone(dt.UTC)


def _where(question: policy_rows.Question) -> str:
    words = [question.item.name if question.item else _("未定小项")]
    words += [
        str(kinds.KINDS[question.kind]),
        str(kinds.URGENCIES[question.urgency]),
        str(kinds.LEVELS[question.level]),
    ]
    return " · ".join(words)
