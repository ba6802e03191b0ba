"""The steps of a draft of the units in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parties import draft_cards
from parties.kinds import KINDS
from parties.models import UnitDraft

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


def _words(command: str, args: Mapping[str, Any], name: draft_cards.Names) -> str:
    comma = _("、")
    if command == "open":
        above = f" → {name(args['parent'])}" if "parent" in args else ""
        return f"{args['name']} · {KINDS[args['kind']].label}{above}"
    if command == "merge":
        return f"{comma.join(name(one) for one in args['units'])} → {name(args['target'])}"
    if command == "aliases":
        none = _("没有")
        return f"{name(args['unit'])} → {comma.join(args.get('aliases', ())) or none}"
    to = args.get("name") or name(args.get("parent") or args.get("place") or "")
    return f"{name(args['unit'])} → {to}" if to else name(args["unit"])


WORDING = draft_cards.Wording(UnitDraft, COMMANDS, _words, "parties:unit_publication")
