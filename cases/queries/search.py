"""Finding cases by a few characters: one statement to the indexes, then a filter for the list.

Rare hits are named by their ids; where there are many, the list is walked in its own order and ends after a
page. Both give the same cases. Calls are indexed by pairs of characters (migration 0004), and every hit is
compared with what was typed, so nothing is found that does not contain it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from cases import rulebook
from cases.models.call import Call
from cases.models.case import ANCESTORS
from cases.scope import near_q
from grid import finding
from grid import kinds as place_kinds
from grid.models import Place
from ledger.actor import Actor
from parties import directory

MANY = 500  # hits of one sort from which on they are walked and not named
DIGITS = re.compile(r"[0-9０-９]{4,}")
NUMBERLIKE = re.compile(r"[A-Za-z0-9-]{2,32}")
WHOLE_NUMBER = re.compile(r"[A-Za-z]{1,8}[0-9]{8}-[0-9]{4,}")
BELOW_STREET = [kind for kind in place_kinds.KINDS if place_kinds.rank(kind) > place_kinds.rank("street")]

NUMBERS = """(SELECT 'number', id, '' FROM cases_case WHERE number LIKE upper(%s) LIMIT %s)
UNION ALL (SELECT 'number', id, '' FROM cases_case WHERE external_ref <> '' AND external_ref = %s LIMIT 9)"""
PLACES = "(SELECT 'place', id, kind FROM grid_place WHERE name LIKE %s AND kind = ANY(%s) LIMIT %s)"
WORDS = """(SELECT 'words', case_id, '' FROM cases_call
WHERE cases_bigrams(subject || ' ' || text) @> %s::text[] AND (text ILIKE %s OR subject ILIKE %s) LIMIT %s)"""


@dataclass
class Hits:
    """What the indexes found, at most MANY of each."""

    numbers: list[int] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    words: list[int] = field(default_factory=list)


def search_q(value: str, by: Actor, at: dt.datetime) -> Q:
    """Cases by number, place, item or a caller's words. Sensitive words are found by nobody, confidential ones
    by those who may read them; and nobody finds out a masked phone digit by digit."""
    value = " ".join(value.split())
    says_words = not DIGITS.search(value)
    hits = _hits(value, says_words)
    found = Q(number__contains=value.upper()) if len(hits.numbers) >= MANY else Q(pk__in=hits.numbers)
    found |= _at_places(value, hits.places)
    if is_spelled(value):
        found |= _at_spelled(value)
    if not says_words:
        return found
    readable = Q(sensitive=False) & (Q(confidential=False) | near_q(by))
    named = [item.id for item in rulebook.items() if value in item.name or is_spelled_like(item.name, value)]
    walked = len(value) < 2 or len(hits.words) >= MANY
    return found | readable & ((_said(value) if walked else Q(pk__in=hits.words)) | Q(item_id__in=named))


def is_spelled(value: str) -> bool:
    """May these letters be the initials of a name in pinyin?"""
    return value.isascii() and value.isalpha() and 2 <= len(value) <= 12


def is_spelled_like(name: str, value: str) -> bool:
    """jmsc: 建面…; from the beginning only."""
    return is_spelled(value) and directory.initials_of(name).startswith(value.lower())


def _at_spelled(value: str) -> Q:
    """Letters may be the initials of a place: gyg finds 观音阁."""
    found = Q(pk__in=[])
    for place in finding.search(value, limit=8):
        found |= at_or_below(place)
    return found


def at_or_below(place: Place) -> Q:
    """Cases of a place and all below it."""
    return Q(**{f"{place.kind}_id": place.pk}) if place.kind in ANCESTORS else Q(path__startswith=place.path)


def _at_places(value: str, places: list[tuple[str, int]]) -> Q:
    if len(places) >= MANY:
        return Q(place_text__contains=value)
    by_column: dict[str, list[int]] = {}
    for kind, pk in places:
        by_column.setdefault(f"{kind}_id" if kind in ANCESTORS else "place_id", []).append(pk)
    found = Q(pk__in=[])
    for column, ids in by_column.items():
        found |= Q(**{f"{column}__in": ids})
    return found


def _said(value: str) -> Q:
    said = Q(text__icontains=value) | Q(subject__icontains=value)
    # a range of one: an equality the database would turn round, reading every call for a table of what they say
    here = Q(case_id__gte=OuterRef("pk"), case_id__lte=OuterRef("pk"))
    return Q(Exists(Call.objects.filter(said, here)))


def _hits(value: str, says_words: bool) -> Hits:
    like = f"%{escaped(value)}%"
    parts: list[str] = [PLACES]
    params: list[object] = [like, BELOW_STREET, MANY]
    if NUMBERLIKE.fullmatch(value):
        parts.append(NUMBERS)
        params += [value if WHOLE_NUMBER.fullmatch(value) else like, MANY, value]
    if says_words and len(value) >= 2:
        small = value.lower()
        pairs = sorted({small[n : n + 2] for n in range(len(small) - 1)})
        parts.append(WORDS)
        params += [pairs, like, like, MANY]
    hits = Hits()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        for sort, pk, kind in cursor.fetchall():
            if sort == "place":
                hits.places.append((kind, pk))
            else:
                (hits.numbers if sort == "number" else hits.words).append(pk)
    return hits


def escaped(value: str) -> str:
    """The characters that LIKE reads as wildcards, as themselves."""
    return re.sub(r"([\\%_])", r"\\\1", value)
