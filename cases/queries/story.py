"""What happened to a case, as a page tells it: newest first, in words, masked for its reader.

Entries, their words and the names of who acted come by one statement (`read`).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import kinds, lifecycle, onward, rulebook
from cases.disputes import closed_to
from cases.models.case import Case
from cases.notices.messages import STAGES
from cases.queries.lists import person_of
from cases.queries.masking import texts_for
from cases.queries.timeline import LABELS
from cases.reliefs.policy import GROUNDS as RELIEF_GROUNDS
from cases.reliefs.policy import KINDS as RELIEFS
from cases.reliefs.policy import LABELS as RELIEF_LABELS
from cases.reliefs.policy import TABLE
from cases.templatetags.huying import hm
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory

OTHERS = {
    "case.joined": gettext_lazy("并入了另一件工单"),
    "case.parted": gettext_lazy("并入的工单已拆出"),
    "case.lifted": gettext_lazy("反映的人多，紧急程度提高"),
    "case.child_linked": gettext_lazy("一处挂到本件下面"),
    "case.child_unlinked": gettext_lazy("一处已脱开"),
    "case.caller_joined": gettext_lazy("又有一位反映人"),
    "case.caller_withdrew": gettext_lazy("一位反映人收回了反映"),
    "case.rated": gettext_lazy("反映人评价"),
    "case.word_due": gettext_lazy("批示快到回复时间"),
    "case.word_late": gettext_lazy("批示逾期未回复"),
    "case.rehomed": gettext_lazy("随地点调整"),
    "case.handed_over": gettext_lazy("随单位调整"),
    "clock.warned": gettext_lazy("快到期"),
    "clock.breached": gettext_lazy("超时"),
    "clock.silent": gettext_lazy("超时仍无响应"),
    "clock.overdue": gettext_lazy("超时后仍未完成"),
    "clock.replanned": gettext_lazy("时限重新推算"),
    **RELIEF_LABELS,
    "part.opened": gettext_lazy("增加协办"),
    "part.signed": gettext_lazy("协办签收"),
    "part.declined": gettext_lazy("协办退回"),
    "part.done": gettext_lazy("协办办结"),
    "part.released": gettext_lazy("协办免办"),
}
KIND_OF = {
    "case.noted": "note", "case.attached": "note", "case.urged": "note", "case.instructed": "note", "case.revealed": "note", "case.interim": "interim",
    "case.held": "hold", "case.asked": "hold", "clock.breached": "bad", "clock.silent": "bad", "clock.overdue": "bad",
    "case.word_due": "note", "case.word_late": "bad",
    "clock.warned": "note",
    "clock.replanned": "note",
    "relief.asked": "note", "relief.raised": "note", "relief.unanswered": "bad", "relief.review_due": "note",
}  # fmt: skip
# the words of an entry that need no name before them; the others are named as their form named them
SPOKEN = ("text", "result", "reason", "question", "answer", "told", "grounds")
FIELD_LABELS = {
    need.field: need.label
    for row in (*TABLE.values(), *lifecycle.MOVES.values(), *lifecycle.FACTS.values())
    for need in row.needs
    if need.type == "text"
}


SQL = """
SELECT entry.*, person.name AS who,
       (SELECT words.texts::text FROM cases_words words
        WHERE words.case_id = entry.subject_id AND words.seq = entry.seq LIMIT 1) AS said,
       (SELECT whom.name FROM parties_account absent JOIN parties_person whom ON whom.id = absent.person_id
        WHERE absent.id = (entry.payload ->> 'for')::bigint) AS stood_for
FROM ledger_entry entry
LEFT JOIN parties_account account ON account.id = entry.actor_id
LEFT JOIN parties_person person ON person.id = account.person_id
WHERE entry.subject_kind = %s AND entry.subject_id = %s ORDER BY entry.seq
"""


def read(case: Case) -> list[Entry]:
    """The entries of a case, oldest first, each with `texts` ({field: words} or None), `who` and
    `stood_for` (names)."""
    entries = list(Entry.objects.raw(SQL, [Case.SUBJECT, case.pk]))
    for entry in entries:
        entry.texts = json.loads(entry.said) if entry.said else None
    return entries


def told(
    actor: Actor,
    case: Case,
    entries: Iterable[Entry],
    files: Mapping[int, list[dict[str, Any]]],
    names: Iterable[str],
    people: Mapping[int, str],
) -> list[dict[str, Any]]:
    """The timeline for the page, newest first. `files`: entry's seq → photos; `names` are masked in words;
    `people`: account → name, of those somebody was assigned to."""
    shown = told_entries(actor, case, entries, names, files, people)
    if case.status in kinds.OPEN:
        shown.append(_now(case))
    shown.reverse()
    return shown


def told_entries(
    actor: Actor,
    case: Case,
    entries: Iterable[Entry],
    names: Iterable[str],
    files: Mapping[int, list[dict[str, Any]]] | None = None,
    people: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    """These entries in words, oldest first."""
    names, entries = list(names), list(entries)
    closed = closed_to(actor, case, entries)
    return [
        _entry(actor, case, entry, files or {}, names, people or {}, entry.seq in closed) for entry in entries
    ]


def _now(case: Case) -> dict[str, Any]:
    person = person_of(case)
    unit = directory.name_of(case.holder_id, short=True)
    waits = "hold" if case.status in ("on_hold", "awaiting_info") else "now"
    return {
        "at": None,
        "label": str(kinds.STATUSES[case.status]),
        "who": " ".join(part for part in (unit, person) if part),
        "words": "",
        "quote": "",
        "photos": [],
        "kind": waits,
    }


def _entry(
    actor: Actor,
    case: Case,
    entry: Entry,
    files: Mapping[int, list[dict[str, Any]]],
    names: list[str],
    people: Mapping[int, str],
    closed: bool,
) -> dict[str, Any]:
    by_system = entry.actor_role.startswith("system:")
    system_name = _("反映人") if entry.actor_role == f"system:{kinds.RESIDENT}" else _("系统")
    texts = {} if closed else texts_for(actor, case, entry.texts or {}, names)
    words = facts_words(entry)
    if entry.event in ("case.person_assigned", "case.passed_on") and (
        name := people.get(entry.payload.get("account", 0))
    ):
        words = _("→ %(unit)s") % {"unit": name}
    return {
        "at": entry.at,
        "label": label_of(entry),
        "who": system_name if by_system else who_of(entry),
        "words": words,
        "quote": quote_of(texts),
        "photos": [] if closed else files.get(entry.seq, []),
        "kind": "interim" if is_public(entry) else KIND_OF.get(entry.event, "done"),
    }


def who_of(entry: Entry) -> str:
    """Who acted; and for whom, where it was in somebody's place."""
    if stood_for := getattr(entry, "stood_for", ""):
        return _("%(name)s（代%(whom)s）") % {"name": entry.who or "", "whom": stood_for}
    return str(entry.who or "")


def is_public(entry: Entry) -> bool:
    """A note that was written for the caller."""
    return entry.event == "case.noted" and entry.payload.get("public") is True


def label_of(entry: Entry) -> str:
    if is_public(entry):
        return _("进展（反映人可见）")
    label = LABELS.get(entry.event) or OTHERS.get(entry.event) or entry.event
    if entry.event.startswith("relief."):
        return _("%(kind)s：%(what)s") % {
            "kind": RELIEFS.get(entry.payload.get("relief", ""), ""),
            "what": label,
        }
    if entry.event.startswith("clock."):
        stage = STAGES.get(entry.payload.get("stage", ""), "")
        return _("%(stage)s%(left)s") % {"stage": stage, "left": label}
    return str(label)


def quote_of(texts: Mapping[str, str]) -> str:
    """What was written with an entry: alone as it stands, several each under its name."""
    if len(texts) == 1:
        name, words = next(iter(texts.items()))
        return words if name in SPOKEN else _named_words(name, words)
    return "\n".join(_named_words(name, words) for name, words in texts.items())


def _named_words(field: str, words: str) -> str:
    return _("%(field)s：%(words)s") % {"field": _label(field), "words": words}


def _label(field: str) -> str:
    return str(FIELD_LABELS.get(field, field))


def facts_of(entry: Entry) -> list[str]:
    """The entry's facts in words: by what way, to which level, why, until when."""
    payload = entry.payload
    found = [tell(payload[name]) for name, tell in TELL.items() if name in payload]
    if entry.event == "case.stated":
        found.append(name_of(payload.get("unit")))
    if entry.event == "case.declined":
        found.append(_named(payload.get("organisation")))
    return [words for words in found if words]


def facts_words(entry: Entry) -> str:
    """来电 → 观音阁街道指挥中心"""
    unit = _unit(entry.payload["holder"]) if "holder" in entry.payload else ""
    words = _("，").join(facts_of(entry))
    return f"{words} {unit}".strip()


def _unit(code: Any) -> str:
    org = directory.by_code(code) if isinstance(code, str) else directory.by_id(code)
    return _("→ %(unit)s") % {"unit": org.short_name or org.name} if org else ""


def _units(codes: Any) -> str:
    found = [org.short_name or org.name for code in codes if (org := directory.by_code(code))]
    return _("协办 %(units)s") % {"units": _("、").join(found)} if found else ""


def _change(words: Mapping[str, object]):
    def tell(value: Any) -> str:
        if not isinstance(value, list) or len(value) != 2 or value[0] is None:
            return ""
        return f"{words.get(value[0], value[0])} → {words.get(value[1], value[1])}"

    return tell


def _item(value: Any) -> str:
    if not isinstance(value, list):
        return ""
    known = [rulebook.item(code) if code else None for code in value]
    return " → ".join(item.name if item else _("未定") for item in known)


def _word(words: Mapping[str, object]):
    return lambda value: str(words.get(value, "")) if isinstance(value, str) else ""


def _until(value: Any) -> str:
    return _("至 %(at)s") % {"at": hm(dt.datetime.fromisoformat(value))}


def _answers(value: Any) -> str:
    """Who has to answer a relief."""
    org = directory.by_code(value) if isinstance(value, str) else None
    return _("由%(who)s批复") % {"who": (org.short_name or org.name) if org else _("督查员")}


def _due(value: Any) -> str:
    if isinstance(value, list):
        before, after = (hm(dt.datetime.fromisoformat(one)) for one in value)
        return _("时限 %(before)s → %(after)s") % {"before": before, "after": after}
    return _("时限 %(at)s") % {"at": hm(dt.datetime.fromisoformat(value))}


def name_of(code: Any) -> str:
    org = directory.by_code(code) if isinstance(code, str) else None
    return (org.short_name or org.name) if org else ""


def _named(code: Any) -> str:
    return _("认为应由%(unit)s办") % {"unit": name} if (name := name_of(code)) else ""


TELL: dict[str, Any] = {
    "duty_row": lambda value: _("按职责行直派"),
    "stays": _word(onward.STAYS),
    "assisting": _units,
    "level": _change(kinds.LEVELS),
    "voices": lambda value: _("%(n)s 位反映人") % {"n": value} if isinstance(value, int) else "",
    "item": _item,
    "kind": _change(kinds.KINDS),
    "urgency": _change(kinds.URGENCIES),
    "ground": _word({**kinds.REJECT_GROUNDS, **kinds.DECLINE_GROUNDS, **RELIEF_GROUNDS}),
    "channel": lambda value: str(kinds.CONTACT_CHANNELS.get(value) or kinds.CHANNELS.get(value, "")),
    "until": _until,
    "old_due_at": lambda value: _("原时限 %(at)s") % {"at": hm(dt.datetime.fromisoformat(value))},
    "due_at": _due,
    "to": _answers,
    "ends": lambda value: _("结束挂账") if value else _("继续挂账"),
    "final": lambda value: _("最终裁定") if value else "",
    "solved": _word(kinds.SOLVED),
    "step": _word(kinds.SATISFACTION),
    "captured_at": lambda value: _("手机 %(at)s 记下") % {"at": hm(dt.datetime.fromisoformat(value))},
    "saved": lambda value: _("按手机时间没有超时，按送达时间已超时"),
    "too_old": lambda value: _("手机里存了 72 小时以上，按送达时间计"),
}


def photos_by_entry(
    files: Iterable[Mapping[str, Any]], case: Case, readable: bool
) -> dict[int, list[dict[str, Any]]]:
    """seq → the photos that entry took in, as `components/photos.html` prints them."""
    found: dict[int, list[dict[str, Any]]] = {}
    for file in files:
        if file["case_id"] == case.pk and (readable or not file["guarded"]):
            found.setdefault(file["seq"], []).append(photo(file))
    return found


def photo(file: Mapping[str, Any]) -> dict[str, Any]:
    url = reverse("cases:attachment", args=[file["id"]])
    sound = file["kind"] == "voice"
    if sound:  # a player jumps about in it: by pieces
        url = reverse("api:attachment", args=[file["id"]])
    return {"url": url, "thumb": "" if sound else f"{url}?small=1", "caption": "", "sound": sound}


PROOFS = ("case.resolved", "case.settled", "part.done", "case.verified", "case.secured")


def before_and_after(
    files: Mapping[int, list[dict[str, Any]]], entries: Iterable[Entry]
) -> dict[str, list[dict[str, Any]]]:
    """The photos of the place as it was and as it was left, each with when and with what it came."""
    found: dict[str, list[dict[str, Any]]] = {"before": [], "after": []}
    for entry in entries:
        side = "after" if entry.event in PROOFS else "before"
        caption = f"{label_of(entry)} {hm(entry.at)}"
        found[side] += [{**one, "caption": caption} for one in files.get(entry.seq, []) if not one["sound"]]
    return found
