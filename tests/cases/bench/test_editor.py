"""The editor is measured in a real browser, or it is said plainly that there is none."""

from __future__ import annotations

import shutil

import pytest
from django.core.management import CommandError, call_command

from cases.bench import browsing, editor
from grid.models import Place
from ledger import clock
from tests.town import SYSTEM


def test_without_chromium_it_says_so_and_measures_nothing(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CommandError, match=r"没有找到 Chromium.*没有测量"):
        call_command("bench", "editor")


def test_a_browser_named_in_the_environment_is_taken(monkeypatch):
    monkeypatch.setenv("HUYING_CHROMIUM", "/bin/sh")
    assert browsing.find_chromium() == "/bin/sh"


def test_so_many_places_stand_below_the_grids(town):
    before = Place.objects.filter(retired_at=None).count()
    assert editor.fill(before + 25, by=SYSTEM, at=clock.now()) == before + 25
    assert Place.objects.filter(kind="building", name="1号楼").count() > 1
    assert editor.fill(before, by=SYSTEM, at=clock.now()) == before + 25  # none go away
