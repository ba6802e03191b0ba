"""A draft as a row: of the tree of places, or of another tree on a floor above (its own table)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Chained

# what each table of drafts holds as constraint and index, under its own names
PUBLISHED_WHEN = Q(status="published", published_at__isnull=False) | (
    ~Q(status="published") & Q(published_at__isnull=True)
)
UNDONE_ONCE = Q(undoes__isnull=False, status="published")
WAITING = Q(status="scheduled")


class DraftBase(Chained):
    """Many changes of a tree that take effect together, now or at a coming midnight; once they did, the
    publication. See `grid.drafts` for what stands in `steps`, `reverse` and `after`.

    `author_id` is an account, known only to the floor above. `problem`: why the clock could not publish it."""

    class Status(models.TextChoices):
        OPEN = "open", _("草稿")
        SCHEDULED = "scheduled", _("待生效")
        PUBLISHED = "published", _("已发布")
        DISCARDED = "discarded", _("已放弃")

    author_id = models.BigIntegerField(null=True)
    basis = models.CharField(_("依据"), max_length=200, default="", blank=True)
    effective_on = models.DateField(_("生效日"), null=True, blank=True)
    status = models.CharField(_("状态"), max_length=12, choices=Status.choices, default=Status.OPEN)
    steps = models.JSONField(default=list)
    next_step = models.PositiveIntegerField(default=1)
    reverse = models.JSONField(default=list)
    after = models.JSONField(default=dict)
    path = models.CharField(max_length=240, default="", editable=False)  # what it touched lies all below this
    problem = models.CharField(max_length=1000, default="", blank=True)
    undoes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.status} {self.pk}"
