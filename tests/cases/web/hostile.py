"""What a hostile crowd sends to the public pages: each kind is a function that makes the n-th post of its kind.

A `Post` is what goes over the wire: path, body, type, headers, cookies, address. Nothing here knows what the product
answers."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from urllib.parse import urlencode

from PIL import Image

from tests import town
from tests.clients import jpeg

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "b0undary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
REPORT, TRACK = "/report/", "/track/"
MARK = "alert(8848)"  # stands in every script that is sent
SCRIPTS = (
    f"<script>{MARK}</script>",
    f'"><img src=x onerror={MARK}>',
    f"<svg/onload={MARK}>",
    f"javascript:{MARK}",
    f"</textarea><script>{MARK}</script>",
    f"{{% load x %}}{{{{ request }}}}<script>{MARK}</script>",
    f"<!--#exec cmd='{MARK}'--><iframe srcdoc='<script>{MARK}</script>'>",
)
STRANGE = (
    "\u202egnp.exe\u2066", "👩‍👩‍👧‍👦" * 60, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢" * 20, "\x00\x01\x02断", "\ufeff\u200b\u200e\u200f",
    "\ud7ff\ue000\U0010ffff", "%s%n%x{0}{}$(id)`id`", "' OR 1=1; DROP TABLE cases_call; --", "=HYPERLINK(\"x\")", "ﷺ" * 500,
)  # fmt: skip


@dataclass(frozen=True)
class Post:
    path: str
    body: bytes
    content_type: str = FORM
    headers: dict[str, str] = field(default_factory=dict)
    cookies: str = ""
    address: str = ""  # "" one of the crowd's


def form(path: str, **fields: object) -> Post:
    return Post(path, urlencode(fields, doseq=True, errors="surrogatepass").encode())


def report(**fields: object) -> Post:
    """A form as the page would send it, but for what is said."""
    said = {"place": town.GRID, "text": "路灯不亮", "caller_phone": "13800001234", "action": "send", **fields}
    return form(REPORT, **said)


def upload(data: bytes, name: str = "a.jpg", mime: str = "image/jpeg", **fields: str) -> Post:
    said = {"place": town.GRID, "text": "见照片", "caller_phone": "13800001234", "action": "send", **fields}
    return Post(REPORT, multipart([(name, mime, data)], said), MULTIPART)


def multipart(files: list[tuple[str, str, bytes]], fields: dict[str, str]) -> bytes:
    lines = b""
    for key, value in fields.items():
        lines += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    for name, mime, data in files:
        head = f'Content-Disposition: form-data; name="attachments"; filename="{name}"\r\nContent-Type: {mime}\r\n\r\n'
        lines += f"--{BOUNDARY}\r\n{head}".encode() + data + b"\r\n"
    return lines + f"--{BOUNDARY}--\r\n".encode()


# -- pictures that are none, or too much of one


def png(width: int, height: int, rows: int | None = None) -> bytes:
    """A PNG that says this size; by its header alone it is honest, in a few kilobytes."""
    packed = zlib.compressobj(9)
    line = b"\0" * (1 + width // 8 + bool(width % 8))
    data = (
        b"".join(packed.compress(line) for _row in range(height if rows is None else rows)) + packed.flush()
    )
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", data), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body


@lru_cache
def odd_files() -> list[tuple[str, str, bytes]]:
    """Name, said type, data; none of them a photo that may be kept as it came."""
    script = f"<script>{MARK}</script>".encode()
    good = jpeg(64, 48)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("a.jpg", b"\0" * 4_000_000)
    text_inside = zlib.compress(b"A" * 5_000_000)
    chunk = b"zTXtComment\0\0" + text_inside
    stuffed = (
        png(8, 8)[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    stuffed += png(8, 8)[33:]
    gif = io.BytesIO()
    Image.new("P", (8, 8)).save(gif, "GIF")
    return [
        ("bomb.png", "image/png", png(30_000, 30_000, rows=4)),  # 900 million pixels by its header
        ("tall.png", "image/png", png(1, 2_000_000, rows=10)),
        ("zip.jpg", "image/jpeg", packed.getvalue()),
        ("text.png", "image/png", stuffed),  # five megabytes of words behind a few bytes
        ("cut.jpg", "image/jpeg", good[: len(good) // 2]),
        ("cut.png", "image/png", png(40, 40)[:60]),
        (
            "both.jpg",
            "image/jpeg",
            good + script + packed.getvalue(),
        ),  # a picture, and something else behind it
        ("said.jpg", "image/jpeg", good[:20] + b"\xff\xfe\x00\x40" + script.ljust(62) + good[20:]),
        ("a.svg", "image/svg+xml", f"<svg xmlns='http://www.w3.org/2000/svg' onload='{MARK}'/>".encode()),
        ("a.html", "text/html", b"<!doctype html>" + script),
        ("a.jpg", "image/jpeg", b"GIF89a/*" + script),
        ("a.gif", "image/gif", gif.getvalue()),
        ("a.php.jpg", "image/jpeg", b"<?php system($_GET[0]); ?>"),
        ("../../../etc/passwd\\..\\x.jpg", "image/jpeg", b"MZ" + b"\x90" * 300),
        ("\u202egpj.exe", "application/octet-stream", b"\x7fELF" + b"\0" * 300),
        ("a.mp3", "audio/mpeg", b"ID3" + b"\xff" * 200),
        ("a.wav", "audio/wav", b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\0" * 60),
        ("a.m4a", "audio/mp4", struct.pack(">I", 0xFFFFFFF0) + b"ftypM4A " + b"\0" * 60),
        ("a.ogg", "audio/ogg", b"OggS" + b"\xff" * 80),
        ("empty.jpg", "image/jpeg", b""),
        ("a.tif", "image/tiff", b"II*\0" + b"\xff" * 100),
        ("a.heic", "image/heic", b"\0\0\0\x18ftypheic" + b"\xff" * 100),
        ("a.webp", "image/webp", b"RIFF\x20\0\0\0WEBPVP8 " + b"\xff" * 60),
        ("a.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 100),
    ]


@lru_cache
def huge() -> bytes:
    """Twenty megabytes and a bit."""
    return b"\xff\xd8\xff" + b"\0" * (20 * 1024 * 1024)


# -- the kinds, cheap ones many times


def readers_of_refusals(n: int) -> Post:
    """Without the work that is asked for, as a browser that draws the page it gets."""
    return Post(REPORT, report(text=SCRIPTS[n % len(SCRIPTS)]).body, address="198.51.100.7")


def guessers(n: int) -> Post:
    """Tracking codes tried in turn, from one address and with strange digits."""
    code, tail = (f"{n:08d}", f"{n % 10_000:04d}") if n % 3 else ("１２３４５６７８", "①②③④")
    return replace(form(TRACK, code=code, tail=tail), address="198.51.100.8" if n % 4 else "")


def scripts(n: int) -> Post:
    words = SCRIPTS[n % len(SCRIPTS)]
    names = (
        "text",
        "caller_name",
        "for_person",
        "place_q",
        "lat",
        "contact_by",
        "place_found",
        "attachments",
    )
    return report(**{names[n % len(names)]: words}, **({"text": words} if n % 2 else {}))


def strange_words(n: int) -> Post:
    words = STRANGE[n % len(STRANGE)]
    names = ("text", "place", "caller_name", "lng", "place_q", "caller_phone", "idempotency_key", "work")
    return report(**{names[n % len(names)]: words})


def long_words(n: int) -> Post:
    name, words = (
        ("text", "caller_name", "place_q", "for_person")[n % 4],
        "长" * (9_000 if n % 5 else 100_000),
    )
    return Post(
        REPORT, report().body + f"&{name}={words}".encode()
    )  # as it is: decoding %E9 costs who sends, too


def replays(n: int) -> Post:
    """One key for many different forms, and one form many times."""
    return report(idempotency_key="0000-same-key", text="同一张" if n % 2 else f"另一张 {n}")


def wrong_coding(n: int) -> Post:
    body = report().body
    return [
        Post(REPORT, "text=路灯&caller_phone=138".encode("gb18030")),
        Post(REPORT, "text=路灯".encode("utf-16"), f"{FORM}; charset=utf-16"),
        Post(REPORT, body, f"{FORM}; charset=nonsense"),
        Post(REPORT, b"text=%ff%fe%c0%80&place=%00&caller_phone=%ed%a0%80"),
        Post(REPORT, b'{"text": "json"}', "application/json"),
        Post(REPORT, b"<a>&lol;</a>", "text/xml"),
        Post(REPORT, body, ""),
        Post(REPORT, body, "multipart/form-data"),
        Post(REPORT, body, 'application/x-www-form-urlencoded; charset="\x7f"'),
    ][n % 9]


def broken_multipart(n: int) -> Post:
    whole = upload(jpeg(16, 16)).body
    return [
        Post(REPORT, whole[: len(whole) // 2], MULTIPART),
        Post(REPORT, whole, "multipart/form-data; boundary="),
        Post(REPORT, whole, f"multipart/form-data; boundary={'x' * 300}"),
        Post(REPORT, b"", MULTIPART),
        Post(REPORT, whole.replace(b'name="attachments"', b"name"), MULTIPART),
        Post(
            REPORT,
            whole.replace(b"Content-Type: image/jpeg", b"Content-Transfer-Encoding: base64"),
            MULTIPART,
        ),
        Post(REPORT, whole.replace(b"\r\n\r\n", b"\r\n", 2), MULTIPART),
        Post(REPORT, b"--b0undary\r\n" + b"X: y\r\n" * 2_000, MULTIPART),
        Post(REPORT, whole, "multipart/form-data; boundary=\u00e9"),
    ][n % 9]


def many_fields(n: int) -> Post:
    if n % 2:
        return Post(REPORT, b"&".join(b"f%d=x" % k for k in range(5_000)))
    return Post(REPORT, multipart([("a.jpg", "image/jpeg", b"x")] * 150, {"text": "多"}), MULTIPART)


def many_ids(n: int) -> Post:
    return report(attachments=[f"{n:032x}"] * (n % 900), place_found=["1"] * 30)


def bad_cookies(n: int) -> Post:
    cookies = [
        'sessionid="\\000abcdefghijkl"', "sessionid=" + "x" * 7_000, "huying_track=370811:1u:forged", "huying_language=../../etc",
        'huying_elder="\\000"; huying_language="\\000"', "csrftoken=" + "\u00e9" * 40, "; ; =;=x; a=b=c;", 'huying_track="\\012\\015x"',
    ]  # fmt: skip
    post = report() if n % 2 else form(TRACK, code="12345678", tail="1234")
    return Post(post.path, post.body, cookies=cookies[n % len(cookies)])


def bad_headers(n: int) -> Post:
    headers = [
        {"HX-Request": "true", "HX-Current-URL": "http://[::"}, {"Accept-Language": "zh" * 2_000}, {"X-Forwarded-For": "1.1.1.1," * 500},
        {"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)"}, {"Idempotency-Key": "\u202e" * 10}, {"Referer": "http://[bad"},
        {"HX-Request": "true", "HX-Current-URL-URI-AutoEncoded": "true", "HX-Current-URL": "%00%ff%zz"}, {"Origin": "null"},
    ]  # fmt: skip
    post = report()
    return Post(post.path, post.body, headers=headers[n % len(headers)])


def pictures(n: int) -> Post:
    name, mime, data = odd_files()[n % len(odd_files())]
    return upload(data, name.encode("ascii", "replace").decode() if n % 2 else name, mime)


def wrong_addresses(n: int) -> Post:
    return [
        form("/track/%00/"), form("/track/../report/"), form(f"/report/?place={'%00' * 20}"), form("/report/?place_q=" + "%ff" * 100),
        form("/track/12345678/slip/"), form("/q/%F0%9F%9A%A7/"),
    ][n % 6]  # fmt: skip


def big_files(n: int) -> Post:
    return upload(huge(), "big.jpg")


DRAWN: list[tuple[int, Callable[[int], Post]]] = [
    (300, readers_of_refusals), (120, guessers), (200, scripts), (120, strange_words), (60, long_words), (120, replays),
    (120, wrong_coding), (120, broken_multipart), (30, many_fields), (40, many_ids), (120, bad_cookies), (80, bad_headers),
    (120, pictures), (40, wrong_addresses), (10, big_files),
]  # fmt: skip
ALL = 10_000


def bots(n: int) -> Post:
    """One of all the other kinds, from one of two addresses that have long used up their share, by a script that
    reads no pages and has not done the work that is asked for."""
    post = _one_of_all(n % 700)
    address = "198.51.100.8" if post.path == TRACK else "198.51.100.7"
    return replace(post, headers={**post.headers, "Accept": "application/json"}, address=address)


@lru_cache(None)
def _one_of_all(n: int) -> Post:
    kinds = [kind for _many, kind in DRAWN if kind is not big_files]
    return kinds[n % len(kinds)](n // len(kinds))


def crowd() -> list[tuple[Callable[[int], Post], int]]:
    """All of them, shuffled the same way every time: (kind, its n-th)."""
    posts = [(kind, n) for many, kind in DRAWN for n in range(many)]
    posts += [(bots, n) for n in range(ALL - len(posts))]
    random.Random(20261122).shuffle(posts)
    return posts
