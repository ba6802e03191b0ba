"""Every call says whether somebody waits to be told of it; a case may stand under one that stands for the whole."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

# as the ledger has it, for a merge may have given the case another origin; else as the case has it
ORIGINS = """
UPDATE cases_call call SET origin = coalesce(
  (SELECT entry.payload->>'origin' FROM ledger_entry entry WHERE entry.subject_kind = 'case'
   AND entry.subject_id = call.case_id AND entry.event = 'case.received' ORDER BY entry.seq LIMIT 1),
  (SELECT origin FROM cases_case WHERE id = call.case_id))
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0012_disputes"), ("ledger", "0001_entries")]

    operations: list = [
        migrations.AddField("call", "origin", models.CharField(default="resident", max_length=8)),
        migrations.RunSQL(ORIGINS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "call",
            models.CheckConstraint(
                condition=models.Q(("origin__in", ["resident", "patrol"])), name="call_origin_known"
            ),
        ),
        migrations.AddField("case", "lifted_to", models.CharField(blank=True, default="", max_length=8)),
        migrations.AddField(
            "case",
            "parent",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="cases.case",
            ),
        ),
        migrations.AddField("case", "child_count", models.PositiveSmallIntegerField(default=0)),
    ]
