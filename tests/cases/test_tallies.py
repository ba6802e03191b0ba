"""What stands beside its source is what the source makes of it, whatever was done; and what is not is found and mended."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from django.core.management import call_command

from cases import tallies, tasks
from cases.models import Case, Clock
from tests import town as small_town
from tests.builders import a_case
from tests.house.test_random_walks import Walk

pytestmark = pytest.mark.django_db


def test_equal_to_a_rebuild_whatever_is_done(town):
    story = Walk(7)
    for _ in range(3):
        story.take()
    for _turn in range(25):
        story.step()
        assert tallies.check() == {}, story.done[-3:]


def test_what_is_wrong_is_told_and_mended(town, capsys, caplog):
    cases = [a_case("in_hand") for _ in range(3)]
    chance = Random(5)
    kept = Case.objects.order_by("pk").values_list(*tallies.COLUMNS, "next_due_at", "open_parts")
    before = list(kept)
    Case.objects.filter(pk=cases[0].pk).update(next_due_at=small_town.MONDAY - dt.timedelta(days=1))
    Case.objects.filter(pk=cases[1].pk).update(open_parts=chance.randint(2, 9), grid_id=None)
    Clock.objects.filter(case=cases[2]).update(street_id=None)
    with pytest.raises(SystemExit) as ended:
        call_command("rebuild_tallies", "--check")
    assert ended.value.code == 1
    said = capsys.readouterr().out
    assert "工单最紧的时限：1 处" in said and "未完成的协办：1 处" in said
    assert "工单的上级地点：1 处" in said and f"时钟的上级地点：{cases[2].clocks.count()} 处" in said
    assert sum(tasks.check_tallies().values()) == 3 + cases[2].clocks.count()
    assert "rows differ" in caplog.text
    call_command("rebuild_tallies")
    assert list(kept.all()) == before
    call_command("rebuild_tallies", "--check")
    assert "都与来源一致" in capsys.readouterr().out
