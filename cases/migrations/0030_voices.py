"""A caller's voice counts from when the caller was told: whose answer it was and where, and the last word on it.

Without the ancestors and the unit on the row a street's month of answers would look up every case of the district's; the
indexes answer alone. What was told and rated before is filled in where the case stands now."""

import django.db.models.deletion
from django.db import migrations, models

PLACE = ("district_id", "street_id", "community_id", "section_id", "grid_id", "building_id")
RATED = ("district_id", "street_id", "community_id", "grid_id")
WHOSE = (
    ([], RATED, ""),
    (["street_id"], ("community_id", "grid_id"), "_in_street"),
    (["organisation"], ("street_id",), "_of_unit"),
)
STEPS, SOLVED = ["very_good", "good", "fair", "poor", "very_poor"], ["yes", "partly", "no"]
COLUMNS = ", ".join(PLACE)
# one voice per caller and matter: the call that was rated, else the first that was told
FILL = f"""
UPDATE cases_voice v SET organisation_id = c.holder_id, path = c.path, told_at = k.told_at,
    {", ".join(f"{name} = c.{name}" for name in PLACE)}
FROM cases_case c, cases_call k WHERE c.id = v.case_id AND k.id = v.call_id;
INSERT INTO cases_voice (call_id, case_id, organisation_id, path, told_at, step, solved, {COLUMNS})
SELECT one.call_id, m.id, m.holder_id, m.path, one.told_at, '', '', {", ".join(f"m.{name}" for name in PLACE)}
FROM (
    SELECT DISTINCT ON (matter, caller) call_id, matter, told_at FROM (
        SELECT k.id AS call_id, COALESCE(own.merged_into_id, own.id) AS matter, k.told_at, v.call_id IS NULL AS silent,
            COALESCE(NULLIF(p.phone, ''), 'call ' || k.id) AS caller
        FROM cases_call k JOIN cases_case own ON own.id = k.case_id
        LEFT JOIN cases_caller p ON p.call_id = k.id LEFT JOIN cases_voice v ON v.call_id = k.id
        WHERE k.told_at IS NOT NULL AND k.origin = 'resident' AND k.withdrawn_at IS NULL
    ) AS told ORDER BY matter, caller, silent, call_id
) AS one JOIN cases_case m ON m.id = one.matter
ON CONFLICT DO NOTHING;
SET CONSTRAINTS ALL IMMEDIATE
"""  # noqa: S608 -- our own words
PAST = """
CREATE VIEW cases_voicepast AS
SELECT e.id, e.at AS until, e.event, e.seq, e.subject_id, was.*
FROM ledger_entry AS e, jsonb_to_recordset(e.payload->'was'->'voices') AS was(
    call_id bigint, case_id bigint, organisation_id bigint, told_at timestamptz, rated_at timestamptz, step text,
    solved text, path text, district_id bigint, street_id bigint, community_id bigint, section_id bigint,
    grid_id bigint, building_id bigint)
WHERE e.payload->'was' ? 'voices' AND e.payload ? 'was' AND e.subject_kind = 'case'
"""


def index(whose, include, column, name):
    return migrations.AddIndex(
        "voice",
        models.Index(
            fields=[*whose, column],
            include=include,
            condition=models.Q((f"{column}__isnull", False)),
            name=name,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0029_language_of_texts"),
        ("parties", "0003_absences"),
        ("ledger", "0005_requests_of_nobody_once"),
    ]

    operations = [
        migrations.RemoveConstraint("rating", "rating_step_known"),
        migrations.RemoveConstraint("rating", "rating_solved_known"),
        migrations.RenameModel("Rating", "Voice"),
        *(migrations.AddField("voice", name, models.BigIntegerField(null=True)) for name in PLACE),
        migrations.AddField(
            "voice", "path", models.CharField(max_length=400, default=""), preserve_default=False
        ),
        migrations.AddField("voice", "told_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "voice",
            "organisation",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.organisation",
            ),
        ),
        migrations.AlterField("voice", "step", models.CharField(blank=True, default="", max_length=16)),
        migrations.AlterField("voice", "solved", models.CharField(blank=True, default="", max_length=6)),
        migrations.AlterField("voice", "rated_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "voice",
            "call",
            models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                primary_key=True,
                related_name="voice",
                serialize=False,
                to="cases.call",
            ),
        ),
        migrations.AlterField(
            "voice",
            "case",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="voices", to="cases.case"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            "voice",
            "organisation",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.organisation"
            ),
        ),
        migrations.AddConstraint(
            "voice",
            models.CheckConstraint(
                condition=models.Q(("rated_at__isnull", True), ("solved", ""), ("step", ""))
                | models.Q(("rated_at__isnull", False), ("solved__in", SOLVED), ("step__in", STEPS)),
                name="voice_said_whole",
            ),
        ),
        *(
            index(whose, ["rated_at", "case", *include], "told_at", f"voice_told{name}")
            for whose, include, name in WHOSE
        ),
        *(
            index(whose, ["step", "solved", "case", *include], "rated_at", f"voice_rated{name}")
            for whose, include, name in WHOSE
        ),
        migrations.CreateModel(
            name="VoicePast", fields=[], options={"verbose_name": "评价的从前", "managed": False}
        ),
        migrations.RunSQL(PAST, "DROP VIEW cases_voicepast"),
    ]
