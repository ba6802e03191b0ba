"""Lists stop after their first page, and words are found by pairs of characters.

`cases_bigrams` cuts a text into its pairs of neighbouring characters, in small letters; an index over it finds
any two or more characters anywhere in a call, without a dictionary and without a column to keep up to date.
"""

from django.db import migrations, models

BIGRAMS = """
CREATE FUNCTION cases_bigrams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(array_agg(DISTINCT pair), '{}') FROM (
    SELECT one || lead(one) OVER (ORDER BY n) AS pair
    FROM unnest(string_to_array(lower(words), NULL)) WITH ORDINALITY AS chars(one, n)) AS pairs
  WHERE pair IS NOT NULL
$$;
CREATE INDEX call_words ON cases_call USING gin (cases_bigrams(subject || ' ' || text));
"""
UNDO = """
DROP INDEX call_words;
DROP FUNCTION cases_bigrams(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_parts_opened"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["-received_at", "-id"], name="case_newest"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    (
                        "status__in",
                        (
                            "received",
                            "accepted",
                            "assigned",
                            "in_hand",
                            "on_hold",
                            "awaiting_info",
                            "resolved",
                        ),
                    )
                ),
                fields=["next_due_at", "id"],
                name="case_open_by_due",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("kind__in", ("wish", "project")), ("status", "accepted")),
                fields=["district_id"],
                name="case_claimable",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("declines__gt", 0), ("status", "accepted")),
                fields=["desk"],
                name="case_returned",
            ),
        ),
        migrations.RunSQL(BIGRAMS, UNDO),
    ]
