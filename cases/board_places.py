"""Where a board is: at a community that lives, or at the one that took over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cases.following import heir_of
from cases.models import Case
from grid import finding, queries
from grid.models import Place
from parties import gate


def community_of(place: Place) -> Place | None:
    """The live community at or above a place."""
    if not place.is_live:
        return None
    above = next((one for one in queries.lineage(place).values() if one.kind == "community"), None)
    if above is None:
        return None
    return place if above.id == place.pk else Place.objects.get(pk=above.id)


def community(code: str) -> Place:
    """The live community of this code (be it an old one), or of the place below it. Raises gate.OutOfScope."""
    place = finding.by_code(code)
    found = community_of(place) if place is not None else None
    if found is None:
        raise gate.OutOfScope(gate.NOT_FOUND)
    return found


def boards_of(heirs: Iterable[Place]) -> list[Place]:
    """The boards of what took over, each once."""
    found = [one for heir in heirs if (one := community_of(heir)) is not None]
    return list({one.pk: one for one in found}.values())


def of_case(case: Case) -> Place | None:
    """The community on whose board the case would stand."""
    place = Place.objects.filter(pk=case.community_id).first() if case.community_id else None
    return place if place is None or place.is_live else after(case, finding.heirs(place.pk))


def after(case: Case | None, heirs: Sequence[Place]) -> Place | None:
    """The board that goes on: of several the one that the case's own place belongs to today, else the one that holds
    where it was reported from; what has no case goes to the first."""
    boards = boards_of(heirs)
    if case is None or len(boards) < 2:
        return boards[0] if boards else None
    stands = finding.by_code(case.place.code)
    inside = [one for one in boards if stands is not None and stands.path.startswith(one.path)]
    return inside[0] if inside else heir_of(case, boards)
