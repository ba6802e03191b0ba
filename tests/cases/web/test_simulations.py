"""时限推演 in the browser: fill in, see how far it is, see both sides; one's own only."""

from __future__ import annotations

import pytest

from cases import simulating, tasks
from cases.models import Simulation
from tests import builders
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db

ASKED = {
    "since": "2026-11-20",
    "until": "2026-12-20",
    "stage1": "resolve",
    "amount1": "0.01",
    "unit1": "hour",
}


@pytest.fixture
def lived(town):
    builders.a_case("in_hand")
    builders.a_case("answered")


def ask(reader, **change):
    """Fill in the form and send it; where one ends up."""
    return reader.open("/simulations/").send("simulations", **{**ASKED, **change})


def test_both_sides_of_a_small_one_at_once(town, lived):
    ducha = Reader("ducha").open("/simulations/")
    assert "时限推演" in ducha.text and "还没有推演过" in ducha.text
    page = ask(ducha, place=town.DISTRICT)
    assert page.path == f"/simulations/{Simulation.objects.get().pk}/"
    assert page.says("两边对照", "换边的工单", "办结 0.01 小时")
    number = Simulation.objects.get().result["changed"][0]["number"]
    assert f"/cases/{number}/" in page.text
    assert "办结 0.01 小时" in ducha.open("/simulations/").text


def test_a_long_one_shows_how_far_it_is(town, lived, monkeypatch):
    """Left to a worker: the page tells the progress and can start it again; the worker's work ends it."""
    monkeypatch.setattr(simulating, "AT_ONCE", 0)
    sent = []
    monkeypatch.setattr(tasks.simulate, "delay", lambda **said: sent.append(said))
    admin = Reader("admin")
    page = ask(admin)
    asked = Simulation.objects.get()
    assert sent == [{"pk": asked.pk}]
    assert f"0 / {asked.total}" in page.text and "<progress" in page.text and "every 2s" in page.text
    page.send(page.path.strip("/"))
    assert len(sent) == 2
    tasks.simulate(pk=asked.pk)
    assert admin.open(page.path).says("两边对照")


def test_one_sees_ones_own_only(town, lived):
    where = ask(Reader("ducha")).path
    assert Reader("admin").open(where).status == 404
    assert Reader("jiedao").open(where).status == 403


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount1": "zwei"}, 422),
        ({"since": "soon"}, 422),
        ({"stage1": ""}, 422),
        ({"organisation": "没有这个单位"}, 422),
        ({"calendar": "没有"}, 422),
        ({"policy": "99999"}, 422),
        ({"place": "nowhere"}, 404),
        ({"place": "3708"}, 404),
    ],
)
def test_what_cannot_be_tried_is_said(town, change, status):
    assert ask(Reader("ducha"), **change).status == status
    assert not Simulation.objects.exists()


def test_a_period_without_clocks_says_what_to_do(town):
    assert ask(Reader("ducha"), since="2020-01-01", until="2020-01-02").says("没有到期的时钟", "重新填写")


def test_statements(town, lived):
    ducha = Reader("ducha")
    where = ask(ducha).path
    with statements() as found:
        ducha.open("/simulations/")
    assert len(found) <= 8, found
    with statements() as found:
        ducha.open(where)
    assert len(found) <= 6, found
