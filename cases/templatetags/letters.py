"""Which letters a page has and what they do: read off the lifecycle table, so that the line of keys and the help that `?`
opens say what is so."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cases.lifecycle import FACTS, MOVES
from cases.reliefs.policy import TABLE

# the line of keys has room for the most used
LINE = {
    "desk": ("accept", "dispatch", "start", "settle", "escalate", "reject", "rule", "merge"),
    "queue": ("sign", "take_up", "resolve", "answer", "decline", "transfer", "extension", "contact"),
    "list": ("sign", "resolve", "answer", "note"),
}
# what has its letter taken by something else on that page: at a list A and X do what they do everywhere
ELSEWHERE = {"take"}


def key_rows() -> list[tuple[str, str]]:
    """(letter, what it does), by letter: what moves and facts, and the pages that ask for relief, say."""
    found: dict[str, list[str]] = {}
    for _name, letter, label in _lettered():
        found.setdefault(letter, []).append(label)
    return [(letter, _("、").join(dict.fromkeys(labels))) for letter, labels in sorted(found.items())]


def key_letters() -> str:
    """All of them in one word."""
    return "".join(letter for letter, _labels in key_rows())


def key_line(page: str) -> SafeString:
    """The letters most used at a page, for the line at its foot; the script greys what cannot act now."""
    known = {name: (letter, label) for name, letter, label in _lettered()}
    return format_html_join(
        "",
        '<span data-letter="{}"><kbd>{}</kbd><span data-label>{}</span><span class="sr"></span></span>',
        ((letter, letter, label) for letter, label in (known[name] for name in LINE[page])),
    )


def _lettered() -> Iterator[tuple[str, str, str]]:
    for row in (*MOVES.values(), *FACTS.values()):
        if row.key and row.name not in ELSEWHERE and row.name != "hold":
            yield row.name, row.key, str(row.label)
    for terms in TABLE.values():
        if terms.key:
            yield terms.kind, terms.key, _("申请%(kind)s") % {"kind": terms.label}
