"""The ledger proved inside a test's own transaction, where `verify_ledger` cannot take its snapshot."""

from __future__ import annotations

from django.apps import apps

from ledger import reading
from ledger.models import Chained, Entry


def faults() -> list[reading.Fault]:
    """Everything in the ledger that cannot be."""
    chained = [model for model in apps.get_models() if issubclass(model, Chained)]
    entries = Entry.objects.order_by("subject_kind", "subject_id", "seq")
    return list(reading.verify(entries.iterator(), reading.heads_of(chained)))
