"""A publication's own page: what changed, as far as it concerns the reader; and what waits, seen by other admins."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Notice
from grid import drafts
from grid.models import Draft, Place
from ledger import clock, post
from parties import commands
from parties.models import Organisation, UnitDraft
from tests import town as people
from tests.clients import Api, statements
from tests.pages import Reader
from tests.town import COMMUNITY, COMMUNITY_2, GRID, GRID_3, OTHER_GRID

SQUAD = "GV24"
DAY = clock.today() + dt.timedelta(days=3)


def published(*several, model=Draft, day=None, author="admin"):
    by, at = people.actor(author), clock.now()
    made = drafts.open_draft(by=by, at=at, basis="任政〔2026〕9号", effective_on=day, model=model)
    for command, args in several:
        made = drafts.add(made, command=command, args=args, by=by, at=at)
    return drafts.publish(made, by=by, at=at)


RENAMES = (
    ("rename", {"place": GRID_3, "name": "三号新网格"}),
    ("rename", {"place": GRID, "name": "一号新网格"}),
    ("rename", {"place": OTHER_GRID, "name": "喻屯新网格"}),
)


def departments() -> list[Organisation]:
    """Three others, none below another."""
    rows = Organisation.objects.filter(kind="department", retired_at=None).exclude(code=SQUAD)
    return list(rows.order_by("pk")[:3])


def told(username: str) -> Notice:
    post.deliver_pending()
    return Notice.objects.get(event="draft.published", account=people.account(username))


class TestNotice:
    def test_names_ones_own_ground_first_whatever_stands_first_in_the_publication(self, town):
        published(*RENAMES)
        assert told("wangge").facts["names"][0] == "一号新网格"
        assert told("linju").facts["names"][0] == "喻屯新网格"
        assert told("shequ").facts["names"][0] == "一号新网格"
        assert told("wangge").facts["count"] == 3

    def test_of_a_large_one_too(self, town):
        extra = [("open", {"kind": "grid", "name": f"新{n}", "parent": COMMUNITY_2}) for n in range(9)]
        published(*extra, RENAMES[1])
        assert told("wangge").facts["names"][0] == "一号新网格" and told("wangge").facts["count"] == 10

    def test_who_stands_above_and_the_streets_desk_hear_and_the_districts_does_not(self, town):
        published(RENAMES[1])
        assert told("shequ").facts == told("jiedao").facts == told("zhiban").facts
        elsewhere = ["quji", "ducha", "linju", "wangge2", "bumen"]
        assert not Notice.objects.filter(account__username__in=elsewhere).exists()

    def test_whom_a_grid_has_left_hears_of_it(self, town):
        published(("move", {"place": GRID, "parent": COMMUNITY_2}))
        assert told("shequ").facts["names"] == ["第一网格"]

    def test_it_leads_to_the_publication(self, town):
        made = published(*RENAMES)
        notice = told("wangge")
        reader = Reader("wangge").open(f"/notices/{notice.pk}/")
        assert reader.path == f"/tree/published/{made.pk}/" and reader.status == 200
        assert reader.says("第一网格 → 一号新网格", "任政〔2026〕9号", "另有 2 处改动在您的范围之外")
        assert not reader.says("三号新网格") and not reader.says("撤回这次发布")

    def test_of_units_each_reads_of_their_own_first(self, town):
        others = [org.code for org in departments()]
        published(
            *[("rename", {"unit": code, "name": f"新{code}"}) for code in others],
            ("rename", {"unit": SQUAD, "name": "执法新局"}),
            model=UnitDraft,
        )
        post.deliver_pending()
        notice = Notice.objects.get(event="unit_draft.published", account=people.account("bumen"))
        assert notice.facts["names"][0] == "执法新局" and notice.facts["count"] == len(others) + 1
        reader = Reader("bumen").open(f"/notices/{notice.pk}/")
        assert reader.path.startswith("/organisations/published/") and reader.says("→ 执法新局")
        assert not any(reader.says(f"新{code}") for code in others)


class TestPage:
    def test_a_stranger_finds_nothing_there_and_admins_find_all_with_its_undo(self, town):
        made = published(RENAMES[1])
        path = f"/tree/published/{made.pk}/"
        assert Reader("linju").open(path).status == 404
        assert Reader("bumen").open(path).status == 404  # posted to a unit, not to the ground
        assert Reader("shenji").open(path).says("一号新网格")
        assert Reader("admin").open(path).says("第一网格 → 一号新网格", "撤回这次发布")
        assert Reader("admin").open("/tree/published/99999/").status == 404

    def test_a_draft_that_is_open_or_was_given_up_has_none(self, town):
        by, at = people.actor("admin"), clock.now()
        made = drafts.open_draft(by=by, at=at)
        made = drafts.add(made, command="rename", args={"place": GRID, "name": "甲"}, by=by, at=at)
        for _state in ("open", "discarded"):
            assert Reader("admin").open(f"/tree/published/{made.pk}/").status == 404
            if made.status == "open":
                made = drafts.discard(made, by=by, at=at)

    def test_what_an_undo_changed_is_said_too(self, town):
        undone = drafts.undo(published(RENAMES[1]), by=people.actor("admin"), at=clock.now(), basis="更正")
        assert (
            Reader("shequ")
            .open(f"/tree/published/{undone.pk}/")
            .says("一号新网格 → 第一网格", "撤回以前的一次发布")
        )

    def test_the_same_by_the_interface(self, town):
        made = published(*RENAMES)
        one = Api("wangge").get(f"drafts/{made.pk}/").json()
        assert [step["args"]["name"] for step in one["steps"]] == ["一号新网格"] and one["elsewhere"] == 2
        assert Api("bumen").get(f"drafts/{made.pk}/").status_code == 403
        assert Api("admin").get(f"drafts/{made.pk}/").json()["elsewhere"] == 0

    def test_a_list_of_many_costs_no_more_than_of_few(self, town):
        def cost() -> int:
            reader = Reader("admin").open("/tree/published/")  # what is read once after a change is read
            with statements() as sent:
                assert reader.open("/tree/published/").status == 200
            return len(sent)

        for name in "甲乙":
            published(("rename", {"place": GRID, "name": name}))
        few = cost()
        for name in "丙丁戊己":
            published(("rename", {"place": GRID, "name": name}))
        assert cost() == few
        assert Reader("admin").open("/tree/published/").says("戊 → 己", "第一网格 → 甲")


class TestWaiting:
    """Another admin looks after the same street."""

    @pytest.fixture
    def colleague(self, town):
        return people.account("lingdao")

    @pytest.fixture
    def scheduled(self, town, colleague):
        made = published(
            ("rename", {"place": COMMUNITY, "name": "新前铺社区"}),
            ("merge", {"places": [COMMUNITY_2], "target": COMMUNITY}),
            day=DAY,
        )
        Draft.objects.filter(pk=made.pk).update(author_id=colleague.pk)
        return made

    def test_on_the_panel_of_what_it_touches_and_below_what_it_takes_along(self, scheduled, colleague):
        reader = Reader("admin").open(f"/tree/{COMMUNITY}/")
        assert reader.says(f"{DAY} 零点待生效", colleague.person.name, "前铺社区 → 新前铺社区")
        below = Reader("admin").open(f"/tree/{GRID_3}/")
        assert below.says(f"{DAY} 零点待生效", "琵琶山社区 → ") and not below.says("新前铺社区")
        assert not Reader("admin").open(f"/tree/{OTHER_GRID}/").says("零点待生效")

    def test_on_the_check_page_of_a_draft_that_touches_the_same(self, scheduled, colleague):
        by, at = people.actor("admin"), clock.now()
        made = drafts.open_draft(by=by, at=at)
        made = drafts.add(made, command="recode", args={"place": COMMUNITY, "code": "C-9"}, by=by, at=at)
        assert Reader("admin").open("/tree/draft/").says("先生效的会改变后一份的依据", colleague.person.name)
        beside = Api("admin").get(f"drafts/{made.pk}/check/").json()
        assert [one["draft"] for one in beside["waiting"]] == [scheduled.pk] and beside["publishable"]
        drafts.drop(made, 1, by=by, at=at)
        drafts.add(made, command="rename", args={"place": OTHER_GRID, "name": "别处"}, by=by, at=at)
        assert not Reader("admin").open("/tree/draft/").says("先生效的会改变后一份的依据")

    def test_in_the_list_and_on_its_own_page(self, scheduled, colleague):
        reader = Reader("admin").open("/tree/published/")
        assert reader.says("待生效", f"{DAY} 零点待生效", colleague.person.name)
        assert not reader.says("收回，先不生效")  # somebody else's
        assert Reader("admin").open(f"/tree/published/{scheduled.pk}/").says("新前铺社区")
        listed = Api("admin").get("drafts/?status=scheduled").json()["results"]
        assert [one["id"] for one in listed] == [scheduled.pk]
        assert Place.objects.get(code=COMMUNITY).name == "前铺社区"

    def test_what_is_scheduled_of_units(self, town, colleague):
        made = published(("rename", {"unit": SQUAD, "name": "执法新局"}), model=UnitDraft, day=DAY)
        UnitDraft.objects.filter(pk=made.pk).update(author_id=colleague.pk)
        assert Reader("admin").open(f"/organisations/{SQUAD}/").says(f"{DAY} 零点待生效", "执法新局")
        assert Reader("admin").open("/organisations/published/").says("待生效", colleague.person.name)
        assert not Reader("jiedao").open(f"/organisations/{SQUAD}/").says("零点待生效")


def test_published_units_are_listed_for_every_admin_of_them(town):
    """Of one root, and of several at once."""
    one = published(("rename", {"unit": SQUAD, "name": "执法新局"}), model=UnitDraft)
    by, at = people.SYSTEM, clock.now()
    alone = commands.open_organisation(by=by, at=at, code="DL-1", name="独立单位", kind="department")
    roots = [*departments()[:1], alone]
    assert len({org.path.split("/")[1] for org in roots}) == 2
    both = published(
        *[("rename", {"unit": org.code, "name": f"新{org.code}"}) for org in roots], model=UnitDraft
    )
    UnitDraft.objects.update(author_id=people.account("lingdao").pk)
    reader = Reader("admin").open("/organisations/published/")
    assert reader.says("→ 执法新局", *[f"新{org.code}" for org in roots])
    listed = {row["id"] for row in Api("admin").get("unit-drafts/?status=published").json()["results"]}
    assert listed == {one.pk, both.pk}
