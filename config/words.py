"""The translations: gathered, checked and compiled in Python, so that no machine needs gettext installed.

The source speaks Chinese, so only English has a catalogue. `python -m config.words update` gathers the strings
into it, `check` says what is missing or stale, and `compile` writes the .mo files that Django reads.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config.home import PROJECT

ROOMS = ("config", "cases", "parties", "grid", "ledger")
CATALOGUE = PROJECT / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[a-z]|%[sd]|\{[a-z_.]*(?:![rs])?(?::[^}]*)?\}")


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
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as file:
            write_mo(file, _read(source))
        draft.replace(target)
        written.append(target)
    return written


def gather() -> Catalog:
    """Every string of the code and the templates that is marked for translation."""
    from django.utils.translation.template import templatize  # asks for settings

    found = Catalog(locale="en")
    for file in sorted(_sources()):
        text = file.read_text(encoding="utf-8")
        if file.suffix != ".py":
            # A page is indented as a page, which the reader of Python would refuse.
            text = "\n".join(map(str.lstrip, templatize(text, origin=str(file)).splitlines()))
        source = io.BytesIO(text.encode("utf-8"))
        name = file.relative_to(PROJECT).as_posix()
        for _line, message, _comments, context in extract(
            "python", source, keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            found.add(message, locations=[(name, 0)], context=context)
    return found


def faults() -> list[str]:
    """What is wrong with the English catalogue, a sentence each; none is what it should be."""
    wanted = gather()
    kept = _read(CATALOGUE) if CATALOGUE.exists() else Catalog(locale="en")
    wrong = [f"没有英文译文：{message.id!r}" for message in _messages(kept) if not _is_translated(message)]
    wanted_keys = {(message.id_key, message.context): message for message in map(Named, _messages(wanted))}
    kept_keys = {(message.id_key, message.context): message for message in map(Named, _messages(kept))}
    wrong += [f"目录里没有：{message.id!r}" for key, message in wanted_keys.items() if key not in kept_keys]
    wrong += [f"源码里已没有：{message.id!r}" for key, message in kept_keys.items() if key not in wanted_keys]
    for message in _messages(kept):
        ids, strings = _forms(message.id), _forms(message.string)
        if _is_translated(message) and any(_holes(string) != _holes(ids[-1]) for string in strings):
            wrong.append(f"占位符不一致：{message.id!r} → {message.string!r}")
    return wrong


class Named:
    """A message with a key that tells singular and plural entries apart."""

    def __init__(self, message: Message) -> None:
        self.id, self.context = message.id, message.context
        self.id_key = tuple(_forms(message.id))


def update() -> None:
    """Bring the catalogue to what the source says; translations of strings that stayed are kept."""
    wanted = gather()
    if CATALOGUE.exists():
        kept = _read(CATALOGUE)
        kept.update(wanted, no_fuzzy_matching=True)
        kept.obsolete.clear()
        wanted = kept
    wanted.project, wanted.version = "Huying", "1"
    wanted.fuzzy = False
    wanted.header_comment = "# Huying 呼应: English."
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, wanted, include_lineno=False, sort_output=True, width=0, ignore_obsolete=True)
    text = re.sub(
        r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid-Bugs-To): .*\\n"\n',
        "",
        out.getvalue().decode(),
    )
    CATALOGUE.write_text(text, encoding="utf-8")


def _read(source: Path) -> Catalog:
    with source.open("rb") as file:
        return read_po(file, locale=source.parts[-3])


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        for file in (PROJECT / room).rglob("*"):
            if file.suffix == ".py" and not {"migrations", "__pycache__"} & set(file.parts):
                yield file
            elif file.suffix in {".html", ".txt"} and "templates" in file.parts:
                yield file
    for file in (PROJECT / "templates").rglob("*"):
        if file.suffix in {".html", ".txt", ".js", ".webmanifest"}:
            yield file


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _is_translated(message: Message) -> bool:
    return all(_forms(message.string)) and bool(message.string) and not message.fuzzy


def _holes(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def main(what: str) -> int:
    if what == "compile":
        compile_all()
    elif what == "update":
        import django

        django.setup()
        update()
        compile_all()
    else:
        wrong = faults()
        for sentence in wrong[:40]:
            print(sentence)
        if wrong:
            print(f"译文有 {len(wrong)} 处问题：运行 make words，然后补译 locale/en。")
            return 1
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "compile"))
