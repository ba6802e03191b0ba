"""Duty rows on their pages and by the interface: written, changed, ended, found, looked through and tried."""

from __future__ import annotations

import datetime as dt
import html
import json
import re

import pytest

from cases.models.rules import DutyRow
from ledger import clock
from ledger.models import Entry
from parties import directory
from parties.models import Organisation, Posting
from tests.builders import a_case
from tests.cases.web.rules.sending import send
from tests.clients import Api, statements
from tests.pages import Reader
from tests.town import COMMUNITY, DISTRICT, OTHER_STREET, STREET

pytestmark = pytest.mark.django_db

LIST, NEW = "/rules/duties/", "/rules/duties/new/"
DAY = dt.timedelta(days=1)


def today() -> dt.date:
    return clock.today()


def write(username: str = "admin", **more):
    given = {
        "item": "0601",
        "place": STREET,
        "organisation": "GV24",
        "part": "lead",
        "basis": "街办〔2026〕3 号",
    }
    return send(username, NEW, **{**given, "since": (today() + DAY).isoformat(), **more})


def street_row() -> DutyRow:
    return DutyRow.objects.get(item__code="0601", place__code=STREET, part="lead", until=None)


def test_write_change_end(town):
    old = street_row()
    assert write().says("已写下")
    row = street_row()
    old.refresh_from_db()
    assert old.until == row.since == today() + DAY and row.organisation.code == "GV24"
    path = f"{LIST}{row.pk}/"
    page = send("admin", path, action="change", organisation="", template="TS12", part="lead", basis="另一份",
                since=(today() + 5 * DAY).isoformat())  # fmt: skip
    assert page.says("已改")
    new = street_row()
    assert (new.template, new.organisation) == ("TS12", None)
    page = send("admin", f"{LIST}{new.pk}/", action="end", on=(today() + 9 * DAY).isoformat())
    assert page.says("起失效", "终止一行", "写下一行")
    assert Entry.objects.filter(event__startswith="rules.duty_").count() == 4


def test_a_row_that_never_held_is_taken_back(town):
    old = street_row()
    write()
    page = send("admin", f"{LIST}{street_row().pk}/", action="end", on=today().isoformat())
    assert page.says("已撤回") and street_row() == old


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"item": "", "category": ""}, "要么写小项，要么写大类"),
        ({"place": "不存在的地方"}, "没有这个地点"),
        ({"organisation": "不存在的单位"}, "没有找到单位"),
        ({"organisation": "街道"}, "有几家"),
        ({"organisation": ""}, "要么写单位，要么写镇街机构模板"),
        ({"basis": " "}, "请写明依据"),
        ({"since": "明天"}, "请填日期"),
        ({"since": "2020-01-01"}, "不能早于今天"),
        ({"organisation": f"TS02-{OTHER_STREET}"}, "属于别的镇街或社区"),
    ],
)
def test_refused_with_the_words_kept(town, more, words):
    before = DutyRow.objects.count()
    page = write(**more)
    assert page.status == 422 and page.says(words) and DutyRow.objects.count() == before


def test_a_streets_admin_writes_for_his_street_only(town):
    Posting.objects.filter(account__username="admin2", role="admin").update(place=town.place(STREET))
    assert write("admin2").status == 200
    assert write("admin2", place=DISTRICT).status == 403
    other = DutyRow.objects.filter(place__code=DISTRICT, item__isnull=False).first()
    page = send("admin2", f"{LIST}{other.pk}/", action="end", on=(today() + DAY).isoformat())
    assert page.status == 403
    assert "终止这一行" not in Reader("admin2").open(f"{LIST}{other.pk}/").text


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("q=blljj", False),
        ("q=bllj", True),  # 暴露垃圾
        ("q=暴露", True),
        ("item=0601", True),
        ("place=gyg", True),
        ("organisation=IN02", True),
        ("part=lead", True),
        ("part=offer", False),
        ("tab=past", False),
        ("tab=coming", False),
        ("q=%27%3B--", False),
    ],
)
def test_found(town, query, there):
    page = Reader("admin").open(f"{LIST}?{query}&" + ("" if "item" in query else "item=0601"))
    assert page.status == 200 and ("暴露垃圾</a>" in page.text) is there


def test_pages_follow_one_another(town):
    page, seen = Reader("admin").open(LIST), set()
    for _n in range(20):
        ids = set(re.findall(r"/rules/duties/\d+/", page.text))
        assert not ids & seen
        seen |= ids
        onward = re.search(r'href="(\?[^"]*)" data-key="PageDown"', page.text)
        if onward is None:
            break
        page = page.open(LIST + html.unescape(onward.group(1)))
    assert len(seen) == DutyRow.objects.count()


def test_a_cursor_of_nobody_opens_the_first_page(town):
    assert Reader("admin").open(f"{LIST}?cursor=nonsense").says("0101")


def test_holes_are_sentences(town):
    DutyRow.objects.filter(item__code="0603").delete()
    Organisation.objects.filter(template="TS02", code=f"TS02-{OTHER_STREET}").update(retired_at=clock.now())
    Organisation.objects.filter(code="IN02").update(retired_at=clock.now())
    directory._directory.clear()
    page = Reader("admin").open(f"{LIST}check/")
    assert page.says("0603", "在 3 个社区没有承办单位", "个镇街没有这样的单位", "写给已停用单位的", "喻屯镇")


def test_two_leads_are_told(town):
    row = street_row()
    DutyRow.objects.create(
        item=row.item, place=row.place, organisation=town.org("GV24"), part="lead", since=row.since,
        until=today() + 30 * DAY,
    )  # fmt: skip
    assert Reader("admin").open(f"{LIST}check/").says("两家都写了主办的", "暴露垃圾")


def test_clean_is_said(town):
    assert Reader("admin").open(f"{LIST}check/").says("没有漏，也没有重")


def test_who_would_get_it_and_why(town):
    write()
    today_ = Reader("admin").open(f"{LIST}test/?asked=1&item=0601&place={COMMUNITY}")
    assert today_.says("由区环卫中心主办", "用它", "有地点更具体的一行", "那天还没有生效")
    day = (today() + 3 * DAY).isoformat()
    later = Reader("admin").open(f"{LIST}test/?asked=1&item=0601&place={COMMUNITY}&on={day}")
    assert later.says("由区综合执法局主办", "那天已经失效")
    assert Reader("admin").open(f"{LIST}test/?asked=1&item=&place=x").status == 422


def test_what_the_pages_cost(town):
    reader = Reader("admin")
    row = street_row()
    paths = (
        LIST,
        f"{LIST}?q=bllj",
        f"{LIST}check/",
        f"{LIST}test/?asked=1&item=0601&place={STREET}",
        f"{LIST}{row.pk}/",
    )
    for path in paths:
        reader.open(path)
        with statements() as made:
            reader.open(path)
        assert len(made) <= 8, (path, [one[:90] for one in made])


# -- by the interface


def test_the_interface_does_the_same(town):
    api = Api("admin")
    answer = api.post(
        "duties/",
        {"item": "0601", "place": STREET, "organisation": "GV24", "basis": "街办 3 号", "direct": True},
    )
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert (row["organisation"], row["state"], row["direct"], row["part"]) == ("GV24", "live", True, "lead")
    found = api.get("duties/", {"item": "0601", "place": STREET, "tab": "live"}).json()["results"]
    assert row["id"] in [one["id"] for one in found]
    later = (today() + 3 * DAY).isoformat()
    changed = api.post(f"duties/{row['id']}/change/", {"template": "TS12", "since": later}).json()
    assert (changed["template"], changed["organisation"], changed["since"]) == ("TS12", None, later)
    assert api.get(f"duties/{row['id']}/").json()["until"] == later
    assert api.post(f"duties/{changed['id']}/end/", {}).status_code == 204
    told = api.get("duties/test/", {"item": "0601", "place": COMMUNITY}).json()
    assert told["lead"] == "GV24" and told["candidates"][0]["why"] == "wins"
    assert api.get("duties/lint/").json()["gaps"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"item": 601},
        {"direct": "yes"},
        {"since": "soon"},
        {"organisation": "NO"},
        {"place": "NO"},
        {"part": "x"},
    ],
)
def test_bad_bodies_are_refused(town, more):
    body = {"item": "0601", "place": STREET, "organisation": "GV24", **more}
    answer = Api("admin").post("duties/", body)
    assert answer.status_code == 422 and json.loads(answer.content)["detail"]


def test_many_rows_by_the_interface_all_or_nothing(town):
    api, before = Api("admin"), DutyRow.objects.count()
    good = {"item": "0601", "place": STREET, "organisation": "GV24", "basis": "3"}
    sent = {"rows": [good, {**good, "item": "9999"}]}
    answer = api.post("duties/import/?dry_run=1", sent).json()
    assert [one["does"] for one in answer["effects"]] == ["change", "wrong"] and not answer["published"]
    assert api.post("duties/import/", sent).status_code == 422 and DutyRow.objects.count() == before
    assert api.post("duties/import/", {"rows": [good]}).json()["published"]
    assert DutyRow.objects.count() == before + 1
    for bad in ({}, {"rows": "x"}, {"rows": [1]}, {"rows": [{"item": 1}]}):
        assert api.post("duties/import/", bad).status_code == 422
    assert api.get("duties/suggestions/").json() == []


def test_drafts_by_the_interface(town):
    a_case(item="0601")
    api, row = Api("admin"), street_row()
    answer = api.post("duties/drafts/", {"row": row.pk, "organisation": "GV24", "basis": "9"})
    assert answer.status_code == 201, answer.content.decode()
    draft = answer.json()
    here = f"duties/drafts/{draft['id']}/"
    assert [one["does"] for one in draft["effects"]] == ["change"] and draft["replay"] == "none"
    assert [one["id"] for one in api.get("duties/drafts/").json()] == [draft["id"]]
    assert api.post(here + "replay/", {"since": "2025-01-01"}).status_code == 422
    told = api.post(here + "replay/", {"since": "2025-06-01", "until": "2027-12-31"}).json()
    assert (told["replay"], told["cases"], told["same"]) == ("done", 1, 0)
    assert told["moved"] == [{"now": "IN02", "then": "GV24", "cases": 1}] and len(told["listed"]) == 1
    assert api.get(here).json()["moved"] == told["moved"]
    for other in (Api("admin2"), Api("jiedao")):
        assert other.get(here).status_code in (403, 404)
        assert other.post(here + "publish/").status_code in (403, 404)
    assert api.post(here + "publish/").json()["published_at"]
    assert street_row().organisation.code == "GV24"
    assert api.post(here + "publish/").status_code == 422
    assert (
        api.client.delete(f"/api/v1/{here}", headers=api.headers).status_code == 422
    )  # what was published is no draft


def test_an_end_and_a_new_row_as_drafts_by_the_interface(town):
    api, row = Api("admin"), street_row()
    end = api.post("duties/drafts/", {"row": row.pk, "end": True}).json()
    assert [one["does"] for one in end["effects"]] == ["end"]
    new = {"item": "0101", "place": STREET, "organisation": "GV24", "basis": "9", "direct": True}
    assert [one["does"] for one in api.post("duties/drafts/", new).json()["effects"]] == ["open"]
    for bad in (
        {},
        {"row": "x"},
        {"row": True},
        {**new, "place": "nowhere"},
        {"row": row.pk, "end": True, "on": "x"},
    ):
        assert api.post("duties/drafts/", bad).status_code == 422
    assert api.post("duties/drafts/", {"row": 10**9}).status_code == 404
    assert api.client.delete(f"/api/v1/duties/drafts/{end['id']}/", headers=api.headers).status_code == 204
    assert api.get(f"duties/drafts/{end['id']}/").status_code == 404
