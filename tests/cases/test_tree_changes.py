"""A single change of the tree, by REST or by a sheet: shown beforehand with everything that follows from it, told
afterwards to the posted staff, as a publication is."""

from __future__ import annotations

import io

import pytest

from cases.models import Notice
from cases.queries import place_tree
from grid import drafts, importing, sheets, uploads
from grid.models import Draft, Place
from ledger import clock, post
from tests.builders import a_case
from tests.clients import Api
from tests.town import COMMUNITY, COMMUNITY_2, GRID, GRID_2, GRID_3, STREET

BASIS = "济任政办发〔2026〕3号"


@pytest.fixture
def worked(town):
    """Open work in what will change."""
    a_case(place=GRID, by="jiedao")
    a_case(place=GRID_3, by="jiedao")
    return town


def told(town, username: str) -> list[Notice]:
    post.deliver_pending()
    return list(Notice.objects.filter(event="draft.published", account=town.account(username)))


def rest(code: str, move: str, /, dry_run: bool = False, **sent) -> dict:
    version = Place.objects.get(code=code).version
    url = f"places/{code}/moves/{move}/" + ("?dry_run=1" if dry_run else "")
    answer = Api("admin").post(url, {"version": version, **sent})
    assert answer.status_code == 200, answer.content
    return answer.json()


MOVES = {
    "rename": (GRID, {"name": "新名网格"}, {}),
    "recode": (GRID, {"code": "G-9"}, {}),
    "move": (GRID, {"parent": COMMUNITY_2}, {}),
    "merge": (COMMUNITY_2, {"target": COMMUNITY}, {"places": [COMMUNITY_2]}),
    "retire": (COMMUNITY, {}, {}),  # nobody takes over: it blocks
    "set_facts": (GRID, {"households": 300}, {}),
}


@pytest.mark.parametrize("move", MOVES)
def test_a_dry_run_shows_what_a_drafts_check_shows(worked, move):
    code, sent, args = MOVES[move]
    shown = rest(code, move, dry_run=True, **sent)["impacts"]
    admin, at = worked.actor("admin", clock.now()), clock.now()
    draft = drafts.open_draft(by=admin, at=at)
    args = {**(args or {"place": code}), **sent}
    checked = drafts.check(drafts.add(draft, command=move, args=args, by=admin, at=at), by=admin, at=at)
    assert [(one["subject"], one["count"], one["sentence"], one["blocks"]) for one in shown] == [
        (one.subject, one.count, one.sentence, one.blocks) for one in checked.impacts
    ]
    if move == "move":
        assert {"cases", "postings"} <= {one["subject"] for one in shown}
    if move == "retire":
        assert {one["subject"] for one in shown if one["blocks"]} >= {"places", "cases", "postings"}


def test_opening_is_shown_without_being_done(worked):
    body = {"kind": "grid", "name": "第九网格", "parent": COMMUNITY}
    answer = Api("admin").post("places/?dry_run=1", body)
    assert answer.status_code == 200 and answer.json()["code"] and answer.json()["dry_run"]
    assert not Place.objects.filter(name="第九网格").exists()
    assert (
        Api("admin").post("places/?dry_run=1", {**body, "parent": GRID_2, "kind": "community"}).status_code
        == 422
    )


def test_the_posted_staff_hear_of_a_single_change_once(worked):
    rest(COMMUNITY_2, "merge", target=COMMUNITY)
    (notice,) = told(worked, "shequ")
    assert COMMUNITY_2 not in str(notice.facts) and len(notice.facts["names"]) == 2
    assert told(worked, "admin") == []  # who did it knows
    assert told(worked, "linju") == []


def test_of_a_publication_once_too(worked):
    admin, at = worked.actor("admin", clock.now()), clock.now()
    draft = drafts.open_draft(by=admin, at=at, basis=BASIS)
    draft = drafts.add(
        draft, command="merge", args={"places": [COMMUNITY_2], "target": COMMUNITY}, by=admin, at=at
    )
    drafts.publish(
        drafts.add(draft, command="rename", args={"place": GRID, "name": "甲"}, by=admin, at=at),
        by=admin,
        at=at,
    )
    assert len(told(worked, "shequ")) == 1


def test_the_panel_counts_what_is_open_only(worked):
    a_case(place=GRID, by="jiedao", at="answered")
    panel = place_tree.panel(worked.place(GRID), worked.actor("admin", clock.now()), clock.now())
    assert panel["open_cases"]["count"] == 1 and panel["open_cases"]["url"].endswith("status=open")


class TestSheet:
    def rows(self, *lines: str) -> str:
        return "编码,名称,上级编码,类型\n" + "\n".join(lines)

    def line(self, code: str, **said: str) -> str:
        place = Place.objects.get(code=code)
        said = {"name": place.name, "above": place.above.code, **said}
        return f"{code},{said['name']},{said['above']},{place.kind}"

    def test_its_dry_run_says_what_follows_and_the_staff_is_told_once(self, worked):
        admin, at = worked.actor("admin", clock.now()), clock.now()
        text = self.rows(
            self.line(GRID, name="新名网格", above=COMMUNITY_2), self.line(GRID_2, name="改名二")
        )
        upload = uploads.hand_in(text.encode(), "改.csv", BASIS, by=admin, at=at)
        uploads.look(upload, by=admin, at=at)
        upload.refresh_from_db()
        follows = upload.report["consequences"]
        assert any(one["number"] == 2 and "在办工单" in one["sentence"] for one in follows)
        assert any("任职" in one["sentence"] for one in follows)
        assert not Draft.objects.exists() and Place.objects.get(code=GRID).parent.code == COMMUNITY
        assert uploads.confirm(upload)
        uploads.do(upload, by=admin, at=at)
        assert Place.objects.get(code=GRID).parent.code == COMMUNITY_2
        assert Draft.objects.get().basis == BASIS
        assert len(told(worked, "wangge")) == 1

    def test_what_has_no_home_is_named_with_its_row(self, worked):
        """A community clerk may not be moved out of everybody's right: the move is refused row by row."""
        admin, at = worked.actor("admin", clock.now()), clock.now()
        text = self.rows(self.line(COMMUNITY, above=STREET), self.line(GRID, above=COMMUNITY_2))
        rows = sheets.read(io.BytesIO(text.encode()))
        report = importing.load(rows, by=admin, at=at, dry_run=True)
        assert report.problems == [] and {number for number, _impact in report.consequences} == {3}
