"""What hangs on a case and is shown with it: calls and their callers, files, assisting parts, names.

One statement for all of it, whatever hangs there; the database writes it as one JSON value.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection

from cases.models.call import Call
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.holding import Part
from cases.models.relief import Relief
from ledger.actor import Actor

Row = TypeVar("Row", Clock, Part, Relief)
INSTANTS = {
    "called_at",
    "captured_at",
    "received_at",
    "withdrawn_at",
    "told_at",
    "uploaded_at",
    "since",
    "until",
    "signed_at",
    "ended_at",
}
SQL = """
WITH own AS (SELECT id, number, (confidential OR sensitive) AS guarded
             FROM cases_case WHERE id = %(case)s OR merged_into_id = %(case)s),
reliefs AS (SELECT * FROM cases_relief WHERE case_id = %(case)s),
clocks AS (SELECT * FROM cases_clock WHERE case_id = %(case)s),
parts AS (SELECT * FROM cases_part WHERE case_id = %(case)s),
calls AS (
  SELECT call.id, own.number, own.guarded, call.tracking_code, call.subject, call.text, call.channel,
         call.reporter_id, call.called_at, call.captured_at, call.received_at, call.lat, call.lng,
         (SELECT json_build_object('id', round.id, 'kind', round.kind, 'made_at', round.made_at)
          FROM cases_round round WHERE round.id = call.round_id) AS round,
         call.withdrawn_at, call.origin, call.told, call.told_at, call.told_channel,
         CASE WHEN caller.call_id IS NULL THEN NULL ELSE json_build_object(
           'name', caller.name, 'phone', caller.phone, 'anonymous', caller.anonymous,
           'contact_by', caller.contact_by, 'for_person', caller.for_person, 'language', caller.language) END AS caller
  FROM own JOIN cases_call call ON call.case_id = own.id
  LEFT JOIN cases_caller caller ON caller.call_id = call.id)
SELECT json_build_object(
  'calls', (SELECT json_agg(calls ORDER BY calls.id) FROM calls),
  'files', (SELECT json_agg(json_build_object('id', file.id, 'kind', file.kind, 'mime', file.mime,
              'size', file.size, 'width', file.width, 'height', file.height, 'seq', file.seq,
              'case_id', file.case_id, 'number', own.number, 'guarded', own.guarded,
              'uploaded_by', file.uploaded_by_id, 'uploaded_at', file.uploaded_at)
              ORDER BY file.uploaded_at, file.id)
            FROM own JOIN cases_attachment file ON file.case_id = own.id),
  'clocks', (SELECT json_agg(row_to_json(clocks) ORDER BY started_at, id) FROM clocks),
  'parts', (SELECT json_agg(row_to_json(parts) ORDER BY n) FROM parts),
  'stays', (SELECT json_agg(json_build_object('unit', stay.organisation_id, 'part', stay.part,
              'since', stay.since, 'until', stay.until, 'signed_at', stay.signed_at, 'rests', stay.rests,
              'ended_by', stay.ended_by) ORDER BY stay.since, stay.id)
            FROM cases_holding stay WHERE stay.case_id = %(case)s),
  'findings', (SELECT json_agg(json_build_object('id', finding.id, 'kind', finding.kind,
                 'state', finding.state, 'organisation_id', finding.organisation_id, 'path', finding.path,
                 'district_id', finding.district_id, 'street_id', finding.street_id,
                 'community_id', finding.community_id, 'section_id', finding.section_id,
                 'grid_id', finding.grid_id, 'building_id', finding.building_id)
                 ORDER BY finding.id)
               FROM cases_finding finding WHERE finding.case_id = %(case)s),
  'people', (SELECT json_object_agg(account.id, json_build_object(
               'username', account.username, 'name', person.name))
             FROM parties_account account JOIN parties_person person ON person.id = account.person_id
             WHERE account.id = %(holder)s OR account.id IN (SELECT reporter_id FROM calls)
                OR account.id IN (SELECT unnest(ARRAY[asked_by_id, decided_by_id]) FROM reliefs)),
  'reliefs', (SELECT json_agg(row_to_json(reliefs) ORDER BY n) FROM reliefs),
  'family', (SELECT json_agg(json_build_object('id', kin.id, 'number', kin.number, 'status', kin.status,
               'title', kin.title, 'place_text', kin.place_text, 'holder', kin.holder_id, 'parent', kin.parent_id,
               'guarded', kin.confidential OR kin.sensitive) ORDER BY kin.id)
             FROM cases_case kin WHERE kin.parent_id = %(case)s OR kin.id = %(parent)s),
  'merged_into', (SELECT number FROM cases_case WHERE id = %(merged_into)s),
  'merged_from', (SELECT json_agg(number ORDER BY id) FROM own WHERE id <> %(case)s)
)::text
"""


@dataclass(frozen=True)
class Dossier:
    """`people`: account id → {username, name}. `stays`: who had it or a part of it before. `findings`: all,
    whoever may see them. Instants are ISO texts, but a relief's."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    stays: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    reliefs: list[Relief] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    people: dict[int, dict[str, str]] = field(default_factory=dict)
    family: list[dict[str, Any]] = field(
        default_factory=list
    )  # the case that stands for the whole, or those under it
    merged_into: str | None = None
    merged_from: list[str] = field(default_factory=list)


def read(case: Case) -> Dossier:
    """Everything, in one statement. The case in hand keeps its parts and calls, for what asks for them again."""
    with connection.cursor() as cursor:
        ids = {
            "case": case.pk,
            "holder": case.holder_account_id,
            "merged_into": case.merged_into_id,
            "parent": case.parent_id,
        }
        cursor.execute(SQL, ids)
        (text,) = cursor.fetchone()
    found = json.loads(text, object_hook=_instants)
    case.parts_read = [_loaded(Part, row, case) for row in found["parts"] or ()]  # type: ignore[attr-defined]
    case.calls_read = found["calls"] or []  # type: ignore[attr-defined]
    return Dossier(
        calls=found["calls"] or [],
        files=found["files"] or [],
        parts=found["parts"] or [],
        stays=found["stays"] or [],
        clocks=[_loaded(Clock, row, case) for row in found["clocks"] or ()],
        reliefs=[_loaded(Relief, row, case) for row in found["reliefs"] or ()],
        findings=found["findings"] or [],
        people={int(pk): person for pk, person in (found["people"] or {}).items()},
        family=found["family"] or [],
        merged_into=found["merged_into"],
        merged_from=found["merged_from"] or [],
    )


def calls_of(case: Case) -> list[dict[str, Any]]:
    """Its calls and those of what was merged into it, read once per case in hand."""
    kept: list[dict[str, Any]] | None = getattr(case, "calls_read", None)
    return kept if kept is not None else read(case).calls


def _loaded(model: type[Row], row: dict[str, Any], case: Case) -> Row:
    """As the table holds it; of another case than its own there is none here."""
    columns = model._meta.concrete_fields
    found = model.from_db(
        connection.alias,
        [one.attname for one in columns],
        [one.to_python(row[one.attname]) for one in columns],
    )
    found.case = case
    return found


def _instants(row: dict[str, Any]) -> dict[str, Any]:
    """The database leaves zeros off the end of a second's fraction; ours are spelled one way."""
    for name in row.keys() & INSTANTS:
        if row[name]:
            row[name] = dt.datetime.fromisoformat(row[name]).isoformat()
    return row


def just_taken(case: Case, call: Call, by: Actor) -> Dossier:
    """Of a case that was opened a moment ago with this call and without files: no statement."""
    caller = call._state.fields_cache.get("caller")  # asking for one that is not there would be a statement
    row = {
        "id": call.pk,
        "number": case.number,
        "guarded": case.confidential or case.sensitive,
        "caller": None
        if caller is None
        else {
            name: getattr(caller, name)
            for name in ("name", "phone", "anonymous", "contact_by", "for_person", "language")
        },
        "round": None,
    }
    if call.round is not None:
        row["round"] = {
            "id": call.round.pk,
            "kind": call.round.kind,
            "made_at": call.round.made_at.isoformat(),
        }
    for name in (
        "tracking_code",
        "subject",
        "text",
        "channel",
        "origin",
        "reporter_id",
        "lat",
        "lng",
        "told",
        "told_channel",
    ):
        row[name] = getattr(call, name)
    for name in ("called_at", "captured_at", "received_at", "withdrawn_at", "told_at"):
        value = getattr(call, name)
        row[name] = value.isoformat() if value else None
    people = {by.id: {"username": by.username, "name": by.name}} if by.id is not None else {}
    return Dossier(calls=[row], people=people)
