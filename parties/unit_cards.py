"""A draft of the units in short: its steps in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.draft_base import DraftBase
from grid.models import Place
from parties import directory, draft_cards
from parties.kinds import KINDS
from parties.unit_drafts import PLACES, UNITS

# what a step is called where there is no room for its sentence, and how it looks
COMMANDS: Mapping[str, tuple[Any, str]] = {
    "open": (gettext_lazy("新设"), "ok"),
    "rename": (gettext_lazy("改名"), "info"),
    "aliases": (gettext_lazy("改别名"), "info"),
    "move": (gettext_lazy("移动"), "info"),
    "merge": (gettext_lazy("并入"), "warn"),
    "serve": (gettext_lazy("加服务地点"), "ok"),
    "leave": (gettext_lazy("不再服务"), "stop"),
    "retire": (gettext_lazy("停用"), "stop"),
    "restore": (gettext_lazy("恢复"), "ok"),
}


def card(draft: DraftBase | None, most: int | None = None) -> dict[str, Any] | None:
    """Its first `most` steps; one statement where one of them names a place, else none."""
    shown = draft.steps[:most] if draft is not None else []
    return draft_cards.card(draft, commands=COMMANDS, names=_names(shown), words=_words, most=most)


def _names(shown: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """reference → name of every unit and place these steps name."""
    names: dict[str, str] = {}
    wanted: set[str] = set()
    for step in shown:
        for ref in UNITS.references(step["command"], step["args"]):
            org = directory.by_id(int(ref[1:])) if ref.startswith("#") else directory.by_code(ref)
            names[ref] = org.name if org is not None else ref
        wanted |= {str(step["args"][name]) for name in PLACES if name in step["args"]}
    if wanted:
        names |= dict(Place.objects.filter(code__in=wanted).values_list("code", "name"))
    return names


def _words(command: str, args: Mapping[str, Any], name: draft_cards.Names) -> str:
    if command == "open":
        above = f" → {name(args['parent'])}" if "parent" in args else ""
        return f"{args['name']} · {KINDS[args['kind']].label}{above}"
    if command == "merge":
        return f"{_('、').join(name(one) for one in args['units'])} → {name(args['target'])}"
    if command == "aliases":
        return f"{name(args['unit'])} → {_('、').join(args.get('aliases', ())) or _('没有')}"
    to = args.get("name") or name(args.get("parent") or args.get("place") or "")
    return f"{name(args['unit'])} → {to}" if to else name(args["unit"])
