"""Gateways of texts, set up by who keeps organisations there. How a gateway is asked and how it answers is told by its
own templates and paths, so any that speaks HTTP fits; address and key are sealed."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models.deliveries import Endpoint
from cases.notices import endpoints, gateways, sealing, texts
from cases.notices.channels import ERRORS, Message, Target, Undelivered, guard, sms
from cases.refusals import not_ready, not_yours
from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties import directory, gate
from parties.ids import fresh_id

HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
PATH = re.compile(r"[A-Za-z0-9_.-]{0,80}")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
LINES = 40
# a text's template at the gateway: of a kind, or of a kind in another language than the house's
OTHERS = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
TEMPLATES = frozenset({*texts.KINDS, *(f"{kind}.{code}" for kind in texts.KINDS for code in OTHERS)})
WORDS = (
    "name",
    "address",
    "secret",
    "body",
    "headers",
    "templates",
    "signature",
    "ok",
    "receipt_good",
    "receipt_bad",
)
PATHS = (
    "ok_at",
    "id_at",
    "receipt_list_at",
    "receipt_id_at",
    "receipt_state_at",
    "reply_phone_at",
    "reply_words_at",
)
FLAGS = ("receipts", "receipt_signed")
CHOICES = {"method": ("POST", "GET", "PUT"), "form": tuple(sms.FORMS)}
NUMBERS = {"per_minute": (0, 6000), "receipt_hours": (1, 72)}
FIELDS = (*WORDS, *PATHS, *FLAGS, *CHOICES, *NUMBERS, "quiet_from", "quiet_until", "is_on")
START: dict[str, Any] = {
    **dict.fromkeys((*WORDS, *PATHS), ""),
    **dict.fromkeys(FLAGS, False),
    "method": "POST",
    "form": "json",
    "body": '{"mobile": "{phone}", "content": "{text}"}',
    "per_minute": 600,
    "receipt_hours": gateways.RECEIPT_HOURS,
    "quiet_from": "21:00",
    "quiet_until": "08:00",
    "is_on": True,
}


def visible(by: Actor) -> QuerySet[Endpoint]:
    return endpoints.kept(by).filter(channel=gateways.CHANNEL)


def find(by: Actor, pk: int) -> Endpoint:
    return gate.find(visible(by), pk=pk)


@transaction.atomic
def open_gateway(*, by: Actor, at: dt.datetime, organisation: Any, **sent: Any) -> Endpoint:
    """A new one, on from now; it serves the unit and all below it."""
    if not by.may(endpoints.KEEPS):
        raise not_yours(_("短信网关由系统管理员设置。"))
    word = organisation if isinstance(organisation, str) else ""
    unit = directory.current(directory.by_code(word)) or directory.named(word)
    if unit is None or unit.retired:
        raise not_ready(_("没有这个单位。"), organisation=_("请核对编码。"))
    if not endpoints.may_keep(by, unit.path):
        raise not_yours(_("这个单位的短信网关不归您管。"))
    row = Endpoint(
        pk=fresh_id(Endpoint), organisation_id=unit.id, channel=gateways.CHANNEL, kinds=[], edited_by=by.id
    )
    row.gateway = {"nonce": secrets.token_hex(8)}
    fill(row, {**START, **sent}, new=True)
    told = {"organisation": unit.code, "channel": gateways.CHANNEL}
    record(subject=row, event="endpoint.opened", by=by, at=at, payload=told)
    return endpoints.saved(row, force_insert=True)


@transaction.atomic
def change_gateway(*, by: Actor, at: dt.datetime, pk: int, **sent: Any) -> Endpoint:
    """What is sent changes, the rest stays; address and key left empty stay. `fresh` makes a new address for
    receipts, and the old one dead."""
    row = _locked(by, pk)
    if sent.pop("fresh", False) is True:
        row.gateway["nonce"] = secrets.token_hex(8)
    fill(row, {**values_of(row), **sent})
    row.edited_by = by.id
    if {"address", "is_on"} & sent.keys():
        row.failures, row.paused_until = 0, None
    told = {"fields": sorted(name for name in FIELDS if name in sent)}
    record(subject=row, event="endpoint.changed", by=by, at=at, payload=told)
    names = [
        "name",
        "address",
        "shown",
        "secret",
        "gateway",
        "is_on",
        "edited_by",
        "failures",
        "paused_until",
    ]
    return endpoints.saved(row, update_fields=[*names, *CHAIN])


@dataclass(frozen=True)
class Tried:
    """What came of a text that was tried: taken under the gateway's own name for it ("" where it gives none), or why
    not, in words."""

    why: str = ""
    remote: str = ""
    segments: int = 1

    @property
    def words(self) -> str:
        if self.why:
            return self.why
        said = ngettext("网关收下了，按 %(n)s 条算", "网关收下了，按 %(n)s 条算", self.segments) % {
            "n": self.segments
        }
        return _("%(said)s，编号 %(id)s") % {"said": said, "id": self.remote} if self.remote else said


def try_gateway(*, by: Actor, at: dt.datetime, pk: int, phone: Any) -> Tried:
    """One harmless text to a number of one's own choice, now. The number is kept nowhere."""
    find(by, pk)
    number = texts.mobile(phone) if isinstance(phone, str) else ""
    if not number:
        raise not_ready(_("请填一个手机号。"), phone=_("请填 11 位手机号。"))
    with transaction.atomic():
        row = _locked(by, pk)
        record(subject=row, event="endpoint.tested", by=by, at=at)
        row.save(update_fields=[*CHAIN])
    try:
        target = Target(sealing.unseal(row.address), sealing.unseal(row.secret), number, row.gateway)
        words = _("这是一条试发的短信，收到说明通道通了。")
        message = Message(secrets.token_hex(16), f"{texts.EVENT}test", "test", "normal", "", words, "", at)
        remote = sms.send(message, target)
    except sealing.Unreadable:
        return Tried(str(ERRORS["sealed"]))
    except Undelivered as problem:
        words = str(ERRORS[problem.error])
        return Tried(f"{words} ({problem.detail})" if problem.detail else words)
    return Tried(remote=remote, segments=texts.segments(texts.signed(words, row.gateway["signature"])))


def _locked(by: Actor, pk: int) -> Endpoint:
    find(by, pk)
    rows = Endpoint.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    row = rows.get(pk=pk)
    if not endpoints.may_keep(by, row.organisation.path):
        raise not_yours(_("这个单位的短信网关不归您管。"))
    return row


def values_of(row: Endpoint) -> dict[str, Any]:
    """What a form shows: everything but address and key."""
    how = row.gateway
    lines = {
        "headers": "\n".join(f"{name}: {said}" for name, said in how.get("headers", {}).items()),
        "templates": "\n".join(f"{kind}={said}" for kind, said in how.get("templates", {}).items()),
        **{name: ", ".join(how.get(name) or ()) for name in ("ok", "receipt_good", "receipt_bad")},
    }
    begins, ends = how.get("quiet") or ("", "")
    plain = {
        name: how.get(name, START[name]) for name in ("body", "signature", *PATHS, *FLAGS, *CHOICES, *NUMBERS)
    }
    return {
        **plain,
        **lines,
        "quiet_from": begins,
        "quiet_until": ends,
        "name": row.name,
        "is_on": row.is_on,
        "address": "",
        "secret": "",
    }


# -- reading what was sent


def fill(row: Endpoint, sent: Mapping[str, Any], *, new: bool = False) -> None:
    """Onto the row; every fault at once."""
    faults: dict[str, str] = {}
    how: dict[str, Any] = {"nonce": row.gateway.get("nonce", "")}
    for name in WORDS:
        if not isinstance(sent[name], str) or "\x00" in sent[name] or len(sent[name]) > 4000:
            faults[name] = _("请用文字填写。")
    for name in PATHS:
        if not isinstance(sent[name], str) or not PATH.fullmatch(sent[name].strip()):
            faults[name] = _("写成 data.0.id 这样的路径。")
    for name in (*FLAGS, "is_on"):
        if not isinstance(sent[name], bool):
            faults[name] = _("请填是或否。")
    for name, words in CHOICES.items():
        if sent[name] not in words:
            faults[name] = _("没有这个选项。")
    for name, (least, most) in NUMBERS.items():
        if not re.fullmatch("[0-9]{1,5}", str(sent[name])) or not least <= int(sent[name]) <= most:
            faults[name] = _("填 %(least)s 到 %(most)s 的整数。") % {"least": least, "most": most}
    for name in ("quiet_from", "quiet_until"):
        if not isinstance(sent[name], str) or not CLOCK.fullmatch(sent[name]):
            faults[name] = _("请写成几点几分，例如 21:00。")
    if faults:
        raise not_ready(_("；").join(dict.fromkeys(faults.values())), **faults)
    how |= {name: sent[name].strip() for name in PATHS} | {name: sent[name] for name in (*FLAGS, *CHOICES)}
    how |= {name: int(sent[name]) for name in NUMBERS} | {"quiet": [sent["quiet_from"], sent["quiet_until"]]}
    how |= {name: _list(sent[name]) for name in ("ok", "receipt_good", "receipt_bad")}
    how["signature"], how["body"] = sent["signature"].strip().strip("【】")[:20], sent["body"].strip()
    how["headers"] = _pairs(sent["headers"], ":", "headers", faults)
    how["templates"] = _pairs(sent["templates"], "=", "templates", faults)
    _judge(how, faults)
    row.name = " ".join(sent["name"].split())[:60]
    if not row.name:
        faults["name"] = _("请填写名称。")
    if new or sent["address"].strip():
        _address(row, sent["address"].strip(), faults)
    if sent["secret"].strip():
        row.secret = sealing.seal(sent["secret"].strip())
    if how["receipt_signed"] and not row.secret:
        faults["secret"] = _("回执要验签名，先填密钥。")
    if faults:
        raise not_ready(_("；").join(dict.fromkeys(faults.values())), **faults)
    row.gateway, row.is_on = how, sent["is_on"]


def _judge(how: Mapping[str, Any], faults: dict[str, str]) -> None:
    """Would what is asked be readable, and can its answer be read?"""
    unknown = [
        hole
        for text in (how["body"], *how["headers"].values())
        for hole in sms.HOLE.findall(text)
        if hole not in sms.HOLES
    ]
    if unknown:
        faults["body"] = _("没有 {%(name)s} 这个空位。") % {"name": unknown[0]}
    elif how["form"] == "json":
        example = dict.fromkeys(sms.HOLES, "x") | {"params": "{}"}
        try:
            json.loads(sms.fill(how["body"], example, sms.in_json))
        except ValueError:
            faults["body"] = _("填好空位以后不是 JSON：文字的空位要在引号里，{params} 在引号外。")
    if bool(how["ok_at"]) != bool(how["ok"]):
        faults["ok"] = _("判断成功的字段和值要一起填。")
    if how["receipts"] and not (
        how["id_at"] and how["receipt_id_at"] and how["receipt_state_at"] and how["receipt_good"]
    ):
        faults["receipts"] = _("要收回执，就要填编号、状态的位置和表示送达的值。")


def _address(row: Endpoint, text: str, faults: dict[str, str]) -> None:
    filled = sms.fill(text, dict.fromkeys(sms.HOLES, "1"), sms.in_form)
    try:
        url, host, _port = guard.parts(filled)
        guard.judge(filled)
    except Undelivered as problem:
        if problem.error != "resolve":  # a name that is not known yet may be known when something is sent
            faults["address"] = str(ERRORS[problem.error])
            return
        url, host, _port = guard.parts(filled)
    if sms.HOLE.search(text.split("?")[0]):
        faults["address"] = _("空位只能写在网址的问号后面。")
        return
    row.address, row.shown = sealing.seal(text), f"{url.scheme}://{host}/…"[:120]


def _list(text: str) -> list[str]:
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()][:LINES]


def _pairs(text: str, mark: str, field: str, faults: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in [line for line in text.splitlines() if line.strip()][:LINES]:
        name, _mark, said = line.partition(mark)
        name, said = name.strip(), said.strip()
        known = HEADER.fullmatch(name) if field == "headers" else name in TEMPLATES
        if not known or not said:
            faults[field] = _("每行写一个，像 %(like)s。") % {
                "like": "Authorization: Bearer {secret}" if field == "headers" else "answered=SMS_12345"
            }
        found[name] = said
    return found
