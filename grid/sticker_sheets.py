"""一楼一码 on paper: the QR stickers of a subtree as an A4 PDF, six to a page.

Chinese is set in STSong-Light, the song face that every PDF reader for Chinese brings or replaces by the system's
own, so no font has to be installed where the sheet is made; HUYING_PDF_FONT names a TrueType file to embed instead,
for sheets that go to a printer elsewhere.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from django.conf import settings
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.pdfgen.canvas import Canvas

from grid import queries, tree
from grid.errors import TreeRefused
from grid.models import Place, PlaceName

MOST = 3000  # stickers in one file: 500 pages
ACROSS, DOWN = 2, 3
MARGIN = 10 * mm
QR = 46 * mm
LATIN = "Helvetica"


@dataclass(frozen=True)
class Sticker:
    """One building's: what stands under its code."""

    token: str
    code: str
    name: str
    path: str


def stickers(root: Place) -> list[Sticker]:
    """Those of the live places at or below one that have a token, in the order of the tree. Refuses (422) none at
    all, and too many for one file."""
    rows = PlaceName.objects.filter(
        tree.within(root, "place__path"), kind=PlaceName.Kind.QR, place__retired_at=None
    )
    where = ("place__tree_id", "place__lft", "place__path")
    rows = rows.select_related("place").order_by(*where, "-pk").distinct(*where)
    found = list(rows[: MOST + 1])
    if not found:
        raise TreeRefused(_("“{name}”之下还没有楼栋，先在网格树里添加楼栋。").format(name=root.name))
    if len(found) > MOST:
        raise TreeRefused(_("一次最多印 {n} 张，请按街道或社区分开印。").format(n=MOST))
    queries.lineages(row.place.path for row in found)
    return [Sticker(row.value, row.place.code, row.place.name, _short(row.place)) for row in found]


def _short(place: Place) -> str:
    line = list(queries.lineage(place).values())[:-1]
    return " · ".join(one.name for one in line if one.kind in ("street", "community", "grid", "section"))


def pdf(found: Sequence[Sticker], site: str, title: str) -> bytes:
    """The sheets; `site` is the address that the codes lead to, without the last slash."""
    face = font()
    whole = io.BytesIO()
    canvas = Canvas(whole, pagesize=A4, pageCompression=1)
    canvas.setTitle(title)
    for n, (sticker, (x, y)) in enumerate(zip(found, _spots(len(found)), strict=True)):
        if n and n % (ACROSS * DOWN) == 0:
            canvas.showPage()
        if n % (ACROSS * DOWN) == 0:
            _cutting_lines(canvas)
        _draw(canvas, face, sticker, f"{site}/q/{sticker.token}/", x, y)
    canvas.save()
    return whole.getvalue()


def _spots(count: int) -> Iterator[tuple[float, float]]:
    """Left lower corners, row by row from the top."""
    width, height = _cell()
    for n in range(count):
        row, column = divmod(n % (ACROSS * DOWN), ACROSS)
        yield MARGIN + column * width, A4[1] - MARGIN - (row + 1) * height


def _cell() -> tuple[float, float]:
    return (A4[0] - 2 * MARGIN) / ACROSS, (A4[1] - 2 * MARGIN) / DOWN


def _cutting_lines(canvas: Canvas) -> None:
    width, height = _cell()
    canvas.setDash(1, 3)
    canvas.setLineWidth(0.4)
    for n in range(ACROSS + 1):
        canvas.line(MARGIN + n * width, MARGIN, MARGIN + n * width, A4[1] - MARGIN)
    for n in range(DOWN + 1):
        canvas.line(MARGIN, MARGIN + n * height, A4[0] - MARGIN, MARGIN + n * height)
    canvas.setDash()


def _draw(canvas: Canvas, font: str, sticker: Sticker, address: str, x: float, y: float) -> None:
    width, height = _cell()
    middle, room = x + width / 2, width - 8 * mm
    _centred(canvas, font, sticker.name, 22, middle, y + height - 12 * mm, room)
    _centred(canvas, font, sticker.path, 10.5, middle, y + height - 18.5 * mm, room)
    _qr(canvas, address, middle - QR / 2, y + height - 22 * mm - QR)
    _centred(canvas, font, _("有事扫一扫，网格来帮忙"), 17, middle, y + 15 * mm, room)
    _centred(canvas, LATIN, sticker.code, 11, middle, y + 8 * mm, room)


def _centred(canvas: Canvas, font: str, text: str, size: float, x: float, y: float, room: float) -> None:
    """A line that shrinks until it fits, and is cut where even that does not help."""
    while pdfmetrics.stringWidth(text, font, size) > room and size > 7:
        size -= 0.5
    while pdfmetrics.stringWidth(text, font, size) > room:
        text = text[:-2] + "…"
    canvas.setFont(font, size)
    canvas.drawCentredString(x, y, text)


def _qr(canvas: Canvas, address: str, x: float, y: float) -> None:
    """Squares of the code as lines of one path; a quarter may be dirty and it still reads."""
    code = segno.make(address, error="q", micro=False, boost_error=False)
    rows = [list(row) for row in code.matrix]
    side = QR / len(rows)
    path = canvas.beginPath()
    for r, row in enumerate(rows):
        start = None
        for c, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = c
            elif not dark and start is not None:
                path.rect(x + start * side, y + QR - (r + 1) * side, (c - start) * side, side)
                start = None
    canvas.drawPath(path, stroke=0, fill=1)


@functools.cache
def font() -> str:
    """The Chinese face, known to the PDF library."""
    given = settings.PDF_FONT
    if given:
        try:
            pdfmetrics.registerFont(TTFont("HuyingChinese", Path(given), subfontIndex=0))
        except (TTFError, OSError) as problem:
            raise TreeRefused(
                _("HUYING_PDF_FONT 指的字体用不了：要 TrueType（.ttf、.ttc）文件。")
            ) from problem
        return "HuyingChinese"
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "STSong-Light"
