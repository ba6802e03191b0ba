"""What is open, now or as of a past instant, and how its clocks stand."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.figures.asking import Subject
from cases.figures.measuring import counted, open_now
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.queries import colours


def open_at(subject: Subject, at: dt.datetime) -> tuple[QuerySet[Case], Q, Q]:
    """(what is open, which of it is past due, which is close to it) now; as of a past instant what had been taken and
    neither resolved nor ended, by the clocks that ran then."""
    if subject.as_of is None:
        return open_now(subject), colours.q("red", at), colours.q("yellow", at)
    then = subject.as_of
    ran = Clock.objects.filter(case_id=OuterRef("pk"), started_at__lte=then).exclude(stage__in=TERMS)
    ran = ran.filter(Q(stopped_at__isnull=True) | Q(stopped_at__gt=then))
    live = counted(subject).filter(
        Q(resolved_at__isnull=True) | Q(resolved_at__gt=then),
        Q(ended_at__isnull=True) | Q(ended_at__gt=then),
        received_at__lte=then,
    )
    red = Q(Exists(ran.filter(due_at__lt=then)))
    return live, red, ~red & Q(Exists(ran.filter(warn_at__lte=then)))
