"""How callers are told: what a channel asks for beside the words."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import texting
from cases.guards import Context
from cases.models.call import Call, matter_q
from cases.models.evidence import Attachment
from cases.notices import texts
from cases.refusals import not_ready


def check(c: Context, callers: Iterable[Call], *, at_door: bool) -> None:
    """By text only who has a number for it, where texts leave; at the door of whom a text did not reach, with something
    that shows it. `callers` are those who are to be told, each with the person; they are read where it matters."""
    channel = c.sent["channel"]
    if channel == "sms" and texting.is_on(c.case):
        lacking = [call for call in callers if not texts.mobile(_phone(call))]
        if lacking:
            n = len(lacking)
            words = ngettext(
                "有 %(n)s 位反映人没有能收短信的手机号。", "有 %(n)s 位反映人没有能收短信的手机号。", n
            ) % {"n": n}
            raise not_ready(words, channel=_("请换一种方式，或先单独答复。"))
    if channel == "visit" and at_door:
        if not c.sent.get("attachments") and not c.sent.get("signed"):
            words = _("上门答复要有签名或录音；不便签名的，写明签收人和见证人。")
            raise not_ready(words, attachments=_("请签名或录音。"), signed=_("或写明谁签收、谁见证。"))
        # a picture made at the door is a signature: proof of the answer, not a picture of the matter
        ours = Attachment.objects.filter(case=None, uploaded_by_id=c.by.id, kind="photo")
        ours.filter(pk__in=c.sent.get("attachments", ())).update(kind="signature")


def untold(c: Context) -> QuerySet[Call]:
    """The callers of the matter who are still to be told."""
    rows = Call.objects.filter(matter_q(c.case.pk), withdrawn_at=None, origin="resident")
    return rows.filter(Q(told_at=None) | Q(told_at__lt=c.case.resolved_at)).select_related("caller")


def wish_a_visit(c: Context) -> bool:
    """Does a caller who is still to be told want somebody to come? Nobody else would know of it out there."""
    return c.case.origin == "resident" and untold(c).filter(caller__contact_by="visit").exists()


def _phone(call: Call) -> str:
    caller = getattr(call, "caller", None)
    return caller.phone if caller is not None else ""
