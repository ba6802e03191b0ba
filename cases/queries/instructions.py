"""批示 and what came of it: on one case, and those of a period on the dashboard."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, F, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, PLAIN, sources_behind
from cases.figures.measuring import ONE
from cases.kinds import STATUSES
from cases.models import Case, Instruction, Words
from cases.queries.addresses import address
from cases.queries.figure_pages import plain_url
from cases.queries.masking import names_of, texts_for, title_for
from cases.queries.story import who_of
from cases.scope import listed
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory

SHOWN = 8
NUMBERS = ("instructed_answered", "instructed_waiting", "instructed_late")
Link = Mapping[str, str]


def state_of(answer_by: dt.datetime, answered_at: dt.datetime | None, at: dt.datetime) -> tuple[str, str]:
    """(chip, words)."""
    if answered_at is None:
        return ("bad", _("逾期未回复")) if answer_by < at else ("warn", _("待回复"))
    return ("stop", _("迟回复")) if answer_by < answered_at else ("ok", _("已回复"))


def of_case(
    actor: Actor, case: Case, entries: Iterable[Entry], names: Iterable[str], at: dt.datetime
) -> list[dict[str, Any]]:
    """Those on one case, the newest first, from its entries; no statement."""
    found: dict[int, dict[str, Any]] = {}
    names = list(names)
    for entry in entries:
        said = texts_for(actor, case, entry.texts or {}, names).get("text", "")  # type: ignore[attr-defined]
        if entry.event == "case.instructed":
            answer_by = parse_datetime(entry.payload["until"]) or entry.at
            found[entry.seq] = {
                "who": who_of(entry),
                "at": entry.at,
                "answer_by": answer_by,
                "words": said,
                "answer": None,
                "state": state_of(answer_by, None, at),
            }
        elif entry.event == "case.instruction_answered":
            for seq in entry.payload["instructions"]:
                one = found[seq]
                one["answer"] = {"who": who_of(entry), "at": entry.at, "words": said}
                one["state"] = state_of(one["answer_by"], entry.at, at)
    return list(reversed(found.values()))


def counts(subject: Subject, period: Period, at: dt.datetime) -> dict[str, int]:
    """By code of the number: all that were written in the period, and how they stand; one statement."""
    (rows,) = sources_behind("instructed", DENOMINATOR, subject, period, at)
    as_of = subject.as_of or at
    each = {code: Count(ONE, filter=PLAIN[code].den(as_of)) for code in NUMBERS}
    return rows.order_by().aggregate(instructed=Count(ONE), **each)


def part(subject: Subject, period: Period, at: dt.datetime, by: Actor, link: Link) -> dict[str, Any]:
    """The numbers, and those that wait longest before the newest; four statements."""
    found = counts(subject, period, at)
    return {
        "numbers": [
            {
                "name": str(PLAIN[code].name),
                "n": found[code],
                "url": plain_url(code, link),
                "bad": code == "instructed_late" and found[code] > 0,
            }
            for code in ("instructed", *NUMBERS)
        ],
        "rows": lines(subject, period, at, by) if found["instructed"] else [],
    }


def lines(subject: Subject, period: Period, at: dt.datetime, by: Actor) -> list[dict[str, Any]]:
    """Of those on cases that the reader may list."""
    at = subject.as_of or at
    (rows,) = sources_behind("instructed", DENOMINATOR, subject, period, at)
    rows = (
        rows.filter(case__in=listed(by).values("pk"))
        .annotate(word_at=F("word_at"))
        .select_related("case", "instructed_by__person")
        .order_by(F("word_at").desc(nulls_first=True), "answer_by", "-pk")[:SHOWN]
    )
    shown = list(rows)
    cases = {one.case_id for one in shown}
    seqs = {(one.case_id, seq) for one in shown for seq in (one.seq, one.answered_seq) if seq is not None}
    wanted = Q(pk__in=())
    for case, seq in sorted(seqs):
        wanted |= Q(case_id=case, seq=seq)
    texts = {(one.case_id, one.seq): one.texts for one in Words.objects.filter(wanted)} if seqs else {}
    names = names_of(cases)
    return [_line(by, one, texts, names.get(one.case_id, []), at) for one in shown]


def _line(
    by: Actor,
    one: Instruction,
    texts: Mapping[tuple[int, int], dict[str, str]],
    names: list[str],
    at: dt.datetime,
) -> dict[str, Any]:
    case, word_at = one.case, one.word_at  # type: ignore[attr-defined]

    def said(seq: int | None) -> str:
        return texts_for(by, case, texts.get((case.pk, seq or 0), {}), names).get("text", "")

    chip, words = state_of(one.answer_by, word_at, at)
    return {
        "number": case.number,
        "title": title_for(by, case, names),
        "url": address("detail", case.number),
        "who": one.instructed_by.person.name if one.instructed_by else "",
        "at": one.instructed_at,
        "answer_by": one.answer_by,
        "words": said(one.seq),
        "answered_at": word_at,
        "answer": said(one.answered_seq) if word_at else "",
        "unit": directory.name_of(one.answered_unit_id if word_at else case.holder_id, short=True),
        "chip": chip,
        "state": words,
        "status": str(STATUSES[case.status]),
    }
