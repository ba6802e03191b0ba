import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("grid", "0002_publications"),
    ]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("author_id", models.BigIntegerField()),
                ("name", models.CharField(max_length=120)),
                ("content", models.BinaryField(default=b"")),
                ("basis", models.CharField(blank=True, default="", max_length=200, verbose_name="依据")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "核对中"),
                            ("checked", "待确认"),
                            ("applying", "导入中"),
                            ("done", "已导入"),
                            ("refused", "未导入"),
                        ],
                        default="checking",
                        max_length=12,
                    ),
                ),
                ("report", models.JSONField(default=dict)),
                ("problem", models.CharField(default="", max_length=400)),
                ("created_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "上传的地点表",
            },
        ),
        migrations.AddField(
            model_name="place",
            name="management",
            field=models.CharField(
                blank=True,
                choices=[
                    ("company", "物业公司"),
                    ("owners", "业主自管"),
                    ("community", "社区托管"),
                    ("employer", "单位管理"),
                    ("none", "无人管理"),
                ],
                default="",
                max_length=12,
                verbose_name="物业方式",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("datum__in", ("CGCS2000", "WGS-84"))), name="place_datum_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("management", ""),
                    models.Q(
                        ("kind", "estate"),
                        ("management__in", ["company", "owners", "community", "employer", "none"]),
                    ),
                    _connector="OR",
                ),
                name="place_management_of_estate",
            ),
        ),
        migrations.AddIndex(
            model_name="upload",
            index=models.Index(fields=["author_id", "-created_at"], name="upload_of_author"),
        ),
    ]
