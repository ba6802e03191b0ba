"""Twenty random scopes and ten random periods: every figure equals the independent recount."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest

from cases.demo import play
from cases.figures.asking import Period, Subject, subject_of
from cases.figures.catalogue import FED
from cases.figures.measuring import summary
from cases.models import Case
from cases.sla import sweep
from grid.models import Place
from ledger import clock
from parties import directory
from parties.models import Organisation
from tests.cases.figures.recount import Asked, Books, recount

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 20, tzinfo=clock.LOCAL)


def scopes(chance: Random, n: int) -> list[Subject]:
    """Places of every kind and organisations of every kind, busy ones more often."""
    paths = list(Place.objects.order_by("path").values_list("path", flat=True))
    busy = list(Case.objects.order_by("pk").values_list("path", flat=True))
    units = list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    holders = list(Case.objects.order_by("pk").values_list("holder_id", flat=True))
    found = []
    for turn in range(n):
        if turn % 2:
            unit = directory.by_id(chance.choice(holders if turn % 4 == 1 else units))
            found.append(Subject(organisation=unit))
        else:
            path = chance.choice(busy if turn % 4 == 0 else paths)
            parts = path.strip("/").split("/")
            depth = chance.randint(3, len(parts)) if len(parts) > 3 else len(parts)
            found.append(subject_of("/" + "/".join(parts[:depth]) + "/"))
    return found


def periods(chance: Random, n: int) -> list[Period]:
    today = NOW.date()
    found = []
    for _turn in range(n):
        first = today - dt.timedelta(days=chance.randint(0, 60))
        found.append(Period.of_days(first, first + dt.timedelta(days=chance.choice((0, 2, 6, 29, 40)))))
    return found


def test_every_figure_equals_the_recount(town, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    play.play(60, NOW)
    sweep.sweep(at=NOW)
    chance = Random(20261122)
    books = Books.read()
    seen: dict[str, int] = dict.fromkeys(FED, 0)
    for subject in scopes(chance, 20):
        for period in periods(chance, 10):
            asked = Asked(
                since=period.since,
                until=period.until,
                at=NOW,
                place_path=subject.place_path,
                organisation_path=subject.organisation.path if subject.organisation else "",
            )
            said = {
                code: (value.numerator, value.denominator)
                for code, value in summary(subject, period, NOW).items()
            }
            assert said == recount(books, asked), (subject, period)
            for code, (_num, den) in said.items():
                seen[code] += den
    # the town must have lived for this to mean anything; contact has no policy there
    assert [code for code, n in seen.items() if not n] in ([], ["contacted"])
