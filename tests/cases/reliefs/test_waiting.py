"""Silence goes up a rung and never grants; at the top it waits on, marked. Where the case goes, it goes too."""

from __future__ import annotations

from cases.sla import sweep
from grid import commands
from ledger import post, versions
from parties.commands.merging import merge_organisation
from parties.commands.postings import post as give_post
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.reliefs.filing import answered, asked, cannot, in_hand
from tests.cases.walking import clock, clocks, events, fresh, last, local, repost
from tests.house.invariants import faults
from tests.town import COMMUNITY, GRID_3, OTHER_GRID, OTHER_STREET


def test_up_the_ladder_to_the_top(town):
    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    sweep.sweep(local("24 17:30"))
    relief.refresh_from_db()
    assert (relief.rung, relief.desk.code, relief.state) == ("district", "ZX-370811", "asked")
    first, second = clock(case, "relief", n=1), clock(case, "relief", n=2)
    assert (first.outcome, first.stopped_at, first.breached_at) == (
        "ended",
        local("24 17:30"),
        local("24 17:30"),
    )
    assert (second.due_at, second.organisation.code) == (local("25 17:30"), "ZX-370811")
    assert cannot(answered, relief, kind="not_yours", by="jiedao")  # it has gone past that desk
    sweep.sweep(local("25 17:30"))
    relief.refresh_from_db()
    assert (relief.rung, relief.desk) == ("supervisor", None)
    sweep.sweep(local("26 17:30"))
    sweep.sweep(local("30 17:30"))
    row = clock(case, "relief")
    assert (row.round, row.state, row.breached_at, row.next_at) == (3, "running", local("26 17:30"), None)
    assert events(case).count("relief.raised") == 2 and events(case).count("relief.unanswered") == 1
    assert relief.state == "asked"  # nobody's silence grants
    assert clock(case, "resolve").due_at == local("25 09:00")
    answered(relief, by="ducha", when=local("30 18:00"))
    assert clock(case, "resolve").due_at == local("27 09:00")
    assert faults(fresh(case)) == []


def test_after_a_long_outage_all_at_once(town):
    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    sweep.sweep(local("30 17:30"))
    relief.refresh_from_db()
    assert relief.rung == "supervisor" and events(case).count("relief.raised") == 2
    assert clock(case, "relief").breached_at is not None
    assert faults(fresh(case)) == []


def test_an_answer_in_time_keeps_it_where_it_is(town):
    case = in_hand()
    answered(asked(case, when=local("23 15:00")), "refuse", when=local("24 17:29"))
    sweep.sweep(local("26 09:00"))
    assert "relief.raised" not in events(case) and clocks(case)["relief"] == "met"


def test_those_are_told_whose_answer_it_is(town):
    from cases.models import Notice

    def told() -> dict[str, set[str]]:
        post.deliver_pending()
        found: dict[str, set[str]] = {}
        rows = Notice.objects.filter(event__startswith="relief.").values_list("event", "account__username")
        for event, username in rows:
            found.setdefault(event, set()).add(username)
        return found

    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    assert told() == {"relief.asked": {"jiedao", "jiedao2", "zhiban"}}
    sweep.sweep(local("24 17:30"))
    assert told()["relief.raised"] == {"quji", "quji2"}
    sweep.sweep(local("25 17:30"))
    assert told()["relief.raised"] == {"quji", "quji2", "ducha", "ducha2"}
    answered(relief, "refuse", by="ducha", when=local("26 09:00"))
    assert told()["relief.refused"] == {"bumen"}


class TestItFollowsItsCase:
    OTHER_DESK = f"ZX-{OTHER_STREET}"

    def test_to_another_street_by_a_correction(self, town):
        case = in_hand()
        relief = asked(case, when=local("23 15:00"))
        due_at = clock(case, "relief").due_at
        case = a_fact(fresh(case), "relocate", by="quji", place=OTHER_GRID, reason="在喻屯")
        relief.refresh_from_db()
        row = clock(case, "relief")
        assert (relief.rung, relief.desk.code, relief.state) == ("street", self.OTHER_DESK, "asked")
        assert (row.organisation.code, row.due_at, row.round) == (self.OTHER_DESK, due_at, 1)
        assert last(case).payload["relief"] == ["ZX-370811015", self.OTHER_DESK]
        assert faults(case) == []
        repost("linju", "street_dispatcher", OTHER_STREET)
        assert answered(relief, by="linju").state == "granted"

    def test_within_the_street_it_stays(self, town):
        case = in_hand()
        relief = asked(case, when=local("23 15:00"))
        case = a_fact(fresh(case), "relocate", by="jiedao", place=GRID_3, reason="是琵琶山的")
        relief.refresh_from_db()
        assert relief.desk.code == "ZX-370811015" and "relief" not in last(case).payload

    def test_not_down_again_and_not_from_the_top(self, town):
        raised, top = in_hand(), in_hand()
        relief, exclusion = (
            asked(raised, when=local("23 15:00")),
            asked(top, "exclusion", when=local("23 15:00")),
        )
        sweep.sweep(local("24 17:30"))
        for case in (raised, top):
            a_fact(fresh(case), "relocate", by="quji", place=OTHER_GRID, reason="在喻屯")
        relief.refresh_from_db()
        exclusion.refresh_from_db()
        assert (relief.desk.code, exclusion.rung, exclusion.desk) == ("ZX-370811", "supervisor", None)

    def test_with_its_place(self, town):
        case = in_hand()
        relief = asked(case, when=local("23 14:00"))
        place = town.place(COMMUNITY)
        commands.move_place(
            place=place, parent=town.place(OTHER_STREET), version=place.version, by=town.SYSTEM,
            at=local("23 15:00"),
        )  # fmt: skip
        relief.refresh_from_db()
        assert relief.desk.code == clock(case, "relief").organisation.code == self.OTHER_DESK
        assert last(case).event == "case.rehomed" and faults(fresh(case)) == []

    def merge(self, town, unit: str, into: str) -> None:
        organisation = town.org(unit)
        merge_organisation(
            by=town.SYSTEM, at=local("23 15:00"), organisation=organisation, into=town.org(into),
            version=organisation.version,
        )  # fmt: skip
        versions.clear_all()
        post.deliver_pending()

    def test_with_a_unit_that_asked_and_became_another(self, town):
        case = in_hand()
        relief = asked(case, when=local("23 14:00"))
        a_move(fresh(case), "transfer", when=local("23 14:30"), by="bumen", organisation="IN02")
        self.merge(town, "GV24", "GV13")
        relief.refresh_from_db()
        assert relief.organisation.code == "GV13" and relief.desk.code == "ZX-370811015"
        assert last(case).event == "case.handed_over" and faults(fresh(case)) == []

    def test_with_a_desk_that_became_another(self, town):
        case = in_hand()
        relief = asked(case, when=local("23 14:00"))
        self.merge(town, "ZX-370811015", "ZX-370811")
        relief.refresh_from_db()
        assert (relief.rung, relief.desk.code) == ("district", "ZX-370811")
        assert clock(case, "relief").organisation.code == "ZX-370811" and faults(fresh(case)) == []
        assert answered(relief, by="quji").state == "granted"


def test_a_supervisor_of_the_unit_is_told_and_shown(town):
    """Posted to an organisation above the unit that has the case, not to a place: he may answer, so it waits for him."""
    from cases.models import Notice
    from cases.queries import reliefs as queries

    repost("ducha2", "supervisor", "JD-370811015")
    repost("ducha", "supervisor", "GV25")
    case = walk(a_case("accepted"), "dispatch", organisation="TS02-370811015")
    case = walk(case, "sign", by="zhongdui")
    relief = asked(case, "exclusion", by="zhongdui")
    assert relief.rung == "supervisor"
    post.deliver_pending()
    told = Notice.objects.filter(event="relief.asked").values_list("account__username", flat=True)
    assert set(told) == {"ducha2"}
    assert list(queries.waiting_for(town.actor("ducha2"))) == [relief]
    assert not queries.waiting_for(town.actor("ducha")).exists()
    assert not queries.waiting_for(town.actor("bumen")).exists()
    assert answered(relief, by="ducha2").state == "granted"
    assert not queries.waiting_for(town.actor("ducha2")).exists()


def test_who_stands_in_is_shown_what_he_may_answer(town):
    """Not what the one who is away asked for or handled, in whatever other post."""
    from cases.queries import reliefs as queries
    from parties.models import Posting

    Posting.objects.filter(account=town.account("jiedao")).update(
        substitute=town.account("shequ"), substitute_from=town.FOUNDED, substitute_until=town.MONDAY.replace(year=2027)
    )  # fmt: skip
    give_post(
        by=town.SYSTEM, at=town.FOUNDED, account=town.account("jiedao"), role="department_clerk",
        organisation=town.org("GV24"),
    )  # fmt: skip
    other, own = asked(in_hand()), asked(in_hand(), by="jiedao")
    assert {one.desk.code for one in (other, own)} == {"ZX-370811015"}
    assert list(queries.waiting_for(town.actor("shequ"))) == [other]
    assert set(queries.waiting_for(town.actor("jiedao2"))) == {other, own}
    assert cannot(answered, own, kind="not_yours", by="shequ")
    assert answered(other, by="shequ").state == "granted"
    assert answered(own, by="jiedao2").state == "granted"  # by one's own post, as ever


def test_at_a_committee_the_street_answers(town):
    case = a_case(item="0301", through=("accept", "start"))
    assert asked(case, by="shequ").desk.code == "ZX-370811015"
