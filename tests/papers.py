"""Reading what goes on paper, flowable by flowable."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from reportlab.platypus import Paragraph


def words_of(story: Iterable[Any]) -> str:
    said: list[str] = []

    def read(flow: Any) -> None:
        if isinstance(flow, Paragraph):
            said.append(flow.getPlainText())
        for row in getattr(flow, "_cellvalues", ()):
            for cell in row:
                for part in cell if isinstance(cell, list) else [cell]:
                    read(part)

    for flow in story:
        read(flow)
    return "\n".join(said)


def sheets(pdf: bytes) -> int:
    """How many pages it has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
