from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grid", "0001_places")]

    operations = []
