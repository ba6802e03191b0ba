"""A sheet of duty rows: what each line would do, then all of it or nothing; out and in again is no change."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from cases import duty_import, duty_replay, rulebook, tasks
from cases.models.duty_draft import DutyDraft
from cases.models.rules import DutyRow
from cases.queries import duties
from cases.refusals import MoveRefused
from cases.routing import duty_sheets
from cases.routing.facts import LEAD
from grid.errors import Unreadable
from ledger import clock, versions
from ledger.models import Entry
from parties import directory
from parties.access import NotYours
from parties.models import Posting
from tests import builders
from tests.pages import Reader
from tests.town import DISTRICT, MONDAY, OTHER_STREET, STREET

pytestmark = pytest.mark.django_db

AT = MONDAY
TODAY = dt.date(2026, 11, 23)
HEADER = "小项,地点,单位,角色,生效日,失效日,依据,状态"


def lines(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> list[duty_sheets.Line]:
    return duty_sheets.read_bytes("\r\n".join([header, *rows]).encode(encoding))


def plan(town, *rows: str, by: str = "admin", **more):
    return duty_import.plan(lines(*rows, **more), by=town.actor(by), at=AT)


def does(told) -> list[str]:
    return [one.does for one in told.effects]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_out_and_in_again_is_no_change(town, form):
    rows = list(duty_import.exported(duties.in_tab("live", TODAY).order_by("pk")))
    whole = b"".join(duty_sheets.csv_pieces(rows)) if form == "csv" else duty_sheets.workbook(rows)
    told = duty_import.plan(duty_sheets.read_bytes(whole), by=town.actor("admin"), at=AT)
    assert set(does(told)) == {"same"} and len(told.effects) == len(rows) and not told.difference


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_any_encoding_and_either_language(town, encoding):
    assert does(plan(town, f"0601,{STREET},GV24,,,,街办 3 号,", encoding=encoding)) == ["change"]
    english = "item,place,organisation,role,from,to,basis,status"
    told = plan(
        town, "暴露垃圾,任城区/观音阁街道,区综合执法局,lead,2026/12/1,2027年1月5日,3,", header=english
    )
    assert does(told) == ["change"]
    assert (told.effects[0].row.since, told.effects[0].row.until) == (
        dt.date(2026, 12, 1),
        dt.date(2027, 1, 5),
    )


def test_each_line_says_what_it_does(town):
    told = plan(
        town,
        f"0601,{STREET},GV24,主办,2026-12-01,,街办 3 号,",
        f"0601,{STREET},GV07,协办,,,街办 3 号,采用",
        f"0602,{STREET},GV24,主办,,,,建议",
        f"0601,{DISTRICT},IN02,主办,2020-01-01,,任城区网格事项清单（试行，演示）,",
        f"9999,{STREET},GV24,,,,,",
        "0601,没有的地方,GV24,,,,,",
        f"0601,{STREET},没有的单位,,,,,",
        f"0601,{STREET},GV24,老板,,,,",
        f"0601,{STREET},GV24,主办,明天,,,",
        f"0603,{STREET},TS02-{OTHER_STREET},,,,,",
    )
    assert does(told)[:3] == ["change", "open", "suggested"]
    assert does(told)[4:] == ["wrong"] * 6
    assert [number for number, _words in told.problems][:2] == [6, 7]
    words = " ".join(words for _number, words in told.problems)
    for said in (
        "没有小项“9999”",
        "没有地点",
        "没有找到单位",
        "“角色”读不懂",
        "“生效日”读不懂",
        "不管观音阁街道",
    ):
        assert said in words


def test_all_or_nothing_and_once(town):
    admin, before = town.actor("admin"), DutyRow.objects.count()
    draft = duty_import.keep(
        content=lines(f"0601,{STREET},GV24,,,,3,", f"0602,{STREET},NO,,,,3,"), name="a.csv", by=admin, at=AT
    )
    with pytest.raises(MoveRefused, match="什么都没有写入。第 3 行"):
        duty_import.publish(draft, by=admin, at=AT)
    assert DutyRow.objects.count() == before
    good = duty_import.keep(
        content=lines(f"0601,{STREET},GV24,,,,3,", f"0602,{STREET},GV24,,,,3,"), name="b.csv", by=admin, at=AT
    )
    duty_import.publish(good, by=admin, at=AT)
    assert DutyRow.objects.count() == before + 2
    entry = Entry.objects.get(event="rules.duty_published")
    assert len(entry.payload["begun"]) == 2 and entry.payload["draft"] == good.pk
    with pytest.raises(MoveRefused, match="已经发布过"):
        duty_import.publish(good, by=admin, at=AT)
    assert set(does(duty_import.plan(duty_import.lines_of(good), by=admin, at=AT))) == {"same"}


def test_an_end_in_the_sheet_ends_the_row(town):
    told = plan(
        town, f"0601,{STREET},IN02,主办,2026-01-01,2026-12-31,观音阁街道属地管理清单（演示）,", header=HEADER
    )
    assert does(told) == ["change"]  # the shipped one may be sent to directly, this one may not
    header = HEADER + ",街道直派"
    told = plan(
        town,
        f"0601,{STREET},IN02,主办,2026-01-01,2026-12-31,观音阁街道属地管理清单（演示）,,是",
        header=header,
    )
    assert does(told) == ["end"]
    assert [now.until for _was, now in told.difference.dated] == [dt.date(2026, 12, 31)]


def test_two_lines_against_each_other(town):
    told = plan(town, f"0601,{STREET},GV24,,,,3,", f"0601,{STREET},GV07,,,,3,", f"0601,{STREET},GV24,,,,3,")
    assert does(told) == ["change", "wrong", "same"]


def test_a_streets_admin_keeps_to_it(town):
    Posting.objects.filter(account__username="admin2", role="admin").update(place=town.place(STREET))
    told = plan(town, f"0601,{STREET},GV24,,,,3,", f"0601,{DISTRICT},GV24,,,,3,", by="admin2")
    assert does(told) == ["change", "wrong"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "没有数据行|空"),
        (b"a,b\n1,2", "缺少列"),
        (HEADER.encode(), "没有数据行"),
        (b"PK\x03\x04rubbish", "工作簿"),
    ],
)
def test_what_is_no_sheet_is_said(content, words):
    with pytest.raises(Unreadable, match=words):
        duty_sheets.read_bytes(content)


# -- replayed before it is published


def test_past_cases_are_routed_by_the_draft(town):
    for _n in range(3):
        builders.a_case(item="0601")
    today = clock.today()
    cases = list(duty_replay.Case.objects.filter(item__code="0601"))
    admin = town.actor("admin", clock.now())
    draft = duty_import.keep(content=lines(f"0601,{STREET},GV24,,,,3,"), name="", by=admin, at=clock.now())
    duty_replay.ask(
        draft,
        by=admin,
        at=clock.now(),
        since=dt.date(2025, 1, 1),
        until=max(today, TODAY) + dt.timedelta(9),
        place=None,
    )
    duty_replay.run(pk=draft.pk)
    duty_replay.run(pk=draft.pk)
    draft = DutyDraft.objects.get(pk=draft.pk)
    assert draft.state == "done" and draft.result["cases"] == len(cases) == 3
    old, new = (town.org(code).pk for code in ("IN02", "GV24"))
    assert draft.result["moved"] == [[old, new, 3]]
    assert sorted(one[0] for one in draft.result["listed"]) == sorted(case.number for case in cases)
    assert rulebook.duty_rows_for(rulebook.item("0601")) and not Entry.objects.filter(
        event__startswith="rules.duty_p"
    )
    page = Reader("admin").open(f"/rules/duties/drafts/{draft.pk}/")
    assert page.says("3 件会有不同", "区环卫中心", "区综合执法局", cases[0].number)
    assert Reader("admin2").open(f"/rules/duties/drafts/{draft.pk}/").status == 404


def test_a_row_is_tried_before_it_is_written(town):
    reader = Reader("admin").open("/rules/duties/new/")
    reader.client.handler.enforce_csrf_checks = False
    sent = {"item": "0601", "place": STREET, "organisation": "GV24", "part": LEAD, "basis": "3",
            "since": clock.today().isoformat(), "action": "try"}  # fmt: skip
    page = reader._show(reader.client.post("/rules/duties/new/", sent), "/rules/duties/new/")
    assert page.says("接替", "拿过去的工单推演") and not DutyRow.objects.filter(basis="3").exists()
    path = f"/rules/duties/drafts/{DutyDraft.objects.get().pk}/"
    done = reader._show(reader.client.post(path, {"action": "publish"}), path)
    assert done.says("已发布") and DutyRow.objects.filter(basis="3", organisation__code="GV24").exists()


# -- what the district's own dispatches suggest


def test_what_stood_is_suggested_and_accepted_by_one_click(town):
    item = builders.STREET_ITEM
    for _n in range(3):
        case = builders.a_case("resolved", through=("accept", "dispatch", "sign", "resolve"), item=item)
    path = "/rules/duties/suggestions/"
    assert Reader("admin").open(path).says("没有建议")  # the rows say so already
    DutyRow.objects.filter(item__code=item).delete()
    versions.bump("duty")
    reader = Reader("admin").open(path)
    assert reader.says("3 次中 3 次", "现行：没有", "采用") and not DutyRow.objects.filter(item__code=item)
    reader.client.handler.enforce_csrf_checks = False
    key = re.search(r'name="key" value="([^"]+)"', reader.text).group(1)
    done = reader._show(reader.client.post(path, {"key": html.unescape(key)}), path)
    assert done.says("已采用", "没有建议")
    row = DutyRow.objects.latest("pk")
    assert row.organisation_id == case.holder_id and "3 次派遣中 3 次" in row.basis
    again = reader._show(reader.client.post(path, {"key": html.unescape(key)}), path)
    assert again.status == 422 and again.says("已经不在了")


def street_row() -> DutyRow:
    return DutyRow.objects.get(item__code="0601", place__code=STREET, part=LEAD, until=None)


def replayed(draft: DutyDraft, by) -> DutyDraft:
    until = max(clock.today(), TODAY) + dt.timedelta(9)
    duty_replay.ask(draft, by=by, at=clock.now(), since=dt.date(2025, 1, 1), until=until, place=None)
    duty_replay.run(pk=draft.pk)
    return DutyDraft.objects.get(pk=draft.pk)


def test_a_change_is_tried_before_it_is_made(town):
    builders.a_case(item="0601")
    row = street_row()
    reader = Reader("admin").open(f"/rules/duties/{row.pk}/")
    reader.client.handler.enforce_csrf_checks = False
    sent = {"organisation": "GV24", "part": LEAD, "basis": "7", "since": clock.today().isoformat()}
    page = reader._show(reader.client.post(f"/rules/duties/{row.pk}/", {**sent, "action": "try_change"}), "")
    assert page.says("接替", "拿过去的工单推演") and street_row() == row
    draft = replayed(DutyDraft.objects.get(), town.actor("admin", clock.now()))
    assert draft.result["moved"] == [[town.org("IN02").pk, town.org("GV24").pk, 1]]
    reader.client.post(f"/rules/duties/drafts/{draft.pk}/", {"action": "publish"})
    assert street_row().organisation.code == "GV24" and street_row().basis == "7"
    row.refresh_from_db()
    assert row.until == clock.today()


def test_a_change_of_who_assists_ends_the_one_it_was(town):
    """A line of a sheet would leave the other one standing."""
    row = DutyRow.objects.get(item__code="0601", place__code=STREET, part="assist")
    by = town.actor("admin", clock.now())
    draft = duty_import.try_change(row=row.pk, by=by, at=clock.now(), organisation=directory.by_code("GV24"))
    duty_import.publish(draft, by=by, at=clock.now())
    standing = DutyRow.objects.get(item__code="0601", place__code=STREET, part="assist", until=None)
    assert (standing.organisation.code, standing.template) == ("GV24", "")


def test_an_end_is_tried_before_it_is_made(town):
    builders.a_case(item="0601")
    DutyRow.objects.filter(pk=street_row().pk).update(organisation=town.org("GV24"))
    versions.bump("duty")
    row = street_row()
    reader = Reader("admin").open(f"/rules/duties/{row.pk}/")
    reader.client.handler.enforce_csrf_checks = False
    sent = {"on": clock.today().isoformat(), "action": "try_end"}
    page = reader._show(reader.client.post(f"/rules/duties/{row.pk}/", sent), "")
    assert page.says("终止", "拿过去的工单推演") and street_row() == row
    draft = replayed(DutyDraft.objects.get(), town.actor("admin", clock.now()))
    assert draft.result["cases"] == 1 and draft.result["moved"][0][0] == town.org("GV24").pk
    reader.client.post(f"/rules/duties/drafts/{draft.pk}/", {"action": "publish"})
    row.refresh_from_db()
    assert row.until == clock.today()
    late = duty_import.plan(duty_import.lines_of(draft), by=town.actor("admin", clock.now()), at=clock.now())
    assert late.problems  # it has ended already


def test_nobody_tries_what_he_may_not_change(town):
    Posting.objects.filter(account__username="admin2", role="admin").update(
        place=town.place(OTHER_STREET), organisation=None
    )
    with pytest.raises(NotYours):
        duty_import.try_end(row=street_row().pk, by=town.actor("admin2"), at=town.MONDAY)
    assert not DutyDraft.objects.exists()


def test_a_replay_that_its_worker_left_is_taken_up_again(town):
    builders.a_case(item="0601")
    by = town.actor("admin", clock.now())
    draft = replayed(duty_import.try_end(row=street_row().pk, by=by, at=clock.now()), by)
    assert draft.state == "done" and not duty_replay.left()
    DutyDraft.objects.update(state="running", result={"tries": 1})  # as a killed worker leaves it
    assert tasks.finish_errands() == 1
    draft.refresh_from_db()
    assert (draft.state, draft.result["cases"]) == ("done", 1)


def test_one_that_kills_its_workers_is_given_up(town):
    by = town.actor("admin", clock.now())
    draft = replayed(duty_import.try_end(row=street_row().pk, by=by, at=clock.now()), by)
    DutyDraft.objects.update(state="running", result={"tries": duty_replay.TRIES})
    tasks.finish_errands()
    draft.refresh_from_db()
    assert draft.state == "failed" and not duty_replay.left()
    assert Reader("admin").open(f"/rules/duties/drafts/{draft.pk}/").says("没有完成", "再推演")
