"""Organisations: a tree of their own that *serves* places."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models import Chained
from parties.kinds import KINDS


class Organisation(Chained):
    """A unit that can hold work. `path` is the id-path ("/3/7/", own id last), kept by the commands.

    `template`: the checklist's code that this office fills in its street (TS02). `desk_of`: the place whose
    desk this is; a place has one standing desk. `merged_into`: this name now leads to another unit."""

    SUBJECT = "organisation"

    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    short_name = models.CharField(_("简称"), max_length=40)
    aliases = ArrayField(models.CharField(max_length=80), verbose_name=_("别名"), default=list, blank=True)
    kind = models.CharField(_("类别"), max_length=16, choices=[(name, k.label) for name, k in KINDS.items()])
    parent = models.ForeignKey(
        "self",
        verbose_name=_("上级单位"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    path = models.CharField(max_length=200, unique=True, editable=False)
    template = models.CharField(_("模板编码"), max_length=16, blank=True, default="")
    desk_of = models.ForeignKey(
        "grid.Place",
        verbose_name=_("指挥台所在地"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="desks",
    )
    needs_release = models.BooleanField(_("须放行"), default=False)
    auto_dispatch = models.BooleanField(
        _("按职责行直派"), default=False
    )  # a desk's: what it accepts goes on by the duty rows
    opened_at = models.DateTimeField(_("启用时间"))
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("并入单位"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_units",
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("单位")
        verbose_name_plural = _("单位")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="organisation_kind_known"),
            models.CheckConstraint(condition=Q(path__regex=r"^(/[0-9]+)+/$"), name="organisation_path_shape"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="organisation_not_own_parent"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True)
                | (Q(retired_at__isnull=False) & ~Q(merged_into=F("id"))),
                name="organisation_merged_is_retired",
            ),
            models.UniqueConstraint(
                fields=["desk_of"],
                condition=Q(desk_of__isnull=False, retired_at__isnull=True),
                name="organisation_one_desk_per_place",
            ),
        ]
        indexes = [
            # Prefix look-ups by id-path, whatever collation the database was made with.
            models.Index(fields=["path"], opclasses=["varchar_pattern_ops"], name="organisation_path_prefix"),
        ]

    def __str__(self) -> str:
        return self.name


class Serving(models.Model):
    """An organisation is there for a place and everything below it, from `since` until `until`."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="servings")
    place = models.ForeignKey("grid.Place", on_delete=models.PROTECT, related_name="servings")
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = _("服务范围")
        verbose_name_plural = _("服务范围")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="serving_until_after_since"
            ),
            models.UniqueConstraint(
                fields=["organisation", "place"],
                condition=Q(until__isnull=True),
                name="serving_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} → {self.place_id}"
