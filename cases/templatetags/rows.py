"""One row of the table of a queue or list, written in one go: fifty of them cost more than the rest of the page when
every cell is a node of a template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases.templatetags.marks import initial, rail, time_chip, tint, urgency_chip


def case_row(c: Mapping[str, Any], pickable: bool = False) -> SafeString:
    """A `<tr>` of `components/case_table.html` from a case row of `cases.queries.lists`; on a narrow screen the
    row becomes a card."""
    words = _words(get_language() or "")
    e = {name: escape(str(c[name] or "")) for name in TEXTS}
    urgent = urgency_chip(c["urgency"], c["urgency_label"])
    tag = f' <span class="chip">{escape(c["tag"])}</span>' if c["tag"] else ""
    unmatched = f' <span class="chip mark-un">{words["unmatched"]}</span>' if c["unmatched"] else ""
    return SafeString(
        f'<tr data-row="{e["url"]}" data-number="{e["number"]}" data-ahead="{e["url"]}keys/">{_pick(e["number"], c["version"]) if pickable else NO_PICK}'
        f'<td class="c-t"><a class="t" href="{e["url"]}">{e["title"]}</a> {urgent}{tag}{unmatched}<br>'
        f'<span class="small dim num">{e["number"]}　{e["status_label"]}</span>'
        "</td>"
        f'<td class="c-pl">{e["place_text"]}<br>'
        f'<span class="small dim">{e["item_name"] or words["no_item"]}</span></td>'
        f'<td class="c-rail">{rail(c["rail"], mini=True)}</td>'
        f'<td class="c-left">{time_chip(c["colour"], c["time_words"])}</td>'
        f'<td class="c-who">{_person(c["holder_person"], c["mine"], words)}'
        f"{_stood_for(c, words)}"
        '<span class="small t-warn" data-here hidden></span>'
        f'<span class="small dim hide-n">{e["holder_name"]}</span></td>'
        f'<td class="c-src muted">{e["channel_label"]}<br class="hide-n">'
        f'<span class="small dim hide-n">{e["origin_label"]}</span></td></tr>'
    )


def column_head(label: str, css: str = "", column: Mapping[str, str] | None = None) -> SafeString:
    """A column's heading; with `column` {url, state, words} a click sorts by it, and the heading says how it stands."""
    css = f' class="{escape(css)}"' if css else ""
    if not column:
        return SafeString(f"<th{css}>{escape(label)}</th>")
    mark = {"ascending": "↑", "descending": "↓"}.get(column["state"], "")
    by = escape(_("按%(what)s排序") % {"what": column["words"]})
    sort = f' aria-sort="{column["state"]}"' if mark else ""
    return SafeString(
        f'<th{css}{sort}><a class="by" href="{escape(column["url"])}" title="{by}">{escape(label)}'
        f'<span aria-hidden="true">{mark}</span></a></th>'
    )


TEXTS = (
    "url",
    "number",
    "title",
    "status_label",
    "place_text",
    "item_name",
    "holder_name",
    "channel_label",
    "origin_label",
)
NO_PICK = '<td class="c-pick"></td>'


def _pick(number: str, version: int) -> str:
    label = escape(_("选中 %(number)s") % {"number": number})
    return f'<td class="c-pick"><input type="checkbox" name="number" value="{number}@{version}" aria-label="{label}"></td>'


def _person(name: str, mine: bool, words: Mapping[str, str]) -> str:
    if not name:
        return f'<span class="dim">{words["unclaimed"]}</span><br class="hide-n">'
    return (
        f'<span class="row nowrap"><span class="av s {tint(name)}" aria-hidden="true">{escape(initial(name))}</span>'
        f"<span>{words['me'] if mine else escape(name)}</span></span>"
    )


def _stood_for(c: Mapping[str, Any], words: Mapping[str, str]) -> str:
    return f'<span class="chip info">{words["stand_in"]}</span>' if c.get("stand_in") else ""


@lru_cache(maxsize=8)
def _words(language: str) -> dict[str, str]:
    """The row's own words in the reader's language, looked up once."""
    return {
        "unmatched": escape(_("未配分工")),
        "no_item": escape(_("小项未定")),
        "unclaimed": escape(_("未领取")),
        "stand_in": escape(_("代办")),
        "me": escape(_("我")),
    }
