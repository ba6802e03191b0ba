"""What a merge makes of the numbers and the area that the places carry: added up where all are known, said otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from grid import facts
from grid.commands.base import Why, record
from grid.followers import Impact
from grid.models import Place
from ledger import book

COUNTED = ("households", "residents")


def sums(places: Sequence[Place]) -> dict[str, int]:
    """What all of them together have, of the numbers that every one of them has."""
    known = {name: [getattr(place, name) for place in places] for name in COUNTED}
    return {name: sum(numbers) for name, numbers in known.items() if None not in numbers}


def impacts(goes: Sequence[Place], heir: Place, *, stays: bool) -> list[Impact]:
    """In a sentence for each number, and one for the area; `stays`: the heir had some of its own."""
    merged = [*goes, *([heir] if stays else [])]
    added, found = sums(merged), []
    for name in COUNTED:
        label, before = facts.LABELS[name], getattr(heir, name) if stays else None
        was = "–" if before is None else before
        if name in added:
            words = _("“{name}”的{what} {before} → {after}（各部分相加）").format(
                name=heir.name, what=label, before=was, after=added[name]
            )
            found.append(Impact("counts", 1, words))
        elif any(getattr(place, name) is not None for place in merged):
            missing = [place.name for place in merged if getattr(place, name) is None]
            words = _("“{name}”的{what}仍是 {before}：“{missing}”没有填，不能相加，请核对").format(
                name=heir.name, what=label, before=was, missing=_("”“").join(missing)
            )
            found.append(Impact("counts", len(missing), words))
    if any(place.boundary for place in merged):
        found.append(Impact("boundaries", 1, _("“{name}”的边界不会自动合并，须重画").format(name=heir.name)))
    return found


def add_up(goes: Sequence[Place], heir: Place, why: Why, *, stays: bool) -> None:
    """Give the heir, which is held, the numbers of all; told in its own history."""
    added = sums([*goes, *([heir] if stays else [])])
    changed = {
        name: [getattr(heir, name), number] for name, number in added.items() if getattr(heir, name) != number
    }
    if not changed:
        return
    for name, (_before, after) in changed.items():
        setattr(heir, name, after)
    heir.version += 1
    record(heir, "place.facts_set", why, changed=changed)
    heir.save(update_fields=[*changed, "version", *book.CHAIN])
