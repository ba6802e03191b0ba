"""The ledger is for ever, a person can be erased: no name, phone or word of theirs stands in it."""

from __future__ import annotations

import datetime as dt
import json
import re

from cases.models import Call, Case
from cases.models.call import Caller
from cases.sla import sweep
from ledger import post, reading
from ledger.models import Entry
from parties.models import Person
from tests.builders import DETAILS, a_case, a_fact, a_photo, walk
from tests.cases.walking import DAY, clock, fresh

CALLER = {"name": "慕容婉清", "phone": "13654329876", "for_person": "上官云珠", "contact_by": "phone"}
TEXT = "慕容婉清家门口积水，电话13654329876，身份证370811197001011234。"
SECRETS = ("慕容", "婉清", "上官", "13654329876", "9876", "积水", "370811197001011234")


def a_whole_story(town) -> Case:
    """Every kind of word that people write into forms, from take to reopening."""
    with_words = {name: {field: f"{TEXT}{field}" for field in ("reason", "result", "told", "question", "answer")
                         if field in sent} for name, sent in DETAILS.items()}  # fmt: skip
    case = a_case(text=TEXT, subject="慕容婉清家积水", caller=CALLER, channel="phone", external_ref="R-1")
    for name in (
        "ask",
        "supply",
        "accept",
        "dispatch",
        "decline",
        "rule",
        "sign",
        "hold",
        "resume",
    ):
        case = walk(case, name, **with_words.get(name, {}))
    for name, sent in {
        "note": {"text": TEXT}, "contact": {"channel": "phone", "text": TEXT}, "take_up": {},
        "interim": {"done": TEXT, "next": TEXT, "until": case.last_at + DAY, "channel": "phone"},
    }.items():  # fmt: skip
        case = a_fact(case, name, by="bumen", **sent)
    photo = a_photo(town.actor("bumen"))
    case = walk(case, "resolve", by="bumen", result=TEXT, attachments=[photo])
    case = walk(case, "rework", reason=TEXT)
    case = a_fact(case, "urge", by="wangge", text=TEXT)
    case = a_fact(case, "reveal", by="jiedao", reason=TEXT)
    case = a_fact(case, "relocate", by="jiedao", place=town.GRID_2, reason=TEXT)
    case = walk(case, "resolve", by="bumen")
    case = walk(case, "answer", by="wangge", told=TEXT)
    sweep.sweep(clock(case, "grace").due_at + DAY)
    case = walk(fresh(case), "reopen", reason=TEXT)
    post.deliver_pending()
    return case


def test_no_entry_holds_a_person_or_their_words(town):
    case = a_whole_story(town)
    entries = list(Entry.objects.all())
    assert len({entry.event for entry in entries if entry.subject_kind == "case"}) > 15
    names = [name for name in Person.objects.values_list("name", flat=True) if len(name) > 1]
    phones = [phone for phone in Person.objects.values_list("phone", flat=True) if phone]
    for entry in entries:
        text = json.dumps(entry.payload, ensure_ascii=False) + entry.actor_role + entry.path + entry.once
        assert not [secret for secret in SECRETS if secret in text and entry.subject_kind == "case"], entry
        assert not [word for word in (*names, *phones) if word in text], (entry, text)
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+", "", text)), (
            entry,
            text,
        )
    assert Call.objects.get(case=case).text == TEXT  # the call itself is kept word for word


def test_values_are_codes_ids_and_instants(town):
    """A payload holds no sentence: whatever is Chinese in it would be somebody's words."""
    a_whole_story(town)
    for entry in Entry.objects.filter(subject_kind="case"):
        assert not re.search("[\u4e00-\u9fff]", json.dumps(entry.payload, ensure_ascii=False)), entry.payload


def test_a_person_can_be_erased(town):
    case = a_whole_story(town)
    Caller.objects.filter(call__case=case).delete()
    entries = reading.timeline("case", case.pk)
    heads = {("case", case.pk): (fresh(case).chain_head, fresh(case).chain_length)}
    assert list(reading.verify(iter(entries), heads)) == []
    assert entries[0].at <= entries[-1].at + dt.timedelta(0)
