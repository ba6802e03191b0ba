from __future__ import annotations

import re
from random import Random

from cases.demo.texts import somebody, texts
from cases.seeding import checklist


def test_there_are_many_texts_of_our_own_in_every_category():
    said = [text.text for text in texts()]
    assert len(said) >= 120 and len(set(said)) == len(said)
    assert {text.item[:2] for text in texts()} == {row["category_code"] for row in checklist()}
    assert len({text.item for text in texts()}) >= 60
    assert {text.item for text in texts()} <= {row["code"] for row in checklist()}
    assert {text.origin for text in texts()} == {"resident", "patrol"}


def test_slots_are_filled_and_nothing_looks_like_a_real_number():
    chance = Random(1)
    for text in texts():
        said = text.said(chance)
        assert "{" not in said and not re.search(r"\d{7,}", said + text.result)
        assert text.result.endswith("。") and len(text.result) <= 60


def test_callers_are_invented():
    people = [somebody(Random(n)) for n in range(200)]
    phones = [str(one["phone"]) for one in people if "phone" in one]
    assert all(re.fullmatch(r"1380000\d{4}", phone) for phone in phones)
    assert 5 < sum("anonymous" in one for one in people) < 40
    assert all("phone" in somebody(Random(n), reachable=True) for n in range(50))
