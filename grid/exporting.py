"""A subtree as a sheet that imports to no change."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from grid import columns, kinds, tree, workbooks
from grid.models import Place

_READ = ("code", "name", "above", "kind", "managed_by__code", "management", "aliases", "households",
         "residents", "lon", "lat", "valid_from")  # fmt: skip
AT_ONCE = 2000


def rows(root: Place | None = None) -> Iterator[list[Any]]:
    """The header, then every live place from `root` down (all, without one), parents before their children;
    read piece by piece."""
    chinese = not (get_language() or "").startswith("en")
    yield [words[0] if chinese else name for name, words in columns.COLUMNS.items()]
    places = Place.objects.filter(retired_at=None).annotate(above=Coalesce("parent__code", "superior__code"))
    if root is not None:
        places = places.filter(tree.within(root))
    labels = {name: str(kinds.label(name)) if chinese else name for name in kinds.KINDS}
    manners = {name: str(label) if chinese else name for name, label in kinds.MANAGEMENT_CHOICES}
    for code, name, above, kind, estate, management, aliases, *rest, valid_from in (
        places.order_by("path").values_list(*_READ).iterator(AT_ONCE)
    ):
        texts = [code, name, above or "", labels[kind], estate or "", manners.get(management, "")]
        texts.append(";".join(aliases))
        day = valid_from.isoformat() if valid_from else ""
        yield [columns.guarded(text) for text in texts] + ["" if one is None else one for one in rest] + [day]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_pieces(root: Place | None = None) -> Iterator[bytes]:
    """The sheet as CSV, UTF-8 with the mark by which spreadsheet programs know it; piece by piece."""
    write = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield b"\xef\xbb\xbf"
    for row in rows(root):
        yield write(row).encode()


def workbook(file: Any, root: Place | None = None) -> None:
    workbooks.write(file, _("地点"), rows(root))
