"""How a case stands between those who must respond: disputed, ruled, open to claims, sent on; a line each."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cases import claims, disputes
from cases.lifecycle import FACTS
from cases.models import Case
from cases.queries.addresses import address
from cases.templatetags.huying import hm

Note = dict[str, Any]


def notes(case: Case) -> list[Note]:
    """What every reader of the case should know: {tone, icon, words, url, label}; no statement."""
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
        told = _("领导有批示，%(at)s 前回复。") % {"at": hm(case.word_due_at)}
        found.append({"tone": "warn", "icon": "pencil", "words": told})
    if claims.waits(case):
        found.append(
            {"tone": "info", "icon": "heart-handshake", "words": _("开放认领：愿意办的单位可以认领。")}
        )
    if case.claimed_until is not None and case.is_open:
        told = _("认领时承诺 %(at)s 前办结。") % {"at": hm(case.claimed_until)}
        found.append({"tone": "info", "icon": "hand-grab", "words": told})
    return found
