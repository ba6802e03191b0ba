"""Timelines and proofs. The caller brings the scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ledger import book
from ledger.models import Entry


def timeline(subject_kind: str, subject_id: int) -> list[Entry]:
    """All entries of one subject, oldest first."""
    return list(Entry.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("seq"))


def request_entry(actor_id: int | None, request_key: str) -> Entry | None:
    """The first entry that a request with this key wrote, if it was ever acted on."""
    if not request_key:
        return None
    return Entry.objects.filter(actor_id=actor_id, request_key=request_key).first()


def last_of(subject_kind: str, subject_id: int, events: Iterable[str]) -> Entry | None:
    """The newest entry of one subject that tells one of these events."""
    rows = Entry.objects.filter(subject_kind=subject_kind, subject_id=subject_id, event__in=tuple(events))
    return rows.order_by("-seq").first()


@dataclass(frozen=True)
class Fault:
    """Something in the ledger that cannot be."""

    subject: str
    seq: int
    what: str


def verify(entries: Iterator[Entry], heads: dict[tuple[str, int], tuple[str, int]]) -> Iterator[Fault]:
    """Walk entries ordered by subject and seq; compare with each subject's head (kind, id) → (hash, n)."""
    subject: tuple[str, int] | None = None
    head, length = "", 0
    seen: set[tuple[str, int]] = set()

    def close() -> Iterator[Fault]:
        if subject is not None and heads.get(subject) != (head, length):
            what = (
                "the chain does not end where its subject says" if subject in heads else "its subject is gone"
            )
            yield Fault(f"{subject[0]}:{subject[1]}", length, what)

    for entry in entries:
        key = (entry.subject_kind, entry.subject_id)
        if key != subject:
            yield from close()
            subject, head, length = key, "", 0
            seen.add(key)
        name = f"{entry.subject_kind}:{entry.subject_id}"
        if entry.seq != length + 1:
            yield Fault(name, entry.seq, f"entry {length + 1} is missing")
        if entry.prev_hash != head:
            yield Fault(name, entry.seq, "does not follow the entry before it")
        if book.digest(entry) != entry.hash:
            yield Fault(name, entry.seq, "its content does not match its hash")
        head, length = entry.hash, entry.seq
    yield from close()
    for key, (_, n) in heads.items():
        if n and key not in seen:
            yield Fault(f"{key[0]}:{key[1]}", 0, f"all {n} entries are missing")


def heads_of(models) -> dict[tuple[str, int], tuple[str, int]]:
    """The chain heads that the subjects' own rows hold; `models` are the Chained models."""
    found = {}
    for model in models:
        rows = model.objects.values_list("pk", "chain_head", "chain_length").iterator(chunk_size=5000)
        found.update({(model.SUBJECT, pk): (head, length) for pk, head, length in rows})
    return found
