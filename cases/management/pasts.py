"""The options by which commands read a file of past dispatches, and what they say of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from cases.routing import learning, past
from grid.errors import Unreadable


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, .gz or XLSX; one past dispatch a line")
    for name, usual in past.COLUMNS.items():
        option = "--" + name.replace("_", "-")
        parser.add_argument(
            option, default=usual, metavar="COLUMN", help=f"the column of it (default: {usual})"
        )
    parser.add_argument(
        "--items", type=Path, help="a checklist that says which of the file's matters an item covers"
    )
    parser.add_argument("--items-code", default="code", metavar="COLUMN")
    parser.add_argument("--items-category", default="category_code", metavar="COLUMN")
    parser.add_argument("--items-words", default="pingshan_types", metavar="COLUMN")
    parser.add_argument(
        "--support", type=int, default=learning.SUPPORT, help="dispatches that must speak for a row"
    )
    parser.add_argument(
        "--confidence", type=_share, default=learning.CONFIDENCE, help="how sure a row must be, 0 to 1"
    )


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise ValueError(text)
    return share


def read(options: dict[str, Any]) -> past.Past:
    """The file's dispatches; CommandError with the sentence where it cannot be read or teaches nothing."""
    try:
        items = None
        if options["items"]:
            items = past.items_of(
                options["items"], options["items_code"], options["items_words"], options["items_category"]
            )
        found = past.read(options["file"], {name: options[name] for name in past.COLUMNS}, items)
    except (Unreadable, OSError) as problem:
        raise CommandError(str(problem)) from None
    if not found.sent:
        raise CommandError(_("文件里没有可以学习的派遣。"))
    return found


def tell(command: BaseCommand, found: past.Past) -> None:
    """What was read, what was left out and why, which names are one unit."""
    command.stderr.write(_("%(n)s 行，可用 %(used)s 行。") % {"n": found.lines, "used": len(found.sent)})
    for reason, n in found.skipped.most_common():
        command.stderr.write(_("  略过 %(n)s 行：%(why)s") % {"n": n, "why": past.REASONS[reason]})
    for name, others in found.one_unit.items():
        command.stderr.write(
            _("  同一单位：%(name)s = %(others)s") % {"name": name, "others": "、".join(others)}
        )
