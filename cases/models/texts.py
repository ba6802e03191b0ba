"""Standard texts: what is written again and again, offered where it is written."""

from __future__ import annotations

from django.db import models

from ledger.models import Chained


class StandardText(Chained):
    """One text of a unit, or of everybody's (no unit), for one move or fact and one item, or for all of them.
    Its words stand here alone; the ledger tells who changed what, never the words."""

    SUBJECT = "standard_text"

    organisation = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    item = models.ForeignKey("cases.Item", null=True, on_delete=models.PROTECT, related_name="+")
    move = models.CharField(max_length=24, default="", blank=True)
    title = models.CharField(max_length=40)
    text = models.TextField(max_length=1000)
    version = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "标准用语"
        indexes = [
            models.Index(
                fields=["organisation", "move"],
                condition=models.Q(retired_at__isnull=True),
                name="standard_text_live",
            ),
        ]

    def __str__(self) -> str:
        return self.title
