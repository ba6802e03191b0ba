"""Twenty random scopes and ten random periods: every figure equals the independent recount, as at the call and by today's
tree."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest

from cases.demo import play
from cases.figures.catalogue import RATES
from cases.figures.trees import TODAY
from cases.kinds import ENDED
from cases.models import Case
from cases.sla import sweep
from grid import commands as ground
from grid import homes
from grid.models import Place
from ledger import clock, post, versions
from tests.cases.figures.asked import held_beside
from tests.cases.voices_of_callers import many_rate
from tests.town import SYSTEM

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 20, tzinfo=clock.LOCAL)


def test_every_figure_equals_the_recount(town, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    play.play(60, NOW)
    sweep.sweep(at=NOW)
    assert many_rate(Random(5), NOW) > 5
    seen = held_beside(Random(20261122), NOW)
    # the town must have lived for this to mean anything; contact has no policy there
    assert [code for code in RATES if not seen[code]] in ([], ["contacted"])


def shift(chance: Random, at: dt.datetime) -> None:
    """Grids go elsewhere and back, one of them twice; a community is merged into its neighbour, a grid into its."""
    grids = list(Place.objects.filter(kind="grid", pk__in=Case.objects.values("place")).order_by("code"))
    communities = list(Place.objects.filter(kind="community", retired_at=None).order_by("code"))
    for turn, grid in enumerate(chance.sample(grids, 3) * 2):
        grid.refresh_from_db()
        beside = [one for one in communities if one.parent_id == grid.parent.parent_id and one != grid.parent]
        parent = chance.choice(beside)
        when = at + dt.timedelta(minutes=turn)
        ground.move_place(place=grid, parent=parent, version=grid.version, by=SYSTEM, at=when)
    at += dt.timedelta(hours=1)
    for kind in ("community", "grid"):
        rows = [Place.objects.get(pk=one.pk) for one in (communities if kind == "community" else grids)]
        busy = [one for one in rows if Case.objects.filter(path__contains=f"/{one.pk}/").exists()]
        gone = chance.choice(busy)
        target = chance.choice([
            one for one in Place.objects.filter(kind=kind, retired_at=None, parent=gone.parent_id).order_by("code") if one != gone
        ])  # fmt: skip
        ground.merge_places(
            places=[gone],
            versions=[gone.version],
            target=target,
            by=SYSTEM,
            at=at,
            basis="济任政办发〔2026〕6号",
        )
    post.deliver_pending()
    versions.refresh()


def test_by_todays_tree_too(town, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    play.play(60, NOW)
    sweep.sweep(at=NOW)
    many_rate(Random(5), NOW)
    chance, at = Random(7), NOW + dt.timedelta(hours=3)
    shift(chance, NOW + dt.timedelta(minutes=1))
    before = Case.objects.filter(status__in=ENDED).exists() and homes.moved()
    assert before, "ended cases keep the path they had, so that today's tree has something to say"
    seen = held_beside(chance, at, tree=TODAY, some=16, times=4)
    assert (
        seen["solved"]
        and seen["rated"]
        and seen["patrol"]
        and seen["resolve_on_time"]
        and seen["declined_rightly"] is not None
    )
