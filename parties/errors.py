"""How the parties refuse: a sentence for the reader, a status for the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grid.followers import Impact
    from parties.models import Organisation


class PartiesRefused(Exception):
    """A change of people or organisations that cannot be. `status` is 409 (it is not as the asker saw it)
    or 422 (the change itself does not fit); `fields` names what to correct, field → sentence; `impacts` is what
    stands in the way; `now` is the unit as it stands by now, where somebody else was faster."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int = 422,
        fields: Mapping[str, str] | None = None,
        impacts: Sequence[Impact] = (),
        now: Organisation | None = None,
    ) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.status = status
        self.fields = {name: str(words) for name, words in (fields or {}).items()}
        self.impacts = list(impacts)
        self.now = now
