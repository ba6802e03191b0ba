"""Case 工单: one matter, one or many calls."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from cases.kinds import CHANNELS, CLAIMABLE_KINDS, KINDS, LEVELS, OPEN, ORIGINS, STATUSES, URGENCIES
from ledger.models import Chained

# the ancestors a case carries as columns (ENGINE decision 3): written at intake, re-homed while open
ANCESTORS = ("district", "street", "community", "section", "grid", "building")

# those by which the dashboard asks
RATED = ("district_id", "street_id", "community_id", "grid_id")
# excluded, test and merged cases leave both sides of every rate
UNCOUNTED = Q(excluded=True) | Q(status="merged")


def one_of(field: str, words) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": list(words)}), name=f"case_{field}_known")


class PlaceColumns(models.Model):
    """Where a row stands in the tree: the id-path and one column per ancestor kind, no join needed.

    Plain ids, not foreign keys: a place is never deleted, and a figure reads only the column."""

    path = models.CharField(max_length=400, db_index=True)
    district_id = models.BigIntegerField(null=True)
    street_id = models.BigIntegerField(null=True)
    community_id = models.BigIntegerField(null=True)
    section_id = models.BigIntegerField(null=True)
    grid_id = models.BigIntegerField(null=True)
    building_id = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class Case(Chained, PlaceColumns):
    SUBJECT = "case"

    number = models.CharField(max_length=32, unique=True)
    status = models.CharField(max_length=16, default="received")
    came_from = models.CharField(
        max_length=16, default="", blank=True
    )  # where resume, supply, unmerge return to
    version = models.PositiveIntegerField(default=1)

    kind = models.CharField(max_length=16, default="problem")
    item = models.ForeignKey("cases.Item", null=True, on_delete=models.PROTECT, related_name="+")
    urgency = models.CharField(max_length=8, default="normal")
    level = models.CharField(max_length=12)
    raised_level = models.CharField(max_length=12)  # the level it was taken at
    origin = models.CharField(max_length=8)
    channel = models.CharField(max_length=8)
    title = models.CharField(max_length=80)
    place = models.ForeignKey("grid.Place", on_delete=models.PROTECT, related_name="+")
    place_text = models.CharField(max_length=120)  # the path's last names, as read on a list

    # the holder: exactly one, always
    holder = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    holder_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    held_since = models.DateTimeField()
    rests = models.JSONField(default=list)  # of this stay: when nobody's hand was needed (cases.stays)
    signed_at = models.DateTimeField(null=True)
    released = models.BooleanField(default=False)  # the head's nod, good for one resolve or decline
    final = models.BooleanField(default=False)  # assigned by a ruling of the district or a supervisor
    desk = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    dispatched_by = models.BigIntegerField(null=True)  # person
    dispatched_at = models.DateTimeField(null=True)
    first_dispatched_at = models.DateTimeField(null=True)
    last_decliner = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    release_asked = models.BooleanField(default=False)  # the unit's people wait for the head's nod

    # who must respond (cases.disputes)
    lead_ids = ArrayField(models.BigIntegerField(), default=list)  # units sent it since the last ruling
    party_ids = ArrayField(models.BigIntegerField(), default=list)  # who declined it or was named
    stated_ids = ArrayField(models.BigIntegerField(), default=list)  # those who spoke in this round
    disputed_at = models.DateTimeField(null=True)  # since when a desk above has to rule
    rulings = models.PositiveSmallIntegerField(default=0)
    ruled_item_id = models.BigIntegerField(null=True)  # what was ruled on, for who rules on the like
    ruled_row = models.ForeignKey("cases.DutyRow", null=True, on_delete=models.SET_NULL, related_name="+")

    # open to claims 认领
    offered_at = models.DateTimeField(null=True)  # the desk opened it
    claimed_until = models.DateTimeField(null=True)  # what the claimer promised

    called_at = models.DateTimeField()  # what the caller's clocks are anchored on
    received_at = models.DateTimeField()
    last_at = models.DateTimeField()  # business time of the last entry: no command is earlier
    promised_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_level = models.CharField(max_length=12, default="", blank=True)
    first_resolved_at = models.DateTimeField(null=True)  # kept when the resolve does not stand
    handling_minutes = models.PositiveIntegerField(null=True)  # opening, first dispatch to standing resolve
    self_settled = models.BooleanField(default=False)  # by whom had reported it
    answered_at = models.DateTimeField(null=True)
    door_since = models.DateTimeField(
        null=True
    )  # to be told at the door: a text with an answer did not arrive, or the caller asked for it
    door_interim = models.BooleanField(default=False)  # it was an interim answer
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)  # person

    # counted things that guards ask for
    declines = models.PositiveSmallIntegerField(default=0)
    reworks = models.PositiveSmallIntegerField(default=0)
    reopens = models.PositiveSmallIntegerField(default=0)
    handed_down = models.BooleanField(default=False)
    callers = models.PositiveSmallIntegerField(default=0)
    reachable = models.BooleanField(default=False)  # some caller left a way to be reached
    asked_by = ArrayField(models.BigIntegerField(), default=list)  # units that asked once
    contacted_by = ArrayField(models.BigIntegerField(), default=list)  # units with a contact record
    open_parts = models.PositiveSmallIntegerField(default=0)
    parts_opened = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    doubted_at = models.DateTimeField(null=True)  # a caller says it is not solved, and nobody has looked yet

    # who has, had or reported it; who handled it (separation of duties)
    unit_ids = ArrayField(models.BigIntegerField(), default=list)
    reporter_ids = ArrayField(models.BigIntegerField(), default=list)  # accounts
    handler_units = ArrayField(models.BigIntegerField(), default=list)
    handler_people = ArrayField(models.BigIntegerField(), default=list)

    # the worst running clock, for colour and order without a join; written with the clocks
    next_due_at = models.DateTimeField(null=True)
    next_warn_at = models.DateTimeField(null=True)
    paused = models.BooleanField(default=False)

    # what routing proposed at take, and why
    proposed = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    routing_reason = models.TextField(default="", blank=True)
    unmatched = models.BooleanField(default=False)
    direct = models.BooleanField(default=False)

    sensitive = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    about_organisation = models.ForeignKey(
        "parties.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    about_account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_to = models.CharField(max_length=8, default="", blank=True)  # the urgency its many callers gave it
    # one matter in several places: the case that stands for the whole, and how many stand under this one
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    child_count = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged_from")
    external_ref = models.CharField(max_length=80, default="", blank=True)
    excluded = models.BooleanField(default=False)  # leaves both sides of every rate
    word_due_at = models.DateTimeField(
        null=True
    )  # officials wait for word (cases.instructions): the earliest time

    class Meta:
        verbose_name = "工单"
        constraints = [
            one_of("status", STATUSES),
            one_of("kind", KINDS),
            one_of("urgency", URGENCIES),
            one_of("level", LEVELS),
            one_of("origin", ORIGINS),
            one_of("channel", CHANNELS),
            models.UniqueConstraint(
                fields=["channel", "external_ref"], condition=~Q(external_ref=""), name="case_external_once"
            ),
        ]
        # what the dashboard of a street or the district counts is read off indexes alone: hence their `include`
        indexes = [
            *(
                models.Index(
                    fields=[f"{kind}_id", "-received_at"],
                    include=["status", "item", "origin", "excluded"],
                    name=f"case_by_{kind}",
                )
                for kind in ("district", "street")
            ),
            *(
                models.Index(
                    fields=[f"{kind}_id", "-received_at"], include=["status"], name=f"case_by_{kind}"
                )
                for kind in ("community", "grid")
            ),
            models.Index(
                fields=["holder", "next_due_at", "id"],
                include=["next_warn_at", "paused", "excluded", "district_id"],
                condition=Q(status__in=OPEN),
                name="case_open_by_holder",
            ),
            *(
                models.Index(
                    fields=[f"{kind}_id", "next_due_at", "id"],
                    include=["next_warn_at", "paused", "excluded", f"{below}_id"],
                    condition=Q(status__in=OPEN),
                    name=f"case_open_by_{kind}",
                )
                for kind, below in (("district", "street"), ("street", "community"))
            ),
            models.Index(
                fields=["next_warn_at", "holder", "street_id"],
                condition=Q(status__in=OPEN),
                name="case_open_by_warn",
            ),
            models.Index(
                fields=["promised_at"],
                include=["resolved_at", "ended_at", "status", "excluded", *RATED],
                condition=Q(promised_at__isnull=False),
                name="case_promise",
            ),
            # a street reads its own only, whatever the rest of the district was promised and got
            models.Index(
                fields=["street_id", "promised_at"],
                include=["resolved_at", "ended_at", "status", "excluded"],
                condition=Q(promised_at__isnull=False),
                name="case_promise_in_street",
            ),
            models.Index(
                fields=["street_id", "resolved_at"],
                include=["resolved_level", "raised_level", "status", "excluded"],
                condition=Q(resolved_at__isnull=False),
                name="case_resolved_in_street",
            ),
            models.Index(
                fields=["resolved_at"],
                include=["resolved_level", "raised_level", "status", "excluded", *RATED],
                condition=Q(resolved_at__isnull=False),
                name="case_resolved",
            ),
            models.Index(
                fields=["first_resolved_at"],
                include=["reworks", "reopens", "status", "excluded", *RATED],
                condition=Q(first_resolved_at__isnull=False),
                name="case_first_resolved",
            ),
            models.Index(fields=["id"], condition=UNCOUNTED, name="case_uncounted"),
            models.Index(fields=["id"], condition=Q(door_since__isnull=False), name="case_at_the_door"),
            models.Index(fields=["-received_at", "-id"], name="case_newest"),
            models.Index(fields=["next_due_at", "id"], condition=Q(status__in=OPEN), name="case_open_by_due"),
            models.Index(
                fields=["district_id"],
                condition=Q(status="accepted", kind__in=CLAIMABLE_KINDS),
                name="case_claimable",
            ),
            models.Index(
                fields=["desk"], condition=Q(status="accepted", declines__gt=0), name="case_returned"
            ),
            models.Index(
                fields=["district_id", "disputed_at"],
                condition=Q(disputed_at__isnull=False),
                name="case_disputed",
            ),
            models.Index(
                fields=["ruled_item_id", "district_id", "-id"],
                condition=Q(rulings__gt=0),
                name="case_ruled",
            ),
            models.Index(
                fields=["district_id", "offered_at"],
                condition=Q(status="accepted", offered_at__isnull=False),
                name="case_offered",
            ),
            models.Index(
                fields=["street_id", "next_due_at"],
                condition=Q(doubted_at__isnull=False),
                name="case_doubted",
            ),
            models.Index(
                fields=["holder", "word_due_at"],
                condition=Q(word_due_at__isnull=False),
                name="case_word_due",
            ),
            GinIndex(fields=["unit_ids"], name="case_units"),
            GinIndex(fields=["reporter_ids"], name="case_reporters"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def answer_at_door(self) -> bool:
        """Does somebody go to the door with the answer, for the text did not arrive or the caller wants it so?"""
        return self.door_since is not None and not self.door_interim

    def forget_lost_interim(self) -> None:
        """Nobody need go to the door for an interim answer any more: another was given, or the work is done."""
        if self.door_interim:
            self.door_since, self.door_interim = None, False

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def has_caller(self) -> bool:
        return self.origin == "resident"
