"""A random story in which callers rate, too."""

from __future__ import annotations

import datetime as dt
from random import Random

from cases import rating
from cases.kinds import SATISFACTION, SOLVED
from cases.models import Call
from cases.models.call import matter_of
from tests.builders import a_case
from tests.house.test_random_walks import Walk


class Heard(Walk):
    """Two matters are answered before it begins; its first step and every fifth after it is a caller's
    word, where one may say it."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.voices = Random(f"voices {seed}")
        self.said = 0
        for _n in range(2):
            case = a_case("answered", when=self.now, by="jiedao")
            self.numbers.append(case.number)
            self.now = max(self.now, case.last_at) + dt.timedelta(minutes=5)

    def step(self) -> None:
        if (self.said and self.voices.random() > 0.2) or not self.rate():
            super().step()

    def rate(self) -> bool:
        told = list(Call.objects.filter(told_at__isnull=False).select_related("case").order_by("pk"))
        for call in self.voices.sample(told, len(told)):
            case = matter_of(call)
            if rating.why_not(call, case, max(self.now, case.last_at)):
                continue
            sent = {
                "solved": self.voices.choice(list(SOLVED)),
                "step": self.voices.choice(list(SATISFACTION)),
            }
            rating.rate(call=call, sent=sent, at=self.now)
            self.said += 1
            self.done.append(f"somebody rates {case.number}: {sent['solved']}")
            return True
        return False
