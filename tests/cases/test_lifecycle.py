"""The table itself: whole, readable, and every word in it known to somebody."""

from __future__ import annotations

import pytest

from cases import authority, changes, effects, guards, kinds, needs
from cases.lifecycle import FACTS, MOVES, STAGE_OF, Move, moves, open_to, path_to
from cases.models.clock import STAGES
from cases.notices import messages
from cases.sla import policy

ROWS = (*MOVES.values(), *FACTS.values())


def test_every_word_of_the_table_is_known():
    for row in ROWS:
        assert row.who in authority.RULES, row.name
        for need in row.needs:
            base, _colon, of = need.type.partition(":")
            assert base in needs.READERS, need
            assert base != "choice" or of in needs.CHOICES, need
    for move in MOVES.values():
        assert set(move.guards) <= set(guards.GUARDS), move.name
        assert {effect.verb for effect in move.clocks} <= set(effects.VERBS), move.name
        for effect in move.clocks:
            for stage in effect.stages:
                assert effects.STAGE.get(stage, stage) in STAGES, (move.name, stage)


def test_no_rule_guard_or_change_without_a_row():
    assert {row.who for row in ROWS} == set(authority.RULES)
    assert {name for row in ROWS for name in row.guards} == set(guards.GUARDS)
    assert set(changes.CHANGES) <= set(MOVES)
    assert {effect.verb for move in MOVES.values() for effect in move.clocks} == set(effects.VERBS)


def test_every_stage_that_a_row_starts_has_a_policy_and_a_name():
    for move in MOVES.values():
        for effect in move.clocks:
            if effect.verb == "start":
                for stage in effect.stages:
                    assert stage in policy.STAGES
                    assert effects.STAGE.get(stage, stage) in messages.STAGES


def test_every_open_status_is_waited_for():
    assert tuple(STAGE_OF) == kinds.OPEN
    assert set(kinds.OPEN) | {"answered"} | set(kinds.ENDED) == set(kinds.STATUSES)
    for status in kinds.OPEN:
        assert open_to(status)


def test_ended_is_ended_but_for_reopening_and_parting():
    leaving = {status: {move.name for move in open_to(status)} for status in kinds.ENDED}
    assert leaving == {"closed": {"reopen"}, "rejected": set(), "withdrawn": set(), "merged": {"unmerge"}}


@pytest.mark.parametrize(
    "status", ["received", "accepted", "assigned", "in_hand", "resolved", "answered", "rejected"]
)
def test_a_path_leads_to_each_status(status):
    at = None
    for name in path_to(status):
        move = MOVES[name]
        assert at in move.sources or name == "take"
        at = move.to[0] if status not in move.to else status
    assert at == status


def test_a_slip_in_the_table_stops_the_boot():
    row = MOVES["accept"]
    with pytest.raises(ValueError, match="same name"):
        moves(row, row)
    with pytest.raises(ValueError, match="no such status"):
        moves(Move("x", "x", ("nowhere",), ("closed",), "accept", "desk", (), (), (), "case.x"))


def test_keys_of_the_keyboard_do_not_collide():
    """Two moves that leave one status have two keys."""
    for status in kinds.STATUSES:
        keys = [move.key for move in open_to(status) if move.key]
        keys += [fact.key for fact in FACTS.values() if fact.key and status in fact.sources]
        assert len(keys) == len(set(keys)), (status, keys)
