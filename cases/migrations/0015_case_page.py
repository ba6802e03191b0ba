"""Standard texts: of a unit or of everybody, by move and item."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0014_desk_pages")]

    operations = [
        migrations.CreateModel(
            name="StandardText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain_head", models.CharField(default="", editable=False, max_length=64)),
                ("chain_length", models.PositiveIntegerField(default=0, editable=False)),
                ("move", models.CharField(blank=True, default="", max_length=24)),
                ("title", models.CharField(max_length=40)),
                ("text", models.TextField(max_length=1000)),
                ("version", models.PositiveIntegerField(default=1)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "item",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.item",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "标准用语",
                "indexes": [
                    models.Index(
                        condition=models.Q(retired_at__isnull=True),
                        fields=["organisation", "move"],
                        name="standard_text_live",
                    )
                ],
            },
        ),
    ]
