"""What a case, a clock or a caller's voice had counted for until somebody changed it afterwards.

Told by the entry that changed it, under `was` in its payload (cases.pasts), only where a fact that figures had already
read is taken back or moved: a resolve that did not stand, a late hold, an exclusion, a merge, another place. So a figure
can be read as it stood at any past instant, and every later change of a period's figures can be listed. All are
views of the ledger: nothing is written twice, and nothing can be changed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from cases.models.case import PlaceColumns


class Past(PlaceColumns):
    """`until` is when the row ceased to be true, `event` the entry's that changed it (its `seq` of the case); `id` is the
    entry's, the same for all that it changed."""

    until = models.DateTimeField()
    event = models.CharField(max_length=48)
    seq = models.PositiveIntegerField()

    class Meta(PlaceColumns.Meta):
        abstract = True
        managed = False


class ClockPast(Past):
    case = models.ForeignKey("cases.Case", on_delete=models.DO_NOTHING, related_name="+")
    stage = models.CharField(max_length=16)
    part = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    organisation = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.DO_NOTHING, related_name="+"
    )
    state = models.CharField(max_length=8)
    outcome = models.CharField(max_length=10, default="", blank=True)
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "时钟的从前"
        managed = False

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}#{self.round} ≤ {self.until:%F %T}"


class CasePast(Past):
    case = models.ForeignKey("cases.Case", on_delete=models.DO_NOTHING, related_name="pasts")
    status = models.CharField(max_length=16)
    excluded = models.BooleanField()
    origin = models.CharField(max_length=8)
    unit_ids = ArrayField(models.BigIntegerField(), default=list)
    holder = models.ForeignKey("parties.Organisation", on_delete=models.DO_NOTHING, related_name="+")
    received_at = models.DateTimeField()
    first_dispatched_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    first_resolved_at = models.DateTimeField(null=True)
    resolved_level = models.CharField(max_length=12, default="", blank=True)
    raised_level = models.CharField(max_length=12)
    self_settled = models.BooleanField()
    ended_at = models.DateTimeField(null=True)
    reworks = models.PositiveSmallIntegerField()
    reopens = models.PositiveSmallIntegerField()
    declines = models.PositiveSmallIntegerField()
    callers = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = "工单的从前"
        managed = False

    def __str__(self) -> str:
        return f"{self.case_id} ≤ {self.until:%F %T}"


class VoicePast(Past):
    """`subject_id` is the case whose entry tells it, `case` where the matter lived before."""

    subject_id = models.BigIntegerField()
    call = models.ForeignKey("cases.Call", on_delete=models.DO_NOTHING, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.DO_NOTHING, related_name="+")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.DO_NOTHING, related_name="+")
    told_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=16, default="", blank=True)
    solved = models.CharField(max_length=6, default="", blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "评价的从前"
        managed = False

    def __str__(self) -> str:
        return f"{self.call_id} ≤ {self.until:%F %T}"
