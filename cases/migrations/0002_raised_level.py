from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_cases")]
    operations = [
        migrations.AddField(
            "case",
            "raised_level",
            models.CharField(max_length=12, default="community"),
            preserve_default=False,
        ),
    ]
