"""The inbox, the choices, the channels and the failure list, as people and programs use them."""

from __future__ import annotations

import re

import pytest

from cases.models import Case, Endpoint, Notice, NoticeChoice, NoticeDelivery
from cases.notices import quiet, sending
from ledger import clock, post, versions
from parties.models import Person
from tests import ledgers
from tests.builders import a_fact
from tests.cases.notices.sent import a_case, a_mailbox, an_endpoint, deliver_all, make_due
from tests.clients import Api, is_problem, statements
from tests.pages import Reader
from tests.receivers import http_receiver


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    """Quiet hours are judged by the host's clock; these tests are run at night as well."""
    monkeypatch.setattr(quiet, "until", lambda hours, at: None)


class TestInbox:
    def test_what_concerns_one_case_stands_together_and_is_read_together(self, town):
        case = a_case("assigned")
        a_fact(case, "urge", by="jiedao")
        other = a_case("assigned")
        post.deliver_pending()
        clerk = Reader("bumen").open("/notices/")
        assert clerk.says("这件工单更早的 1 条", "3 条未读")
        newest = Notice.objects.filter(case__number=case.number, account__username="bumen").latest("pk")
        clerk.open(f"/notices/{newest.pk}/")
        assert clerk.path == f"/cases/{case.number}/"
        left = Notice.objects.filter(account__username="bumen", read_at=None)
        assert list(left.values_list("case__number", flat=True)) == [other.number]
        assert Notice.objects.filter(account__username="bumen2", read_at=None).count() == 3

    def test_a_new_one_is_told_of_while_the_page_stands_open(self, town):
        case = a_case("assigned")
        post.deliver_pending()
        clerk = Reader("bumen").open("/notices/")
        (since,) = re.findall(r'data-page="notices"[^>]*data-since="([^"]+)"', clerk.text)
        ask = {"page": "notices", "since": since}
        assert (told := Api("bumen").get("live/", ask).json())["fresh"] == 0 and told["fresh_words"] == ""
        a_fact(case, "urge", by="jiedao")
        post.deliver_pending()
        told = Api("bumen").get("live/", ask).json()
        assert (told["fresh"], told["fresh_words"]) == (1, "1 条新消息")
        assert Api("wangge").get("live/", ask).json()["fresh"] == 0
        assert "data-arrivals" not in Reader("bumen").open("/notices/?kind=urged").text, (
            "there the rest is not listed"
        )

    def test_by_kind_and_unread_only(self, town):
        case = a_case("assigned")
        a_fact(case, "urge", by="jiedao")
        post.deliver_pending()
        clerk = Reader("bumen").open("/notices/?kind=urged&unread=1")
        assert clerk.says("催办：") and "新派来" not in clerk.words
        clerk.send(next(form for form in clerk.forms if ("read", "all") in form.buttons), read="all")
        rows = Notice.objects.filter(account__username="bumen")
        assert [row.event for row in rows.filter(read_at=None)] == ["case.assigned"]
        assert clerk.says("这样筛选没有消息")
        for odd in ("?kind=x", "?cursor=%00", "?cursor=abc", "?case=%F0%9F%98%80", "?unread=maybe"):
            assert clerk.open(f"/notices/{odd}").status == 200

    def test_anothers_notice_is_not_there(self, town):
        a_case("assigned")
        post.deliver_pending()
        pk = Notice.objects.filter(account__username="bumen2").first().pk
        assert Reader("bumen").open(f"/notices/{pk}/").status == 404
        assert Api("bumen").post("notices/read/", {"ids": [pk]}).json() == {"done": 0}

    def test_it_costs_few_statements_however_many(self, town):
        for _n in range(12):
            a_case("assigned")
        post.deliver_pending()
        clerk = Reader("bumen")
        clerk.open("/notices/")
        with statements() as found:
            clerk.open("/notices/")
        assert len(found) <= 6, found

    def test_by_interface(self, town):
        a_case("assigned")
        post.deliver_pending()
        api = Api("bumen")
        [row] = api.get("notices/", {"kind": "assigned"}).json()["results"]
        assert row["kind"] == "assigned" and api.get("notices/", {"kind": "tree"}).json()["results"] == []
        assert api.post("notices/read/", {"all": True}).json() == {"done": 1}
        assert api.get("notices/", {"unread": "1"}).json()["results"] == []
        is_problem(api.post("notices/read/", {"ids": ["x"]}), 400)


class TestChoices:
    def test_on_the_page(self, town):
        clerk = Reader("bumen").open("/notices/preferences/")
        form = clerk.form("preferences")
        clerk.send(form, **{"email": "wu@renqu.example", "chat_id": "wuguodong", "mail-assigned": "day"})
        assert clerk.status == 200 and clerk.says("已保存")
        person = Person.objects.get(accounts__username="bumen")
        assert (person.email, person.chat_id) == ("wu@renqu.example", "wuguodong")
        assert NoticeChoice.objects.get(account__username="bumen", kind="assigned").mail == "day"
        clerk.send("preferences", defaults="1")
        assert not NoticeChoice.objects.exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"email": "wu"},
            {"email": "a@b\r\nBcc: c@d.example"},
            {"chat_id": "<script>"},
            {"mail-tree": "often"},
        ],
    )
    def test_what_fits_nowhere_is_refused_and_nothing_is_kept(self, town, wrong):
        clerk = Reader("bumen").open("/notices/preferences/")
        clerk.send(clerk.form("preferences"), **{"email": "", **wrong})
        assert clerk.status == 422
        assert not NoticeChoice.objects.exists() and not Person.objects.exclude(email="").exists()

    def test_by_interface(self, town):
        api = Api("bumen")
        sent = {
            "email": "wu@renqu.example",
            "quiet_from": "21:00",
            "choices": {"tree": {"mail": "off", "mention": True}},
        }
        answer = api.put("notices/preferences/", sent).json()
        assert answer["email"] == "wu@renqu.example" and answer["quiet_from"] == "21:00"
        assert {"kind": "tree", "label": "网格树变动", "mail": "off", "mention": True, "own": True} in answer[
            "choices"
        ]
        is_problem(
            api.put("notices/preferences/", {"choices": {"x": {"mail": "now", "mention": True}}}), 422, "x"
        )
        is_problem(api.put("notices/preferences/", {"choices": ["tree"]}), 400)


class TestChannels:
    def test_set_up_tried_and_turned_off(self, town):
        with http_receiver() as receiver:
            admin = Reader("admin").open("/notices/channels/")
            admin.send("channels", organisation="区综合执法局", channel="webhook", name="值班系统",
                       address=receiver.url + "hook?key=topsecret", secret="s3cret-s3cret")  # fmt: skip
            assert admin.says("通道“值班系统”已设好") and admin.says("http://127.0.0.1:")
            row = Endpoint.objects.get()
            admin.send(next(form for form in admin.forms if form.action.endswith(f"/{row.pk}/test/")))
            assert admin.says("试发成功") and receiver.got[0].json["event"] == "test"
            admin.send(next(form for form in admin.forms if form.action.endswith(f"/{row.pk}/off/")))
            assert admin.says("已关") and not Endpoint.objects.get().is_on
        for page in (admin.text, str(Api("admin").get("notices/channels/").json())):
            assert "topsecret" not in page and "s3cret" not in page
        assert "topsecret" not in row.address and "s3cret" not in row.secret  # sealed at rest
        assert ledgers.faults() == []

    def test_a_trial_that_fails_says_why_at_once(self, town):
        with http_receiver(403) as receiver:
            one = an_endpoint(receiver.url)
            answer = Api("admin").post(f"notices/channels/{one.pk}/test/").json()
        assert answer["state"] == "given_up" and answer["why"] == "对方没有收 (403)"
        assert sending.send_due() == 0
        assert Api("admin").get("notices/failures/").json()["results"] == []  # nobody waits for a trial

    def test_a_changed_address_begins_anew_and_an_empty_one_stays(self, town):
        one = an_endpoint("http://127.0.0.1:9/a")
        Endpoint.objects.update(failures=5, paused_until=clock.now())
        api = Api("admin")
        assert api.client.patch(
            f"/api/v1/notices/channels/{one.pk}/", {"name": "新名"}, content_type="application/json", headers=api.headers
        ).json()["failures"] == 5  # fmt: skip
        api.client.patch(
            f"/api/v1/notices/channels/{one.pk}/", {"address": "http://127.0.0.1:9/b"},
            content_type="application/json", headers=api.headers,
        )  # fmt: skip
        row = Endpoint.objects.get()
        assert (row.failures, row.paused_until, row.name) == (0, None, "新名")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"organisation": "没有的"}, "organisation"), ({"channel": "fax"}, "channel"),
            ({"address": "ftp://x/"}, "address"), ({"address": "http://169.254.169.254/"}, "address"),
            ({"address": 7}, "address"), ({"kinds": []}, "kinds"), ({"kinds": ["x"]}, "kinds"), ({"name": ""}, "name"),
            ({"name": "x" * 61}, "name"), ({"least_urgency": "so"}, "least_urgency"), ({"is_on": "yes"}, "is_on"),
        ],
    )  # fmt: skip
    def test_what_does_not_fit(self, town, wrong, field):
        sent = {
            "organisation": "GV24",
            "channel": "webhook",
            "name": "群",
            "address": "http://127.0.0.1/",
            "kinds": ["tree"],
        }
        is_problem(Api("admin").post("notices/channels/", {**sent, **wrong}), 422, field)
        assert not Endpoint.objects.exists()

    def test_twice_the_same_name(self, town):
        an_endpoint("http://127.0.0.1:9/", name="群")
        sent = {
            "organisation": "GV24",
            "channel": "webhook",
            "name": "群",
            "address": "http://127.0.0.1/",
            "kinds": ["tree"],
        }
        is_problem(Api("admin").post("notices/channels/", sent), 422, "name")

    def test_who_may_not(self, town):
        one = an_endpoint("http://127.0.0.1:9/")
        assert Reader("fuzeren").open("/notices/channels/").status == 403
        assert Api("shenji").post(f"notices/channels/{one.pk}/test/").status_code == 403


class TestFailures:
    def failed(self, town) -> NoticeDelivery:
        with http_receiver(500) as receiver:
            an_endpoint(receiver.url, name="值班系统")
            a_case("assigned")
            a_case("assigned")
            deliver_all()
            for _n in range(sending.GIVE_UP_AFTER * 2):
                make_due()
                sending.send_due()
        return NoticeDelivery.objects.filter(state="given_up").earliest("pk")

    def test_it_is_seen_sent_again_and_let_go(self, town):
        row = self.failed(town)
        head = Reader("fuzeren").open("/notices/failures/")
        assert head.says("值班系统", "对方没有收 (500)", f"试了 {sending.GIVE_UP_AFTER} 次", "2")
        head.send("failures", id=[str(row.pk)], act="again")
        assert head.says("1 条马上重发")
        with http_receiver() as receiver:
            Endpoint.objects.update(
                address=an_endpoint(receiver.url, "GV25").address, failures=0, paused_until=None
            )
            sending.send_due()
            assert receiver.got[0].headers["x-huying-delivery"] == str(row.key)  # the same message
        rest = NoticeDelivery.objects.get(state="given_up")
        assert Api("fuzeren").post("notices/failures/give_up/", {"ids": [rest.pk]}).json() == {"done": 1}
        assert head.open("/notices/failures/").says("都发出去了")
        assert NoticeDelivery.objects.get(pk=rest.pk).ended_by == town.account("fuzeren").pk

    def test_it_stands_in_the_side_bar_only_where_there_are_some(self, town):
        assert "/notices/failures/" not in Reader("fuzeren").open("/queue/").text
        self.failed(town)
        assert "/notices/failures/" in Reader("fuzeren").open("/queue/").text
        assert "/notices/failures/" not in Reader("bumen").open("/queue/").text

    def test_another_units_are_not_seen(self, town):
        row = self.failed(town)
        assert Api("zhiban").get("notices/failures/").json()["results"] == []
        assert Api("zhiban").post("notices/failures/again/", {"ids": [row.pk]}).json() == {"done": 0}

    def test_a_sensitive_one_is_mended_without_being_named_and_one_about_the_reader_is_not_there(self, town):
        row = self.failed(town)
        admin = Api("admin")

        def told() -> list[tuple[str | None, bool]]:
            found = admin.get("notices/failures/").json()["results"]
            return [(one["number"], number in one["words"]) for one in found if one["id"] == row.pk]

        number = row.case.number
        assert told() == [(number, True)]
        Case.objects.filter(pk=row.case_id).update(sensitive=True)
        assert told() == [(None, False)]
        assert number in str(Api("fuzeren").get("notices/failures/").json()), "whose unit has it in hand"
        Case.objects.filter(pk=row.case_id).update(about_account=town.account("admin"))
        versions.clear_all()
        assert told() == []
        assert admin.post("notices/failures/again/", {"ids": [row.pk]}).json() == {"done": 0}

    @pytest.mark.parametrize("ids", [[], ["1"], [True], [-1], [2**70], "1", None])
    def test_ids_that_are_none(self, town, ids):
        is_problem(Api("admin").post("notices/failures/again/", {"ids": ids}), 400)

    def test_a_letter_that_was_refused(self, town):
        a_mailbox("bumen")
        a_case("assigned")
        post.deliver_pending()
        Person.objects.filter(accounts__username="bumen").update(email="")
        sending.send_due()
        [row] = Api("admin").get("notices/failures/").json()["results"]
        assert row["error"] == "gone" and row["to"] == "吴国栋"
