from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_unit_drafts")]

    operations: list = []
