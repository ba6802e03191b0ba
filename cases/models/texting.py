"""What is written to callers: one row per text message, from its planning until it left the house."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class CallerText(models.Model):
    """One text message to the caller of one call. The number is read from the caller when it leaves, so an erased
    person is written to no more. `fields` fill the template of `kind`; what nobody of ours may read (the 评价码) stands
    in `sealed` only, by the key of the installation, and goes when the message has left or was given up.

    `key` stays the same over all tries, so that a gateway that receives it twice can drop the second."""

    OPEN = ("waiting", "failed")
    STATES = (*OPEN, "sent", "needless", "given_up")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    call = models.ForeignKey("cases.Call", on_delete=models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=16)
    fields = models.JSONField(default=dict)
    sealed = models.TextField(default="", blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=16, default="", blank=True)
    detail = models.CharField(max_length=200, default="", blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "短信"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "failed", "sent", "needless", "given_up")),
                name="caller_text_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=("waiting", "failed")), name="caller_text_to_send"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.kind} {self.state}"
