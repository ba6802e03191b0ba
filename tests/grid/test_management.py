import pytest
from django.core.management import CommandError, call_command

from grid.models import Place
from tests.grid.ground import assert_sound

SHEET = "code,name,parent_code,level\n37,山东省,,province\n3708,济宁市,37,city\n"


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(SHEET, encoding="gb18030")
    return path


def test_import_twice(db, sheet, capsys):
    call_command("import_places", str(sheet), "--dry-run")
    assert Place.objects.count() == 0
    assert "第 2 行：新增 37 山东省" in capsys.readouterr().out
    call_command("import_places", str(sheet))
    call_command("import_places", str(sheet))
    assert "新增 0，更名 0，移动 0，改资料 0，不变 2" in capsys.readouterr().out
    assert Place.objects.count() == 2


def test_import_names_bad_rows(db, sheet, capsys):
    sheet.write_text(SHEET + "370811,任城区,9999,district\n")
    with pytest.raises(CommandError):
        call_command("import_places", str(sheet))
    assert "第 4 行" in capsys.readouterr().err
    assert Place.objects.count() == 0
    with pytest.raises(CommandError):
        call_command("import_places", str(sheet), "--dry-run")


def test_check_tree_exits_by_what_it_finds(ground, capsys):
    call_command("check_tree")
    assert "15" in capsys.readouterr().out
    Place.objects.filter(code="370811015001").update(path="/9/")
    with pytest.raises(SystemExit) as left:
        call_command("check_tree")
    assert left.value.code == 1 and "wrong_path" in capsys.readouterr().out
    call_command("check_tree", "--repair")
    assert_sound()
