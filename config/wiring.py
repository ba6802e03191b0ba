"""What happens after what: event name → reactions, and who follows a change of the tree. Nothing else lives here."""

from __future__ import annotations


def connect() -> None:
    """Called once, when every app is loaded."""
