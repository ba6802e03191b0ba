"""What a message says: number, the kind of matter, where about, a link. Never a caller, never their words.

It is made when it is sent, so that what has become guarded since says less.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from cases import rulebook
from cases.kinds import KINDS, URGENCIES
from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.notices import kinds, texts
from cases.notices.channels import Message
from cases.notices.messages import sentence
from grid.queries import by_ids
from parties.models import Account

TEST = "test"


class Needless(Exception):
    """Nobody has to hear of it any more."""


BRIEF = 60  # lines of a summary; the inbox has the rest


def message_of(delivery: NoticeDelivery, language: str = "zh-hans", mentions: Sequence[str] = ()) -> Message:
    with override(language):
        return _message(delivery, mentions)


def digest_of(deliveries: Sequence[NoticeDelivery], language: str) -> Message:
    """One letter for many: the newest first."""
    with override(language):
        lines = [
            f"{one.words}\n{one.link}"
            for one in (_message(delivery, ()) for delivery in reversed(deliveries[-BRIEF:]))
        ]
        n = len(deliveries)
        if n > BRIEF:
            lines.append(_("还有 %(n)s 条，请到消息里看。") % {"n": n - BRIEF})
        head = ngettext("呼应：%(n)s 条消息", "呼应：%(n)s 条消息", n) % {"n": n}
        return Message(
            key=str(deliveries[0].batch or deliveries[0].key),
            event="digest",
            kind="",
            urgency="normal",
            number="",
            words="\n\n".join(lines),
            link=settings.SITE_URL + reverse("cases:notices"),
            at=deliveries[-1].at,
            subject=head,
        )


def _message(delivery: NoticeDelivery, mentions: Sequence[str]) -> Message:
    case = delivery.case
    if delivery.event == TEST:
        words = _("这是一条试发的消息，收到说明通道通了。")
    elif delivery.event.startswith(texts.EVENT):  # what kind of text; what it says is its caller's
        words = _("短信：%(kind)s") % {"kind": texts.kind_of(delivery).label}
    else:
        words = _words(delivery, case)
    return Message(
        key=str(delivery.key),
        event=delivery.event,
        kind=kinds.kind_of(delivery.event),
        urgency=case.urgency if case is not None else "normal",
        number=case.number if case is not None else "",
        words=words,
        link=settings.SITE_URL
        + (reverse("cases:detail", args=[case.number]) if case is not None else reverse("cases:notices")),
        at=delivery.at,
        mentions=tuple(mentions),
    )


def _words(delivery: NoticeDelivery, case: Case | None) -> str:
    if case is None:
        return _("呼应：%(words)s") % {"words": sentence(delivery.event, delivery.facts, "")}
    said = sentence(delivery.event, delivery.facts, _matter(case))
    urgent = case.urgency != "normal"
    return (_("【%(urgency)s】%(number)s %(words)s") if urgent else _("%(number)s %(words)s")) % {
        "urgency": URGENCIES[case.urgency],
        "number": case.number,
        "words": said,
    }


def _matter(case: Case) -> str:
    """The item and the community, which are words of the checklist and the map; of a sensitive one only its kind."""
    item = rulebook.item_by_id(case.item_id)
    if case.sensitive or item is None:
        return str(KINDS[case.kind])
    around = by_ids([pk for pk in (case.community_id or case.street_id,) if pk is not None])
    where = next((place.name for place in around.values()), "")
    return _("%(item)s（%(where)s）") % {"item": item.name, "where": where} if where else item.name


def names_in_groups(accounts: Sequence[int]) -> list[str]:
    """How these people are called in the group; one statement, none for nobody."""
    if not accounts:
        return []
    rows = Account.objects.filter(pk__in=accounts, is_active=True).exclude(person__chat_id="")
    return list(rows.order_by("pk").values_list("person__chat_id", flat=True))
