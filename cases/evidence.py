"""Evidence: photos and voice, verified and stored before anything refers to them.

A photo is decoded and written anew, so nothing but its pixels survives; a recording is kept as it came and must
be one from the first byte to the last. Files lie under MEDIA_ROOT, which no URL serves. The file is on the disk
before its row is written; a file without a row is harmless and is swept later.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import io
import os
import threading
import uuid
import warnings
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from cases import voices
from cases.models.evidence import Attachment
from ledger import clock
from ledger.actor import Actor

register_heif_opener()

MB = 1024 * 1024
PHOTO_AT_MOST, VOICE_AT_MOST = 20 * MB, 5 * MB
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "MPO")  # MPO: a JPEG with further views, as some phones write it
# An ordinary JPEG is decoded at a fraction of its size, everything else as a whole.
PIXELS_AT_MOST, PIXELS_OF_JPEG_AT_MOST = 50_000_000, 120_000_000
LONGEST_SIDE, THUMBNAIL_SIDE = 1920, 320
QUALITY, THUMBNAIL_QUALITY = 85, 75
PHOTO_MIME = "image/jpeg"
SUFFIXES = {
    PHOTO_MIME: "jpg",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/amr-wb": "amr",
}
FREE_LASTS = dt.timedelta(days=7)  # what waited on a phone is taken within three (SPEC §10)
MOST_DROPPED = 10_000  # a night
FULL = (errno.ENOSPC, errno.EDQUOT)
# A few kilobytes may stand for fifty million pixels; a process unpacks one such picture at a time.
LARGE, UNPACKING = 12_000_000, threading.Lock()


class EvidenceRefused(Exception):
    """The file cannot be taken: `status` 413 (too large), 422 (not what it should be) or 507 (no room)."""

    def __init__(self, sentence: str, *, status: int = 422) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


@dataclass(frozen=True)
class Verified:
    """What is to be stored."""

    kind: str
    mime: str
    data: bytes
    thumbnail: bytes = b""
    width: int = 0
    height: int = 0


def store(*, by: Actor, at: dt.datetime, file: UploadedFile, key: str = "") -> Attachment:
    """Verify a file and keep it. With a key (of the request) the same file sent again is the same
    attachment. Raises EvidenceRefused."""
    verified = verify(file)
    digest = hashlib.sha256(verified.data).hexdigest()
    pk = uuid.uuid5(uuid.NAMESPACE_OID, f"{by.id}:{key}") if key else uuid.uuid4()
    if key and (known := Attachment.objects.filter(pk=pk).first()):
        return _same(known, digest)
    folder = f"evidence/{clock.local_date(at):%Y/%m/%d}"
    name = f"{folder}/{pk.hex}.{SUFFIXES[verified.mime]}"
    small = f"{folder}/{pk.hex}-small.jpg" if verified.thumbnail else ""
    _write(name, verified.data)
    if small:
        _write(small, verified.thumbnail)
    try:
        with transaction.atomic():
            return Attachment.objects.create(
                id=pk,
                kind=verified.kind,
                file=name,
                thumbnail=small,
                mime=verified.mime,
                size=len(verified.data),
                sha256=digest,
                width=verified.width,
                height=verified.height,
                uploaded_by_id=by.id,
                uploaded_at=at,
            )
    except IntegrityError:
        known = Attachment.objects.filter(pk=pk).first()
        if known is None:
            raise
        return _same(known, digest)


def _same(known: Attachment, digest: str) -> Attachment:
    if known.sha256 != digest:
        raise EvidenceRefused(_("这个幂等键已用于另一个文件，请换一个。"))
    return known


def forget_free(at: dt.datetime) -> int:
    """Drop what was handed in and nothing took in FREE_LASTS: forms that were never sent, posts that were refused. How
    many; the rest comes the next night."""
    free = Attachment.objects.filter(case=None, round=None, uploaded_at__lt=at - FREE_LASTS)
    dropped = 0
    for pk in list(free.values_list("pk", flat=True)[:MOST_DROPPED]):
        with transaction.atomic():
            file = free.select_for_update(skip_locked=True).filter(pk=pk).first()
            if file is None:
                continue  # taken this very moment
            names = [name for name in (file.file.name, file.thumbnail.name) if name]
            file.delete()
        for name in names:
            path_of(name).unlink(missing_ok=True)
        dropped += 1
    return dropped


# -- verifying


def verify(file: UploadedFile) -> Verified:
    """A photo or a voice recording by what the file is, whatever its name says. Raises EvidenceRefused."""
    size = file.size or 0
    if not size:
        raise EvidenceRefused(_("文件是空的，请重新选择。"))
    if size > PHOTO_AT_MOST:
        raise EvidenceRefused(_("文件太大：照片最大 20 MB，录音最大 5 MB。"), status=413)
    data = file.read()
    if not data:
        raise EvidenceRefused(_("文件是空的，请重新选择。"))
    try:
        mime = voices.recognise(data)
    except voices.NotAVoice:
        return _photo(data)
    if size > VOICE_AT_MOST:
        raise EvidenceRefused(_("录音太大：最大 5 MB，请分段录。"), status=413)
    return Verified("voice", mime, data)


def _photo(data: bytes) -> Verified:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is stricter
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _check_pixels(opened)
                if opened.format in ("JPEG", "MPO"):
                    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                large = opened.width * opened.height > LARGE
                with UNPACKING if large else contextlib.nullcontext():
                    picture = _unpacked(opened)
    except EvidenceRefused:
        raise
    except UnidentifiedImageError:
        raise EvidenceRefused(
            _("认不出这个文件：照片请用 JPEG、PNG、WebP 或 HEIC，录音请用手机录的格式。")
        ) from None
    except Image.DecompressionBombError:
        raise EvidenceRefused(_("照片的尺寸太大，请缩小后再传。")) from None
    except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, IndexError, KeyError, TypeError,
            ZeroDivisionError, OverflowError, MemoryError):  # fmt: skip
        # a decoder that meets a damaged file may fail in any of these ways
        raise EvidenceRefused(_("照片打不开，可能没有传完整，请重新上传。")) from None
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Verified(
        "photo",
        PHOTO_MIME,
        _jpeg(picture, QUALITY),
        _jpeg(small, THUMBNAIL_QUALITY),
        picture.width,
        picture.height,
    )


def _unpacked(opened: Image.Image) -> Image.Image:
    opened.load()
    if opened.mode == "1":
        picture: Image.Image = opened.convert("L")
        opened.close()
    else:
        picture = opened
    if picture.mode in ("RGB", "RGBA", "L"):  # small first: what follows makes copies
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _flat(ImageOps.exif_transpose(picture))


def _check_pixels(picture: Image.Image) -> None:
    in_parts = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    most = PIXELS_OF_JPEG_AT_MOST if in_parts else PIXELS_AT_MOST
    if picture.width * picture.height > most:
        raise EvidenceRefused(_("照片的尺寸太大，请缩小后再传。"))


def _flat(picture: Image.Image) -> Image.Image:
    """Plain RGB; what is see-through lies on white."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    picture.info.clear()  # no profile, no comment, no EXIF comes along
    sheet = io.BytesIO()
    picture.save(sheet, "JPEG", quality=quality, optimize=True)
    return sheet.getvalue()


# -- files


def path_of(name: str) -> Path:
    """Where a stored file lies."""
    return Path(settings.MEDIA_ROOT) / name


def _write(name: str, data: bytes) -> None:
    """Whole or not at all, and on the disk before anybody refers to it."""
    path = path_of(name)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as problem:
        part.unlink(missing_ok=True)
        if problem.errno in FULL:
            raise EvidenceRefused(_("服务器存不下了，材料没有保存，请通知管理员。"), status=507) from None
        raise
