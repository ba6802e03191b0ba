"""Call 呼叫: what one person said or saw, verbatim, never edited; and who that person was."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.kinds import CHANNELS, ORIGINS
from cases.models.case import Case


class Call(models.Model):
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="calls")
    tracking_code = models.CharField(max_length=16, unique=True)  # digits only: can be read aloud
    subject = models.CharField(max_length=120, default="", blank=True)
    text = models.TextField(default="", blank=True)
    channel = models.CharField(max_length=8)
    origin = models.CharField(max_length=8, default="resident")  # a resident is to be told, a patrol is not
    path = models.CharField(max_length=400)  # the place's path at the call, for ever
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    called_at = models.DateTimeField()
    captured_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    round = models.ForeignKey(  # seen on it
        "cases.Round", null=True, on_delete=models.PROTECT, related_name="calls", db_index=False
    )
    told = models.TextField(default="", blank=True)  # what this caller was told by `answer`
    told_at = models.DateTimeField(null=True)
    told_channel = models.CharField(max_length=8, default="", blank=True)
    missed_at = models.DateTimeField(
        null=True
    )  # the text that told it did not arrive: somebody goes to the door

    class Meta:
        verbose_name = "呼叫"
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="call_channel_known"),
            models.CheckConstraint(condition=Q(origin__in=list(ORIGINS)), name="call_origin_known"),
        ]
        indexes = [
            models.Index(fields=["round"], condition=Q(round__isnull=False), name="call_on_round"),
        ]

    def __str__(self) -> str:
        return self.tracking_code


class Caller(models.Model):
    """The person behind a call. Stands apart so that it can be erased without touching the call."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="caller", primary_key=True)
    name = models.CharField(max_length=40, default="", blank=True)
    phone = models.CharField(max_length=24, default="", blank=True)
    phone_tail = models.CharField(max_length=4, default="", blank=True)
    anonymous = models.BooleanField(default=False)
    contact_by = models.CharField(max_length=8, default="", blank=True)
    for_person = models.CharField(max_length=40, default="", blank=True)
    language = models.CharField(
        max_length=8, default="", blank=True
    )  # of texts to this phone; empty: the house's

    class Meta:
        verbose_name = "反映人"
        indexes = [models.Index(fields=["phone"], condition=~Q(phone=""), name="caller_by_phone")]

    def __str__(self) -> str:
        return f"caller of {self.call_id}"


class DayNumber(models.Model):
    """The counter behind `{street prefix}{yyyymmdd}-{n:04d}`: one row per street prefix and local day."""

    prefix = models.CharField(max_length=16)
    day = models.DateField()
    n = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "编号"
        constraints = [models.UniqueConstraint(fields=["prefix", "day"], name="day_number_once")]

    def __str__(self) -> str:
        return f"{self.prefix}{self.day:%Y%m%d}"


def matter_of(call: Call) -> Any:
    """The case in which the matter lives now: a merged one leads to the one it went into."""
    case = call.case
    while case.status == "merged" and case.merged_into_id:
        case = case.merged_into
    return case


def matter_q(*cases: int, via: str = "") -> Q:
    """Calls of these cases and of those merged into them; rows that have such a call, where `via` leads to it
    ("call__"). The cases are found first: asked of both tables at once, every call of the town would be read."""
    matter = Case.objects.filter(Q(pk__in=cases) | Q(merged_into__in=cases))
    return Q(**{f"{via}case__in": matter.values("pk")})
