"""Files of calls as they come: CSV, plain or gzipped, UTF-8 with or without BOM, or GB18030. Read as a stream,
so the length of a file does not matter; what a row means is `cases.importing.rows`."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext as _

from grid.errors import Unreadable

ENCODINGS = ("utf-8-sig", "gb18030")
LONGEST_CELL = 4 * 1024 * 1024  # characters; longer means a quote that was never closed
CHUNK = 1 << 20


@dataclass(frozen=True)
class Record:
    """One row as written. `number` is its row in a spreadsheet, the header being 1; `problem` a sentence where
    the row itself is damaged."""

    number: int
    cells: Mapping[str, str]
    problem: str = ""


class CallFile:
    """A file's header and, as often as asked, its records. Raises Unreadable with a sentence."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.encoding = self._encoding()
        with self._text() as stream:
            header = next(csv.reader(stream), [])
        self.header = [column.strip() for column in header]
        if not any(self.header):
            raise Unreadable(_("文件是空的，没有表头。"))

    def count(self) -> int:
        """How many rows there are below the header."""
        return sum(1 for _record in self.records())

    def records(self) -> Iterator[Record]:
        """Every row below the header; blank lines are counted and left out."""
        before = csv.field_size_limit(LONGEST_CELL)
        try:
            with self._text() as stream:
                yield from self._records(csv.reader(stream))
        except (OSError, EOFError, zlib.error):
            raise Unreadable(_("文件读到一半读不下去了：压缩文件已损坏或磁盘有问题。")) from None
        finally:
            csv.field_size_limit(before)

    def _records(self, lines) -> Iterator[Record]:
        next(lines, None)
        number = 1
        while True:
            number += 1
            try:
                values = next(lines)
            except StopIteration:
                return
            except csv.Error as problem:
                yield Record(number, {}, _("这一行读不懂：%(why)s。") % {"why": problem})
                continue
            if not any(value.strip() for value in values):
                continue
            cells = dict(zip(reversed(self.header), reversed(_fitted(values, len(self.header))), strict=True))
            extra = len(values) - len(self.header)
            if extra > 0 and any(value.strip() for value in values[-extra:]):
                yield Record(number, cells, _("这一行比表头多 %(n)s 列。") % {"n": extra})
            else:
                yield Record(number, cells)

    def _encoding(self) -> str:
        for encoding in ENCODINGS:
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                with self._bytes() as stream:
                    while chunk := stream.read(CHUNK):
                        decoder.decode(chunk)
                    decoder.decode(b"", final=True)
                return encoding
            except UnicodeDecodeError:
                continue
            except (OSError, EOFError, zlib.error) as problem:
                why = getattr(problem, "strerror", None) or _("压缩文件已损坏")
                raise Unreadable(_("文件打不开：%(why)s。") % {"why": why}) from None
        raise Unreadable(_("文字编码读不懂：请用 UTF-8 或 GB18030。"))

    def _bytes(self) -> IO[bytes]:
        with self.path.open("rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
        return cast("IO[bytes]", gzip.open(self.path)) if packed else self.path.open("rb")

    def _text(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(self._bytes(), encoding=self.encoding, newline="")


def _fitted(values: list[str], length: int) -> list[str]:
    """As many cells as the header has columns; missing ones are empty."""
    return [*values[:length], *[""] * (length - len(values))]
