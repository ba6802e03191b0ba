"""巡查走访 on the screen: what is due at a place, what was made there, how much of it is covered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.kinds import ROUNDS
from cases.models import Attachment, Call, Case, Round, RoundRule
from cases.queries import my_grid, round_sql
from cases.queries.addresses import address as page_address
from cases.queries.masking import title_for
from cases.queries.round_sql import Asked, Count, Period
from cases.rounds import CAPABILITY
from cases.scope import visible
from cases.templatetags.huying import hm
from grid import kinds as places
from grid import queries as grid
from grid.models import Place
from grid.paging import Key
from grid.tree import path_ids
from ledger import clock
from ledger.actor import Actor
from parties.access import scope_of
from parties.privacy import mask_text

NEWEST = (Key("made_at", descending=True), Key("id", descending=True))
SOON, MOST_RECENT, SIZE, OWN = 12, 10, 50, 3
JUST_NOW = dt.timedelta(hours=4)
DAYS = (7, 30, 90)
USUAL_DAYS = 7


def seen_by(actor: Actor) -> QuerySet[Round]:
    """The rounds made in a reader's scope."""
    return Round.objects.filter(scope_of(actor).place_q("place__path")).select_related(
        "place", "made_by__person"
    )


def files_of(rows: Iterable[Round]) -> dict[int, list[Attachment]]:
    """Round → its photos and recordings; one statement."""
    found: dict[int, list[Attachment]] = {}
    for file in Attachment.objects.filter(round__in=[row.pk for row in rows]).order_by("uploaded_at", "pk"):
        found.setdefault(file.round_id, []).append(file)
    return found


# -- of a place, as the phone shows it


def of_place(actor: Actor, place: Place, at: dt.datetime) -> dict[str, Any]:
    """What the page of a place says of rounds: what is due and its cover; one statement."""
    here = {"place": place.code}
    may = actor.may(CAPABILITY, path=place.path) and place.kind in places.INNER
    period = Period.last_days(clock.local_date(at), USUAL_DAYS)
    due, numbers, waiting = round_sql.due(place.path, at, period, limit=SOON * len(ROUNDS))
    return {
        "may": may,
        "mine": own_now(actor, place, at) if may else [],
        "due": _by_place(due, at)[:SOON],
        "due_count": waiting,
        "due_url": address({**here, "show": "due"}),
        "cover": [
            {"label": str(ROUNDS[kind]), "number": number, "url": address({**here, "kind": kind})}
            for kind, number in numbers.items()
        ],
        "days": USUAL_DAYS,
        "made_url": address(here) + "#made",
        "found_url": new_call_address(place.code),
    }


def _by_place(due: Iterable[Asked], at: dt.datetime) -> list[dict[str, Any]]:
    """One line for a place, whatever it is due for."""
    found: dict[str, dict[str, Any]] = {}
    for one in due:
        line = found.setdefault(one.code, {"code": one.code, "name": one.name, "tasks": []})
        line["tasks"].append(_due(one, at))
    return list(found.values())


def own_now(actor: Actor, place: Place, at: dt.datetime) -> list[dict[str, Any]]:
    """What this person walked or visited here just now: what is seen there is logged as of it."""
    rows = Round.objects.filter(
        made_by_id=actor.id, made_at__gte=at - JUST_NOW, place__path__startswith=place.path
    )
    return [
        {
            "title": f"{ROUNDS[row.kind]} {row.place.name}",
            "at": row.made_at,
            "url": new_call_address(row.place.code, round=str(row.pk)),
        }
        for row in rows.select_related("place").order_by("-made_at", "-id")[:OWN]
    ]


def named(actor: Actor, ref: str) -> str:
    """The round of one's own by which a new call was begun, in words; nothing where it is none."""
    row = None
    if ref.isascii() and ref.isdigit() and len(ref) <= 15:
        row = Round.objects.filter(pk=int(ref), made_by_id=actor.id).first()
    if row is None:
        return ""
    return _("来自 %(at)s 的%(kind)s") % {"at": hm(row.made_at), "kind": ROUNDS[row.kind]}


def new_call_address(code: str, **more: str) -> str:
    return f"{reverse('cases:new_call')}?{urlencode({'place': code, 'origin': 'patrol', **more})}"


def _due(one: Asked, at: dt.datetime) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "kind": one.kind,
        "kind_label": str(ROUNDS[one.kind]),
        "words": last_words(one, at),
        "colour": "red" if one.late else "yellow" if one.due else "green",
    }


def last_words(one: Asked, at: dt.datetime) -> str:
    """When it was made last, in days."""
    if one.last_at is None:
        return _("还没去过")
    gone = (clock.local_date(at) - clock.local_date(one.last_at)).days
    if gone == 0:
        return _("今天去过")
    return ngettext("%(n)s 天前去过", "%(n)s 天前去过", gone) % {"n": gone}


def last_made(actor: Actor, place: Place) -> list[dict[str, Any]]:
    """The last rounds at or below a place."""
    rows = seen_by(actor).filter(place__path__startswith=place.path)
    return made(actor, rows.order_by("-made_at", "-id")[:MOST_RECENT])


def raised_on(actor: Actor, rows: Iterable[Round]) -> dict[int, list[Case]]:
    """Round → the cases that were raised on it, of those one may see; one statement."""
    ids = [row.pk for row in rows]
    found: dict[int, list[Case]] = {}
    if ids:
        calls = Call.objects.filter(round__in=ids, case__in=visible(actor).values("pk"))
        for call in calls.select_related("case").order_by("pk"):
            found.setdefault(call.round_id or 0, []).append(call.case)
    return found


def made(actor: Actor, rows: Iterable[Round]) -> list[dict[str, Any]]:
    """Rounds as a list shows them; one statement for their files, one for what was raised on them."""
    rows = list(rows)
    files = files_of(rows) if rows else {}
    raised = raised_on(actor, rows)
    return [
        {
            "id": row.pk,
            "kind": row.kind,
            "kind_label": str(ROUNDS[row.kind]),
            "place": row.place.name,
            "who": row.made_by.person.name,
            "at": row.made_at,
            "text": mask_text(row.text) if row.text else "",
            "photos": [_file(file) for file in files.get(row.pk, [])],
            "cases": [
                {"title": title_for(actor, case), "url": page_address("detail", case.number)}
                for case in raised.get(row.pk, [])
            ],
        }
        for row in rows
    ]


def _file(file: Attachment) -> dict[str, Any]:
    url, sound = reverse("cases:attachment", args=[file.pk]), file.kind == "voice"
    return {"url": url, "thumb": "" if sound else f"{url}?small=1", "caption": "", "sound": sound}


# -- cover


def address(asked: dict[str, str]) -> str:
    return f"{reverse('cases:rounds')}?{urlencode({name: value for name, value in asked.items() if value})}"


def cover(place: Place, at: dt.datetime, days: int, asked: dict[str, str]) -> dict[str, Any]:
    """How much of a place was walked and visited: in all, and by what lies directly below; each number with the address
    of the places it counts. `asked`: what the address of this page says besides place and show."""
    period = Period.last_days(clock.local_date(at), days)
    whole, parts = _counted(place, at, period)
    kinds = [kind for kind in ROUNDS if (0, kind) in whole]
    below = grid.by_ids({pk for pk, _kind in parts if pk})
    rows = sorted(below.values(), key=lambda one: one.code)
    return {
        "kinds": [{"kind": kind, "label": str(ROUNDS[kind])} for kind in kinds],
        "whole": [
            _numbers(whole.get((0, kind), Count()), kind, {**asked, "place": place.code}) for kind in kinds
        ],
        "rows": [
            {
                "name": one.name,
                "kind_label": str(places.label(one.kind)),
                "url": address({**asked, "place": one.code}),
                "numbers": [
                    _numbers(parts.get((one.id, kind), Count()), kind, {**asked, "place": one.code})
                    for kind in kinds
                ],
            }
            for one in rows
        ],
    }


def _counted(
    place: Place, at: dt.datetime, period: Period
) -> tuple[dict[tuple[int, str], Count], dict[tuple[int, str], Count]]:
    """(under 0 the place in all, each place directly below), by kind of round; one statement."""
    parts = round_sql.counts(place.path, at, period, nth=len(path_ids(place.path)) + 1)
    whole: dict[tuple[int, str], Count] = {}
    for (_pk, kind), number in parts.items():
        whole[0, kind] = whole.get((0, kind), Count()) + number
    return whole, parts


def cover_json(place: Place, at: dt.datetime, period: Period) -> dict[str, Any]:
    """The same for interfaces."""
    whole, parts = _counted(place, at, period)
    below = grid.by_ids({pk for pk, _kind in parts if pk})

    def numbers(found: dict[tuple[int, str], Count], pk: int) -> list[dict[str, Any]]:
        return [
            {
                "kind": kind,
                "numerator": number.seen,
                "denominator": number.wanted,
                "rate": None if number.rate is None else round(number.rate, 4),
                "late": number.late,
            }
            for kind in ROUNDS
            if (number := found.get((pk, kind)))
        ]

    return {
        "place": _place_json(place),
        "since": period.since,
        "until": period.until,
        "numbers": numbers(whole, 0),
        "below": [
            {"place": _place_json(one), "numbers": numbers(parts, one.id)}
            for one in sorted(below.values(), key=lambda one: one.code)
        ],
    }


def as_json(row: Round, files: Iterable[Attachment], raised: Iterable[Case] = ()) -> dict[str, Any]:
    return {
        "id": row.pk,
        "place": _place_json(row.place),
        "kind": row.kind,
        "made_at": row.made_at,
        "captured_at": row.captured_at,
        "received_at": row.received_at,
        "made_by": row.made_by.person.name,
        "text": mask_text(row.text) if row.text else "",
        "attachments": [str(file.pk) for file in files],
        "cases": [case.number for case in raised],
    }


def _place_json(place: Place | grid.PlaceLite) -> dict[str, str]:
    return {"code": place.code, "name": place.name, "kind": place.kind}


def _numbers(number: Count, kind: str, asked: dict[str, str]) -> dict[str, Any]:
    asked = {**asked, "kind": kind}
    return {
        "label": str(ROUNDS[kind]),
        "wanted": number.wanted,
        "seen": number.seen,
        "unseen": number.wanted - number.seen,
        "late": number.late,
        "percent": None if number.rate is None else round(number.rate * 100, 1),
        "wanted_url": address({**asked, "show": "all"}),
        "seen_url": address({**asked, "show": "seen"}),
        "unseen_url": address({**asked, "show": "unseen"}),
        "late_url": address({**asked, "show": "late"}),
    }


def listed(
    place: Place, at: dt.datetime, days: int, *, show: str, kind: str, after: str
) -> tuple[list[dict[str, Any]], str]:
    """The places that a number counts, and the code after which the next page begins."""
    period = Period.last_days(clock.local_date(at), days)
    found = round_sql.rows(
        place.path, at, period, show=show, kind=kind, after=after, limit=SIZE + len(ROUNDS)
    )
    codes = list(dict.fromkeys(one.code for one in found))
    more = codes[SIZE - 1] if len(codes) > SIZE else ""
    found = [one for one in found if not more or one.code <= more]
    paths = grid.lineages(one.path for one in found)
    return [
        _due(one, at)
        | {
            "path_text": " / ".join(lite.name for lite in list(paths[one.path].values())[:-1][-2:]),
            "every": every_words(one.every_days),
            "url": my_grid.url(one.code),
        }
        for one in found
    ], more


def every_words(n: int) -> str:
    if n == 0:
        return _("不要求")
    return _("每天一次") if n == 1 else _("%(n)s 天一次") % {"n": n}


# -- rules


def rules(day: dt.date) -> list[dict[str, Any]]:
    """Those in force on a day, or to come, the widest place's first."""
    standing = Q(until__isnull=True) | Q(until__gt=day)
    found = (
        RoundRule.objects.filter(standing)
        .select_related("place")
        .order_by("place__path", "place_kind", "kind", "since")
    )
    return [rule(row, day) for row in found]


def rule(row: RoundRule, day: dt.date) -> dict[str, Any]:
    return {
        "place": {"code": row.place.code, "name": row.place.name},
        "place_kind": row.place_kind,
        "place_kind_label": str(places.label(row.place_kind)),
        "kind": row.kind,
        "kind_label": str(ROUNDS[row.kind]),
        "every_days": row.every_days,
        "words": every_words(row.every_days),
        "since": row.since,
        "until": row.until,
        "to_come": row.since > day,
        "basis": row.basis,
    }
