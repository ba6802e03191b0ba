"""Postings: who may do what, where, from when to when. The only source of authority."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger import versions
from parties.models.accounts import Account
from parties.models.organisations import Organisation
from parties.roles import DUTIES, ROLES

NO_SUBSTITUTE = Q(substitute__isnull=True, substitute_from__isnull=True, substitute_until__isnull=True)
A_SUBSTITUTE = Q(
    substitute__isnull=False,
    substitute_from__isnull=False,
    substitute_until__isnull=False,
    substitute_until__gt=F("substitute_from"),
)


def standing_q(at: dt.datetime) -> Q:
    """Postings that have not ended, with a term or without, begun or to begin; one taken back before it began
    ends where it begins and never stood."""
    return Q(until=None) | (Q(until__gt=at) & Q(until__gt=F("since")))


def live_q(at: dt.datetime) -> Q:
    """Postings that give their rights now: confirmed, begun, not ended."""
    return Q(confirmed_at__isnull=False, since__lte=at) & standing_q(at)


class PostingSet(models.QuerySet["Posting"]):
    """Every way to write one moves the version by which `parties.seats` reads them again."""

    def update(self, **values: Any) -> int:
        versions.bump("postings")
        return super().update(**values)

    def bulk_create(self, objs: Iterable[Posting], *args: Any, **options: Any) -> Any:
        versions.bump("postings")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> tuple[int, dict[str, int]]:
        versions.bump("postings")
        return super().delete()


class Posting(models.Model):
    """An account in a role at a place or at an organisation, from `since` until `until` (open: null).

    It is live once confirmed: roles that wait for a second person have no `confirmed_at` until somebody
    other than the posted and the poster confirms; all others are confirmed as they are made. The substitute
    (AB角) has the same rights from `substitute_from` until `substitute_until`. `duty` (parties.roles.DUTIES): what
    the posted is called where the role alone does not say it; it gives no right."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    role = models.CharField(
        _("角色"), max_length=24, choices=[(role.name, role.label) for role in ROLES.values()]
    )
    place = models.ForeignKey(
        "grid.Place", null=True, blank=True, on_delete=models.PROTECT, related_name="postings"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="postings"
    )
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"), null=True, blank=True)
    on_duty = models.BooleanField(_("值班"), default=False)
    duty = models.CharField(_("职务"), max_length=16, blank=True, default="")
    substitute = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="substitutions"
    )
    substitute_from = models.DateTimeField(null=True, blank=True)
    substitute_until = models.DateTimeField(null=True, blank=True)
    posted_by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="postings_made"
    )
    confirmed_by = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="postings_confirmed"
    )
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)

    objects = PostingSet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        constraints = [
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="posting_role_known"),
            models.CheckConstraint(
                condition=Q(duty="") | Q(duty__in=[duty.name for duty in DUTIES.values()]),
                name="posting_duty_known",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True, organisation__isnull=False)
                | Q(place__isnull=False, organisation__isnull=True),
                name="posting_at_place_or_organisation",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="posting_until_after_since"
            ),
            models.CheckConstraint(
                condition=NO_SUBSTITUTE | (A_SUBSTITUTE & ~Q(substitute=F("account"))),
                name="posting_substitute_for_a_period",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by=F("account"))),
                name="posting_not_confirmed_by_oneself",
            ),
            models.CheckConstraint(
                condition=Q(posted_by__isnull=True) | ~Q(posted_by=F("account")),
                name="posting_not_by_oneself",
            ),
            models.UniqueConstraint(
                fields=["account", "role", "place"],
                condition=Q(until__isnull=True, place__isnull=False),
                name="posting_once_at_a_place",
            ),
            models.UniqueConstraint(
                fields=["account", "role", "organisation"],
                condition=Q(until__isnull=True, organisation__isnull=False),
                name="posting_once_at_an_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.role}"

    def save(self, *args: Any, **options: Any) -> None:
        versions.bump("postings")
        super().save(*args, **options)
