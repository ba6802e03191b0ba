"""退订 said aloud: a caller asks a desk to send no more texts, or to send them again. As by a reply, the number is kept as
a keyed digest only; the entry names the call, never the number."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases.guards import Context
from cases.models.call import Caller, matter_q
from cases.notices import opting_out, texts
from cases.refusals import not_ready
from cases.work import Work

Payload = dict[str, Any]


def stop_texts(work: Work, c: Context) -> Payload:
    """No text goes to this number any more, of whatever case. An answer that had to go so is told at the door."""
    if not opting_out.opt_out(_phone(work, c), work.at):
        raise not_ready(_("这个号码已经退订了短信。"), call=_("请核对是哪一位。"))
    return {"call": c.sent["call"]}


def resume_texts(work: Work, c: Context) -> Payload:
    """However they were stopped."""
    if not opting_out.opt_in(_phone(work, c)):
        raise not_ready(_("这个号码没有退订短信。"), call=_("请核对是哪一位。"))
    return {"call": c.sent["call"]}


def _phone(work: Work, c: Context) -> str:
    callers = Caller.objects.filter(matter_q(work.case.pk, via="call__"), call_id=c.sent["call"])
    phone = callers.values_list("phone", flat=True).first() or ""
    if not texts.mobile(phone):
        raise not_ready(_("这位反映人没有留手机号。"), call=_("请核对是哪一位。"))
    return phone
