from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_raised_level")]
    operations = [migrations.AddField("case", "parts_opened", models.PositiveSmallIntegerField(default=0))]
