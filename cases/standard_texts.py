"""Commands that keep the standard texts. A unit's own are kept by who leads or dispatches there, everybody's by who
keeps the rules. Each writes one entry into the text's chain: who, when, for what; never the words."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import needs, rulebook
from cases.lifecycle import FACTS, MOVES
from cases.models.texts import StandardText
from cases.refusals import MoveRefused, malformed, not_ready, not_yours
from ledger import book
from ledger.actor import Actor
from parties import directory, gate

KEEPERS = ("assign", "accept")  # a department's head; a desk's dispatchers and clerks
MOST_WORDS, MOST_TITLE = 1000, 40
NUMBER = re.compile(r"[0-9]{1,9}")


def moves_with_words() -> dict[str, object]:
    """name → label of the moves and facts that ask for words."""
    rows = [row for row in (*MOVES.values(), *FACTS.values()) if row.name not in ("take", "reveal", "merge")]
    return {row.name: row.label for row in rows if any(need.type == "text" for need in row.needs)}


def units_of(by: Actor) -> list[directory.Org]:
    """The units whose texts this person keeps."""
    found = {grant.unit_id for name in KEEPERS for grant in by.grants_for(name)}
    units = [directory.by_id(pk) for pk in sorted(pk for pk in found if pk is not None)]
    return [unit for unit in units if unit is not None and not unit.retired]


def may_keep(by: Actor, organisation_id: int | None) -> bool:
    if organisation_id is None:
        return by.may("rules")
    return any(unit.id == organisation_id for unit in units_of(by))


def write(
    *,
    by: Actor,
    at: dt.datetime,
    title: str,
    text: str,
    organisation: str = "",
    item: str = "",
    move: str = "",
    pk: int | None = None,
    version: Any = None,
    request_key: str = "",
    body_hash: str = "",
) -> StandardText:
    """A new text, or a new wording of one. Refuses (409) what somebody else has changed meanwhile."""
    unit = directory.current(directory.by_code(organisation)) if organisation else None
    if not by.may("rules") and not units_of(by):
        raise not_yours(_("标准用语由单位负责人、受理台和管理员维护。"))
    faults: dict[str, str] = {}
    said: dict[str, str] = {}
    for name, raw, most in (("title", title, MOST_TITLE), ("text", text, MOST_WORDS)):
        try:
            said[name] = needs.text(raw, limit=most)
        except needs.Unfit as unfit:
            faults[name] = str(unfit)
    found = rulebook.item(item) if item else None
    if organisation and unit is None:
        faults["organisation"] = _("没有这个单位。")
    if item and found is None:
        faults["item"] = _("没有这个小项。")
    if move and move not in moves_with_words():
        faults["move"] = _("没有这一步。")
    if faults:
        raise not_ready("；".join(faults.values()), **faults)
    with transaction.atomic():
        row = _held(pk, by, version) if pk is not None else StandardText()
        unit_id = unit.id if unit is not None else None
        if not may_keep(by, unit_id):
            raise not_yours(_("您只能写本单位的标准用语。"))
        after = {"organisation_id": unit_id, "item_id": found.id if found else None, "move": move, **said}
        changed = [name for name, value in after.items() if getattr(row, name) != value]
        for name, value in after.items():
            setattr(row, name, value)
        if pk is None:
            row.save()
        elif not changed:
            return row
        else:
            row.version += 1
        facts = {"unit": unit.code if unit else "", "item": item, "move": move, "changed": sorted(changed)}
        book.record(
            subject=row,
            event="rules.text_written",
            by=by,
            at=at,
            payload=facts,
            request_key=request_key,
            body_hash=body_hash,
        )
        row.save()
    return row


def retire(
    *, pk: int, version: Any, by: Actor, at: dt.datetime, request_key: str = "", body_hash: str = ""
) -> StandardText:
    """Offer a text no longer."""
    with transaction.atomic():
        row = _held(pk, by, version)
        row.retired_at = at
        row.version += 1
        book.record(
            subject=row,
            event="rules.text_retired",
            by=by,
            at=at,
            request_key=request_key,
            body_hash=body_hash,
        )
        row.save()
    return row


def _held(pk: int, by: Actor, version: Any) -> StandardText:
    rows = StandardText.objects.select_for_update().filter(retired_at=None)
    row = gate.find(rows, pk=pk)
    if not may_keep(by, row.organisation_id):
        raise not_yours(_("您只能改本单位的标准用语。"))
    if isinstance(version, bool) or not NUMBER.fullmatch(str(version)):
        raise malformed(_("请带上您看到的版本号再提交。"), version=_("缺少版本号。"))
    if int(version) != row.version:
        raise MoveRefused("stale", _("这条标准用语刚被别人改过，请看最新的再改。"))
    return row
