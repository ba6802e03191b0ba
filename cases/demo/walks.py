"""The demo's people walk their ground: the last ten days' rounds, most places often enough and some not."""

from __future__ import annotations

import datetime as dt
from random import Random

from cases import rounds
from cases.demo.cast import Cast
from cases.models import Round
from grid.models import Place
from ledger import clock

SEED, DAYS = 123, 10
WALKERS = ("wangge", "wangge2")
OFTEN = {"grid": 0.8, "building": 0.16}  # how likely on a day
VISITS = 0.35  # of the rounds to a building
HOUR = dt.timedelta(hours=1)


def walk(now: dt.datetime) -> int:
    """How many rounds were written down; a second time none."""
    if Round.objects.exists():
        return 0
    cast, chance, made = Cast(now), Random(SEED), []  # noqa: S311  a play, no secret
    for person in map(cast.named, WALKERS):
        ground = next((grant.place_path for grant in person.grants if grant.place_path), "")
        places = (
            Place.objects.filter(path__startswith=ground, kind__in=OFTEN, retired_at=None) if ground else ()
        )
        for place in sorted(places, key=lambda one: one.code):
            for ago in range(DAYS):
                morning = clock.local_midnight(clock.local_date(now) - dt.timedelta(days=ago)) + 8 * HOUR
                at, likely = morning + 9 * HOUR * chance.random(), chance.random() < OFTEN[place.kind]
                kind = "visit" if place.kind == "building" and chance.random() < VISITS else "patrol"
                if likely and at < now:
                    made.append((at, person, place.code, kind))
    for at, person, code, kind in sorted(made, key=lambda one: (one[0], one[2])):
        rounds.log(by=person, at=at, place=code, kind=kind)
    return len(made)
