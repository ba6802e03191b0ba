"""Quiet hours: nothing but what is critical alerts anybody at night, and nothing is lost."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.api.notices import notice_json
from cases.models import Notice, QuietHours
from cases.notices import quiet
from cases.queries import notices
from cases.refusals import MoveRefused
from ledger import clock, post
from ledger.clock import LOCAL
from tests.builders import a_case
from tests.cases.walking import DAY, MINUTE, local
from tests.pages import Reader

times = st.integers(0, 24 * 60 - 1).map(lambda n: dt.time(n // 60, n % 60))


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("23 21:59", None),
        ("23 22:00", "24 07:00"),
        ("23 23:59", "24 07:00"),
        ("24 00:00", "24 07:00"),
        ("24 06:59", "24 07:00"),
        ("24 07:00", None),
        ("24 12:00", None),
    ],
)
def test_the_standing_hours(at, until):
    assert quiet.until(quiet.STANDING, local(at)) == (until and local(until))


@pytest.mark.parametrize(("at", "until"), [("23 11:59", None), ("23 12:00", "23 14:00"), ("23 14:00", None)])
def test_hours_inside_a_day(at, until):
    assert quiet.until((dt.time(12), dt.time(14)), local(at)) == (until and local(until))


@given(times, times, st.integers(0, 14 * 24 * 60).map(lambda n: local("10 00:00") + n * MINUTE))
def test_quiet_ends_at_its_end_and_lies_over_the_instant(begins, ends, at):
    end = quiet.until((begins, ends), at)
    now = at.astimezone(LOCAL).time()
    if end is None:
        assert begins == ends or not (begins <= now < ends or (ends < begins and not ends <= now < begins))
    else:
        assert begins != ends and at < end <= at + DAY
        assert end.astimezone(LOCAL).time() == ends
        assert quiet.until((begins, ends), end) is None


def sent(town, when, **call) -> dict[str, dt.datetime | None]:
    """A call taken at an instant and sent on: until when each who was told of it is left in peace."""
    with clock.frozen(local(when)):
        case = a_case("assigned", when=local(when), **call)
        post.deliver_pending()
    rows = Notice.objects.filter(case=case, event="case.assigned")
    return dict(rows.values_list("account__username", "quiet_until"))


class TestNotices:
    def test_at_night_everybody_is_left_in_peace_by_their_own_hours(self, town):
        quiet.set_hours(by=town.actor("bumen2"), begins="20:00", ends="08:30")
        quiet.set_hours(by=town.actor("fuzeren"), begins="00:00", ends="00:00")
        assert sent(town, "23 23:00") == {
            "bumen": local("24 07:00"), "bumen2": local("24 08:30"), "fuzeren": None,
        }  # fmt: skip

    def test_by_day_nobody_is(self, town):
        assert set(sent(town, "23 10:00").values()) == {None}

    def test_what_is_critical_wakes_everybody(self, town):
        assert set(sent(town, "23 23:00", urgency="critical").values()) == {None}

    def test_the_bell_is_silent_until_the_morning_and_the_inbox_is_not(self, town):
        sent(town, "23 23:00")
        bumen = town.actor("bumen")
        assert notices.unread(bumen).count() == 1
        assert notices.alerting(bumen, local("24 06:59")).count() == 0
        assert notices.alerting(bumen, local("24 07:00")).count() == 1


class TestOwnHours:
    def test_chosen_in_the_inbox(self, town):
        clerk = Reader("bumen").open("/notices/preferences/")
        assert clerk.says("免打扰：22:00 至 07:00")
        clerk.send(form_of(clerk), quiet="1", begins="21:30", ends="06:00")
        assert clerk.says("免打扰：21:30 至 06:00")
        clerk.send(form_of(clerk), quiet="1", begins="00:00", ends="00:00")
        assert clerk.says("免打扰：没有设置")
        assert QuietHours.objects.count() == 1

    def test_what_is_no_time_is_refused_in_a_sentence(self, town):
        clerk = Reader("bumen").open("/notices/preferences/")
        clerk.send(form_of(clerk), quiet="1", begins="夜里", ends="06:00")
        assert clerk.response.status_code == 400 and clerk.says("请把免打扰时段写成几点几分")
        with pytest.raises(MoveRefused):
            quiet.set_hours(by=town.actor("bumen"), begins="25:00", ends="06:00")
        assert not QuietHours.objects.exists()

    def test_the_api_says_until_when(self, town):
        sent(town, "23 23:00")
        row = Notice.objects.select_related("case").get(account__username="bumen", event="case.assigned")
        assert notice_json(row, town.actor("bumen"))["quiet_until"] == "2026-11-23T23:00:00+00:00"


def form_of(reader):
    return next(form for form in reader.forms if "begins" in form.fields)
