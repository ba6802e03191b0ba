"""Notes: for colleagues or for the caller, and who is named in them by @."""

from __future__ import annotations

import pytest

from cases import mentions
from cases.mentions import Colleague
from cases.models import Case
from cases.notices import kinds, recipients
from cases.queries import track
from ledger import clock
from ledger.models import Entry
from tests.builders import a_case, a_fact
from tests.cases.walking import fact_refused, fresh
from tests.pages import Reader

pytestmark = pytest.mark.django_db
SENT = ("accept", "dispatch", "sign")
SECRET, PROGRESS = "此人多次投诉，注意方式。", "已联系施工队，明天上午到。"


def page_of(case) -> str:
    return str(track.result(case.calls.get(), clock.now()))


def last(case) -> Entry:
    return Entry.objects.filter(subject_kind="case", subject_id=case.pk).latest("seq")


def told(case) -> set[int]:
    return recipients.of(last(case), fresh(case))


def test_an_internal_note_never_reaches_the_caller(town):
    case = a_fact(a_case(through=SENT), "note", by="bumen", text=SECRET)
    case = a_fact(case, "note", by="bumen", text="也不对外。", public=False)
    case = a_fact(case, "note", by="bumen", text=PROGRESS, public=True)
    shown = page_of(case)
    assert SECRET not in shown and "也不对外" not in shown
    assert PROGRESS in shown and "办理进展" in shown and "吴国栋" not in shown
    assert "public" not in Entry.objects.filter(event="case.noted").earliest("seq").payload


def test_on_the_page_the_reader_ticks_and_the_timeline_says_who_reads_it(town):
    case = a_case(through=SENT)
    reader = Reader("bumen").open(f"/cases/{case.number}/")
    reader.send("move-note", text=PROGRESS, public="1")
    assert reader.status == 200 and reader.says("进展（反映人可见）", PROGRESS)
    reader.send("move-note", text=SECRET)
    assert PROGRESS in page_of(case) and SECRET not in page_of(case)


def test_who_took_the_call_may_tell_the_caller_and_nobody_where_none_waits(town):
    case = a_case(through=SENT)
    assert PROGRESS in page_of(a_fact(case, "note", by="wangge", text=PROGRESS, public=True))
    Case.objects.filter(pk=case.pk).update(origin="patrol")
    for who in ("bumen", "wangge"):
        fact_refused("not_yours", fresh(case), "note", by=who, text="再说一句。", public=True)
    assert "public" not in Reader("bumen").open(f"/cases/{case.number}/").form("move-note").choices


def test_who_is_named_is_told_and_nobody_else(town):
    case = a_fact(a_case(through=SENT), "note", by="jiedao", text="@梁超 请看一下，@nobody 也是")
    named = town.account("bumen2").pk
    assert last(case).payload["mentions"] == [named] and told(case) == {named}
    assert kinds.kind_of("case.noted") == "mentioned"
    assert told(a_fact(case, "note", by="jiedao", text="没有点名。")) == set()


def test_never_who_the_case_is_about(town):
    case = a_case(through=SENT)
    accused = town.account("bumen2").pk
    Case.objects.filter(pk=case.pk).update(about_account_id=accused)
    people = mentions.colleagues(fresh(case), town.actor("jiedao"), clock.now())
    assert accused not in {one.account for one in people} and people
    case = a_fact(fresh(case), "note", by="jiedao", text="@梁超 @bumen2")
    assert "mentions" not in last(case).payload and told(case) == set()


def test_never_who_does_not_see_the_case(town):
    case = a_fact(a_case(through=SENT), "note", by="jiedao", text="@邱大勇 @linju @许保平")
    assert "mentions" not in last(case).payload and told(case) == set()


def test_no_colleague_is_named_to_the_caller(town):
    case = a_case(through=SENT)
    words = fact_refused("not_ready", case, "note", by="bumen", text="@梁超 明天去", public=True)
    assert "内部留言" in words
    assert PROGRESS in page_of(a_fact(case, "note", by="bumen", text=f"{PROGRESS} a@b.cn", public=True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@王敏 好", [1]), ("@王敏敏 好", [2]), ("@wang 好", [1]), ("@wangming", []), ("写信给 a@b.cn", []),
        ("@王敏@王敏敏", [1, 2]), ("王敏", []), ("@", []), ("@李", []), ("@李静", [3, 4]), ("@@王敏", [1]),
    ],
)  # fmt: skip
def test_the_longest_name_that_fits_is_meant(text, found):
    people = [Colleague(1, "王敏", "wang", ""), Colleague(2, "王敏敏", "minmin", ""),
              Colleague(3, "李静", "lijing", ""), Colleague(4, "李静", "lijing2", "")]  # fmt: skip
    assert mentions.named(text, people) == found
