"""What the pages of drafts print, of whatever tree: where one is, the draft one works on, a draft in short."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse

from grid import drafts
from grid.draft_base import DraftBase
from ledger.actor import Actor
from parties.models import Account

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


@dataclass(frozen=True)
class Wording:
    """How one tree's drafts are put in words. `commands`: what a step is called where there is no room for its
    sentence, and how it looks; `words`: a step's sentence; `page`: name of the URL of a draft's own page."""

    model: type[DraftBase]
    commands: Mapping[str, tuple[Any, str]]
    words: Callable[[str, Mapping[str, Any], Names], str]
    page: str

    def card(self, draft: DraftBase | None, most: int | None = None) -> dict[str, Any] | None:
        """One draft in short; one statement at the most."""
        return self.cards([draft], most)[0] if draft is not None else None

    def cards(self, several: Sequence[DraftBase], most: int | None = None) -> list[dict[str, Any]]:
        """Drafts in short: their steps (the first `most` of each, and how many `more`) in words, and as the script
        draws them over the tree. One statement for all; what is published says how things were called then."""
        shown = [draft.steps[:most] for draft in several]
        names = self._names([step for steps in shown for step in steps])
        return [self._card(draft, steps, names) for draft, steps in zip(several, shown, strict=True)]

    def lines(self, shown: Sequence[drafts.Shown], most: int = 20) -> list[dict[str, Any]]:
        """What others scheduled, or what of a publication concerns one: {draft, url, author, steps, more, elsewhere};
        two statements."""
        names = self._names([step for one in shown for step in one.steps[:most]])
        authors = names_of([one.draft for one in shown])
        return [
            {
                "draft": one.draft,
                "url": reverse(self.page, args=[one.draft.pk]),
                "author": authors.get(one.draft.author_id, ""),
                "steps": self._steps(one.draft, one.steps[:most], names),
                "more": max(0, len(one.steps) - most),
                "elsewhere": one.elsewhere,
            }
            for one in shown
        ]

    def _names(self, steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        return drafts.tree_of(self.model).names([step for step in steps if "called" not in step])

    def _card(
        self, draft: DraftBase, steps: Sequence[Mapping[str, Any]], names: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "id": draft.pk,
            "basis": draft.basis,
            "effective_on": draft.effective_on.isoformat() if draft.effective_on else "",
            "version": draft.version,
            "problem": draft.problem,
            "more": len(draft.steps) - len(steps),
            "steps": self._steps(draft, steps, names),
        }

    def _steps(
        self, draft: DraftBase, steps: Sequence[Mapping[str, Any]], names: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        opened = {}
        for step in draft.steps:
            opened[f"~{step['n']}"] = step["args"].get("name", "")
            for n, part in enumerate(step["args"].get("parts", ()), start=1):
                opened[f"~{step['n']}.{n}"] = part["name"]
        return [self._step(step, {**names, **opened, **step.get("called", {})}) for step in steps]

    def _step(self, step: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
        label, css = self.commands[step["command"]]
        told = {"n": step["n"], "command": step["command"], "label": str(label), **step["args"]}
        return {
            "n": step["n"],
            "label": str(label),
            "css": css,
            "words": self.words(step["command"], step["args"], lambda ref: known.get(str(ref), str(ref))),
            "json": json.dumps(told, ensure_ascii=False),
        }


def names_of(several: Sequence[DraftBase]) -> dict[int, str]:
    """account → name, of the authors; one statement."""
    authors = {draft.author_id for draft in several} - {None}
    return dict(Account.objects.filter(pk__in=authors).values_list("pk", "person__name")) if authors else {}
