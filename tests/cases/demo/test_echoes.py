"""What comes after in the demo town: ratings, 批示 and a board, once."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import reminding
from cases.demo import echoes, play
from cases.models import BoardCard, Case, Instruction
from ledger import clock
from ledger.models import Entry
from tests.cases.voices_of_callers import ratings
from tests.house.invariants import faults

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 20, tzinfo=clock.LOCAL)


@pytest.fixture(autouse=True)
def demo(settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path


def test_every_page_has_something_to_show(town):
    play.play(60, NOW)
    echoes.tell(NOW)
    said = set(ratings().values_list("solved", flat=True))
    assert said >= {"yes", "no", "partly"} and ratings().filter(step__in=("very_good", "good")).exists()
    looked = Entry.objects.filter(event="case.verified", payload__doubted=True)
    assert Case.objects.filter(doubted_at__isnull=False).exists() and looked.exists()
    assert Entry.objects.filter(event="case.reopened", payload__has_key="doubted").exists()
    assert Instruction.objects.filter(answered_at__isnull=False).exists()
    assert Instruction.objects.filter(answered_at=None, answer_by__lt=NOW).exists()
    assert Instruction.objects.filter(answered_at=None, answer_by__gt=NOW).exists()
    assert {"wish", "project"} <= set(BoardCard.objects.values_list("kind", flat=True))
    assert reminding.sweep(NOW) >= 1
    assert not [fault for case in Case.objects.all() for fault in faults(case)]
    before = Entry.objects.count()
    echoes.tell(NOW + dt.timedelta(minutes=5))
    assert Entry.objects.count() == before
