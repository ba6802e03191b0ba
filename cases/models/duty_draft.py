"""Changes of duty rows that somebody prepares: looked at and replayed before they are published."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class DutyDraft(models.Model):
    """`lines`: [[number, {column: text}]], as `cases.routing.duty_sheets` names the columns; what they would do is
    worked out against the rows of the moment. One replay at a time: past cases of `since`–`until` (both included)
    below `place`; `result` is what `cases.duty_replay` came to. One's own, until published; a file goes with it."""

    class State(models.TextChoices):
        NONE = "", _("没有推演")
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("推演中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    name = models.CharField(max_length=120, blank=True, default="")
    lines = models.JSONField(default=list)
    published_at = models.DateTimeField(null=True)

    since = models.DateField(null=True)
    until = models.DateField(null=True)
    place = models.ForeignKey("grid.Place", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.NONE, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("职责行草稿")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("", "waiting", "running", "done", "failed")),
                name="duty_draft_state_known",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True, until__isnull=True) | Q(until__gte=F("since")),
                name="duty_draft_period_whole",
            ),
        ]
        indexes = [models.Index(fields=["author", "-id"], name="duty_draft_by_author")]

    def __str__(self) -> str:
        return f"{self.name} {self.created_at:%Y-%m-%d}"
