"""Duty rows become organisations, with the reason in a sentence. Reads caches only: no SQL.

Routing proposes; the desk decides. What cannot be decided waits at the desk and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import rulebook
from cases.routing import match
from cases.routing.facts import Duty, Facts, Placed, facts_of
from ledger import clock
from parties import directory

COMMITTEE = "JW"  # the template that every community fills with its own committee

Lineage = Mapping[str, Placed]


@dataclass(frozen=True, slots=True)
class Decision:
    """Who leads and who assists (ids of organisations), and why, as a full sentence.

    Unmatched: `lead` is None, the case waits at its desk. `direct`: a street may send to the lead itself.
    `unambiguous`: no other row of the same rank names somebody else, so a desk that allows 直派 may let it
    go out by itself."""

    lead: int | None
    assisting: tuple[int, ...]
    direct: bool
    matched: bool
    reason: str
    row_id: int | None = None
    unambiguous: bool = False


def for_the_record(
    item: rulebook.Item | str | None, kind: str, lineage: Lineage, at: dt.datetime
) -> Decision:
    """`decide` for what is stored: its reason in the language of the record, whoever acts."""
    with override(settings.LANGUAGE_CODE):
        return decide(item, kind, lineage, at)


def decide(
    item: rulebook.Item | str | None,
    kind: str,
    lineage: Lineage,
    at: dt.datetime,
    rows: Sequence[Duty] | None = None,
) -> Decision:
    """Whose duty a matter is. `item` is a checklist item, its code or nothing; `lineage` comes from
    `grid.queries.lineage`, ordered from the top. `rows`: other rows than those in force, to see what would be."""
    known = rulebook.find_item(item)
    if known is None:
        return _waits(_("还没有选定小项，无法按职责行派遣；留在本级受理台，等待人工派遣。"))
    facts = place_facts(known, kind, lineage, at)
    rows = rulebook.duty_rows_for(known) if rows is None else rows
    found = match.lead(facts, rows)
    if found is None:
        words = {"item": known.name, "place": _place_name(lineage, facts.path[-1] if facts.path else 0)}
        return _waits(
            _("%(item)s在%(place)s没有一行职责可依；留在本级受理台，等待人工派遣。") % words,
            _served(match.assisting(facts, rows), lineage),
        )
    return _decided(known, found, match.assisting(facts, rows), lineage)


def direct_reach(
    item: rulebook.Item | str | None, kind: str, lineage: Lineage, at: dt.datetime
) -> frozenset[int]:
    """The organisations that a street may send this matter to without asking the district (平台直派):
    those which the deciding rows name and mark as direct, leading or assisting."""
    known = rulebook.find_item(item)
    if known is None:
        return frozenset()
    facts, rows = place_facts(known, kind, lineage, at), rulebook.duty_rows_for(known)
    found = match.lead(facts, rows)
    naming = [*([found.row] if found else []), *match.assisting(facts, rows)]
    return frozenset(_served((row for row in naming if row.direct), lineage))


def organisation_for(row: Duty, lineage: Lineage) -> directory.Org | None:
    """The standing organisation a row names: itself (or what it was merged into), or for a template the one
    that serves the place."""
    if row.organisation_id is not None:
        org = directory.current(directory.by_id(row.organisation_id))
    elif row.template == COMMITTEE:
        desk = directory.desk_at(lineage, "community")
        org = desk if desk is not None and desk.kind == "committee" else None
    else:
        org = directory.serving(row.template, lineage)
    return None if org is None or org.retired else org


def place_facts(item: rulebook.Item, kind: str, lineage: Lineage, at: dt.datetime) -> Facts:
    """What the rows are matched against."""
    return facts_of(
        item=item.code, category=item.category, kind=kind, lineage=lineage, on=clock.local_date(at)
    )


def _waits(reason: str, assisting: tuple[int, ...] = ()) -> Decision:
    return Decision(lead=None, assisting=assisting, direct=False, matched=False, reason=reason)


def _decided(item: rulebook.Item, found: match.Match, helpers: Iterable[Duty], lineage: Lineage) -> Decision:
    row = found.row
    lead = organisation_for(row, lineage)
    helping = _served(helpers, lineage)
    subject = item.name if row.item else _("%(category)s类事项") % {"category": item.category_name}
    words = {
        "item": subject,
        "place": _place_name(lineage, row.place_id),
        "basis": _basis(row),
    }
    if lead is None:
        words["unit"] = _target_name(row)
        if row.template:
            sentence = _(
                "%(item)s在%(place)s应由%(unit)s主办（%(basis)s），但此地点还没有对应的单位；"
                "留在本级受理台，等待人工派遣。"
            )
        else:
            sentence = _(
                "%(item)s在%(place)s应由%(unit)s主办（%(basis)s），但该单位已停用；"
                "留在本级受理台，等待人工派遣。"
            )
        return _waits(sentence % words, helping)
    words["unit"] = lead.short_name or lead.name
    if row.direct:
        sentence = _(
            "%(item)s在%(place)s由%(unit)s主办（%(basis)s）；这是此地点最具体的一行，"
            "且允许街道直派，不必先上呼区里。"
        )
    else:
        sentence = _("%(item)s在%(place)s由%(unit)s主办（%(basis)s）；这是此地点最具体的一行。")
    reason = sentence % words
    if found.rivals:
        rivals = _("、").join(dict.fromkeys(_target_name(rival) for rival in found.rivals))
        reason += _("另有同级职责行指向%(units)s，取最新的一行。") % {"units": rivals}
    helping = tuple(pk for pk in helping if pk != lead.id)
    if helping:
        names = _("、").join(_org_name(pk) for pk in helping)
        reason += _("%(units)s协办。") % {"units": names}
    return Decision(
        lead=lead.id,
        assisting=helping,
        direct=row.direct,
        matched=True,
        reason=reason,
        row_id=row.id,
        unambiguous=found.unambiguous,
    )


def _served(rows: Iterable[Duty], lineage: Lineage) -> tuple[int, ...]:
    found = (organisation_for(row, lineage) for row in rows)
    return tuple(dict.fromkeys(org.id for org in found if org is not None))


def _basis(row: Duty) -> str:
    since = {"since": row.since.isoformat(), "basis": row.basis}
    if row.basis:
        return _("依据%(basis)s，%(since)s 起") % since
    return _("%(since)s 起") % since


def _place_name(lineage: Lineage, pk: int) -> str:
    return next((place.name for place in lineage.values() if place.id == pk), _("此地点"))


def _org_name(pk: int) -> str:
    org = directory.by_id(pk)
    return (org.short_name or org.name) if org else str(pk)


def _target_name(row: Duty) -> str:
    if row.organisation_id is not None:
        return _org_name(row.organisation_id)
    if row.template == COMMITTEE:
        return _("社区居委会")
    return _("本地的 %(template)s 类单位") % {"template": row.template}
