"""Front-end files: ours or named in the manifest with a licence; nothing is loaded from outside."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from config import assets
from config.home import PROJECT

OUTSIDE = re.compile(r"""(?:https?:)?//[\w-]+\.[\w.-]+""")
NAMES_NOT_ADDRESSES = ("www.w3.org",)  # namespaces of SVG and XML
PLACES = [
    *(PROJECT / "templates").rglob("*.html"),
    *(PROJECT / "static").rglob("*.css"),
    *(PROJECT / "static").rglob("*.js"),
]


def ours(file: Path) -> bool:
    return assets.VENDOR not in file.parents


@pytest.mark.parametrize("file", [file for file in PLACES if ours(file)], ids=lambda file: file.name)
def test_no_page_loads_anything_from_outside(file):
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".js":
        text = re.sub(r"^\s*(//|\*|/\*).*$", "", text, flags=re.MULTILINE)
    found = [hit for hit in OUTSIDE.findall(text) if not hit.endswith(NAMES_NOT_ADDRESSES)]
    assert found == []


@pytest.mark.parametrize("file", [*(PROJECT / "templates").rglob("*.html")], ids=lambda file: file.name)
def test_no_script_or_style_stands_inside_a_page(file):
    """The content security policy refuses them; better here than in a browser's console."""
    text = re.sub(
        r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    inline = re.findall(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|<style[^>]*>|\son\w+=\"", text
    )
    assert inline == []


def test_every_vendored_file_is_in_the_manifest_with_its_licence():
    assert assets.is_current(), "run make assets"
    files = assets.manifest()["files"]
    assert {file.name for file in assets.VENDOR.iterdir()} == {*files, assets.MANIFEST.name}
    for name, facts in files.items():
        assert hashlib.sha256((assets.VENDOR / name).read_bytes()).hexdigest() == facts["sha256"], name
        assert (assets.VENDOR / facts["licence"]).read_text(encoding="utf-8").strip(), facts["licence"]
        assert facts["version"], name


def test_versions_are_exact_and_the_lock_names_no_registry():
    package = json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    lock = assets.LOCK.read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "://" not in lock
    locked = json.loads(lock)["packages"]
    assert all(facts["integrity"].startswith("sha512-") for name, facts in locked.items() if name)


def test_every_icon_a_page_uses_is_in_the_sprite():
    sprite = (assets.VENDOR / assets.SPRITE).read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="i-([\w-]+)"', sprite))
    assert known == set(assets.icon_names())
    used = {
        name
        for file in (PROJECT / "templates").rglob("*.html")
        for name in re.findall(r"#i-([a-z0-9-]+)[\"']", file.read_text(encoding="utf-8"))
    }
    assert used - known == set()
