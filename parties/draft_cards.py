"""What the pages of drafts print, of whatever tree: where one is, the draft one works on, a draft in short."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.urls import reverse

from grid.draft_base import DraftBase
from ledger.actor import Actor

Names = Callable[[Any], str]  # reference → name


class Frame(NamedTuple):
    """The pages of one tree's drafts: names of its URLs, `here` its entry in the navigation."""

    label: Any
    here: str
    home: str
    checking: str
    published: str

    def shown(self) -> dict[str, Any]:
        """What the templates of drafts/ ask for as `desk`."""
        return {
            "label": self.label,
            "here": self.here,
            "home": reverse(self.home),
            "draft": reverse(self.checking),
            "published": reverse(self.published),
        }


def draft_of(by: Actor, model: type[DraftBase]) -> Any:
    """The draft somebody is working on: the open one that was changed last."""
    rows = model._default_manager.filter(author_id=by.id, status=DraftBase.Status.OPEN)
    return rows.order_by("-changed_at").first()


def card(
    draft: DraftBase | None,
    *,
    commands: Mapping[str, tuple[Any, str]],
    names: Mapping[str, str],
    words: Callable[[str, Mapping[str, Any], Names], str],
    most: int | None = None,
) -> dict[str, Any] | None:
    """A draft in short: its steps (the first `most`, and how many `more`) in words, and as the script draws them over
    the tree. `commands`: what a step is
    called where there is no room for its sentence, and how it looks; `names`: reference → name."""
    if draft is None:
        return None
    known, shown = dict(names), draft.steps[:most]
    for step in shown:
        known[f"~{step['n']}"] = step["args"].get("name", "")
        for n, part in enumerate(step["args"].get("parts", ()), start=1):
            known[f"~{step['n']}.{n}"] = part["name"]
    return {
        "id": draft.pk,
        "basis": draft.basis,
        "effective_on": draft.effective_on.isoformat() if draft.effective_on else "",
        "version": draft.version,
        "problem": draft.problem,
        "more": len(draft.steps) - len(shown),
        "steps": [
            {
                "n": step["n"],
                "label": str(commands[step["command"]][0]),
                "css": commands[step["command"]][1],
                "words": words(step["command"], step["args"], lambda ref: known.get(str(ref), str(ref))),
                "json": json.dumps(
                    {
                        "n": step["n"],
                        "command": step["command"],
                        "label": str(commands[step["command"]][0]),
                        **step["args"],
                    },
                    ensure_ascii=False,
                ),
            }
            for step in shown
        ],
    }
