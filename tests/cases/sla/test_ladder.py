"""A policy's ladder: what may be written, whom it tells, and that it travels with the rule."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from cases import policy_edits, rulebook
from cases.models import Policy
from cases.refusals import MoveRefused
from cases.sla import clock, ladder, units
from cases.sla.ladder import BadLadder, Rung, read, tells, timed, to_json
from cases.sla.segments import Rule, rule_from_json, rule_to_json
from ledger.actor import system
from tests.cases.sla.strategies import local

SHOWN = [
    {"on": "warned", "tell": ["holder"]},
    {"on": "breached", "tell": ["holder", "head"]},
    {"on": "breached", "after": [1, "work_day"], "tell": ["dispatcher", "supervisor"]},
    {"on": "silent", "tell": ["supervisor"]},
]
BAD = [
    None,
    {},
    "warned",
    ["warned"],
    [{"on": "late", "tell": ["holder"]}],
    [{"on": "warned"}],
    [{"on": "warned", "tell": []}],
    [{"on": "warned", "tell": "holder"}],
    [{"on": "warned", "tell": ["mayor"]}],
    [{"on": "warned", "tell": ["holder"], "by": "post"}],
    [{"on": "warned", "tell": ["holder"]}, {"on": "warned", "tell": ["head"]}],
    [{"on": "warned", "after": [1, "day"], "tell": ["holder"]}],
    [{"on": "breached", "after": [0, "day"], "tell": ["holder"]}],
    [{"on": "breached", "after": [401, "day"], "tell": ["holder"]}],
    [{"on": "breached", "after": [1, "moon"], "tell": ["holder"]}],
    [{"on": "breached", "after": 1, "tell": ["holder"]}],
    [{"on": "breached", "after": [[1], "day"], "tell": ["holder"]}],
    [{"on": "breached", "after": [n, "day"], "tell": ["holder"]} for n in range(1, 11)],
]

rungs = st.builds(
    Rung,
    st.just("breached"),
    st.lists(st.sampled_from(ladder.TELL), min_size=1, unique=True).map(
        lambda told: tuple(one for one in ladder.TELL if one in told)
    ),
    st.one_of(
        st.tuples(st.integers(1, 400), st.sampled_from(units.UNITS)),
        st.tuples(st.sampled_from([Decimal("0.5"), Decimal("1.25")]), st.sampled_from(units.FRACTIONAL)),
    ),
)


def test_what_is_shown_is_read():
    assert [rung.on for rung in read(SHOWN)] == ["warned", "breached", "breached", "silent"]
    assert to_json(read(SHOWN)) == SHOWN
    assert tells(read(SHOWN), "breached") == ("holder", "head")
    assert timed(read(SHOWN)) == (Rung("breached", ("dispatcher", "supervisor"), (1, "work_day")),)
    assert read([{"on": "warned", "tell": ["head", "holder", "head"]}])[0].tell == ("holder", "head")


def test_nothing_written_is_the_standing_ladder():
    assert tells((), "warned") == ("holder",)
    assert tells((), "breached") == ("holder", "head", "dispatcher")
    assert tells((), "silent") == ladder.TELL
    assert timed(()) == ()
    assert tells(read(SHOWN[2:3]), "warned") == ()  # a ladder that is written says all there is


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_ladder_is_refused_in_a_sentence(data):
    with pytest.raises(BadLadder, match=r"。$"):
        read(data)


@given(st.lists(rungs, max_size=ladder.MOST).map(tuple))
def test_there_and_back(rows):
    assert read(json.loads(json.dumps(to_json(rows)))) == rows


def test_it_travels_with_the_rule():
    rule = Rule("resolve", 2, "day", ladder=read(SHOWN))
    assert rule_from_json(json.loads(json.dumps(rule_to_json(rule)))) == rule
    assert "ladder" not in rule_to_json(Rule("resolve", 2, "day"))


@pytest.mark.django_db
class TestPolicy:
    def draft(self, shape, **more):
        return policy_edits.propose_policy(
            by=system("test"),
            at=local(2026, 9, 1),
            stage="resolve",
            amount=3,
            unit="work_day",
            anchor="call",
            basis="测试文件",
            ladder=shape,
            **more,
        )

    def test_a_policy_gives_its_ladder_to_the_rule(self):
        row = self.draft(SHOWN)
        policy_edits.confirm_policy(policy=row.pk, by=system("another"), at=local(2026, 9, 2))
        rule = rulebook.rule_for("resolve", item=None, at=local(2026, 9, 28))
        assert rule.ladder == read(SHOWN)
        assert (
            to_json(
                clock.start(rule, local(2026, 9, 28), local(2026, 9, 28), rulebook.calendar()).rule.ladder
            )
            == SHOWN
        )

    def test_a_bad_one_is_refused_before_it_is_drafted(self):
        with pytest.raises(MoveRefused) as refused:
            self.draft([{"on": "warned", "tell": ["mayor"]}])
        assert refused.value.kind == "not_ready" and "ladder" in refused.value.fields
        assert not Policy.objects.exists()

    @pytest.mark.parametrize("data", BAD[1:9])
    def test_the_database_holds_the_words_of_it(self, data):
        row = self.draft([])
        with pytest.raises(IntegrityError), transaction.atomic():
            Policy.objects.filter(pk=row.pk).update(ladder=data)

    def test_the_database_takes_what_is_shown(self):
        row = self.draft([])
        Policy.objects.filter(pk=row.pk).update(ladder=SHOWN)
        row.refresh_from_db()
        row.full_clean()
        assert row.ladder == SHOWN
