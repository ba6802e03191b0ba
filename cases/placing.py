"""Where a case stands: its place's id-path, the columns that follow from it, and the words of a list.

A place is held before the case that is moved to it, as a tree change and intake do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import needs
from cases.models.case import ANCESTORS, Case
from cases.refusals import MoveRefused, not_ready
from grid import finding
from grid.models import Place
from grid.queries import Lineage, lineage


def place_text(line: Lineage) -> str:
    """The last names of a path below the street, as lists show them."""
    below = [
        place.name for kind, place in line.items() if kind not in ("province", "city", "district", "street")
    ]
    return " ".join(below)[-120:] or line["street"].name


def place_case(case: Case, place_id: int, path: str, line: Lineage) -> None:
    """Write a case's place and the columns that follow from it."""
    case.place_id, case.path, case.place_text = place_id, path, place_text(line)
    for kind in ANCESTORS:
        setattr(case, f"{kind}_id", line[kind].id if kind in line else None)


def hold(code: str) -> None:
    """Keep this place where it is until the transaction ends."""
    list(Place.objects.filter(code=code).select_for_update(of=("self",)).values_list("pk"))


def standing(code: str) -> Place:
    """The place that stands where a code leads. Raises MoveRefused (422): no such place, or what is left of it to choose
    from."""
    try:
        code = needs.read("code:place", code)
    except needs.Unfit:
        code = ""
    if not code:
        raise not_ready(_("请选地点。"), place=_("请选地点。"))
    found = finding.by_code(code)
    if found is None:
        raise not_ready(_("没有编码为“%(code)s”的地点。") % {"code": code[:40]}, place=_("没有这个地点。"))
    if not found.is_live:
        raise parted(found) or not_ready(
            _("“%(name)s”已停用，请另选地点。") % {"name": found.name}, place=_("请另选地点。")
        )
    return found


def parted(found: Place) -> MoveRefused | None:
    """The refusal of a retired place that several took over: which they are."""
    heirs = finding.heirs(found.pk)
    if not heirs:
        return None
    names = pgettext("between names", "、").join(f"{heir.name} {heir.code}" for heir in heirs)
    words = _("“%(name)s”已经分开，请选其中一处：%(names)s。") % {"name": found.name, "names": names}
    return not_ready(words, place=words)


@dataclass(frozen=True)
class Home:
    """Where the place of an ended case stands now."""

    place_id: int
    code: str
    path: str
    live: bool


def hold_of(number: str) -> Home | None:
    """Keep the place of a case where it is until the transaction ends; None for a number that is nobody's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, code, path, retired_at IS NULL FROM grid_place "
            "WHERE id = (SELECT place_id FROM cases_case WHERE number = %s) FOR SHARE",
            [number],
        )
        row = cursor.fetchone()
    return Home(*row) if row else None


def come_home(case: Case, home: Home) -> dict[str, Any]:
    """An ended case keeps the path it ended with; open again it stands where its place stands now, or where the
    place's successor does. What changed, for the entry."""
    if not home.live:
        successor = next(iter(finding.heirs(home.place_id)), None)
        if successor is not None:
            home = Home(successor.pk, successor.code, successor.path, successor.is_live)
    if home.path == case.path:
        return {}
    before = case.path
    place_case(case, home.place_id, home.path, lineage(home.path))
    return {"path": [before, case.path]}
