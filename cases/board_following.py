"""Cards follow their community: whatever stood on the board of one that ends stands on that of the community that took
over, and comes back with its return. Of one that nothing followed, nothing is shown until it returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases import board, board_places
from cases.models import BoardCard
from grid.followers import Change, Impact
from grid.models import Place
from ledger.actor import Actor
from ledger.models import Entry


class Boards:
    """Follows places for the cards."""

    def impact(self, change: Change) -> Iterable[Impact]:
        if change.kind == "restored":
            if rows := list(_came_from(change)):
                yield _told(rows, _("{n} 条公示回到这里的公示板"))
        elif change.kind in ("retired", "merged", "split") and (rows := list(_standing(change.place))):
            if change.kind == "split":
                words = _("{n} 条公示随社区分开：办好的小事跟着工单走，心愿和项目归“{name}”")
                yield _told(rows, words, change.successors[0].name)
            elif boards := board_places.boards_of(change.successors):
                yield _told(rows, _("{n} 条公示转到“{name}”的公示板"), boards[0].name)
            else:
                yield _told(rows, _("{n} 条公示不再给人看，恢复以后再显示"))

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None:
        if change.kind == "restored":
            for row in _came_from(change).select_for_update(of=("self",)):
                board.carry(row=row, place=change.place, by=by, at=at)
        elif change.kind == "retired" and change.successors:
            for row in _standing(change.place).select_for_update(of=("self",)):
                heir = board_places.after(row.case, change.successors)
                if heir is not None:
                    board.carry(row=row, place=heir, by=by, at=at)


def _told(rows: Sequence[BoardCard], words: str, name: str = "") -> Impact:
    return Impact(
        "board_cards",
        len(rows),
        words.format(n=len(rows), name=name),
        examples=tuple(str(row) for row in rows[:3]),
    )


def _standing(place: Place) -> QuerySet[BoardCard]:
    rows = BoardCard.objects.filter(place=place, retired_at=None)
    return rows.select_related("case__place").order_by("pk")


def _came_from(change: Change) -> QuerySet[BoardCard]:
    """What went over when the place ended, and stands on the boards of its heirs still."""
    gone = Entry.objects.filter(
        subject_kind=BoardCard.SUBJECT,
        event=board.MOVED,
        at=change.place.retired_at,
        payload__before=change.place.pk,
    )
    rows = BoardCard.objects.filter(pk__in=gone.values("subject_id"), retired_at=None)
    return (
        rows.filter(place__in=board_places.boards_of(change.successors))
        .select_related("case__place")
        .order_by("pk")
    )
