"""Addresses of pages, by the dozen on every page: each pattern is resolved once, then filled in."""

from __future__ import annotations

import re
from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse

PLAIN = re.compile(
    r"[A-Za-z0-9_-]+"
)  # stands in an address as it is: numbers of cases, names of moves, stages


def address(name: str, *args: str) -> str:
    """What `reverse` says of `cases:<name>`, or of another room's `<room>:<name>`, with these arguments."""
    name = name if ":" in name else f"cases:{name}"
    if not all(PLAIN.fullmatch(arg) for arg in args):
        return reverse(name, args=args)
    pieces = _pieces(name, len(args), get_script_prefix(), get_urlconf())
    return "".join(piece for pair in zip(pieces, (*args, ""), strict=True) for piece in pair)


@lru_cache(maxsize=128)
def _pieces(name: str, holes: int, prefix: str, urlconf: str | None) -> tuple[str, ...]:
    """The address around its arguments."""
    marks = [f"--{n}--" for n in range(holes)]
    rest, pieces = reverse(name, args=marks), []
    for mark in marks:
        piece, _mark, rest = rest.partition(mark)
        pieces.append(piece)
    return (*pieces, rest)
