"""The pages and the interface of people and postings, for admins of a district and of one street."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from ledger import clock
from ledger.models import Entry
from parties import commands, people_pages
from parties.access import NotYours
from parties.models import Account, Posting
from tests import town as big
from tests.builders import a_case
from tests.cases.walking import events, fresh
from tests.clients import Api
from tests.house.invariants import faults
from tests.pages import Form, Reader

TOMORROW = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
NEXT_WEEK = (timezone.localdate() + dt.timedelta(days=7)).isoformat()


def fill(page: Reader, form: Form, **values: str) -> Reader:
    form.fields.update({key: [value] for key, value in values.items()})
    return page.send(form)


def posting(username: str) -> Posting:
    return Posting.objects.get(account__username=username, until=None)


@pytest.fixture
def street_admin(town) -> str:
    """An admin of 喻屯镇 only."""
    commands.open_account(
        by=big.SYSTEM, at=big.FOUNDED, username="zhenadmin", name="田家林", phone="13811110000"
    )
    commands.post(
        by=big.SYSTEM,
        at=big.FOUNDED,
        account=big.account("zhenadmin"),
        role="admin",
        place=big.place(big.OTHER_STREET),
    )
    return "zhenadmin"


def test_the_list_shows_who_is_where_with_masked_phones(town):
    page = Reader("admin").open("/people/")
    assert page.status == 200 and page.says("李建国", "网格员", "前铺社区 / 第一网格", "值班")
    assert "138000" not in page.words
    assert Reader("admin").open("/people/?q=李建国").says("李建国")
    assert not Reader("admin").open("/people/?q=李建国").says("赵玉梅")
    assert not Reader("admin").open(f"/people/?place={big.OTHER_STREET}").says("李建国")
    assert Reader("admin").open("/people/?tab=ended").says("这里没有任职")


def test_a_street_admin_sees_and_touches_only_that_street(town, street_admin):
    page = Reader(street_admin).open("/people/")
    assert page.says("邱大勇") and not page.says("李建国")
    assert Reader(street_admin).open("/people/wangge/").status == 404
    assert Reader(street_admin).open("/people/linju/").status == 200
    api = Api(street_admin)
    for act in ("post", "password", "reveal", "close"):
        assert api.post(f"accounts/wangge/{act}/", {"reason": "urgent"}).status_code == 404
    for act in ("end", "confirm", "duty", "substitute"):
        assert api.post(f"postings/{posting('wangge').pk}/{act}/", {}).status_code == 404
    beyond = {"account": "linju", "role": "grid_worker", "place": big.GRID_2}
    assert api.post("postings/", beyond).status_code == 403
    assert [row["username"] for row in api.get("accounts/").json()["results"]] == ["linju", "zhenadmin"]


def test_a_key_to_somebody_is_a_key_to_their_rights(town, street_admin):
    """Who also holds a seat beyond one's reach cannot be given a password by one."""
    commands.post(
        by=big.SYSTEM,
        at=big.FOUNDED,
        account=big.account("linju"),
        role="street_official",
        place=big.place(big.DISTRICT),
    )
    answer = Api(street_admin).post("accounts/linju/password/")
    assert answer.status_code == 403 and "password" not in answer.json()
    assert Api("admin").post("accounts/linju/password/").status_code == 200


def test_a_new_account_is_of_who_opened_it(town, street_admin):
    page = Reader(street_admin).open("/people/new/")
    fill(page, page.form("new"), username="mine", name="方新人", phone="13912345678")
    commands.open_account(by=big.SYSTEM, at=big.FOUNDED, username="theirs", name="乙", phone="13912345679")
    assert Reader(street_admin).open("/people/mine/").status == 200
    assert Reader(street_admin).open("/people/theirs/").status == 404
    assert Reader("admin").open("/people/theirs/").status == 200
    assert Api(street_admin).post("accounts/theirs/reveal/", {"reason": "urgent"}).status_code == 404
    me, theirs = big.actor(street_admin, clock.now()), big.account("theirs")
    for attempt in (
        lambda **who: commands.reveal_phone(reason="urgent", **who),
        lambda **who: commands.set_password(password="mei-you-ren-zhidao-7", **who),
        lambda **who: commands.close_account(**who),
    ):
        with pytest.raises(NotYours):
            attempt(by=me, at=clock.now(), account=theirs)
    commands.reveal_phone(by=me, at=clock.now(), account=big.account("mine"), reason="urgent")


def test_who_went_to_another_street_is_of_that_street(town, street_admin):
    """The former street knows that somebody was there, and no more."""
    seat = posting("linju")
    now = clock.now()
    commands.end_posting(by=big.SYSTEM, at=now, posting=seat)
    assert Reader(street_admin).open("/people/linju/").status == 200  # to be posted again
    commands.post(
        by=big.SYSTEM,
        at=now,
        account=big.account("linju"),
        role="grid_worker",
        place=big.place(big.GRID_2),
        since=now + dt.timedelta(days=1),
    )
    assert Reader(street_admin).open("/people/linju/").status == 404
    with pytest.raises(NotYours):
        commands.reveal_phone(
            by=big.actor(street_admin, now), at=now, account=big.account("linju"), reason="urgent"
        )
    assert Reader(street_admin).open("/people/?tab=ended").says("邱大勇")


def test_a_seat_elsewhere_is_counted_and_not_told(town, street_admin):
    commands.post(
        by=big.SYSTEM,
        at=clock.now(),
        account=big.account("linju"),
        role="grid_worker",
        place=big.place(big.GRID_3),
    )
    account, at = big.account("linju"), clock.now()
    mine = people_pages.account_page(big.actor(street_admin, at), account, at)
    whole = people_pages.account_page(big.actor("admin", at), account, at)
    assert mine["elsewhere"] == 1 and whole["elsewhere"] == 0
    assert len(whole["history"]) == len(mine["history"]) + 1
    told = Api(street_admin).post("accounts/linju/reveal/", {"reason": "urgent"})
    assert told.status_code == 403 and "phone" not in told.json()


def test_opening_shows_the_password_once_and_it_works(town):
    page = Reader("admin").open("/people/new/")
    fill(page, page.form("new"), username="xinren", name="方新人", phone="13912345678")
    secret = page.response.context["shown"]["secret"]
    assert page.says(secret, "只显示这一次") and "13912345678" not in page.words
    account = Account.objects.get(username="xinren")
    assert account.check_password(secret) and account.must_change_password
    assert secret not in Reader("admin").open("/people/xinren/").text
    words = json.dumps(list(Entry.objects.filter(subject_kind="account").values_list("payload", flat=True)))
    assert secret not in words and "13912345678" not in words
    again = Reader("admin").open("/people/new/")
    assert fill(again, again.form("new"), username="xinren", name="方").status == 409


def test_posting_and_its_faults(town):
    page = Reader("admin").open("/people/wangge/")
    form = next(form for form in page.forms if form.action.endswith("/people/wangge/post/"))
    fill(page, form, role="grid_worker", place="没有这里")
    assert page.status == 422 and page.says("没找到")
    form = next(form for form in page.forms if form.action.endswith("/people/wangge/post/"))
    fill(page, form, role="grid_worker", place=big.GRID_3, until=NEXT_WEEK)
    assert page.status == 200 and page.says("琵琶山社区 / 第一网格")
    made = Posting.objects.get(account__username="wangge", place__code=big.GRID_3)
    assert (
        timezone.localtime(made.until).date().isoformat()
        == (timezone.localdate() + dt.timedelta(days=8)).isoformat()
    )
    assert Reader("admin").open("/people/?tab=ending").says("李建国")


def test_nobody_posts_himself_and_a_second_person_confirms(town):
    api = Api("admin")
    own = api.post("postings/", {"account": "admin", "role": "auditor", "place": big.DISTRICT})
    assert own.status_code == 403
    made = api.post("postings/", {"account": "lingdao", "role": "supervisor", "place": big.DISTRICT})
    assert made.status_code == 201 and made.json()["posting"]["confirmed"] is False
    pk = made.json()["posting"]["id"]
    assert api.post(f"postings/{pk}/confirm/").status_code == 403
    assert Reader("admin").open("/people/?tab=waiting").says("马文博")
    page = Reader("admin2").open("/people/lingdao/")
    page.send(next(form for form in page.forms if form.action == f"/postings/{pk}/confirm/"))
    assert page.status == 200 and Posting.objects.get(pk=pk).confirmed_by.username == "admin2"


def test_ab_roles_and_duty(town):
    pk = posting("wangge").pk
    api = Api("admin")
    assert (
        api.post(f"postings/{pk}/substitute/", {"substitute": "nobody", "until": TOMORROW}).status_code == 422
    )
    lent = api.post(f"postings/{pk}/substitute/", {"substitute": "wangge2", "until": TOMORROW}).json()
    assert lent["posting"]["substitute"] == "wangge2"
    assert big.actor("wangge2", clock.now()).may("resolve", path=big.place(big.GRID).path)
    assert api.post(f"postings/{pk}/end_substitute/").json()["posting"]["substitute"] is None
    assert api.post(f"postings/{pk}/duty/").json()["posting"]["on_duty"]
    assert not api.post(f"postings/{pk}/off_duty/").json()["posting"]["on_duty"]


def test_what_somebody_had_in_hand_goes_back_to_the_unit(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    assert fresh(case).holder_account.username == "bumen"
    page = Reader("admin").open("/people/bumen/")
    page.send(f"/postings/{posting('bumen').pk}/end".strip("/"))
    assert page.says("核对", "1 件在办工单交回单位") and posting("bumen").until is None
    page.send("end", step="apply")
    case = fresh(case)
    assert page.path == "/people/bumen/" and case.holder_account is None and case.holder.code == "GV24"
    assert events(case)[-1] == "case.put_back" and faults(case) == []
    assert case.signed_at is not None


def test_a_second_seat_in_the_unit_keeps_the_work(town):
    commands.post(
        by=big.SYSTEM,
        at=big.FOUNDED,
        account=big.account("bumen"),
        role="department_head",
        organisation=big.org("GV24"),
    )
    case = a_case(through=("accept", "dispatch", "sign"))
    clerk = Posting.objects.get(account__username="bumen", role="department_clerk")
    tried = Api("admin").post(f"postings/{clerk.pk}/end/?dry_run=1").json()
    assert tried["impacts"] == [] and tried["dry_run"]
    assert Api("admin").post(f"postings/{clerk.pk}/end/").status_code == 200
    assert fresh(case).holder_account.username == "bumen"


def test_closing_an_account_hands_over_too(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    tried = Api("admin").post("accounts/bumen/close/?dry_run=1").json()
    assert [impact["count"] for impact in tried["impacts"]] == [1]
    assert Account.objects.get(username="bumen").is_active
    assert Api("admin").post("accounts/bumen/close/").status_code == 200
    assert fresh(case).holder_account is None and not Account.objects.get(username="bumen").is_active
    assert Case.objects.filter(holder_account__username="bumen").count() == 0


def test_a_phone_is_shown_once_for_a_reason_that_is_kept(town):
    page = Reader("admin").open("/people/wangge/")
    phone = Account.objects.get(username="wangge").person.phone
    form = next(form for form in page.forms if form.action.endswith("/reveal/"))
    page.send(form)
    assert page.status == 422 and phone not in page.text
    form = next(form for form in page.forms if form.action.endswith("/reveal/"))
    fill(page, form, reason="urgent")
    assert page.says(phone)
    assert phone not in Reader("admin").open("/people/wangge/").text
    entry = Entry.objects.filter(subject_kind="account", event="account.phone_revealed").get()
    assert entry.payload == {"reason": "urgent"} and entry.actor_id == big.account("admin").pk
    assert Reader("admin").open("/people/wangge/").says("显示电话", "紧急联系")


def test_an_auditor_reads_and_changes_nothing(town):
    page = Reader("shenji").open("/people/wangge/")
    assert page.status == 200 and [form for form in page.forms if "/people/" in form.action] == []
    assert Api("shenji").post(f"postings/{posting('wangge').pk}/end/").status_code == 403


@pytest.mark.parametrize("path", ["/people/", "/people/admin/"])
def test_the_number_of_statements_stands_still(town, path):
    reader = Reader("admin2")
    reader.open(path)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert reader.open(path).status == 200
        return len(queries)

    before = statements()
    at = clock.now()
    for n in range(10):
        account = commands.open_account(by=big.SYSTEM, at=at, username=f"p{n}", name=f"人{n}")
        for one in (account, big.account("admin")):
            commands.post(
                by=big.SYSTEM,
                at=at,
                account=one,
                role="supervisor",
                place=list(big.Place.objects.filter(kind__in=["street", "community"]))[n % 5],
                since=at + dt.timedelta(days=n + 1),
                until=at + dt.timedelta(days=n + 2),
            )
    statements()  # the names of the new places are read once
    assert statements() == before <= 12


def test_a_posting_and_an_account_are_tried_without_being_made(town):
    api, before = Api("admin"), (Posting.objects.count(), Account.objects.count())
    sent = {"account": "lingdao", "role": "supervisor", "place": big.DISTRICT}
    told = api.post("postings/?dry_run=1", sent)
    assert told.status_code == 200 and told.json()["dry_run"]
    person = {"username": "xinren", "name": "新人"}
    told = api.post("accounts/?dry_run=1", person)
    assert told.status_code == 200 and told.json()["dry_run"] and "password" not in told.json()
    assert (Posting.objects.count(), Account.objects.count()) == before
