"""What somebody sends as the arguments of a step, made safe to keep; what they mean is checked when the step runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from grid.drafts.base import Args, Ran
from grid.errors import TreeRefused

LONGEST = 400
Shape = Callable[[Any], bool]


@dataclass(frozen=True)
class Command:
    """One sort of step: what it needs, what it may have, and how it is run. `one_of`: any of these is needed too;
    `clears`: what it may have and is sent empty is to be empty."""

    run: Callable[[Any, Args], Ran]
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    clears: bool = False


def words(value: Any) -> bool:
    """A list of short texts."""
    return isinstance(value, list) and all(isinstance(one, str) and len(one) <= 120 for one in value)


def read(
    commands: Mapping[str, Command], shapes: Mapping[str, Shape], command: str, args: Args
) -> dict[str, Any]:
    """The arguments as a step keeps them: texts, unless `shapes` says otherwise. TreeRefused (400) for an unknown
    command, (422) for what is missing or of the wrong shape."""
    known = commands.get(command)
    if known is None:
        raise TreeRefused(_("没有这种改动。"), status=400, fields={"command": _("没有")})
    allowed = {*known.required, *known.optional}
    faults = {name if is_storable(name) else "?": _("不认识") for name in args if name not in allowed}
    kept = {name: value for name, value in args.items() if value not in (None, "", [])}
    faults |= {name: _("请填写。") for name in known.required if name not in kept}
    if known.one_of and not any(name in (args if known.clears else kept) for name in known.one_of):
        faults[known.one_of[0]] = _("请填写。")
    cleared = {name: None for name in args if known.clears and name in known.optional and name not in kept}
    for name, value in kept.items():
        if not is_storable(value) or not shapes.get(name, _is_text)(value):
            faults.setdefault(name, _("格式不对"))
    if faults:
        raise TreeRefused(_("有几处要改：") + "；".join(f"{k} {v}" for k, v in faults.items()), fields=faults)
    return {**kept, **cleared}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST


def is_storable(value: Any) -> bool:
    """Nothing in it, however deep, that the database takes for no text or no number."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
                    return False
            case int() | float() as number:
                if not abs(number) < 2**53:  # neither endless nor not a number
                    return False
            case dict() as inside:
                waiting += [*inside, *inside.values()]
            case list() as inside:
                waiting += inside
    return True
