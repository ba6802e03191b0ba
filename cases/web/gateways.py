"""Gateways of texts: set up, tried out, turned off; and where they tell what became of a text."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases import receipts
from cases.models.deliveries import Endpoint
from cases.notices import endpoints, gateway_edits, texts
from cases.notices.channels import sms
from cases.queries import deliveries
from cases.refusals import MoveRefused
from cases.web.answers import go, page, plain, sentences_of
from ledger import clock
from parties import gate
from parties.gate import NotYours, signed_in

REQUEST = ("name", "address", "secret", "method", "form", "headers", "body")
TEMPLATES = ("signature", "templates", "ok_at", "ok", "id_at")
HOURS = ("per_minute", "quiet_from", "quiet_until")
BACK = (
    "receipts", "receipt_hours", "receipt_list_at", "receipt_id_at", "receipt_state_at", "receipt_good", "receipt_bad",
    "receipt_signed", "reply_phone_at", "reply_words_at",
)  # fmt: skip
LONG = ("body", "headers", "templates")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def gateways(request: HttpRequest) -> HttpResponse:
    """The gateways of the units one keeps; POST opens one."""
    if not endpoints.may_look(request.actor):
        raise NotYours(_("短信网关由系统管理员设置。"))
    if request.method != "POST":
        return _page(request)
    sent = {**_sent(request.POST), "organisation": plain(request.POST.get("organisation", ""))}
    try:
        made = gateway_edits.open_gateway(by=request.actor, at=clock.now(), **sent)
    except MoveRefused as refused:
        return _page(request, refusal=sentences_of(refused, request.POST))
    messages.success(request, _("短信网关“%(name)s”已设好，请试发一条。") % {"name": made.name})
    return go(request, reverse("cases:gateways"))


@signed_in
@require_POST
def gateway(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Try it out, change it, turn it off or on, give it a new address for receipts."""
    actor, at = request.actor, clock.now()
    if not endpoints.may_look(actor):
        raise NotYours(_("短信网关由系统管理员设置。"))
    one = gateway_edits.find(actor, pk)
    changes: dict[str, dict[str, Any]] = {
        "on": {"is_on": True},
        "off": {"is_on": False},
        "fresh": {"fresh": True},
    }
    try:
        if act == "test":
            phone = plain(request.POST.get("phone", ""), 40)
            tried = gateway_edits.try_gateway(by=actor, at=at, pk=pk, phone=phone)
            said = {"name": one.name, "why": tried.words}
            if tried.why:
                messages.error(request, _("试发没有成功（%(name)s）：%(why)s") % said)
            else:
                messages.success(request, _("试发（%(name)s）：%(why)s。请看手机。") % said)
        elif act in changes or act == "change":
            sent = changes.get(act) or _sent(request.POST)
            gateway_edits.change_gateway(by=actor, at=at, pk=pk, **sent)
            messages.success(request, _("已保存。"))
        else:
            raise gate.OutOfScope(gate.NOT_FOUND)
    except MoveRefused as refused:
        return _page(request, refusal=sentences_of(refused, request.POST), open_pk=pk)
    return go(request, reverse("cases:gateways"))


def _sent(posted: QueryDict) -> dict[str, Any]:
    names = [name for name in gateway_edits.FIELDS if name not in (*gateway_edits.FLAGS, "is_on")]
    sent: dict[str, Any] = {name: plain(posted.get(name, ""), 4001) for name in names}
    return sent | {name: posted.get(name) == "1" for name in gateway_edits.FLAGS}


def _page(
    request: HttpRequest, *, refusal: dict[str, Any] | None = None, open_pk: int | None = None
) -> HttpResponse:
    actor, at = request.actor, clock.now()
    may = actor.may(endpoints.KEEPS)
    context = {
        "rows": [
            {
                **deliveries.endpoint_row(one, actor, at),
                "columns": _columns(one) if may else [],
                "prefix": f"g{one.pk}",
                "receipts_url": receipts.address(one) if may and one.gateway.get("receipts") else "",
                "refusal": refusal if open_pk == one.pk else None,
            }
            for one in gateway_edits.visible(actor).order_by("organisation__code", "id")
        ],
        "may": may,
        "columns": _columns(None) if may else [],
        "refusal": refusal if open_pk is None else None,
        "actions": [{"url": reverse("cases:tray"), "label": _("演示的短信托盘")}] if settings.DEMO else None,
    }
    return page(request, "cases/desk/gateways.html", context, refusal["status"] if refusal else 200)


def _columns(one: Endpoint | None) -> list[list[dict[str, Any]]]:
    """The form by what one has to ask the gateway's people for: where a text goes, what it looks like, when it may, and
    what comes back, which not every gateway tells."""
    fields = _fields(one)
    holes = " ".join(f"{{{name}}}" for name in sms.HOLES)
    keyed = _("写上 {key} 的，断线时自动重发也只发一条；没有写的，说不清发没发出时不再自动发。")
    said = _("网址问号后面、请求头和正文里可以写：%(holes)s") % {"holes": holes}

    def part(label: str, names: tuple[str, ...], hint: str = "") -> dict[str, Any]:
        return {
            "label": label,
            "hint": hint,
            "fields": [field for field in fields if field["field"] in names],
        }

    return [
        [part(_("网址与请求"), ("organisation", *REQUEST), said), part(_("时间与速度"), HOURS)],
        [
            part(_("签名、模板与答复"), TEMPLATES, keyed),
            part(_("回执与退订"), BACK, _("网关不推送的，都留空。")),
        ],
    ]


def _fields(one: Endpoint | None) -> list[dict[str, Any]]:
    values = gateway_edits.values_of(one) if one is not None else gateway_edits.START
    kinds = ", ".join(f"{name} ({kind.label})" for name, kind in texts.KINDS.items())
    new = one is None
    hints = {
        "address": _("存下后不再显示。")
        if one is None
        else _("现在是 %(shown)s；不改就留空。") % {"shown": one.shown},
        "secret": _("用 {secret} 引用；存下后不再显示。"),
        "signature": _("放在正文前面的【】里。"),
        "templates": _(
            "网关要报备模板时，每行一个：种类=模板编号；英文的写 种类.en=模板编号，没有英文模板就发中文。种类有：%(kinds)s"
        )
        % {"kinds": kinds},
        "ok_at": _("答复里的位置，像 data.code；留空就只看 HTTP 状态。"),
        "per_minute": _("0 是不限。"),
        "receipt_hours": _("过了这么久没有回执，就算没有送达。"),
        "receipt_bad": _("留空时，别的值都算没送到。"),
    }
    labels = {
        "name": _("名称"), "address": _("网址"), "secret": _("密钥"), "method": _("方法"), "form": _("格式"),
        "headers": _("请求头"), "body": _("请求正文"), "signature": _("短信签名"), "templates": _("模板编号"),
        "ok_at": _("成功看哪里"), "ok": _("成功的值"), "id_at": _("短信编号在哪里"), "per_minute": _("每分钟最多几条"),
        "quiet_from": _("几点起不打扰居民"), "quiet_until": _("几点以后再发"), "receipts": _("网关会推送回执"),
        "receipt_hours": _("等回执几小时"), "receipt_list_at": _("回执列表在哪里"), "receipt_id_at": _("回执的短信编号"),
        "receipt_state_at": _("回执的状态"), "receipt_good": _("哪些值是送达"), "receipt_bad": _("哪些值是没送到"),
        "receipt_signed": _("回执要带签名（X-Huying-Signature）"), "reply_phone_at": _("居民回复的号码"),
        "reply_words_at": _("居民回复的内容"),
    }  # fmt: skip
    fields: list[dict[str, Any]] = []
    if new:
        fields.append(
            {"field": "organisation", "type": "line", "required": True, "label": _("哪个单位的"),
             "hint": _("填编码或名称；它下面各单位的短信也从这里发。")}
        )  # fmt: skip
    for name, label in labels.items():
        field: dict[str, Any] = {"field": name, "type": "line", "label": label, "value": values[name]}
        field["required"] = name == "name" or (name == "address" and new)
        if name in LONG:
            field |= {"type": "text", "rows": 3}
        elif name in gateway_edits.FLAGS:
            field |= {"type": "bool", "value": "1" if values[name] else ""}
        elif name in gateway_edits.CHOICES:
            field |= {
                "type": "seg",
                "choices": [{"value": word, "label": word} for word in gateway_edits.CHOICES[name]],
            }
        if name in hints:
            field["hint"] = hints[name]
        fields.append(field)
    return fields
