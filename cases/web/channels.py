"""Where a unit's messages go, and what could not be sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cases.kinds import URGENCIES
from cases.models.deliveries import TOLD_BY, Endpoint
from cases.notices import endpoints, failures
from cases.notices.kinds import KINDS
from cases.queries import deliveries, lists
from cases.refusals import MoveRefused
from cases.web import shell
from cases.web.answers import go, page, params, plain, sentences_of
from ledger import clock
from parties import gate
from parties.gate import NotYours, signed_in

TABS = {
    "given_up": gettext_lazy("没有发出"),
    "failed": gettext_lazy("还在再试"),
    "sent": gettext_lazy("最近发出"),
}
DEFAULT_KINDS = ("assigned", "returned", "breached", "urged")


# -- channels


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """The channels of the units one keeps; POST opens one."""
    if not endpoints.may_look(request.actor):
        raise NotYours(_("消息通道由系统管理员设置。"))
    if request.method != "POST":
        return _channels(request)
    try:
        made = endpoints.open_endpoint(by=request.actor, at=clock.now(), **_sent(request.POST, new=True))
    except MoveRefused as refused:
        return _channels(request, refusal=sentences_of(refused, request.POST))
    messages.success(request, _("通道“%(name)s”已设好，请试发一条。") % {"name": made.name})
    return go(request, reverse("cases:channels"))


@signed_in
@require_POST
def channel(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Try it out, change it, turn it off or on."""
    actor, at = request.actor, clock.now()
    if not endpoints.may_look(actor):
        raise NotYours(_("消息通道由系统管理员设置。"))
    endpoint = endpoints.find(actor, pk)
    try:
        if act == "test":
            tried = endpoints.test_endpoint(by=actor, at=at, pk=pk)
            if tried.state == "sent":
                messages.success(request, _("试发成功：“%(name)s”收到了。") % {"name": endpoint.name})
            else:
                words = {"name": endpoint.name, "why": deliveries.error_words(tried)}
                messages.error(request, _("试发没有成功（%(name)s）：%(why)s") % words)
        elif act in ("on", "off"):
            endpoints.change_endpoint(by=actor, at=at, pk=pk, is_on=act == "on")
            messages.success(request, _("已保存。"))
        elif act == "change":
            endpoints.change_endpoint(by=actor, at=at, pk=pk, **_sent(request.POST))
            messages.success(request, _("已保存。"))
        else:
            raise gate.OutOfScope(gate.NOT_FOUND)
    except MoveRefused as refused:
        return _channels(request, refusal=sentences_of(refused, request.POST), open_pk=pk)
    return go(request, reverse("cases:channels"))


def _sent(posted: QueryDict, *, new: bool = False) -> dict[str, Any]:
    """The form's fields; an address or secret left empty stays as it is."""
    sent: dict[str, Any] = {name: plain(posted.get(name, "")) for name in ("name", "least_urgency")}
    sent["kinds"] = posted.getlist("kinds")
    sent |= {name: plain(posted.get(name, "")) for name in ("address", "secret") if new or posted.get(name)}
    if new:
        sent |= {name: plain(posted.get(name, "")) for name in ("organisation", "channel")}
    return sent


def _channels(
    request: HttpRequest, *, refusal: dict[str, Any] | None = None, open_pk: int | None = None
) -> HttpResponse:
    actor, at = request.actor, clock.now()
    may = actor.may(endpoints.KEEPS)
    rows = list(endpoints.visible(actor).order_by("organisation__code", "id"))
    context = {
        "rows": [
            {
                **deliveries.endpoint_row(one, actor, at),
                "columns": _columns(one) if may else [],
                "prefix": f"e{one.pk}",
                "refusal": refusal if open_pk == one.pk else None,
            }
            for one in rows
        ],
        "may": may,
        "columns": _columns(None) if may else [],
        "refusal": refusal if open_pk is None else None,
    }
    return page(request, "cases/desk/channels.html", context, refusal["status"] if refusal else 200)


def _columns(one: Endpoint | None) -> list[list[dict[str, Any]]]:
    """The few fields of a channel are one part."""
    return [[{"label": "", "hint": "", "fields": _fields(one)}]]


def _fields(one: Endpoint | None) -> list[dict[str, Any]]:
    new = one is None
    fields: list[dict[str, Any]] = []
    if new:
        fields = [
            {"field": "organisation", "type": "line", "required": True, "label": _("哪个单位的工单"),
             "hint": _("填编码或名称；它下面各单位的也发到这里。")},
            {"field": "channel", "type": "choice", "required": True, "label": _("发到哪里"),
             "choices": [{"value": name, "label": str(label)} for name, label in TOLD_BY.items()]},
        ]  # fmt: skip
    return [
        *fields,
        {"field": "name", "type": "line", "required": True, "label": _("名称"), "value": one.name if one else "",
         "placeholder": _("如：综合执法值班群")},
        {"field": "address", "type": "line", "required": new, "label": _("地址"),
         "hint": _("网址或邮箱；存下后不再显示。") if new else _("现在是 %(shown)s；不改就留空。") % {"shown": one.shown}},
        {"field": "secret", "type": "line", "label": _("密钥"),
         "hint": _("Webhook 用它签名，钉钉填“加签”的密钥；企业微信不用填。存下后不再显示。")},
        {"field": "kinds", "type": "choices", "label": _("发哪几类消息"),
         "choices": [{"value": name, "label": str(kind.label)} for name, kind in KINDS.items() if kind.events],
         "value": list(one.kinds if one else DEFAULT_KINDS)},
        {"field": "least_urgency", "type": "choice", "required": True, "label": _("从哪一级起发"),
         "choices": [{"value": name, "label": str(label)} for name, label in URGENCIES.items()],
         "value": one.least_urgency if one else "normal"},
    ]  # fmt: skip


# -- what could not be sent


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def failed(request: HttpRequest) -> HttpResponse:
    """What could not be sent and why; POST again or give_up with the ids."""
    actor, at, asked = request.actor, clock.now(), params(request)
    if not failures.may_look(actor):
        raise NotYours(_("消息投递由管理员和单位负责人查看。"))
    tab = asked.get("tab", "given_up")
    tab = tab if tab in TABS else "given_up"
    here = f"{reverse('cases:failures')}?{urlencode({'tab': tab})}"
    refusal = None
    if request.method == "POST":
        failures.must_mend(actor)
        picked = [
            one for one in request.POST.getlist("id") if one.isascii() and one.isdigit() and len(one) < 19
        ]
        name = plain(request.POST.get("act", ""))
        try:
            done = failures.act(by=actor, at=at, name=name, ids=[int(one) for one in picked])
        except MoveRefused as refused:
            if refused.status == 403:
                raise
            refusal = sentences_of(refused, request.POST)
        else:
            said = (
                ngettext("%(n)s 条马上重发。", "%(n)s 条马上重发。", done)
                if name == failures.AGAIN
                else ngettext("%(n)s 条不再发。", "%(n)s 条不再发。", done)
            )
            messages.success(request, said % {"n": done})
            return go(request, here)
    seen = failures.visible(actor, at)
    numbers = shell.count(request, {name: deliveries.rows_in(seen, name) for name in TABS})
    kept = {"tab": tab} | {name: asked[name] for name in ("cursor", "nth") if asked.get(name)}
    found, pager = lists.page_of(deliveries.rows_in(seen, tab), deliveries.NEWEST, kept, numbers[tab])
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'tab': name})}",
                "count": lists.shown(numbers[name]) if name != "sent" else "",
                "late": name == "given_up",
                "current": name == tab,
            }
            for name, label in TABS.items()
        ],
        "tab": tab,
        "here": here,
        "rows": [deliveries.row_of(row) for row in found],
        "page": pager,
        "may": tab != "sent" and not actor.may("read_all"),
        "refusal": refusal,
    }
    return page(request, "cases/desk/failures.html", context, refusal["status"] if refusal else 200)
