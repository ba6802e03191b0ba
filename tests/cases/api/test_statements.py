"""How many statements a request sends, authentication included (ENGINE's decision 7), rules being cached."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Case
from tests import builders
from tests.builders import GRID_ITEM, a_case, a_photo, walk
from tests.clients import statements
from tests.town import STREET

SQUAD = f"TS02-{STREET}"
AT_MOST = {
    "accept": 8,
    "reject": 9,
    "start": 9,
    "settle": 10,
    "escalate": 9,
    "hand_down": 9,
    "dispatch": 9,
    "recall": 9,
    "sign": 8,
    "decline": 9,
    "transfer": 9,
    "ask": 9,
    "supply": 9,
    "resolve": 10,  # asks, too, whether somebody wants to be told at the door
    "rework": 9,
    "answer": 9,
    "reopen": 9,
    "withdraw": 9,
}
FROM = {
    "accept": (),
    "reject": (),
    "settle": (),
    "escalate": ("accept",),
    "hand_down": (),
    "start": ("accept",),
    "dispatch": ("accept",),
    "recall": ("accept", "dispatch"),
    "sign": ("accept", "dispatch"),
    "decline": ("accept", "dispatch"),
    "transfer": ("accept", "dispatch", "sign"),
    "ask": (),
    "supply": ("ask",),
    "resolve": ("accept", "dispatch", "sign"),
    "rework": ("accept", "dispatch", "sign", "resolve"),
    "answer": ("accept", "dispatch", "sign", "resolve"),
    "reopen": ("accept", "dispatch", "sign", "resolve", "answer"),
    "withdraw": (),
}
WHO = {"withdraw": "zhiban", "reopen": "zhiban"}


def json_of(details: dict) -> dict:
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in details.items()
    }


def warm(api, town) -> None:
    """Every rule has been read once, as in a process that has worked for a minute."""
    case = a_case(through=("accept", "dispatch"))
    for who in ("wangge", "jiedao", "bumen"):
        api(who).get(f"cases/{case.number}/")
        api(who, session=True).get("me/")


def shown(found: list[str]) -> str:
    return "\n".join(f"{n}. {sql[:160]}" for n, sql in enumerate(found, 1))


@pytest.mark.parametrize("session", [False, True])
def test_take(api, town, session):
    warm(api, town)
    who = api("wangge", session=session)
    with statements() as found:
        answer = who.call(item="0610", caller={"name": "孟庆芳", "phone": "13905371234"})
    assert answer.status_code == 201
    assert len(found) <= (9 if session else 8), shown(found)


def test_take_with_photo(api, town):
    warm(api, town)
    photo = api("wangge").photo()
    with statements() as found:
        answer = api("wangge").call(attachments=[photo], caller={"phone": "13905371234"})
    assert answer.status_code == 201
    assert len(found) <= 10, shown(found)


@pytest.mark.parametrize(("move", "session"), [*((move, False) for move in AT_MOST), ("accept", True)])
def test_move(api, town, move, session):
    warm(api, town)
    if move == "settle":
        case, who = a_case(item=GRID_ITEM, through=()), "wangge"
    elif move == "withdraw":
        case, who = a_case(through=(), caller=None), "zhiban"
    else:
        case = a_case(through=FROM[move])
        who = WHO.get(move) or builders.BY.get(move) or builders.DESK[case.level]
    details = json_of(builders.DETAILS.get(move, {}))
    if move == "resolve":
        details["attachments"] = [a_photo(town.actor("bumen"))]
    caller = api(who, session=session)
    caller.get("me/")
    with statements() as found:
        answer = caller.move({"number": case.number, "version": case.version}, move, **details)
    assert answer.status_code == 200, answer.content.decode()[:600]
    assert len(found) <= AT_MOST[move] + session, shown(found)


@pytest.mark.parametrize(("assisting", "allowed"), [((), 10), ((SQUAD,), 10)])
def test_merge_and_unmerge(api, town, assisting, allowed):
    """Two cases are read and written as cheaply as one, whatever assisting parts go and come with them."""
    warm(api, town)
    elder, case = a_case(through=("accept",)), a_case(through=("accept",))
    if assisting:
        case = walk(case, "dispatch", assisting=list(assisting))
    for who, move, details in (
        ("jiedao", "merge", {"target": elder.number}),
        ("zhiban", "unmerge", {"reason": "不是同一件事。"}),
    ):
        caller = api(who)
        caller.get("me/")
        with statements() as found:
            answer = caller.move({"number": case.number, "version": case.version}, move, **details)
        assert answer.status_code == 200, answer.content
        assert len(found) <= allowed, f"{move}\n{shown(found)}"
        case.refresh_from_db()


def test_accept_and_dispatch(api, town):
    warm(api, town)
    case = a_case()
    with statements() as found:
        answer = api("jiedao").move(
            {"number": case.number, "version": case.version}, "accept_and_dispatch", organisation="GV24"
        )
    assert answer.status_code == 200, answer.content
    assert len(found) <= 9, shown(found)


@pytest.mark.parametrize("queue", ["", "mine", "returned", "breaching", "reported", "all"])
def test_list_costs_the_same_at_any_size(api, town, queue):
    warm(api, town)
    for _n in range(12):
        a_case(through=())
    sizes = []
    for size in (1, 5, 50):
        with statements() as found:
            answer = api("jiedao").get("cases/", {"queue": queue, "page_size": size})
        assert answer.status_code == 200, answer.content
        sizes.append(len(found))
        assert len(found) <= 4, shown(found)
    assert len(set(sizes)) == 1


def test_detail_and_timeline_stay_constant(api, town):
    warm(api, town)
    short = a_case(through=())
    long = a_case(through=("accept", "dispatch", "sign", "resolve", "rework", "resolve", "answer"))
    counts = []
    for case in (short, long):
        with statements() as found:
            assert api("jiedao").get(f"cases/{case.number}/").status_code == 200
        counts.append(len(found))
        assert len(found) <= 5, shown(found)
    assert counts[0] == counts[1]
    counts = []
    for case in (short, long):
        with statements() as found:
            assert api("jiedao").get(f"cases/{case.number}/timeline/").status_code == 200
        counts.append(len(found))
        assert len(found) <= 7, shown(found)
    assert counts[0] == counts[1]


def test_many_callers_cost_no_more(api, town):
    warm(api, town)
    elder = a_case(through=())
    for _n in range(3):
        walk(a_case(through=()), "merge", target=elder.number)
    elder = Case.objects.get(pk=elder.pk)
    with statements() as found:
        answer = api("jiedao").get(f"cases/{elder.number}/")
    assert len(answer.json()["calls"]) == 4
    assert len(found) <= 5, shown(found)
