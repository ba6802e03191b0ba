"""What happened, when, by whom. Audit trail and outbox are the same rows.

No foreign key leaves the ledger and no personal data enters it: it is for ever, a person can be erased.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Chained(models.Model):
    """A row whose history stands in the ledger. The head of its hash chain lives on the row itself, so
    the lock that a command takes on the row also orders the chain."""

    SUBJECT: ClassVar[str]

    chain_head = models.CharField(max_length=64, default="", editable=False)
    chain_length = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


class Entry(models.Model):
    """One fact. Append-only: a trigger refuses everything but clearing `pending`.

    `hash` covers every column but `pending` and `id`; `prev_hash` is the hash of the subject's entry
    before it. `was` in a payload is what stood before. `once` names a happening that may be recorded at most one time (a clock's breach)."""

    subject_kind = models.CharField(max_length=16)
    subject_id = models.BigIntegerField()
    seq = models.PositiveIntegerField()
    event = models.CharField(max_length=48)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_role = models.CharField(max_length=48, default="")
    path = models.CharField(max_length=400, default="")
    payload = models.JSONField(default=dict)
    request_key = models.CharField(max_length=255, default="")
    body_hash = models.CharField(max_length=64, default="")
    once = models.CharField(max_length=80, default="")
    prev_hash = models.CharField(max_length=64, default="")
    hash = models.CharField(max_length=64)
    pending = models.BooleanField(default=True)

    class Meta:
        verbose_name = "台账记录"
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "seq"], name="entry_seq_once"),
            models.UniqueConstraint(
                fields=["actor_id", "request_key"],
                condition=~Q(request_key=""),
                nulls_distinct=False,  # those without an account do not act twice either
                name="entry_request_once",
            ),
            models.UniqueConstraint(fields=["once"], condition=~Q(once=""), name="entry_happens_once"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(pending=True), name="entry_pending"),
            models.Index(fields=["at"], name="entry_at"),
            models.Index(fields=["at"], condition=Q(payload__has_key="was"), name="entry_that_keeps"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}#{self.seq} {self.event}"


class Delivery(models.Model):
    """One reaction's dealing with one entry. Written in the reaction's own transaction, so what a
    reaction changes in the database happens exactly once. A failing one keeps its error and next try."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="deliveries")
    reaction = models.CharField(max_length=80)
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        verbose_name = "投递"
        constraints = [
            models.UniqueConstraint(fields=["entry", "reaction"], name="delivery_once_per_reaction"),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(done_at__isnull=True), name="delivery_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} → {self.reaction}"


class Version(models.Model):
    """A counter per kind of slowly changing rule; caches compare it instead of reading the rules."""

    name = models.CharField(max_length=32, primary_key=True)
    n = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "规则版本"

    def __str__(self) -> str:
        return f"{self.name}@{self.n}"
