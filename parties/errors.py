"""How the parties refuse: a sentence for the reader, a status for the edge."""

from __future__ import annotations

from collections.abc import Mapping


class PartiesRefused(Exception):
    """A change of people or organisations that cannot be. `status` is 409 (it is not as the asker saw it)
    or 422 (the change itself does not fit); `fields` names what to correct, field → sentence."""

    def __init__(self, sentence: str, *, status: int = 422, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.status = status
        self.fields = {name: str(words) for name, words in (fields or {}).items()}
