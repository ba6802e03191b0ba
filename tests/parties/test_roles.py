"""The table of roles says what the contract says (SPEC §4), written out here a second time."""

from __future__ import annotations

import pytest

from parties.roles import CAPABILITIES, ROLES, TABLE, WAITING, expand, home_of

WORKER = {"take", "settle", "escalate", "resolve", "answer", "verify", "contact", "arrive", "round"}
LEAD = WORKER | {"accept", "ask"}
CLERK = LEAD | {
    "reject", "start", "dispatch", "hand_down", "recall", "sign", "decline", "claim", "merge", "relief.ask",
}  # fmt: skip
DISPATCHER = {
    "take", "accept", "reject", "start", "settle", "escalate", "hand_down", "dispatch", "recall", "sign",
    "transfer", "ask", "contact", "resolve", "answer", "verify", "merge", "relief.ask", "relief.grant",
    "backdate",
}  # fmt: skip
SHIFT = DISPATCHER | {"adjudicate", "unmerge", "withdraw", "reopen"}
DEPARTMENT = {
    "sign", "decline", "claim", "transfer", "ask", "contact", "arrive", "resolve", "answer", "relief.ask",
}  # fmt: skip

CONTRACT = {
    "building_lead": {"take"},
    "grid_worker": WORKER,
    "grid_lead": LEAD,
    "community_clerk": CLERK,
    "street_dispatcher": DISPATCHER,
    "shift_lead": SHIFT,
    "street_official": {"read", "instruct"},
    "district_dispatcher": SHIFT,
    "department_clerk": DEPARTMENT,
    "department_head": DEPARTMENT | {"release", "assign"},
    "supervisor": {
        "read", "urge", "order", "adjudicate", "reopen", "relief.grant", "finding.confirm", "appraise",
    },
    "return_visitor": {"return_visit"},
    "admin": {"tree", "organisations", "accounts", "rules"},
    "auditor": {"read", "read_all"},
}  # fmt: skip


def test_the_table_is_the_contract() -> None:
    assert {name: set(role.capabilities) for name, role in ROLES.items()} == CONTRACT


def test_every_role_says_itself_in_words() -> None:
    assert all(str(role.label) and str(role.sentence) and role.seats for role in ROLES.values())
    assert all(str(label) for label in CAPABILITIES.values())


def test_no_capability_is_unused() -> None:
    assert set().union(*CONTRACT.values()) == set(CAPABILITIES)


def test_these_wait_for_a_second_person() -> None:
    assert sorted(WAITING) == ["admin", "auditor", "return_visitor", "supervisor"]


def test_a_slip_in_the_table_stops_the_boot() -> None:
    with pytest.raises(ValueError, match="fly"):
        expand((TABLE[0]._replace(capabilities="take fly"),))


@pytest.mark.parametrize(
    ("roles", "home"),
    [
        ((), "parties:profile"),
        (("grid_worker",), "cases:new_call"),
        (("grid_worker", "street_dispatcher"), "cases:desk"),
        (("department_clerk",), "cases:queue"),
        (("street_official",), "cases:dashboard"),
    ],
)
def test_where_the_day_begins(roles: tuple[str, ...], home: str) -> None:
    assert home_of(roles) == home
