"""How alike two tellings are: do they speak of one matter? Pure, by pairs of characters.

Two texts are alike by the pairs they share, the rare ones weighing more (the name of an estate says more than
"希望解决"): the cosine of the pairs' squared inverse document frequencies. Place, item, days, the caller's phone
and a photo seen before add to it. `THRESHOLD` was chosen on real messages, see DECISIONS.md.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

THRESHOLD = 0.18  # from here on joining is offered
DAYS = 30  # who calls later has a new matter
READ = 1000  # characters of a telling that are compared
TOO_SHORT = 4  # pairs: below, words say nothing for or against
UNSAID = 0.06  # what a telling without words is worth

OTHER = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
FOUR = re.compile(r"\d{4}")  # part of a phone, a plate, an identity
# pairs that stand in every second call: what a young town knows before it has calls of its own
COMMONPLACE = (
    "您好领导尊敬的我们小区居民业主希望政府有关部门能够尽快解决处理问题反映情况请问什么时候可以为什么怎么没有"
    "一直已经现在影响生活严重大家多次投诉电话工作人员社区街道物业公司管理相关要求进行的时候时间这个那个一个"
    "他们自己因为所以但是如果就是不是还是不能不知道谢谢感谢麻烦帮忙安排派人过来看一下附近旁边门口上面下面里面"
    "今天昨天晚上早上每天最近长期经常"
)
PRIOR, PRIOR_OF = 150.0, 1000.0


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters, in small letters of one width; none across a stop."""
    return frozenset(run[n : n + 2] for run in _plain(text).split() for n in range(len(run) - 1))


def _plain(text: str) -> str:
    return OTHER.sub(" ", unicodedata.normalize("NFKC", text[:READ]).lower())


class Weights:
    """What a pair weighs: the more texts of the town have it, the less."""

    def __init__(self, seen: Mapping[str, int], texts: int) -> None:
        self._seen, self._texts = seen, texts
        self._known: dict[str, float] = {}

    @classmethod
    def of(cls, texts: Iterable[str]) -> Weights:
        """Counted in a sample of texts."""
        told = list(texts)
        seen = Counter(pair for text in told for pair in pairs(text))
        # what stands in one text only weighs as if it stood in none
        return cls({pair: count for pair, count in seen.items() if count > 1}, len(told))

    @property
    def unseen(self) -> float:
        """The weight of a pair that no text had."""
        return math.log((self._texts + PRIOR_OF + 1) / 1.5) ** 2

    def __getitem__(self, pair: str) -> float:
        weight = self._known.get(pair)
        if weight is None:
            seen = self._seen.get(pair, 1) + (PRIOR if pair in _COMMON else 0.0)
            weight = self._known[pair] = math.log((self._texts + PRIOR_OF + 1) / (seen + 0.5)) ** 2
        return weight

    def rarest(self, text: str, n: int) -> list[str]:
        """The pairs of a text that tell most, ties by the alphabet."""
        return sorted(pairs(text), key=lambda pair: (-self[pair], pair))[:n]


_COMMON = pairs(COMMONPLACE)


@dataclass(frozen=True)
class Words:
    """A text with the weight of all its pairs."""

    text: str
    weights: Weights

    @cached_property
    def pairs(self) -> frozenset[str]:
        return pairs(self.text)

    @cached_property
    def weight(self) -> float:
        return sum(self.weights[pair] for pair in self.pairs)


def alike(one: Words, other: Words) -> float:
    """0 (nothing in common) to 1 (the same words), the same both ways."""
    if not one.pairs or not other.pairs:
        return 0.0
    shared = sum(one.weights[pair] for pair in one.pairs & other.pairs)
    return min(1.0, shared / math.sqrt(one.weight * other.weight))


def share(one: Words, other: Words) -> float:
    """How much of the shorter text stands in the other, by plain pairs: what people mean by "七成相同"."""
    least = min(len(one.pairs), len(other.pairs))
    return len(one.pairs & other.pairs) / least if least else 0.0


def both_say(one: Words, other: Words, *, most: int = 2, longest: int = 8) -> list[str]:
    """The stretches of the first text that tell most and stand in the other too. Never a number of four digits."""
    found: dict[str, float] = {}
    for run in _shared_runs(one, other):
        windows = [run[n : n + longest] for n in range(max(1, len(run) - longest + 1))]
        telling = {window: _weight_of(window, one.weights) for window in windows if not FOUR.search(window)}
        if telling:
            best = max(telling, key=lambda window: (telling[window], window))
            found[best] = telling[best]
    ranked = sorted(found, key=lambda stretch: (-found[stretch], stretch))
    return [stretch for stretch in ranked if found[stretch] >= one.weights.unseen / 2][:most]


def _weight_of(stretch: str, weights: Weights) -> float:
    return sum(weights[stretch[n : n + 2]] for n in range(len(stretch) - 1))


def _shared_runs(one: Words, other: Words) -> Iterable[str]:
    """The longest stretches of the first text all of whose pairs stand in the other."""
    for run in _plain(one.text).split():
        start = 0
        for n in range(len(run)):
            if n == len(run) - 1 or run[n : n + 2] not in other.pairs:
                if n > start:
                    yield run[start : n + 1]
                start = n + 1


@dataclass(frozen=True)
class Telling:
    """One side: what is known of a matter. `places` are the ids of its ancestors by kind; `words` what each of its
    callers said."""

    called_at: dt.datetime
    words: tuple[Words, ...] = ()
    places: Mapping[str, int] = field(default_factory=dict)
    place_id: int | None = None
    item: str = ""
    category: str = ""


@dataclass(frozen=True)
class Likeness:
    """How alike, and why: the nearest common place ("" none below the street), what is equal, the days between, the
    share of words in tenths, the stretches both say."""

    score: float
    text: float
    place: str
    item: str  # "item" | "category" | ""
    days: int
    tenths: int
    said: tuple[str, ...] = ()
    phone: bool = False
    photo: bool = False

    @property
    def offered(self) -> bool:
        return self.score >= THRESHOLD


NEAR = {"place": 0.08, "building": 0.08, "grid": 0.05, "section": 0.04, "community": 0.03}
ITEM = {"item": 0.06, "category": 0.03, "other": -0.04, "": 0.0}
PHONE, PHOTO, PER_DAY = 0.12, 0.6, 0.001


def compare(new: Telling, old: Telling, *, phone: bool = False, photo: bool = False) -> Likeness:
    """The likeness of a new telling to an open matter; `phone`, `photo`: the caller's number or a photo is known
    from there."""
    place = _common_place(new, old)
    item = _same_item(new, old)
    days = abs(new.called_at - old.called_at).days
    text, tenths, said = _text(new, old)
    score = (
        text
        + NEAR.get(place, 0.0)
        + ITEM[item]
        + (PHONE if phone else 0.0)
        + (PHOTO if photo else 0.0)
        - PER_DAY * days
    )
    kept = item if item in ("item", "category") else ""
    return Likeness(score, text, place, kept, days, tenths, said, phone, photo)


def _text(new: Telling, old: Telling) -> tuple[float, int, tuple[str, ...]]:
    best: tuple[float, Words, Words] | None = None
    for one in new.words:
        for other in old.words:
            if min(len(one.pairs), len(other.pairs)) < TOO_SHORT:
                continue
            value = alike(one, other)
            if best is None or value > best[0]:
                best = value, one, other
    if best is None:
        return UNSAID, 0, ()
    value, one, other = best
    return value, int(share(one, other) * 10 + 1e-9), tuple(both_say(one, other)) if value >= 0.05 else ()


def _common_place(new: Telling, old: Telling) -> str:
    if new.place_id is not None and new.place_id == old.place_id and "community" in new.places:
        return "place"
    for kind in ("building", "grid", "section", "community"):
        if kind in new.places and new.places.get(kind) == old.places.get(kind):
            return kind
    return ""


def _same_item(new: Telling, old: Telling) -> str:
    if not new.item or not old.item:
        return ""
    if new.item == old.item:
        return "item"
    return "category" if new.category == old.category else "other"
