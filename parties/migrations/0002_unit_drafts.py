from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_people_and_organisations")]

    operations: list = []
