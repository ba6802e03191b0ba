"""Findings, and what of a holding's time counts for its holder."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0007_calendar_notices"),
        ("parties", "0001_people_and_organisations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="rests",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="holding",
            name="paused_minutes",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="holding",
            name="rests",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="holding",
            name="worked_minutes",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddIndex(
            model_name="holding",
            index=models.Index(
                fields=["until"],
                include=["case", "organisation", "worked_minutes"],
                name="holding_by_end",
            ),
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chain_head", models.CharField(default="", editable=False, max_length=64)),
                ("chain_length", models.PositiveIntegerField(default=0, editable=False)),
                ("path", models.CharField(db_index=True, max_length=400)),
                ("district_id", models.BigIntegerField(null=True)),
                ("street_id", models.BigIntegerField(null=True)),
                ("community_id", models.BigIntegerField(null=True)),
                ("section_id", models.BigIntegerField(null=True)),
                ("grid_id", models.BigIntegerField(null=True)),
                ("building_id", models.BigIntegerField(null=True)),
                ("kind", models.CharField(max_length=20)),
                ("facts", models.JSONField(default=dict)),
                ("state", models.CharField(default="drafted", max_length=10)),
                ("rule", models.CharField(blank=True, default="", max_length=24)),
                ("drafted_by", models.BigIntegerField(null=True)),
                ("drafted_at", models.DateTimeField()),
                ("words", models.TextField(blank=True, default="")),
                ("state_by", models.DateTimeField()),
                ("statement", models.TextField(blank=True, default="")),
                ("stated_by", models.BigIntegerField(null=True)),
                ("stated_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, default="")),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="findings", to="cases.case"
                    ),
                ),
                (
                    "clock",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="cases.clock",
                    ),
                ),
                (
                    "holding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="cases.holding",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "认定",
                "indexes": [
                    models.Index(fields=["district_id", "state", "-id"], name="finding_by_district"),
                    models.Index(fields=["street_id", "state", "-id"], name="finding_by_street"),
                    models.Index(fields=["community_id", "state", "-id"], name="finding_by_community"),
                    models.Index(fields=["organisation", "state", "-id"], name="finding_by_unit"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    "late_response",
                                    "no_response",
                                    "late_resolve",
                                    "false_resolve",
                                    "buck_passing",
                                    "improper_hold",
                                    "false_visit",
                                    "improper_escalation",
                                ),
                            )
                        ),
                        name="finding_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("drafted", "stated", "confirmed", "dropped", "withdrawn"))
                        ),
                        name="finding_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at__isnull", True), ("state__in", ("drafted", "stated"))),
                            models.Q(("decided_at__isnull", False), ("state", "withdrawn")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state__in", ("confirmed", "dropped")),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="finding_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by", models.F("drafted_by")), _negated=True),
                            ("decided_by__isnull", True),
                            _connector="OR",
                        ),
                        name="finding_second_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("clock__isnull", False)),
                        fields=("kind", "clock"),
                        name="finding_once_per_clock",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("holding__isnull", False)),
                        fields=("kind", "holding"),
                        name="finding_once_per_holding",
                    ),
                ],
            },
        ),
    ]
