from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grid", "0003_boundaries")]

    operations: list = [
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                condition=models.Q(("retired_at__isnull", False)),
                fields=["-retired_at", "-id"],
                name="place_retired",
            ),
        ),
    ]
