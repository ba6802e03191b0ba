"""Reliefs as pages and interfaces show them: those of a case, those that wait for somebody, holds to look at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import Case, Clock, Relief, Words
from cases.queries import case_json
from cases.queries.masking import texts_for
from cases.reliefs import ladder
from cases.reliefs.policy import GROUNDS, STATES, TABLE
from cases.scope import about_q, own_units, place_q, reads_words
from ledger.actor import Actor
from parties import directory

OPEN_CLOCK = Clock.objects.filter(case=OuterRef("case_id"), stage="relief", state="running")


def of_case(case: Case) -> list[Relief]:
    """The reliefs of a case with who asked and who answered, oldest first; one statement."""
    people = ("asked_by__person", "decided_by__person")
    found = list(Relief.objects.filter(case=case).select_related(*people).order_by("n"))
    for one in found:
        one.case = case
    return found


def words_of(reliefs: Iterable[Relief]) -> dict[tuple[int, int], dict[str, str]]:
    """(case, entry) → what was written; one statement, none without reliefs."""
    wanted = Q(pk__in=[])
    for one in reliefs:
        wanted |= Q(case_id=one.case_id, seq__in=[seq for seq in (one.seq, one.decided_seq) if seq])
    if not wanted.children:
        return {}
    rows = Words.objects.filter(wanted).values_list("case_id", "seq", "texts")
    return {(case, seq): texts for case, seq, texts in rows}


def is_waiting(relief: Relief, clocks: Iterable[Clock]) -> bool:
    return relief.state == "asked" and any(row.stage == "relief" and row.state == "running" for row in clocks)


def state_of(relief: Relief, *, waiting: bool) -> str:
    """What is asked for and not waited for any more ended with its case."""
    return "lapsed" if relief.state == "asked" and not waiting else relief.state


def relief_json(
    relief: Relief,
    *,
    by: Actor,
    waiting: bool,
    texts: Mapping[tuple[int, int], Mapping[str, str]],
    names: Iterable[str] = (),
) -> dict[str, Any]:
    """One relief as interfaces show it, masked for its reader; `names`: the callers' of its case."""
    case, state = relief.case, state_of(relief, waiting=waiting)
    said = texts_for(by, case, texts.get((case.pk, relief.seq), {}), names)
    answer = texts_for(by, case, texts.get((case.pk, relief.decided_seq or 0), {}), names)
    return {
        "id": relief.n,
        "number": case.number,
        "kind": relief.kind,
        "kind_label": str(TABLE[relief.kind].label),
        "state": state,
        "state_label": str(STATES[state]),
        "ground": relief.ground,
        "ground_label": str(GROUNDS.get(relief.ground, relief.ground)),
        "amount": relief.amount,
        "unit": relief.unit or None,
        "until": case_json.iso(relief.until),
        "asked_at": case_json.iso(relief.asked_at),
        "asked_by": _person(relief.asked_by),
        "organisation": case_json.unit_json(relief.organisation_id),
        "due_before": case_json.iso(relief.due_before),
        "due_after": case_json.iso(relief.due_after),
        "waits_for": {"rung": relief.rung, "desk": case_json.unit_json(relief.desk_id)} if waiting else None,
        "decided_at": case_json.iso(relief.decided_at),
        "decided_by": _person(relief.decided_by),
        "texts": said,
        "answer": answer.get("reason") or None,
        "hidden": not reads_words(by, case),
    }


def _person(account: Any) -> dict[str, str] | None:
    return {"username": account.username, "name": account.person.name} if account is not None else None


# -- what waits for somebody


def waiting_for(actor: Actor) -> QuerySet[Relief]:
    """What this person may answer now, at the own desk or as supervisor: the filter of `ladder.decider`."""
    mine = Q(pk__in=[])
    for grant in actor.grants_for("relief.grant"):
        if grant.role == "supervisor":
            mine |= Q(rung=ladder.SUPERVISOR) & _not_of(grant.lender)
        elif grant.place_path and grant.unit_id is not None:
            mine |= Q(desk_id=grant.unit_id) & _not_of(grant.lender)
    apart = Q(organisation_id__in=sorted(actor.units)) | Q(case__handler_units__overlap=sorted(actor.units))
    if actor.person_id is not None:
        apart |= Q(asked_person=actor.person_id) | Q(case__handler_people__contains=[actor.person_id])
    seen = place_q(actor)
    if any(grant.role == "supervisor" and not grant.place_path for grant in actor.grants_for("relief.grant")):
        seen |= Q(unit_ids__overlap=sorted(own_units(actor)))
    here = Case.objects.filter(seen & ~about_q(actor))
    rows = Relief.objects.filter(
        mine, Exists(OPEN_CLOCK), Exists(here.filter(pk=OuterRef("case_id"))), state="asked"
    )
    return rows.exclude(apart)


def _not_of(lender: int | None) -> Q:
    """Who stands in judges nothing that the one who is away handled or asked for."""
    if lender is None:
        return Q()
    return ~Q(asked_person=lender) & ~Q(case__handler_people__contains=[lender])


def asked_by(actor: Actor) -> QuerySet[Relief]:
    """What one's own units asked for."""
    return Relief.objects.filter(organisation_id__in=sorted(actor.units))


def answered_by(actor: Actor) -> QuerySet[Relief]:
    """What this person answered."""
    return Relief.objects.filter(decided_by_id=actor.id, state__in=("granted", "refused"))


def to_review(actor: Actor, at: dt.datetime) -> QuerySet[Relief]:
    """Holds that this person granted, whose term is four fifths over."""
    term = Clock.objects.filter(case=OuterRef("case_id"), stage="hold", state="running", warn_at__lte=at)
    rows = Relief.objects.filter(kind="hold", state="granted", reviewed_at=None, decided_by_id=actor.id)
    return rows.filter(Exists(term), case__status="on_hold")


def clocks_for(reliefs: Sequence[Relief]) -> dict[int, Clock]:
    """Case → the granter's running clock; one statement."""
    ids = [one.case_id for one in reliefs if one.state == "asked"]
    rows = Clock.objects.filter(case_id__in=ids, stage="relief", state="running") if ids else ()
    return {row.case_id: row for row in rows}


def who_answers(relief: Relief) -> str:
    return ladder.who(relief.rung, relief.desk_id)


def asker(relief: Relief) -> str:
    return directory.name_of(relief.organisation_id, short=True)
