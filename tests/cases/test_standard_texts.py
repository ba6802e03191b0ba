"""Standard texts: who keeps them, whom they are offered to, and what stands where a placeholder stood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import standard_texts
from cases.models.texts import StandardText
from cases.queries import standard_texts as queries
from cases.refusals import MoveRefused
from cases.sla.board import ClockBoard
from ledger.models import Entry
from tests import town as towns
from tests.builders import CALLER, a_case
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db
SENT = ("accept", "dispatch", "sign")


def write(by="fuzeren", **given) -> StandardText:
    said = {"organisation": "GV24", "title": "清洗完毕", "text": "{地点}的墙面已清洗。", **given}
    return standard_texts.write(by=towns.actor(by), at=towns.MONDAY, **said)


def offered(case, by="bumen", move="resolve") -> list[str]:
    rows = queries.offered(towns.actor(by), case, ClockBoard.load(case), move, towns.MONDAY)
    return [one["title"] for one in rows]


def refused(kind, **given) -> MoveRefused:
    with pytest.raises(MoveRefused) as found:
        write(**given)
    assert found.value.kind == kind
    return found.value


def test_the_placeholders_are_filled_and_the_caller_stays_out(town):
    case = a_case(through=SENT)
    holes = "|".join(f"{{{name}}}" for name in queries.PLACEHOLDERS)
    write(text=holes + "|{反映人}|{电话}")
    one = queries.offered(town.actor("bumen"), case, ClockBoard.load(case), "resolve", town.MONDAY)[0]
    unit, item, place, due, person, number, today, me, *rest = one["words"].split("|")
    assert (number, me, rest) == (case.number, "吴国栋", ["{反映人}", "{电话}"])
    assert "执法" in unit and item == "建筑外立面不洁" and place == case.place_text and due and person
    assert today == "11月23日" and CALLER["name"] not in one["words"] and CALLER["phone"] not in one["words"]


@given(st.text(), st.text(alphabet="{}单位我 ab"))
def test_filling_changes_nothing_but_the_holes(plain, mixed):
    values = dict.fromkeys(queries.PLACEHOLDERS, "{我}")
    assert queries.HOLE.search(plain) or queries.fill(plain, values) == plain
    assert queries.fill(mixed, values) == mixed.replace("{单位}", "{我}"), (
        "what was filled in is not filled again"
    )


def test_offered_where_they_fit_the_most_particular_first(town):
    case = a_case(through=SENT)
    write(title="各步", move="")
    write(by="admin", organisation="", title="全区")
    write(title="这一项", item="0610", move="resolve")
    write(title="别的一项", item="0301")
    write(title="别的一步", move="decline")
    assert offered(case) == ["这一项", "各步", "全区"]
    assert offered(case, by="huanwei") == ["全区"], "not another unit's"
    assert [row["title"] for row in Api("huanwei").get("texts/").json()] == ["全区"]


def test_a_units_own_by_its_head_and_everybodys_by_who_keeps_the_rules(town):
    for other in ({"by": "bumen"}, {"organisation": "IN02"}, {"organisation": ""}, {"by": "admin"}):
        refused("not_yours", **other)
    assert refused("not_ready", organisation="XX99", item="9999", move="take", title="", text="x" * 1001).fields.keys() == {
        "organisation", "item", "move", "title", "text",
    }  # fmt: skip
    assert not StandardText.objects.exists()


def test_the_words_stand_in_no_entry(town):
    row = write(text="只在这里")
    entry = Entry.objects.get(event="rules.text_written", subject_id=row.pk)
    assert entry.payload["unit"] == "GV24" and "只在这里" not in str(entry.payload)


def test_who_comes_second_is_refused_and_the_taken_back_is_offered_no_longer(town):
    case, row = a_case(through=SENT), write()
    write(pk=row.pk, version=1, text="改过的。")
    assert "刚被别人改过" in str(refused("stale", pk=row.pk, version=1).sentence)
    for version in (None, "", "x", True, "²", "9" * 5000, -1):
        refused("malformed", pk=row.pk, version=version)
    standard_texts.retire(pk=row.pk, version=2, by=town.actor("fuzeren"), at=town.MONDAY)
    assert offered(case) == [] and Api("fuzeren").get("texts/").json() == []


def test_markup_in_a_text_stays_words(town):
    case = a_case(through=SENT)
    row = write(title="<i>名</i>", text='<script>alert(1)</script>"{地点}')
    for path in (f"/cases/{case.number}/texts/resolve/", "/texts/"):
        reader = Reader("bumen").open(path)
        assert reader.status == 200 and "<script>alert" not in reader.text and "<i>名" not in reader.text
    form = Reader("bumen").open(f"/cases/{case.number}/moves/resolve/?text={row.pk}").form("moves/resolve")
    assert form.fields["result"] == [f'<script>alert(1)</script>"{case.place_text}']
    for pk in ("0", "x", "9" * 40):
        assert Reader("bumen").open(f"/cases/{case.number}/moves/resolve/?text={pk}").status == 200


def test_the_page_writes_changes_and_takes_back(town):
    reader = Reader("fuzeren").open("/texts/")
    reader.send("texts", organisation="GV24", title="到场", text="已到{地点}。")
    assert reader.status == 200 and reader.says("到场", "已存好")
    row = StandardText.objects.get()
    reader.open(f"/texts/?edit={row.pk}").send("texts", text="已到现场。")
    row.refresh_from_db()
    assert row.text == "已到现场。" and row.version == 2
    assert Reader("bumen").open(f"/texts/?edit={row.pk}").status == 404
    reader.open(f"/texts/?edit={row.pk}").send("texts", action="retire")
    assert reader.says("不再使用") and StandardText.objects.get().retired_at is not None
