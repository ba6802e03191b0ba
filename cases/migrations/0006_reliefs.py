import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_figures"),
        ("parties", "0001_people_and_organisations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Relief",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("n", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(max_length=10)),
                ("state", models.CharField(default="asked", max_length=10)),
                ("ground", models.CharField(max_length=20)),
                ("amount", models.PositiveSmallIntegerField(null=True)),
                ("unit", models.CharField(blank=True, default="", max_length=10)),
                ("until", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("asked_person", models.BigIntegerField(null=True)),
                ("seq", models.PositiveIntegerField()),
                ("due_before", models.DateTimeField()),
                ("rung", models.CharField(max_length=10)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_role", models.CharField(blank=True, default="", max_length=24)),
                ("decided_seq", models.PositiveIntegerField(null=True)),
                ("due_after", models.DateTimeField(null=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
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
                        on_delete=django.db.models.deletion.PROTECT, related_name="reliefs", to="cases.case"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "desk",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.organisation",
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
                "verbose_name": "减免申请",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "asked")), fields=["desk", "case"], name="relief_waiting"
                    ),
                    models.Index(
                        condition=models.Q(("state", "granted")),
                        fields=["kind", "case"],
                        name="relief_granted",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "n"), name="relief_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")), fields=("case",), name="relief_waits_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ("extension", "hold", "exclusion"))),
                        name="relief_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("asked", "granted", "refused", "withdrawn", "lapsed"))
                        ),
                        name="relief_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rung__in", ("street", "district", "supervisor"))),
                        name="relief_rung_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ("asked", "lapsed")), ("decided_at__isnull", False), _connector="OR"
                        ),
                        name="relief_decided_has_a_time",
                    ),
                ],
            },
        ),
    ]
