"""Photos and voice, and the words that belong to an entry.

The ledger keeps no words of people: a note's text, a result, a reason stand here beside the entry's
sequence number, so they can be masked by reader and erased by law."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q


class Attachment(models.Model):
    """A verified, re-encoded file. Free until a call, move or fact takes it into a case, or a round takes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=9)  # photo | voice | signature
    file = models.FileField(upload_to="evidence/%Y/%m/%d")
    thumbnail = models.FileField(upload_to="evidence/%Y/%m/%d", default="", blank=True)
    mime = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.PROTECT, related_name="attachments")
    seq = models.PositiveIntegerField(default=0)  # the entry that took it in
    round = models.ForeignKey("cases.Round", null=True, on_delete=models.PROTECT, related_name="attachments")

    class Meta:
        verbose_name = "材料"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=("photo", "voice", "signature")), name="attachment_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=True) | Q(round__isnull=True), name="attachment_of_one"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @classmethod
    def free(cls, files: Iterable[uuid.UUID], by_id: int | None) -> models.QuerySet[Attachment]:
        """Those of these files that somebody handed in and nothing has taken yet."""
        return cls.objects.filter(pk__in=files, case__isnull=True, round__isnull=True, uploaded_by_id=by_id)


class Words(models.Model):
    """What was written with one entry of a case's chain: {field: text}. `public` words are for the caller."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="words")
    seq = models.PositiveIntegerField()
    texts = models.JSONField(default=dict)

    class Meta:
        verbose_name = "文字"
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="words_once_per_entry")]

    def __str__(self) -> str:
        return f"{self.case_id}#{self.seq}"
