import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_unit_drafts")]

    operations = [
        migrations.AddField(
            model_name="organisation",
            name="auto_dispatch",
            field=models.BooleanField(default=False, verbose_name="按职责行直派"),
        ),
        migrations.AddField(
            model_name="person",
            name="chat_id",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="群机器人里的账号"),
        ),
        migrations.AddField(
            model_name="person",
            name="email",
            field=models.EmailField(blank=True, default="", max_length=254, verbose_name="邮箱"),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="自")),
                ("until", models.DateTimeField(verbose_name="至")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("leave", "休假"),
                            ("trip", "出差、外勤"),
                            ("training", "学习培训"),
                            ("health", "病假"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="事由",
                    ),
                ),
                ("entered_by", models.BigIntegerField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stands_in",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "离岗",
                "verbose_name_plural": "离岗",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["account", "until"],
                        name="absence_standing",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["substitute"], name="absence_stood_in"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="absence_until_after_since"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("substitute__isnull", True),
                            models.Q(("substitute", models.F("account")), _negated=True),
                            _connector="OR",
                        ),
                        name="absence_not_stood_in_by_oneself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["leave", "trip", "training", "health", "other"])),
                        name="absence_reason_known",
                    ),
                ],
            },
        ),
    ]
