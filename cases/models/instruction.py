"""Instruction 批示: an official's words on a case that ask for word back by a time, and when that came (SPEC §8).

The words stand with their entries: `seq` and `answered_seq` name them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models.case import PlaceColumns


class Instruction(PlaceColumns):
    """The place columns are those of the case when it was written. `answered_unit` gave word, for all that waited."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="instructions")
    seq = models.PositiveIntegerField()
    instructed_at = models.DateTimeField()
    instructed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_unit = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_seq = models.PositiveIntegerField(null=True)
    next_at = models.DateTimeField(null=True)  # when to remind whoever has to answer (cases.reminding)
    late_told = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "批示"
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="instruction_once_per_entry"),
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("instructed_at")), name="instruction_leaves_time"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_seq__isnull=True, answered_unit__isnull=True)
                | Q(answered_at__isnull=False, answered_seq__isnull=False, answered_unit__isnull=False),
                name="instruction_answered_whole",
            ),
        ]
        indexes = [
            *(
                models.Index(fields=[f"{kind}_id", "-instructed_at"], name=f"instruction_by_{kind}")
                for kind in ("district", "street", "community")
            ),
            models.Index(fields=["case"], condition=Q(answered_at__isnull=True), name="instruction_waiting"),
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="instruction_next"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq}"
