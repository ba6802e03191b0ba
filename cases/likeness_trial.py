"""How good is the offer to join? Messages are replayed in the order of their days, each compared with the open
matters before it, as intake does; what was offered is held against what people know to be one matter. Pure."""

from __future__ import annotations

import bisect
import datetime as dt
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cases import likeness
from cases.likeness import Weights, Words

OFFERED = 3
DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


@dataclass(frozen=True)
class Message:
    """`matter`: what is known to be the same, "" where it stands alone. Without a date it is compared with all."""

    key: str
    text: str
    on: dt.date | None
    matter: str = ""


@dataclass
class Trial:
    """Per message that has an elder twin or was offered one: the matters offered with their scores."""

    offers: list[tuple[bool, list[tuple[float, bool]]]] = field(default_factory=list)
    messages: int = 0
    seconds: float = 0.0

    def at(self, threshold: float) -> Outcome:
        """What would have been offered from this threshold on."""
        right = wrong = expected = 0
        for has_twin, offered in self.offers:
            expected += has_twin
            for score, is_right in offered:
                if score >= threshold:
                    right += is_right
                    wrong += not is_right
        return Outcome(threshold, right, wrong, expected)


@dataclass(frozen=True)
class Outcome:
    threshold: float
    right: int
    wrong: int
    expected: int

    @property
    def precision(self) -> float | None:
        offered = self.right + self.wrong
        return self.right / offered if offered else None

    @property
    def recall(self) -> float | None:
        return self.right / self.expected if self.expected else None

    @property
    def f(self) -> float | None:
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p and r else None


def date_of(text: str) -> dt.date | None:
    """The day in a time of any usual spelling; None where there is none."""
    found = DATE.match(text.strip())
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def replay(messages: Iterable[Message], *, days: int | None = likeness.DAYS, least: float = 0.1) -> Trial:
    """Each message against those of the `days` before it (None: all), by what they say alone; one matter once, by
    its likest telling, at most three offered. `least`: below it nothing is kept."""
    told = sorted(messages, key=lambda one: (one.on or dt.date.min, one.key))
    weights = Weights.of(one.text for one in told)
    words = [Words(one.text, weights) for one in told]
    dates = [one.on or dt.date.min for one in told]
    holders = _holders(words) if days is None else {}
    trial = Trial(messages=len(told))
    began = time.perf_counter()
    for n, one in enumerate(told):
        if days is None:
            earlier: Sequence[int] = sorted(
                {m for pair in words[n].pairs for m in holders.get(pair, ()) if m < n}
            )
        else:
            earlier = range(bisect.bisect_left(dates, dates[n] - dt.timedelta(days=days)), n)
        offered = _offer(words, told, n, earlier, least)
        has_twin = bool(one.matter) and any(told[m].matter == one.matter for m in earlier)
        if has_twin or offered:
            trial.offers.append((has_twin, offered))
    trial.seconds = time.perf_counter() - began
    return trial


def _offer(
    words: Sequence[Words], told: Sequence[Message], n: int, earlier: Iterable[int], least: float
) -> list[tuple[float, bool]]:
    best: dict[str, float] = {}
    for m in earlier:
        score = likeness.alike(words[n], words[m])
        matter = told[m].matter or told[m].key
        if score >= least and score > best.get(matter, 0.0):
            best[matter] = score
    ranked = sorted(best.items(), key=lambda one: (-one[1], one[0]))[:OFFERED]
    return [(score, bool(told[n].matter) and matter == told[n].matter) for matter, score in ranked]


def _holders(words: Sequence[Words], *, rare: int = 40, most: int = 30) -> Mapping[str, list[int]]:
    """For each message's rarest pairs, who else has them: without a limit of days every two cannot be compared."""
    holders: dict[str, list[int]] = {}
    for n, one in enumerate(words):
        for pair in one.weights.rarest(one.text, rare):
            holders.setdefault(pair, []).append(n)
    return {pair: found for pair, found in holders.items() if len(found) <= most}
