"""A round: who may, where, when, once; and what stays out of the ledger."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import rounds
from cases.models import Attachment, Call, Round, RoundRule
from cases.queries.rounds import of_place, raised_on
from cases.refusals import MoveRefused
from cases.templatetags.huying import hm
from grid.commands import open_place, retire_place
from grid.models import Place
from ledger import clock, reading
from ledger.models import Entry
from tests import builders, town
from tests.cases.web.test_phone import Outbox
from tests.clients import Api
from tests.pages import Reader
from tests.town import MONDAY, SYSTEM

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def log(who: str = "wangge", place: str = town.BUILDING, at: dt.datetime = MONDAY, **more) -> Round:
    return rounds.log(by=town.actor(who, at), at=at, place=place, **{"kind": "patrol", **more}).round


def refused(**more) -> MoveRefused:
    with pytest.raises(MoveRefused) as caught:
        log(**more)
    assert not Round.objects.exists()
    return caught.value


def another() -> Place:
    """A building that nobody is posted to."""
    return open_place(by=SYSTEM, at=MONDAY, kind="building", name="2号楼", parent=town.place(town.GRID))


class TestLogging:
    def test_what_stands(self, town):
        row = log(text="楼道灯坏了")
        row.refresh_from_db()
        assert (row.place.code, row.kind, row.made_at, row.text) == (
            town.BUILDING,
            "patrol",
            MONDAY,
            "楼道灯坏了",
        )
        entry = Entry.objects.get(subject_kind="round", subject_id=row.pk)
        assert (
            entry.event == "round.made"
            and entry.path == row.place.path
            and entry.payload["place"] == town.BUILDING
        )
        assert "楼道灯" not in str(entry.payload)
        assert (row.chain_head, row.chain_length) == (entry.hash, 1)
        assert not list(reading.verify(iter([entry]), reading.heads_of([Round])))

    def test_with_photos(self, town):
        files = [builders.a_photo(town.actor("wangge")) for _n in range(2)]
        row = log(attachments=files)
        assert {str(one.pk) for one in row.attachments.all()} == set(files)
        with pytest.raises(MoveRefused):
            log(attachments=files)  # used already
        assert Round.objects.count() == 1

    def test_neither_anothers_photo_nor_a_cases(self, town):
        assert refused(attachments=[builders.a_photo(town.actor("wanggezhang"))]).fields.keys() == {
            "attachments"
        }
        used = builders.a_photo(town.actor("wangge"))
        builders.a_case("received", attachments=[used])
        assert refused(attachments=[used]).fields.keys() == {"attachments"}

    def test_a_rounds_photo_goes_to_no_case(self, town):
        used = builders.a_photo(town.actor("wangge"))
        log(attachments=[used])
        with pytest.raises(MoveRefused):
            builders.a_case("received", attachments=[used])
        assert Attachment.objects.get(pk=used).case_id is None


class TestWhoMay:
    @pytest.mark.parametrize(
        ("who", "place"), [("louzhang", town.BUILDING), ("jiedao", town.GRID), ("lingdao", town.GRID)]
    )
    def test_not_without_the_right(self, town, who, place):
        assert refused(who=who, place=place).status == 403

    @pytest.mark.parametrize("place", [town.GRID_2, town.COMMUNITY, town.OTHER_GRID])
    def test_not_on_others_ground(self, town, place):
        assert refused(place=place).status == 403

    @pytest.mark.parametrize(
        ("who", "place"), [("wangge", town.GRID), ("wanggezhang", town.BUILDING), ("shequ", town.COMMUNITY)]
    )
    def test_on_ones_own(self, town, who, place):
        assert log(who, place).place.code == place


class TestWhere:
    @pytest.mark.parametrize("place", ["", "nowhere", "\x00", "370811", None])
    def test_no_place(self, town, place):
        assert refused(place=place).fields.keys() == {"place"}

    def test_a_place_that_was_retired_meanwhile(self, town):
        gone = another()
        retire_place(place=gone, version=gone.version, by=SYSTEM, at=MONDAY)
        said = refused(place=gone.code)
        assert said.status == 422 and "2号楼" in str(said.sentence) and said.fields.keys() == {"place"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("kind", ""),
            ("kind", "walk"),
            ("text", "长" * 4001),
            ("captured_at", "no time"),
            ("attachments", ["x"]),
        ],
    )
    def test_what_cannot_be_read(self, town, field, value):
        said = refused(**{field: value})
        assert said.status == 422 and field in said.fields


class TestWhen:
    def test_as_the_phone_kept_it(self, town):
        row = log(captured_at=(MONDAY - 5 * HOUR).isoformat())
        assert row.made_at == row.captured_at == MONDAY - 5 * HOUR and row.received_at == MONDAY

    def test_a_clock_a_little_ahead(self, town):
        assert log(captured_at=MONDAY + dt.timedelta(minutes=4)).made_at == MONDAY

    def test_not_to_come(self, town):
        assert refused(captured_at=MONDAY + HOUR).fields.keys() == {"captured_at"}

    def test_kept_for_too_long_it_counts_from_its_receipt(self, town):
        row = log(captured_at=MONDAY - 73 * HOUR)
        assert row.made_at == row.received_at == MONDAY and row.captured_at == MONDAY - 73 * HOUR


class TestOnce:
    KEY = {"request_key": "web:k1", "body_hash": "a"}

    def test_sent_again(self, town):
        first = log(**self.KEY)
        again = rounds.log(
            by=town.actor("wangge"), at=MONDAY + HOUR, place=town.BUILDING, kind="patrol", **self.KEY
        )
        assert again.replayed and again.round == first and Round.objects.count() == 1

    def test_sent_again_when_the_place_is_gone(self, town):
        gone = another()
        first = log(place=gone.code, **self.KEY)
        retire_place(place=gone, version=gone.version, by=SYSTEM, at=MONDAY)
        assert log(place=gone.code, **self.KEY) == first

    def test_the_key_of_another(self, town):
        log(**self.KEY)
        with pytest.raises(MoveRefused):
            log(request_key="web:k1", body_hash="b")
        assert Round.objects.count() == 1


class TestWhatWasSeenThere:
    """A call begun on a round says so, in the ledger and on both pages; by id, or by the key a phone sends it with."""

    def test_by_the_form(self, town):
        box = Outbox("wangge")
        at = clock.now().isoformat()
        box.send(
            "/rounds/", go=f"patrol:{town.BUILDING}", here=town.GRID, idempotency_key="abc1", captured_at=at
        )
        row = Round.objects.get()
        sent = {"text": "楼道灯坏了", "place": town.BUILDING, "origin": "patrol"}
        box.send(**sent, round="abc1", idempotency_key="abc2")
        box.send(**sent, round=str(row.pk), idempotency_key="abc3")
        box.send(**sent, round="nosuchkey", idempotency_key="abc4")  # it was refused, or never came
        assert list(Call.objects.order_by("pk").values_list("round_id", flat=True)) == [row.pk, row.pk, None]
        told = Entry.objects.filter(event="case.received").order_by("pk")
        assert [entry.payload.get("on_round") for entry in told] == [row.pk, row.pk, None]
        case = Call.objects.earliest("pk").case
        words = f"来自 {hm(row.made_at)} 的巡查"
        for reader in (Reader("wangge"), Reader("shequ")):
            assert reader.open(f"/cases/{case.number}/").says(words)
        page = Reader("wangge").open(f"/rounds/?place={town.GRID}")
        assert page.says("发现问题") and f"/cases/{case.number}/" in page.text
        api = Api("wangge").get("rounds/").json()["results"][0]
        assert case.number in api["cases"] and len(api["cases"]) == 2
        assert Api("wangge").get(f"cases/{case.number}/").json()["calls"][0]["round"] == row.pk

    def test_nobody_elses(self, town):
        row = log()
        sent = {"text": "楼道灯坏了", "place": town.BUILDING, "round": row.pk}
        answer = Api("wanggezhang").post("calls/", sent)
        assert answer.status_code == 422 and "没有您的这次巡查走访" in answer.json()["detail"]
        assert Api("wangge").post("calls/", sent).status_code == 201

    def test_the_page_of_the_place_leads_there(self, town):
        row = log(at=clock.now() - dt.timedelta(minutes=10))
        page = Reader("wangge").open("/grid/")
        assert f"round={row.pk}" in page.text and page.says("发现问题")
        form = Reader("wangge").open(f"/calls/new/?place={town.BUILDING}&origin=patrol&round={row.pk}")
        assert form.says(f"来自 {hm(row.made_at)} 的巡查") and form.form("call-form").fields["round"] == [
            str(row.pk)
        ]

    def test_what_one_may_not_see_is_not_named(self, town):
        row = log()
        Api("wangge").post("calls/", {"text": "楼道灯坏了", "place": town.BUILDING, "round": row.pk})
        assert raised_on(town.actor("wangge"), [row])[row.pk]
        assert raised_on(town.actor("linju"), [row]) == {}


def test_a_place_that_is_due_twice_is_one_line(town):
    for kind in ("patrol", "visit"):
        RoundRule.objects.create(
            place=town.place(town.STREET),
            place_kind="building",
            kind=kind,
            every_days=1,
            since=dt.date(2026, 1, 1),
        )
    page = Reader("wangge").open("/grid/")
    assert (
        page.text.count(f'value="patrol:{town.BUILDING}"')
        == page.text.count(f'value="visit:{town.BUILDING}"')
        == 1
    )
    shown = of_place(town.actor("wangge"), town.place(town.GRID), clock.now())
    lines = [one for one in shown["due"] if one["code"] == town.BUILDING]
    assert len(lines) == 1 and [task["kind"] for task in lines[0]["tasks"]] == ["patrol", "visit"]
    assert shown["due_count"] == len(shown["due"])
