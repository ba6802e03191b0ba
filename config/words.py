"""The translations: compiled in Python, so that no machine needs gettext installed."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from config.home import PROJECT


def catalogues() -> list[Path]:
    """Every catalogue of the project."""
    return sorted((PROJECT / "locale").glob("*/LC_MESSAGES/*.po"))


def compile_all() -> list[Path]:
    """Write each catalogue's .mo where it is missing or older; which were written."""
    written = []
    for source in catalogues():
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, catalogue)
        draft.replace(target)
        written.append(target)
    return written
