"""GeoJSON files of many boundaries: matched by code or name, set together or not at all."""

import json

import pytest
from django.core.management import CommandError, call_command

from grid import boundaries, boundary_files
from grid.errors import Unreadable
from tests.grid.ground import AT, SYSTEM
from tests.grid.test_boundaries import bound, square


def feature(area, **said) -> dict:
    return {"type": "Feature", "properties": said, "geometry": area}


def file(*features) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_by_code_and_by_name(ground, django_assert_max_num_queries):
    content = file(
        feature(square(116.6, 35.4), code="370811015001001"),
        feature(square(116.61, 35.4), name="前铺第二网格"),
        feature(square(116.6, 35.4, 0.02), name="前铺社区"),
    )
    with django_assert_max_num_queries(3):
        features = boundary_files.read(content)
    assert [one.place.code for one in features] == ["370811015001001", "370811015001002", "370811015001"]
    boundary_files.load(features, by=SYSTEM, at=AT, dry_run=True)
    assert ground["370811015001"].boundary is None
    boundary_files.load(boundary_files.read(content), by=SYSTEM, at=AT)
    assert ground["370811015001"].west == 116.6
    again = boundary_files.load(boundary_files.read(content), by=SYSTEM, at=AT)
    assert all(one.same for one in again)
    assert ground["370811015001"].version == 2


def test_every_problem_is_told_and_nothing_set(ground):
    ground.open("grid", "前铺第一网格", "370811111260", code="370811111260009")
    features = boundary_files.read(
        file(
            feature(square(116.6, 35.4), code="370811015001001"),
            feature(square(116.6, 35.4), name="前铺第一网格"),
            feature(square(116.6, 35.4), name="无此处"),
            feature(None, code="370811015001002"),
            feature({"type": "Point", "coordinates": [1, 2]}, code="370811015002"),
            feature(square(1, 2)),
            feature(square(116.6, 35.4), code="370811015001001"),
        )
    )
    with pytest.raises(Unreadable) as refused:
        boundary_files.load(features, by=SYSTEM, at=AT)
    assert [number for number, _words in refused.value.problems] == [2, 3, 4, 5, 6, 7]
    assert ground["370811015001001"].boundary is None


def test_overlaps_within_the_file_are_told(ground):
    features = boundary_files.read(
        file(
            feature(square(116.6, 35.4), code="370811015001001"),
            feature(square(116.605, 35.4), code="370811015001002"),
        )
    )
    boundary_files.load(features, by=SYSTEM, at=AT, dry_run=True)
    assert [len(one.notes) for one in features] == [0, 1]


@pytest.mark.parametrize("content", [b"\xff", b"{", b"[]", b'{"type":"FeatureCollection"}', b"[" * 100_000])
def test_what_is_no_such_file_is_refused(db, content):
    with pytest.raises(Unreadable):
        boundary_files.read(content)


def test_what_goes_out_comes_back_without_a_change(ground, tmp_path):
    bound(ground, "370811015001001", square(116.6, 35.4))
    bound(ground, "370811015001", square(116.6, 35.4, 0.03))
    content = b"".join(boundaries.pieces())
    features = boundary_files.load(boundary_files.read(content), by=SYSTEM, at=AT)
    assert len(features) == 2 and all(one.same for one in features)
    path = tmp_path / "x.geojson"
    call_command("export_boundaries", str(path), root="370811015")
    call_command("import_boundaries", str(path), "--dry-run")
    path.write_bytes(file(feature(square(1, 2), code="999")))
    with pytest.raises(CommandError):
        call_command("import_boundaries", str(path))
