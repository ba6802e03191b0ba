"""A sheet handed in does what its report said, or nothing, and never stays half way."""

from __future__ import annotations

import pytest

from grid import uploads
from grid.models import Upload
from tests.grid.ground import AT, clerk

GRID, GRID_2 = "370811015001001", "370811015001002"
HEAD = "编码,名称,上级编码,类型,户数\n"
State = Upload.State


@pytest.fixture
def by(ground):
    return clerk("/", "tree")


def handed_in(by, rows: str) -> Upload:
    return uploads.hand_in((HEAD + rows).encode(), "表.csv", "", by=by, at=AT)


def looked_at(by, rows: str) -> Upload:
    upload = handed_in(by, rows)
    uploads.look(upload, by=by, at=AT)
    return Upload.objects.get()


def confirmed(upload: Upload, by) -> Upload:
    assert uploads.confirm(upload)
    uploads.do(upload, by=by, at=AT)
    return Upload.objects.get()


class TestOnlyWhatWasShown:
    ROWS = f"{GRID},一号网格,370811015001,网格,\n{GRID_2},前铺第二网格,370811015001,网格,\n"

    def test_a_rename_that_nobody_was_shown_is_not_taken_back(self, ground, by):
        upload = looked_at(by, self.ROWS)
        ground.rename(GRID_2, "同事改的名")
        upload = confirmed(upload, by)
        assert (upload.state, upload.problem) == (State.CHECKED, "核对之后有人改过，请再核对一遍。")
        assert (ground[GRID].name, ground[GRID_2].name) == ("前铺第一网格", "同事改的名")
        assert [one["code"] for one in upload.report["changes"]] == [GRID, GRID_2]  # now it is shown
        upload = confirmed(upload, by)
        assert (upload.state, upload.problem) == (State.DONE, "")
        assert (ground[GRID].name, ground[GRID_2].name) == ("一号网格", "前铺第二网格")

    def test_a_place_that_was_to_change_and_did_meanwhile(self, ground, by):
        upload = looked_at(by, self.ROWS)
        ground.rename(GRID, "同事改的名")
        assert confirmed(upload, by).state == State.CHECKED
        assert ground[GRID].name == "同事改的名"

    def test_what_the_sheet_does_not_speak_of_is_not_in_the_way(self, ground, by):
        upload = looked_at(by, self.ROWS)
        ground.rename("370811015002", "琵琶新社区")
        assert confirmed(upload, by).state == State.DONE

    def test_other_facts_are_another_plan(self, ground, by):
        upload = looked_at(by, f"{GRID},前铺第一网格,370811015001,网格,321\n")
        assert upload.report["plan"] != looked_plan(by, f"{GRID},前铺第一网格,370811015001,网格,322\n")
        assert upload.report["plan"] == looked_plan(by, f"{GRID},前铺第一网格,370811015001,网格,321\n")


def looked_plan(by, rows: str) -> str:
    upload = handed_in(by, rows)
    uploads.look(upload, by=by, at=AT)
    return Upload.objects.get(pk=upload.pk).report["plan"]
