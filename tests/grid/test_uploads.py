"""A sheet handed in does what its report said, or nothing, and never stays half way."""

from __future__ import annotations

import pytest
from django.db import OperationalError, transaction

from grid import uploads
from grid.models import Upload
from tests.grid.ground import AT, Ground, clerk
from tests.threads import at_once

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


class TestNothingStaysHalfWay:
    ROW = f"{GRID},一号网格,370811015001,网格,\n"
    LATER = AT + 2 * uploads.WAIT

    @pytest.mark.parametrize("step", ["look", "do"])
    def test_what_nobody_expected_is_said(self, ground, by, monkeypatch, step):
        upload = handed_in(by, self.ROW) if step == "look" else looked_at(by, self.ROW)
        uploads.confirm(upload)
        monkeypatch.setattr(uploads.importing, "load", lambda *rows, **words: 1 / 0)
        getattr(uploads, step)(upload, by=by, at=AT)
        upload.refresh_from_db()
        assert (upload.state, upload.problem) == (State.REFUSED, str(uploads.FAILED))
        assert bytes(upload.content) == b"" and upload.finished_at == AT

    def test_without_the_database_it_stays_for_later(self, ground, by, monkeypatch):
        upload = handed_in(by, self.ROW)
        with monkeypatch.context() as broken:
            broken.setattr(uploads.importing, "load", fails(OperationalError("gone")))
            with pytest.raises(OperationalError):
                uploads.look(upload, by=by, at=AT)
        assert list(uploads.left(self.LATER)) == [upload]

    def test_what_was_left_is_found_a_few_times(self, ground, by):
        upload = handed_in(by, self.ROW)
        assert list(uploads.left(AT)) == []
        for _n in range(uploads.TRIES):
            assert list(uploads.left(self.LATER)) == [upload]
        assert list(uploads.left(self.LATER)) == []
        upload.refresh_from_db()
        assert (upload.state, upload.problem) == (State.REFUSED, str(uploads.FAILED))

    def test_one_that_waits_for_its_person_is_not_left(self, ground, by):
        upload = looked_at(by, self.ROW)
        assert list(uploads.left(self.LATER)) == []
        uploads.confirm(upload)
        assert list(uploads.left(self.LATER)) == [upload]
        uploads.do(upload, by=by, at=AT)
        assert list(uploads.left(self.LATER)) == [] and ground[GRID].name == "一号网格"


def fails(problem: Exception):
    def load(*rows, **words):
        raise problem

    return load


def looked_plan(by, rows: str) -> str:
    upload = handed_in(by, rows)
    uploads.look(upload, by=by, at=AT)
    return Upload.objects.get(pk=upload.pk).report["plan"]


@pytest.mark.django_db(transaction=True)
def test_a_sheet_in_somebodys_hands_is_left_to_them():
    Ground().plant()
    by = clerk("/", "tree")
    upload = handed_in(by, TestNothingStaysHalfWay.ROW)
    seen = []

    def another():
        uploads.look(upload, by=by, at=AT)
        seen.extend([Upload.objects.get().state, list(uploads.left(TestNothingStaysHalfWay.LATER))])

    with transaction.atomic():
        Upload.objects.select_for_update().get()
        assert at_once(another) == []
    assert seen == [State.CHECKING, []]
    uploads.look(upload, by=by, at=AT)
    assert Upload.objects.get().state == State.CHECKED
