from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("grid", "0003_boundaries")]

    operations: list = []
