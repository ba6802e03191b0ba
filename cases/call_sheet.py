"""What is sent with a call: from loose fields to clean values, or every fault at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import kinds, needs
from cases.refusals import not_ready

OFFLINE_AT_MOST = dt.timedelta(hours=72)
FUTURE_AT_MOST = dt.timedelta(minutes=5)  # a phone's clock may be a little ahead
LONGEST_SUBJECT = 120
LONGEST_TEXT = 20_000  # a call is kept word for word, and letters are long; needs.MAX_TEXT is for forms
PHONE = re.compile(r"\+?[0-9][0-9 -]{4,20}[0-9]")

Sheet = dict[str, Any]


def read(*, at: dt.datetime, **sent: Any) -> Sheet:
    """Clean values under the names of `intake.take_call`, those not sent as empty; raises MoveRefused with a
    sentence per field. `at` is the instant of reading: nothing may lie after it."""
    sheet: Sheet = {}
    faults: dict[str, str] = {}

    def field(name: str, read, *, empty: Any = None) -> None:
        raw = sent.get(name)
        if raw is None or raw == "" or raw == [] or raw == ():
            sheet[name] = empty
            return
        try:
            sheet[name] = read(raw)
        except needs.Unfit as unfit:
            sheet[name], faults[name] = empty, str(unfit)

    field("text", lambda raw: needs.text(raw, limit=LONGEST_TEXT), empty="")
    field("subject", lambda raw: needs.text(raw, limit=LONGEST_SUBJECT), empty="")
    field("item", lambda raw: needs.read("code:item", raw))
    field("kind", lambda raw: needs.read("choice:kinds", raw), empty="")
    field("urgency", lambda raw: needs.read("choice:urgencies", raw), empty="")
    field("channel", lambda raw: _one_of(raw, kinds.CHANNELS), empty="app")
    field("origin", lambda raw: _one_of(raw, kinds.ORIGINS), empty="")
    field("caller", _caller)
    field("about", lambda raw: needs.text(raw, limit=64), empty="")
    field("attachments", lambda raw: needs.read("ids", raw), empty=())
    field("confidential", lambda raw: needs.read("bool", raw), empty=False)
    field("lat", lambda raw: needs.degrees(raw, 90))
    field("lng", lambda raw: needs.degrees(raw, 180))
    field("captured_at", needs.instant)
    field("called_at", needs.instant)
    field("outer_due_at", needs.instant)
    field("external_ref", lambda raw: needs.text(raw, limit=80), empty="")
    field("round", lambda raw: needs.text(str(raw), limit=40), empty="")
    if not (sheet["text"] or sheet["subject"] or sheet["attachments"]) and not faults:
        faults["text"] = _("文字、照片、录音，留一样就行。")
    captured, called = sheet["captured_at"], sheet["called_at"]
    if captured and not at - OFFLINE_AT_MOST <= captured <= at + FUTURE_AT_MOST:
        faults["captured_at"] = _("手机记录的时间只能在 72 小时之内；更早的请由受理台补录。")
    if called and called > at + FUTURE_AT_MOST:
        faults["called_at"] = _("来电时间不能在将来。")
    if faults:
        raise not_ready(pgettext("between sentences", "；").join(faults.values()), **faults)
    return sheet


def _one_of(raw: Any, words: Mapping[str, object]) -> str:
    if not isinstance(raw, str) or raw not in words:
        raise needs.Unfit(_("没有这个选项。"))
    return raw


def _caller(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise needs.Unfit(_("反映人要写成 name、phone 等字段。"))
    found: dict[str, Any] = {"anonymous": bool(raw.get("anonymous"))}
    for name, limit in (("name", 40), ("for_person", 40), ("contact_by", 8)):
        value = raw.get(name)
        found[name] = needs.text(value, limit=limit) if value else ""
    phone = raw.get("phone")
    if phone:
        if not isinstance(phone, str) or not PHONE.fullmatch(phone.strip()):
            raise needs.Unfit(_("电话号码不对：只写数字。"))
        digits = re.sub(r"[^0-9+]", "", phone)
        found["phone"] = digits
    else:
        found["phone"] = ""
    language = raw.get("language") or ""
    if language not in ("", *dict(settings.LANGUAGES)):
        raise needs.Unfit(_("短信没有这种语言。"))
    found["language"] = language
    return found
