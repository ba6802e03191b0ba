"""What a text to a caller's phone says: one template per kind, in the caller's language, made when it is sent.

Nothing that guards itself is said: of a sensitive or confidential matter neither what it is nor what was answered, for
others may read that phone. What the caller alone may know comes in at the last moment, from what was sealed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, override, pgettext_lazy
from django.utils.translation import gettext as _

from cases import rulebook
from cases.kinds import KINDS as CASE_KINDS
from cases.models.call import Call, Caller
from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.models.evidence import Words
from ledger.clock import LOCAL
from parties.privacy import mask_text

SECRET = frozenset({"rating_code"})  # fields that nobody of ours may ever read
EVENT = "text."  # the event of a delivery: text.answered
HIDDEN = "●●●●●●"
TRAY_SIGNATURE = "呼应"  # where there is no gateway with its own
LONGEST = 330  # characters of an answer that a text carries; the rest stands behind its link
ALONE, LINKED = 70, 67  # characters of one segment: by itself, and as one of several
ASCII_ALONE, ASCII_LINKED = 160, 153
MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")


@dataclass(frozen=True)
class Kind:
    """`is_answer`: where it does not arrive, the caller was not told. `secrets`: useless without what was sealed.
    `asked_for` by the caller this minute: no night keeps it back. `is_last`: it goes to who wants no more of them.
    `words` are those of the entry that stand in it."""

    name: str
    label: object
    is_answer: bool = False
    secrets: frozenset[str] = frozenset()
    asked_for: bool = False
    is_last: bool = False
    words: tuple[str, ...] = ()


# fmt: off
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (
    Kind("received", gettext_lazy("回执")),
    Kind("asked", gettext_lazy("请您补充"), words=("question",)),
    Kind("interim", gettext_lazy("阶段性反馈"), is_answer=True, words=("done", "next")),
    Kind("answered", gettext_lazy("答复"), is_answer=True, words=("told",)),
    Kind("rejected", pgettext_lazy("status", "不予受理"), words=("instead",)),
    Kind("withdrawn", gettext_lazy("已撤销")),
    Kind("rate", gettext_lazy("请您评价"), secrets=SECRET),
    Kind("code", gettext_lazy("评价码"), secrets=SECRET, asked_for=True),
    Kind("stopped", gettext_lazy("退订确认"), asked_for=True, is_last=True),
)}
# fmt: on


def kind_of(delivery: NoticeDelivery) -> Kind:
    return KINDS[delivery.event.removeprefix(EVENT)]


def mobile(phone: str) -> str:
    """The eleven digits that a text can go to; empty for a landline, a foreign number, none."""
    found = MOBILE.fullmatch(re.sub(r"[^0-9+]", "", phone))
    return found[1] if found else ""


def language_of(caller: Caller) -> str:
    """What the caller asked for."""
    known = {code for code, _name in settings.LANGUAGES}
    return caller.language if caller.language in known else settings.LANGUAGE_CODE


def language_for(kind: str, caller: Caller, templates: Mapping[str, str]) -> str:
    """In which it leaves: a gateway whose template for this kind was registered in the house's language alone would not
    let another one through."""
    wanted = language_of(caller)
    return settings.LANGUAGE_CODE if kind in templates and f"{kind}.{wanted}" not in templates else wanted


def template_of(kind: str, language: str, templates: Mapping[str, str]) -> str:
    """The gateway's own number for a text: `kind.language`, or `kind` of the house's language."""
    house = language == settings.LANGUAGE_CODE
    return templates.get(f"{kind}.{language}") or (templates.get(kind, "") if house else "")


def body_of(
    delivery: NoticeDelivery,
    caller: Caller,
    secrets: Mapping[str, str] | None = None,
    *,
    words: Mapping[str, str] | None = None,
) -> tuple[str, dict[str, str]]:
    """(the text without its signature, what the gateway's own template is filled with), in the language of the delivery,
    else of the caller. Secrets not given are masked; `words` where they were read for many texts at once."""
    assert delivery.call is not None and delivery.case is not None
    words = words_of([delivery]).get(delivery.pk, {}) if words is None else words
    with override(delivery.language or language_of(caller)):
        params = params_of(delivery, delivery.call, delivery.case, words, secrets)
        return TEMPLATES[kind_of(delivery).name](params), params


def params_of(
    delivery: NoticeDelivery,
    call: Call,
    case: Case,
    words: Mapping[str, str],
    secrets: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """All that a template may name."""
    kind, guarded = kind_of(delivery), case.sensitive or case.confidential
    item = rulebook.item_by_id(case.item_id)
    said = "" if guarded else _said(kind, words)
    promised = case.promised_at
    foreign = get_language() != settings.LANGUAGE_CODE  # items have one name
    return {
        "matter": _("您反映的事")
        if guarded or foreign or item is None
        else _("您反映的“%(item)s”") % {"item": item.name},
        "kind": str(CASE_KINDS[case.kind]),
        "code": grouped(call.tracking_code),
        "url": settings.SITE_URL + reverse("cases:track"),
        "words": said,
        "until": f"{promised.astimezone(LOCAL):%m-%d %H:%M}" if promised else "",
        **{name: (secrets or {}).get(name, HIDDEN) for name in kind.secrets},
    }


def grouped(code: str) -> str:
    """A tracking code as it is read aloud: by fours."""
    return " ".join(code[n : n + 4] for n in range(0, len(code), 4))


def words_of(deliveries: Collection[NoticeDelivery]) -> dict[int, dict[str, str]]:
    """Delivery → what was written with the entry it tells of; one statement, none where none tells of words."""
    wanted = {(row.case_id, row.facts["seq"]) for row in deliveries if row.facts.get("seq")}
    if not wanted:
        return {}
    rows = Words.objects.filter(
        case_id__in={case for case, _seq in wanted}, seq__in={seq for _case, seq in wanted}
    )
    found = {(row.case_id, row.seq): row.texts for row in rows}
    return {row.pk: found.get((row.case_id, row.facts.get("seq")), {}) for row in deliveries}


def _said(kind: Kind, words: Mapping[str, str]) -> str:
    """What was written for the caller, masked as on the page and not longer than a text."""
    said = mask_text(" ".join(" ".join(words[name].split()) for name in kind.words if words.get(name)))
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def segments(text: str) -> int:
    """How many messages a network makes of it."""
    alone, linked = (ASCII_ALONE, ASCII_LINKED) if text.isascii() else (ALONE, LINKED)
    size = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    return 1 if size <= alone else -(-size // linked)


def signed(text: str, signature: str) -> str:
    return f"【{signature}】{text}" if signature else text


# -- the templates


def _received(p: Mapping[str, str]) -> str:
    if p["until"]:
        return (
            _("已收到%(matter)s，承诺 %(until)s 前办结。查询码 %(code)s，凭它和手机后四位查进度：%(url)s") % p
        )
    return _("已收到%(matter)s。查询码 %(code)s，凭它和手机后四位查进度：%(url)s") % p


def _asked(p: Mapping[str, str]) -> str:
    if p["words"]:
        return _("%(matter)s需要您补充：%(words)s 请到 %(url)s 补充（查询码 %(code)s），也可告诉网格员。") % p
    return _("%(matter)s需要您补充，请到 %(url)s 查看（查询码 %(code)s），也可告诉网格员。") % p


def _interim(p: Mapping[str, str]) -> str:
    if p["words"]:
        return _("%(matter)s的进展：%(words)s 查询：%(url)s（查询码 %(code)s）") % p
    return _("%(matter)s有新的进展，请到 %(url)s 查看（查询码 %(code)s）。") % p


def _answered(p: Mapping[str, str]) -> str:
    if p["words"]:
        return _("%(matter)s已有答复：%(words)s 不满意可在 %(url)s 提出（查询码 %(code)s）。") % p
    return _("%(matter)s已有答复，请到 %(url)s 查看（查询码 %(code)s）。") % p


def _rejected(p: Mapping[str, str]) -> str:
    if p["words"]:
        return _("%(matter)s不属于我们受理的范围：%(words)s") % p
    return _("%(matter)s不予受理，原因请到 %(url)s 查看（查询码 %(code)s）。") % p


def _withdrawn(p: Mapping[str, str]) -> str:
    return _("%(matter)s已撤销（查询码 %(code)s）。如不是您的意思，请与社区联系。") % p


def _rate(p: Mapping[str, str]) -> str:
    return (
        _(
            "请您评价%(matter)s办得怎样。查询码 %(code)s，评价码 %(rating_code)s（只有您知道，谁问都不要说）。评价：%(url)s"
        )
        % p
    )


def _code(p: Mapping[str, str]) -> str:
    said = _(
        "评价码 %(rating_code)s，用来评价或收回%(matter)s（查询码 %(code)s）。只有您知道，谁问都不要说。"
    )
    return said % p


def _stopped(p: Mapping[str, str]) -> str:
    return _("已为您退订，不再发短信。查询码 %(code)s 仍可查进度：%(url)s。想恢复请回复“恢复订阅”。") % p


TEMPLATES = {
    "received": _received,
    "asked": _asked,
    "interim": _interim,
    "answered": _answered,
    "rejected": _rejected,
    "withdrawn": _withdrawn,
    "rate": _rate,
    "code": _code,
    "stopped": _stopped,
}
