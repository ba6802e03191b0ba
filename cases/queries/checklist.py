"""The checklist as a form offers it: by category, each item found by its name, what it is for, its code or its letters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cases import rulebook
from grid import naming

MOST_FOUND = 24


def offered() -> list[dict[str, Any]]:
    """The categories with their items; `letters` are the pinyin initials, by which a script finds them in the page."""
    return [
        {"code": category.code, "name": category.name, "items": [_shown(item) for item in category.items]}
        for category in rulebook.categories()
    ]


def found(q: str) -> list[dict[str, str]]:
    """The items that somebody's words or letters mean, names that begin so first."""
    wanted = naming.tidy(q).casefold()
    if not wanted:
        return []
    ranked = sorted(
        (rank, item.code, item) for item in rulebook.items() if (rank := _rank(item, wanted)) is not None
    )
    return [_shown(item) for _rank_, _code, item in ranked[:MOST_FOUND]]


def _rank(item: rulebook.Item, wanted: str) -> int | None:
    name, letters = item.name.casefold(), letters_of(item.name)
    tries = (name.startswith(wanted), letters.startswith(wanted), item.code.startswith(wanted), wanted in name,
             len(wanted) > 1 and wanted in letters, wanted in item.what_to_call.casefold())  # fmt: skip
    return next((rank for rank, fits in enumerate(tries) if fits), None)


def _shown(item: rulebook.Item) -> dict[str, str]:
    return {"code": item.code, "name": item.name, "letters": letters_of(item.name)}


@lru_cache(maxsize=1024)
def letters_of(name: str) -> str:
    return naming.spell(name)[1]
