"""The inbox, and how messages reach one beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.notices import preferences, quiet
from cases.notices.kinds import KINDS, MAILS
from cases.queries import notices
from cases.queries.counting import shown
from cases.refusals import MoveRefused
from cases.web import shell
from cases.web.answers import go, page, params, plain, sentences_of
from ledger import clock
from parties import commands, gate
from parties.errors import PartiesRefused
from parties.gate import signed_in

AT_FIRST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # an empty inbox: whatever comes is new


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """What happened; POST read=all marks what is shown as read, read=<id> one; quiet=1 with begins and ends sets one's
    quiet hours."""
    actor, asked = request.actor, params(request)
    kept = {name: asked[name] for name in ("unread", "kind", "case") if asked.get(name)}
    if request.method == "POST":
        what = request.POST.get("read", "")
        if what == "all":
            notices.mark_read(actor, clock.now(), kept)
        elif what.isascii() and what.isdigit() and len(what) < 19:
            notices.mark_read(actor, clock.now(), {}, [int(what)])
        if request.POST.get("quiet") == "1":
            return _set_quiet(request)
        return go(request, _with(reverse("cases:notices"), kept))
    found, pager = notices.page(actor, asked)
    unread = shell.count(request, {"unread": notices.unread(actor)})["unread"]
    narrowed = {name: value for name, value in kept.items() if name != "unread"}
    context = {
        "notices": found,
        "unread": unread,
        "tabs": [
            {
                "label": _("全部"),
                "url": _with("?", narrowed),
                "count": "",
                "late": False,
                "current": "unread" not in kept,
            },
            {
                "label": _("未读"),
                "url": _with("?", {**narrowed, "unread": "1"}),
                "count": shown(unread) if unread else "",
                "late": False,
                "current": "unread" in kept,
            },
        ],
        "kinds": {
            "field": "kind",
            "type": "choice",
            "label": _("哪一类"),
            "choices": [{"value": name, "label": str(kind.label)} for name, kind in KINDS.items()],
            "value": kept.get("kind", ""),
            "empty": _("全部"),
        },
        "kept": kept,
        "here": _with(reverse("cases:notices"), kept),
        "page": pager if pager["next"] or pager["previous"] else None,
        "live_since": None if kept or pager["previous"] else found[0]["at"] if found else AT_FIRST,
    }
    where = "field" if shell.is_field(actor) else "desk"
    return page(request, f"cases/{where}/notices.html", context)


def _with(url: str, asked: dict[str, str]) -> str:
    return (url if url.endswith("?") else url + "?") + urlencode(asked) if asked else url


@signed_in
@require_safe
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """To what it tells of; it is read by then, and what came of the same case before it."""
    notice = gate.find(notices.of(request.actor).select_related("case"), pk=pk)
    if request.method == "HEAD":
        return HttpResponse(status=204)
    return go(request, notices.opened(request.actor, notice, clock.now()))


def _set_quiet(request: HttpRequest) -> HttpResponse:
    begins, ends = (plain(request.POST.get(name, "")) for name in ("begins", "ends"))
    try:
        quiet.set_hours(by=request.actor, begins=begins, ends=ends)
    except MoveRefused as refused:
        return _preferences(request, quiet_refusal=str(refused.sentence), status=400)
    messages.success(request, _("免打扰时段已保存。"))
    return go(request, reverse("cases:notice_preferences"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """How each kind of message reaches me beside the inbox; POST saves all of it, `defaults` forgets my choices."""
    if request.method != "POST":
        return _preferences(request)
    if request.POST.get("defaults"):
        preferences.forget(by=request.actor)
        messages.success(request, _("已恢复默认。"))
        return go(request, reverse("cases:notice_preferences"))
    choices = {
        name: {
            "mail": plain(request.POST.get(f"mail-{name}", "")),
            "mention": request.POST.get(f"mention-{name}") == "1",
        }
        for name in KINDS
        if f"mail-{name}" in request.POST
    }
    try:
        commands.set_addresses(
            by=request.actor,
            at=clock.now(),
            account=request.user,
            email=plain(request.POST.get("email", "")),
            chat_id=plain(request.POST.get("chat_id", "")),
        )
        preferences.choose(by=request.actor, choices=choices)
    except (PartiesRefused, MoveRefused) as refused:
        refusal = sentences_of(refused, request.POST)
        return _preferences(request, refusal=refusal, status=refused.status)
    messages.success(request, _("已保存。"))
    return go(request, reverse("cases:notice_preferences"))


def _preferences(
    request: HttpRequest, *, refusal: dict[str, Any] | None = None, quiet_refusal: str = "", status: int = 200
) -> HttpResponse:
    actor, person = request.actor, request.user.person
    begins, ends = quiet.hours_of([actor.id])[actor.id]
    context = {
        "rows": [
            {
                "name": name,
                "label": KINDS[name].label,
                "mail": choice.mail,
                "mention": choice.mention,
                "own": choice.own,
            }
            for name, choice in preferences.of(actor).items()
        ],
        "mails": list(MAILS.items()),
        "email": {
            "field": "email",
            "type": "line",
            "label": _("邮箱"),
            "value": person.email,
            "placeholder": "name@example.gov.cn",
            "hint": "" if settings.MAIL_READY else _("本系统还没有设置邮件服务器，先填上也不会发。"),
        },
        "chat": {
            "field": "chat_id",
            "type": "line",
            "label": _("群机器人里的账号"),
            "value": person.chat_id,
            "hint": _("企业微信或钉钉里您的账号（userid），群消息里用它 @ 您。"),
        },
        "refusal": refusal,
        "quiet": {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}", "refusal": quiet_refusal},
    }
    return page(request, "cases/notice_preferences.html", context, status)
