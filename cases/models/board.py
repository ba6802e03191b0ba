"""The public board of a community: wishes and projects with their progress, and small matters that were done."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Chained

KINDS = {"wish": _("微心愿"), "project": _("微项目"), "done": _("办好的小事")}
PLANNED = ("wish", "project")  # what its clerks write; the rest comes from a case


class BoardCard(Chained):
    """One thing on the board, in words of staff. `steps` [{on (a day) or "", words, done}] of a wish or project. What was
    done names its case and the pictures the desk released of it. Nothing of a caller stands here."""

    SUBJECT = "board_card"

    place = models.ForeignKey("grid.Place", on_delete=models.PROTECT, related_name="+")  # the community
    kind = models.CharField(max_length=8)
    title = models.CharField(max_length=80)
    steps = models.JSONField(default=list)
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey("cases.Attachment", null=True, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey("cases.Attachment", null=True, on_delete=models.PROTECT, related_name="+")
    shown_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "公示"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=tuple(KINDS)), name="board_card_kind_known"),
            models.CheckConstraint(
                condition=Q(kind="done", case__isnull=False, after__isnull=False)
                | Q(kind__in=PLANNED, case__isnull=True, after__isnull=True, before__isnull=True),
                name="board_card_done_has_its_case",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(retired_at__isnull=True), name="board_card_once_per_case"
            ),
        ]
        indexes = [
            models.Index(
                fields=["place", "-shown_at"], condition=Q(retired_at__isnull=True), name="board_card_live"
            ),
        ]

    def __str__(self) -> str:
        return self.title
