"""What a first visit weighs (design §8), as it goes over the wire: the page, and everything it names to be loaded."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests import town as towns
from tests.builders import a_case
from tests.pages import Reader

pytestmark = pytest.mark.django_db
KB = 1024
MOST = {"js": 35, "css": 12, "html": 15, "all": 90}  # KB, gzip
REQUESTS = 24
NAMED = re.compile(r'<(?:link|script|use|img)\b[^>]*?(?:href|src)="(/static/[^"#?]+)')


def loaded(text: str) -> set[str]:
    """The files a browser asks for: style, scripts, the sprite, the small icon; not what only an installed app shows."""
    return {name for name in NAMED.findall(text) if not re.search(r"mark-\d+\.png$", name)}


def packed(data: bytes) -> int:
    return len(gzip.compress(data, 6))


def weight(reader: Reader) -> dict[str, float]:
    found: dict[str, float] = {"html": packed(reader.body), "js": 0, "css": 0, "rest": 0}
    files = loaded(reader.text)
    for name in files:
        path = finders.find(name.removeprefix("/static/"))
        assert path, name
        ending = name.rpartition(".")[2]
        with open(path, "rb") as file:
            found[ending if ending in found else "rest"] += packed(file.read())
    told = {kind: size / KB for kind, size in found.items()}
    return {**told, "all": sum(told.values()), "requests": len(files) + 1}


@pytest.mark.parametrize(
    ("username", "path"),
    [
        ("", "/report/"),
        ("", f"/report/?place={towns.BUILDING}"),
        ("", "/track/"),
        ("", f"/board/{towns.COMMUNITY}/"),
        ("", "/login/"),
        ("wangge", "/calls/new/"),
        ("wangge", "/todo/"),
        ("wangge", "/my/"),
        ("wangge", "/grid/"),
        ("wangge", "case"),
    ],
)
def test_a_first_visit_by_phone(town, username, path):
    case = a_case()
    reader = Reader(username).open(f"/cases/{case.number}/" if path == "case" else path)
    assert reader.status == 200
    found = weight(reader)
    print(path, {name: round(size, 1) for name, size in found.items()})
    over = {name: round(found[name], 1) for name, most in MOST.items() if found[name] > most}
    assert not over, over
    assert found["requests"] <= REQUESTS, sorted(loaded(reader.text))


@pytest.mark.parametrize("path", ["/report/", "/track/", "/calls/new/", "/my/"])
def test_nothing_waits_for_a_script(town, path):
    """A script that the page waits for before it shows itself costs seconds on a slow line. One may be waited for, beside
    the style sheet that is waited for anyway: it is small, and keeps what comes later from pushing the page about."""
    reader = Reader("wangge").open(path)
    scripts = [one for one in re.findall(r"<script\b[^>]*>", reader.text) if "js/room" not in one]
    assert Path(finders.find("js/room.js")).stat().st_size < 1500
    assert scripts and all('type="module"' in one or " defer" in one for one in scripts), scripts
    assert reader.text.count('rel="stylesheet"') == 1
