"""What leaves the house: where a unit's messages go, what a person chose, and every sending with its tries.

A text to a caller's phone is a delivery like any other: its endpoint is the unit's gateway (none: the demo's tray)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.kinds import URGENCIES
from cases.notices.kinds import MAILS
from ledger.models import Chained

CHANNELS = {
    "mail": _("邮件"),
    "webhook": _("Webhook"),
    "wecom": _("企业微信群机器人"),
    "dingtalk": _("钉钉群机器人"),
    "sms": _("短信网关"),
}
TOLD_BY = {name: label for name, label in CHANNELS.items() if name != "sms"}  # by which a unit itself is told


class Endpoint(Chained):
    """Where messages about a unit's work go: a program, a group, a shared mailbox; or by which gateway its texts to
    callers leave. `address` and `secret` are sealed (cases.notices.sealing) and are never shown again. `failures` in
    a row; while `paused_until` nothing is sent there."""

    SUBJECT = "endpoint"

    organisation = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    channel = models.CharField(max_length=10, choices=list(CHANNELS.items()))
    address = models.TextField()
    shown = models.CharField(
        max_length=120
    )  # of the address what may be shown: its host, or a masked mailbox
    secret = models.TextField(default="", blank=True)
    kinds = ArrayField(models.CharField(max_length=16))
    least_urgency = models.CharField(max_length=10, default="normal", choices=list(URGENCIES.items()))
    is_on = models.BooleanField(default=True)
    edited_by = models.BigIntegerField(null=True)
    failures = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)  # when something last arrived there
    gateway = models.JSONField(default=dict, blank=True)  # of texts: cases.notices.gateways
    free_at = models.DateTimeField(null=True, blank=True)  # of texts: the next may leave, by the rate

    class Meta:
        verbose_name = "消息通道"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="endpoint_named_once"),
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="endpoint_channel_known"),
            models.CheckConstraint(
                condition=Q(least_urgency__in=list(URGENCIES)), name="endpoint_urgency_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}: {self.name}"


class NoticeChoice(models.Model):
    """How a kind of notice reaches somebody beside the inbox. Who has no row has the defaults of
    `cases.notices.kinds`."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    mail = models.CharField(max_length=4)
    mention = models.BooleanField()

    class Meta:
        verbose_name = "消息偏好"
        constraints = [
            models.UniqueConstraint(fields=["account", "kind"], name="notice_choice_once"),
            models.CheckConstraint(condition=Q(mail__in=list(MAILS)), name="notice_choice_mail_known"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.kind}: {self.mail}"


class NoticeDelivery(models.Model):
    """One message on its way: a notice to its person's mailbox, an entry to an endpoint, a text to a caller.

    `key` stays the same over all tries, so that who receives it twice can drop the second. A try takes the row by
    moving `next_at` past its lease; a worker that dies in the middle leaves it waiting, and it is sent again. A text by
    a gateway that is not given the key is never sent again by itself where nobody knows whether it was taken: while
    `out_since` stands, its request may have reached the gateway.
    Mails of one `digest` to one person leave together under one `batch`.

    A text names its `call`: number, name and words stand there and are read when it is sent. What nobody here may know
    of it is `sealed`, and wiped as soon as it has left or never will. Taken by the gateway is not arrived: `receipt`
    says what became of it, at `receipt_at`, or until then by when it has to come."""

    STATES = ("waiting", "failed", "sent", "needless", "given_up")
    OPEN = ("waiting", "failed")
    RECEIPTS = ("", "awaited", "arrived", "not_arrived", "silent")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=10)
    endpoint = models.ForeignKey(Endpoint, null=True, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey("cases.Notice", null=True, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.CASCADE, related_name="+")
    call = models.ForeignKey("cases.Call", null=True, on_delete=models.CASCADE, related_name="+")
    entry_id = models.BigIntegerField(null=True)  # null: a test somebody sent
    event = models.CharField(max_length=48)
    facts = models.JSONField(default=dict)
    mentions = ArrayField(models.BigIntegerField(), default=list)  # accounts to be named in a group
    digest = models.CharField(max_length=4, default="", blank=True)
    batch = models.UUIDField(null=True, editable=False)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    error = models.CharField(max_length=16, default="", blank=True)  # a key of channels.ERRORS
    detail = models.CharField(max_length=200, default="", blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)  # who gave it up by hand
    sealed = models.TextField(default="", blank=True)
    remote_id = models.CharField(max_length=80, default="", blank=True)  # the gateway's name for it
    receipt = models.CharField(max_length=12, default="", blank=True)
    receipt_at = models.DateTimeField(null=True)
    out_since = models.DateTimeField(null=True)
    # of a text, as it left: its language, the one it should have been in (where the gateway has no template for that),
    # and how many messages a network made of it
    language = models.CharField(max_length=8, default="", blank=True)
    instead_of = models.CharField(max_length=8, default="", blank=True)
    segments = models.PositiveSmallIntegerField(null=True)

    class Meta:
        verbose_name = "消息投递"
        constraints = [
            models.UniqueConstraint(
                fields=["notice"], condition=Q(notice__isnull=False), name="notice_mailed_once"
            ),
            models.UniqueConstraint(
                fields=["endpoint", "entry_id"],
                condition=Q(endpoint__isnull=False, entry_id__isnull=False, call__isnull=True),
                name="notice_posted_once",
            ),
            models.UniqueConstraint(
                fields=["call", "entry_id", "event"],
                condition=Q(call__isnull=False, entry_id__isnull=False),
                name="notice_texted_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "failed", "sent", "needless", "given_up")),
                name="notice_delivery_state_known",
            ),
            models.CheckConstraint(
                condition=Q(endpoint__isnull=False) | Q(notice__isnull=False) | Q(call__isnull=False),
                name="notice_delivery_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(receipt__in=("", "awaited", "arrived", "not_arrived", "silent")),
                name="notice_receipt_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=("waiting", "failed")), name="notice_to_send"
            ),
            models.Index(fields=["-id"], condition=Q(state__in=("failed", "given_up")), name="notice_failed"),
            models.Index(fields=["receipt_at"], condition=Q(receipt="awaited"), name="text_unheard"),
            models.Index(
                fields=["endpoint", "remote_id"], condition=~Q(remote_id=""), name="text_by_remote_id"
            ),
            models.Index(fields=["call", "-id"], condition=Q(call__isnull=False), name="text_of_call"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.channel} {self.state}"


class OptOut(models.Model):
    """退订: a number that wants no texts, as a keyed digest; the number itself stands nowhere but with its calls."""

    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "短信退订"

    def __str__(self) -> str:
        return self.digest[:8]
