"""What entries draft, and what withdraws a draft: never more than a draft (SPEC §8)."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cases import rulebook
from cases.findings import clocks, commands
from cases.kinds import DESK_RANK
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.finding import UNDECIDED, Finding
from cases.models.holding import Holding
from ledger.actor import system
from ledger.models import Entry
from parties import directory

RULES = system("findings")


def draft(entry: Entry) -> None:
    """The clocks that this entry stopped late, or told to be silent, or a call upward that came back down. Nothing on
    a case that is excluded: it is counted nowhere."""
    case = Case.objects.filter(pk=entry.subject_id).first()
    if case is None or case.excluded:
        return
    for row in _clocks(entry):
        kind = clocks.fault_of(row, entry.at)
        if kind and row.organisation_id is not None:
            commands.draft(
                kind=kind,
                case=case,
                organisation=row.organisation_id,
                account=row.account_id,
                clock=row,
                rule="clock",
                facts=_facts(row),
                by=RULES,
                at=entry.at,
            )
    if entry.event == "case.handed_down":
        _improper_escalation(case, entry)
    if entry.event == "case.reopened" and "doubted" in entry.payload:
        _false_resolve(case, entry)


def _clocks(entry: Entry) -> list[Clock]:
    rows = Clock.objects.filter(case_id=entry.subject_id, stage__in=clocks.STAGES).order_by("pk")
    if entry.event == "clock.silent":
        return list(rows.filter(**{name: entry.payload[name] for name in ("stage", "part", "round")}))
    late = Q(breached_at__isnull=False, stopped_at=entry.at, outcome__in=("met", "ended"))
    return list(rows.filter(late))


def _facts(row: Clock) -> dict[str, Any]:
    """The clock as it was when the draft was made."""
    return {
        "stage": row.stage,
        "part": row.part,
        "round": row.round,
        "due_at": row.due_at.isoformat(),
        "stopped_at": row.stopped_at.isoformat() if row.stopped_at else None,
    }


def _improper_escalation(case: Case, entry: Entry) -> None:
    """Whoever called upward what its own level should have handled gets it back (上呼不当). What the item gives to a
    higher level was called upward rightly, whoever sends it down."""
    stays = Holding.objects.filter(case=case, part=0, ended_by="escalate", until__lte=entry.at)
    stay = stays.order_by("pk").last()
    caller = directory.by_id(stay.organisation_id) if stay is not None else None
    item = rulebook.item_by_id(case.item_id)
    due_at_level = item.level if item is not None else case.raised_level
    if stay is not None and caller is not None and DESK_RANK[due_at_level] <= DESK_RANK[caller.level]:
        commands.draft(
            kind="improper_escalation",
            case=case,
            organisation=stay.organisation_id,
            holding=stay,
            rule="handed_down",
            facts={"since": stay.since.isoformat(), "until": stay.until.isoformat()},
            by=RULES,
            at=entry.at,
        )


def _false_resolve(case: Case, entry: Entry) -> None:
    """A caller said that it is not solved, and who looked found it so (虚假办结): about whoever said it was done."""
    unit = directory.by_code(entry.payload["doubted"])
    if unit is None or Finding.objects.filter(case=case, rule="doubted", drafted_at=entry.at).exists():
        return
    commands.draft(
        kind="false_resolve",
        case=case,
        organisation=unit.id,
        rule="doubted",
        facts={"reopened_at": entry.at.isoformat()},
        by=RULES,
        at=entry.at,
    )


def review(entry: Entry) -> None:
    """Undecided drafts by rule withdraw by themselves: about clocks of this case that are in time by now, and all
    where the case is excluded."""
    rows = Finding.objects.filter(case_id=entry.subject_id, state__in=UNDECIDED).exclude(rule="")
    rows = rows.select_for_update(of=("self",), no_key=True).select_related("case", "clock").order_by("pk")
    for finding in rows:
        if finding.case.excluded or not _stands(finding, entry):
            commands.withdraw(finding, by=RULES, at=entry.at)


def _stands(finding: Finding, entry: Entry) -> bool:
    row = finding.clock
    return row is None or clocks.still_of(row, finding.kind, entry.at)
