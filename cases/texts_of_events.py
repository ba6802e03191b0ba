"""Which entry of a case is told to its callers by text, and to which of them."""

from __future__ import annotations

from cases import texting
from cases.models.call import Call, matter_q
from cases.models.case import Case
from ledger.models import Entry

BY_ITSELF = {
    "case.received": "received",
    "case.asked": "asked",
    "case.rejected": "rejected",
    "case.withdrawn": "withdrawn",
}
WHEN_SAID_SO = {"case.interim": "interim", "case.answered": "answered", "case.caller_told": "answered"}
EVENTS = (*BY_ITSELF, "case.caller_joined", *WHEN_SAID_SO)


def plan(entry: Entry, case: Case) -> int:
    """Plan the texts of an entry, each once; how many. By itself goes a receipt, a question, an end without result; what
    staff told goes by text where they said so."""
    kind = BY_ITSELF.get(entry.event, "received")
    if entry.event in WHEN_SAID_SO:
        if entry.payload.get("channel") != "sms":
            return 0
        kind = WHEN_SAID_SO[entry.event]
    if not case.has_caller or not texting.is_on(case):
        return 0
    seq = entry.seq if entry.event not in ("case.received", "case.caller_joined") else 0
    return sum(
        texting.send(call=call, kind=kind, fields={"seq": seq}, at=entry.at, entry_id=entry.pk, case=case)
        is not None
        for call in _callers(entry, case)
    )


def _callers(entry: Entry, case: Case) -> list[Call]:
    """Who left a number; who wants to be told at home is told by text only where somebody chose it."""
    rows = Call.objects.filter(matter_q(case.pk), origin="resident").select_related("caller").order_by("pk")
    if entry.event == "case.received":
        rows = rows.filter(case=case, received_at__lte=entry.at)[:1]
    elif "call" in entry.payload:
        rows = rows.filter(pk=entry.payload["call"])
    elif entry.event == "case.answered":
        rows = rows.filter(told_at=entry.at, told_channel="sms")
    elif entry.event != "case.withdrawn":
        rows = rows.filter(withdrawn_at=None)
    chosen = entry.event in WHEN_SAID_SO
    return [
        call
        for call in rows
        if (caller := getattr(call, "caller", None)) is not None and (chosen or caller.contact_by != "visit")
    ]
