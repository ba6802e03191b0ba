"""In-app notices: an event in words, for one account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Notice(models.Model):
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.CASCADE, related_name="+")
    entry_id = models.BigIntegerField()
    event = models.CharField(max_length=48)
    facts = models.JSONField(default=dict)  # what the sentence is made from, in the reader's language
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    quiet_until = models.DateTimeField(
        null=True
    )  # no alert before: it lies in the inbox, no bell, no message

    class Meta:
        verbose_name = "消息"
        constraints = [
            models.UniqueConstraint(fields=["account", "entry_id"], name="notice_once_per_entry"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="notice_inbox"),
            models.Index(fields=["account"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.event}"


class QuietHours(models.Model):
    """When a person does not want to be alerted, by local time; begins and ends alike for never. Who has no row
    has the hours of `cases.notices.quiet`."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    begins = models.TimeField()
    ends = models.TimeField()

    class Meta:
        verbose_name = "免打扰时段"

    def __str__(self) -> str:
        return f"{self.account_id}: {self.begins:%H:%M}–{self.ends:%H:%M}"
