"""What figures read of a resolve: when it first stood, how long the work took, whether it was one's own report."""

from django.db import migrations, models

RATED = ("district_id", "street_id", "community_id", "grid_id")
# a case that was resolved before today: when it first was stands in the ledger
FILL = """
UPDATE cases_case AS c SET first_resolved_at = e.at
FROM (
    SELECT subject_id, min(at) AS at FROM ledger_entry
    WHERE subject_kind = 'case' AND event IN ('case.resolved', 'case.settled') GROUP BY subject_id
) AS e
WHERE c.id = e.subject_id
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_notice_channels"), ("ledger", "0003_waiting_deliveries")]

    operations = [
        migrations.AddField("case", "first_resolved_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "handling_minutes", models.PositiveIntegerField(null=True)),
        migrations.AddField("case", "self_settled", models.BooleanField(default=False)),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["first_resolved_at"],
                include=("reworks", "reopens", "status", "excluded", *RATED),
                condition=models.Q(first_resolved_at__isnull=False),
                name="case_first_resolved",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
