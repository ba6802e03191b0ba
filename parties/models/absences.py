"""Absences: when somebody is away, and who of the unit looks after their work meanwhile.

While it lasts the substitute has the postings of who is away beside the own ones, as an AB角 has
(parties.access.actor_of); with one difference: an AB角 is named by who posts and may be anybody, a substitute by the
colleague himself, and so has to be somebody who may do the same for the same unit.
"""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parties.models.accounts import Account

REASONS = {
    "leave": _("休假"),
    "trip": _("出差、外勤"),
    "training": _("学习培训"),
    "health": _("病假"),
    "other": _("其他"),
}


class Absence(models.Model):
    """From `since` until `until`; `ended_at` where it was taken back or cut short before."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="absences")
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"))
    reason = models.CharField(_("事由"), max_length=12, choices=list(REASONS.items()))
    substitute = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in"
    )
    entered_by = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("离岗")
        verbose_name_plural = _("离岗")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="absence_until_after_since"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("account")),
                name="absence_not_stood_in_by_oneself",
            ),
            models.CheckConstraint(condition=Q(reason__in=list(REASONS)), name="absence_reason_known"),
        ]
        indexes = [
            models.Index(fields=["account", "until"], condition=Q(ended_at=None), name="absence_standing"),
            models.Index(fields=["substitute"], condition=Q(ended_at=None), name="absence_stood_in"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.since:%Y-%m-%d}–{self.until:%Y-%m-%d}"


def standing_q(at: dt.datetime) -> Q:
    """Absences that are, or are to come."""
    return Q(ended_at=None, until__gt=at)


def over_q(since: dt.datetime, until: dt.datetime) -> Q:
    """Absences over any instant of a period."""
    return Q(ended_at=None, since__lt=until, until__gt=since)


def away_q(at: dt.datetime) -> Q:
    """Absences over an instant."""
    return Q(ended_at=None, since__lte=at, until__gt=at)
