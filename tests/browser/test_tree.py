"""The tree of places in a real browser: dragged, moved by keys alone, renamed in its row, checked and published."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.visitor import DESK, Visitor
from tests.config.product import eventually

pytestmark = [pytest.mark.browser, pytest.mark.stack]


@pytest.fixture
def editor(busy_town, visit) -> Visitor:
    visitor = visit(busy_town, "admin", viewport=DESK)
    visitor.open("/tree/")
    visitor.page.locator("[data-ready]").wait_for()
    return visitor


def row(visitor: Visitor, name: str, nth: int = 0) -> Any:
    return visitor.page.locator(".vrow", has=visitor.page.get_by_text(name, exact=True)).nth(nth)


def look_for(visitor: Visitor, typed: str) -> None:
    """The search opens what is above, and stands on what it found."""
    visitor.page.fill("[data-tree-search] [name=q]", typed)
    visitor.page.press("[data-tree-search] [name=q]", "Enter")
    visitor.page.locator(".vrow.on mark").wait_for()


def active(visitor: Visitor) -> str:
    return visitor.page.locator(".vrow.on .ell").inner_text()


def steps(visitor: Visitor) -> list[str]:
    return visitor.page.locator("#draft [data-draft-step]").all_inner_texts()


def publish(visitor: Visitor, basis: str) -> None:
    visitor.open("/tree/draft/")
    visitor.page.fill("[name=basis]", basis)
    visitor.page.click("button[value=publish]")
    visitor.page.get_by_text("已发布，共").wait_for()


def undo(visitor: Visitor) -> None:
    visitor.open("/tree/published/")
    visitor.page.locator("a[href*='undo=']").first.click()
    visitor.page.locator("input[name=basis]").fill("更正")
    visitor.page.locator("button[value=undo]").first.click()
    visitor.page.get_by_text("已撤回这次发布").wait_for()


def community_of(visitor: Visitor, grid: str) -> str:
    """What stands above a grid as it is published, by its panel's path."""
    look_for(visitor, grid)
    visitor.page.locator("#place-h", has_text=grid).wait_for()
    return visitor.page.locator("#panel .bd > p").first.inner_text().split(" / ")[-2]


def test_dragged_onto_another_community_checked_and_published(editor):
    look_for(editor, "颂运水庭第一网格")
    assert community_of(editor, "颂运水庭第一网格") == "颂运水庭社区居民委员会"
    source, target = row(editor, "颂运水庭第一网格"), row(editor, "颂运水庭社区居民委员会")
    other = row(editor, "风韵荷都社区居民委员会")
    other.scroll_into_view_if_needed()
    assert target.count() == 1
    source.scroll_into_view_if_needed()
    box, there = source.bounding_box(), other.bounding_box()
    mouse = editor.page.mouse
    mouse.move(box["x"] + 120, box["y"] + 16)
    mouse.down()
    mouse.move(box["x"] + 140, box["y"] + 40, steps=4)
    editor.page.locator(".vghost").wait_for()
    mouse.move(there["x"] + 120, there["y"] + 16, steps=8)
    editor.page.locator(".vrow.drop", has_text="风韵荷都").wait_for()
    mouse.up()
    editor.page.locator("#draft [data-draft-step]").wait_for()
    assert "颂运水庭第一网格 → 风韵荷都社区居民委员会" in steps(editor)[0]
    publish(editor, "济任政办发〔2026〕9号")
    editor.open("/tree/")
    editor.page.locator("[data-ready]").wait_for()
    assert community_of(editor, "颂运水庭第一网格") == "风韵荷都社区居民委员会"
    undo(editor)


def test_not_where_it_cannot_stand(editor):
    look_for(editor, "颂运水庭第二网格")
    source, target = row(editor, "颂运水庭第二网格"), row(editor, "颂运水庭第三网格")
    mouse = editor.page.mouse
    box, there = source.bounding_box(), target.bounding_box()
    mouse.move(box["x"] + 120, box["y"] + 16)
    mouse.down()
    mouse.move(there["x"] + 120, there["y"] + 16, steps=8)
    editor.page.locator(".vrow.no").wait_for()
    mouse.up()
    editor.page.locator("[data-misfits]:not([hidden])", has_text="网格不能放在网格之下").wait_for()
    assert editor.page.locator(".vghost").count() == 0 and steps(editor) == []


def test_of_several_dragged_those_that_do_not_fit_are_named(editor):
    look_for(editor, "颂运水庭第一网格")
    editor.page.locator("[data-rows]").focus()
    editor.page.keyboard.press("Shift+ArrowDown")
    editor.page.keyboard.press("Control+x")
    editor.page.locator(".vrow.cut").nth(1).wait_for()
    cut = editor.page.locator(".vrow.cut .ell").all_inner_texts()
    assert len(cut) == 2 and "颂运水庭第一网格" in cut
    look_for(editor, "风韵荷都第一网格")
    editor.page.locator("[data-rows]").focus()
    editor.page.keyboard.press("Control+v")
    told = editor.page.locator("[data-misfits]:not([hidden])")
    told.wait_for()
    assert all(name in told.inner_text() for name in cut)
    told.locator("button").click()
    assert not told.is_visible() and steps(editor) == []


def test_moved_renamed_and_taken_back_by_keys_alone(editor):
    look_for(editor, "颂运水庭第四网格")
    box = editor.page.locator(".vtree")
    box.focus()
    assert active(editor) == "颂运水庭第四网格"
    editor.page.keyboard.press("Control+x")
    assert editor.page.locator(".vrow.cut").count() == 1
    editor.page.keyboard.press("ArrowLeft")
    assert active(editor) == "颂运水庭社区居民委员会"
    editor.page.keyboard.press("ArrowLeft")  # folds it; the next community is one below
    editor.page.keyboard.press("ArrowDown")
    onto = active(editor)
    assert onto != "颂运水庭社区居民委员会"
    editor.page.keyboard.press("Control+v")
    editor.page.locator("#draft [data-draft-step]").wait_for()
    assert f"颂运水庭第四网格 → {onto}" in steps(editor)[0]
    editor.page.keyboard.press("F2")
    editor.page.keyboard.type("改过的社区")
    editor.page.keyboard.press("Enter")
    assert eventually(lambda: len(steps(editor)) == 2, 10)
    editor.page.keyboard.press("Control+z")
    assert eventually(lambda: len(steps(editor)) == 1, 10)
    publish(editor, "试")
    editor.open("/tree/")
    editor.page.locator("[data-ready]").wait_for()
    assert community_of(editor, "颂运水庭第四网格") == onto
    undo(editor)


def test_all_open_costs_few_elements_and_says_where_one_stands(editor):
    editor.page.click("[data-expand]")
    assert editor.page.evaluate("document.querySelectorAll('*').length") <= 1500
    box = editor.page.locator(".vtree")
    box.focus()
    editor.page.keyboard.press("End")
    last = editor.page.evaluate(
        "(() => { const box = document.querySelector('.vtree');"
        " const row = document.getElementById(box.getAttribute('aria-activedescendant'));"
        " return [row.getAttribute('aria-level'), row.getAttribute('aria-posinset') <= row.getAttribute('aria-setsize')]; })()"
    )
    assert int(last[0]) >= 4 and last[1]
    assert editor.page.evaluate("document.querySelectorAll('*').length") <= 1500
    editor.page.click("[data-collapse]")
    assert editor.page.locator(".vrow").count() < 40


def test_a_form_of_the_panel_keeps_the_tree_and_says_no_in_a_sentence(editor):
    look_for(editor, "颂运水庭第五网格")
    editor.page.locator("#place-h", has_text="颂运水庭第五网格").wait_for()
    editor.page.click("#panel details[data-tree-key=Move] summary")
    editor.page.fill("#panel [name=parent]", "没有这个地方")
    with editor.expecting(422):
        editor.page.click("#panel details[data-tree-key=Move] button")
        editor.page.locator("#draft .banner.bad").wait_for()
    assert "没找到" in editor.page.inner_text("#draft .banner.bad")
    assert editor.page.input_value("#panel [name=parent]") == "没有这个地方"
    assert editor.page.locator(".vrow.on").count() == 1


def test_several_chosen_become_a_new_one_and_the_old_are_found_among_the_retired(editor):
    look_for(editor, "颂运水庭第五网格")
    editor.page.locator("[data-rows]").focus()
    editor.page.keyboard.press("Shift+ArrowDown")
    anew = editor.page.locator("[data-merge-anew]")
    anew.wait_for()
    anew.locator("[name=name]").fill("颂运水庭合并网格")
    anew.locator("button").click()
    editor.page.locator("#draft [data-draft-step]").wait_for()
    assert "新设“颂运水庭合并网格”" in steps(editor)[0]
    assert editor.page.locator(".vrow.off").count() >= 2 and row(editor, "颂运水庭合并网格").count() == 1
    publish(editor, "试")
    editor.open("/tree/")
    editor.page.locator("[data-ready]").wait_for()
    editor.page.fill("[data-tree-search] [name=q]", "颂运水庭第五网格")
    editor.page.press("[data-tree-search] [name=q]", "Enter")
    gone = editor.page.locator("[data-gone-hits]:not([hidden])")
    gone.get_by_text("颂运水庭第五网格").wait_for()
    gone.locator("a").last.click()
    editor.page.get_by_text("承接").first.wait_for()
    editor.page.get_by_role("button", name="恢复 颂运水庭第五网格").click()
    editor.page.get_by_text("恢复已在草稿里").wait_for()
    editor.open("/tree/draft/")
    editor.page.locator("button[value=discard]").click()
    undo(editor)


def test_facts_are_changed_without_leaving_the_tree(editor):
    look_for(editor, "颂运水庭第三网格")
    editor.page.locator("#place-h", has_text="颂运水庭第三网格").wait_for()
    form = editor.page.locator("#panel details", has=editor.page.locator("[name=households]"))
    form.locator("summary").click()
    form.locator("[name=households]").fill("401")
    form.locator("button").click()
    editor.page.locator("#draft [data-draft-step]").wait_for()
    assert "颂运水庭第三网格 · 户数" in steps(editor)[0]
    editor.page.locator("#draft form[data-step] button").click()
    assert eventually(lambda: steps(editor) == [], 10)
