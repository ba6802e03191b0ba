"""What is masked: phones, names, identity numbers, also inside free text.

Pure text work. Separators stay where they were, so a masked text keeps its shape. The recorded act of
unmasking belongs to what is unmasked (the case's fact `reveal`). It stands lowest, for nobody's phone may get
into the ledger by any floor's free text.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable

STAR = "*"

# One separator may stand between two digits as people type them: 138 1234-5678, 138.1234.5678.
_SEP = r"[ \t\u00a0\u3000.·•_/\-\u2010-\u2015\uff0d\uff0e]?"


def _digits(n: int) -> str:
    return rf"(?:{_SEP}\d){{{n}}}"


_START, _END = r"(?<!\d)", r"(?!\d)"
# Mainland identity numbers; an 18-digit one may end in X.
_IDENTITY = re.compile(rf"{_START}(?P<number>[1-9]{_digits(16)}{_SEP}[0-9Xx]|[1-9]{_digits(14)}){_END}")
_MOBILE = re.compile(rf"{_START}(?:(?:\+|00)?86{_SEP}|0)?(?P<number>1{_SEP}[3-9]{_digits(9)}){_END}")
# 0537-2345678, (0537)2345678, 010 1234 5678; an extension goes with it.
_LANDLINE = re.compile(
    rf"{_START}(?P<area>010|02\d|0[3-9]\d\d)[)\uff09]?{_SEP}(?P<number>[1-9]{_digits(6)}(?:{_SEP}\d)?)"
    rf"(?:{_SEP}(?:转|ext)?{_SEP}(?P<extension>\d{{1,5}}))?{_END}",
    re.IGNORECASE,
)
# Seven or eight digits are a telephone only where a word says so.
_LOCAL = re.compile(
    rf"(?:电话|座机|固话|手机|号码|联系方式|热线|传真|拨打|致电|tel|phone)\D{{0,6}}{_START}"
    rf"(?P<number>[2-9]{_digits(6)}(?:{_SEP}\d)?){_END}",
    re.IGNORECASE,
)

# In this order: pattern, and per group how many characters stay in front and behind.
_NUMBERS = (
    (_IDENTITY, [("number", 3, 2)]),
    (_LANDLINE, [("number", 0, 2), ("extension", 0, 0)]),
    (_MOBILE, [("number", 3, 4)]),
    (_LOCAL, [("number", 0, 2)]),
)


def mask_phone(phone: str) -> str:
    """`138****5678`; a landline keeps its area code and the last two digits; "" stays ""."""
    plain = _plain(phone)
    if not any(char.isdigit() for char in plain):
        return STAR * len(phone)
    for pattern in (_MOBILE, _LANDLINE):
        found = pattern.fullmatch(plain.strip())
        if found:
            return mask_text(phone)
    places = [at for at, char in enumerate(plain) if char.isdigit()]
    head, tail = (3, 4) if len(places) >= 11 else (0, 2) if len(places) > 4 else (0, 0)
    return _star(phone, places[head : len(places) - tail])


def mask_name(name: str) -> str:
    """周小明 → 周**, whatever its length; "" stays ""."""
    name = name.strip()
    return f"{name[0]}{STAR * 2}" if name else ""


def mask_identity(number: str) -> str:
    """An identity number down to its first three and last two characters."""
    places = [at for at, char in enumerate(_plain(number)) if char.isdigit() or char in "Xx"]
    return _star(number, places[3:-2] if len(places) > 8 else places)


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """Free text with its phones and identity numbers masked, and those of `names` that stand in it.

    Digits may be full-width, spaced or dashed. Dates, case numbers and place codes are left alone."""
    for name in sorted({name.strip() for name in names}, key=len, reverse=True):
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    plain = _plain(text)
    hidden: set[int] = set()
    for pattern, groups in _NUMBERS:
        for found in pattern.finditer(plain):
            if pattern is _IDENTITY and not _is_identity(found["number"]):
                continue
            for group, head, tail in groups:
                if found[group]:
                    hidden.update(_inner(plain, found.span(group), head, tail))
            # A number is read once: what is left of it must not make another one with what follows.
            plain = plain[: found.start()] + "#" * (found.end() - found.start()) + plain[found.end() :]
    return _star(text, hidden)


def _plain(text: str) -> str:
    """The same text, as long as before, with every decimal digit, X and plus sign of any width in ASCII."""
    return "".join(
        str(value) if (value := unicodedata.decimal(char, None)) is not None else _WIDE.get(char, char)
        for char in text
    )


_WIDE = {"Ｘ": "X", "ｘ": "x", "＋": "+", "（": "(", "）": ")"}


def _inner(plain: str, span: tuple[int, int], head: int, tail: int) -> list[int]:
    """Where the characters of a number stand that are to be hidden: all but `head` and `tail` of them."""
    places = [at for at in range(*span) if plain[at].isdigit() or plain[at] in "Xx"]
    return places[head : len(places) - tail]


def _star(text: str, places: Iterable[int]) -> str:
    hidden = set(places)
    return "".join(STAR if at in hidden else char for at, char in enumerate(text))


def _is_identity(number: str) -> bool:
    """Does it hold a possible date of birth? Place codes and case numbers of that length do not."""
    digits = "".join(char for char in number if char.isdigit() or char in "Xx")
    born = digits[6:14] if len(digits) == 18 else f"19{digits[6:12]}"
    try:
        return 1880 <= dt.date(int(born[:4]), int(born[4:6]), int(born[6:8])).year <= 2100
    except ValueError:
        return False
