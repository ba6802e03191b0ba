"""A resident without an account: the code and the last four digits open the own call and nothing else."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from tests import builders
from tests.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_tries_yet():
    cache.clear()


def code_of(case) -> str:
    return case.calls.get().tracking_code


def track(case, tail: str = "1234") -> Reader:
    return Reader().open("/track/").send("track", code=code_of(case), tail=tail)


def test_wrong_pairs_get_one_sentence(town):
    case = builders.a_case()
    for code, tail in ((code_of(case), "9999"), ("1234567890", "1234"), ("", ""), ("x", "１２")):
        reader = Reader().open("/track/").send("track", code=code, tail=tail)
        assert reader.status == 404 and reader.says("没有找到。请核对查询码和电话后四位。")
    # as people type and as phones write
    assert (
        Reader()
        .open("/track/")
        .send("track", code=f" {code_of(case)[:4]} {code_of(case)[4:]}", tail="１２３４")
        .says("待受理")
    )


def test_the_address_alone_opens_nothing(town):
    case = builders.a_case()
    reader = track(case)
    assert reader.path == f"/track/{code_of(case)}/" and reader.says("待受理", "您反映了这件事")
    stranger = Reader().open(reader.path)
    assert stranger.path == "/track/" and not stranger.says("待受理")
    other = builders.a_case(text="别人的事。")
    assert reader.open(f"/track/{code_of(other)}/").path == "/track/"


def test_what_is_told_on_the_way(town):
    case = builders.a_case("in_hand", through=("accept", "dispatch", "sign"))
    case = builders.a_fact(
        case,
        "interim",
        by="bumen",
        done="已派人看过，联系 13812345678。",
        next="周三清洗。",
        until=case.last_at + builders.dt.timedelta(days=1),
        channel="phone",
    )
    builders.a_fact(case, "note", by="bumen", text="内部：这户常投诉。")
    reader = track(case)
    assert reader.says("办理中", "阶段性反馈", "周三清洗。", "前再答复您", "我们承诺")
    for hidden in ("内部", "13812345678", "吴国栋", "孟庆芳", "13905371234"):
        assert hidden not in reader.text
    asked = builders.a_case("awaiting_info", through=("accept", "ask"))
    assert track(asked).says("需要您补充", "请说明具体位置。")
    rejected = builders.a_case("rejected", through=("reject",))
    assert track(rejected).says("不予受理", "请拨打 12345 转交通部门。")


def test_a_resolved_one_waits_for_the_resident(town):
    assert track(builders.a_case("resolved")).says("已办理，待您确认", "答复您")


def test_a_merged_call_follows_the_matter(town):
    elder = builders.a_case(text="楼下很吵，我是老张家。")
    case = builders.a_case(text="晚上太吵。", caller={"name": "李四", "phone": "13900005678"})
    builders.walk(case, "merge")
    builders.walk(elder.__class__.objects.get(pk=elder.pk), "accept", "dispatch")
    reader = track(case, "5678")
    assert reader.says("晚上太吵", "交", "办理", "与别人反映的同一件事一起办") and "老张家" not in reader.text


def test_guessing_is_slowed(town):
    case = builders.a_case()
    client = Client(REMOTE_ADDR="10.1.1.9")
    codes = [
        client.post("/track/", {"code": code_of(case), "tail": f"{n:04d}"}).status_code for n in range(40)
    ]
    assert 429 in codes and codes[0] == 404
    assert (
        Client(REMOTE_ADDR="10.1.1.10").post("/track/", {"code": code_of(case), "tail": "1234"}).status_code
        == 302
    )


def test_nothing_is_kept_by_a_cache_and_nothing_changes_by_get(town):
    reader = track(builders.a_case())
    assert "no-store" in reader.response["Cache-Control"]
    assert Client().delete("/track/").status_code == 405
