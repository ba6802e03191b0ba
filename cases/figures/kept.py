"""Figures that were asked before: kept in Valkey until an entry of their own scope changes them, at most for the minute
whose figures they are.

A figure is of a whole minute (`moment`): what falls due counts from the next one on, what people do at once. Each case's
entries draw new versions, right after their commit, for every place and unit that it or one of its clocks counts for;
a kept answer carries the version that was read before it was asked, and is good while that stands. Inside a transaction
nothing is kept and nothing is read: there one sees what others do not. Where Valkey is away everything is asked anew;
a version lost with it, or with a process that dies between its commit and the next line, is late until the minute ends.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import pickle
import secrets
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.conf import settings
from django.db import connection

from cases.figures.asking import Period, Subject
from cases.live import topics, wire
from ledger import clock as host
from ledger import versions
from ledger.book import Fact

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

KEEP = 120  # seconds; a kept answer is asked for by the minute that is in its name
LASTS = 24 * 3600  # seconds that a version stands without entries
VERSION = 12  # bytes of one, drawn and not counted: a server that forgot them never gives one out again
EVERYTHING = "all"  # the version of who asks for no place and no unit


def moment(at: dt.datetime | None = None) -> dt.datetime:
    """The whole minute as of which figures are asked now: pages and answers of one minute show the same numbers."""
    return (at or host.now()).replace(second=0, microsecond=0)


def kept(
    ask: Callable[Concatenate[Subject, Asked], Answer],
) -> Callable[Concatenate[Subject, Asked], Answer]:
    """A question about a subject whose answer changes by entries and by whole minutes only. Its other arguments are
    words, numbers, instants, periods and lists of them; one of them is the instant, and only those of a whole minute are
    kept. The answer is not to be changed by who gets it."""

    @wraps(ask)
    def asked(subject: Subject, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        given = [_listed(one) for one in args], {name: _listed(one) for name, one in kwargs.items()}
        said = (*given[0], *given[1].values())
        if connection.in_atomic_block or not any(_is_minute(one) for one in said):
            return ask(subject, *given[0], **given[1])  # type: ignore[arg-type]
        where = _key("at", _topic(subject))
        what = _key("of", ask.__module__, ask.__qualname__, subject, *given[0], sorted(given[1].items()))
        found = wire.ask(lambda valkey: valkey.mget(where, what), whole=True)
        version, answer = cast("list[bytes | None]", found or [None, None])
        if version is None and found is not None:
            version = _draw(where)
        if version is not None and answer is not None and answer.startswith(version):
            return cast(Answer, pickle.loads(answer[len(version) :]))  # noqa: S301 -- our own, under our own prefix
        fresh = ask(subject, *given[0], **given[1])  # type: ignore[arg-type]
        if version is not None:
            body = version + pickle.dumps(fresh)
            wire.ask(lambda valkey: valkey.set(what, body, ex=KEEP), whole=True)
        return fresh

    return asked


def recorded(facts: Sequence[Fact]) -> None:
    """Listens to the book (config.wiring): who counts these cases is to ask again."""
    touched: set[str] = set()
    for fact in facts:
        if topics.is_case(fact.subject):
            touched |= topics.around(fact.subject, fact.path) | topics.counted(fact.subject)
    if touched:
        fresh = {_key("at", topic): secrets.token_bytes(VERSION) for topic in (*touched, EVERYTHING)}
        wire.ask(lambda valkey: _put(valkey, fresh), whole=True)


def forget() -> None:
    """Nothing of this database is kept any more: for who measures, and for tests."""
    mine = f"huying:{connection.settings_dict['NAME']}:*"
    wire.ask(lambda valkey: [valkey.unlink(key) for key in valkey.scan_iter(mine, count=1000)], whole=True)


def _put(valkey: Any, fresh: Mapping[str, bytes]) -> bool:
    pipe = valkey.pipeline(transaction=False)
    for key, version in fresh.items():
        pipe.set(key, version, ex=LASTS)
    pipe.execute()
    return True


def _draw(where: str) -> bytes | None:
    """The first version of a topic, whoever draws it first."""
    drawn = secrets.token_bytes(VERSION)
    before = wire.ask(lambda valkey: (valkey.set(where, drawn, nx=True, get=True, ex=LASTS),), whole=True)
    return None if before is None else cast("bytes | None", before[0]) or drawn


def _topic(subject: Subject) -> str:
    """What has a new version whenever a case or clock of the subject is written."""
    if subject.place is not None:
        return topics.place(subject.place.id)
    return topics.unit(subject.organisation.id) if subject.organisation else EVERYTHING


def rules() -> tuple[str, int, int]:
    """Of which database, and who belongs to whom in it: a question under other rules is another one."""
    return (
        str(connection.settings_dict["NAME"]),
        versions.current("places"),
        versions.current("organisations"),
    )


def _key(*parts: object) -> str:
    """Of this database, under the rules of now: who belongs to whom is in the answers, too."""
    if parts[0] == "at":
        return f"huying:{connection.settings_dict['NAME']}:at:{parts[1]}"
    text = repr((*map(spelled, parts), rules(), settings.SECRET_KEY))
    return f"huying:{connection.settings_dict['NAME']}:of:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def spelled(one: object) -> Hashable:
    """What tells one argument of a question from another."""
    if isinstance(one, Subject):
        place, unit = one.place, one.organisation
        return (
            "subject",
            place and place.id,
            one.place_path,
            unit and unit.id,
            one.as_of and one.as_of.isoformat(),
            one.without,
            one.tree,
        )
    if isinstance(one, Period):
        return "period", one.since.isoformat(), one.until.isoformat()
    if isinstance(one, dt.datetime):
        return one.astimezone(dt.UTC).isoformat()
    if isinstance(one, tuple | list):
        return tuple(map(spelled, one))
    if one is None or isinstance(one, str | int | dt.date):
        return repr(one)
    raise TypeError(f"no question about {one!r} is kept")


def _listed(one: Any) -> Any:
    """What may be gone through once only, made a list."""
    return list(one) if isinstance(one, Iterable) and not isinstance(one, str | bytes | list | tuple) else one


def _is_minute(one: object) -> bool:
    return isinstance(one, dt.datetime) and not one.second and not one.microsecond
