"""What figures read of a resolve: when it first stood, how long the work took, whether it was one's own report; and what
cases and clocks had counted for before somebody changed it afterwards."""

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

PLACE = """path text, district_id bigint, street_id bigint, community_id bigint, section_id bigint, grid_id bigint,
    building_id bigint"""
ENTRY = "e.id, e.at AS until, e.event, e.seq, e.subject_id AS case_id"
CLOCKS = f"""
CREATE VIEW cases_clockpast AS
SELECT {ENTRY}, was.*
FROM ledger_entry AS e, jsonb_to_recordset(e.payload->'was'->'clocks') AS was(
    stage text, part smallint, round smallint, started_at timestamptz, organisation_id bigint, state text, outcome text, due_at timestamptz,
    stopped_at timestamptz, {PLACE})
WHERE e.payload ? 'was' AND e.subject_kind = 'case'
"""  # noqa: S608 -- our own words
CASES = f"""
CREATE VIEW cases_casepast AS
SELECT {ENTRY}, was.*
FROM ledger_entry AS e, jsonb_to_record(e.payload->'was'->'case') AS was(
    status text, excluded boolean, origin text, unit_ids bigint[], holder_id bigint, received_at timestamptz,
    first_dispatched_at timestamptz, promised_at timestamptz, resolved_at timestamptz, first_resolved_at timestamptz,
    resolved_level text, raised_level text, self_settled boolean, ended_at timestamptz, reworks integer, reopens integer,
    declines integer, callers integer, {PLACE})
WHERE e.payload->'was' ? 'case' AND e.payload ? 'was' AND e.subject_kind = 'case'
"""  # noqa: S608 -- our own words
VIEWS = "DROP VIEW cases_clockpast; DROP VIEW cases_casepast"


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
            name="ClockPast", fields=[], options={"verbose_name": "时钟的从前", "managed": False}
        ),
        migrations.CreateModel(
            name="CasePast", fields=[], options={"verbose_name": "工单的从前", "managed": False}
        ),
        migrations.RunSQL(CLOCKS + ";" + CASES, VIEWS),
    ]
