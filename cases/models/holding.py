"""Holding 经办: a finished stay of a case with an organisation, from dispatch on, with its minutes. The open lead
holding is columns of the case; the open assisting ones are Parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from cases.models.case import Case


class Holding(models.Model):
    """`rests` are the intervals in which nobody's hand was needed (cases.stays). Of the opening minutes those on
    hold or waiting for an answer are `paused_minutes`; `worked_minutes` is what counts for the holder, without any
    rest."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="holdings")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    account_id = models.BigIntegerField(null=True)
    part = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
    until = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    wall_minutes = models.PositiveIntegerField()
    opening_minutes = models.PositiveIntegerField()
    rests = models.JSONField(default=list)
    paused_minutes = models.PositiveIntegerField(default=0)
    worked_minutes = models.PositiveIntegerField(default=0)
    ended_by = models.CharField(max_length=16)  # the move

    class Meta:
        verbose_name = "经办"
        indexes = [
            models.Index(fields=["organisation", "until"], name="holding_by_unit"),
            models.Index(
                fields=["until"], include=["case", "organisation", "worked_minutes"], name="holding_by_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} @ {self.organisation_id}"


class Part(models.Model):
    """An assisting organisation's part in a case: its own signing, result and lateness."""

    OPEN = ("assigned", "in_hand")
    STATES = ("assigned", "in_hand", "done", "declined", "released")

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="parts")
    n = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default="assigned")
    since = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.TextField(default="", blank=True)

    class Meta:
        verbose_name = "协办"
        constraints = [
            models.UniqueConstraint(fields=["case", "n"], name="part_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=("assigned", "in_hand", "done", "declined", "released")),
                name="part_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.n}"

    @classmethod
    def open_of(cls, case: Case) -> list[Part]:
        """The open parts of a case, read once per case in hand."""
        kept = getattr(case, "parts_read", None)
        if kept is None:
            rows = cls.objects.filter(case=case, state__in=cls.OPEN).order_by("n") if case.open_parts else ()
            kept = case.parts_read = list(rows)  # type: ignore[attr-defined]
        return [part for part in kept if part.state in cls.OPEN]
