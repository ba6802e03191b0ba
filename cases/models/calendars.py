"""When offices are open, as rows.

Nothing that a deadline was counted by is ever lost: a day that changes is closed and a new row stands from
then on, and a calendar keeps what its own columns said before. `seq` is the number of the entry in the chain
of the calendars' table by which something came to be; a clock names the calendar as of such a number.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

OWN = ("weekly", "tz", "published_from", "published_until", "parent_id")  # what `past` keeps


class Calendar(models.Model):
    """Opening hours: `weekly` is {"0": [["08:30", "12:00"], …]} by weekday (Monday 0), null takes the
    parent's. `published_from` and `published_until` bound the days whose holidays are known by a notice.

    `place` or `organisation` is whose it is: a clock counts by the calendar of the organisation it was started
    against, else of the nearest one above that has one, else of the case's nearest place. The one without
    either is the root. `past` is [{"until": seq, and OWN}, …], oldest first."""

    code = models.CharField(_("编号"), max_length=24, unique=True)
    name = models.CharField(_("名称"), max_length=60, blank=True, default="")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    place = models.OneToOneField(
        "grid.Place", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.OneToOneField(
        "parties.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tz = models.CharField(_("时区"), max_length=40, default="Asia/Shanghai")
    weekly = models.JSONField(_("每周开放时间"), null=True, blank=True)
    published_from = models.DateField(_("放假通知自"), null=True, blank=True)
    published_until = models.DateField(_("放假通知至"), null=True, blank=True)
    past = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("工作日历")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(weekly__isnull=False, published_until__isnull=False),
                name="calendar_root_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=True) | Q(organisation__isnull=True), name="calendar_of_one"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CalendarDay(models.Model):
    """One dated exception: the day's opening intervals [["08:30", "12:00"], …], empty when closed, null for
    the calendar's ordinary hours (a make-up workday). It stands from `since_seq` until before `until_seq`."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("节假日")
        MAKEUP = "makeup", _("调休上班")
        HALF = "half", _("半天")
        HOURS = "hours", _("变更时间")

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField(_("日期"))
    intervals = models.JSONField(_("开放时间"), null=True, blank=True)
    kind = models.CharField(_("性质"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=40, blank=True, default="")
    since_seq = models.PositiveIntegerField(default=0)
    until_seq = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("日历特例")
        ordering = ["calendar", "date"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "date"], condition=Q(until_seq__isnull=True), name="calendar_day_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("holiday", "makeup", "half", "hours")), name="calendar_day_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(until_seq__isnull=True) | Q(until_seq__gt=models.F("since_seq")),
                name="calendar_day_until_after_since",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"


class CalendarNotice(models.Model):
    """A year's notice as somebody handed it in: read again for its preview, and the record of what an import
    rested on. The same words for the same calendar are one row."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="notices")
    year = models.PositiveSmallIntegerField(_("年份"))
    text = models.TextField(_("通知"))
    digest = models.CharField(max_length=64)
    basis = models.CharField(_("依据"), max_length=120, blank=True, default="")
    sent_by = models.BigIntegerField(_("送入人"), null=True, blank=True)
    sent_at = models.DateTimeField(_("送入时间"))
    applied_by = models.BigIntegerField(_("导入人"), null=True, blank=True)
    applied_at = models.DateTimeField(_("导入时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("放假通知")
        ordering = ["-sent_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "digest", "year"], name="calendar_notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.year}"
