"""What people at desks keep for themselves: their filters, what they did to many cases at once, what they took out."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A list somebody comes back to. `query` is what its address asks for (`tab=sign&item=0610&sort=-due`); `unit` is
    set where the people of a unit share it. One may be where its owner's list begins."""

    WHERE = ("desk", "queue", "list")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    where = models.CharField(max_length=8)
    name = models.CharField(max_length=20)
    query = models.CharField(max_length=1000)
    place = models.PositiveSmallIntegerField(default=0)
    is_start = models.BooleanField(default=False)
    unit = models.ForeignKey("parties.Organisation", null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("保存的筛选")
        ordering = ["place", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(where__in=("desk", "queue", "list")), name="filter_where_known"
            ),
            models.UniqueConstraint(fields=["owner", "where", "name"], name="filter_name_once"),
            models.UniqueConstraint(
                fields=["owner", "where"], condition=Q(is_start=True), name="filter_one_start"
            ),
        ]
        indexes = [
            models.Index(fields=["unit"], condition=Q(unit__isnull=False), name="filter_shared"),
        ]

    def __str__(self) -> str:
        return self.name


class Errand(models.Model):
    """Something long that a page or interface set going for one person: how far it is stands in its row."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("没有完成")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beaten_at = models.DateTimeField(null=True)  # when it last showed that it lives
    finished_at = models.DateTimeField(null=True)
    request_key = models.CharField(max_length=150)
    body_hash = models.CharField(max_length=64)

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.DONE, self.State.FAILED)

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


class Bulk(Errand):
    """One move on many cases. `cases` is [[number, version]]; `results` [[number, "" or the refusal's sentence, status]]
    as far as it has come; `details` what the form said, forgotten when it is over."""

    move = models.CharField(max_length=16)
    details = models.JSONField(default=dict)
    cases = models.JSONField()
    results = models.JSONField(default=list)

    class Meta:
        verbose_name = _("批量办理")
        constraints = [
            models.UniqueConstraint(fields=["asked_by", "request_key"], name="bulk_request_once"),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running", "done", "failed")), name="bulk_state_known"
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-id"], name="bulk_by_account")]

    def __str__(self) -> str:
        return f"{self.move} × {self.total}"


class Export(Errand):
    """A list taken out of the house: `query` is what was filtered, `where` and `tab` the list; the file is its maker's
    alone and goes when it expires."""

    FORMS = ("csv", "xlsx")

    form = models.CharField(max_length=4)
    where = models.CharField(max_length=8)
    query = models.CharField(max_length=1000, blank=True)
    words = models.CharField(max_length=400, blank=True)  # what is filtered, in the maker's language
    file = models.CharField(max_length=100, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("导出")
        constraints = [
            models.UniqueConstraint(fields=["asked_by", "request_key"], name="export_request_once"),
            models.CheckConstraint(condition=Q(form__in=("csv", "xlsx")), name="export_form_known"),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "running", "done", "failed")), name="export_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="export_by_account"),
            models.Index(fields=["expires_at"], condition=~Q(file=""), name="export_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.form} × {self.total}"


class Visit(models.Model):
    """When somebody last looked at the dashboard, and when the visit before that ended (cases.visits)."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    seen_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("看板访问")

    def __str__(self) -> str:
        return f"{self.account_id} {self.seen_at:%F %T}"
