"""Clock 时钟: one kind of row for everything that will happen at a time (SPEC §6)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models.case import PlaceColumns

STAGES = (
    "accept",
    "dispatch",
    "sign",
    "resolve",
    "verify",
    "feedback",
    "return_visit",
    "contact",
    "arrive",
    "secure",
    "hold",
    "ask",
    "grace",
    "relief",
)
TERMS = ("hold", "ask", "grace", "relief")  # at their due time something happens by itself
STATES = ("running", "paused", "stopped")
COUNTED = ("stopped_at", "outcome", "state", "case")  # what the figures read off an index alone
OUTCOMES = ("", "met", "ended", "cancelled")


class Clock(PlaceColumns):
    """`rule` and `segments` are the truth (cases.sla.clock); `due_at`, `warn_at`, `next_at` are stored
    readings of them. `part` 0 is the lead's, others an assisting organisation's. The place columns are
    those of now while it runs and stay as they were when it stopped or fell due."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="clocks")
    stage = models.CharField(max_length=16)
    part = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, default="running")
    outcome = models.CharField(max_length=10, default="", blank=True)

    organisation = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    rule = models.JSONField()
    anchor = models.DateTimeField()
    segments = models.JSONField(default=list)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)

    warned_at = models.DateTimeField(null=True)  # true times, however late the sweep
    breached_at = models.DateTimeField(null=True)
    silent_at = models.DateTimeField(null=True)
    rungs = models.PositiveSmallIntegerField(default=0)  # timed rungs of its ladder that were told

    class Meta:
        verbose_name = "时钟"
        constraints = [
            models.UniqueConstraint(fields=["case", "stage", "part", "round"], name="clock_round_once"),
            models.CheckConstraint(condition=Q(stage__in=STAGES), name="clock_stage_known"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="clock_state_known"),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="clock_outcome_known"),
            models.CheckConstraint(
                condition=Q(state="stopped", stopped_at__isnull=False, next_at__isnull=True)
                | Q(state__in=["running", "paused"], stopped_at__isnull=True),
                name="clock_stopped_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="clock_next"),
            models.Index(
                fields=["case"],
                condition=Q(provisional=True, stopped_at__isnull=True),
                name="clock_provisional",
            ),
            *(
                models.Index(
                    fields=[f"{kind}_id", "stage", "due_at"],
                    include=[*COUNTED, f"{below}_id", "organisation"],
                    name=f"clock_by_{kind}",
                )
                for kind, below in (("district", "street"), ("street", "community"))
            ),
            *(
                models.Index(
                    fields=[f"{kind}_id", "stage", "due_at"], include=COUNTED, name=f"clock_by_{kind}"
                )
                for kind in ("community", "grid")
            ),
            models.Index(fields=["organisation", "stage", "due_at"], include=COUNTED, name="clock_by_unit"),
        ]

    missed_at: dt.datetime | None = None  # not a column: what the board read off the segments just now

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}#{self.round}"

    @property
    def turned(self) -> bool:
        """Has it done anything but run since its anchor?"""
        return len(self.segments) > 1


class SweepPass(models.Model):
    """How the last whole pass of the sweep went. One row; the database's times."""

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    happened = models.PositiveIntegerField()  # warnings, breaches, silences, rungs and ended terms

    class Meta:
        verbose_name = "巡检"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="sweep_pass_is_one")]

    def __str__(self) -> str:
        return f"{self.ended_at:%F %T} {self.happened}"
