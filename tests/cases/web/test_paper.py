"""工单 on paper: what its reader may see, as a PDF, quickly; and what else there was at the place."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cases import paper
from cases.queries import detail
from ledger import clock
from tests.builders import CALLER, a_case, a_fact
from tests.pages import Reader
from tests.papers import words_of

pytestmark = pytest.mark.django_db
SENT = ("accept", "dispatch", "sign")


def words_for(who: str, case: Any, town: Any) -> str:
    """What the paper of this reader holds, flowable by flowable."""
    actor = town.actor(who)
    shown = detail.page(actor, detail.open_case(actor, case.number), clock.now(), nearby=False)
    return words_of(paper._story(shown, paper.styles(paper.font()), "", case.number))


def test_a_pdf_named_after_the_case_kept_by_nobody(town):
    case = a_case(through=SENT)
    reader = Reader("bumen")
    reader.client.get(f"/cases/{case.number}/paper/")  # the face is read once
    start = time.monotonic()
    answer = reader.client.get(f"/cases/{case.number}/paper/")
    took = time.monotonic() - start
    assert (
        answer.status_code == 200 and answer.content.startswith(b"%PDF-") and b"%%EOF" in answer.content[-16:]
    )
    assert answer["Content-Type"] == "application/pdf" and case.number in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"] and took < 3, took


def test_masked_as_the_page_is(town):
    case = a_case(through=SENT, text=f"请联系{CALLER['name']}，电话 {CALLER['phone']}。")
    case = a_fact(case, "note", by="bumen", text=f"打过 {CALLER['phone']}。")
    for who in ("bumen", "lingdao", "shenji", "wangge"):
        said = words_for(who, case, town)
        assert CALLER["phone"] not in said, who
        page = Reader(who).open(f"/cases/{case.number}/").words
        assert (CALLER["name"] in said) <= (CALLER["name"] in page), who
    assert case.number in said and "办理过程" in said


def test_outside_there_is_no_paper_and_no_history(town):
    case = a_case(through=SENT)
    for path in ("paper", "history", "texts/resolve"):
        assert Reader("linju").open(f"/cases/{case.number}/{path}/").status == 404


def test_hostile_and_endless_words_still_make_a_paper(town):
    case = a_case(through=SENT, text="<b>未闭合 & <para> " + "很长" * 900 + " 🙂 \u202e")
    for _ in range(3):
        case = a_fact(case, "note", by="bumen", text="<font size=900>&nbsp;" + "字" * 1900)
    answer = Reader("bumen").client.get(f"/cases/{case.number}/paper/")
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
    assert "<font size=900>" in words_for("bumen", case, town)


def test_the_history_of_the_place_holds_what_one_may_list(town):
    case, before = a_case(through=SENT), a_case(through=(*SENT, "resolve"), text="去年也有。")
    guarded = a_case(through=SENT, text="不给看的。")
    type(case).objects.filter(pk=guarded.pk).update(sensitive=True)
    reader = Reader("bumen").open(f"/cases/{case.number}/history/")
    assert reader.status == 200 and before.number in reader.text
    assert guarded.number not in reader.text and "不给看的" not in reader.text
