"""A case as interfaces show it (SPEC §10), masked for its reader.

`case_json` is one case with everything; `rows_json` the lines of a list, in a fixed number of statements.
Names and phones are masked always, also inside free text: reading them plainly is the fact `reveal`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cases import claims, disputes, guards, kinds, rulebook
from cases.disputes import closed_to
from cases.models.case import Case
from cases.models.clock import Clock
from cases.notices import opting_out
from cases.queries import colours, dossier, holdings, offers
from cases.queries.dossier import Dossier
from cases.scope import is_near, reads_words
from cases.sla.board import ClockBoard
from grid.queries import by_ids, lineages, path_json
from ledger.actor import Actor
from parties import directory
from parties.privacy import mask_name, mask_phone, mask_text

Json = dict[str, Any]

FILE = ("id", "kind", "mime", "size", "width", "height", "number", "seq", "uploaded_at")
# what a line of `rows_json` shows and is judged by; a column that is missing here would cost a statement per line
LINE = (
    *(
        "number",
        "status",
        "version",
        "title",
        "kind",
        "item_id",
        "urgency",
        "level",
        "resolved_level",
        "origin",
    ),
    *("channel", "place_id", "place_text", "path", "holder_id", "desk_id", "reporter_ids", "callers"),
    *(
        "next_due_at",
        "next_warn_at",
        "paused",
        "promised_at",
        "word_due_at",
        "called_at",
        "received_at",
        "resolved_at",
    ),
    *("confidential", "sensitive"),
)


def case_json(
    case: Case,
    *,
    by: Actor,
    at: dt.datetime,
    board: ClockBoard | None = None,
    papers: Dossier | None = None,
) -> Json:
    """One case. What the caller has in hand (its clocks, its dossier) is not read again."""
    board = board or ClockBoard.load(case)
    papers = papers or dossier.read(case)
    at = max(at, case.last_at)
    holder_person = papers.people.get(case.holder_account_id or 0)
    path = path_json(case.path)
    return {
        **_common(case, by, at, names_in(papers)),
        "place": _last_place(case, path),
        "path": path,
        "came_from": case.came_from or None,
        "holder_person": holder_person,
        "held_since": iso(case.held_since),
        "signed_at": iso(case.signed_at),
        "released": case.released,
        "final": case.final,
        "dispute": dispute_json(case, board),
        "claims": {
            "open": claims.waits(case),
            "opened_at": iso(case.offered_at),
            "promised": iso(case.claimed_until),
        },
        "answered_at": iso(case.answered_at),
        "ended_at": iso(case.ended_at),
        "verified_at": iso(case.verified_at),
        "counts": {"declines": case.declines, "reworks": case.reworks, "reopens": case.reopens},
        "proposed": unit_json(case.proposed_id),
        "unmatched": case.unmatched,
        "direct": case.direct,
        "routing_reason": case.routing_reason,
        "limit": limit_json(rulebook.item_by_id(case.item_id)),
        "external_ref": case.external_ref or None,
        "parent": next((kin["number"] for kin in papers.family if kin["id"] == case.parent_id), None),
        "children": [
            {"number": kin["number"], "status": kin["status"]}
            for kin in papers.family
            if kin["parent"] == case.pk
        ],
        "merged_into": papers.merged_into,
        "merged_from": papers.merged_from,
        "clocks": [clock_json(row, at) for row in board.rows],
        "moves": [offers.move_json(offer, case) for offer in offers.moves_of(case, board, by, at)],
        "facts": [offers.move_json(offer, case) for offer in offers.facts_of(case, board, by, at)],
        "calls": calls_json(case, papers, by),
        "attachments": files_json(case, papers.files, by),
        "parts": [_part(part) for part in papers.parts],
        "holdings": [_stay(stay) for stay in holdings.of(case, papers, board, at)],
    }


def dispute_json(case: Case, board: ClockBoard) -> Json:
    """How it stands between those who must respond; `return_until` and `declines_left` are the holder's."""
    until = guards.return_window_until(case, board) if case.status in ("assigned", "in_hand") else None
    return {
        "disputed_at": iso(case.disputed_at) if disputes.is_disputed(case) else None,
        "parties": [unit_json(pk) for pk in case.party_ids],
        "rulings": case.rulings,
        "kept": case.ruled_row_id is not None,
        "return_until": iso(until),
        "declines_left": max(0, guards.MOST_DECLINES - case.declines),
        "release_asked": case.release_asked,
    }


def rows_json(cases: Sequence[Case], *, by: Actor, at: dt.datetime) -> list[Json]:
    """Lines of a list: at most one statement, for the names of places not seen lately."""
    lines = lineages(case.path for case in cases)
    places = by_ids({case.place_id for case in cases})
    rows = []
    for case in cases:
        path = [{"code": one.code, "name": one.name, "kind": one.kind} for one in lines[case.path].values()]
        place = places.get(case.place_id)
        rows.append(
            {
                **_common(case, by, at),
                "place": {"code": place.code, "name": place.name, "kind": place.kind} if place else None,
                "path": path,
            }
        )
    return rows


def _common(case: Case, by: Actor, at: dt.datetime, names: Sequence[str] = ()) -> Json:
    """What list and page both show; `names` are masked in the title."""
    readable = reads_words(by, case)
    item = rulebook.item_by_id(case.item_id)
    return {
        "number": case.number,
        "status": case.status,
        "status_label": str(kinds.STATUSES[case.status]),
        "version": case.version,
        "title": mask_text(case.title, names) if readable else None,
        "kind": case.kind,
        "item": None
        if item is None
        else {
            "code": item.code,
            "name": item.name,
            "category": item.category,
            "category_name": item.category_name,
        },
        "urgency": case.urgency,
        "level": case.level,
        "resolved_level": case.resolved_level or None,
        "origin": case.origin,
        "channel": case.channel,
        "place_text": case.place_text,
        "holder": unit_json(case.holder_id),
        "desk": unit_json(case.desk_id),
        "callers": case.callers,
        "colour": colours.of_case(case, at),
        "due_at": iso(case.next_due_at),
        "promised_at": iso(case.promised_at),
        "word_due_at": iso(case.word_due_at),
        "called_at": iso(case.called_at),
        "received_at": iso(case.received_at),
        "resolved_at": iso(case.resolved_at),
        "confidential": case.confidential,
        "sensitive": case.sensitive,
        "words_hidden": not readable,
    }


def _last_place(case: Case, path: list[Json]) -> Json | None:
    return path[-1] if path else None


def iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def unit_json(unit_id: int | None) -> Json | None:
    """An organisation by code and names."""
    unit = directory.by_id(unit_id)
    if unit is None:
        return None
    return {"code": unit.code, "name": unit.name, "short_name": unit.short_name}


def limit_json(item: rulebook.Item | None) -> Json | None:
    """行业时限: shown beside the clocks, no clock by itself."""
    if item is None or item.limit_amount is None:
        return None
    return {"amount": item.limit_amount, "unit": item.limit_unit, "basis": item.limit_basis}


def clock_json(row: Clock, at: dt.datetime) -> Json:
    """One clock; its state is running, paused or stopped."""
    return {
        "stage": row.stage,
        "round": row.round,
        "part": row.part,
        "state": row.state,
        "outcome": row.outcome or None,
        "started_at": iso(row.started_at),
        "due_at": iso(row.due_at),
        "warn_at": iso(row.warn_at),
        "stopped_at": iso(row.stopped_at),
        "breached_at": iso(row.breached_at),
        "provisional": row.provisional,
        "colour": colours.of_clock(row, at),
        "against": unit_json(row.organisation_id),
    }


# -- words


def calls_json(case: Case, papers: Dossier, by: Actor) -> list[Json]:
    """The calls, verbatim but for what is masked; words of a guarded case are for desk and holder only."""
    near = is_near(by, case)
    return [_call(call, papers, near) for call in papers.calls]


def _call(call: Mapping[str, Any], papers: Dossier, near: bool) -> Json:
    hidden = call["guarded"] and not near
    caller = call["caller"]
    names = [] if caller is None else [caller["name"], caller["for_person"]]
    reporter = papers.people.get(call["reporter_id"] or 0)
    return {
        "id": call["id"],
        "number": call["number"],
        "tracking_code": call["tracking_code"] if near else None,  # half of what opens the public page
        "subject": None if hidden else mask_text(call["subject"], names),
        "text": None if hidden else mask_text(call["text"], names),
        "hidden": hidden,
        "channel": call["channel"],
        "caller": None if hidden or caller is None else masked_caller(caller),
        "reporter": reporter,
        "called_at": call["called_at"],
        "captured_at": call["captured_at"],
        "received_at": call["received_at"],
        "lat": call["lat"],
        "lng": call["lng"],
        "round": call["round"]["id"] if call["round"] else None,
        "withdrawn_at": call["withdrawn_at"],
        "told": None if hidden else mask_text(call["told"], names) or None,
        "told_at": call["told_at"],
        "told_channel": call["told_channel"] or None,
    }


def masked_caller(caller: Mapping[str, Any]) -> Json:
    """A caller as everybody reads it."""
    return {
        "name": mask_name(caller["name"]),
        "phone": mask_phone(caller["phone"]),
        "anonymous": caller["anonymous"],
        "contact_by": caller["contact_by"],
        "for_person": mask_name(caller["for_person"]),
        "language": caller["language"] or None,
        "texts_stopped": opting_out.is_stopped(caller["phone"]),
        "masked": True,
    }


def names_in(papers: Dossier) -> list[str]:
    """The callers' names: masked wherever they stand in words of this case."""
    callers = [call["caller"] for call in papers.calls if call["caller"]]
    return [name for caller in callers for name in (caller["name"], caller["for_person"]) if name]


def contacts_json(papers: Dossier) -> list[Json]:
    """Callers and their words plainly: only for the answer to a recorded `reveal`."""
    return [
        {
            "number": call["number"],
            "tracking_code": call["tracking_code"],
            "name": call["caller"]["name"],
            "phone": call["caller"]["phone"],
            "anonymous": call["caller"]["anonymous"],
            "contact_by": call["caller"]["contact_by"],
            "for_person": call["caller"]["for_person"],
            "text": call["text"],
        }
        for call in papers.calls
        if call["caller"]
    ]


def files_json(case: Case, files: Iterable[Mapping[str, Any]], by: Actor) -> list[Json]:
    """Attachments one may open, by id; `seq` is the entry of the timeline that took the file in."""
    near, closed = is_near(by, case), closed_to(by, case)
    return [
        {name: file[name] for name in FILE}
        for file in files
        if (near or not file["guarded"]) and not (file["case_id"] == case.pk and file["seq"] in closed)
    ]


def _part(part: Mapping[str, Any]) -> Json:
    return {
        "n": part["n"],
        "organisation": unit_json(part["organisation_id"]),
        **{name: part[name] for name in ("state", "since", "signed_at", "ended_at", "result")},
    }


def _stay(stay: holdings.Stay) -> Json:
    """One holding: minutes whole, `share` of the limit of the work."""
    minutes = stay.minutes
    return {
        "organisation": unit_json(stay.unit),
        "part": stay.part,
        "since": iso(stay.since),
        "until": iso(stay.until),
        "signed_at": iso(stay.signed_at),
        "ended_by": stay.ended_by or None,
        "wall_minutes": minutes.wall,
        "opening_minutes": minutes.opening,
        "paused_minutes": minutes.paused,
        "worked_minutes": minutes.worked,
        "share": None if stay.share is None else round(stay.share, 3),
    }
