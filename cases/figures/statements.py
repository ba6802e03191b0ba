"""Statements that are asked again and again of other instants: made by the ORM once, then asked with new ones.

To make one of them costs a processor more than to ask it, and only its instants change from one minute to the next. So
it is made with instants that know which they are, kept for its subject under the rules of now, and asked with others of
the same order."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from cases.figures.asking import Subject
from cases.figures.kept import rules, spelled

Statement = tuple[str, Sequence[Any]]  # its text and its parameters
MOST = 1024  # statements kept by a process; those of subjects of one kind share their text

_made: dict[Hashable, Statement] = {}
_lock = threading.Lock()


class Marked(dt.datetime):
    """An instant that knows it is the nth of those a statement was made with."""

    nth = -1  # of one that was reckoned from another

    @classmethod
    def of(cls, at: dt.datetime, nth: int) -> Marked:
        found = cls.combine(at.date(), at.timetz())
        found.nth = nth
        return found


Make = Callable[[Subject, Sequence[dt.datetime]], Statement]


def rows(
    question: Hashable, subject: Subject, instants: Sequence[dt.datetime], make: Make
) -> list[tuple[Any, ...]]:
    """What the statement that `make` makes of the subject and these instants finds. `question` says whatever else it is
    made of. `make` may compare the instants, the one as of which the subject is read among them, and hand them on as
    parameters; a statement with any other instant is made each time."""
    asked = [*instants, *([subject.as_of] if subject.as_of is not None else [])]
    order = {at: n for n, at in enumerate(sorted(set(asked)))}
    key = (question, spelled(subject.as_at(None)), len(asked), rules(), tuple(order[at] for at in asked))
    statement = _made.get(key)
    if statement is None:
        statement = _make(make, subject, asked, len(instants))
        if all(map(_is_kept, statement[1])):
            with _lock:
                if len(_made) >= MOST:
                    del _made[next(iter(_made))]
                _made[key] = statement
    text, params = statement
    if not text:
        return []
    with connection.cursor() as cursor:
        cursor.execute(text, [_filled(one, asked) for one in params])
        return cursor.fetchall()


def _make(make: Make, subject: Subject, asked: Sequence[dt.datetime], n: int) -> Statement:
    """No text where nothing can be found. The first `n` instants are those of the question."""
    marked = [Marked.of(at, nth) for nth, at in enumerate(asked)]
    try:
        text, params = make(subject if subject.as_of is None else subject.as_at(marked[n]), marked[:n])
    except EmptyResultSet:
        return "", ()
    return sys.intern(text), tuple(params)


def _is_kept(param: object) -> bool:
    """Is this the same whenever it is asked, but for the instants that know which they are?"""
    if isinstance(param, list | tuple):
        return all(map(_is_kept, param))
    return param.nth >= 0 if isinstance(param, Marked) else not isinstance(param, dt.date)


def _filled(param: Any, instants: Sequence[dt.datetime]) -> Any:
    if isinstance(param, list | tuple):
        return [_filled(one, instants) for one in param]
    return instants[param.nth] if isinstance(param, Marked) and param.nth >= 0 else param


def forget() -> None:
    """Nothing is made yet: for who measures, and for tests."""
    with _lock:
        _made.clear()
