"""Small real recordings of every format we take, built byte by byte."""

from __future__ import annotations

import io
import struct
import wave


def wav(seconds: float = 0.2) -> bytes:
    sheet = io.BytesIO()
    with wave.open(sheet, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * int(8000 * seconds))
    return sheet.getvalue()


def _ogg_page(body: bytes, kind: int, n: int) -> bytes:
    laces = bytes([255] * (len(body) // 255) + [len(body) % 255])
    head = b"OggS\0" + bytes([kind]) + struct.pack("<qIII", n * 960, 7, n, 0) + bytes([len(laces)])
    return head + laces + body


def ogg() -> bytes:
    return (
        _ogg_page(b"OpusHead\1\1" + bytes(9), 2, 0)
        + _ogg_page(b"OpusTags" + bytes(40), 0, 1)
        + _ogg_page(bytes(300), 4, 2)
    )


def _element(name: bytes, body: bytes, *, open_ended: bool = False) -> bytes:
    size = b"\x01\xff\xff\xff\xff\xff\xff\xff" if open_ended else (1 << 28 | len(body)).to_bytes(4, "big")
    return name + size + body


def webm(codec: bytes = b"A_OPUS", *, open_ended: bool = True) -> bytes:
    head = _element(b"\x1a\x45\xdf\xa3", _element(b"\x42\x82", b"webm"))
    info = _element(b"\x15\x49\xa9\x66", _element(b"\x4d\x80", b"recorder"))
    track = _element(b"\xae", _element(b"\xd7", b"\1") + _element(b"\x86", codec))
    tracks = _element(b"\x16\x54\xae\x6b", track)
    block = _element(b"\xe7", b"\0") + _element(b"\xa3", b"\x81\0\0\x80" + bytes(50))
    cluster = _element(b"\x1f\x43\xb6\x75", block, open_ended=open_ended)
    return head + _element(b"\x18\x53\x80\x67", info + tracks + cluster + cluster, open_ended=open_ended)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def m4a(handler: bytes = b"soun") -> bytes:
    hdlr = _box(b"hdlr", bytes(8) + handler + bytes(12) + b"\0")
    moov = _box(b"moov", _box(b"trak", _box(b"mdia", hdlr)))
    return _box(b"ftyp", b"M4A \0\0\0\0M4A mp42") + moov + _box(b"mdat", bytes(400))


def mp3(frames: int = 8) -> bytes:
    frame = b"\xff\xfb\x90\x00" + bytes(417 - 4)  # MPEG 1 layer 3, 128 kbit/s, 44.1 kHz
    return b"ID3\3\0\0\0\0\0\x0a" + bytes(10) + frame * frames


def amr() -> bytes:
    return b"#!AMR\n" + (b"\x3c" + bytes(31)) * 20


ALL = {
    "audio/wav": wav,
    "audio/ogg": ogg,
    "audio/webm": webm,
    "audio/mp4": m4a,
    "audio/mpeg": mp3,
    "audio/amr": amr,
}
