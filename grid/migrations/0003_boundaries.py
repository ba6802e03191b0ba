from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grid", "0002_publications")]

    operations = []
