"""The page from which a desk rules in a minute.

The page costs the case's own statements (itself, clocks, dossier, entries) and one for past rulings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case as OneOf
from django.db.models import IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from cases import disputes as rules
from cases import kinds, rulebook
from cases.models import Case, Words
from cases.queries import holdings, moves_bar, story
from cases.queries.addresses import address
from cases.queries.case_json import names_in
from cases.queries.detail import Opened
from cases.queries.dossier import Dossier
from cases.queries.masking import texts_for, title_for, words_for
from cases.routing import match
from cases.routing.decide import organisation_for, place_facts
from cases.ruling import desk_for
from cases.scope import listed, reads_words
from cases.sla.phrases import minutes_words
from grid.queries import Lineage, lineage
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory

PAST = 5
DUTIES = 6


def page(actor: Actor, opened: Opened, at: dt.datetime, *, back: str = "") -> dict[str, Any]:
    """Everything a desk looks at before it rules, and the forms of who may act."""
    case, board, papers = opened.case, opened.board, opened.papers
    entries = story.read(case)
    line = lineage(case.path)
    item = rulebook.item_by_id(case.item_id)
    stays = holdings.of(case, papers, board, at)
    desk = desk_for(case, at)
    statements = _statements(actor, case, papers, entries)
    form = moves_bar.one(actor, case, board, at, "rule")
    facts = [moves_bar.one(actor, case, board, at, name) for name in ("state", "keep_ruling")]
    return {
        "waits": rules.is_disputed(case),
        "since": case.disputed_at,
        "round": case.rulings + 1,
        "final": case.final,
        "declines": case.declines,
        "desk": (desk.short_name or desk.name) if desk is not None else "",
        "words": _words(actor, case, papers),
        "item": _item(item),
        "duties": _duties(case, item, line, at),
        "parties": _parties(actor, case, papers, entries, stays, statements),
        "rulings": [
            _ruling(actor, case, entry) for entry in reversed(entries) if entry.event == "case.ruled"
        ],
        "holders": holdings.rows(stays),
        "past": past(actor, case),
        "form": form,
        "facts": [one for one in facts if one is not None and one["enabled"]],
        "kept": case.ruled_row_id is not None,
    }


def _words(actor: Actor, case: Case, papers: Dossier) -> list[str]:
    """What callers said, those of a guarded case that was merged into it left out."""
    open_calls = [call for call in papers.calls if not call["guarded"] or call["number"] == case.number]
    said = ("\n".join(filter(None, (call["subject"], call["text"]))) for call in open_calls)
    return [words for text in said if (words := words_for(actor, case, text, names_in(papers)))]


def _item(item: rulebook.Item | None) -> dict[str, str] | None:
    if item is None:
        return None
    lead = directory.by_code(item.lead_code)
    return {
        "name": f"{item.code} {item.name}",
        "level": str(kinds.LEVELS[item.level]),
        "lead": (lead.short_name or lead.name) if lead is not None else item.lead_code,
    }


def _duties(case: Case, item: rulebook.Item | None, line: Lineage, at: dt.datetime) -> list[dict[str, Any]]:
    """The standing duty rows that fit this item here, the closest first."""
    if item is None:
        return []
    facts = place_facts(item, case.kind, line, at)
    fitting = [
        (fit, row) for row in rulebook.duty_rows_for(item) if (fit := match.rank(facts, row)) is not None
    ]
    fitting.sort(key=lambda one: (one[0], one[1].since), reverse=True)
    names = {place.id: place.name for place in line.values()}
    shown = []
    for _fit, row in fitting[:DUTIES]:
        unit = organisation_for(row, line)
        shown.append(
            {
                "unit": (unit.short_name or unit.name) if unit is not None else row.template,
                "part": {"lead": _("主办"), "assist": _("协办"), "offer": _("愿意帮办")}[row.part],
                "place": names.get(row.place_id, ""),
                "whole": not row.item,
                "basis": row.basis,
                "since": row.since,
            }
        )
    return shown


# -- the parties


def _statements(
    actor: Actor, case: Case, papers: Dossier, entries: Sequence[Any]
) -> dict[str, list[dict[str, Any]]]:
    """Unit's code → what it stated, the newest first; nothing for who is no party and no desk."""
    if not rules.reads_statements(actor, case):
        return {}
    files = story.photos_by_entry(papers.files, case, reads_words(actor, case))
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in reversed(entries):
        if entry.event == "case.stated":
            texts = texts_for(actor, case, entry.texts or {}, names_in(papers))
            said = {
                "words": texts.get("text", ""),
                "round": entry.payload["round"],
                "who": entry.who or "",
                "at": entry.at,
                "photos": files.get(entry.seq, []),
            }
            found.setdefault(entry.payload["unit"], []).append(said)
    return found


def _parties(
    actor: Actor,
    case: Case,
    papers: Dossier,
    entries: Sequence[Any],
    stays: Sequence[holdings.Stay],
    statements: Mapping[str, list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Who sent it back with what ground, who was named, whose turn it is; with the minutes each had it."""
    order = list(dict.fromkeys([*case.party_ids, *case.lead_ids]))
    names = names_in(papers)
    shown = []
    for pk in order:
        unit = directory.by_id(pk)
        if unit is None:
            continue
        own = [stay for stay in stays if stay.unit == pk and stay.part == 0]
        shown.append(
            {
                "name": unit.short_name or unit.name,
                "code": unit.code,
                "now": case.holder_id == pk and case.is_open,
                "named": not own,
                "minutes": minutes_words(sum(stay.minutes.worked for stay in own)) if own else "",
                "declines": [
                    _decline(actor, case, entry, names) for entry in entries if _by(entry, unit.code)
                ],
                "statements": statements.get(unit.code, []),
                "silent": pk in case.party_ids and pk not in case.stated_ids and rules.is_disputed(case),
            }
        )
    return shown


def _by(entry: Any, code: str) -> bool:
    return entry.event == "case.declined" and entry.payload.get("unit") == code


def _decline(actor: Actor, case: Case, entry: Any, names: Sequence[str]) -> dict[str, Any]:
    ground = kinds.DECLINE_GROUNDS.get(entry.payload["ground"], "")
    return {
        "ground": str(ground),
        "named": story.name_of(entry.payload["organisation"]),
        "words": texts_for(actor, case, entry.texts or {}, names).get("reason", ""),
        "who": entry.who or "",
        "at": entry.at,
    }


def _ruling(actor: Actor, case: Case, entry: Any) -> dict[str, Any]:
    return {
        "unit": story.name_of(entry.payload["organisation"]),
        "final": bool(entry.payload.get("final")),
        "grounds": texts_for(actor, case, entry.texts or {}).get("grounds", ""),
        "who": entry.who or "",
        "at": entry.at,
    }


# -- what was ruled before


def past(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Rulings on the same item, the nearest places first, then the newest; one statement."""
    if case.item_id is None or case.district_id is None:
        return []
    said = Words.objects.filter(case_id=OuterRef("subject_id"), seq=OuterRef("seq")).values("texts")[:1]
    entry = Entry.objects.filter(subject_kind=Case.SUBJECT, subject_id=OuterRef("pk"), event="case.ruled")
    told = entry.order_by("-seq").values(told=JSONObject(at="at", payload="payload", texts=Subquery(said)))[
        :1
    ]
    near = OneOf(
        When(community_id=case.community_id, then=Value(0)),
        When(street_id=case.street_id, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    rows = listed(actor).filter(ruled_item_id=case.item_id, district_id=case.district_id, rulings__gt=0)
    rows = rows.exclude(pk=case.pk).annotate(near=near, told=Subquery(told)).order_by("near", "-id")
    return [
        {
            "number": one.number,
            "title": title_for(actor, one),
            "place_text": one.place_text,
            "unit": story.name_of(one.told["payload"]["organisation"]),
            "final": bool(one.told["payload"].get("final")),
            "grounds": words_for(actor, one, (one.told["texts"] or {}).get("grounds", "")),
            "at": dt.datetime.fromisoformat(one.told["at"]),
            "kept": one.ruled_row_id is not None,
            "url": address("detail", one.number),
        }
        for one in rows[:PAST]
        if one.told
    ]
