"""The rules that people edit: what one may call for, whose duty it is, how long a stage may take, when
offices are open. Facts and constraints only; `cases.rulebook` reads them, cached, for everybody else.

Every edit goes through `RuleTable.change`: one entry in the table's chain and one bump of its version.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from cases.kinds import KINDS, LEVELS, URGENCIES
from cases.models.calendars import Calendar, CalendarDay, CalendarNotice
from cases.sla import ladder
from ledger import book, versions
from ledger.actor import Actor
from ledger.models import Chained

__all__ = [
    "Calendar",
    "CalendarDay",
    "CalendarNotice",
    "Category",
    "DutyRow",
    "Item",
    "Policy",
    "RuleTable",
]


class RuleTable(Chained):
    """One table of rules as a subject of the ledger: its chain tells every edit in order, and its row
    lock makes two editors of the same table take turns."""

    SUBJECT: ClassVar[str] = "rules"
    NAMES: ClassVar[tuple[str, ...]] = ("checklist", "duty", "policies", "calendars", "rounds")

    name = models.CharField(max_length=16, unique=True)

    class Meta:
        verbose_name = _("规则表")
        constraints = [
            models.CheckConstraint(
                condition=Q(name__in=("checklist", "duty", "policies", "calendars", "rounds")),
                name="rule_table_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def next_seq(cls, name: str) -> int:
        """The number of the entry that an open `change` will write: what came to be by it says so."""
        return cls.objects.values_list("chain_length", flat=True).get(name=name) + 1

    @classmethod
    @contextmanager
    def change(cls, name: str, event: str, *, by: Actor, at: dt.datetime) -> Iterator[dict[str, Any]]:
        """Edit rows of one table: `with RuleTable.change("duty", "rules.duty_opened", by=, at=) as payload:`.

        Opens (or joins) a transaction, locks the table's row, then yields the entry's payload to be filled
        with ids and codes. A payload left empty means nothing changed: no entry, no bump."""
        with transaction.atomic():
            cls.objects.get_or_create(name=name)
            table = cls.objects.select_for_update().get(name=name)
            payload: dict[str, Any] = {}
            yield payload
            if payload:
                book.record(subject=table, event=event, by=by, at=at, payload=payload)
                table.save(update_fields=book.CHAIN)
                versions.bump(name)


class Category(models.Model):
    """大类 of the checklist."""

    code = models.CharField(_("编号"), max_length=8, unique=True)
    name = models.CharField(_("名称"), max_length=40)

    class Meta:
        verbose_name = _("大类")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """小项 of the checklist. `limit_*` is the 行业时限 that is shown; a Policy makes a clock of it.

    `lead_code` and `assist_codes` are the checklist's own words on whose business it is (codes of
    organisations or of per-street templates); the duty rows decide."""

    class Unit(models.TextChoices):
        HOUR = "hour", _("小时")
        DAY = "day", _("天")
        WORK_HOUR = "work_hour", _("工作小时")
        WORK_DAY = "work_day", _("个工作日")
        LEGAL_DAY = "legal_day", _("日（法定期间）")

    code = models.CharField(_("编号"), max_length=8, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    name = models.CharField(_("名称"), max_length=60)
    what_to_call = models.CharField(_("什么情况呼叫"), max_length=200, blank=True, default="")
    level = models.CharField(_("先由哪一级办"), max_length=12, choices=list(LEVELS.items()))
    direct = models.BooleanField(_("部门事项，街道直派"), default=False)
    lead_code = models.CharField(_("主办"), max_length=24, blank=True, default="")
    assist_codes = ArrayField(
        models.CharField(max_length=24), verbose_name=_("协办"), default=list, blank=True
    )
    urgency = models.CharField(
        _("紧急程度"), max_length=10, choices=list(URGENCIES.items()), default="normal"
    )
    limit_amount = models.PositiveSmallIntegerField(_("行业时限"), null=True, blank=True)
    limit_unit = models.CharField(_("时限单位"), max_length=12, choices=Unit.choices, blank=True, default="")
    limit_basis = models.CharField(_("时限依据"), max_length=80, blank=True, default="")
    evidence = ArrayField(
        models.CharField(max_length=12), verbose_name=_("办结凭据"), default=list, blank=True
    )
    check_required = models.BooleanField(_("必须核查"), default=False)
    sensitive = models.BooleanField(_("敏感事项"), default=False)
    claimable = models.BooleanField(_("可认领"), default=False)
    kind = models.CharField(_("默认类型"), max_length=16, choices=list(KINDS.items()), default="problem")
    retired_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("小项")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=("grid", "community", "street", "district")), name="item_level_known"
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=("normal", "urgent", "critical")), name="item_urgency_known"
            ),
            models.CheckConstraint(
                condition=Q(limit_amount__isnull=True, limit_unit="")
                | Q(limit_amount__gt=0, limit_unit__in=("hour", "day", "work_hour", "work_day", "legal_day")),
                name="item_limit_whole",
            ),
            models.CheckConstraint(
                condition=Q(direct=False) | Q(level="street"), name="item_direct_from_street"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DutyRow(models.Model):
    """Whose duty an item (or a whole category) is in a place's subtree, from a day until before another.

    `template` names an office that every street or community has of its own (TS02, JW); routing finds
    the one that serves the call's place. `direct`: a street may send to this organisation itself (平台直派).
    An `offer` is willingness to help; routing never chooses it."""

    class Part(models.TextChoices):
        LEAD = "lead", _("主办")
        ASSIST = "assist", _("协办")
        OFFER = "offer", _("愿意帮忙")

    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="duty_rows")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="duty_rows"
    )
    place = models.ForeignKey("grid.Place", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "parties.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    template = models.CharField(_("镇街机构模板"), max_length=24, blank=True, default="")
    part = models.CharField(_("角色"), max_length=8, choices=Part.choices, default=Part.LEAD)
    direct = models.BooleanField(_("允许街道直派"), default=False)
    since = models.DateField(_("生效日"))
    until = models.DateField(_("失效日"), null=True, blank=True)
    basis = models.CharField(_("依据"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = _("职责行")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item__isnull=False, category__isnull=True)
                | Q(item__isnull=True, category__isnull=False),
                name="duty_item_xor_category",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, template="")
                | (Q(organisation__isnull=True) & ~Q(template="")),
                name="duty_organisation_xor_template",
            ),
            models.CheckConstraint(condition=Q(part__in=("lead", "assist", "offer")), name="duty_part_known"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="duty_until_after_since"
            ),
            models.UniqueConstraint(
                fields=["item", "place"],
                condition=Q(part="lead", until__isnull=True, item__isnull=False),
                name="duty_one_lead_per_item",
            ),
            models.UniqueConstraint(
                fields=["category", "place"],
                condition=Q(part="lead", until__isnull=True, category__isnull=False),
                name="duty_one_lead_per_category",
            ),
            models.UniqueConstraint(
                fields=["item", "category", "place", "organisation", "template", "part"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="duty_said_once",
            ),
        ]
        indexes = [models.Index(fields=["place"], name="duty_place")]

    def __str__(self) -> str:
        return f"{self.item_id or self.category_id}@{self.place_id} {self.part}"

    @staticmethod
    def standing(day: dt.date) -> Q:
        """Those that hold on a day, or will: without an end, or with one after it."""
        return Q(until__isnull=True) | Q(until__gt=day)


# whatever writes it: `on` and `tell` are known words (cases.sla.ladder checks the rest)
BAD_RUNG = (
    '$[*] ? (!exists(@.on ? (@ == "warned" || @ == "breached" || @ == "silent")) || @.tell.type() != "array" || '
    '!exists(@.tell[*]) || exists(@.tell[*] ? (!(@ == "holder" || @ == "head" || @ == "dispatcher" || @ == "supervisor"))))'
)


def is_ladder(value: Any) -> None:
    """The field's validator: what `cases.sla.ladder.read` reads."""
    try:
        ladder.read(value)
    except ladder.BadLadder as bad:
        raise ValidationError(str(bad)) from bad


class Policy(models.Model):
    """How long a stage may take, for one item, category, kind, urgency or level, or for all (none set).

    In force from a day until before another, once a second person confirmed it. `ladder` says whom its clocks
    tell, a list of rungs {"on", "tell", "after"?} as `cases.sla.ladder` describes; empty for the standing one."""

    stage = models.CharField(_("阶段"), max_length=16)
    amount = models.DecimalField(_("数量"), max_digits=7, decimal_places=2)
    unit = models.CharField(_("单位"), max_length=12, choices=Item.Unit.choices)
    anchor = models.CharField(
        _("起算"),
        max_length=8,
        choices=[("call", _("自呼叫起")), ("stage", _("自本阶段起"))],
        default="stage",
    )
    no_response = models.BooleanField(_("逾期一天记不响应"), default=False)
    ladder = models.JSONField(_("提醒阶梯"), default=list, blank=True, validators=[is_ladder])
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="policies")
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="policies"
    )
    kind = models.CharField(_("类型"), max_length=16, blank=True, default="")
    urgency = models.CharField(_("紧急程度"), max_length=10, blank=True, default="")
    level = models.CharField(_("层级"), max_length=12, blank=True, default="")
    since = models.DateField(_("生效日"))
    until = models.DateField(_("失效日"), null=True, blank=True)
    basis = models.CharField(_("依据"), max_length=120, blank=True, default="")
    proposed_by = models.BigIntegerField(_("提出人"), null=True, blank=True)
    confirmed_by = models.BigIntegerField(_("确认人"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("确认时间"), null=True, blank=True)
    ends_on = models.DateField(_("提议的失效日"), null=True, blank=True)  # waits for a second person too
    end_proposed_by = models.BigIntegerField(_("提议失效的人"), null=True, blank=True)

    class Meta:
        verbose_name = _("时限规则")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="policy_amount_positive"),
            models.CheckConstraint(
                condition=Exact(
                    Func("ladder", function="jsonb_typeof", output_field=models.CharField()), "array"
                )
                & ~Q(
                    Func(
                        "ladder",
                        Value(BAD_RUNG),
                        function="jsonb_path_exists",
                        output_field=models.BooleanField(),
                    )
                ),
                name="policy_ladder_known",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=("hour", "day", "work_hour", "work_day", "legal_day")),
                name="policy_unit_known",
            ),
            models.CheckConstraint(condition=Q(anchor__in=("call", "stage")), name="policy_anchor_known"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="policy_until_after_since"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True)
                | Q(proposed_by__isnull=True)
                | Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("proposed_by")),
                name="policy_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.amount} {self.unit}"
