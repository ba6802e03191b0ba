"""The resident's page of the own call: supplying, rating with the caller's key, taking back; and nobody in their place."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from cases.models import Attachment, Call
from ledger import clock, post
from tests import builders
from tests import town as places
from tests.cases.test_joining import join
from tests.cases.voices_of_callers import an_answered, ratings, sent_to, tracked
from tests.cases.walking import events, fresh, last, local
from tests.clients import Api, statements
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db
SETTLED = {"item": builders.GRID_ITEM, "result": "合页已换。", "told": "合页已换好。", "channel": "phone"}
NOW = places.MONDAY + dt.timedelta(hours=5)


@pytest.fixture(autouse=True)
def tray(settings):
    settings.DEMO = True  # texts leave into the tray
    cache.clear()
    with clock.frozen(NOW):
        yield


def reported(**values) -> tuple[Reader, Call]:
    """Somebody without an account, right after 随手拍."""
    reader = Reader().open(f"/report/?place={places.GRID}")
    form = next(form for form in reader.forms if form.action == "/report/")
    reader.send(form, **{"text": "单元门关不上", "caller_phone": "13800001234", "action": "send", **values})
    return reader, Call.objects.select_related("case").latest("pk")


def answer(call: Call) -> None:
    """Settled by the committee, and told."""
    case = builders.walk(fresh(call.case), "settle", "answer", by="shequ", **SETTLED)
    with clock.frozen(case.last_at):
        post.deliver_pending()


class TestSupplying:
    def test_words_and_pictures_go_on_with_the_case(self, town):
        case = builders.a_case("awaiting_info", through=("accept", "ask"))
        page = tracked(case.calls.get())
        assert page.says("请您补充", "请说明具体位置。")
        page.send("supply", answer="在1号楼北侧，靠车棚。", files={"attachments": photo()})
        assert page.status == 200 and page.says("您补充了", "靠车棚") and not page.says("请您补充")
        case = fresh(case)
        assert case.status == "accepted" and last(case).payload["attachments"] == 1
        assert Attachment.objects.get().case_id == case.pk
        assert Reader("jiedao").open(f"/cases/{case.number}/").says("靠车棚", "反映人")

    def test_sent_twice_is_one_and_nothing_is_lost_when_refused(self, town):
        case = builders.a_case("awaiting_info", through=("accept", "ask"))
        page = tracked(case.calls.get())
        form = page.form("supply")
        for _n in range(2):
            page.send(form, answer="北侧")
        assert events(fresh(case)).count("case.supplied") == 1
        again = builders.a_case("awaiting_info", through=("accept", "ask"))
        page = tracked(again.calls.get())
        page.send("supply", answer=" ", files={"attachments": photo()})
        assert page.status == 422 and page.says("已经传好") and fresh(again).status == "awaiting_info"
        page.send("supply", answer="南侧")
        assert fresh(again).status == "accepted" and Attachment.objects.filter(case=again).count() == 1


class TestRating:
    def test_with_the_digits_of_the_text(self, town):
        call = an_answered().calls.get()
        page = tracked(call)
        assert page.says("请您评价", "评价码（短信里的 6 位数字）")
        page.send("rate", solved="no", step="poor", words="还在漏", rating_code="000000x")
        assert page.status == 422 and page.says("评价码不对") and "还在漏" in page.text
        assert 'value="poor" required checked' in page.text
        page.send("rate", solved="no", step="poor", words="还在漏", rating_code=sent_to(call))
        assert (
            page.status == 200
            and page.says("您的评价", "没有解决 · 不满意", "到场看")
            and not page.says("请您评价")
        )
        rating = ratings().get()
        assert (rating.solved, rating.step) == ("no", "poor")
        assert Reader("wangge").open("/todo/").says("反映人说没有解决")

    def test_in_the_browser_that_reported_nothing_is_typed(self, town):
        page, call = reported()
        assert page.says("收到了，一天内受理") and not page.says("评价码")
        answer(call)
        page.open(f"/track/{call.tracking_code}/")
        assert page.says("请您评价") and "rating_code" not in page.text
        page.send("rate", solved="yes", step="very_good")
        assert page.says("解决了 · 非常满意")

    def test_who_left_no_phone_follows_and_rates_in_that_browser_alone(self, town):
        page, call = reported(caller_phone="", caller_anonymous="1")
        answer(call)
        with clock.frozen(NOW + dt.timedelta(days=2)):
            page.open(f"/track/{call.tracking_code}/").send("rate", solved="yes", step="good")
        assert ratings().count() == 1
        assert Reader().open(f"/track/{call.tracking_code}/").path == "/track/"

    def test_a_new_code_is_sent_to_the_phone_and_what_was_typed_stays(self, town):
        call = an_answered().calls.get()
        first = sent_to(call)
        page = tracked(call)
        form = page.form("rate")
        form.action = form.action.replace("/rate/", "/code/")
        page.send(form, solved="partly", step="fair", words="好一些", act="rate")
        assert page.says("评价码已发到 139****1234") and "好一些" in page.text and first not in page.text
        page.send("rate", rating_code=sent_to(call))  # what was ticked is still ticked
        assert ratings().get().solved == "partly"

    def test_each_caller_of_a_joined_case_has_an_own_voice(self, town):
        case = builders.a_case(when=local("23 09:00"))
        join(town, case, when="23 09:30", caller={"name": "李", "phone": "13911110000"})
        case = builders.walk(fresh(case), "accept", "dispatch", "sign", "resolve", "answer")
        post.deliver_pending()
        first, second = case.calls.order_by("pk")
        page = tracked(second, "0000").send("rate", solved="yes", step="good", rating_code=sent_to(first))
        assert page.status == 422 and not ratings().exists()
        page.send("rate", solved="yes", step="good", rating_code=sent_to(second))
        assert ratings().get().call_id == second.pk and tracked(first).says("请您评价")
        assert not tracked(first).says("您的评价")

    def test_guessing_kills_the_code_and_is_slowed(self, town):
        call = an_answered().calls.get()
        code, page = sent_to(call), tracked(call)
        for n in range(5):
            page.send("rate", solved="yes", step="good", rating_code=f"{(int(code) + n + 1) % 10**6:06}")
        page.send("rate", solved="yes", step="good", rating_code=code)
        assert page.status == 422 and page.says("已经作废") and not ratings().exists()
        answers = [page.client.post(f"/track/{call.tracking_code}/rate/", {"csrfmiddlewaretoken": page.form("rate").fields["csrfmiddlewaretoken"][0]}).status_code for _n in range(40)]  # fmt: skip
        assert answers[-1] == 429


class TestNobodyInTheirPlace:
    def test_who_logged_it_knows_code_and_phone_and_cannot_rate(self, town):
        case = an_answered(by="wangge")
        call = case.calls.get()
        reader = Reader("wangge").open("/track/").send("track", code=call.tracking_code, tail="1234")
        reader.send("rate", solved="yes", step="very_good", rating_code=sent_to(call))
        assert reader.status == 403 and not ratings().exists()
        reader = tracked(call).send("rate", solved="yes", step="very_good")
        assert reader.status == 422 and not ratings().exists()
        api = Api("wangge")
        assert api.post(f"/api/v1/cases/{case.number}/facts/rate/", {"step": "good"}).status_code == 404

    def test_who_is_signed_in_gets_no_key_by_reporting(self, town):
        reader = Reader("wangge").open(f"/report/?place={places.GRID}")
        form = next(form for form in reader.forms if form.action == "/report/")
        reader.send(form, text="门坏了", caller_phone="", caller_anonymous="1", action="send")
        assert "huying_voice" not in reader.client.cookies
        call = Call.objects.get()
        assert not call.voice_keys.exists() and reader.path.startswith(f"/track/{call.tracking_code}/")

    def test_a_key_in_a_browser_where_one_of_ours_signs_in_is_silent(self, town):
        page, call = reported()
        page.client.force_login(places.account("wangge"), "parties.backends.PostingsBackend")
        page.open(f"/track/{call.tracking_code}/")
        page.send("withdraw", reason="好了")
        assert page.status == 403 and fresh(call.case).status == "received"


class TestTakingBack:
    def test_by_the_browser_that_reported(self, town):
        page, call = reported()
        page.open(f"/track/{call.tracking_code}/").send("withdraw", reason="门自己修好了")
        assert page.status == 200 and page.says("已撤销", "您收回了这次反映", "门自己修好了")
        assert fresh(call.case).status == "withdrawn"

    def test_not_by_who_only_knows_the_pair(self, town):
        case = builders.a_case()
        page = tracked(case.calls.get()).send("withdraw", reason="不用了")
        assert page.status == 422 and page.says("请填短信里的评价码") and fresh(case).status == "received"

    def test_of_a_joined_case_the_page_falls_silent_and_the_matter_goes_on(self, town):
        page, call = reported()
        case = fresh(call.case)
        joined = join(town, case, when="23 14:30", caller={"name": "李", "phone": "13911110000"}).call
        page.open(f"/track/{call.tracking_code}/").send("withdraw", reason="我不等了")
        assert page.says("已撤销") and fresh(case).status == "received"
        builders.walk(fresh(case), "reject", by="shequ")
        assert not page.open(f"/track/{call.tracking_code}/").says("交通部门")
        assert tracked(joined, "0000").says("交通部门")


class TestTheCheck:
    def test_its_pictures_are_for_the_caller_and_no_others(self, town):
        call = an_answered().calls.get()
        page = tracked(call).send("rate", solved="no", step="poor", rating_code=sent_to(call))
        kept = Api("wangge").photo()
        case = fresh(call.case)
        builders.a_fact(case, "verify", by="wangge", done=True, text="已换新，不漏了。", attachments=[kept])
        page.open(f"/track/{call.tracking_code}/")
        assert page.says("已到场核查：确已办好", "不漏了")
        url = f"/track/{call.tracking_code}/photo/{kept}/"
        assert url in page.text and page.open(url).status == 200
        assert Reader().open(url).path == "/track/"
        other = Attachment.objects.filter(case=case).exclude(pk=kept).first()
        assert page.open(f"/track/{call.tracking_code}/photo/{other.pk}/").path == "/track/"


def test_the_slip_has_all_one_needs(town):
    page, call = reported()
    page.open(f"/track/{call.tracking_code}/slip/")
    assert page.says("登记凭条", "单元门关不上", "前答复您", "12345", "138****1234") and "<svg" in page.text
    assert "13800001234" not in page.text and "评价码" not in page.text


def test_cost(town):
    call = an_answered().calls.get()
    page = tracked(call)
    with statements() as found:
        page.open(f"/track/{call.tracking_code}/")
    assert len(found) <= 14, found
