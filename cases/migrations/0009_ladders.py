"""Whom a clock tells and when: ladders, timed rungs, quiet hours, and how the last pass of the sweep went."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import lookups

from cases.models import rules


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_findings")]

    operations = [
        migrations.CreateModel(
            name="QuietHours",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=models.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
            ],
            options={
                "verbose_name": "免打扰时段",
            },
        ),
        migrations.CreateModel(
            name="SweepPass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                ("happened", models.PositiveIntegerField()),
            ],
            options={
                "verbose_name": "巡检",
            },
        ),
        migrations.AddField(
            model_name="clock",
            name="rungs",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="notice",
            name="quiet_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="policy",
            name="ladder",
            field=models.JSONField(
                blank=True, default=list, validators=[rules.is_ladder], verbose_name="提醒阶梯"
            ),
        ),
        migrations.AddConstraint(
            model_name="policy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    lookups.Exact(
                        models.Func("ladder", function="jsonb_typeof", output_field=models.CharField()),
                        "array",
                    ),
                    models.Q(
                        models.Func(
                            "ladder",
                            models.Value(
                                '$[*] ? (!exists(@.on ? (@ == "warned" || @ == "breached" || @ == "silent")) || @.tell.type() != "array" || !exists(@.tell[*]) || exists(@.tell[*] ? (!(@ == "holder" || @ == "head" || @ == "dispatcher" || @ == "supervisor"))))'
                            ),
                            function="jsonb_path_exists",
                            output_field=models.BooleanField(),
                        ),
                        _negated=True,
                    ),
                ),
                name="policy_ladder_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="sweeppass",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="sweep_pass_is_one"),
        ),
    ]
