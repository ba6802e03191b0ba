"""A change that the database broke off because of others is begun again, as a change of the tree is.

Publishing locks cases and then accounts; the end of a post locks its account and then the cases it held. Both can
wait for each other: the one that the database sends away comes back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from grid.commands import base
from grid.errors import TreeRefused
from parties.errors import PartiesRefused

Answer = TypeVar("Answer")


def retried(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """`grid.commands.base.retried`, refusing as the parties do."""
    again = base.retried(command)

    @functools.wraps(command)
    def run(*args: Any, **details: Any) -> Answer:
        try:
            return again(*args, **details)
        except TreeRefused as refused:
            raise PartiesRefused(refused.sentence, status=refused.status, fields=refused.fields) from None

    return run
