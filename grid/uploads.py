"""A sheet handed in on the page: looked at first, then done, each by a task that tells how far it is.

    upload = hand_in(content, name, basis, by, at) -> Upload, checking
    look(upload, by)                               -> Upload, checked: report and problems stand on it
    confirm(upload)                                -> Upload, applying: somebody read the report and said yes
    do(upload, by, at)                             -> Upload, done; or refused, with the reason; or checked again,
                                                      where it would no longer do what the report said

Running any of them twice equals running it once, also at the same time. What was left behind `left` finds again.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.core.cache import cache
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import importing, sheet_plan, sheets
from grid.commands.base import CAPABILITY, retried
from grid.errors import TreeRefused, Unreadable
from grid.models import Upload
from ledger.actor import Actor

LARGEST = 20 * 1024 * 1024  # bytes as handed in
MOST_ROWS = 100_000  # more is for the command line
SHOWN = 500  # changed rows kept for the page; the numbers tell of all
WAIT = dt.timedelta(minutes=1)  # so long a sheet may wait for its worker
TRIES = 3
FAILED = gettext_lazy("处理这张表时出了错，什么都没有写入。请再上传一次；还不行就告诉管理员。")
State = Upload.State
logger = logging.getLogger(__name__)


def hand_in(content: bytes, name: str, basis: str, *, by: Actor, at: dt.datetime) -> Upload:
    """Keep a file until it was looked at. Refuses who may change the tree nowhere, an empty or huge file."""
    if not by.may(CAPABILITY):
        raise TreeRefused(_("您没有修改网格树的权限。"), status=403)
    if not content:
        raise TreeRefused(_("请选一个文件，内容不能为空。"), fields={"file": _("请选文件")})
    if len(content) > LARGEST:
        raise TreeRefused(_("文件太大：页面上最多 20 MB，更大的请用命令行导入。"), fields={"file": _("太大")})
    return Upload.objects.create(
        author_id=by.id, name=name[:120], content=content, basis=basis.strip()[:200], created_at=at
    )


def of(by: Actor) -> list[Upload]:
    """One's own, the latest first."""
    return list(
        Upload.objects.filter(author_id=by.id).defer("content", "report").order_by("-created_at")[:10]
    )


def look(upload: Upload, *, by: Actor, at: dt.datetime) -> None:
    """Say what every row would do."""
    _work(upload, State.CHECKING, lambda held: _look(held, by, at), at)


def confirm(upload: Upload) -> bool:
    """From checked to applying, once."""
    changed = Upload.objects.filter(pk=upload.pk, state=State.CHECKED).update(
        state=State.APPLYING, problem=""
    )
    upload.refresh_from_db(fields=["state"])
    return bool(changed)


def do(upload: Upload, *, by: Actor, at: dt.datetime) -> None:
    """Everything that the report said, or nothing. Where somebody changed the tree since, it is looked at again."""
    _work(upload, State.APPLYING, lambda held: _do(held, by, at), at)
    look(upload, by=by, at=at)  # where it went back


def left(at: dt.datetime) -> Iterator[Upload]:
    """What was to be worked on a while ago and is in nobody's hands: the broker was away, or the worker died. Each
    is given a few times; then it has failed."""
    for pk in _running().filter(created_at__lt=at - WAIT).order_by("created_at").values_list("pk", flat=True):
        with transaction.atomic():
            upload = _running().select_for_update(skip_locked=True).filter(pk=pk).first()
            if upload is None:
                continue
            tries = upload.report.get("tries", 0)
            if tries >= TRIES:
                _refuse(upload, TreeRefused(str(FAILED)), at)
                continue
            upload.report = {**upload.report, "tries": tries + 1}
            upload.save(update_fields=["report"])
        yield upload


def progress_of(upload: Upload) -> dict[str, Any]:
    """{stage, done, total}, as far as the worker told."""
    return cache.get(_key(upload)) or {"stage": "check", "done": 0, "total": 0}


def shown(report: sheet_plan.Report) -> dict[str, Any]:
    """What the page prints: counts, the rows that change something (the first of them), every problem; and
    `plan`, by which `do` knows that it does no other thing."""
    kinds_of_change = (sheet_plan.OPEN, sheet_plan.RENAME, sheet_plan.MOVE, sheet_plan.FACTS, sheet_plan.SAME)
    changes = [effect for effect in report.effects if effect.does != sheet_plan.SAME]
    return {
        "counts": {does: report.count(does) for does in kinds_of_change},
        "changes": [
            {
                "number": effect.row.number,
                "does": effect.does,
                "code": effect.row.code,
                "name": effect.row.name,
                "was": effect.place.name if effect.place and effect.does == sheet_plan.RENAME else "",
                "under": effect.row.parent_code if effect.does in (sheet_plan.OPEN, sheet_plan.MOVE) else "",
                "facts": sorted(effect.facts),
            }
            for effect in changes[:SHOWN]
        ],
        "more": max(0, len(changes) - SHOWN),
        "consequences": [
            {"number": number, "sentence": impact.sentence, "blocks": impact.blocks}
            for number, impact in report.consequences[:SHOWN]
        ],
        "follows": len(report.consequences),
        "unseen": report.unseen,
        "problems": report.problems,
        "plan": report.fingerprint(),
    }


def _running() -> QuerySet[Upload]:
    return Upload.objects.filter(state__in=(State.CHECKING, State.APPLYING)).defer("content")


def _work(upload: Upload, state: State, step: Callable[[Upload], None], at: dt.datetime) -> None:
    """Take a step on a sheet in this state, its row held so that nobody else does; whatever goes wrong is said on
    the row. Only when the database is away it stays as it is, for `left`."""
    try:
        _in_hold(upload, state, step)
    except TreeRefused as refusal:
        if refusal.status == 409 and state == State.APPLYING:
            Upload.objects.filter(pk=upload.pk, state=state).update(
                state=State.CHECKING, problem=refusal.sentence[:400]
            )
        else:
            _refuse(upload, refusal, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("sheet %s failed while %s", upload.pk, state)
        _refuse(upload, TreeRefused(str(FAILED)), at)


@retried
def _in_hold(upload: Upload, state: State, step: Callable[[Upload], None]) -> None:
    with transaction.atomic():
        held = Upload.objects.select_for_update(skip_locked=True).filter(pk=upload.pk, state=state).first()
        if held is not None:
            step(held)


def _look(upload: Upload, by: Actor, at: dt.datetime) -> None:
    report = importing.load(_rows(upload), by=by, at=at, dry_run=True, progress=_teller(upload))
    upload.report = shown(report)
    upload.state = State.CHECKED
    upload.save(update_fields=["report", "state"])


def _do(upload: Upload, by: Actor, at: dt.datetime) -> None:
    report = importing.load(
        _rows(upload),
        by=by,
        at=at,
        basis=upload.basis,
        expected=upload.report.get("plan", ""),
        progress=_teller(upload),
    )
    upload.report, upload.state = shown(report), State.DONE
    upload.content, upload.finished_at = b"", at
    upload.save(update_fields=["report", "state", "content", "finished_at"])


def _refuse(upload: Upload, refusal: TreeRefused, at: dt.datetime) -> None:
    with transaction.atomic():
        held = _running().select_for_update().filter(pk=upload.pk).first()
        if held is None:
            return
        held.state, held.problem, held.finished_at = State.REFUSED, refusal.sentence[:400], at
        if isinstance(refusal, Unreadable):
            held.report = {**held.report, "problems": refusal.problems}
        held.content = b""
        held.save(update_fields=["state", "problem", "report", "content", "finished_at"])


def _rows(upload: Upload) -> list[sheets.Row]:
    rows = sheets.read(io.BytesIO(bytes(upload.content)))
    if len(rows) > MOST_ROWS:
        raise Unreadable(_("行数太多：页面上最多 {n} 行，更多的请用命令行导入。").format(n=MOST_ROWS))
    if not rows:
        raise Unreadable(_("表里没有数据行。"))
    return rows


def _teller(upload: Upload) -> sheet_plan.Progress:
    def tell(stage: str, done: int, total: int) -> None:
        cache.set(_key(upload), {"stage": stage, "done": done, "total": total}, 3600)

    return tell


def _key(upload: Upload) -> str:
    return f"sheet:{upload.pk}"
