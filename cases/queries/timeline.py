"""The timeline of a case: entries, the words written with them, the files they took in, who acted.

Names come by one statement; words are masked, and hidden from who may not read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases import lifecycle
from cases.disputes import closed_to
from cases.models.case import Case
from cases.models.evidence import Words
from cases.queries import case_json, dossier
from cases.reliefs.policy import LABELS as RELIEF_LABELS
from cases.scope import reads_words
from grid.queries import by_ids
from ledger import reading
from ledger.actor import Actor
from ledger.models import Entry
from parties.models import Account
from parties.privacy import mask_text
from parties.roles import ROLES

LABELS = {
    **{fact.event: fact.label for fact in lifecycle.FACTS.values()},
    **{move.announces: move.label for move in lifecycle.MOVES.values()},
}
CASES_IN = ("target", "from", "parent", "child", "into")  # payload fields that hold the id of another case
ACCOUNTS_IN = ("account", "had", "for")
LEFT_OUT = ("before", "attachments", "was", "own")


def timeline_json(case: Case, *, by: Actor) -> list[dict[str, Any]]:
    """Oldest first. The number of statements does not grow with the entries."""
    entries = reading.timeline(Case.SUBJECT, case.pk)
    papers = dossier.read(case)
    words = dict(Words.objects.filter(case=case).values_list("seq", "texts"))
    readable, closed = reads_words(by, case), closed_to(by, case, entries)
    names = case_json.names_in(papers)
    files: dict[int, list[dict[str, Any]]] = {}
    if readable:
        own = [file for file in papers.files if file["case_id"] == case.pk]
        for file in case_json.files_json(case, own, by):
            files.setdefault(file["seq"], []).append(file)
    people = _people(entries)
    cases = _numbers(entries)
    places = by_ids(pk for entry in entries for pk in entry.payload.get("place", ()) if isinstance(pk, int))
    return [
        {
            "seq": entry.seq,
            "event": entry.event,
            "label": _label(entry.event),
            "at": entry.at.isoformat(),
            "recorded_at": entry.recorded_at.isoformat(),
            "actor": _actor(entry, people),
            "details": _details(entry.payload, people, cases, places),
            "texts": {name: mask_text(text, names) for name, text in words.get(entry.seq, {}).items()}
            if readable and entry.seq not in closed
            else {},
            "hidden": entry.seq in words and (not readable or entry.seq in closed),
            "attachments": files.get(entry.seq, []),
        }
        for entry in entries
    ]


def _label(event: str) -> str:
    if event in LABELS:
        return str(LABELS[event])
    return {
        "case.joined": _("并入了另一件工单"),
        "case.parted": _("并入的工单已拆出"),
        "case.lifted": _("反映的人多，紧急程度提高"),
        "case.child_linked": _("一处挂到本件下面"),
        "case.child_unlinked": _("一处已脱开"),
        "case.caller_joined": _("又有一位反映人"),
        "case.caller_withdrew": _("一位反映人收回了反映"),
        "case.rated": _("反映人评价"),
        "clock.warned": _("快到期"),
        "clock.breached": _("超时"),
        "clock.silent": _("超时一天仍无响应"),
        "clock.overdue": _("超时后仍未完成"),
        "clock.replanned": _("时限重新推算"),
        **{event: str(label) for event, label in RELIEF_LABELS.items()},
        "part.opened": _("增加协办"),
        "part.signed": _("协办签收"),
        "part.declined": _("协办退回"),
        "part.done": _("协办办结"),
        "part.released": _("协办免办"),
    }.get(event, event)


def _people(entries: list[Entry]) -> dict[int, dict[str, str]]:
    ids = {entry.actor_id for entry in entries if entry.actor_id is not None}
    ids |= {entry.payload[name] for entry in entries for name in ACCOUNTS_IN if name in entry.payload}
    rows = Account.objects.filter(pk__in=ids).values_list("pk", "username", "person__name")
    return {pk: {"username": username, "name": name} for pk, username, name in rows} if ids else {}


def _numbers(entries: list[Entry]) -> dict[int, str]:
    ids = {entry.payload[name] for entry in entries for name in CASES_IN if name in entry.payload}
    ids = {pk for pk in ids if isinstance(pk, int)}
    return dict(Case.objects.filter(pk__in=ids).values_list("pk", "number")) if ids else {}


def _actor(entry: Entry, people: Mapping[int, dict[str, str]]) -> dict[str, Any]:
    system = entry.actor_role.startswith("system:")
    role = ROLES.get(entry.actor_role)
    person = people.get(entry.actor_id or 0, {})
    return {
        "username": person.get("username"),
        "name": _("系统") if system else person.get("name", ""),
        "role": entry.actor_role,
        "role_label": str(role.label) if role else "",
        "system": system,
    }


def _details(payload: Mapping[str, Any], people, cases, places) -> dict[str, Any]:
    """The entry's facts with codes and names for our own ids."""
    shown: dict[str, Any] = {}
    for name, value in payload.items():
        if name in LEFT_OUT:
            continue
        if name in ACCOUNTS_IN:
            value = people.get(value)
        elif name in CASES_IN:
            value = cases.get(value)
        elif name == "place" and isinstance(value, list):
            value = [places[pk].code if pk in places else None for pk in value]
        shown[name] = value
    return shown
