"""Relief 延期、挂账、剔除: somebody asked to be let off a clock, and what became of it (SPEC §6).

The words (why, what was made safe, what the caller was told, why it was granted or refused) stand with their
entries: `seq` and `decided_seq` name them. It waits for an answer while it is `asked` and the case's clock of the
stage `relief` is open; a case that ends takes what waits with it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

KINDS = ("extension", "hold", "exclusion")
STATES = ("asked", "granted", "refused", "withdrawn", "lapsed")
RUNGS = ("street", "district", "supervisor")  # who answers: a desk, the one above, the supervisor


class Relief(models.Model):
    """`n` counts within the case. `due_before` is the resolve deadline that it was filed against, `due_after` the
    one it was given; `rung` and `desk` say who has to answer now (no desk: the supervisor)."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="reliefs")
    n = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="asked")
    ground = models.CharField(max_length=20)
    amount = models.PositiveSmallIntegerField(null=True)  # an extension's, in `unit`
    unit = models.CharField(max_length=10, default="", blank=True)
    until = models.DateTimeField(null=True)  # a hold's

    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_person = models.BigIntegerField(null=True)
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField()
    due_before = models.DateTimeField()

    rung = models.CharField(max_length=10)
    desk = models.ForeignKey("parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+")

    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_role = models.CharField(max_length=24, default="", blank=True)
    decided_seq = models.PositiveIntegerField(null=True)
    due_after = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "减免申请"
        constraints = [
            models.UniqueConstraint(fields=["case", "n"], name="relief_number_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="asked"), name="relief_waits_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="relief_kind_known"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="relief_state_known"),
            models.CheckConstraint(condition=Q(rung__in=RUNGS), name="relief_rung_known"),
            models.CheckConstraint(
                condition=Q(state__in=("asked", "lapsed")) | Q(decided_at__isnull=False),
                name="relief_decided_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "case"], condition=Q(state="asked"), name="relief_waiting"),
            models.Index(fields=["kind", "case"], condition=Q(state="granted"), name="relief_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.n} {self.kind}"
