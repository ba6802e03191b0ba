"""A community's board as everybody reads it: cards in words of staff, and figures of the one catalogue, none of them about
so few that somebody could be known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from cases.figures.asking import Period, subject_of
from cases.figures.catalogue import FIGURES
from cases.figures.kept import moment
from cases.figures.measuring import count, measure
from cases.figures.values import Value
from cases.models import Attachment, BoardCard
from cases.models.board import KINDS
from grid import queries
from grid.models import Place

PUBLIC = ("accept_on_time", "resolve_on_time", "feedback_on_time", "settled_at_level")
FEWEST = 5  # of fewer cases nothing is said
MOST = {"wish": 30, "project": 30, "done": 12}


def board(place: Place, at: dt.datetime) -> dict[str, Any]:
    """What `cases/public/board.html` prints; three statements."""
    rows = cards(place)
    return {
        "place": place_of(place),
        "groups": [
            {"kind": kind, "label": str(label), "cards": [card(row) for row in rows if row.kind == kind][: MOST[kind]]}
            for kind, label in KINDS.items()
        ],
        "figures": figures(place, moment(at)),
    }  # fmt: skip


def place_of(place: Place) -> dict[str, str]:
    return {
        "name": place.name,
        "code": place.code,
        "path": queries.path_text(place, below="district", between=" · "),
    }


def cards(place: Place) -> list[BoardCard]:
    """What stands on it, the newest first."""
    rows = BoardCard.objects.filter(place=place, retired_at=None).select_related("before", "after")
    return list(rows.order_by("-shown_at", "-pk")[: sum(MOST.values()) * 2])


def card(row: BoardCard) -> dict[str, Any]:
    """Whose it is and which case stays here. The pictures of one that is not on a board yet are those of its case."""
    done = sum(1 for step in row.steps if step["done"])
    return {
        "id": row.pk,
        "title": row.title,
        "shown_at": row.shown_at,
        "steps": [{**step, "on": _day(step["on"])} for step in row.steps],
        "done": done,
        "all": len(row.steps),
        "percent": round(100 * done / len(row.steps)) if row.steps else 0,
        "photos": [
            {"which": which, "url": _url(row, which, photo), **_size(photo)}
            for which, photo in (("before", row.before), ("after", row.after))
            if photo is not None
        ],
    }


def figures(place: Place, at: dt.datetime) -> list[dict[str, Any]]:
    """This month and the last, of what the board shows; two statements, kept for the minute."""
    subject, month = subject_of(place.path), Period.named("month", at)
    clocks = measure(subject, month, at)
    codes = [code for code in PUBLIC if code not in clocks.now]
    now, before = count(subject, [month, month.before], at, codes)
    told = {**clocks.now, **now}, {**clocks.before, **before}
    return [
        {"name": str(FIGURES[code].name), "words": FIGURES[code].formula, "now": _shown(told[0][code]), "before": _shown(told[1][code])}
        for code in PUBLIC
    ]  # fmt: skip


def _shown(value: Value) -> dict[str, Any] | None:
    """Nothing where it is of so few that one of them could be known."""
    if value.denominator < FEWEST:
        return None
    return {"num": value.numerator, "den": value.denominator, "percent": value.percent}


def _day(raw: str) -> dt.date | None:
    return dt.date.fromisoformat(raw) if raw else None


def _url(row: BoardCard, which: str, photo: Attachment) -> str:
    if row.pk is None:
        return reverse("cases:attachment", args=[photo.pk])
    return reverse("cases:board_photo", args=[row.pk, which])


def _size(photo: Any) -> dict[str, int]:
    """As wide and as high as its small picture is, so that nothing moves when it comes."""
    longest = max(photo.width, photo.height, 1)
    scale = min(1.0, 320 / longest)
    return {"width": round(photo.width * scale), "height": round(photo.height * scale)}
