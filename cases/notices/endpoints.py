"""Endpoints of a unit: set up by who keeps organisations there, tried out, turned off. What was entered as address
or secret is sealed and never given out again; the ledger keeps neither."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.kinds import URGENCIES
from cases.models.deliveries import TOLD_BY, Endpoint, NoticeDelivery
from cases.notices import sealing, sending
from cases.notices.channels import ERRORS, Undelivered, guard
from cases.notices.composing import TEST
from cases.notices.kinds import KINDS
from cases.refusals import MoveRefused, not_ready, not_yours
from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties import directory, gate
from parties.access import reach_of, reaches, scope_of
from parties.ids import fresh_id

FIELDS = ("name", "address", "secret", "kinds", "least_urgency", "is_on")
LONGEST = {"name": 60, "address": 500, "secret": 200}
KEEPS = "organisations"  # the capability


def may_keep(by: Actor, path: str) -> bool:
    return reaches(by, path, KEEPS) or by.may(KEEPS, organisation=path)


def may_look(by: Actor) -> bool:
    return by.may(KEEPS) or scope_of(by).reads_all


def visible(by: Actor) -> QuerySet[Endpoint]:
    """Those of the units one keeps; all to who audits."""
    return kept(by).filter(channel__in=TOLD_BY)


def kept(by: Actor) -> QuerySet[Endpoint]:
    """With the gateways of texts."""
    rows = Endpoint.objects.select_related("organisation")
    if scope_of(by).reads_all:
        return rows
    roots = [
        *reach_of(by, KEEPS),
        *(g.organisation_path for g in by.grants_for(KEEPS) if g.organisation_path),
    ]
    return rows.filter(organisation_id__in=sorted(directory.under(*roots)))


def find(by: Actor, pk: int) -> Endpoint:
    return gate.find(visible(by), pk=pk)


@transaction.atomic
def open_endpoint(*, by: Actor, at: dt.datetime, organisation: Any, channel: Any, **sent: Any) -> Endpoint:
    """A new one, on from now."""
    if not by.may(KEEPS):
        raise not_yours(_("消息通道由系统管理员设置。"))
    word = organisation if isinstance(organisation, str) else ""
    unit = directory.current(directory.by_code(word)) or directory.named(word)
    if unit is None or unit.retired:
        raise not_ready(_("没有这个单位。"), organisation=_("请核对编码。"))
    if not may_keep(by, unit.path):
        raise not_yours(_("这个单位的消息通道不归您管。"))
    if channel not in TOLD_BY:
        raise not_ready(_("没有这种通道。"), channel=_("请在列出的里选。"))
    values = _clean(channel, {"least_urgency": "normal", "is_on": True, "secret": "", **sent}, FIELDS)
    endpoint = Endpoint(
        pk=fresh_id(Endpoint), organisation_id=unit.id, channel=channel, edited_by=by.id, **values
    )
    told = {"organisation": unit.code, "channel": channel, "kinds": values["kinds"]}
    record(subject=endpoint, event="endpoint.opened", by=by, at=at, payload=told)
    return saved(endpoint, force_insert=True)


@transaction.atomic
def change_endpoint(*, by: Actor, at: dt.datetime, pk: int, **sent: Any) -> Endpoint:
    """What is sent changes, the rest stays; a changed address or one turned on again begins without failures."""
    find(by, pk)
    endpoint = Endpoint.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    row = endpoint.get(pk=pk)
    if not may_keep(by, row.organisation.path):
        raise not_yours(_("这个单位的消息通道不归您管。"))
    values = _clean(row.channel, sent, [name for name in FIELDS if name in sent])
    if {"address", "is_on"} & values.keys():
        values |= {"failures": 0, "paused_until": None}
    for name, value in values.items():
        setattr(row, name, value)
    row.edited_by = by.id
    told = {"fields": sorted(name for name in FIELDS if name in values)}
    record(subject=row, event="endpoint.changed", by=by, at=at, payload=told)
    return saved(row, update_fields=[*values, "edited_by", *CHAIN])


def test_endpoint(*, by: Actor, at: dt.datetime, pk: int) -> NoticeDelivery:
    """Send one harmless message and say what became of it."""
    with transaction.atomic():
        find(by, pk)
        row = Endpoint.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
        endpoint = row.get(pk=pk)
        if not may_keep(by, endpoint.organisation.path):
            raise not_yours(_("这个单位的消息通道不归您管。"))
        record(subject=endpoint, event="endpoint.tested", by=by, at=at)
        endpoint.save(update_fields=[*CHAIN])
        delivery = NoticeDelivery.objects.create(
            channel=endpoint.channel,
            endpoint=endpoint,
            event=TEST,
            at=at,
            next_at=at + sending.LEASE,  # nobody else takes it
        )
    return sending.try_now(delivery)


def saved(endpoint: Endpoint, **how: Any) -> Endpoint:
    try:
        with transaction.atomic():
            endpoint.save(**how)
    except IntegrityError:
        raise MoveRefused(
            "not_ready", _("这个单位已有同名的通道。"), fields={"name": _("请换一个名称。")}
        ) from None
    return endpoint


def _clean(channel: str, sent: Mapping[str, Any], names: Any) -> dict[str, Any]:
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for name in names:
        raw = sent.get(name)
        try:
            values |= CLEANERS[name](channel, raw, name)
        except _Unfit as unfit:
            faults[name] = str(unfit)
    if faults:
        raise not_ready(_("；").join(faults.values()), **faults)
    return values


class _Unfit(ValueError):
    pass


def _text(channel: str, raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, str) or "\x00" in raw:
        raise _Unfit(_("请用文字填写。"))
    text = raw.strip()
    if len(text) > LONGEST[name]:
        raise _Unfit(_("太长。"))
    if name == "secret":
        return {"secret": sealing.seal(text)}
    if not text:
        raise _Unfit(_("请填写名称。"))
    return {name: " ".join(text.split())}


def _address(channel: str, raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > LONGEST[name] or "\x00" in raw:
        raise _Unfit(_("请填写地址。"))
    text = raw.strip()
    if channel == "mail":
        try:
            validate_email(text)
        except ValidationError:
            raise _Unfit(_("邮箱不对，应像 name@example.gov.cn。")) from None
        box, _at, domain = text.rpartition("@")
        return {"address": sealing.seal(text), "shown": f"{box[:1]}***@{domain}"[:120]}
    try:
        url, host, port = guard.parts(text)
        guard.judge(text)
    except Undelivered as problem:
        if problem.error != "resolve":  # a name that is not known yet may be known when something is sent
            raise _Unfit(str(ERRORS[problem.error])) from None
        url, host, port = guard.parts(text)
    usual = {"http": 80, "https": 443}[url.scheme]
    return {
        "address": sealing.seal(text),
        "shown": f"{url.scheme}://{host}{'' if port == usual else f':{port}'}/…"[:120],
    }


def _kinds(channel: str, raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, list | tuple) or not raw or not set(map(str, raw)) <= set(KINDS):
        raise _Unfit(_("请至少选一类消息。"))
    return {"kinds": [kind for kind in KINDS if kind in raw]}


def _urgency(channel: str, raw: Any, name: str) -> dict[str, Any]:
    if raw not in URGENCIES:
        raise _Unfit(_("没有这种紧急程度。"))
    return {name: raw}


def _flag(channel: str, raw: Any, name: str) -> dict[str, Any]:
    if not isinstance(raw, bool):
        raise _Unfit(_("请填是或否。"))
    return {name: raw}


CLEANERS = {
    "name": _text,
    "secret": _text,
    "address": _address,
    "kinds": _kinds,
    "least_urgency": _urgency,
    "is_on": _flag,
}
