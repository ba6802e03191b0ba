"""Photos and recordings in and out."""

from __future__ import annotations

import datetime as dt
import errno
import io
import struct
import zlib

import pytest
from PIL import Image

from cases import evidence, tasks
from cases.models import Attachment
from ledger import clock
from tests import builders, town
from tests.cases import sounds
from tests.clients import is_problem, jpeg


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (400, 300), **save) -> bytes:
    sheet = io.BytesIO()
    Image.new(mode, size, 120 if mode in ("L", "P") else "teal").save(sheet, kind, **save)
    return sheet.getvalue()


def kept(answer) -> tuple[Attachment, Image.Image]:
    assert answer.status_code == 201, answer.content.decode()
    row = Attachment.objects.get(pk=answer.json()["id"])
    return row, Image.open(io.BytesIO(evidence.path_of(row.file.name).read_bytes()))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("WEBP", "RGBA"),
        ("HEIF", "RGB"),
    ],
)
def test_every_kind_of_photo_becomes_a_jpeg(api, kind, mode):
    row, image = kept(api("wangge").upload(picture(kind, mode), "x.bin", "application/octet-stream"))
    assert (row.kind, row.mime, image.format, image.mode) == ("photo", "image/jpeg", "JPEG", "RGB")
    assert row.size == evidence.path_of(row.file.name).stat().st_size
    assert row.uploaded_by.username == "wangge" and row.case is None


def test_large_ones_are_made_small_and_turned_upright(api):
    exif = Image.Exif()
    exif[0x0112] = 6  # the phone was held upright
    exif[0x010F] = "PhoneMaker"
    exif[0x8825] = {1: "N", 2: (35.0, 24.0, 0.0)}
    row, image = kept(api("wangge").upload(jpeg(4000, 3000, exif=exif.tobytes(), comment=b"hello")))
    assert (row.width, row.height) == image.size == (1440, 1920)
    data = evidence.path_of(row.file.name).read_bytes()
    assert not image.getexif() and b"PhoneMaker" not in data and b"hello" not in data
    small = Image.open(io.BytesIO(evidence.path_of(row.thumbnail.name).read_bytes()))
    assert max(small.size) == 320 and small.size[0] < small.size[1]


def test_what_hangs_behind_a_photo_is_gone(api):
    row, _image = kept(api("wangge").upload(jpeg() + b"<script>alert(1)</script>PK\3\4"))
    data = evidence.path_of(row.file.name).read_bytes()
    assert b"script" not in data and b"PK\3\4" not in data


@pytest.mark.parametrize("mime", sounds.ALL)
def test_recordings_stay_as_they_came(api, mime):
    data = sounds.ALL[mime]()
    answer = api("wangge").upload(data, "voice.html", "text/html")
    assert answer.status_code == 201, answer.content.decode()
    row = Attachment.objects.get(pk=answer.json()["id"])
    assert (row.kind, row.mime) == ("voice", mime)
    assert evidence.path_of(row.file.name).read_bytes() == data
    got = api("wangge").get(f"attachments/{row.pk}/")
    assert b"".join(got.streaming_content) == data
    assert got["Content-Type"] == mime
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Disposition"].startswith("attachment;")
    assert "html" not in got["Content-Disposition"]
    assert "sandbox" in got["Content-Security-Policy"]


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 30,000 pixels wide and high."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(2000)))
        + chunk(b"IEND", b"")
    )


def mild_bomb() -> bytes:
    return bomb().replace(struct.pack(">II", 30000, 30000), struct.pack(">II", 9000, 9000))


REFUSED = {
    "empty": b"",
    "text": "这不是照片".encode(),
    "page": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "gif": picture("GIF", "P"),
    "cut": jpeg(1500, 1500, quality=95)[:4000],
    "cut png": picture("PNG", size=(900, 900))[:-400],
    "magic and page": b"\xff\xd8\xff\xe0<html><script>alert(1)</script>",
    "gif and script": b"GIF89a/*" + bytes(40) + b"*/=1;alert(1)",
    "program": b"MZ" + bytes(500),
    "archive": b"PK\3\4" + bytes(500),
    "pdf": b"%PDF-1.4\n" + bytes(500),
    "bomb": bomb(),
    "mild bomb": mild_bomb(),
    "wav and page": sounds.wav() + b"<html>",
    "mp3 and archive": sounds.mp3() + b"PK\3\4" + bytes(300),
    "film": sounds.m4a(b"vide"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_sentence(api, own_folder, name):
    problem = is_problem(api("wangge").upload(REFUSED[name], "a.jpg", "image/jpeg"), 422, "file")
    assert any("\u4e00" <= char <= "\u9fff" for char in problem["detail"])
    assert not Attachment.objects.exists()
    assert not [path for path in own_folder.rglob("*") if path.is_file()]


def test_too_large(api):
    data = jpeg() + bytes(20 * 1024 * 1024)
    is_problem(api("wangge").upload(data), 413)
    is_problem(api("wangge").upload(jpeg() + bytes(22 * 1024 * 1024)), 413)
    long = sounds.wav(seconds=400)
    assert len(long) > evidence.VOICE_AT_MOST
    is_problem(api("wangge").upload(long, "v.wav", "audio/wav"), 413)


def test_no_file(api):
    is_problem(api("wangge").client.post("/api/v1/attachments/", {}, headers=api("wangge").headers), 422)
    is_problem(api("wangge").post("attachments/", {"file": "x"}), 415)


def test_a_full_disk_leaves_nothing_half_done(api, own_folder, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(evidence.os, "fsync", full)
    is_problem(api("wangge").upload(jpeg()), 507)
    assert not Attachment.objects.exists()
    assert not [path for path in own_folder.rglob("*") if path.is_file()]


def test_sent_twice_under_one_key(api):
    first = api("wangge").upload(jpeg(), key="up-1")
    again = api("wangge").upload(jpeg(), key="up-1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() and Attachment.objects.count() == 1
    is_problem(api("wangge").upload(jpeg(colour="red"), key="up-1"), 422)
    assert api("wangge2").upload(jpeg(), key="up-1").json()["id"] != first.json()["id"]


# -- who may have it


def test_a_free_file_is_its_uploaders_only(api):
    pk = api("wangge").photo()
    assert api("wangge").get(f"attachments/{pk}/").status_code == 200
    for other in ("wangge2", "jiedao", "shenji", "admin"):
        is_problem(api(other).get(f"attachments/{pk}/"), 404)
    is_problem(api().get(f"attachments/{pk}/"), 401)


def test_a_cases_file_is_for_who_sees_the_case(api):
    pk = api("wangge").photo()
    case = api("wangge").call(item="0610", attachments=[pk]).json()["case"]
    for who in ("jiedao", "shequ", "lingdao", "quji", "shenji"):
        got = api(who).get(f"attachments/{pk}/")
        assert got.status_code == 200 and got["Content-Type"] == "image/jpeg"
        assert got["Content-Disposition"].startswith("inline;")
        assert "private" in got["Cache-Control"]
    for who in ("linju", "bumen"):
        is_problem(api(who).get(f"attachments/{pk}/"), 404)
    small = api("jiedao").get(f"attachments/{pk}/", {"size": "thumb"})
    assert len(b"".join(small.streaming_content)) < case["attachments"][0]["size"]


def test_files_of_a_confidential_case(api):
    pk = api("wangge").photo()
    api("wangge").call(item="0610", attachments=[pk], confidential=True)
    assert api("jiedao").get(f"attachments/{pk}/").status_code == 200
    is_problem(api("lingdao").get(f"attachments/{pk}/"), 403)
    is_problem(api("linju").get(f"attachments/{pk}/"), 404)


def test_nobody_elses_file_goes_into_a_case(api):
    pk = api("wangge").photo()
    is_problem(api("wangge2").call(attachments=[pk], place=town.GRID_2), 422, "attachments")
    assert api("wangge").call(attachments=[pk]).status_code == 201
    is_problem(api("wangge").call(attachments=[pk]), 422, "attachments")


def test_media_has_no_address(api, settings):
    row = Attachment.objects.get(pk=api("wangge").photo())
    for path in (f"/media/{row.file.name}", f"/{settings.MEDIA_URL.strip('/')}/{row.file.name}"):
        assert api("wangge").get(path).status_code == 404


def test_stretches_for_players(api):
    pk = api("wangge").upload(sounds.wav(), "v.wav", "audio/wav").json()["id"]
    whole = sounds.wav()
    part = api("wangge").get(f"attachments/{pk}/", Range="bytes=10-19")
    assert part.status_code == 206 and b"".join(part.streaming_content) == whole[10:20]
    assert part["Content-Range"] == f"bytes 10-19/{len(whole)}"
    tail = api("wangge").get(f"attachments/{pk}/", Range="bytes=-5")
    assert b"".join(tail.streaming_content) == whole[-5:]
    assert api("wangge").get(f"attachments/{pk}/", Range="bytes=999999-").status_code == 416
    etag = part["ETag"]
    assert api("wangge").get(f"attachments/{pk}/", **{"If-None-Match": etag}).status_code == 304


def test_a_lost_file_is_told(api):
    pk = builders.a_photo(town.actor("wangge"))
    is_problem(api("wangge").get(f"attachments/{pk}/"), 404)


def test_bad_ids(api):
    for pk in ("1", "not-an-id", "00000000-0000-0000-0000-000000000000", "../../etc/passwd"):
        is_problem(api("wangge").get(f"attachments/{pk}/"), 404)


def test_what_nothing_took_in_a_week_is_dropped(api, own_folder):
    """With its files; what a case took, what is younger, and what a round took stay."""
    worker = api("wangge")
    left, young, taken = (kept(worker.upload(jpeg(640 + n), "x.jpg", "image/jpeg"))[0] for n in range(3))
    files = sorted(path for path in own_folder.rglob("*") if path.is_file())
    assert len(files) == 6
    case = builders.a_case(attachments=[str(taken.pk)], by="wangge", when=clock.now())
    week = evidence.FREE_LASTS + dt.timedelta(minutes=1)
    Attachment.objects.filter(pk__in=(left.pk, taken.pk)).update(uploaded_at=clock.now() - week)
    assert tasks.forget_free_files() == 1 and tasks.forget_free_files() == 0
    assert set(Attachment.objects.values_list("pk", flat=True)) == {young.pk, taken.pk}
    gone = {path for path in files if not path.exists()}
    assert gone == {evidence.path_of(left.file.name), evidence.path_of(left.thumbnail.name)}
    assert case.attachments.get().pk == taken.pk
