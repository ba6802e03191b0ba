"""周报 on paper: one sheet of A4, as somebody would hand it on. Takes what the page takes (`queries.weekly_report.page`),
so no number on it differs from the screen's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, HRFlowable, Paragraph, Spacer, Table, TableStyle

from cases.paper import LINE, Printed, marked, printed
from cases.templatetags.huying import hm, long_date, signed
from grid.sticker_sheets import font

MARGIN = 15 * mm
WIDTH = A4[0] - 2 * MARGIN
RED, INK, GREY = colors.HexColor("#b3261e"), colors.HexColor("#16202e"), colors.HexColor("#58667c")
STATES = {
    "ok": gettext_lazy("达标"),
    "warn": gettext_lazy("预警"),
    "bad": gettext_lazy("未达标"),
    "few": gettext_lazy("样本少"),
}


def pdf(report: Mapping[str, Any], by: Printed) -> bytes:
    week = report["week"]
    return printed(_story(report), report["title"], by, foot=week["name"], margin=MARGIN)


def _faces() -> dict[str, ParagraphStyle]:
    base = ParagraphStyle("base", fontName=font(), fontSize=8.5, leading=11.5, wordWrap="CJK", textColor=INK)
    return {
        "base": base,
        "title": ParagraphStyle("title", base, fontSize=20, leading=27, alignment=1, textColor=RED),
        "sub": ParagraphStyle("sub", base, fontSize=10, leading=14, alignment=1),
        "say": ParagraphStyle("say", base, fontSize=10.5, leading=16, firstLineIndent=21),
        "head": ParagraphStyle("head", base, fontSize=10.5, leading=14, spaceBefore=4, spaceAfter=2),
        "right": ParagraphStyle("right", base, alignment=2),
        "small": ParagraphStyle("small", base, fontSize=7, leading=9.5, textColor=GREY),
        "label": ParagraphStyle("label", base, fontSize=8, leading=11, textColor=GREY),
    }


def _story(report: Mapping[str, Any]) -> Iterable[Flowable]:
    faces, week = _faces(), report["week"]

    def say(words: Any, face: str = "base") -> Paragraph:
        return Paragraph(marked(words), faces[face])

    yield say(report["title"], "title")
    days = {
        "year": week["year"], "n": week["n"], "first": long_date(week["first"]), "last": long_date(week["last"]),
    }  # fmt: skip
    yield say(_("%(year)s 年第 %(n)s 周（%(first)s 至 %(last)s）") % days, "sub")
    yield HRFlowable(width="100%", thickness=1.6, color=RED, spaceBefore=4, spaceAfter=5)
    yield say(_summary(report), "say")
    yield say(_("一、核心指标"), "head")
    yield _figures(report, say)
    yield say(
        _(
            "环比单位为百分点。按环节算的，到期那一周算：按时做完才算做到；返工、重办会让办结作废；挂账中、批准剔除和已并案的不算。"
        ),
        "small",
    )
    gap = 5 * mm
    left, right = (WIDTH - gap) * 0.44, (WIDTH - gap) * 0.56
    yield Table(
        [[_ranking(report, say, left), "", _late(report, say, right)]],
        colWidths=[left, gap, right],
        style=TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *_no_padding()]),
    )
    yield say(_("四、事后变动"), "head")
    yield from _later(report, say)
    yield Spacer(1, 3 * mm)
    yield Table(
        [[say(_("领导批示："), "head")]],
        colWidths=[WIDTH],
        rowHeights=[26 * mm],
        style=TableStyle([("BOX", (0, 0), (-1, -1), 0.7, INK), ("VALIGN", (0, 0), (-1, -1), "TOP")]),
    )


def _no_padding() -> list[tuple[Any, ...]]:
    return [(side, (0, 0), (-1, -1), 0) for side in ("LEFTPADDING", "RIGHTPADDING")]


def _summary(report: Mapping[str, Any]) -> str:
    """The week in one sentence."""
    said = []
    for head in report["heads"][:3]:
        words = _("%(label)s %(n)s 件") % head
        said.append(words + (_("（环比 %(change)s）") % {"change": head["change"]} if head["change"] else ""))
    now, late, near = (head["n"] for head in report["heads"][3:])
    standing = {"at": _moment(report["at"]), "now": now, "late": late, "near": near}
    return _(
        "%(whose)s本周%(said)s。截至 %(at)s，在办 %(now)s 件，其中超时 %(late)s 件、临期 %(near)s 件。"
    ) % {
        "whose": report["whose"],
        "said": _("，").join(said),
        **standing,
    }


def _moment(at: dt.datetime) -> str:
    return str(hm(at))


def _table(rows: Sequence[Sequence[Any]], shares: Iterable[float], width: float) -> Table:
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("LINEBELOW", (0, 0), (-1, 0), 0.9, INK),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.7),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(rows, colWidths=[width * share for share in shares], style=TableStyle(style))


def _figures(report: Mapping[str, Any], say: Any) -> Table:
    rows = [
        [
            say(_("指标"), "label"), say(_("本周"), "label"), say(_("环比"), "label"), say(_("目标"), "label"),
            say(_("评价"), "label"), say(_("怎么算"), "label"),
        ]
    ]  # fmt: skip
    for row in report["figures"]:
        sign = "≥" if row["up"] else "≤"
        counted = f"{row['num_words']} {row['numerator']:,} ÷ {row['den_words']} {row['denominator']:,}"
        rows.append(
            [
                say(row["name"]),
                say("—" if row["percent"] is None else f"{row['percent']}%"),
                say("—" if row["delta"] is None else signed(row["delta"])),
                say("" if row["target"] is None else f"{sign} {row['target']:g}%"),
                say(STATES[row["state"]]),
                say(counted, "small"),
            ]
        )
    times = report["handling"]
    before = _("上周 %(t)s") % {"t": times["before"]} if times["before"] else "—"
    rows.append(
        [
            say(times["name"]), say(times["median"]), say(before, "small"), "",
            say(_("平均 %(t)s") % {"t": times["mean"]}, "small"),
            say(_("%(words)s，%(n)s 件") % {"words": times["words"], "n": times["cases"]}, "small"),
        ]
    )  # fmt: skip
    return _table(rows, (0.14, 0.13, 0.12, 0.09, 0.12, 0.4), WIDTH)


def _ranking(report: Mapping[str, Any], say: Any, width: float) -> list[Flowable]:
    found = report["ranking"]
    title = say(_("二、%(title)s") % found, "head")
    few = [say(_("另有 %(n)s 个样本少，不排名。") % {"n": found["few"]}, "small")] if found["few"] else []
    if not found["rows"]:
        return [title, *(few or [say(_("这一周没有到期的环节，没有可排的。"), "small")])]
    rows = [
        [
            say(_("名次"), "label"),
            "",
            say(_("到期环节"), "label"),
            say(_("按时"), "label"),
            say(_("环比"), "label"),
        ]
    ]
    for row in found["rows"]:
        rows.append(
            [
                say(row["rank"] or "—"),
                say(row["name"]),
                say(f"{row['n']:,}"),
                say(f"{row['score']}%"),
                say("" if row["delta"] is None else signed(row["delta"])),
            ]
        )
    more = [say(_("中间 %(n)s 个略。") % {"n": found["skipped"]}, "small")] if found["skipped"] else []
    return [title, _table(rows, (0.12, 0.42, 0.17, 0.16, 0.13), width), *more, *few]


def _late(report: Mapping[str, Any], say: Any, width: float) -> list[Flowable]:
    title = say(_("三、超时未办"), "head")
    if not report["late"]:
        said = _("没有超时的工单。")
        if report["late_total"]:
            said = _("%(n)s 件，不在您能列出的范围内。") % {"n": report["late_total"]}
        return [title, say(said, "small")]
    rows = [[say(_("工单"), "label"), say(_("在谁手里"), "label"), say(_("已超"), "label")]]
    for row in report["late"]:
        words = row["title"] if len(row["title"]) <= 22 else row["title"][:21] + "…"
        rows.append([say(words), say(row["holder"]), say(row["late"])])
    more = [say(_("另有 %(n)s 件。") % {"n": report["late_more"]}, "small")] if report["late_more"] else []
    return [title, _table(rows, (0.52, 0.27, 0.21), width), *more]


def _later(report: Mapping[str, Any], say: Any) -> Iterable[Flowable]:
    if not report["later_total"]:
        yield say(
            _("本周结束以后，没有一笔记录改动它的数。") if report["over"] else _("本周还没过完。"), "small"
        )
        return
    for row in report["later"]:
        yield say(f"{hm(row['at'])} {row['number'] or row['title']} {row['what']}", "small")
    yield say(_("共 %(n)s 笔。") % {"n": report["later_total"]}, "small")
