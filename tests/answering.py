"""Which requests this process is answering, in whatever thread."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.core.signals import request_finished, request_started

LONGEST = 60  # seconds, for a request that nobody waits for any more


class Answering:
    """Counts from now on; `wait()` returns when all that began is finished."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._threads: set[int] = set()
        request_started.connect(self._began)
        request_finished.connect(self._ended)

    def _began(self, **about: Any) -> None:
        with self._change:
            self._threads.add(threading.get_ident())

    def _ended(self, **about: Any) -> None:
        with self._change:
            self._threads.discard(threading.get_ident())
            self._change.notify_all()

    def wait(self) -> None:
        """Raises TimeoutError."""
        time.sleep(0.05)  # what a browser sent just before it left is on its way to a thread
        try:
            with self._change:
                if not self._change.wait_for(lambda: not self._threads, LONGEST):
                    raise TimeoutError(f"{len(self._threads)} requests are still being answered")
        finally:
            request_started.disconnect(self._began)
            request_finished.disconnect(self._ended)
