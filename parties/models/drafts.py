"""Drafts of the tree of units."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from grid.draft_base import PUBLISHED_WHEN, UNDONE_ONCE, WAITING, DraftBase


class UnitDraft(DraftBase):
    """A draft of the tree of units: many changes that take effect together. See `parties.unit_drafts`."""

    SUBJECT: ClassVar[str] = "unit_draft"

    class Meta:
        verbose_name = _("单位草稿")
        constraints = [
            models.CheckConstraint(condition=PUBLISHED_WHEN, name="unit_draft_published_when"),
            models.UniqueConstraint(fields=["undoes"], condition=UNDONE_ONCE, name="unit_draft_undone_once"),
        ]
        indexes = [
            models.Index(fields=["author_id", "-id"], name="unit_draft_of_author"),
            models.Index(fields=["effective_on"], condition=WAITING, name="unit_draft_waiting"),
        ]
