"""How a case stands between those who must respond: disputed, ruled, open to claims, sent on; a line each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from cases import claims, disputes
from cases.lifecycle import FACTS, MOVES
from cases.models import Case
from cases.queries.addresses import address
from cases.templatetags.huying import hm
from ledger.models import Entry

DONE = (MOVES["settle"].announces, MOVES["resolve"].announces)

Note = dict[str, Any]


def notes(case: Case, at: dt.datetime, entries: Iterable[Entry] = ()) -> list[Note]:
    """What every reader of the case should know: {tone, icon, words, url, label}; no statement. `entries`: its own,
    oldest first."""
    found: list[Note] = []
    link = {"url": address("dispute", case.number), "label": _("双方意见与裁定")}
    if disputes.is_disputed(case):
        words = _("有争议：退过 %(n)s 次，派过 %(units)s 家，等裁定。")
        told = words % {"n": case.declines, "units": len(case.lead_ids)}
        found.append({"tone": "warn", "icon": "gavel", "words": told, **link})
    elif case.rulings and case.is_open:
        told = _("最终裁定：不能再退，不能收回。") if case.final else _("已裁定由谁办。")
        found.append({"tone": "info", "icon": "gavel", "words": told, **link})
    elif case.declines and case.status in disputes.WAITS:
        told = _("退过 %(n)s 次。") % {"n": case.declines}
        found.append({"tone": "info", "icon": "arrow-back", "words": told, **link})
    if case.release_asked and case.status in FACTS["release"].sources:
        found.append({"tone": "info", "icon": "lock", "words": _("经办人请负责人放行，等他答复。")})
    if case.word_due_at is not None:
        late = case.word_due_at < at
        words = _("领导批示逾期未回复，应在 %(at)s 前。") if late else _("领导有批示，%(at)s 前回复。")
        told = words % {"at": hm(case.word_due_at)}
        found.append({"tone": "bad" if late else "warn", "icon": "pencil", "words": told})
    if claims.waits(case):
        found.append(
            {"tone": "info", "icon": "heart-handshake", "words": _("开放认领：愿意办的单位可以认领。")}
        )
    if case.claimed_until is not None and case.is_open:
        told = _("认领时承诺 %(at)s 前办结。") % {"at": hm(case.claimed_until)}
        found.append({"tone": "info", "icon": "hand-grab", "words": told})
    if case.status in ("resolved", "answered") and (words := _by_the_phone(entries)):
        found.append({"tone": "warn", "icon": "alarm", "words": words})
    return found


def _by_the_phone(entries: Iterable[Entry]) -> str:
    """In time by the phone's word only: who checks it sees both times."""
    done = [entry for entry in entries if entry.event in DONE]
    if not done or "resolve" not in done[-1].payload.get("saved", ()):
        return ""
    times = {"then": hm(dt.datetime.fromisoformat(done[-1].payload["counted_at"])), "at": hm(done[-1].at)}
    return (
        _("手机记下 %(then)s 办好，%(at)s 才送到：按手机时间没有超时，按送达时间已超时。请核查时问清。")
        % times
    )
