from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_simulations"),
        ("grid", "0001_places"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DutyDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("name", models.CharField(blank=True, default="", max_length=120)),
                ("lines", models.JSONField(default=list)),
                ("published_at", models.DateTimeField(null=True)),
                ("since", models.DateField(null=True)),
                ("until", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "没有推演"),
                            ("waiting", "排队中"),
                            ("running", "推演中"),
                            ("done", "已完成"),
                            ("failed", "没有完成"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grid.place",
                    ),
                ),
            ],
            options={
                "verbose_name": "职责行草稿",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["author", "-id"], name="duty_draft_by_author")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("", "waiting", "running", "done", "failed"))),
                        name="duty_draft_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("since__isnull", True), ("until__isnull", True)),
                            ("until__gte", models.F("since")),
                            _connector="OR",
                        ),
                        name="duty_draft_period_whole",
                    ),
                ],
            },
        ),
    ]
