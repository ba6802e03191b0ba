"""What follows an entry. Each is safe to repeat and runs once, in the transaction of its delivery."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from cases import bulk, crowding, following, moves, rating, texts_of_events
from cases.findings import rules
from cases.live import telling
from cases.models.case import Case
from cases.models.deliveries import Endpoint
from cases.models.finding import Finding
from cases.models.notice import Notice
from cases.notices import ground, planning, quiet, recipients
from cases.refusals import MoveRefused
from cases.scope import covers
from ledger import clock
from ledger.actor import system
from ledger.models import Entry
from parties import absences, directory
from parties.access import actor_of


def notify(entry: Entry) -> None:
    """A notice for everybody the event concerns."""
    case = Case.objects.filter(pk=entry.subject_id).first()
    if case is None:
        return
    facts = {name: entry.payload[name] for name in ("stage",) if name in entry.payload}
    if "until" in entry.payload and entry.event in ("case.instructed", "case.word_due", "case.word_late"):
        facts["until"] = (
            f"{dt.datetime.fromisoformat(entry.payload['until']).astimezone(clock.LOCAL):%m-%d %H:%M}"
        )
    if not bulk.is_told_together(entry):
        _post(recipients.of(entry, case), case, entry, facts)


def text_callers(entry: Entry) -> None:
    """A text to the phones of those who called, where one is due."""
    case = Case.objects.filter(pk=entry.subject_id).first()
    if case is not None:
        texts_of_events.plan(entry, case)


def tell_of_dispute(entry: Entry) -> None:
    """A notice for the desk that has to rule."""
    case = Case.objects.filter(pk=entry.subject_id, disputed_at__isnull=False).first()
    if case is not None and entry.payload.get("disputed"):
        told = recipients.of_dispute(entry, case)
        _post(told, case, entry, {}, event="disputed")


def tell_of_publication(entry: Entry) -> None:
    """A notice for who is posted where the tree has changed; of a draft that could not be published, its author."""
    _post_each(ground.told(entry), entry, entry.event)


def tell_of_change(entry: Entry) -> None:
    """The same for a single change of a place that was not part of a publication."""
    if ground.is_by_itself(entry):
        _post_each(ground.told(entry), entry, ground.PUBLISHED)


def _post_each(told: Mapping[int, dict[str, Any]], entry: Entry, event: str) -> None:
    """One each, those who read the same together."""
    alike: dict[str, list[int]] = {}
    for account, facts in told.items():
        alike.setdefault(json.dumps(facts, sort_keys=True), []).append(account)
    for facts_, accounts in alike.items():
        _post(accounts, None, entry, json.loads(facts_), event=event)


def _post(
    accounts: Iterable[int], case: Case | None, entry: Entry, facts: dict[str, Any], *, event: str = ""
) -> None:
    """One each; at night it alerts nobody until the morning, unless the case is critical."""
    chosen = set(accounts)
    stand_ins = _stand_ins(chosen, case, entry)
    told = sorted(chosen | stand_ins.keys())
    hours = {} if case is not None and case.urgency == "critical" else quiet.hours_of(told)
    at = max(entry.at, clock.now())  # however late it is delivered
    Notice.objects.bulk_create(
        [
            Notice(
                account_id=account,
                case=case,
                entry_id=entry.pk,
                event=event or entry.event,
                facts={**facts, "for": stand_ins[account]} if account in stand_ins else facts,
                at=entry.at,
                quiet_until=quiet.until(hours[account], at) if account in hours else None,
            )
            for account in told
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: telling.inboxes(told), robust=True)
    planning.plan(entry, case, facts, told, at, event=event)


def _stand_ins(told: set[int], case: Case | None, entry: Entry) -> dict[int, list[int]]:
    """Who stands in for somebody told of a case, is not told anyway, and may see it; with for whom."""
    if case is None:
        return {}
    return {
        account: away
        for account, away in absences.stand_ins(told, entry.at).items()
        if account not in told and account != entry.actor_id and covers(actor_of(account, entry.at), case)
    }


def tell_of_work(entry: Entry) -> None:
    """Many cases were given to somebody at once: one notice."""
    _post({entry.subject_id} - {entry.actor_id}, None, entry, {"count": entry.payload["cases"]})


def tell_of_absence(entry: Entry) -> None:
    """Who stands in, who hands out the unit's work, and the person, where another entered it."""
    since, until = (dt.datetime.fromisoformat(entry.payload[name]) for name in ("since", "until"))
    days = {
        "since": clock.local_date(since).isoformat(),
        "until": clock.local_date(until - dt.timedelta(microseconds=1)).isoformat(),
    }
    _post(recipients.of_absence(entry), None, entry, {"who": entry.subject_id, **days})


def tell_of_endpoint(entry: Entry) -> None:
    """An endpoint is left alone: who set it up and who leads its unit hear of it."""
    endpoint = Endpoint.objects.filter(pk=entry.subject_id).first()
    if endpoint is not None:
        _post(recipients.of_endpoint(entry, endpoint), None, entry, {"endpoint": endpoint.name})


def draft_findings(entry: Entry) -> None:
    """A clock stopped late, fell silent, or a call upward came back: a draft, which a person decides."""
    rules.draft(entry)


def review_findings(entry: Entry) -> None:
    """A clock that is in time after all takes its draft back."""
    rules.review(entry)


def tell_of_finding(entry: Entry) -> None:
    """A notice for the unit it is about, or for those who decide."""
    finding = Finding.objects.select_related("case").filter(pk=entry.subject_id).first()
    if finding is None:
        return
    facts = {"finding": finding.pk, "kind": finding.kind}
    _post(recipients.of_finding(entry, finding), finding.case, entry, facts)


def lift_by_callers(entry: Entry) -> None:
    """One more caller may make the matter more urgent."""
    number = Case.objects.filter(pk=entry.subject_id).values_list("number", flat=True).first()
    if number is not None:
        crowding.lift(number=number, by=system("callers"), at=entry.at)


def close_what_is_checked(entry: Entry) -> None:
    """A check that found it done ends a case without a caller, and one whose waiting is over."""
    _close(entry.subject_id, entry)


def close_what_is_rated(entry: Entry) -> None:
    """Every caller has said what he says: nothing is waited for."""
    _close(entry.subject_id, entry)


def ask_for_ratings(entry: Entry) -> None:
    """Who was answered gets the key to rate it, unless it was opened again meanwhile."""
    case = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk=entry.subject_id).first()
    if case is not None and case.answered_at == entry.at:
        rating.ask_for(case, max(entry.at, clock.now()))


def close_the_whole(entry: Entry) -> None:
    """The last of its places is done or gone: what stands for the whole may be ready now."""
    whole = Case.objects.filter(children=entry.subject_id).values_list("pk", flat=True).first()
    if whole is not None:
        _close(whole, entry)


def _close(case_id: int, entry: Entry) -> None:
    ripe = Case.objects.filter(pk=case_id, status__in=("resolved", "answered"))
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
    unit = directory.by_id(entry.subject_id)
    if unit is None or unit.merged_into != entry.payload["into"]:
        return  # taken back meanwhile
    following.hand_over(entry.subject_id, entry.payload["into"], by=system("handing over"), at=entry.at)


def hand_back(entry: Entry) -> None:
    """A merge was taken back: what went over with it and is still there comes home."""
    unit, target = directory.by_id(entry.subject_id), entry.payload.get("from")
    if unit is not None and not unit.retired and target is not None:
        following.hand_back(unit.id, target, by=system("handing over"), at=entry.at)
