"""House rules for templates and scripts, read from their source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(
    path for path in ROOT.rglob("*.html") if path.parent != ROOT / "api"
)  # the API's page is its own
SCRIPTS = sorted((Path(settings.BASE_DIR) / "static" / "js").glob("*.js"))
STYLE = Path(settings.BASE_DIR) / "static" / "wg.css"
OLD_HTMX = re.compile(
    r"hx-ext|sse-connect|sse-swap|hx-vars|hx-disinherit|hx-inherit\b|hx-params|hx-prompt|htmx:[a-z]+[A-Z]"
)
COMMENT = re.compile(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}|{#.*?#}", re.S)
each = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(settings.BASE_DIR)))


def source(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


@each
def test_no_outside_address_inline_code_or_old_htmx(path):
    text = source(path)
    assert not re.search(r"https?://", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"<style\b|\sstyle=|\son\w+=|hx-on", text)
    assert not OLD_HTMX.search(text)
    assert "|safe" not in text and "autoescape off" not in text


@each
def test_htmx_elements_say_their_own_target_and_swap(path):
    for tag in re.findall(r"<(?:form|a|button|select|input|div)\b(?:{%.*?%}|{{.*?}}|[^<>{])*>", source(path)):
        if re.search(r"\bhx-(get|post)=", tag):
            assert "hx-target=" in tag and "hx-swap=" in tag, tag


@each
def test_post_forms_have_a_token(path):
    for start in re.finditer(r"<form\b[^>]*method=\"post\"", source(path)):
        rest = source(path)[start.start() :]
        assert "{% csrf_token %}" in rest[: rest.index("</form>")], rest[:120]


@each
def test_page_says_what_it_needs(path):
    if path.parent.name in ("templates", "layouts") and path.name != "base.html":
        return
    head = path.read_text(encoding="utf-8")[:400]
    assert "{% comment %}" in head or "{#" in head or path.name == "mark.html"


@each
def test_chinese_is_wrapped_for_translation(path):
    """No Chinese outside translate tags: what remains after taking them away must be only signs and numbers."""
    text = source(path)
    text = re.sub(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}", "", text, flags=re.S)
    text = re.sub(r"{%.*?%}|{{.*?}}", "", text, flags=re.S)
    left = set(re.findall(r"[\u4e00-\u9fff]+", text))
    assert left <= {"中文"}, left


def test_every_url_name_exists():
    """Links of templates against the real routes, as far as the apps' routes are there."""
    wanted = set(re.findall(r"{% url '([\w]+:[\w]+)'", "".join(map(source, TEMPLATES))))
    resolver = get_resolver("config.urls")
    known = {
        f"{space}:{name}"
        for space, (_prefix, inner) in resolver.namespace_dict.items()
        for name in inner.reverse_dict
        if isinstance(name, str)
    }
    spaces = {name.partition(":")[0] for name in known}
    missing = {name for name in wanted if name.partition(":")[0] in spaces} - known
    assert not missing


def test_every_icon_is_in_the_list():
    listed = set((Path(settings.BASE_DIR) / "static" / "icons.txt").read_text(encoding="utf-8").split())
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    used = set(re.findall(r"{% icon \"([a-z0-9-]+)\"", text)) | set(
        re.findall(r"icon_name=\"([a-z0-9-]+)\"", text)
    )
    assert used <= listed, used - listed


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_small_and_stand_alone(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*import\b|https?://|\beval\(|new Function|innerHTML", text, re.M)
    assert len(text.encode()) < 8 * 1024


def test_style_sheet_stays_within_its_budget_and_floor():
    import gzip

    text = STYLE.read_text(encoding="utf-8")
    assert len(gzip.compress(text.encode(), 9)) <= 12 * 1024
    bare = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    assert not re.search(r":has\(|oklch|color-mix|@layer|@container|@import|url\((?!\"data:)", bare)
