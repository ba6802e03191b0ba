import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grid", "0001_places"),
    ]

    operations = [
        migrations.CreateModel(
            name="Draft",
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
                (
                    "undoes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="grid.draft",
                    ),
                ),
            ],
            options={
                "verbose_name": "网格树草稿",
                "indexes": [
                    models.Index(fields=["author_id", "-id"], name="draft_of_author"),
                    models.Index(
                        condition=models.Q(("status", "scheduled")),
                        fields=["effective_on"],
                        name="draft_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("published_at__isnull", False), ("status", "published")),
                            models.Q(
                                models.Q(("status", "published"), _negated=True),
                                ("published_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="draft_published_when",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "published"), ("undoes__isnull", False)),
                        fields=("undoes",),
                        name="draft_undone_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlacePast",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("until", models.DateTimeField()),
                ("code", models.CharField(max_length=24)),
                ("name", models.CharField(max_length=120)),
                ("above_id", models.BigIntegerField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pasts", to="grid.place"
                    ),
                ),
            ],
            options={
                "verbose_name": "地点旧貌",
                "indexes": [
                    models.Index(fields=["place", "until"], name="placepast_place_until"),
                    models.Index(fields=["until"], name="placepast_until"),
                    models.Index(fields=["above_id"], name="placepast_above"),
                ],
            },
        ),
    ]
