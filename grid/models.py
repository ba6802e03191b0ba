"""The ground: places in trees rooted at the street, what succeeded them, and what they were called.

Rows are written by `grid.commands` and `grid.importing` only, through `grid.tree`; nothing is deleted.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _
from mptt.models import MPTTModel, TreeForeignKey, TreeManager

from grid import kinds
from grid.draft_base import PUBLISHED_WHEN, UNDONE_ONCE, WAITING, DraftBase
from ledger.models import Chained

CODE = r"^[0-9A-Z-]{2,24}$"
DATUM = "CGCS2000"
DATUMS = (DATUM, "WGS-84")  # in which coordinates are kept; they differ by centimetres


class Place(MPTTModel, Chained):
    """A node of the tree.

    Inside a street's tree `parent` says what is above; for a street, district, city and province it is
    `superior`. `path` is the id-path over both, own id last (`/1/5/9/`): the one answer to "under what?"
    across the whole tree. `tree_id` of every place in a street's tree is the street's id.
    `west … north` is the box around `boundary`, kept for the index. `version` moves with every change of
    this place itself, not with a move of something above it."""

    SUBJECT: ClassVar[str] = "place"
    objects: ClassVar[TreeManager] = TreeManager()

    code = models.CharField(_("编码"), max_length=24, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    kind = models.CharField(_("类型"), max_length=12, choices=kinds.CHOICES)
    parent = TreeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
    )
    superior = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subordinates",
        verbose_name=_("上级"),
    )
    path = models.CharField(max_length=240, editable=False)

    name_normal = models.CharField(max_length=120, editable=False)
    name_pinyin = models.CharField(max_length=160, default="", editable=False)
    name_initials = models.CharField(max_length=40, default="", editable=False)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("别名"))

    boundary = models.JSONField(_("边界"), null=True, blank=True)
    datum = models.CharField(_("坐标基准"), max_length=16, default=DATUM)
    lon = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    west = models.FloatField(null=True, editable=False)
    south = models.FloatField(null=True, editable=False)
    east = models.FloatField(null=True, editable=False)
    north = models.FloatField(null=True, editable=False)

    households = models.PositiveIntegerField(_("户数"), null=True, blank=True)
    residents = models.PositiveIntegerField(_("人数"), null=True, blank=True)
    managed_by = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="manages",
        verbose_name=_("所属小区"),
    )
    management = models.CharField(
        _("物业方式"), max_length=12, choices=kinds.MANAGEMENT_CHOICES, default="", blank=True
    )
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("地点")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=kinds.KINDS), name="place_kind_known"),
            models.CheckConstraint(condition=Q(datum__in=DATUMS), name="place_datum_known"),
            models.CheckConstraint(
                condition=Q(management="") | Q(kind=kinds.ESTATE, management__in=list(kinds.MANAGEMENT)),
                name="place_management_of_estate",
            ),
            models.CheckConstraint(condition=Q(code__regex=CODE), name="place_code_form"),
            models.CheckConstraint(condition=Q(path__regex=r"^(/[0-9]+)+/$"), name="place_path_form"),
            models.CheckConstraint(
                condition=(
                    Q(kind=kinds.TOP, parent=None, superior=None)
                    | Q(kind__in=[kind for kind in kinds.UPPER if kind != kinds.TOP], parent=None)
                    | Q(kind=kinds.STREET, parent=None, superior__isnull=False)
                    | Q(kind__in=kinds.INNER, parent__isnull=False, superior=None)
                ),
                name="place_one_above",
            ),
            models.UniqueConstraint(fields=["tree_id"], condition=Q(parent=None), name="place_tree_one_root"),
            models.CheckConstraint(condition=Q(lft__lt=F("rght")), name="place_bounds_ordered"),
        ]
        indexes = [
            models.Index(fields=["tree_id", "lft"], name="place_tree_lft"),
            models.Index(fields=["path"], name="place_path", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["name_normal"], name="place_normal", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["name_initials"], name="place_initials", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["name_pinyin"], name="place_pinyin", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["kind", "code"], name="place_kind_code"),
            models.Index(
                fields=["-retired_at", "-id"], condition=Q(retired_at__isnull=False), name="place_retired"
            ),
            GistIndex(
                Func(
                    Func("west", "south", function="point"),
                    Func("east", "north", function="point"),
                    function="box",
                ),
                condition=Q(west__isnull=False),
                name="place_box",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def above_id(self) -> int | None:
        """Id of the place directly above, whichever link holds it; None for the top."""
        return self.parent_id or self.superior_id

    @property
    def above(self) -> Place | None:
        """The place directly above; reads it if it was not loaded."""
        return self.parent if self.parent_id else self.superior

    @property
    def street_id(self) -> int | None:
        """Id of the street whose tree this place stands in; None above the streets."""
        return None if self.kind in kinds.UPPER else self.tree_id

    @property
    def is_live(self) -> bool:
        return self.retired_at is None

    def save(self, *args, **kwargs) -> None:
        """Existing rows only: a new one is planted by `grid.tree`, which knows the bounds and the path."""
        if self._state.adding and not getattr(self, "is_planted", False):
            raise RuntimeError("a place is opened by grid.commands.open_place, never by save()")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise RuntimeError("a place is retired, never deleted")


class Succession(models.Model):
    """`new` took over from `old` at an instant; whoever asks for the old one is led to the new one."""

    old = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="successions")
    new = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="inheritances")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("承接关系")
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="succession_once"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="succession_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"


class PlaceName(models.Model):
    """What else leads to a place: a former code or name, an alias, the token of a sticker on a wall.

    Codes and tokens are never given twice. `normal` is the compared form of a name or alias."""

    class Kind(models.TextChoices):
        CODE = "code", _("旧编码")
        NAME = "name", _("旧名称")
        ALIAS = "alias", _("别名")
        QR = "qr", _("二维码")

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="names")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=120)
    normal = models.CharField(max_length=120, default="")
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("地点别称")
        constraints = [
            models.UniqueConstraint(
                fields=["value"], condition=Q(kind="code"), name="placename_code_never_again"
            ),
            models.UniqueConstraint(fields=["value"], condition=Q(kind="qr"), name="placename_token_once"),
        ]
        indexes = [
            models.Index(
                fields=["normal"],
                name="placename_normal",
                opclasses=["varchar_pattern_ops"],
                condition=Q(kind__in=["name", "alias"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class PlacePast(models.Model):
    """How a place was until an instant: one row per change of its code, name, place in the tree or life. How it is
    now stands on the place; when it was opened, in the ledger. Of several changes at one instant the first row
    tells how it was before them all."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="pasts")
    until = models.DateTimeField()
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=120)
    above_id = models.BigIntegerField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("地点旧貌")
        indexes = [
            models.Index(fields=["place", "until"], name="placepast_place_until"),
            models.Index(fields=["until"], name="placepast_until"),
            models.Index(fields=["above_id"], name="placepast_above"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} < {self.until:%Y-%m-%d}"


class Draft(DraftBase):
    """A draft of the tree of places. See `grid.drafts`."""

    SUBJECT: ClassVar[str] = "draft"

    class Meta:
        verbose_name = _("网格树草稿")
        constraints = [
            models.CheckConstraint(condition=PUBLISHED_WHEN, name="draft_published_when"),
            models.UniqueConstraint(fields=["undoes"], condition=UNDONE_ONCE, name="draft_undone_once"),
        ]
        indexes = [
            models.Index(fields=["author_id", "-id"], name="draft_of_author"),
            models.Index(fields=["effective_on"], condition=WAITING, name="draft_waiting"),
        ]


class Upload(models.Model):
    """A sheet somebody handed in on the page: looked at first, then done. See `grid.uploads`.

    `author_id` is an account, known only to the floor above. `content` goes when the sheet was done or given up;
    `report` is what each row does, and what is wrong with it."""

    class State(models.TextChoices):
        CHECKING = "checking", _("核对中")
        CHECKED = "checked", _("待确认")
        APPLYING = "applying", _("导入中")
        DONE = "done", _("已导入")
        REFUSED = "refused", _("未导入")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author_id = models.BigIntegerField()
    name = models.CharField(max_length=120)
    content = models.BinaryField(default=b"")
    basis = models.CharField(_("依据"), max_length=200, default="", blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CHECKING)
    report = models.JSONField(default=dict)
    problem = models.CharField(max_length=400, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("上传的地点表")
        indexes = [models.Index(fields=["author_id", "-created_at"], name="upload_of_author")]

    def __str__(self) -> str:
        return f"{self.name} {self.state}"
