"""A call and its case as rows, before anything is written: at which level it begins, whom it is about, what a list calls
it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases import kinds, numbering, rulebook
from cases.call_sheet import Sheet
from cases.models.call import Call, Caller
from cases.models.case import ANCESTORS, Case
from cases.placing import place_text
from cases.refusals import not_ready
from cases.routing import decide
from grid.queries import Lineage
from ledger.actor import Actor, Grant
from parties import directory
from parties.models import Account


@dataclass(frozen=True)
class Where:
    """The place as the command's one look at it found it, and the ids that the new rows will have."""

    id: int
    path: str
    live: bool
    kind: str
    case_id: int
    call_id: int


def rows(
    by: Actor, at: dt.datetime, where: Where, line: Lineage, sheet: Sheet, grant: Grant
) -> tuple[Case, Call, Caller | None]:
    item, caller = sheet["item"], sheet["caller"]
    about = about_whom(sheet["about"])
    level = level_of(item, line, about)
    desk = directory.desk_at(line, level)
    if desk is None:
        raise not_ready(_("这个地点还没有受理台，请联系管理员。"), place=_("没有受理台。"))
    origin = sheet["origin"] or origin_of(caller, sheet["channel"])
    called_at = min(sheet["called_at"] or sheet["captured_at"] or at, at)
    kind = sheet["kind"] or "problem"
    routing = decide.for_the_record(item, kind, line, at)
    case = Case(
        id=where.case_id,
        status="received",
        kind=kind,
        item_id=item.id if item else None,
        urgency=sheet["urgency"] or (item.urgency if item else "normal"),
        level=level,
        raised_level=level,
        origin=origin,
        channel=sheet["channel"],
        title=title_of(sheet["subject"], sheet["text"], item),
        place_id=where.id,
        place_text=place_text(line),
        path=where.path,
        **{f"{kind}_id": line[kind].id for kind in ANCESTORS if kind in line},
        holder_id=desk.id,
        desk_id=desk.id,
        held_since=at,
        called_at=called_at,
        received_at=at,
        last_at=at,
        callers=1 if origin == "resident" else 0,
        reachable=bool(caller and (caller["phone"] or caller["contact_by"] == "visit" or caller["name"])),
        unit_ids=[desk.id],
        reporter_ids=[by.id] if by.id is not None else [],
        proposed_id=routing.lead,
        routing_reason=routing.reason,
        unmatched=not routing.matched,
        direct=routing.direct,
        sensitive=bool(item and item.sensitive),
        confidential=sheet["confidential"],
        about_organisation_id=about.id if isinstance(about, directory.Org) else None,
        about_account_id=about if isinstance(about, int) else None,
        external_ref=sheet["external_ref"],
    )
    call = Call(
        id=where.call_id,
        case_id=where.case_id,
        tracking_code=numbering.tracking_code(),
        subject=sheet["subject"],
        text=sheet["text"],
        channel=sheet["channel"],
        origin=origin,
        path=where.path,
        reporter_id=by.id,
        called_at=called_at,
        captured_at=sheet["captured_at"],
        received_at=at,
        lat=sheet["lat"],
        lng=sheet["lng"],
    )
    row = Caller(call_id=call.id, phone_tail=caller["phone"][-4:], **caller) if caller else None
    return case, call, row


def about_whom(code: str) -> directory.Org | int | None:
    """Whom a case is about: an organisation's code, or `account:USERNAME`."""
    if not code:
        return None
    if code.startswith("account:"):
        pk = (
            Account.objects.filter(username=code.removeprefix("account:"))
            .values_list("pk", flat=True)
            .first()
        )
        if pk is not None:
            return pk
    elif (org := directory.current(directory.by_code(code))) is not None:
        return org
    raise not_ready(_("没有“%(code)s”这个单位或人员。") % {"code": code[:40]}, about=_("请核对编码。"))


def level_of(item: rulebook.Item | None, line: Lineage, about: object) -> str:
    """The item's level; no item: community; a level the place lacks: the next above. About somebody: one
    level higher, and never at the desk it is about."""
    level = item.level if item else "community"
    if about is not None:
        level = kinds.above(level) or level
    while level not in line and (higher := kinds.above(level)) is not None:
        level = higher
    if isinstance(about, directory.Org):
        while (desk := directory.desk_at(line, level)) is not None and desk.path.startswith(about.path):
            higher = kinds.above(level)
            if higher is None:
                break
            level = higher
    return level


def origin_of(caller: Mapping[str, Any] | None, channel: str) -> str:
    return "resident" if caller is not None or channel in kinds.CALLER_CHANNELS else "patrol"


def title_of(subject: str, text: str, item: rulebook.Item | None) -> str:
    """What a list shows: the subject, else the text's first sentence, else the item's name."""
    words = subject or re.split(r"[。！？!?\n]", text.strip(), maxsplit=1)[0] or (item.name if item else "")
    words = " ".join(words.split())
    return (words[:47] + "…") if len(words) > 48 else words or _("照片或录音")
