"""How the grid refuses: a sentence for the reader, a status for the edge."""

from __future__ import annotations

from collections.abc import Mapping


class TreeRefused(Exception):
    """A change of the tree that cannot be. `status` is 409 (the tree is not as the asker saw it) or 422
    (the change itself does not fit); `fields` names what to correct, field → sentence."""

    def __init__(self, sentence: str, *, status: int = 422, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.status = status
        self.fields = {name: str(words) for name, words in (fields or {}).items()}
        self.impacts: list = []  # what stands in the way, when followers refused


class Unreadable(TreeRefused):
    """A sheet that cannot be loaded; `problems` lists (row number, sentence), the header being row 1."""

    def __init__(self, sentence: str, problems: list[tuple[int, str]] | None = None) -> None:
        super().__init__(sentence, status=422)
        self.problems = problems or []
