"""The shipped checklist: 8 categories, 131 items, and its counts."""

from __future__ import annotations

from collections import Counter

from cases import seeding


def test_it_has_8_categories_and_131_items():
    rows = seeding.checklist()
    assert len({row["code"] for row in rows}) == len(rows) == 131
    assert len({row["category_code"] for row in rows}) == 8
    assert all(row["code"].startswith(row["category_code"]) for row in rows)


def test_levels_and_urgencies_are_those_of_the_source():
    rows = seeding.checklist()
    levels = Counter((row["level"], row["direct"]) for row in rows)
    assert levels == {("grid", ""): 24, ("community", ""): 34, ("street", ""): 41, ("street", "1"): 32}
    assert Counter(row["urgency"] for row in rows) == {"normal": 82, "urgent": 34, "critical": 15}


def test_evidence_is_asked_for_what_one_can_see():
    for row in seeding.checklist():
        if row["category_code"] in ("05", "06", "07"):
            assert row["evidence"] == "photo", row["code"]
        if row["category_code"] in ("01", "02", "03", "04"):
            assert row["evidence"] == "", row["code"]


def test_kinds_follow_the_item():
    kinds = {row["code"]: row["kind"] for row in seeding.checklist()}
    assert (kinds["0105"], kinds["0106"], kinds["0107"]) == ("wish", "project", "errand")
    assert (kinds["0111"], kinds["0414"], kinds["0601"]) == ("complaint", "enquiry", "problem")
    assert {kinds[code] for code in kinds if code.startswith("03")} == {"dispute"}


def test_sensitive_items_ask_for_no_photo():
    rows = [row for row in seeding.checklist() if row["sensitive"]]
    assert {"0111", "0314", "0408", "0409", "0410", "0412"} <= {row["code"] for row in rows}
    assert not any(row["evidence"] for row in rows)
