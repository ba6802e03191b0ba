"""Open cases that may be the same matter as a call: offered where one is taken, accepted or dispatched.

One statement finds what stands near (the newest of the community) or says the same rare words (of the street), with
what their callers said; the likeness itself is computed from that. Only what the asker may see; never a sensitive or
confidential case, or one that is about somebody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from cases import kinds, likeness, rulebook
from cases.likeness import Likeness, Telling, Weights, Words
from cases.models.case import ANCESTORS, Case
from cases.queries.addresses import address
from cases.queries.masking import title_for
from cases.scope import visible
from cases.templatetags.huying import hm
from grid.models import Place
from grid.queries import lineage
from ledger.actor import Actor
from parties import directory
from parties.privacy import mask_text

OFFERED = 3
NEAREST = 120  # of the community, the newest
SAYING = 60  # of the street, with the same rare words
RARE = 6  # of the call's pairs are looked up
CALLS = 12  # of one case are compared
LEAST = 6  # characters, before a text alone is looked up
SAMPLE = 1500  # calls by which pairs are weighed
KEPT = dt.timedelta(hours=1)
GUARDED = Q(sensitive=True) | Q(confidential=True)
ABOUT = Q(about_organisation__isnull=False) | Q(about_account__isnull=False)

SHOWN = (
    *("id", "number", "title", "status", "place_id", "place_text", "path", "called_at", "received_at"),
    *("item_id", "holder_id", "desk_id", "callers", "sensitive", "confidential", "reporter_ids", "version"),
    *(f"{kind}_id" for kind in ANCESTORS),
)
# What follows is made of constants; all that comes from outside is a parameter. Ids and phones stand as arrays, and
# `id + 0` is no index: so a plan can only begin with the few calls of the case, even where a table has no statistics
# yet; one that began elsewhere read all calls for each of the cases compared.
OF_MATTER = (
    "ANY (ARRAY(SELECT m.id FROM cases_case m WHERE m.merged_into_id = cases_case.id) || cases_case.id)"
)
SAID = f"""ARRAY(SELECT left(call.subject || ' ' || call.text, {likeness.READ}) FROM cases_call call
 WHERE call.case_id = {OF_MATTER} AND call.withdrawn_at IS NULL ORDER BY call.id + 0 DESC LIMIT {CALLS})"""  # noqa: S608
PHONE = f"""EXISTS (SELECT 1 FROM (SELECT call.id FROM cases_call call WHERE call.case_id = {OF_MATTER} OFFSET 0) call
 JOIN cases_caller caller ON caller.call_id = call.id WHERE caller.phone = ANY (ARRAY(SELECT own.phone
 FROM (SELECT told.id FROM cases_call told WHERE told.case_id = %s OFFSET 0) told
 JOIN cases_caller own ON own.call_id = told.id WHERE own.phone <> '')))"""  # noqa: S608
PHOTO = f"""EXISTS (SELECT 1 FROM cases_attachment file
 WHERE file.case_id = {OF_MATTER} AND file.kind = 'photo' AND file.sha256 = ANY (ARRAY(SELECT own.sha256
 FROM cases_attachment own WHERE own.case_id = %s AND own.kind = 'photo')))"""  # noqa: S608
SAYING_SQL = f"""SELECT coalesce(m.merged_into_id, m.id) FROM cases_call call JOIN cases_case m ON m.id = call.case_id
 WHERE cases_bigrams(call.subject || ' ' || call.text) && %s::text[] AND call.called_at >= %s
 AND m.street_id = %s ORDER BY call.id DESC LIMIT {SAYING * 4}"""  # noqa: S608

NEAR_WORDS: Mapping[str, object] = {
    "place": gettext_lazy("同一地点"),
    "building": gettext_lazy("同一楼栋"),
    "grid": gettext_lazy("同一网格"),
    "section": gettext_lazy("同一片区"),
    "community": gettext_lazy("同一社区"),
    "": gettext_lazy("同一街道"),
}


TENTHS: Mapping[int, object] = {
    2: gettext_lazy("文字两成相同"),
    3: gettext_lazy("文字三成相同"),
    4: gettext_lazy("文字四成相同"),
    5: gettext_lazy("文字五成相同"),
    6: gettext_lazy("文字六成相同"),
    7: gettext_lazy("文字七成相同"),
    8: gettext_lazy("文字八成相同"),
    9: gettext_lazy("文字九成相同"),
}


@dataclass(frozen=True)
class Asked:
    """A call, as far as it is known: its place and what is said; or a case that is compared with the others. Phones
    and photos tell between cases only: whoever takes a call must not find out by trying whose number is known."""

    place_id: int | None
    path: str
    called_at: dt.datetime
    item_id: int | None = None
    words: tuple[str, ...] = ()
    case_id: int | None = None


@dataclass(frozen=True)
class Found:
    case: Case
    likeness: Likeness

    @property
    def score(self) -> float:
        return self.likeness.score


# -- what pairs weigh

_weights: tuple[dt.datetime, Weights] | None = None


def weights(at: dt.datetime) -> Weights:
    """By the newest calls of the town, counted once an hour per process."""
    global _weights
    if _weights is None or not _weights[0] <= at < _weights[0] + KEPT:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT left(subject || ' ' || text, %s) FROM cases_call ORDER BY id DESC LIMIT %s",
                [likeness.READ, SAMPLE],
            )
            _weights = at, Weights.of(text for (text,) in cursor.fetchall())
    return _weights[1]


def forget() -> None:
    """What was counted is counted anew."""
    global _weights
    _weights = None


# -- finding


def for_call(actor: Actor, place: Place, at: dt.datetime, *, item: str = "", text: str = "") -> list[Found]:
    """For a call that is being taken. Nothing is looked for while neither words nor item tell."""
    known = rulebook.item(item) if item else None
    if known is None and len(text.strip()) < LEAST:
        return []
    return find(actor, Asked(place.pk, place.path, at, known.id if known else None, (text,)), at)


def for_case(actor: Actor, case: Case, calls: Sequence[Mapping[str, Any]], at: dt.datetime) -> list[Found]:
    """For an open case in hand with its calls (the dossier's). A guarded one is compared with nothing."""
    guarded = case.sensitive or case.confidential or case.about_organisation_id or case.about_account_id
    if not case.is_open or guarded:
        return []
    words = tuple(f"{call['subject']} {call['text']}" for call in calls[-CALLS:] if not call["withdrawn_at"])
    return find(
        actor, Asked(case.place_id, case.path, case.called_at, case.item_id, words, case_id=case.pk), at
    )


def find(actor: Actor, asked: Asked, at: dt.datetime, *, most: int = OFFERED) -> list[Found]:
    """The likeliest, from the threshold on; at most so many."""
    weighed = weights(at)
    new = _telling(asked, weighed)
    street = new.places.get("street")
    if street is None:
        return []
    found = []
    for case in _candidates(actor, asked, new, weighed, street):
        told: Any = case  # with what the statement read along
        old = _telling_of(case, told.said, weighed)
        likely = likeness.compare(new, old, phone=told.same_phone, photo=told.same_photo)
        if likely.offered:
            found.append(Found(case, likely))
    found.sort(key=lambda one: (-one.score, one.case.pk))
    return found[:most]


def _candidates(actor: Actor, asked: Asked, new: Telling, weighed: Weights, street: int) -> Iterable[Case]:
    since = new.called_at - dt.timedelta(days=likeness.DAYS)
    open_here = (
        visible(actor)
        .filter(~GUARDED, ~ABOUT, status__in=kinds.OPEN, street_id=street, called_at__gte=since)
        .exclude(pk=asked.case_id or 0)
    )
    ground = Q(community_id=new.places["community"]) if "community" in new.places else Q()
    near = _read(open_here.filter(ground), asked).order_by("-received_at", "-id")[:NEAREST]
    text = " ".join(asked.words)
    rare = weighed.rarest(text, RARE) if len(text.strip()) >= LEAST else []
    if not rare:
        return near
    saying = open_here.filter(pk__in=RawSQL(SAYING_SQL, [rare, since, street]))  # noqa: S611
    both = near.union(_read(saying, asked).order_by("-id")[:SAYING], all=True)
    return {case.pk: case for case in both}.values()


def _read(rows: QuerySet[Case], asked: Asked) -> QuerySet[Case]:
    return rows.only(*SHOWN).annotate(
        said=RawSQL(SAID, [], output_field=TextField()),  # noqa: S611
        same_phone=_is(PHONE, asked.case_id),
        same_photo=_is(PHOTO, asked.case_id),
    )


def _is(sql: str, case_id: int | None) -> RawSQL:
    return (
        RawSQL(sql, [case_id], BooleanField())  # noqa: S611
        if case_id
        else RawSQL("false", [], BooleanField())
    )


def _telling(asked: Asked, weighed: Weights) -> Telling:
    places = {kind: place.id for kind, place in lineage(asked.path).items()}
    words = tuple(Words(text, weighed) for text in asked.words)
    item = rulebook.item_by_id(asked.item_id)
    return Telling(asked.called_at, words, places, asked.place_id, *_item_of(item))


def _telling_of(case: Case, said: Sequence[str], weighed: Weights) -> Telling:
    places = {kind: pk for kind in ANCESTORS if (pk := getattr(case, f"{kind}_id")) is not None}
    item = rulebook.item_by_id(case.item_id)
    words = tuple(Words(text, weighed) for text in said)
    return Telling(case.called_at, words, places, case.place_id, *_item_of(item))


def _item_of(item: rulebook.Item | None) -> tuple[str, str]:
    return (item.code, item.category) if item is not None else ("", "")


# -- showing


def rows(actor: Actor, found: Iterable[Found], *, case: Case | None = None) -> list[dict[str, Any]]:
    """As pages print them: each with why in words. `case`: the one they are like; `elder` ones can take it in."""
    return [
        {
            "number": one.case.number,
            "title": title_for(actor, one.case),
            "why": why(one.likeness),
            "words": " · ".join(
                (
                    one.case.place_text,
                    hm(one.case.called_at),
                    str(kinds.STATUSES[one.case.status]),
                    directory.name_of(one.case.holder_id, short=True),
                )
            ),
            "callers": one.case.callers,
            "url": address("detail", one.case.number),
            "target": one.case.number,
            "elder": case is None or one.case.pk < case.pk,
        }
        for one in found
    ]


def json(actor: Actor, found: Iterable[Found]) -> list[dict[str, Any]]:
    """As interfaces have them."""
    return [
        {
            "number": one.case.number,
            "title": title_for(actor, one.case),
            "status": one.case.status,
            "place": one.case.place_text,
            "called_at": one.case.called_at.isoformat(),
            "callers": one.case.callers,
            "score": round(one.score, 3),
            "why": why(one.likeness),
        }
        for one in found
    ]


def why(likely: Likeness) -> str:
    """In words: 同一社区，同一小项，2 天内，文字七成相同，都提到“丽发新城”。"""
    parts = [str(NEAR_WORDS[likely.place])]
    if likely.item:
        parts.append(_("同一小项") if likely.item == "item" else _("同一大类"))
    days = likely.days + 1
    parts.append(ngettext("%(n)s 天内", "%(n)s 天内", days) % {"n": days})
    if likely.phone:
        parts.append(_("同一个电话"))
    if likely.photo:
        parts.append(_("同一张照片"))
    if likely.tenths >= 10:
        parts.append(_("文字相同"))
    elif likely.tenths >= 2:
        parts.append(str(TENTHS[likely.tenths]))
    if likely.said:
        said = pgettext("between names", "、").join(f"“{mask_text(words)}”" for words in likely.said)
        parts.append(_("都提到%(words)s") % {"words": said})
    return _("，").join(parts)
