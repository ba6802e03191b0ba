"""What was done elsewhere before the file came: the close is replayed by the moves that lead there, made by the
system as of the given time and marked as imported."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from cases import editing, moves
from cases.guards import check_is_due
from cases.importing.rows import RowRefused
from cases.lifecycle import FACTS, MOVES
from cases.refusals import MoveRefused
from cases.work import Work


def replay(work: Work, at: dt.datetime, now: dt.datetime) -> None:
    """Settled at `at` by the system; with a caller also answered, and closed once the grace is over. Raises
    RowRefused where the item does not allow it (none named, or one that wants a photo)."""
    try:
        work.at = max(at, work.at)
        _make(work, "settle", result=_("导入：原系统已办结。"))
        if check_is_due(work.case):
            editing.step(work, FACTS["verify"], {"done": True, "text": _("导入：按原系统记录。")})
            work.note_missed()
        if work.case.has_caller:
            _make(work, "answer", told=_("导入：原系统已答复。"), channel="public")
            grace = work.board.open("grace")
            if grace is None or grace.due_at > now:
                return  # the sweep closes it
            work.at = grace.due_at
        _make(work, "close")
    except MoveRefused as refused:
        raise RowRefused(_("结案不能回放：%(why)s") % {"why": refused.sentence}) from None


def _make(work: Work, name: str, **details: object) -> None:
    moves.step(work, MOVES[name], details)
    work.case.version += 1
    work.note_missed()
