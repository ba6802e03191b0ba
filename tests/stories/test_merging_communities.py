"""Two communities become one at noon, in the middle of the work, by the pages: everything that stood there has a new
home, last month's ranking stays as it was, and the stickers on the walls still open the right place. Then it is taken
back, by the pages too."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases.models import Case, Clock, Notice
from cases.models.rules import DutyRow
from grid import commands as ground
from grid import finding, history, soundness
from grid.models import Place, PlaceName
from ledger import clock, post, versions
from parties.models import Organisation, Posting, Serving
from tests.builders import GRID_ITEM, a_case, walk
from tests.cases.walking import events, fresh, holder, local
from tests.house.invariants import faults
from tests.pages import Form, Reader
from tests.town import COMMUNITY, COMMUNITY_2, FOUNDED, GRID_3, MONDAY, STREET, SYSTEM

NOON = local("24 12:00")
OCTOBER = dt.datetime(2026, 10, 14, 1, 0, tzinfo=dt.UTC)
OLD, KEPT = f"JW-{COMMUNITY_2}", f"JW-{COMMUNITY}"
BASIS = "济任政办发〔2026〕3号"


@pytest.fixture
def street(town):
    """A building with a sticker, a clerk, a worker and a duty row in the community that will go; cases of last month in
    both, and of this week: at the desk, in the committee's hands, in a department's, ended."""
    building = ground.open_place(
        by=SYSTEM, at=FOUNDED, kind="building", name="枇杷苑1号楼", parent=town.place(GRID_3), code="PP-1"
    )
    for username, role, place in (
        ("shequ", "community_clerk", COMMUNITY_2),
        ("wanggezhang", "grid_lead", GRID_3),
    ):
        Posting.objects.create(
            account=town.account(username),
            role=role,
            place=town.place(place),
            since=FOUNDED,
            confirmed_at=FOUNDED,
        )
    row = DutyRow.objects.filter(item__isnull=False, part="lead", until=None).order_by("pk")[0]
    DutyRow.objects.filter(pk=row.pk).update(place=town.place(COMMUNITY_2))
    versions.clear_all()
    for n in range(3):
        when = OCTOBER + n * dt.timedelta(days=1)
        a_case(
            when=when, place=GRID_3, by="jiedao", through=("accept", "dispatch", "sign", "resolve", "answer")
        )
        a_case(when=when + dt.timedelta(hours=1), through=("accept", "dispatch"))
    mine = {"place": GRID_3, "by": "jiedao", "when": MONDAY + dt.timedelta(days=1)}
    town.cases = {
        "waiting": a_case(item=GRID_ITEM, **mine),
        "at_community": a_case(item=GRID_ITEM, **mine | {"place": COMMUNITY_2}),
        "department": a_case(through=("accept", "dispatch", "sign"), **mine),
        "ended": walk(a_case(**mine), "reject", by="jiedao"),
    }
    town.building = building
    return town


def ranking() -> list[str]:
    """Last month's ranking of the communities, row by row as an official reads it on the dashboard."""
    link = f"/dashboard/?place={STREET}&from=2026-10-01&to=2026-10-31"
    with clock.frozen(NOON + dt.timedelta(hours=2)):
        page = Reader("lingdao").open(link)
    assert page.status == 200, page.words[:300]
    section = page.text.split("tbl rk")[-1].split("</table>")[0]
    rows = re.findall(r"<tr.*?</tr>", section, re.S)[1:]
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def read(username: str, path: str, at: dt.datetime) -> Reader:
    with clock.frozen(at):
        return Reader(username).open(path)


def form_of(reader: Reader, field: str, value: str) -> Form:
    return next(
        form for form in reader.forms if form.fields.get(field) == [value] or (field, value) in form.buttons
    )


def standing(model, place: str, *fields: str) -> list[tuple]:
    """The rows that stand at a place now."""
    return sorted(model.objects.filter(place__code=place, until=None).values_list(*fields), key=str)


def shape() -> dict[str, tuple]:
    rows = Place.objects.select_related("parent", "superior")
    return {p.code: (p.name, p.above.code if p.above else None, p.is_live) for p in rows}


def merged(at: dt.datetime) -> None:
    """The form beside the tree, the check with every consequence, and the button."""
    with clock.frozen(at):
        reader = Reader("admin").open(f"/tree/{COMMUNITY_2}/")
        reader.send(form_of(reader, "command", "merge"), target=COMMUNITY)
        assert reader.status == 200 and reader.says("存入草稿")
        reader = Reader("admin").open("/tree/draft/")
        assert reader.says(
            "个地点改到", "件在办工单随地点走", "件待受理、待派遣的转到", "项任职转到", "个服务单位转到", "个受理台转到", "行职责转到"
        )  # fmt: skip
        assert "disabled" not in reader.text.split('value="publish"')[1].split(">")[0]
        reader.send(form_of(reader, "do", "publish"), do="publish", basis=BASIS, effective_on="")
        assert reader.status == 200 and reader.says("已发布，共 1 处改动")
    post.deliver_pending()


def scanned(username: str, token: str, at: dt.datetime) -> Reader:
    reader = read(username, f"/q/{token}/", at)
    assert reader.status == 200
    return reader


def test_merged_at_noon_and_taken_back(street):
    town = street
    last_month, before, clocks = ranking(), shape(), dict(Clock.objects.values_list("pk", "due_at"))
    assert (
        len([row for row in last_month if town.place(COMMUNITY_2).name in row]) == 1 and len(last_month) > 1
    )
    sticker = PlaceName.objects.get(kind="qr", place=town.building).value
    ended = Case.objects.filter(pk=town.cases["ended"].pk).values().get()
    was = {
        (model, place): standing(model, place, *fields)
        for model, fields in WHAT_STANDS.items()
        for place in (COMMUNITY, COMMUNITY_2)
    }

    merged(NOON)
    after = NOON + dt.timedelta(hours=1)

    # open cases and the desk's queue, as the kept community's clerk has them on the page
    queue = read("shequ", "/desk/", after)
    for name in ("waiting", "at_community"):
        case = fresh(town.cases[name])
        assert holder(case) == KEPT == case.desk.code and faults(case) == []
        assert case.community_id == town.place(COMMUNITY).pk and "case.rehomed" in events(case)
        assert case.number in queue.text
        page = read("shequ", f"/cases/{case.number}/", after)
        assert page.status == 200 and page.says(town.place(COMMUNITY).name)
    assert fresh(town.cases["at_community"]).place.code == COMMUNITY
    assert holder(town.cases["department"]) == "GV24"
    assert dict(Clock.objects.values_list("pk", "due_at")) == clocks  # no deadline moved
    assert walk(fresh(town.cases["department"]), "resolve", by="bumen").status == "resolved"
    assert walk(fresh(town.cases["waiting"]), "accept", by="shequ").status == "accepted"

    # what has ended stands where it ended, and so do last month's figures
    assert Case.objects.filter(pk=town.cases["ended"].pk).values().get() == ended
    assert ranking() == last_month

    # committee, postings, services, duty rows
    old, kept = Organisation.objects.get(code=OLD), Organisation.objects.get(code=KEPT)
    assert old.merged_into == kept and old.retired_at == NOON
    assert standing(Posting, COMMUNITY_2, "role") == standing(Serving, COMMUNITY_2, "id") == []
    assert ("shequ", "community_clerk") in standing(Posting, COMMUNITY, "account__username", "role")
    assert town.actor("shequ", after).units == {kept.pk}
    assert standing(DutyRow, COMMUNITY_2, "item") == []
    assert set(was[DutyRow, COMMUNITY_2]) <= set(standing(DutyRow, COMMUNITY, *WHAT_STANDS[DutyRow]))
    panel = read("admin", f"/tree/{COMMUNITY}/", after)
    assert panel.says(town.account("shequ").person.name, kept.name)
    gone = read("admin", f"/tree/{COMMUNITY_2}/", after)
    assert gone.says("已停用", "承接", town.place(COMMUNITY).name)
    assert read("admin", "/tree/retired/", after).says(town.place(COMMUNITY_2).name)

    # old codes and stickers: a worker comes to a new call there, a resident reads the place
    assert finding.by_code(COMMUNITY_2) == town.place(COMMUNITY)
    assert scanned("jiedao", sticker, after).path == "/calls/new/?place=PP-1"
    assert scanned("", sticker, after).says("枇杷苑1号楼", town.place(COMMUNITY).name)
    assert town.place("PP-1").path.startswith(town.place(COMMUNITY).path)
    assert history.states(dt.date(2026, 11, 23))[town.place(GRID_3).pk].above_id == town.place(COMMUNITY_2).pk
    assert soundness.faults() == []
    assert Notice.objects.filter(event="draft.published", account=town.account("shequ")).count() == 1

    # nothing since depends on it: taken back in the afternoon
    later = NOON + dt.timedelta(hours=4)
    with clock.frozen(later):
        reader = Reader("admin").open("/tree/published/")
        reader.open(next(link for link in re.findall(r'href="([^"]+undo=\d+)"', reader.text)))
        reader.send(form_of(reader, "do", "undo"), do="undo", basis="另有决定")
        assert reader.status == 200 and reader.says("已撤回")
    post.deliver_pending()
    assert shape() == before and soundness.faults() == []
    assert finding.by_code(COMMUNITY_2).code == COMMUNITY_2
    assert scanned("", sticker, later).says(town.place(COMMUNITY_2).name)
    assert {key: standing(key[0], key[1], *WHAT_STANDS[key[0]]) for key in was} == was
    assert Organisation.objects.get(code=OLD).retired_at is None
    for name in ("waiting", "at_community"):
        case = fresh(town.cases[name])
        assert case.desk.code == holder(case) == OLD and faults(case) == []
    assert fresh(town.cases["at_community"]).place.code == COMMUNITY_2
    assert ranking() == last_month


WHAT_STANDS = {
    Posting: ("account__username", "role"),
    Serving: ("organisation__code",),
    DutyRow: ("item__code", "organisation__code", "template", "part"),
}


def test_split_at_noon(street):
    """One of the halves takes the desk; the other's work goes to the desk above until it has one of its own."""
    town = street
    last_month = ranking()
    place = town.place(COMMUNITY_2)
    ground.split_place(
        place=place,
        version=place.version,
        parts=[ground.Part("琵琶山东社区"), ground.Part("琵琶山西社区", (town.place(GRID_3),))],
        by=town.actor("admin", NOON),
        at=NOON,
        basis=BASIS,
    )
    post.deliver_pending()
    east, west = finding.heirs(place.pk)
    assert finding.by_code(COMMUNITY_2) == Place.objects.get(pk=place.pk)  # it tells both
    assert Organisation.objects.get(code=OLD).desk_of == east
    assert holder(town.cases["at_community"]) == OLD and fresh(town.cases["at_community"]).place == east
    waiting = fresh(town.cases["waiting"])
    assert waiting.community_id == west.pk and holder(waiting) == f"ZX-{east.above.code}"
    for case in town.cases.values():
        assert faults(fresh(case)) == []
    for half in (east, west):
        assert ("shequ", "community_clerk") in standing(Posting, half.code, "account__username", "role")
        assert standing(DutyRow, half.code, "part")
    assert ranking() == last_month
    assert soundness.faults() == []
