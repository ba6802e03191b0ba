"""Figures read off indexes alone, and what is due soon found without walking what is not.

An index answers alone only for pages that the database knows to be settled, so both tables are vacuumed long
before a fifth of them has changed.
"""

from django.db import migrations, models
from django.db.models import Q

OPEN = ("received", "accepted", "assigned", "in_hand", "on_hold", "awaiting_info", "resolved")
VACUUM = """
ALTER TABLE cases_case SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
ALTER TABLE cases_clock SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
"""
UNDO = """
ALTER TABLE cases_case RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
ALTER TABLE cases_clock RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
"""
RATED = ("district_id", "street_id", "community_id", "grid_id")
COUNTED = ("stopped_at", "outcome", "state", "case")
BELOW = (("district", "street"), ("street", "community"))


def by_place(kind):
    return models.Index(
        fields=[f"{kind}_id", "-received_at"],
        include=("status", "item", "origin", "excluded"),
        name=f"case_by_{kind}",
    )


def open_by_place(kind, below):
    return models.Index(
        fields=[f"{kind}_id", "next_due_at", "id"],
        include=("next_warn_at", "paused", "excluded", f"{below}_id"),
        condition=Q(status__in=OPEN),
        name=f"case_open_by_{kind}",
    )


def clock_by_place(kind, below):
    return models.Index(
        fields=[f"{kind}_id", "stage", "due_at"],
        include=(*COUNTED, f"{below}_id", "organisation"),
        name=f"clock_by_{kind}",
    )


CASES = (
    *(by_place(kind) for kind, _below in BELOW),
    *(open_by_place(kind, below) for kind, below in BELOW),
    models.Index(
        fields=["next_warn_at", "holder", "street_id"], condition=Q(status__in=OPEN), name="case_open_by_warn"
    ),
    models.Index(
        fields=["promised_at"],
        include=("resolved_at", "status", "excluded", *RATED),
        condition=Q(promised_at__isnull=False),
        name="case_promised",
    ),
    models.Index(
        fields=["resolved_at"],
        include=("resolved_level", "raised_level", "status", "excluded", *RATED),
        condition=Q(resolved_at__isnull=False),
        name="case_resolved",
    ),
    models.Index(fields=["id"], condition=Q(excluded=True) | Q(status="merged"), name="case_uncounted"),
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_lists_and_search")]
    operations = [
        *(
            migrations.RemoveIndex("case", name)
            for name in ("case_by_district", "case_by_street", "case_open_by_street", "case_by_place")
        ),
        *(migrations.RemoveIndex("clock", f"clock_by_{kind}") for kind, _below in BELOW),
        *(migrations.AddIndex("case", index) for index in CASES),
        *(migrations.AddIndex("clock", clock_by_place(kind, below)) for kind, below in BELOW),
        migrations.RunSQL(VACUUM, UNDO),
    ]
