"""What callers say afterwards, and the key without which nobody can say it in their place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.kinds import SATISFACTION, SOLVED


class VoiceKey(models.Model):
    """Who has it speaks for this call: rates, and takes it back. Only a digest is kept (cases.voice_keys). `browser`:
    in a cookie of the browser that reported; `text`: six digits in a text message, dead after `wrong` tries."""

    WAYS = ("browser", "text")

    call = models.ForeignKey("cases.Call", on_delete=models.CASCADE, related_name="voice_keys")
    way = models.CharField(max_length=7)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "评价码"
        constraints = [
            models.UniqueConstraint(fields=["call", "way"], name="voice_key_once"),
            models.CheckConstraint(condition=Q(way__in=("browser", "text")), name="voice_key_way_known"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.way}"


class Rating(models.Model):
    """One voice per caller and case: the last word on the last answer. `case` is where the matter lived then. The words
    stand with the entry."""

    call = models.OneToOneField(
        "cases.Call", on_delete=models.CASCADE, primary_key=True, related_name="rating"
    )
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="ratings")
    step = models.CharField(max_length=16)
    solved = models.CharField(max_length=6)
    rated_at = models.DateTimeField()

    class Meta:
        verbose_name = "评价"
        constraints = [
            models.CheckConstraint(condition=Q(step__in=list(SATISFACTION)), name="rating_step_known"),
            models.CheckConstraint(condition=Q(solved__in=list(SOLVED)), name="rating_solved_known"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.step} {self.solved}"
