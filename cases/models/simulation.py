"""A replay of past clocks under other rules, asked for by somebody; it changes nothing but its own row."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Simulation(models.Model):
    """Both days of the period are included. `scenario` is {rows: [policy], calendar: code}; `result` what
    `cases.queries.simulation.Comparison` came to. Kept for a while, for whom it was asked by."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("推演中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    since = models.DateField()
    until = models.DateField()
    place = models.ForeignKey("grid.Place", null=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    scenario = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("时限推演")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running", "done", "failed")), name="simulation_state_known"
            ),
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="simulation_period_whole"),
        ]
        indexes = [models.Index(fields=["asked_by", "-id"], name="simulation_by_account")]

    def __str__(self) -> str:
        return f"{self.since}–{self.until} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)
