"""Two at one case: the second reads what the first did, and keeps what was typed."""

from __future__ import annotations

import pytest

from cases.queries import since, story
from tests.builders import a_case, a_fact, a_move
from tests.cases.walking import MINUTE, fresh
from tests.pages import Reader

pytestmark = pytest.mark.django_db
SENT = ("accept", "dispatch", "sign")


def test_the_loser_reads_what_was_done_and_by_whom_and_keeps_the_words(town):
    case = a_case("assigned")
    reader = Reader("bumen").open(f"/cases/{case.number}/")
    form = reader.form("moves/decline")
    a_move(case, "sign", by="bumen2", when=case.last_at + MINUTE)
    reader.send(form, ground="not_our_duty", organisation="GV25", text="这处归水务管。")
    assert reader.status == 409 and reader.says("签收", "梁超"), reader.words
    assert fresh(case).status == "in_hand"


def test_what_was_typed_comes_back_in_the_same_form_with_the_new_version(town):
    case = a_case(through=SENT)
    reader = Reader("bumen").open(f"/cases/{case.number}/")
    form = reader.form("moves/resolve")
    a_fact(case, "urgency", by="jiedao", urgency="urgent", reason="临近学校。")
    reader.send(form, result="已清洗墙面，<b>没有</b>残留。")
    assert reader.status == 409 and reader.says("刘志强")
    again = reader.form("moves/resolve")
    assert again.fields["result"] == ["已清洗墙面，<b>没有</b>残留。"]
    assert again.fields["version"] == [str(fresh(case).version)] and "<b>没有</b>残留" not in reader.text


def test_only_what_came_after_that_version(town):
    case = a_case("assigned")
    before = case.version
    case = a_move(case, "sign", by="bumen2", when=case.last_at + MINUTE)
    case = a_fact(case, "note", by="bumen2", text="到现场看过。")
    told = since.told(town.actor("bumen"), case, str(before))
    assert [one["who"] for one in told] == ["梁超", "梁超"] and told[0]["quote"] == "到现场看过。"
    assert since.told(town.actor("bumen"), case, str(case.version)) == []
    everything = since.after(story.read(case), 99)
    assert next(entry.event for entry in everything) == "case.received"
    assert not [entry for entry in everything if entry.event.startswith("clock.")]


@pytest.mark.parametrize("version", ["", "x", "-1", "²", "9" * 30, "1.5"])
def test_a_version_nobody_can_read_tells_nothing(town, version):
    assert since.told(town.actor("bumen"), a_case(through=SENT), version) == []
