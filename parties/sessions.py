"""Sessions as rows, and what is no session's key without asking the database."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as Rows


class SessionStore(Rows):
    """Keys are letters and digits. A cookie that says anything else (a NUL, which no database takes) is a stranger's."""

    def _validate_session_key(self, key: str) -> bool:
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()
