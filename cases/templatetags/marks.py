"""Small pieces of markup made without a template, for they stand on every row: icons, chips, the three-part rail.

Plain functions of plain values; `huying` gives them to the templates as tags.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.core.signals import setting_changed
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# -- icons --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """One outline icon of the sprite, none without a name; decorative, so a word must stand beside it. Kept: a
    page has a hundred."""
    if not name:
        return SafeString("")
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#i-{}"/></svg>',
        f" {extra}" if extra else "",
        static("vendor/icons.svg"),
        name,
    )


# a picture for the items people meet most; every other item shows its category's
_ITEM_ICONS = {
    "0501": "flame", "0503": "bolt", "0506": "flame", "0507": "droplet", "0517": "building",
    "0601": "trash", "0602": "trash", "0606": "plant-2", "0608": "car", "0616": "building-store", "0619": "car",
    "0620": "walk", "0624": "road", "0625": "circle-dashed", "0626": "bulb-off", "0628": "recycle",
    "0701": "speakerphone", "0703": "speakerphone", "0706": "flame", "0710": "droplet", "0802": "droplet", "0803": "bolt",
    "0811": "paw",
}  # fmt: skip
_CATEGORY_ICONS = {
    "01": "flag", "02": "heart-handshake", "03": "users", "04": "shield-check",
    "05": "urgent", "06": "building-community", "07": "tree", "08": "home",
}  # fmt: skip


def item_icon(code: str) -> SafeString:
    """The picture on the tile of a checklist item."""
    code = str(code or "")
    return icon(_ITEM_ICONS.get(code) or _CATEGORY_ICONS.get(code[:2], "file-text"))


# -- people -------------------------------------------------------------------------------------------------


def initial(name: Any) -> str:
    """The one character in a person's disc."""
    return str(name or "·")[:1]


def tint(name: Any) -> str:
    """A steady tint for a person's disc."""
    return ("", "y", "g", "p")[sum(map(ord, str(name or ""))) % 4]


# -- signals: shape, colour and word together ---------------------------------------------------------------

_CHIPS = {
    "green": ("ok", "circle-check"),
    "yellow": ("warn", "alert-triangle"),
    "red": ("bad", "alert-square"),
    "violet": ("hold", "player-pause"),
    "grey": ("stop", "player-stop"),
    "": ("stop", "player-stop"),
}
_STATUS_CHIPS = {
    "on_hold": ("hold", "player-pause"),
    "awaiting_info": ("hold", "player-pause"),
    "answered": ("ok", "circle-check"),
    "resolved": ("info", "circle-check"),
    "closed": ("stop", ""),
    "rejected": ("stop", ""),
    "withdrawn": ("stop", ""),
    "merged": ("stop", ""),
}


def chip(colour: Any) -> str:
    """The chip class of a clock's colour."""
    return _CHIPS.get(str(colour or ""), _CHIPS[""])[0]


def time_chip(colour: str, words: str) -> SafeString:
    """剩 1 小时 12 分 — the time left, in the colour of the clock."""
    if not words:
        return SafeString("")
    css, sign = _CHIPS.get(colour or "", _CHIPS[""])
    return SafeString(f'<span class="chip {css}">{icon(sign)}{escape(str(words))}</span>')


_URGENCY_CHIPS = {"critical": "chip crit", "urgent": "chip urge"}


def urgency_chip(urgency: str, label: str, always: bool = False) -> SafeString:
    """特急 is a black chip, 紧急 an outlined one; 一般 is said only where asked."""
    css = _URGENCY_CHIPS.get(urgency, "chip" if always else "")
    return SafeString(f'<span class="{css}">{escape(str(label))}</span>' if css else "")


def status_chip(case: Mapping[str, Any], with_time: bool = False) -> SafeString:
    """The status; blue, green when told, violet, grey. With its time it may be amber or red (办理中 · 超 3 小时)."""
    status, label = case.get("status", ""), case.get("status_label", "")
    css, sign = _STATUS_CHIPS.get(status, ("info", "clock"))
    colour, words = case.get("colour", ""), case.get("time_words", "")
    if with_time and colour in ("red", "yellow") and words:
        css, sign = _CHIPS[colour]
        label = f"{label} · {words}"
    return format_html('<span class="chip {}">{}{}</span>', css, icon(sign) if sign else "", label)


def task_chip(colour: str, label: str) -> SafeString:
    """What is asked of me (核查, 补充, 告知): blue until its clock is near or late."""
    css, sign = _CHIPS[colour] if colour in ("red", "yellow") else ("info", "")
    return format_html('<span class="chip {}">{}{}</span>', css, icon(sign) if sign else "", label)


_BANNERS = {
    "error": ("bad", "alert-square", "alert"),
    "warning": ("warn", "alert-triangle", "status"),
    "success": ("ok", "circle-check", "status"),
}


def banner(level: str, words: object) -> SafeString:
    """A sentence that stays; Django's message levels decide its colour."""
    css, sign, role = _BANNERS.get(level, ("info", "info-circle", "status"))
    return format_html(
        '<p class="banner {}" role="{}" data-focus tabindex="-1">{}<span class="grow">{}</span></p>',
        css,
        role,
        icon(sign),
        words,
    )


def move_face(move: Mapping[str, Any]) -> SafeString:
    """What stands on the button of a move: picture, word, key."""
    key = f'<kbd aria-hidden="true">{escape(move["key"])}</kbd>' if move["key"] else ""
    return SafeString(f"{icon(move['icon'])}<span>{escape(str(move['label']))}</span>{key}")


_DOTS = {
    "now": "",
    "todo": "",
    "interim": "speakerphone",
    "hold": "player-pause",
    "bad": "alert-square",
    "note": "message-2",
}


def dot(kind: str) -> SafeString:
    """The mark of an entry on the timeline; a tick for what is done."""
    sign = _DOTS.get(kind, "check")
    return format_html(
        '<span class="dot{}">{}</span>', " note" if kind == "note" else "", icon(sign) if sign else ""
    )


_RAIL_ICON = {
    "done": "check",
    "late": "alert-square",
    "hold": "player-pause",
    "bad": "alert-square",
    "warn": "alert-triangle",
}


def bar(share: Any) -> str:
    """The class that gives a bar its length: 36.6 → p-37, bounded to 0…100."""
    try:
        whole = round(float(share))
    except (TypeError, ValueError):
        whole = 0
    return f"p-{min(100, max(0, whole))}"


def signed(value: Any) -> str:
    """+1.3, −0.6 (a real minus), 0"""
    if value is None or value == "":
        return ""
    number = float(value)
    text = f"{abs(number):g}"
    return f"+{text}" if number > 0 else f"−{text}" if number < 0 else "0"


_COLOURED = {"yellow": "warn", "red": "bad"}
NOTHING: Mapping[str, Any] = {}


def rail(rail: Mapping[str, Mapping[str, Any]] | None, mini: bool = False) -> SafeString:
    """三段轨. `rail` has accept, resolve and feedback: {state: todo|done|now|hold|stop|late, colour, percent,
    caption}."""
    labels = _rail_labels(get_language() or "")
    parts = [
        _rail_part(name, (rail or NOTHING).get(name) or NOTHING, labels, mini)
        for name in ("accept", "resolve", "feedback")
    ]
    return SafeString(f'<ol class="rail{" mini" if mini else ""}">{"".join(parts)}</ol>')


@lru_cache(maxsize=8)
def _rail_labels(language: str) -> dict[str, str]:
    return {
        "accept": escape(_("受理")),
        "resolve": escape(_("办结")),
        "feedback": escape(_("反馈")),
        "told": escape(_("已反馈")),
    }


def _rail_part(name: str, part: Mapping[str, Any], labels: Mapping[str, str], mini: bool) -> str:
    state = part.get("state") or "todo"
    colour = _COLOURED.get(part.get("colour") or "", "") if state == "now" else ""
    css = "now hold" if state == "hold" else f"now {colour}".strip() if state == "now" else state
    ended = state in ("done", "late")
    sign = "" if mini else _RAIL_ICON.get(colour or state, "")
    here = ' aria-current="step"' if state in ("now", "hold") else ""
    share = bar(100 if ended else part.get("percent") or 0)
    label = labels["told" if ended and name == "feedback" else name]
    caption = escape(str(part.get("caption") or ""))
    return (
        f'<li class="{css}"{here}><span class="bar {share}"></span>'
        f'<span class="cap">{icon(sign) if sign else ""}<b>{label}</b> <span>{caption}</span></span></li>'
    )


def _forget(**_changed: Any) -> None:
    """Where the files lie is a setting, and tests change settings."""
    icon.cache_clear()


setting_changed.connect(_forget, dispatch_uid="cases.marks")
