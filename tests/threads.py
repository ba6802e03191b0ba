"""Several people at once, each with a connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from ledger import versions


def at_once(*jobs: Callable[[], object], timeout: float = 60) -> list[BaseException]:
    """Begin all jobs at the same instant, in threads; what went wrong. A job that hangs is a fault too."""
    wrong: list[BaseException] = []
    gate = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            versions.forget()
            job()
        except BaseException as problem:
            wrong.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout)
        if thread.is_alive():
            wrong.append(TimeoutError(f"{thread.name} hangs"))
    return wrong
