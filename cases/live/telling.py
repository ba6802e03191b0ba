"""After a commit: whoever has the case, its desk or its place on the screen is told that something was recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from cases.live import topics, wire
from ledger.book import Fact


def recorded(facts: Sequence[Fact]) -> None:
    """Listens to the book (config.wiring). Says of a case which version and how many entries it has by now."""
    told: dict[frozenset[str], set[str]] = defaultdict(set)  # not for whom → what
    seen: dict[str, list[int | None]] = {}
    for fact in facts:
        subject = fact.subject
        if topics.is_case(subject):
            case = topics.case(subject.pk)
            told[frozenset(topics.deaf_to(subject))] |= topics.around(subject, fact.path) | {case}
            seen[case] = [getattr(subject, "version", None), subject.chain_length]
    for deaf, every in told.items():
        wire.publish(wire.ENTRY, every, seen, deaf)


def inboxes(accounts: Iterable[int]) -> None:
    """These people have something new in their inbox."""
    wire.publish(wire.ENTRY, map(topics.inbox, accounts))
