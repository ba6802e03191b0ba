"""Who should get the next case: of those present who may have it, the one with the lightest hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case as OneOf
from django.db.models import IntegerField, Q, Sum, Value, When
from django.utils.translation import gettext as _

WEIGHTS = {"critical": 3, "urgent": 2}  # every other case: 1
SOON = dt.timedelta(hours=24)


def weight_sum(at: dt.datetime) -> Sum:
    """What a pile of cases weighs: by urgency, and one more for each that is late or due within a day."""
    urgency = OneOf(
        *(When(urgency=name, then=Value(n)) for name, n in WEIGHTS.items()),
        default=Value(1),
        output_field=IntegerField(),
    )
    soon = OneOf(
        When(Q(next_due_at__lt=at + SOON), then=Value(1)), default=Value(0), output_field=IntegerField()
    )
    return Sum(urgency + soon)


@dataclass(frozen=True)
class Hand:
    """A colleague: how many cases, what they weigh, whether away (until when), and whether this is the head or the
    shift lead, who hands work out and gets some only where nobody else is left."""

    username: str
    name: str
    open: int
    weight: int
    away: bool = False
    leads: bool = False
    away_until: dt.datetime | None = None
    account: int | None = None


@dataclass(frozen=True)
class Suggestion:
    username: str
    words: str


def suggest(hands: Sequence[Hand]) -> Suggestion | None:
    """The lightest of those present (who leads only where nobody else is left), with why; None where nobody is left.
    Equal hands: the fewer cases, then by name, so that the same hands always give the same answer."""
    present = [hand for hand in hands if not hand.away]
    if not present:
        return None
    present = [hand for hand in present if not hand.leads] or present
    chosen = min(present, key=lambda hand: (hand.weight, hand.open, hand.name, hand.username))
    said = {"name": chosen.name, "n": chosen.open}
    if len(present) == 1:
        words = [_("%(name)s手上 %(n)s 件") % said]
    elif chosen.open <= min(hand.open for hand in present):
        words = [_("%(name)s手上 %(n)s 件，最少") % said]
    else:
        words = [_("%(name)s手上 %(n)s 件，按紧急程度和时限算最轻") % said]
    away = [hand.name for hand in hands if hand.away]
    if away:
        words.append(_("%(names)s离岗") % {"names": _("、").join(sorted(away))})
    return Suggestion(chosen.username, _("；").join(words))
