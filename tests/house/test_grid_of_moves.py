"""Every status × person × move against the contract, written here anew and not read from the table.

One street-level call in a grid, taken by a grid worker, dispatched by the street to a department that signs and
resolves it. Every role is asked in place and out of place. What the button says and what the command does agree.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from cases import moves
from cases.lifecycle import MOVES
from cases.models import Case
from cases.queries import offers
from cases.refusals import MoveRefused
from cases.sla.board import ClockBoard
from parties.commands.accounts import open_account
from parties.demo import PEOPLE
from parties.gate import OutOfScope
from parties.roles import ROLES
from tests import town as small_town
from tests.builders import DETAILS, a_case, a_fact, a_photo, walk
from tests.cases.walking import DAY, MINUTE, repost

# SPEC §4, word for word
SPEC_ROLES = """
building_lead: take · grid_worker: take, settle, escalate, resolve, answer, verify, contact, arrive, round
· grid_lead: + accept, ask · community_clerk: + reject, start, dispatch, hand_down, recall, sign, decline, claim, merge, relief.ask
· street_dispatcher: take, accept, reject, start, settle, escalate, hand_down, dispatch, recall, sign, transfer, ask, contact, resolve, answer, verify, merge, relief.ask, relief.grant, backdate
· shift_lead: + adjudicate, unmerge, withdraw, reopen · street_official: read, instruct
· district_dispatcher: as shift_lead
· department_clerk: sign, decline, claim, transfer, ask, contact, arrive, resolve, answer, relief.ask
· department_head: + release, assign
· supervisor: read, urge, order, adjudicate, reopen, relief.grant, finding.confirm, appraise
· return_visitor: return_visit · admin: tree, organisations, accounts, rules · auditor: read, read_all
"""

# SPEC §5: move → from → to, and the capability
TABLE = {
    "accept": ("received → accepted", "accept"),
    "reject": ("received accepted → rejected", "accept"),
    "start": ("accepted → in_hand", "start"),
    "settle": ("received accepted → resolved", "settle"),
    "escalate": ("received accepted in_hand → received", "escalate"),
    "hand_down": ("received accepted → received", "hand_down"),
    "dispatch": ("accepted → assigned", "dispatch"),
    "recall": ("assigned → accepted", "recall"),
    "sign": ("assigned → in_hand", "sign"),
    "claim": ("accepted → in_hand", "claim"),
    "decline": ("assigned in_hand → accepted", "decline"),
    "rule": ("accepted assigned → assigned", "adjudicate"),
    "transfer": ("in_hand → assigned", "transfer"),
    "hold": ("in_hand accepted → on_hold", "relief.grant"),
    "resume": ("on_hold → in_hand", "relief.ask"),
    "ask": ("received accepted in_hand → awaiting_info", "ask"),
    "supply": ("awaiting_info → received", ""),
    "resolve": ("in_hand → resolved", "resolve"),
    "rework": ("resolved → in_hand", "verify"),
    "answer": ("resolved → answered", "answer"),
    "close": ("answered resolved → closed", "nobody"),
    "miss": ("resolved answered → resolved", "nobody"),  # a failed delivery is not an answer
    "reopen": ("answered closed → in_hand", "reopen"),
    "merge": ("received accepted assigned in_hand on_hold awaiting_info resolved → merged", "merge"),
    "unmerge": ("merged → received", "unmerge"),
    "withdraw": ("received accepted assigned in_hand on_hold awaiting_info → withdrawn", "withdraw"),
}
DESKS = "jiedao jiedao2 zhiban quji quji2"  # the street's desk and the one above
LEADS = "zhiban quji quji2"
DISTRICT = "quji quji2 ducha ducha2"
DEPARTMENT = "bumen bumen2 fuzeren"
GROUND = "wangge wanggezhang shequ shequ2"  # in the committee's grid and community

# (move, from) → who may; a status left out: whoever may from the others
MAY = {
    ("accept", ""): DESKS,
    ("reject", "received"): DESKS,
    ("reject", "accepted"): LEADS,
    ("start", ""): DESKS,
    ("settle", ""): DESKS,
    ("escalate", ""): DESKS,
    ("escalate", "in_hand"): "",  # the department has no such capability
    ("hand_down", ""): DESKS,
    ("dispatch", ""): DESKS,
    ("recall", ""): DESKS,
    ("sign", ""): DEPARTMENT,
    ("claim", ""): "",
    ("decline", "assigned"): DEPARTMENT,
    ("decline", "in_hand"): "",
    ("rule", "assigned"): DISTRICT,  # above street and department
    ("rule", "accepted"): "",
    ("transfer", ""): DEPARTMENT,
    ("hold", ""): "",
    ("resume", ""): DEPARTMENT,
    ("ask", ""): DESKS,
    ("ask", "in_hand"): DEPARTMENT,
    ("supply", ""): f"{GROUND} {DESKS}",
    ("resolve", ""): DEPARTMENT,
    ("rework", ""): f"{GROUND} {DESKS}",
    (
        "answer",
        "",
    ): f"{DEPARTMENT} jiedao jiedao2 zhiban wangge",  # holder, the desk that dispatched, reporter
    ("close", ""): "",
    ("miss", ""): "",
    ("reopen", ""): f"{LEADS} ducha ducha2",
    ("merge", ""): DESKS,
    ("unmerge", ""): LEADS,
    ("withdraw", ""): LEADS,
}
# who would be the right one, but a need is missing: 422
NOT_READY = {
    ("claim", "accepted"): "shequ shequ2",  # their unit serves the place, but the item is not open to claims
    ("decline", "in_hand"): DEPARTMENT,  # signed: the head's nod is missing
    ("rule", "accepted"): "zhiban ducha ducha2",  # nothing was declined
    ("hold", "in_hand"): f"{DESKS} ducha ducha2",  # only the grant of a relief does it
    ("hold", "accepted"): f"{DESKS} ducha ducha2",
}
# who is posted over the place sees it always, the department since it was dispatched there
SEE = f"{GROUND} {DESKS} lingdao ducha ducha2 huifang huifang2 admin admin2 shenji".split()
SINCE_DISPATCH = ["assigned", "in_hand", "on_hold", "resolved", "answered", "closed"]
WAYS = {
    "received": (),
    "accepted": ("accept",),
    "assigned": ("accept", "dispatch"),
    "in_hand": ("accept", "dispatch", "sign"),
    "on_hold": ("accept", "dispatch", "sign", "hold"),
    "awaiting_info": ("ask",),
    "resolved": ("accept", "dispatch", "sign", "resolve"),
    "answered": ("accept", "dispatch", "sign", "resolve", "answer"),
    "closed": ("accept", "dispatch", "sign", "resolve", "answer", "close"),
    "rejected": ("reject",),
    "withdrawn": ("withdraw",),
    "merged": ("merge",),
}
# the same roles out of place: nothing but 404 for them
STRANGERS = {
    "building_lead": small_town.GRID_2,
    "grid_lead": small_town.GRID_2,
    "community_clerk": small_town.COMMUNITY_2,
    "street_dispatcher": small_town.OTHER_STREET,
    "shift_lead": small_town.OTHER_STREET,
    "street_official": small_town.OTHER_STREET,
    "department_head": "GV13",
    "supervisor": small_town.OTHER_STREET,
    "return_visitor": small_town.OTHER_STREET,
    "admin": small_town.OTHER_STREET,
}


def capabilities() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    before: set[str] = set()
    for row in SPEC_ROLES.replace("\n", " ").split("·"):
        role, _colon, words = row.strip().partition(":")
        words = words.strip()
        if words.startswith("as "):
            found[role] = found[words.removeprefix("as ")]
        else:
            own = {word.strip() for word in words.lstrip("+ ").split(",")}
            found[role] = own | before if words.startswith("+") else own
        before = found[role]
    return found


ROLE_OF = {somebody.username: somebody.role for somebody in PEOPLE}
CAPABILITIES = capabilities()


def test_roles_are_those_of_the_contract():
    assert {name: set(role.capabilities) for name, role in ROLES.items()} == CAPABILITIES


def test_moves_are_those_of_the_contract():
    assert set(MOVES) == {"take", *TABLE}
    for name, (way, _capability) in TABLE.items():
        sources, target = way.split(" → ")
        assert set(MOVES[name].sources) == set(sources.split()), name
        assert target in MOVES[name].to, name


def sources_of(name: str) -> list[str]:
    return TABLE[name][0].split(" → ")[0].split()


def may(name: str, status: str) -> set[str]:
    who = MAY.get((name, status), MAY.get((name, ""), ""))
    return set(who.split())


def capable(name: str, username: str) -> bool:
    """Does the role give the capability at all? Once inside the scope, that decides between 403 and 409."""
    capability = TABLE[name][1]
    words = CAPABILITIES[ROLE_OF[username]]
    if name == "reopen" and "verify" in words:
        return True
    if name == "reject" and "adjudicate" in words:
        return True
    return capability == "" or capability in words


def expected(name: str, status: str, username: str, sees: bool) -> str:
    if not sees:
        return "404"
    if status not in sources_of(name):
        return "not_from_here" if capable(name, username) else "not_yours"
    if username in may(name, status):
        return "done"
    return "not_ready" if username in NOT_READY.get((name, status), "").split() else "not_yours"


def a_case_in(status: str) -> Case:
    """Walked by the real people; somebody outside the chain has talked to the caller."""
    if status == "merged":
        a_case()
    case = a_case(through=())
    case = a_fact(case, "contact", by="wangge", channel="visit")
    for name in WAYS[status]:
        if name == "close":
            case = Case.objects.get(pk=case.pk)
            grace = case.clocks.get(stage="grace")
            case = moves.perform(
                number=case.number, move="close", by=small_town.SYSTEM, at=grace.due_at, version=case.version
            )
        else:
            case = walk(case, name)
    assert case.status == status
    return Case.objects.get(pk=case.pk)


def sent_with(name: str, by, when: dt.datetime, elder: Case) -> dict:
    sent = dict(DETAILS.get(name, {}))
    if name in ("settle", "resolve"):
        sent["attachments"] = [a_photo(by, when)]
    if name in ("hold", "claim"):
        sent["until"] = when + DAY
    if name == "merge":
        sent["target"] = elder.number
    return sent


def attempt(case: Case, name: str, by, when: dt.datetime, elder: Case) -> tuple[str, str]:
    """What comes of it, undone at once: (how, the status or the sentence)."""
    try:
        with transaction.atomic():
            sent = sent_with(name, by, when, elder)
            after = moves.perform(number=case.number, move=name, by=by, at=when, version=case.version, **sent)
            transaction.set_rollback(True)
            return "done", after.status
    except OutOfScope:
        return "404", ""
    except MoveRefused as refusal:
        return refusal.kind, str(refusal.sentence)


@pytest.mark.parametrize("status", WAYS)
def test_every_person_and_every_move(town, status):
    elder = a_case()
    case = a_case_in(status)
    board, when = ClockBoard.load(case), case.last_at + MINUTE
    wrong = []
    for username in ROLE_OF:
        by = town.actor(username)
        sees = username in SEE or (username in DEPARTMENT.split() and status in SINCE_DISPATCH)
        buttons = {offer.name: offer for offer in offers.moves_of(case, board, by, when)} if sees else {}
        assert set(buttons) == (
            {name for name in TABLE if status in sources_of(name)} - {"close", "miss"} if sees else set()
        )
        for name in TABLE:
            if not sees and name not in ("accept", "sign", "supply"):
                continue  # 404 is said before the move is looked at
            want = expected(name, status, username, sees)
            got, told = attempt(case, name, by, when, elder)
            if got != want:
                wrong.append(f"{username} {name} from {status}: {got}, not {want} ({told})")
            if got == "done" and told != TABLE[name][0].split(" → ")[1]:
                wrong.append(f"{username} {name} from {status} leads to {told}")
            if name in buttons:
                button = buttons[name]
                if button.enabled != (want == "done"):
                    wrong.append(f"{username}: the button {name} is {button.enabled}, {want}")
                if not button.enabled and button.mine and button.why_not != told:
                    wrong.append(f"{username}: {name} says “{button.why_not}” and “{told}”")
    assert wrong == []


@pytest.mark.parametrize("status", ["received", "in_hand", "resolved", "closed"])
def test_the_same_roles_out_of_place(town, status):
    elder, case = a_case(), a_case_in(status)
    when = case.last_at + MINUTE
    for n, (role, seat) in enumerate(STRANGERS.items()):
        open_account(
            by=town.SYSTEM, at=town.FOUNDED, username=f"stranger{n}", name="外人", phone=f"1390000{n:04d}"
        )
        repost(f"stranger{n}", role, seat)
        by = town.actor(f"stranger{n}")
        assert by.roles == (role,)
        for name in (
            "accept",
            "settle",
            "sign",
            "resolve",
            "rework",
            "answer",
            "reopen",
            "withdraw",
            "supply",
        ):
            assert attempt(case, name, by, when, elder)[0] == "404", (role, name)
    for name in ("accept", "sign", "answer"):
        assert attempt(case, name, town.actor("linju"), when, elder)[0] == "404"
