"""The kinds of story the demo town is made of, how often each is told, and what it needs.

Times in hours before now. The last recipe fills up: matters that ran their whole course."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from cases import rulebook
from cases.demo.story import MINUTE, Story
from cases.demo.texts import Text
from cases.routing import decide
from parties import directory

HOUR = dt.timedelta(hours=1)
Tell = Callable[[Story], None]


@dataclass(frozen=True)
class Recipe:
    """`n` of 400. `place`: grid (wangge's), home (前铺), street (观音阁), else (another street) or any.
    `ages`: how many hours ago it began. `fits`: which texts will do; `by`: who took the call, where it matters."""

    name: str
    n: int
    place: str
    ages: tuple[float, float]
    tell: Tell
    fits: Callable[[Text], bool] = lambda text: True
    by: str = ""
    without_item: bool = False
    reachable: bool = False  # somebody who left a name and a number


# -- which texts


def level(*names: str) -> Callable[[Text], bool]:
    return lambda text: _item(text).level in names


def lead(code: str) -> Callable[[Text], bool]:
    return lambda text: _item(text).lead_code == code and _item(text).level == "street"


def with_caller(fits: Callable[[Text], bool]) -> Callable[[Text], bool]:
    return lambda text: text.origin == "resident" and fits(text)


def on_patrol(fits: Callable[[Text], bool]) -> Callable[[Text], bool]:
    return lambda text: text.origin == "patrol" and fits(text)


def usual_limit(fits: Callable[[Text], bool]) -> Callable[[Text], bool]:
    """Items whose limit is the two days everybody knows, so that an age says how near the end is."""
    return lambda text: (
        fits(text) and _item(text).limit_basis not in ("RR", "JY") and not _item(text).check_required
    )


def calm(text: Text) -> bool:
    """Small things without hurry."""
    return _item(text).level in ("grid", "community") and _item(text).urgency == "normal"


def any_text(text: Text) -> bool:
    return True


def _item(text: Text) -> rulebook.Item:
    found = rulebook.item(text.item)
    assert found is not None, text.item
    return found


# -- how they go


def waits(s: Story) -> None:
    """Nobody has taken it up yet."""


def goes_up(s: Story) -> None:
    s.pass_time(10, 60, by_day=False)
    s.do("escalate", reason="社区没有执法权，需街道协调。")


def goes_to_district(s: Story) -> None:
    s.to_street()
    s.pass_time(10, 60, by_day=False)
    s.do("escalate", reason="涉及多个部门，街道协调不了。")


def slow(s: Story) -> None:
    """Drafts for the supervisor: what is two days old was done late, younger ones the desk took up late."""
    if s.now - s.at > 53 * HOUR:
        signed(s)
        s.go_to("resolve", 1.02, 1.08)
        s.do("resolve", result=s.text.result)
        return
    s.go_to("accept", 1.03, 1.12)
    s.do("accept", item=s.text.item)
    s.do("dispatch", organisation=s.proposed())


def accepted(s: Story) -> None:
    s.pass_time(10, 50, by_day=False)
    s.do("accept", item=s.text.item)


def sent(s: Story) -> None:
    """Accepted and sent out in one go, as the desk does it."""
    if s.case.level not in ("street", "district"):
        goes_up(s)
    s.pass_time(5, 35, by_day=False)
    s.do("accept", item=s.text.item)
    s.do("dispatch", organisation=s.proposed())


def signed(s: Story) -> None:
    sent(s)
    s.pass_time(10, 80, by_day=False)
    s.do("sign")


def to(code: str) -> Tell:
    def tell(s: Story) -> None:
        s.pass_time(5, 35, by_day=False)
        s.do("accept", item=s.text.item)
        s.do("dispatch", organisation=code)
        s.pass_time(10, 80, by_day=False)
        s.do("sign")

    return tell


def declined(s: Story) -> None:
    sent(s)
    s.pass_time(20, 90, by_day=False)
    s.do("decline", ground="not_our_duty", organisation=another(s), reason="经查不在本单位清单之内。")


def declined_and_done(s: Story) -> None:
    s.to_department()
    s.pass_time(20, 60, by_day=False)
    other = another(s)
    s.do("decline", ground="not_our_duty", organisation=other, reason="经查属另一单位的作业范围。")
    s.pass_time(20, 80)
    s.do("dispatch", organisation=other)
    s.sign()
    s.resolve()
    s.finish()


def another(s: Story) -> str:
    """The code of a unit that the duty rows name beside the one that has it, else that one again."""
    reach = decide.direct_reach(s.item, s.case.kind, s.work.lineage, s.at) - {s.case.holder_id}
    unit = directory.by_id(min(reach, default=s.case.holder_id))
    assert unit is not None
    return unit.code


def held(s: Story) -> None:
    signed(s)
    s.pass_time(60, 300, by_day=False)
    s.ask_relief(
        "hold",
        ground=s.chance.choice(("weather", "procedure", "funds")),
        until=s.now + dt.timedelta(days=s.chance.randint(4, 20)),
        reason="现场已勘查，暂不具备施工条件。",
        measure="已围挡并设警示牌，每日巡查一次。",
        next_step="条件具备后进场施工。",
    )
    s.pass_time(10, 40, by_day=False)
    s.answer_relief("情况属实，同意挂账；条件具备后立即恢复。")


def asks_for_more(s: Story) -> None:
    """An extension waits for the desk's answer."""
    signed(s)
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(0.5, 4))
    s.ask_relief("extension", **MORE)


def got_more(s: Story) -> None:
    signed(s)
    s.pass_time(20, 60, by_day=False)
    s.ask_relief("extension", **MORE)
    s.pass_time(20, 60, by_day=False)
    s.answer_relief("同意，抓紧联系，按新时限办结。")


def got_no_more(s: Story) -> None:
    signed(s)
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(5, 8))
    s.ask_relief("extension", **MORE)
    s.pass_time(20, 120, by_day=False)
    s.answer_relief("人手可以调配，请按原时限办结。", yes=False)


def asks_to_be_left_out(s: Story) -> None:
    """An exclusion waits for the supervisor."""
    signed(s)
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(0.5, 4))
    s.ask_relief(
        "exclusion",
        ground="beyond_district",
        reason="产权单位不在本区，已书面报送市级主管部门协调。",
        measure="已设警示标识，安排专人巡查。",
    )


def works(s: Story) -> None:
    """Signed and at work; one in four was given more time."""
    s.chance.choice((signed, signed, signed, got_more))(s)


def nearly_due(s: Story) -> None:
    """The deadline is near: some ask to be let off, some were not."""
    s.chance.choice((signed, asks_for_more, got_no_more, asks_to_be_left_out))(s)


MORE = {
    "ground": "materials",
    "reason": "所需配件要从外地调货，预计后天到。",
    "measure": "已临时围护，不影响通行。",
}


def asked(s: Story) -> None:
    s.pass_time(5, 25, by_day=False)
    s.do("ask", question="请说一下具体在哪一户附近，什么时候最明显？", channel="phone")


def asked_at_work(s: Story) -> None:
    signed(s)
    s.pass_time(10, 40, by_day=False)
    s.do("ask", question="请提供一张现场照片或准确位置。", channel="phone")


def self_handled(s: Story) -> None:
    s.pass_time(5, 60, by_day=False)
    s.do("accept", item=s.text.item)
    s.pass_time(5, 40, by_day=False)
    s.do("start")


def resolved(s: Story) -> None:
    """Just done; whoever has to check or to tell has not done so yet."""
    signed(s)
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(0.4, 5))
    s.do("resolve", result=s.text.result)


def reworked(s: Story) -> None:
    signed(s)
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(5, 9))
    s.do("resolve", result=s.text.result)
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(0.5, 3))
    s.do("rework", reason="现场还剩一处没有处理，照片里看不到。")


def reworked_and_done(s: Story) -> None:
    s.to_department()
    s.sign()
    s.go_to("resolve", 0.2, 0.45)
    s.do("resolve", result=s.text.result)
    s.pass_time(60, 400)
    s.do("rework", reason="回头看时又出现了，未根治。")
    s.resolve()
    s.finish()


def reopened(s: Story) -> None:
    s.to_department()
    s.sign()
    s.resolve()
    s.finish()
    s.at = max(s.at + MINUTE, s.now - HOUR * s.chance.uniform(2, 20))
    s.do("reopen", reason="反映人来电说问题又出现了。")


def rejected(s: Story) -> None:
    s.to_street()
    s.pass_time(10, 120)
    s.do("reject", ground="repeated", instead="请查阅上次书面答复；不服可到区信访局申请复查。", told=True)


def withdrawn(s: Story) -> None:
    s.to_street()
    s.pass_time(20, 200)
    s.note("contact", channel="phone", text="反映人说已经自行解决。", reached=True)
    s.pass_time(5, 30)
    s.do("withdraw", reason="反映人来电撤回，问题已自行解决。")


def runs_its_course(s: Story) -> None:
    """What happens to most calls: settled on the spot, by the committee, or by a unit; one in eleven late."""
    late = s.chance.random() < 0.09
    if s.case.level in ("grid", "community") and s.chance.random() < 0.75:
        if (s.case.level == "grid" and s.chance.random() < 0.7) or s.chance.random() < 0.25:
            s.go_to("accept", 0.05, 0.7)
            s.do("settle", item=s.text.item, result=s.text.result)
        else:
            s.accept()
            s.pass_time(5, 90)
            s.do("start")
            s.resolve(late=late)
    elif s.chance.random() < 0.06:
        goes_to_district(s)
        s.accept()
        s.send()
        s.sign()
        s.resolve(late=late)
    else:
        s.to_street()
        if late and s.chance.random() < 0.4:
            s.go_to("accept", 1.05, 1.5)
        s.accept()
        s.send()
        s.sign()
        s.resolve(late=late)
    s.finish()


GV24 = lead("GV24")
TWIN = "twin"  # told twice: two calls of one matter, the later merged into the elder

RECIPES = (
    Recipe("desk", 6, "street", (0.3, 15), waits, level("street")),
    Recipe("desk_without_item", 2, "street", (0.3, 8), waits, without_item=True),
    Recipe("desk_late", 2, "street", (26, 56), waits, level("street")),
    Recipe("slow", 5, "street", (28, 70), slow, usual_limit(GV24)),
    Recipe("desk_escalated", 3, "street", (2, 12), goes_up, level("grid", "community")),
    Recipe("district", 3, "street", (3, 15), goes_to_district, level("street")),
    Recipe("committee", 4, "home", (0.3, 12), waits, level("grid", "community")),
    Recipe("elsewhere", 8, "else", (0.3, 14), waits),
    Recipe("to_dispatch", 3, "street", (1, 8), accepted, level("street")),
    Recipe("returned", 2, "street", (4, 9), declined, with_caller(GV24)),
    Recipe("to_sign", 7, "street", (1.5, 4), sent, GV24),
    Recipe("in_hand", 8, "street", (4, 30), works, usual_limit(GV24)),
    Recipe("nearly_due", 4, "street", (39.5, 46.5), nearly_due, usual_limit(GV24)),
    Recipe("overdue", 3, "street", (50, 90), signed, usual_limit(GV24)),
    Recipe("on_hold", 2, "street", (30, 46), held, usual_limit(GV24)),
    Recipe(
        "asked_by_department",
        1,
        "street",
        (3, 6),
        asked_at_work,
        with_caller(usual_limit(GV24)),
        reachable=True,
    ),
    Recipe("squad", 5, "street", (3, 40), signed, lead("TS02")),
    Recipe("cleaners", 5, "street", (3, 40), to("IN02"), lead("IN02")),
    Recipe("to_supply", 2, "grid", (1, 5), asked, with_caller(calm), by="wangge", reachable=True),
    Recipe("to_verify", 3, "grid", (12, 30), resolved, on_patrol(GV24), by="wangge"),
    Recipe("to_tell", 3, "grid", (12, 30), resolved, with_caller(usual_limit(GV24)), by="wangge"),
    Recipe("self_handled", 3, "home", (3, 40), self_handled, level("grid", "community")),
    Recipe("resolved", 8, "any", (14, 40), resolved, usual_limit(level("street"))),
    Recipe("rework", 3, "street", (16, 40), reworked, usual_limit(GV24)),
    Recipe("reworked", 6, "any", (150, 700), reworked_and_done, usual_limit(level("street"))),
    Recipe("redispatched", 9, "any", (150, 700), declined_and_done, with_caller(GV24)),
    Recipe("reopened", 2, "street", (200, 500), reopened, with_caller(usual_limit(GV24))),
    Recipe("rejected", 6, "any", (30, 700), rejected, with_caller(level("street"))),
    Recipe("withdrawn", 3, "any", (30, 700), withdrawn, with_caller(level("street"))),
    Recipe(TWIN, 2, "street", (6, 12), waits, with_caller(level("street"))),
    Recipe("elsewhere_assigned", 4, "else", (1.5, 4), sent, level("street")),
    Recipe("elsewhere_in_hand", 12, "else", (4, 44), signed, usual_limit(level("street"))),
    Recipe("elsewhere_on_hold", 1, "else", (30, 46), held, usual_limit(level("street"))),
    Recipe("answered", 16, "any", (60, 105), runs_its_course, with_caller(any_text)),
)
COURSE = Recipe("course", 0, "any", (110, 718), runs_its_course)


def counted(calls: int) -> list[Recipe]:
    """One recipe per call: each in its share, at least once while there is room, the rest by the usual course."""
    told: list[Recipe] = []
    for recipe in RECIPES:
        told += [recipe] * max(1, round(recipe.n * calls / 400))
    if len(told) > calls:
        once = list(RECIPES)
        told = once[:calls]
    return told + [COURSE] * (calls - len(told))
