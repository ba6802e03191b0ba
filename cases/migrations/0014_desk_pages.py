from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_callers"),
        ("parties", "0001_people_and_organisations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "排队中"),
                            ("running", "进行中"),
                            ("done", "已完成"),
                            ("failed", "没有完成"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("beaten_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("request_key", models.CharField(max_length=150)),
                ("body_hash", models.CharField(max_length=64)),
                ("move", models.CharField(max_length=16)),
                ("details", models.JSONField(default=dict)),
                ("cases", models.JSONField()),
                ("results", models.JSONField(default=list)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "批量办理",
                "indexes": [models.Index(fields=["asked_by", "-id"], name="bulk_by_account")],
                "constraints": [
                    models.UniqueConstraint(fields=("asked_by", "request_key"), name="bulk_request_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "running", "done", "failed"))),
                        name="bulk_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "排队中"),
                            ("running", "进行中"),
                            ("done", "已完成"),
                            ("failed", "没有完成"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("beaten_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("request_key", models.CharField(max_length=150)),
                ("body_hash", models.CharField(max_length=64)),
                ("form", models.CharField(max_length=4)),
                ("where", models.CharField(max_length=8)),
                ("query", models.CharField(blank=True, max_length=1000)),
                ("words", models.CharField(blank=True, max_length=400)),
                ("file", models.CharField(blank=True, max_length=100)),
                ("expires_at", models.DateTimeField()),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "导出",
                "indexes": [
                    models.Index(fields=["asked_by", "-id"], name="export_by_account"),
                    models.Index(
                        condition=models.Q(("file", ""), _negated=True),
                        fields=["expires_at"],
                        name="export_to_expire",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("asked_by", "request_key"), name="export_request_once"),
                    models.CheckConstraint(
                        condition=models.Q(("form__in", ("csv", "xlsx"))), name="export_form_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("waiting", "running", "done", "failed"))),
                        name="export_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("where", models.CharField(max_length=8)),
                ("name", models.CharField(max_length=20)),
                ("query", models.CharField(max_length=1000)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("is_start", models.BooleanField(default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="parties.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "保存的筛选",
                "ordering": ["place", "pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("unit__isnull", False)), fields=["unit"], name="filter_shared"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("where__in", ("desk", "queue", "list"))),
                        name="filter_where_known",
                    ),
                    models.UniqueConstraint(fields=("owner", "where", "name"), name="filter_name_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_start", True)),
                        fields=("owner", "where"),
                        name="filter_one_start",
                    ),
                ],
            },
        ),
    ]
