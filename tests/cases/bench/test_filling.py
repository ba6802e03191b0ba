"""Copies of real cases over years and streets: as whole as their originals, and figures read them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F

from cases.bench import filling
from cases.figures.asking import Period, subject_of
from cases.figures.measuring import summary
from cases.models import Call, Case, Clock, Holding, Voice
from grid.models import Place
from ledger import clock
from tests import town as small_town
from tests.builders import a_case

pytestmark = pytest.mark.django_db


def test_years_of_cases_are_whole_and_counted(town):
    now = clock.now()
    began = now - dt.timedelta(days=20)
    originals = [a_case(at, when=began) for at in ("received", "in_hand", "answered", "rejected")]
    said: list[str] = []
    filling.fill_years(originals, 400, years=2, say=said.append)
    assert Case.objects.count() == 400 and len(said) == 1
    of_original = {case.pk: Clock.objects.filter(case=case).count() for case in originals}
    copies = Case.objects.exclude(pk__in=of_original)
    assert {case.clocks.count() for case in copies} <= set(of_original.values())
    assert {case.status for case in copies} == {case.status for case in originals}
    assert Holding.objects.count() >= Holding.objects.filter(case__in=of_original).count()
    # each stands in a grid of the tree, with its whole path, and long ago as well
    grids = set(Place.objects.filter(kind="grid").values_list("pk", flat=True))
    assert {case.place_id for case in copies} <= grids
    assert all(case.path.endswith(f"/{case.grid_id}/") and case.street_id for case in copies)
    assert copies.filter(received_at__lt=now - dt.timedelta(days=300)).exists()
    assert not copies.filter(received_at__gt=now).exists()
    district = subject_of("/".join(small_town.place(small_town.STREET).path.split("/")[:4]) + "/")
    values = summary(district, Period.of_days(dt.date(now.year - 3, 1, 1), clock.local_date(now)), now)
    assert values["withdrawn"].denominator == 400
    filling.fill_years(originals, 300, years=2, say=said.append)  # there are as many already
    assert Case.objects.count() == 400
    # each copy's caller was told as the original's, and speaks for the copy
    told = Call.objects.filter(case__in=copies, told_at__isnull=False)
    assert told.exists() and told.count() == Voice.objects.filter(case__in=copies).count()
    assert not Voice.objects.filter(case__in=copies).exclude(case_id=F("call__case_id")).exists()


def test_older_years_add_what_has_ended(town):
    now = clock.now()
    originals = [a_case(at, when=now - dt.timedelta(days=20)) for at in ("in_hand", "answered")]
    filling.fill_years(originals, 200, years=2, say=lambda _said: None)
    lively, newest = Case.objects.filter(status="in_hand").count(), Case.objects.latest("pk").pk
    filling.fill_years(originals, 400, years=4, told=2, say=lambda _said: None)
    older = Case.objects.filter(pk__gt=newest)
    assert older.count() == 200 and Case.objects.filter(status="in_hand").count() == lively > 0
    assert not older.filter(received_at__gt=now - dt.timedelta(days=2 * 365)).exists()
