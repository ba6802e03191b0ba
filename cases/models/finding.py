"""Finding 认定: a named fault in one holding. A rule or a person drafts it, the unit may state its case, a
supervisor confirms or drops it; only confirmed ones count (SPEC §8)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import PlaceColumns
from ledger.models import Chained

KINDS = {
    "late_response": _("迟响应"),
    "no_response": _("不响应"),
    "late_resolve": _("超期办结"),
    "false_resolve": _("虚假办结"),
    "buck_passing": _("推诿"),
    "improper_hold": _("违规挂账"),
    "false_visit": _("回访失实"),
    "improper_escalation": _("上呼不当"),
}
STATES = {
    "drafted": _("待陈述"),
    "stated": _("已陈述，待认定"),
    "confirmed": _("已认定"),
    "dropped": _("未予认定"),
    "withdrawn": _("已自动撤回"),
}
UNDECIDED = ("drafted", "stated")
DECIDED = ("confirmed", "dropped")


class Finding(Chained, PlaceColumns):
    """`clock` or `holding` is what it is about: a rule drafts at most one of a kind about each. `facts` are those at
    the drafting. `rule` names the rule, "" where a person drafted it. The words stand here, never in the ledger. The
    place columns are those at the drafting."""

    SUBJECT = "finding"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=20)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    clock = models.ForeignKey("cases.Clock", null=True, on_delete=models.PROTECT, related_name="findings")
    holding = models.ForeignKey("cases.Holding", null=True, on_delete=models.PROTECT, related_name="findings")
    facts = models.JSONField(default=dict)

    state = models.CharField(max_length=10, default="drafted")
    rule = models.CharField(max_length=24, default="", blank=True)
    drafted_by = models.BigIntegerField(null=True)  # person
    drafted_at = models.DateTimeField()
    words = models.TextField(default="", blank=True)  # why a person drafted it
    state_by = models.DateTimeField()  # until then the unit may state its case
    statement = models.TextField(default="", blank=True)
    stated_by = models.BigIntegerField(null=True)  # person
    stated_at = models.DateTimeField(null=True)
    reason = models.TextField(default="", blank=True)
    decided_by = models.BigIntegerField(null=True)  # person
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "认定"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=tuple(KINDS)), name="finding_kind_known"),
            models.CheckConstraint(condition=Q(state__in=tuple(STATES)), name="finding_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=UNDECIDED, decided_at__isnull=True)
                | Q(state="withdrawn", decided_at__isnull=False)
                | Q(state__in=DECIDED, decided_at__isnull=False, decided_by__isnull=False) & ~Q(reason=""),
                name="finding_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("drafted_by")) | Q(decided_by__isnull=True),
                name="finding_second_person",
            ),
            models.UniqueConstraint(
                fields=["kind", "clock"], condition=Q(clock__isnull=False), name="finding_once_per_clock"
            ),
            models.UniqueConstraint(
                fields=["kind", "holding"],
                condition=Q(holding__isnull=False),
                name="finding_once_per_holding",
            ),
        ]
        indexes = [
            *(
                models.Index(fields=[f"{kind}_id", "state", "-id"], name=f"finding_by_{kind}")
                for kind in ("district", "street", "community")
            ),
            models.Index(fields=["organisation", "state", "-id"], name="finding_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"

    @property
    def is_undecided(self) -> bool:
        return self.state in UNDECIDED

    def may_be_stated(self, at: dt.datetime) -> bool:
        """Is the unit's turn still on?"""
        return self.state == "drafted" and at <= self.state_by
