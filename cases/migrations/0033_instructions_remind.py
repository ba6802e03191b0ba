"""Who has to answer a 批示 is reminded: by the row's own time. And what waits for word is found by its unit's index."""

from django.db import migrations, models

# those that wait are reminded when they are due
FILL = "UPDATE cases_instruction SET next_at = answer_by WHERE answered_at IS NULL; SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):
    dependencies = [("cases", "0032_calls_seen_on_rounds")]

    operations = [
        migrations.AddField("instruction", "next_at", models.DateTimeField(null=True)),
        migrations.AddField("instruction", "late_told", models.PositiveSmallIntegerField(default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "instruction",
            models.Index(
                fields=["next_at"], condition=models.Q(("next_at__isnull", False)), name="instruction_next"
            ),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["holder", "word_due_at"],
                condition=models.Q(("word_due_at__isnull", False)),
                name="case_word_due",
            ),
        ),
    ]
