"""What callers say afterwards, and the key without which nobody can say it in their place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.kinds import SATISFACTION, SOLVED
from cases.models.case import RATED, PlaceColumns

WHOSE: tuple[tuple[list[str], tuple[str, ...], str], ...] = (
    ([], RATED, ""),
    (["street_id"], ("community_id", "grid_id"), "_in_street"),
    (["organisation"], ("street_id",), "_of_unit"),
)


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


class Voice(PlaceColumns):
    """One voice per caller and matter: when the caller was told the answer that stands, and the last word on it.
    `call` is the first of the caller's that was told; `case` is where the matter lives. Whose answer it was, and the
    place columns, are those of the case when it was told. The words stand with the entry."""

    call = models.OneToOneField(
        "cases.Call", on_delete=models.CASCADE, primary_key=True, related_name="voice"
    )
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="voices")
    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=400)  # asked of by its columns: no index of its own
    told_at = models.DateTimeField(null=True)  # none: the text that told it did not arrive
    step = models.CharField(max_length=16, default="", blank=True)
    solved = models.CharField(max_length=6, default="", blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "评价"
        constraints = [
            models.CheckConstraint(
                condition=Q(rated_at__isnull=True, step="", solved="")
                | Q(rated_at__isnull=False, step__in=list(SATISFACTION), solved__in=list(SOLVED)),
                name="voice_said_whole",
            ),
        ]
        # a street's and a unit's month is read off its own index, the district's off that of all: nothing else is read
        indexes = [
            *(
                models.Index(
                    fields=[*whose, "told_at"],
                    include=["rated_at", "case", *places],
                    condition=Q(told_at__isnull=False),
                    name=f"voice_told{name}",
                )
                for whose, places, name in WHOSE
            ),
            *(
                models.Index(
                    fields=[*whose, "rated_at"],
                    include=["step", "solved", "case", *places],
                    condition=Q(rated_at__isnull=False),
                    name=f"voice_rated{name}",
                )
                for whose, places, name in WHOSE
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.step} {self.solved}"
