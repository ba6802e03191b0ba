"""Round 巡查、走访: somebody was at a place, whatever came of it; and how often that is asked for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.kinds import ROUNDS
from grid import kinds as places
from ledger.models import Chained


class Round(Chained):
    """`made_at` is when it was made; `captured_at` is set where a phone without a signal kept that time. The words stand
    here, never in the ledger. A place that was retired keeps the rounds that were made there."""

    SUBJECT = "round"

    place = models.ForeignKey("grid.Place", on_delete=models.PROTECT, related_name="rounds")
    kind = models.CharField(max_length=8)
    made_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(default="", blank=True)

    class Meta:
        verbose_name = _("巡查走访")
        constraints = [models.CheckConstraint(condition=Q(kind__in=tuple(ROUNDS)), name="round_kind_known")]
        indexes = [models.Index(fields=["place", "kind", "-made_at"], name="round_last_of_place")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.kind} {self.made_at}"


class RoundRule(models.Model):
    """Every so many days to each place of a kind at or below `place`, from a day until before another; 0 asks for none.
    The rule of the most specific place holds."""

    place = models.ForeignKey("grid.Place", on_delete=models.PROTECT, related_name="+")
    place_kind = models.CharField(_("哪种地点"), max_length=12)
    kind = models.CharField(_("巡查还是走访"), max_length=8)
    every_days = models.PositiveSmallIntegerField(_("几天一次"))
    since = models.DateField(_("生效日"))
    until = models.DateField(_("失效日"), null=True, blank=True)
    basis = models.CharField(_("依据"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("巡查走访规则")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=tuple(ROUNDS)), name="round_rule_kind_known"),
            models.CheckConstraint(condition=Q(place_kind__in=places.INNER), name="round_rule_place_known"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="round_rule_until_after_since"
            ),
            models.UniqueConstraint(
                fields=["place", "place_kind", "kind"],
                condition=Q(until__isnull=True),
                name="round_rule_said_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place_kind}@{self.place_id}: {self.every_days}"
