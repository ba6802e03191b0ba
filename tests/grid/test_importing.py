import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.home import PROJECT
from grid import importing, sheet_plan, sheets
from grid.errors import Unreadable
from grid.models import Place, PlaceName
from grid.sheet_plan import MOVE, OPEN, RENAME, SAME
from grid.sheets import Row
from ledger import reading
from ledger.models import Entry
from tests.grid.ground import AT, SYSTEM, assert_sound, clerk

HEAD = "code,name,parent_code,level\n"


def load(text: str, **how):
    return importing.load(sheets.read_text(HEAD + text), **{"by": SYSTEM, "at": AT} | how)


def shape() -> list[tuple]:
    fields = ("code", "name", "path", "lft", "rght", "level", "tree_id", "version", "chain_head")
    return list(Place.objects.order_by("pk").values_list(*fields))


def test_the_district_and_again_without_a_change(db):
    rows = sheets.shipped("rencheng")
    report = importing.load(rows, by=SYSTEM, at=AT)
    assert (report.count(OPEN), report.count(SAME), len(rows)) == (460, 0, 460)
    assert_sound()
    before, entries = shape(), Entry.objects.count()
    again = importing.load(rows, by=SYSTEM, at=AT)
    assert (again.count(SAME), again.is_change) == (460, False)
    assert (shape(), Entry.objects.count()) == (before, entries)
    assert Place.objects.get(code="370811401").kind == "street"  # the statistical tree is kept as it is


def test_statements_do_not_grow_with_rows(db):
    rows = sheets.shipped("rencheng")

    def statements(chosen) -> int:
        with CaptureQueriesContext(connection) as queries:
            importing.load(chosen, by=SYSTEM, at=AT)
        return len(queries)

    some = statements(importing.only_under(rows, "370811015"))
    assert statements(rows) <= some + 6 <= 26  # the second one also shifts the tree that stood


def test_each_opened_place_has_its_chain(db):
    importing.load(importing.only_under(sheets.shipped("rencheng"), "370811015"), by=SYSTEM, at=AT)
    place = Place.objects.get(code="370811015001")
    (entry,) = reading.timeline("place", place.pk)
    assert (place.chain_head, place.chain_length, entry.path) == (entry.hash, 1, place.path)


def test_new_places_join_trees_that_stand(ground):
    report = load(
        "370811015001002001,2号楼,370811015001002,building\n"
        "370811015009,新社区,370811015,community\n"
        "370811015009001,新网格,370811015009,网格\n"
    )
    assert report.count(OPEN) == 3
    assert_sound()
    assert PlaceName.objects.filter(place__code="370811015001002001", kind="qr").exists()
    opened = ground.open("grid", "手开", "370811015009")
    assert opened.code == "370811015009002"
    assert_sound()


def test_children_may_stand_before_their_parents(db):
    load("370811015,乙街道,370811,street\n370811,甲区,3708,district\n3708,丙市,,city\n")
    assert_sound()
    assert Place.objects.get(code="370811015").superior.code == "370811"


def test_rename_and_move_by_sheet(ground):
    report = load(
        "370811015001,前铺新社区,370811111,community\n370811015002,琵琶山社区居民委员会,,community\n"
    )
    assert [effect.does for effect in report.effects] == [RENAME, MOVE, SAME]
    place = ground["370811015001"]
    assert (place.name, place.parent.code) == ("前铺新社区", "370811111")
    assert_sound()


BAD = (
    "37,山东省,,province\n"  # 2: stands, the same
    "AB!,甲,370811,street\n"  # 3: malformed
    "370811016,乙,370811,街道\n"  # 4: fine
    "370811016,乙,370811,street\n"  # 5: twice
    "370811017,,370811,street\n"  # 6: no name
    "370811018,丙,999999,street\n"  # 7: no such parent
    "370811016001,丁,370811016,planet\n"  # 8: no such kind
    "370811016002,戊,370811,community\n"  # 9: may not sit there
    "370811015,观音阁街道,370811,community\n"  # 10: stands as another kind
    "370811019,己,,street\n"  # 11: needs one above
)


def test_a_dry_run_names_every_bad_row_and_writes_nothing(ground):
    before = shape()
    report = load(BAD, dry_run=True)
    assert sorted({number for number, _sentence in report.problems}) == [3, 5, 6, 7, 8, 9, 10, 11]
    assert all(sentence for _number, sentence in report.problems)
    assert [(e.row.number, e.does) for e in report.effects] == [(2, SAME), (4, OPEN)]
    assert shape() == before


def test_one_bad_row_and_nothing_is_loaded(ground):
    before = shape()
    with pytest.raises(Unreadable) as refusal:
        load(BAD)
    assert len({number for number, _sentence in refusal.value.problems}) == 8
    assert shape() == before


def test_retired_places_and_old_codes_do_not_come_back(ground):
    ground.retire("370811015002")
    PlaceName.objects.create(place=ground["370811015"], kind="code", value="370811015077")
    report = load(
        "370811015002,琵琶山社区居民委员会,370811015,community\n370811015077,甲,370811015,community\n"
        "370811015002001,乙,370811015002,grid\n",
        dry_run=True,
    )
    assert [number for number, _ in report.problems] == [2, 3, 4]


def test_keeping_what_stands(ground):
    report = load("370811015001,别名,370811111,community\n370811015003,丙社区,370811015,社区\n", keep=True)
    assert [effect.does for effect in report.effects] == [SAME, OPEN]
    assert ground["370811015001"].name == "前铺社区居民委员会"


def test_only_under_takes_the_line_above_along():
    rows = importing.only_under(sheets.shipped("rencheng"), "370811011")
    assert {row.code for row in rows if len(row.code) < 9} == {"37", "3708", "370811"}
    assert {row.code[:9] for row in rows if len(row.code) >= 9} == {"370811011"}
    with pytest.raises(Unreadable):
        importing.only_under(rows, "999")


def test_progress_is_told(db):
    told = []
    rows = importing.only_under(sheets.shipped("rencheng"), "370811015")
    importing.load(rows, by=SYSTEM, at=AT, progress=lambda *step: told.append(step))
    assert {stage for stage, _done, _total in told} == {"check", "write"}
    assert told[-1] == ("write", len(rows), len(rows))


def test_the_whole_city_in_few_statements_and_again(db, django_assert_max_num_queries):
    """济宁市: 5,099 rows; the internal file is not shipped."""
    path = PROJECT.parent / "shared" / "data" / "admin_jining_city.csv.gz"
    if not path.exists():
        pytest.skip("the internal file of the whole city is not here")
    rows = sheets.read_file(path)
    assert len(rows) == 5099
    with django_assert_max_num_queries(30):
        report = importing.load(rows, by=SYSTEM, at=AT)
    assert report.count(sheet_plan.OPEN) == 5099
    assert_sound()
    assert Entry.objects.filter(event="place.opened").count() == 5099
    again = importing.load(rows, by=SYSTEM, at=AT)
    assert not again.is_change


def test_more_streets_than_locks(db, monkeypatch):
    rows = importing.only_under(sheets.shipped("rencheng"), "370811")
    importing.load(rows, by=SYSTEM, at=AT)
    monkeypatch.setattr(importing, "MOST_LOCKS", 3)
    more = [Row(2, "370811015099", "新社区", "community", "370811015"), *rows]
    assert importing.load(more, by=SYSTEM, at=AT).count(sheet_plan.OPEN) == 1
    assert_sound()


def test_somebody_changes_only_what_is_theirs(ground):
    by = clerk(ground["370811015"].path, "tree")
    rows = [
        Row(2, "370811015001", "改名社区", "community", "370811015"),
        Row(3, "370811111260", "别处改名", "community", "370811111"),
        Row(4, "370811111999", "别处新开", "community", "370811111"),
        Row(5, "38", "新省", "province"),
        Row(6, "370811015002", "琵琶山社区居民委员会", "community", "370811111"),
    ]
    report = importing.load(rows, by=by, at=AT, dry_run=True)
    assert [number for number, _words in report.problems] == [3, 4, 5, 6]
    assert importing.load(rows[:1], by=by, at=AT).count(sheet_plan.RENAME) == 1


def test_a_sheet_larger_than_the_tree_reads_it_once(ground, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    rows = [Row(n, f"3708110150{n}", f"社区{n}", "community", "370811015") for n in range(10, 60)]
    with django_assert_max_num_queries(10):
        assert importing.load(rows, by=SYSTEM, at=AT, dry_run=True).count(OPEN) == 50
    few = [Row(2, "370811015001", "前铺社区居民委员会", "community", "370811015"), *rows[:3]]
    report = importing.load(few, by=SYSTEM, at=AT, dry_run=True)
    assert (report.count(SAME), report.count(OPEN)) == (1, 3)


def test_nobody_counts_a_place_to_an_estate_of_another_street(ground):
    ground.open("estate", "谭口花园", "370811111260", code="370811111260701")
    by = clerk(ground["370811015"].path, "tree")
    head = "编码,名称,上级编码,类型,所属小区\n"
    for row in ("370811015001001001,,,building,", "370811015001001002,2号楼,370811015001001,building,"):
        name = "锦绣花园1号楼" if ",,," in row else None
        text = head + (row.replace(",,,", f",{name},370811015001001,") if name else row) + "370811111260701\n"
        with pytest.raises(Unreadable) as refusal:
            importing.load(sheets.read_text(text), by=by, at=AT)
        assert "不在您可以修改的范围内" in refusal.value.problems[0][1]
        assert importing.load(sheets.read_text(text), by=SYSTEM, at=AT, dry_run=True).problems == []
