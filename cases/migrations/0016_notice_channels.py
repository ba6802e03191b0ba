import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_case_page")]

    operations = [
        migrations.CreateModel(
            name="Endpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain_head", models.CharField(default="", editable=False, max_length=64)),
                ("chain_length", models.PositiveIntegerField(default=0, editable=False)),
                ("name", models.CharField(max_length=60)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "邮件"),
                            ("webhook", "Webhook"),
                            ("wecom", "企业微信群机器人"),
                            ("dingtalk", "钉钉群机器人"),
                        ],
                        max_length=10,
                    ),
                ),
                ("address", models.TextField()),
                ("shown", models.CharField(max_length=120)),
                ("secret", models.TextField(blank=True, default="")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), size=None
                    ),
                ),
                (
                    "least_urgency",
                    models.CharField(
                        choices=[("normal", "一般"), ("urgent", "紧急"), ("critical", "特急")],
                        default="normal",
                        max_length=10,
                    ),
                ),
                ("is_on", models.BooleanField(default=True)),
                ("edited_by", models.BigIntegerField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("paused_until", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "消息通道",
            },
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("mail", models.CharField(max_length=4)),
                ("mention", models.BooleanField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "消息偏好",
            },
        ),
        migrations.CreateModel(
            name="NoticeDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("channel", models.CharField(max_length=10)),
                ("entry_id", models.BigIntegerField(null=True)),
                ("event", models.CharField(max_length=48)),
                ("facts", models.JSONField(default=dict)),
                (
                    "mentions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("digest", models.CharField(blank=True, default="", max_length=4)),
                ("batch", models.UUIDField(editable=False, null=True)),
                ("at", models.DateTimeField()),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("error", models.CharField(blank=True, default="", max_length=16)),
                ("detail", models.CharField(blank=True, default="", max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.BigIntegerField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.endpoint",
                    ),
                ),
                (
                    "notice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="cases.notice",
                    ),
                ),
            ],
            options={
                "verbose_name": "消息投递",
            },
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.UniqueConstraint(fields=("organisation", "name"), name="endpoint_named_once"),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["mail", "webhook", "wecom", "dingtalk"])),
                name="endpoint_channel_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="endpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("least_urgency__in", ["normal", "urgent", "critical"])),
                name="endpoint_urgency_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticechoice",
            constraint=models.UniqueConstraint(fields=("account", "kind"), name="notice_choice_once"),
        ),
        migrations.AddConstraint(
            model_name="noticechoice",
            constraint=models.CheckConstraint(
                condition=models.Q(("mail__in", ["off", "now", "hour", "day"])),
                name="notice_choice_mail_known",
            ),
        ),
        migrations.AddIndex(
            model_name="noticedelivery",
            index=models.Index(
                condition=models.Q(("state__in", ("waiting", "failed"))),
                fields=["next_at"],
                name="notice_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="noticedelivery",
            index=models.Index(
                condition=models.Q(("state__in", ("failed", "given_up"))),
                fields=["-id"],
                name="notice_failed",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticedelivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("notice__isnull", False)), fields=("notice",), name="notice_mailed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="noticedelivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("endpoint__isnull", False), ("entry_id__isnull", False)),
                fields=("endpoint", "entry_id"),
                name="notice_posted_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticedelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("waiting", "failed", "sent", "needless", "given_up"))),
                name="notice_delivery_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticedelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("endpoint__isnull", False), ("notice__isnull", False), _connector="OR"),
                name="notice_delivery_to_somebody",
            ),
        ),
    ]
