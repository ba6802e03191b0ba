from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_people_and_organisations")]

    operations = [
        migrations.CreateModel(
            name="UnitDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain_head", models.CharField(default="", editable=False, max_length=64)),
                ("chain_length", models.PositiveIntegerField(default=0, editable=False)),
                ("author_id", models.BigIntegerField(null=True)),
                ("basis", models.CharField(blank=True, default="", max_length=200, verbose_name="依据")),
                ("effective_on", models.DateField(blank=True, null=True, verbose_name="生效日")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "草稿"),
                            ("scheduled", "待生效"),
                            ("published", "已发布"),
                            ("discarded", "已放弃"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("steps", models.JSONField(default=list)),
                ("next_step", models.PositiveIntegerField(default=1)),
                ("reverse", models.JSONField(default=list)),
                ("after", models.JSONField(default=dict)),
                ("path", models.CharField(default="", editable=False, max_length=240)),
                ("problem", models.CharField(blank=True, default="", max_length=1000)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="发布时间")),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "单位草稿",
            },
        ),
        migrations.AddField(
            model_name="posting",
            name="duty",
            field=models.CharField(blank=True, default="", max_length=16, verbose_name="职务"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(("duty", ""), ("duty__in", ["group_lead", "guide"]), _connector="OR"),
                name="posting_duty_known",
            ),
        ),
        migrations.AddField(
            model_name="unitdraft",
            name="undoes",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="parties.unitdraft",
            ),
        ),
        migrations.AddIndex(
            model_name="unitdraft",
            index=models.Index(fields=["author_id", "-id"], name="unit_draft_of_author"),
        ),
        migrations.AddIndex(
            model_name="unitdraft",
            index=models.Index(
                condition=models.Q(("status", "scheduled")),
                fields=["effective_on"],
                name="unit_draft_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitdraft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", False), ("status", "published")),
                    models.Q(
                        models.Q(("status", "published"), _negated=True), ("published_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="unit_draft_published_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitdraft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "published"), ("undoes__isnull", False)),
                fields=("undoes",),
                name="unit_draft_undone_once",
            ),
        ),
    ]
