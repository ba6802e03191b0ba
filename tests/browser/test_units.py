"""The tree of units in a real browser, by the same hands as the places: dragged, moved by keys alone, merged, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_tree import active, look_for, row, steps
from tests.browser.visitor import DESK, Visitor
from tests.config.product import eventually

pytestmark = [pytest.mark.browser, pytest.mark.stack]
POLICE, JUSTICE, MARKET = "济阳街道派出所", "济阳街道司法所", "济阳街道市场监管所"


@pytest.fixture
def editor(busy_town, visit) -> Visitor:
    visitor = visit(busy_town, "admin", viewport=DESK)
    show(visitor)
    return visitor


def show(visitor: Visitor) -> None:
    visitor.open("/organisations/")
    visitor.page.locator("[data-ready]").wait_for()


def publish(visitor: Visitor, *told: str) -> None:
    visitor.open("/organisations/draft/")
    for words in told:
        assert visitor.page.get_by_text(words).first.is_visible(), words
    visitor.page.fill("[name=basis]", "济任政办发〔2026〕9号")
    visitor.page.click("button[value=publish]")
    visitor.page.get_by_text("已发布，共").wait_for()


def undo(visitor: Visitor) -> None:
    visitor.open("/organisations/published/")
    visitor.page.locator("a[href*='undo=']").first.click()
    visitor.page.locator("input[name=basis]").fill("更正")
    visitor.page.locator("button[value=undo]").first.click()
    visitor.page.get_by_text("已撤回这次发布").wait_for()


def above(visitor: Visitor, name: str) -> str:
    """What a unit hangs under as it is published, by its panel."""
    show(visitor)
    look_for(visitor, name)
    visitor.page.locator("#panel h2", has_text=name).wait_for()
    return visitor.page.locator("#panel .bd > p a").last.inner_text()


def drag(visitor: Visitor, source: Any, target: Any) -> None:
    box, there = source.bounding_box(), target.bounding_box()
    mouse = visitor.page.mouse
    mouse.move(box["x"] + 120, box["y"] + 16)
    mouse.down()
    mouse.move(box["x"] + 140, box["y"] + 30, steps=4)
    visitor.page.locator(".vghost").wait_for()
    mouse.move(there["x"] + 120, there["y"] + 16, steps=6)
    visitor.page.locator(".vrow.drop,.vrow.no").wait_for()
    mouse.up()


def test_dragged_onto_another_checked_published_and_taken_back(editor):
    look_for(editor, POLICE)
    drag(editor, row(editor, POLICE), row(editor, JUSTICE))
    editor.page.locator("#draft [data-draft-step]").wait_for()
    assert f"{POLICE} → {JUSTICE}" in steps(editor)[0]
    publish(editor, f"“{POLICE}”移到“{JUSTICE}”之下")
    assert above(editor, POLICE) == JUSTICE
    undo(editor)
    assert above(editor, POLICE) == "济阳街道"


def test_moved_renamed_and_taken_back_by_keys_alone(editor):
    look_for(editor, MARKET)
    editor.page.locator(".vtree").focus()
    keys = editor.page.keyboard
    keys.press("Control+x")
    keys.press("ArrowUp")
    onto = active(editor)
    assert onto != MARKET
    keys.press("Control+v")
    assert eventually(lambda: len(steps(editor)) == 1, 10) and f"{MARKET} → {onto}" in steps(editor)[0]
    keys.press("F2")
    keys.type("改过的机构")
    keys.press("Enter")
    assert eventually(lambda: len(steps(editor)) == 2, 10)
    keys.press("Control+z")
    assert eventually(lambda: len(steps(editor)) == 1, 10)
    publish(editor)
    assert above(editor, MARKET) == onto
    undo(editor)


def test_two_names_of_one_unit_chosen_and_merged(editor):
    look_for(editor, JUSTICE)
    editor.page.locator(".vtree").focus()
    editor.page.keyboard.press("Shift+ArrowDown")
    into = active(editor)
    editor.page.locator("[data-picked] button", has_text=into).click()
    editor.page.locator("#draft [data-draft-step]").wait_for()
    assert editor.page.locator(".vrow.off", has_text=JUSTICE).count() == 1
    publish(editor, f"“{JUSTICE}”并入“{into}”", "旧名永远找得到")
    show(editor)
    look_for(editor, JUSTICE)  # by its former name
    assert active(editor) == into
    undo(editor)


def test_who_may_only_look_changes_nothing(busy_town, visit):
    visitor = visit(busy_town, "shequ", viewport=DESK)
    show(visitor)
    assert visitor.page.locator("#draft").count() == 0
    look_for(visitor, POLICE)
    drag(visitor, row(visitor, POLICE), row(visitor, JUSTICE))
    visitor.page.locator(".vtree").focus()
    visitor.page.keyboard.press("F2")
    assert visitor.page.locator(".vrow input").count() == 0
    assert visitor.page.locator("[data-say]").inner_text() == "不能放在这里"
