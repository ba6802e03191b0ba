"""A place as somebody types it: its code, or a name or initials that fit one place only."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.refusals import not_ready
from grid import finding, queries
from ledger.actor import Actor
from parties.access import scope_of


def code_of(actor: Actor, typed: str) -> str:
    """The code of the one place meant. Raises MoveRefused where none or several fit."""
    typed = typed.strip()
    if not typed:
        return ""
    if (place := finding.by_code(typed)) is not None:
        return place.code
    scope = scope_of(actor, "accept")
    found = [place for place in finding.search(typed, limit=40) if scope.covers_path(place.path)]
    if len(found) == 1:
        return found[0].code
    if not found:
        raise not_ready(_("没找到“%(q)s”这个地点。") % {"q": typed[:40]}, place=_("请换个名称，或填编码。"))
    words = _("；").join(f"{queries.path_text(place, below='street')} {place.code}" for place in found[:6])
    raise not_ready(_("有几个地点都对得上，请填编码。"), place=words)
