"""What a page may ask of the database, session and account included; and that lists do not grow with rows."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Clock
from ledger import clock
from tests import builders
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def cost(username: str, path: str) -> list[str]:
    """The statements of a page once the rules are cached and the person is signed in."""
    reader = Reader(username).open(path)
    assert reader.status == 200, reader.words
    with statements() as found:
        reader.open(path)
    assert reader.status == 200
    return found


def some(n: int, at: str = "assigned", **more):
    start = clock.now() - dt.timedelta(days=1)
    return [
        builders.a_case(at, when=start + dt.timedelta(minutes=i), text=f"第{i}件。", **more) for i in range(n)
    ]


def test_a_queue_of_fifty_rows(town):
    some(3)
    few = cost("bumen", "/queue/")
    some(50)
    reader = Reader("bumen").open("/queue/")
    assert reader.text.count('data-row="') == 50 and reader.says("第 1–50 件，共 53 件")
    many = cost("bumen", "/queue/")
    assert len(many) <= 6 and len(many) == len(few), many
    assert len(cost("bumen", "/queue/?tab=breaching&sort=new")) <= 6


def test_one_case(town):
    case = builders.a_case("assigned")
    for n in range(6):
        case = builders.a_fact(case, "note", by="bumen", text=f"留言{n}")
    for username in ("bumen", "jiedao", "wangge", "zhiban", "shenji", "fuzeren"):
        found = cost(username, f"/cases/{case.number}/")
        assert len(found) <= 8, (username, len(found), found)


def test_the_desk(town):
    cases = some(30, "received")
    for tab in ("received", "breaching"):
        found = cost("jiedao", f"/desk/?tab={tab}&case={cases[2].number}")
        assert len(found) <= 9, (len(found), found)  # a list, and a case beside it
    assert len(cost("shequ", "/desk/")) <= 9


def test_lists_do_not_grow_with_their_rows(town):
    pages = (("jiedao", "/cases/"), ("jiedao", "/cases/?q=件"), ("wangge", "/my/"), ("wangge", "/grid/"))
    some(2)
    before = {page: len(cost(*page)) for page in pages}
    some(12)
    for page in pages:
        assert len(cost(*page)) <= before[page], page
    # its rounds too: those that are due, and those just made
    assert all(n <= 9 + 2 * (page == "/grid/") for (_who, page), n in before.items()), before


def test_what_waits_does_not_grow(town):
    some(2, "resolved")
    before = len(cost("wangge", "/todo/"))
    some(8, "resolved")
    builders.a_case("awaiting_info", through=("accept", "ask"))
    assert len(cost("wangge", "/todo/")) <= before + 1  # the questions, where something is asked
    assert before <= 6


def test_moves_stay_within_theirs(town):
    """The page's own share beside the command's: session, account, and nothing else."""
    case = builders.a_case("assigned")
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    form = clerk.form("sign")
    with statements() as found:
        answer = clerk.client.post(form.action, dict(form.fields))
    assert answer.status_code == 302 and len(found) <= 9, (len(found), found)
    assert Clock.objects.filter(case=case, stage="sign", outcome="met").exists()


def test_inbox_and_new_call(town):
    assert len(cost("wangge", "/calls/new/")) <= 7
    assert len(cost("wangge", "/notices/")) <= 5
    with statements() as found:
        Reader().open("/track/")
    assert found == []
