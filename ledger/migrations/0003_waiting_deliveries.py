from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_entries_are_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)),
                fields=["next_try_at"],
                name="delivery_waiting",
            ),
        ),
    ]
