"""The demo town's calls are told and written, a few stories to a transaction; those told before are left alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from django.db import transaction

from cases import moves
from cases.demo import recipes
from cases.demo.cast import DEMO, Cast
from cases.demo.recipes import HOUR, Recipe
from cases.demo.story import NotYet, Story, evening_before, is_day, where_of
from cases.demo.texts import Text, texts
from cases.importing import batch
from cases.importing.places import Spot, held, quiet_paths
from cases.models import Call, Case
from cases.refusals import MoveRefused
from grid.models import Place
from grid.queries import lineages
from parties.demo import NOT_NEXT_DOOR, STREET
from parties.ids import fresh_ids

SEED = 123
TOGETHER = 40  # stories to a transaction
TOLD_WITHIN = dt.timedelta(days=2)  # what happened earlier is history: nobody finds a notice of it
PREFIX = "demo:"


@dataclass
class Played:
    """How many were taken and how many stood already; `stuck`: stories that a rule kept from going on."""

    taken: int = 0
    known: int = 0
    merged: int = 0
    stuck: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return str(self.taken)


@dataclass(frozen=True)
class Cue:
    """One story to be told."""

    ref: str
    recipe: Recipe
    text: Text
    spot: Spot
    at: dt.datetime
    chance: Random


def play(
    calls: int, now: dt.datetime, *, seed: int = SEED, progress: Callable[[int, int], None] | None = None
) -> Played:
    """Tell so many calls, the same for the same seed; a second time adds nothing. In order of time, so that
    their numbers are."""
    played = Played()
    stage = _Stage(Cast(now), now, seed)
    known = set(Case.objects.filter(external_ref__startswith=PREFIX).values_list("external_ref", flat=True))
    cues = sorted(stage.cues(calls), key=lambda cue: (cue.at, cue.ref))
    fresh = [cue for cue in cues if cue.ref not in known]
    played.known = len(cues) - len(fresh)
    for n in range(0, len(fresh), TOGETHER):
        with transaction.atomic():
            stage.tell(fresh[n : n + TOGETHER], played)
        if progress is not None:
            progress(min(n + TOGETHER, len(fresh)), len(fresh))
    _join_twins(stage, fresh, played)
    return played


class _Stage:
    def __init__(self, cast: Cast, now: dt.datetime, seed: int) -> None:
        self.cast, self.now, self.seed = cast, now, seed
        self.spots = _spots(cast)

    def cues(self, calls: int) -> Iterator[Cue]:
        used: Counter[Text] = Counter()
        for n, recipe in enumerate(recipes.counted(calls)):
            chance = Random(f"{self.seed}:{n}")  # noqa: S311  a play, no secret
            fitting = [text for text in texts() if recipe.fits(text)]
            # what was said least so far comes first, so that no text is heard twice before all were once
            least = min(used[text] for text in fitting)
            text = chance.choice([text for text in fitting if used[text] == least])
            used[text] += 1
            at = self._begin(recipe, chance)
            cue = Cue(f"{PREFIX}{n:04d}", recipe, text, self._spot(recipe.place, chance), at, chance)
            yield cue
            if recipe.name == recipes.TWIN:
                later = at + HOUR * chance.uniform(0.5, 2)
                again = Random(f"{self.seed}:{n}:again")  # noqa: S311
                yield Cue(f"{cue.ref}b", recipe, text, cue.spot, min(later, self.now), again)

    def _begin(self, recipe: Recipe, chance: Random) -> dt.datetime:
        at = self.now - HOUR * chance.uniform(*recipe.ages)
        if recipe.ages[1] > 48 and not is_day(at):  # people call by day; what is recent keeps its age
            at = evening_before(at) - HOUR * chance.uniform(0, 11)
        return at

    def _spot(self, place: str, chance: Random) -> Spot:
        if place == "any":
            draw = chance.random()
            place = "grid" if draw < 0.12 else "home" if draw < 0.28 else "street" if draw < 0.6 else "else"
        return chance.choice(self.spots[place] or self.spots["street"])

    def tell(self, cues: Sequence[Cue], played: Played) -> None:
        spots = held(cue.spot.id for cue in cues)
        lineages(spot.path for spot in spots.values())
        ids = zip(fresh_ids(Case, len(cues)), fresh_ids(Call, len(cues)), strict=True)
        news = []
        for cue, (case_id, call_id) in zip(cues, ids, strict=True):
            story = Story(self.cast, cue.chance, self.now, cue.text)
            story.take(
                cue.at,
                where_of(spots[cue.spot.id], case_id, call_id),
                cue.ref,
                by=cue.recipe.by,
                without_item=cue.recipe.without_item,
                reachable=cue.recipe.reachable,
            )
            try:
                cue.recipe.tell(story)
            except NotYet:
                pass
            except MoveRefused as refused:  # as on a day when the window for it is over: it stays where it is
                played.stuck.append(f"{cue.ref} {cue.recipe.name}: {refused.sentence}")
            news.append(story.new)
        batch.write(news, quiet_before=self.now - TOLD_WITHIN)
        played.taken += len(news)


def _spots(cast: Cast) -> dict[str, list[Spot]]:
    """Grids and buildings by where they are: wangge's grid, its community, its street, the other streets."""
    quiet = quiet_paths()
    own = next((grant.place_path for grant in cast.named("wangge").grants), "")
    street = Place.objects.get(code=STREET)
    district = street.path.removesuffix(f"{street.pk}/")
    apart = tuple(Place.objects.filter(code__in=NOT_NEXT_DOOR).values_list("path", flat=True))
    rows = Place.objects.filter(path__startswith=district, kind__in=("grid", "building"), retired_at=None)
    found: dict[str, list[Spot]] = {"grid": [], "home": [], "street": [], "else": []}
    home = own.rstrip("/").rpartition("/")[0] + "/"
    for row in rows.order_by("code").values_list("id", "code", "path", "kind"):
        spot = Spot(*row, live=True)
        if spot.path.startswith(quiet) or spot.path.startswith(apart):
            continue
        if own and spot.path.startswith(own):
            found["grid"].append(spot)
        if own and spot.path.startswith(home):
            found["home"].append(spot)
        found["street" if spot.path.startswith(street.path) else "else"].append(spot)
    return found


def _join_twins(stage: _Stage, cues: Sequence[Cue], played: Played) -> None:
    """Two calls of one matter: the desk merges the later into the elder."""
    for cue in cues:
        if cue.recipe.name != recipes.TWIN or not cue.ref.endswith("b"):
            continue
        elder = Case.objects.get(external_ref=cue.ref.removesuffix("b"))
        case = Case.objects.get(external_ref=cue.ref)
        by = stage.cast.named("jiedao") if case.street_id == elder.street_id else DEMO
        try:
            moves.perform(
                number=case.number,
                move="merge",
                by=by,
                at=max(case.last_at, stage.now - HOUR / 2),
                version=case.version,
                target=elder.number,
            )
        except MoveRefused as refused:
            played.stuck.append(f"{cue.ref} {cue.recipe.name}: {refused.sentence}")
            continue
        played.merged += 1
