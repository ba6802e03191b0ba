"""Reading cases: who sees what, filters, queues, pages, masks."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Case
from ledger import clock
from tests import town
from tests.builders import CALLER, GRID_ITEM, a_case, a_fact, walk
from tests.clients import Api, is_problem

PHONE, NAME = CALLER["phone"], CALLER["name"]
EVERYBODY = [
    "louzhang",
    "wangge",
    "wanggezhang",
    "shequ",
    "jiedao",
    "zhiban",
    "lingdao",
    "quji",
    "bumen",
    "fuzeren",
    "ducha",
    "shenji",
    "wangge2",
    "linju",
]


def numbers(answer) -> list[str]:
    assert answer.status_code == 200, answer.content.decode()
    return [row["number"] for row in answer.json()["results"]]


def listed(caller: Api, **query) -> set[str]:
    return set(numbers(caller.get("cases/", query)))


# -- shape


def test_the_shape_of_a_case(api):
    case = api("jiedao").case(a_case(through=("accept", "dispatch", "sign")).number)
    contract = "number status version kind item urgency level origin place path holder promised_at clocks moves calls"
    assert set(contract.split()) <= case.keys()
    assert case["place"] == {"code": town.GRID, "name": "第一网格", "kind": "grid"}
    assert [step["kind"] for step in case["path"]] == [
        "province",
        "city",
        "district",
        "street",
        "community",
        "grid",
    ]
    assert case["item"]["code"] == "0610" and case["holder"]["code"] == "GV24"
    for row in case["clocks"]:
        assert {
            "stage",
            "round",
            "state",
            "due_at",
            "warn_at",
            "provisional",
            "colour",
            "against",
        } <= row.keys()
        assert row["state"] in ("running", "paused", "stopped")
        assert dt.datetime.fromisoformat(row["due_at"]).tzinfo
    for move in case["moves"]:
        assert {"name", "label", "needs", "enabled", "why_not"} <= move.keys()
        assert bool(move["why_not"]) != move["enabled"]
        assert all({"field", "type", "required"} <= need.keys() for need in move["needs"])


def test_moves_are_those_one_may_make(api):
    case = a_case()
    enabled = {move["name"] for move in api("jiedao").case(case.number)["moves"] if move["enabled"]}
    assert {"accept", "reject"} <= enabled
    assert not [move for move in api("lingdao").case(case.number)["moves"] if move["enabled"]]
    case = walk(case, "accept", "dispatch")
    enabled = {move["name"] for move in api("bumen").case(case.number)["moves"] if move["enabled"]}
    assert enabled == {"sign", "decline"}


@pytest.mark.parametrize("path", [("accept", "dispatch", "sign"), ("accept",), ()])
def test_what_is_enabled_works(api, path):
    """No button lies: every move that is told to be possible is refused at most for its form."""
    case = a_case(through=path)
    for who in ("jiedao", "bumen", "wangge", "zhiban", "quji"):
        answer = api(who).get(f"cases/{case.number}/")
        if answer.status_code == 404:
            continue
        for move in answer.json()["moves"]:
            tried = api(who).move({"number": case.number, "version": 99}, move["name"])
            assert tried.status_code == 409 if move["enabled"] else tried.status_code in (403, 409)


# -- scope


def test_who_sees_it(api):
    case = a_case()
    for who in EVERYBODY:
        sees = who in [
            "wangge",
            "wanggezhang",
            "shequ",
            "jiedao",
            "zhiban",
            "lingdao",
            "quji",
            "ducha",
            "shenji",
        ]
        for path in (
            f"cases/{case.number}/",
            f"cases/{case.number}/timeline/",
            f"cases/{case.number}/clocks/accept/why/",
        ):
            answer = api(who).get(path)
            assert answer.status_code == (200 if sees else 404), (who, path)
        assert (case.number in listed(api(who))) is sees, who
    walk(case, "accept", "dispatch")
    for who in ("bumen", "fuzeren", "bumen2"):
        assert api(who).get(f"cases/{case.number}/").status_code == 200
    assert api("huanwei").get(f"cases/{case.number}/").status_code == 404


def test_a_stranger_is_told_nothing(api):
    case = a_case(through=("accept", "dispatch", "sign"))
    linju = api("linju")
    seen = {"number": case.number, "version": case.version}
    for name in ("accept", "sign", "resolve", "answer", "merge", "withdraw", "supply", "rework"):
        is_problem(linju.move(seen, name), 404)
    for name in ("note", "urge", "reveal", "contact", "verify", "take_up", "attach"):
        is_problem(linju.fact(seen, name, text="x", reason="x"), 404)
    for query in ({}, {"q": case.number}, {"queue": "all"}, {"place": town.STREET}, {"q": "涂料"}):
        assert listed(linju, **query) == set()
    unknown = is_problem(linju.get("cases/GYG20260101-9999/"), 404)
    assert unknown == is_problem(linju.get(f"cases/{case.number}/"), 404)


def test_whoever_reported_still_sees_it(api):
    case = a_case(by="louzhang", place=town.BUILDING)
    assert case.number in listed(api("louzhang"), queue="reported")
    assert listed(api("wangge"), queue="reported") == set()


# -- what is masked


@pytest.mark.parametrize(
    "who", ["wangge", "shequ", "jiedao", "zhiban", "lingdao", "quji", "ducha", "shenji", "bumen", "fuzeren"]
)
def test_phones_and_names_are_masked_for_all(api, who):
    case = a_case(
        through=("accept", "dispatch", "sign"),
        text=f"{NAME}的电话 139 0537 1234 打不通，{PHONE}。",
        subject=f"找{NAME} {PHONE}",
    )
    a_fact(case, "note", by="jiedao", text=f"已打{PHONE}给{NAME}")
    for path in (f"cases/{case.number}/", f"cases/{case.number}/timeline/", "cases/"):
        text = api(who).get(path).content.decode()
        assert "0537 1234" not in text and PHONE not in text, path
        if path != "cases/":
            assert NAME not in text, path
    call = api(who).case(case.number)["calls"][0]
    assert call["caller"]["phone"] == "139****1234" and call["caller"]["name"] == "孟**"


def test_revealing_is_recorded_and_answers_once(api):
    case = a_case(through=("accept", "dispatch"))
    seen = {"number": case.number}
    is_problem(api("jiedao").fact(seen, "reveal"), 422, "reason")
    answer = api("jiedao").fact(seen, "reveal", reason="回电核实位置")
    assert answer.status_code == 201
    (contact,) = answer.json()["contacts"]
    assert (contact["name"], contact["phone"]) == (NAME, PHONE)
    assert PHONE not in str(api("jiedao").case(case.number))
    last = api("jiedao").get(f"cases/{case.number}/timeline/").json()["results"][-1]
    assert last["event"] == "case.revealed" and last["actor"]["username"] == "jiedao"
    assert last["texts"] == {"reason": "回电核实位置"}
    is_problem(api("shenji").fact(seen, "reveal", reason="看看"), 403)
    is_problem(api("linju").fact(seen, "reveal", reason="看看"), 404)


def test_words_of_a_confidential_case(api):
    case = a_case(confidential=True, text="举报物业私占公共面积")
    case = walk(case, "accept", "dispatch")
    a_fact(case, "note", by="jiedao", text="已核对产权图")
    for who, reads in (
        ("jiedao", True),
        ("bumen", True),
        ("lingdao", False),
        ("shequ", False),
        ("shenji", False),
    ):
        shown = api(who).get(f"cases/{case.number}/").content.decode()
        told = api(who).get(f"cases/{case.number}/timeline/").content.decode()
        rows = api(who).get("cases/").content.decode()
        assert ("私占" in shown, "产权图" in told, "私占" in rows) == (reads, reads, reads), who
        assert (case.number in listed(api(who), q="私占")) is reads, who
    length = Case.objects.get(pk=case.pk).chain_length
    is_problem(api("shequ").fact({"number": case.number}, "reveal", reason="x"), 403)
    assert Case.objects.get(pk=case.pk).chain_length == length
    assert api("bumen").fact({"number": case.number}, "reveal", reason="上门前联系").json()["contacts"]


def test_a_masked_phone_cannot_be_found_out_by_searching(api):
    case = a_case(text=f"请回电{PHONE}")
    for part in (PHONE, "0537", "9053", "１３９０"):
        assert listed(api("jiedao"), q=part) == set()
    assert listed(api("jiedao"), q="请回电") == {case.number}


def test_hostile_words_come_back_as_words(api):
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} \u202e=cmd|x'
    answer = api("wangge").call(text=evil, subject=evil[:60], item=GRID_ITEM)
    assert answer.status_code == 201
    assert (
        answer["Content-Type"].startswith("application/json")
        and answer["X-Content-Type-Options"] == "nosniff"
    )
    shown = api("shequ").case(answer.json()["number"])
    assert shown["calls"][0]["text"] == evil.replace("\u202e", "")
    for query in ("<script>", "%", "_", "'", "\\", "';--", "\u202e"):
        assert api("shequ").get("cases/", {"q": query}).status_code == 200
    assert listed(api("shequ"), q="%") == set()


# -- filters


@pytest.fixture
def some(town):
    """Five different cases, an hour apart."""
    hour = dt.timedelta(hours=1)
    return {
        "fresh": a_case(when=town.MONDAY),
        "small": a_case(
            when=town.MONDAY + hour, item=GRID_ITEM, caller=None, kind="dispute", text="楼上漏水"
        ),
        "sent": a_case(when=town.MONDAY + 2 * hour, through=("accept", "dispatch")),
        "back": a_case(when=town.MONDAY + 3 * hour, through=("accept", "dispatch", "decline")),
        "done": a_case(
            when=town.MONDAY + 4 * hour,
            through=("accept", "dispatch", "sign", "resolve"),
            place=town.GRID_3,
            by="jiedao",
        ),
    }


FILTERS = [
    ({}, "fresh small sent back done"),
    ({"status": "received"}, "fresh small"),
    ({"status": "assigned, resolved"}, "sent done"),
    ({"status": "open"}, "fresh small sent back done"),
    ({"queue": "all"}, "fresh small sent back done"),
    ({"queue": "mine"}, "fresh back"),
    ({"queue": "returned"}, "back"),
    ({"queue": "reported"}, "done"),
    ({"place": town.COMMUNITY}, "fresh small sent back"),
    ({"place": town.COMMUNITY_2}, "done"),
    ({"place": town.DISTRICT}, "fresh small sent back done"),
    ({"place": "37"}, "fresh small sent back done"),
    ({"place": town.OTHER_STREET}, ""),
    ({"organisation": "GV24"}, "sent done"),
    ({"organisation": "QF-370811"}, "fresh small sent back done"),
    ({"organisation": "JW-370811015001"}, "small"),
    ({"item": GRID_ITEM}, "small"),
    ({"item": "0610,0301"}, "fresh small sent back done"),
    ({"kind": "dispute"}, "small"),
    ({"level": "street"}, "fresh sent back done"),
    ({"origin": "patrol"}, "small"),
    ({"q": "漏水"}, "small"),
    ({"q": "琵琶山"}, "done"),
    ({"q": "涂料", "status": "assigned"}, "sent"),
    ({"q": "GYG2026"}, "fresh small sent back done"),
    ({"q": "没有这样的话"}, ""),
    ({"colour": "green,yellow"}, "fresh small sent back done"),
    ({"colour": "grey"}, ""),
]


@pytest.mark.parametrize(("query", "names"), FILTERS)
def test_filters(api, some, query, names):
    with clock.frozen(town.MONDAY + dt.timedelta(hours=5)):
        found = listed(Api("jiedao"), **query)
    assert found == {some[name].number for name in names.split()}


def test_search_by_number(api, some):
    assert listed(api("jiedao"), q=some["sent"].number) == {some["sent"].number}
    assert listed(api("jiedao"), q=some["sent"].number.lower()) == {some["sent"].number}


def test_colours_and_breaching(town):
    early, late = a_case(), a_case(when=town.MONDAY + dt.timedelta(hours=30))
    with clock.frozen(town.MONDAY + dt.timedelta(hours=31)):
        jiedao = Api("jiedao")
        assert listed(jiedao, queue="breaching") == listed(jiedao, colour="red") == {early.number}
        assert listed(jiedao, colour="green") == {late.number}
        rows = jiedao.get("cases/", {"queue": "mine"}).json()["results"]
        assert [(row["number"], row["colour"]) for row in rows] == [
            (early.number, "red"),
            (late.number, "green"),
        ]


def test_mine_follows_the_work(api):
    case = a_case()
    place = {"jiedao": True, "bumen": False, "quji": False, "lingdao": False, "shequ": False}
    assert {who: case.number in listed(api(who), queue="mine") for who in place} == place
    case = walk(case, "accept", "dispatch")
    assert case.number in listed(api("bumen"), queue="mine")
    assert case.number not in listed(api("jiedao"), queue="mine")
    case = walk(case, "sign", "resolve")
    assert case.number in listed(api("bumen"), queue="mine")  # the caller has not been told yet
    case = walk(case, "answer")
    assert case.number not in listed(api("bumen"), queue="mine")


def test_mine_of_a_worker(api):
    held = a_case(item=GRID_ITEM)
    other = a_case(item=GRID_ITEM, place=town.GRID_2, by="wangge2")
    asked = walk(a_case(), "ask")
    seen = a_case(caller=None, through=("accept", "dispatch", "sign", "resolve"))
    mine = listed(api("wangge"), queue="mine")
    assert mine == {held.number, asked.number, seen.number}
    assert listed(api("wangge2"), queue="mine") == {other.number}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "gone"), ("queue", "theirs"), ("place", "NOWHERE"), ("organisation", "NONE"), ("item", "9999"),
        ("kind", "x"), ("level", "moon"), ("colour", "pink"), ("origin", "x"), ("cursor", "x"), ("cursor", "W10"),
        ("page_size", "0"), ("page_size", "101"), ("page_size", "x"), ("page_size", "-1"), ("page_size", "²"),
    ],
)  # fmt: skip
def test_filters_that_cannot_be_read(api, field, value):
    is_problem(api("jiedao").get("cases/", {field: value}), 400, field)


# -- pages


@pytest.mark.parametrize("queue", ["all", "mine"])
def test_pages_there_and_back(api, queue):
    made = [a_case(when=town.MONDAY + dt.timedelta(minutes=n // 2)).number for n in range(7)]
    Case.objects.filter(number__in=made[2:4]).update(next_due_at=None)
    jiedao = api("jiedao")
    seen, pages = [], []
    answer = jiedao.get("cases/", {"queue": queue, "page_size": "3", "status": "received"})
    while True:
        body = answer.json()
        pages.append([row["number"] for row in body["results"]])
        seen += pages[-1]
        if not body["next"]:
            break
        assert "status=received" in body["next"]
        answer = jiedao.get(body["next"])
    assert sorted(seen) == sorted(made) and [len(page) for page in pages] == [3, 3, 1]
    assert body["next"] is None
    back = jiedao.get(body["previous"]).json()
    assert [row["number"] for row in back["results"]] == pages[1]
    first = jiedao.get(back["previous"]).json()
    assert [row["number"] for row in first["results"]] == pages[0] and first["previous"] is None
    assert [row["number"] for row in jiedao.get(first["next"]).json()["results"]] == pages[1]


def test_what_comes_in_meanwhile_moves_no_page(api):
    made = [a_case(when=town.MONDAY + dt.timedelta(minutes=n)).number for n in range(4)]
    jiedao = api("jiedao")
    first = jiedao.get("cases/", {"page_size": "2"}).json()
    a_case(when=town.MONDAY + dt.timedelta(minutes=10))
    second = jiedao.get(first["next"]).json()
    assert [row["number"] for row in first["results"] + second["results"]] == made[::-1]


# -- timeline, why, facts


def test_timeline_tells_it_all(api):
    case = a_case(through=("accept", "dispatch", "sign", "resolve", "rework"))
    entries = api("jiedao").get(f"cases/{case.number}/timeline/").json()["results"]
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    dispatched = entries[2]
    assert dispatched["actor"] == {
        "username": "jiedao", "name": "刘志强", "role": "street_dispatcher", "role_label": "街道派遣员", "system": False,
    }  # fmt: skip
    assert dispatched["label"] == "派遣" and dispatched["details"]["organisation"] == "GV24"
    assert entries[-1]["texts"] == {"reason": "北侧仍有涂料。"}


def test_timeline_of_a_merge(api):
    elder, younger = a_case(), a_case()
    walk(younger, "merge", target=elder.number)
    entries = api("jiedao").get(f"cases/{elder.number}/timeline/").json()["results"]
    assert entries[-1]["event"] == "case.joined" and entries[-1]["details"] == {"from": younger.number}
    entries = api("jiedao").get(f"cases/{younger.number}/timeline/").json()["results"]
    assert entries[-1]["details"]["target"] == elder.number
    assert len(api("jiedao").case(elder.number)["calls"]) == 2
    assert api("jiedao").case(younger.number)["merged_into"] == elder.number


def test_why(api):
    case = a_case(through=("accept", "dispatch"))
    for row in api("jiedao").case(case.number)["clocks"]:
        why = api("jiedao").get(f"cases/{case.number}/clocks/{row['stage']}/why/").json()
        assert why["due_at"] == row["due_at"] and why["sentences"]
    is_problem(api("jiedao").get(f"cases/{case.number}/clocks/accept/why/", {"round": "9"}), 404)


def test_facts(api):
    case = a_case(through=("accept", "dispatch", "sign"))
    seen = {"number": case.number, "version": case.version}
    assert api("bumen").fact(seen, "contact", channel="phone", text="已约明天上门").status_code == 201
    assert api("bumen").fact(seen, "arrive").status_code == 201
    noted = api("bumen").fact(seen, "note", text="等材料")
    assert noted.status_code == 201 and noted.json()["version"] == case.version
    photo = api("wangge").photo()
    added = api("wangge").fact(seen, "attach", attachments=[photo]).json()
    assert [file["id"] for file in added["attachments"]] == [photo]
    is_problem(api("jiedao").fact(seen, "urgency", urgency="critical", reason="墙皮在掉"), 400, "version")
    raised = api("jiedao").fact(seen, "urgency", version=case.version, urgency="critical", reason="墙皮在掉")
    assert raised.status_code == 201 and raised.json()["version"] == case.version + 1
    is_problem(api("jiedao").fact(seen, "urgency", version=case.version, urgency="normal", reason="x"), 409)
    is_problem(api("shenji").fact(seen, "note", text="x"), 403)
