"""Who is on a case now: a soft lease of 90 seconds in Valkey, renewed by the page while it is looked at.

The first to come has it in hand, whoever takes it over comes before them. A lease stops nobody: what counts
is the version a form carries.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redis import Redis

from cases.live import topics, wire
from cases.models.case import Case
from ledger.actor import Actor

LEASE = 90  # seconds
LEASE_ID = re.compile(r"\d{13}\.[0-9a-f]{8}\.[01]")
DAY = 86_400_000


@dataclass(frozen=True)
class Here:
    """One tab of one person on a case; `taken`: it was taken over from somebody."""

    since: int
    nonce: str
    taken: bool
    account: int
    name: str

    @property
    def lease(self) -> str:
        return f"{self.since:013d}.{self.nonce}.{int(self.taken)}"

    @property
    def member(self) -> str:
        return f"{self.lease}.{self.account}.{self.name}"

    @classmethod
    def parse(cls, member: str) -> Here:
        since, nonce, taken, account, name = member.split(".", 4)
        return cls(int(since), nonce, taken == "1", int(account), name)


def beat(
    case: Case, actor: Actor, at: dt.datetime, *, lease: str = "", take: bool = False
) -> tuple[str, list[Here]] | None:
    """Come to a case, or stay: (one's lease, who is here, the first has it in hand). None while Valkey is away."""
    assert actor.id is not None
    now = int(at.timestamp() * 1000)
    known = LEASE_ID.fullmatch(lease)
    since, nonce, taken = lease.split(".") if known else (f"{now:013d}", secrets.token_hex(4), "0")
    if not now - DAY < int(since) <= now:
        since = f"{now:013d}"
    mine = Here(int(since), nonce, taken == "1", actor.id, actor.name)
    if take:
        before = wire.ask(lambda valkey: _of([_read(valkey, case.pk, now)])[0])
        first = min((one.since for one in before or ()), default=now)
        mine = Here(first - 1, nonce, True, actor.id, actor.name)
        if known:
            wire.ask(lambda valkey: valkey.zrem(_key(case.pk), f"{lease}.{actor.id}.{actor.name}"))

    def come(valkey: Redis) -> tuple[int, list[str]]:
        pipe = valkey.pipeline(transaction=False)
        pipe.zadd(_key(case.pk), {mine.member: now + LEASE * 1000})
        pipe.expire(_key(case.pk), LEASE)
        pipe.zrangebyscore(_key(case.pk), f"({now}", "+inf")
        added, _expires, members = pipe.execute()
        return added, members

    found = wire.ask(come)
    if found is None:
        return None
    added, members = found
    if added:
        _tell(case)
    return mine.lease, _of([members])[0]


def leave(case: Case, actor: Actor, lease: str) -> None:
    if not LEASE_ID.fullmatch(lease):
        return
    if wire.ask(lambda valkey: valkey.zrem(_key(case.pk), f"{lease}.{actor.id}.{actor.name}")):
        _tell(case)


def here(case_ids: Sequence[int], at: dt.datetime) -> dict[int, list[Here]]:
    """case → who is on it, the first has it in hand; one round trip for a page of rows."""
    now = int(at.timestamp() * 1000)

    def look(valkey: Redis) -> list[list[str]]:
        pipe = valkey.pipeline(transaction=False)
        for pk in case_ids:
            pipe.zrangebyscore(_key(pk), f"({now}", "+inf")
        return list(pipe.execute())

    found = wire.ask(look) if case_ids else None
    return {pk: people for pk, people in zip(case_ids, _of(found), strict=True) if people} if found else {}


def others(people: Iterable[Here], actor: Actor) -> list[Here]:
    """Everybody else, each once, whoever came first before."""
    found: dict[int, Here] = {}
    for one in people:
        if one.account != actor.id:
            found.setdefault(one.account, one)
    return list(found.values())


def _read(valkey: Redis, pk: int, now: int) -> list[str]:
    return list(valkey.zrangebyscore(_key(pk), f"({now}", "+inf"))


def _of(lists: Iterable[list[str]]) -> list[list[Here]]:
    return [sorted(map(Here.parse, members), key=lambda one: one.since) for members in lists]


def _key(pk: int) -> str:
    return f"huying:here:{pk}"


def _tell(case: Case) -> None:
    wire.publish(wire.HERE, topics.around(case) | {topics.case(case.pk)}, deaf=topics.deaf_to(case))
