"""A street office of two, a shift lead and a dispatcher: whatever comes in can be brought to its end, and at no step does
anybody judge what he handled; where neither of the two may, the desk above does.

One community clerk and one grid worker below them, one clerk in the street's squad, one in a district's department."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Case, Relief
from cases.refusals import MoveRefused
from cases.reliefs import answering, asking
from cases.sla import sweep
from ledger import post
from parties.commands import end_posting, open_account
from parties.commands import post as give_post
from parties.models import Posting
from tests import town as towns
from tests.builders import a_case, a_fact, a_photo, walk
from tests.cases.reliefs.filing import SAID
from tests.cases.walking import DAY, HOUR, fact_refused, fresh, holder, refused
from tests.house import apart
from tests.house.invariants import faults
from tests.pages import Reader

ZHEN, CUN, WANG = towns.OTHER_STREET, "370811111260", towns.OTHER_GRID
SQUAD = f"TS02-{ZHEN}"
OFFICE = (
    ("lead", "shift_lead", ZHEN),
    ("second", "street_dispatcher", ZHEN),
    ("cunli", "community_clerk", CUN),
    ("zhongdui2", "department_clerk", SQUAD),
)
SMALL, STREETS, GRIDS, SECRET = "0108", "0615", "0301", "0401"


@pytest.fixture(autouse=True)
def office(town):
    for name, role, seat in OFFICE:
        account = open_account(
            by=town.SYSTEM, at=town.FOUNDED, username=name, name=f"人{name}", phone="13800088888"
        )
        place = town.place(seat) if seat.startswith("37") else None
        give_post(
            by=town.SYSTEM, at=town.FOUNDED, account=account, role=role, place=place,
            organisation=None if place else town.org(seat),
        )  # fmt: skip
    apart.forget()


def take(item: str = STREETS, by: str = "second", place: str = WANG, **call) -> Case:
    return a_case(through=(), item=item, by=by, place=place, **call)


def ends(case: Case) -> Case:
    """Days go by; nobody has to do anything more."""
    post.deliver_pending()
    sweep.sweep(fresh(case).last_at + 8 * DAY)
    post.deliver_pending()
    return sound(case, "closed")


def sound(case: Case, status: str) -> Case:
    """Nothing in it that cannot be, and nobody judged what he handled."""
    case = fresh(case)
    assert case.status == status
    assert faults(case) == [] and apart.faults(case) == []
    return case


def checked(case: Case, by: str, *not_by: str) -> Case:
    """Somebody outside the chain looks; those named may not."""
    for name in not_by:
        assert "经办以外" in fact_refused("not_yours", case, "verify", by=name, done=True)
    return a_fact(case, "verify", by=by, done=True)


def sent(case: Case, by: str = "second", to: str = SQUAD, accept: bool = True) -> Case:
    case = walk(case, "accept", by=by) if accept else case
    return walk(case, "dispatch", by=by, organisation=to)


def test_taken_sent_done_answered_closed():
    case = sent(take())
    case = walk(case, "sign", "resolve", by="zhongdui2")
    ends(walk(case, "answer", by="second"))


def test_done_by_the_office_itself_and_checked_by_the_desk_above():
    """Both of the two work for the desk that handled it: the district looks."""
    case = walk(take(caller=None), "accept", "start", "resolve", by="second")
    case = checked(case, "quji", "lead", "second")
    post.deliver_pending()
    sound(case, "closed")


def test_settled_in_the_grid_checked_by_the_street():
    case = walk(take(GRIDS, by="linju", caller=None), "settle", by="linju")
    case = checked(case, "second", "linju", "cunli")
    post.deliver_pending()
    sound(case, "closed")


def test_not_accepted():
    sound(walk(take(), "reject", by="second"), "rejected")
    case = walk(take(), "accept", by="second")
    assert refused("not_yours", case, "reject", by="second")  # once accepted it takes who may rule
    sound(walk(case, "reject", by="lead"), "rejected")


def test_called_upward_and_sent_down_again():
    case = walk(take(SMALL), "escalate", by="cunli")
    assert holder(case) == f"ZX-{ZHEN}"
    case = walk(case, "hand_down", by="second")
    case = walk(case, "accept", "start", "resolve", "answer", by="cunli")
    ends(case)
    case = walk(walk(take(), "escalate", by="lead"), "accept", by="quji")
    case = walk(case, "dispatch", by="quji", organisation="GV24")
    ends(walk(case, "sign", "resolve", "answer", by="bumen"))


def test_recalled_and_sent_elsewhere():
    case = walk(sent(take()), "recall", by="lead")
    case = sent(case, to=f"JW-{CUN}", accept=False)
    ends(walk(case, "sign", "resolve", "answer", by="cunli"))


class TestSentBack:
    def test_the_lead_rules_on_what_his_colleague_sent(self):
        case = walk(sent(take()), "decline", by="zhongdui2", organisation=f"JW-{CUN}")
        assert refused("not_yours", case, "rule", by="second", organisation=SQUAD)
        assert refused("not_yours", case, "rule", by="quji", organisation=SQUAD)  # not the lowest
        case = walk(case, "rule", by="lead", organisation=SQUAD)
        ends(walk(case, "sign", "resolve", "answer", by="zhongdui2"))

    def test_the_district_rules_on_what_the_lead_sent(self):
        """His colleague may not rule, so nobody at the office may."""
        case = walk(sent(take(), by="lead"), "decline", by="zhongdui2", organisation="GV24")
        for name in ("lead", "second"):
            assert refused("not_yours", case, "rule", by=name, organisation=SQUAD)
        case = walk(case, "rule", by="quji", organisation=SQUAD)
        assert case.final and "最终" in refused("not_ready", case, "decline", by="zhongdui2")
        ends(walk(case, "sign", "resolve", "answer", by="zhongdui2"))

    def test_the_lead_asks_the_district_instead(self):
        case = walk(sent(take()), "decline", by="zhongdui2", organisation="GV24")
        case = walk(walk(case, "escalate", by="lead"), "accept", by="quji")
        case = walk(case, "rule", by="quji2", organisation="GV24")
        ends(walk(case, "sign", "resolve", "answer", by="bumen"))

    def test_twice_and_the_parties_state_their_view(self):
        case = walk(sent(take()), "decline", by="zhongdui2", organisation=f"JW-{CUN}")
        case = walk(sent(case, to=f"JW-{CUN}", accept=False), "decline", by="cunli", organisation=SQUAD)
        assert case.disputed_at is not None
        for name in ("zhongdui2", "cunli"):
            case = a_fact(case, "state", by=name, text="不属本单位职责。")
        case = walk(case, "rule", by="lead", organisation=f"JW-{CUN}")
        ends(walk(case, "sign", "resolve", "answer", by="cunli"))


class TestRelief:
    def file(self, case: Case, kind: str, by: str) -> Relief:
        at = case.last_at + HOUR
        more = {"until": at + 3 * DAY, "ground": "weather"} if kind == "hold" else {"ground": "complex"}
        actor = towns.actor(by, at)
        asking.ask(
            number=case.number, kind=kind, by=actor, at=at, attachments=[a_photo(actor, at)], **{**SAID, **more}
        )  # fmt: skip
        return Relief.objects.get(case=case, state="asked")

    @pytest.mark.parametrize("kind", ["extension", "hold"])
    def test_the_offices_answer_to_what_the_squad_asks(self, kind):
        case = walk(sent(take()), "sign", by="zhongdui2")
        relief = self.file(case, kind, "zhongdui2")
        at = fresh(case).last_at + HOUR
        answering.grant(number=case.number, n=relief.n, by=towns.actor("second", at), at=at, reason="经核。")
        case = fresh(case)
        if kind == "hold":
            case = walk(case, "resume", by="zhongdui2")
        ends(walk(case, "resolve", "answer", by="zhongdui2"))

    def test_the_districts_to_what_the_office_asks(self):
        """What the office works on itself neither of the two lets it off."""
        case = walk(take(), "accept", "start", by="second")
        relief = self.file(case, "extension", "second")
        at = fresh(case).last_at + HOUR
        for name in ("lead", "second"):
            with pytest.raises(MoveRefused):
                answering.grant(
                    number=case.number, n=relief.n, by=towns.actor(name, at), at=at, reason="经核。"
                )
        answering.refuse(
            number=case.number, n=relief.n, by=towns.actor("quji", at), at=at, reason="可按期办结。"
        )
        ends(walk(fresh(case), "resolve", "answer", by="second"))


def test_done_badly_and_done_again():
    case = walk(sent(take()), "sign", "resolve", by="zhongdui2")
    assert refused("not_yours", case, "rework", by="zhongdui2")
    case = walk(case, "rework", by="lead")
    assert holder(case) == SQUAD
    ends(walk(case, "resolve", "answer", by="zhongdui2"))


def test_answered_and_taken_up_again_twice():
    case = walk(sent(take()), "sign", "resolve", "answer", by="zhongdui2")
    case = walk(walk(case, "reopen", by="lead"), "resolve", "answer", by="zhongdui2")
    case = walk(case, "reopen", by="lead")
    assert (case.status, holder(case)) == ("received", "ZX-370811")  # the second time the desk above
    case = walk(case, "accept", by="quji")
    ends(
        walk(
            walk(case, "dispatch", by="quji", organisation=SQUAD), "sign", "resolve", "answer", by="zhongdui2"
        )
    )


def test_transferred_out_of_the_house():
    case = walk(sent(take()), "sign", by="zhongdui2")
    case = walk(case, "transfer", by="zhongdui2", organisation=f"JW-{CUN}")
    ends(walk(case, "sign", "resolve", "answer", by="cunli"))


def test_two_units_on_one_matter():
    case = walk(take(), "accept", by="second")
    case = walk(case, "dispatch", by="second", organisation=SQUAD, assisting=[f"JW-{CUN}"])
    case = walk(case, "sign", by="zhongdui2")
    assert refused("not_ready", case, "resolve", by="zhongdui2")
    case = walk(case, "sign", "resolve", by="cunli")  # its own part
    ends(walk(case, "resolve", "answer", by="zhongdui2"))
    case = walk(take(), "accept", by="second")
    case = walk(case, "dispatch", by="second", organisation=SQUAD, assisting=[f"JW-{CUN}"])
    case = a_fact(walk(case, "sign", by="zhongdui2"), "release_part", by="lead", organisation=f"JW-{CUN}")
    ends(walk(case, "resolve", "answer", by="zhongdui2"))


def test_merged_parted_and_ended_apart():
    """Who merged does not part: of two there is one left; where it was the lead, the district."""
    elder, case = take(), walk(take(), "accept", by="second")
    case = walk(case, "merge", by="second", target=elder.number)
    assert refused("not_yours", case, "unmerge", by="second")
    case = walk(case, "unmerge", by="lead")
    assert case.status == "accepted"
    case = walk(case, "merge", by="lead", target=elder.number)
    assert "并入" in refused("not_yours", case, "unmerge", by="lead")
    case = walk(case, "unmerge", by="quji")
    ends(walk(sent(case, accept=False), "sign", "resolve", "answer", by="zhongdui2"))
    ends(walk(sent(fresh(elder)), "sign", "resolve", "answer", by="zhongdui2"))


def test_one_matter_in_several_places_answered_at_once():
    whole = walk(take(place=ZHEN), "accept", by="second")
    place = a_fact(take(SMALL), "link", by="second", parent=whole.number)
    place = walk(place, "accept", "start", "resolve", by="cunli")
    whole = walk(fresh(whole), "start", "resolve", by="second")
    page = Reader("second").open(f"/cases/{whole.number}/")
    page.send("moves/answer", told="都办好了。", channel="phone", everywhere="1")
    assert fresh(place).status == fresh(whole).status == "answered"
    ends(place)
    sound(whole, "closed")


def test_more_was_asked_of_the_caller():
    case = walk(take(), "accept", by="second")
    case = walk(case, "ask", by="second")
    case = walk(case, "supply", by="lead")
    ends(walk(sent(case, accept=False), "sign", "resolve", "answer", by="zhongdui2"))


def test_taken_back_with_a_contact_from_outside_the_chain():
    case = walk(take(), "accept", by="second")
    assert refused("not_yours", case, "withdraw", by="lead")
    case = a_fact(case, "contact", by="lead", channel="phone", reached=True)
    sound(walk(case, "withdraw", by="lead"), "withdrawn")
    case = walk(walk(take(), "accept", "start", by="second"), "transfer", by="second", organisation=SQUAD)
    assert refused("not_yours", case, "withdraw", by="lead")  # the office has handled it: the district may
    case = a_fact(case, "contact", by="quji", channel="phone", reached=True)
    sound(walk(case, "withdraw", by="quji"), "withdrawn")


def test_a_sensitive_matter():
    case = take(SECRET)
    assert case.sensitive
    case = walk(sent(case), "sign", "resolve", "answer", by="zhongdui2")
    listed = {
        name: Reader(name).open("/cases/?status=answered").says(case.number) for name in ("second", "linju")
    }
    assert listed == {"second": True, "linju": False}  # the desk that sent it, not who works the place
    ends(case)


def test_a_complaint_about_one_of_the_two():
    """He neither sees it nor works on it; his colleague or the district does, by whom it is all the same ended."""
    case = take(by="quji", about="account:second", kind="complaint")
    assert case.level == "district"
    assert Reader("second").client.get(f"/cases/{case.number}/").status_code == 404
    case = walk(case, "accept", "start", "resolve", "answer", by="quji")
    ends(case)
    case = take(by="quji", about="account:second", kind="complaint")
    case = walk(case, "hand_down", by="quji")
    case = walk(case, "accept", "start", "resolve", "answer", by="lead")
    assert Reader("second").client.get(f"/cases/{case.number}/").status_code == 404
    ends(case)


def test_a_complaint_about_the_whole_office():
    case = take(by="quji", about=f"ZX-{ZHEN}", kind="complaint")
    for name in ("lead", "second"):
        assert Reader(name).client.get(f"/cases/{case.number}/").status_code == 404
    case = walk(case, "accept", by="quji")
    case = walk(case, "dispatch", by="quji", organisation="GV24")
    ends(walk(case, "sign", "resolve", "answer", by="bumen"))


def test_one_of_the_two_is_away():
    """The other does the day's work alone; what only the lead may do the district does meanwhile."""
    case = walk(sent(take()), "decline", by="zhongdui2", organisation="GV24")
    row = Posting.objects.get(account__username="lead")
    end_posting(by=towns.SYSTEM, at=case.last_at + dt.timedelta(seconds=30), posting=row)
    case = walk(case, "rule", by="quji", organisation=SQUAD)
    ends(walk(case, "sign", "resolve", "answer", by="zhongdui2"))
