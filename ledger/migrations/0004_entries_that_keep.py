"""Entries that tell what stood before them are found by their time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_waiting_deliveries")]

    operations = [
        migrations.AddIndex(
            "entry",
            models.Index(fields=["at"], condition=models.Q(payload__has_key="was"), name="entry_that_keeps"),
        ),
    ]
