"""What figures read of a resolve: when it first stood, how long the work took, whether it was one's own report; and what
cases and clocks had counted for before somebody changed it afterwards."""

from django.contrib.postgres.fields import ArrayField
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

PLACE = (
    ("path", models.CharField(db_index=True, max_length=400)),
    *(
        (f"{kind}_id", models.BigIntegerField(null=True))
        for kind in ("district", "street", "community", "section", "grid", "building")
    ),
)
PAST = (
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    *PLACE,
    ("until", models.DateTimeField()),
    ("event", models.CharField(max_length=48)),
    ("seq", models.PositiveIntegerField()),
)


def moment():
    return models.DateTimeField(null=True)


def to(model, **more):
    return models.ForeignKey(on_delete=models.PROTECT, to=model, **{"related_name": "+", **more})


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0016_notice_channels"),
        ("ledger", "0003_waiting_deliveries"),
        ("parties", "0003_absences"),
    ]

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
        migrations.CreateModel(
            name="ClockPast",
            fields=[
                *PAST,
                ("stage", models.CharField(max_length=16)),
                ("state", models.CharField(max_length=8)),
                ("outcome", models.CharField(blank=True, default="", max_length=10)),
                ("due_at", models.DateTimeField()),
                ("stopped_at", moment()),
                ("case", to("cases.case")),
                ("clock", to("cases.clock", related_name="pasts")),
                ("organisation", to("parties.organisation", null=True)),
            ],
            options={
                "verbose_name": "时钟的从前",
                "indexes": [
                    models.Index(fields=["due_at"], name="clock_past_due"),
                    models.Index(fields=["until"], name="clock_past_until"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CasePast",
            fields=[
                *PAST,
                ("status", models.CharField(max_length=16)),
                ("excluded", models.BooleanField()),
                ("origin", models.CharField(max_length=8)),
                ("unit_ids", ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ("received_at", models.DateTimeField()),
                ("first_dispatched_at", moment()),
                ("promised_at", moment()),
                ("resolved_at", moment()),
                ("first_resolved_at", moment()),
                ("resolved_level", models.CharField(blank=True, default="", max_length=12)),
                ("raised_level", models.CharField(max_length=12)),
                ("self_settled", models.BooleanField()),
                ("ended_at", moment()),
                ("reworks", models.PositiveSmallIntegerField()),
                ("reopens", models.PositiveSmallIntegerField()),
                ("declines", models.PositiveSmallIntegerField()),
                ("callers", models.PositiveSmallIntegerField()),
                ("case", to("cases.case", related_name="pasts")),
                ("holder", to("parties.organisation")),
            ],
            options={
                "verbose_name": "工单的从前",
                "indexes": [models.Index(fields=["until"], name="case_past_until")],
            },
        ),
    ]
