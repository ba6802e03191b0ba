"""What follows an entry. Each is safe to repeat and runs once, in the transaction of its delivery."""

from __future__ import annotations

from cases import following, moves
from cases.models.case import Case
from cases.models.notice import Notice
from cases.notices import recipients
from cases.refusals import MoveRefused
from ledger.actor import system
from ledger.models import Entry


def notify(entry: Entry) -> None:
    """A notice for everybody the event concerns."""
    case = Case.objects.filter(pk=entry.subject_id).first()
    if case is None:
        return
    facts = {"stage": entry.payload["stage"]} if "stage" in entry.payload else {}
    Notice.objects.bulk_create(
        [
            Notice(
                account_id=account,
                case=case,
                entry_id=entry.pk,
                event=entry.event,
                facts=facts,
                at=entry.at,
            )
            for account in sorted(recipients.of(entry, case))
        ],
        ignore_conflicts=True,
    )


def close_what_is_checked(entry: Entry) -> None:
    """A check that found it done ends a case without a caller, and one whose waiting is over."""
    ripe = Case.objects.filter(pk=entry.subject_id, status__in=("resolved", "answered"))
    case = ripe.select_for_update(
        of=("self",), no_key=True
    ).first()  # a version read here stays the current one
    if case is None:
        return
    try:
        moves.perform(
            number=case.number, move="close", by=system("closing"), at=entry.at, version=case.version
        )
    except MoveRefused:
        return  # not ready yet: an answer or the grace is still due, and comes with its own entry


def hand_over(entry: Entry) -> None:
    """Two names of one unit became one: the open work of the one goes to the other."""
    following.hand_over(entry.subject_id, entry.payload["into"], by=system("handing over"), at=entry.at)
