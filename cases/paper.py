"""工单 on paper: one case as an A4 PDF, as its reader may see it, across it who printed it and when.

Takes what the page takes (`queries.detail.page`), so nothing is on paper that is not on the screen: masked the same,
hidden the same. Chinese is set in the face of `grid.sticker_sheets`.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import segno
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from cases.templatetags.huying import hm
from grid.sticker_sheets import font
from ledger.clock import LOCAL

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
LINE = colors.HexColor("#c9d2de")
MOST_WORDS = 3000  # of one text: a page and a half


@dataclass(frozen=True)
class Printed:
    """Who printed it, and when: it stands across every page."""

    name: str
    unit: str
    at: dt.datetime

    @property
    def words(self) -> str:
        return f"{self.name} {self.unit} {self.at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


def pdf(case: Mapping[str, Any], by: Printed, track_url: str = "") -> bytes:
    """The paper. `track_url`: where the resident sees his matter, as a code in the corner; "" for none."""
    title = _("工单 %(number)s") % {"number": case["number"]}
    return printed(_story(case, styles(font()), track_url, title), title, by, foot=case["number"])


def printed(
    story: Iterable[Flowable], title: str, by: Printed, *, foot: str, margin: float = MARGIN
) -> bytes:
    """An A4 document, across and below every page who printed it; `foot` stands with the page number."""
    whole = io.BytesIO()
    face = font()
    document = BaseDocTemplate(
        whole, pagesize=A4, title=title, author=by.unit, leftMargin=margin, rightMargin=margin,
        topMargin=margin, bottomMargin=margin,
    )  # fmt: skip
    frame = Frame(
        margin, margin, A4[0] - 2 * margin, A4[1] - 2 * margin,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip

    def around(canvas: Canvas, _document: BaseDocTemplate) -> None:
        _watermark(canvas, face, by.words)
        canvas.setFont(face, 8)
        canvas.setFillColor(colors.HexColor("#58667c"))
        canvas.drawString(margin, 10 * mm, _("打印：%(words)s") % {"words": by.words})
        canvas.drawRightString(A4[0] - margin, 10 * mm, f"{foot} · {canvas.getPageNumber()}")

    document.addPageTemplates(PageTemplate(frames=[frame], onPage=around))
    document.build(list(story))
    return whole.getvalue()


def styles(face: str) -> dict[str, ParagraphStyle]:
    base = ParagraphStyle("base", fontName=face, fontSize=10, leading=15, wordWrap="CJK")
    return {
        "base": base,
        "small": ParagraphStyle(
            "small", base, fontSize=8.5, leading=12.5, textColor=colors.HexColor("#465468")
        ),
        "title": ParagraphStyle("title", base, fontSize=19, leading=26),
        "head": ParagraphStyle("head", base, fontSize=12, leading=17, spaceBefore=9, spaceAfter=3),
    }


def _story(
    case: Mapping[str, Any], faces: Mapping[str, ParagraphStyle], track_url: str, title: str
) -> Iterable[Flowable]:
    def say(words: Any, style: str = "base") -> Paragraph:
        return Paragraph(marked(words), faces[style])

    head: list[Any] = [[say(title, "title"), say(case["title"]), say(_status(case), "small")]]
    widths = [WIDTH]
    if track_url:
        head.append([Code(track_url, 26 * mm), say(_("扫码看进展"), "small")])
        widths = [WIDTH - 32 * mm, 32 * mm]
    yield Table(
        [head],
        colWidths=widths,
        style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)]),
    )
    yield _facts(case, say)
    yield say(_("反映内容"), "head")
    for call in case["calls"]:
        caller = call["caller"]
        who = (
            _("匿名")
            if caller and caller["anonymous"]
            else " ".join(
                part for part in ((caller or {}).get("name", ""), (caller or {}).get("phone", "")) if part
            )
        )
        yield say(
            f"{call['number_label']} · {call['channel_label']} · {hm(call['called_at'])}　{who}", "small"
        )
        yield say(call["text"] or _("（没有文字）"))
    yield say(_("时限"), "head")
    rows = [
        [clock["label"], clock["against"], hm(clock["due_at"]), clock["words"]] for clock in case["clocks"]
    ]
    yield _table([[_("环节"), _("单位"), _("时限"), _("情况")], *rows], (0.2, 0.34, 0.2, 0.26), say)
    yield say(_("办理过程"), "head")
    for entry in reversed(case["timeline"]):
        if entry["at"] is None:
            continue
        yield say(f"{hm(entry['at'])}　{entry['label']}　{entry['who']}　{entry['words']}")
        if entry["quote"]:
            yield say(entry["quote"], "small")
    yield Spacer(1, 6 * mm)
    yield say(_("经办人：　　　　　　　　　负责人：　　　　　　　　　日期："))


def _status(case: Mapping[str, Any]) -> str:
    return " · ".join(
        part
        for part in (
            case["status_label"],
            case["item_name"],
            case["kind_label"],
            case["urgency_label"],
            case["level_label"],
        )
        if part
    )


def _facts(case: Mapping[str, Any], say: Any) -> Table:
    holder = " · ".join(part for part in (case["holder_name"], case["holder_person"]) if part)
    assisting = _("、").join(one["name"] for one in case["assisting"]) or _("没有")
    rows = [
        [_("地点"), case["place_text"], _("登记时间"), hm(case["called_at"])],
        [_("主办"), holder, _("协办"), assisting],
        [_("承诺"), hm(case["promised_at"]) if case["promised_at"] else "–", _("办结时限"), hm(case["due_at"]) if case["due_at"] else "–"],
    ]  # fmt: skip
    return _table(rows, (0.13, 0.42, 0.15, 0.3), say)


def _table(rows: list[list[Any]], shares: Iterable[float], say: Any) -> Table:
    cells = [[say(cell, "small") for cell in row] for row in rows]
    style = [
        ("GRID", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(cells, colWidths=[WIDTH * share for share in shares], style=TableStyle(style), spaceBefore=4)


def marked(words: Any) -> str:
    """Plain words as the paragraph takes them: nothing in them is markup."""
    text = str(words or "")
    text = text if len(text) <= MOST_WORDS else text[:MOST_WORDS] + "…"
    return escape(text).replace("\n", "<br/>")


def _watermark(canvas: Canvas, face: str, words: str) -> None:
    canvas.saveState()
    canvas.setFont(face, 16)
    canvas.setFillColor(colors.Color(0.05, 0.16, 0.34, alpha=0.07))
    canvas.translate(A4[0] / 2, A4[1] / 2)
    canvas.rotate(30)
    for n in range(-4, 5):
        canvas.drawCentredString((n % 2) * 60 * mm - 30 * mm, n * 32 * mm, words)
    canvas.restoreState()


class Code(Flowable):
    """A QR code of a given side."""

    def __init__(self, words: str, side: float) -> None:
        super().__init__()
        self.words, self.width, self.height = words, side, side

    def wrap(self, *_available: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        rows = [list(row) for row in segno.make(self.words, error="m", micro=False).matrix]
        side = self.width / len(rows)
        path = self.canv.beginPath()
        for r, row in enumerate(rows):
            for c, dark in enumerate(row):
                if dark:
                    path.rect(c * side, self.height - (r + 1) * side, side, side)
        self.canv.drawPath(path, stroke=0, fill=1)
