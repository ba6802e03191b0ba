"""Every page with a sample context: complete, safe, and usable without script and without a mouse."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory
from django.test.utils import override_settings
from django.utils import translation
from django_htmx.middleware import HtmxDetails

from tests.templates import samples

MISSING = "⟪missing %s⟫"


@pytest.fixture(scope="module")
def engine():
    options = {**settings.TEMPLATES[0]["OPTIONS"], "string_if_invalid": MISSING}
    processors = ["request", "i18n"]
    options["context_processors"] = [f"django.template.context_processors.{name}" for name in processors]
    return DjangoTemplates(
        {"NAME": "strict", "DIRS": settings.TEMPLATES[0]["DIRS"], "APP_DIRS": True, "OPTIONS": options}
    )


def rendered(engine, name: str, *, htmx: bool = False, elder: bool = False, language: str = "zh-hans") -> str:
    template, viewer, context = samples.PAGES[name]
    request = RequestFactory().get("/", headers={"HX-Request": "true"} if htmx else {})
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)
    shell = {**samples.shell_of(viewer), "elder": elder}
    with override_settings(ROOT_URLCONF="tests.templates.urls"), translation.override(language):
        return engine.get_template(template).render({**context, "shell": shell}, request)


class Page(HTMLParser):
    """The page as a list of (tag, attributes), with its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.forms: list[tuple[dict[str, str], list[dict[str, str]]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = {key: value or "" for key, value in attrs}
        self.elements.append((tag, attributes))
        if tag == "form":
            self.forms.append((attributes, []))
        elif tag == "input" and self.forms:
            self.forms[-1][1].append(attributes)

    def of(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


every_page = pytest.mark.parametrize("name", samples.PAGES)


@every_page
def test_page_finds_everything_it_prints(engine, name):
    assert "⟪missing" not in rendered(engine, name), re.findall(r"⟪missing[^⟫]*⟫", rendered(engine, name))


@every_page
def test_page_is_whole_and_htmx_gets_only_the_work(engine, name):
    whole = rendered(engine, name)
    assert whole.lstrip().startswith("<!doctype html>")
    head = whole[: whole.index("<body")]  # squares of a chart have titles of their own
    assert head.count("<title>") == 1 and whole.count('id="work"') == 1
    if name in ("500", "500-bare", "csrf"):
        return  # these need nothing, so they do not look at the request
    part = rendered(engine, name, htmx=True)
    assert part.lstrip().startswith("<title>") and part.count('id="work"') == 1
    assert "<html" not in part and "p-nav" not in part and "o-side" not in part


@every_page
def test_every_post_form_carries_its_token_and_goes_somewhere(engine, name):
    for attributes, fields in Page(rendered(engine, name)).forms:
        if attributes.get("method") == "dialog":
            continue
        assert attributes.get("method") in ("get", "post"), attributes
        assert attributes.get("action"), attributes
        if attributes["method"] == "post":
            assert [one for one in fields if one.get("name") == "csrfmiddlewaretoken"], attributes
        if "hx-post" in attributes:  # works as a plain post as well
            assert attributes["hx-post"] == attributes["action"]
            assert attributes.get("hx-target") and attributes.get("hx-swap")


@every_page
def test_moves_and_facts_act_once_and_carry_the_version(engine, name):
    for attributes, fields in Page(rendered(engine, name)).forms:
        names = {one.get("name") for one in fields}
        if "/moves/" in attributes.get("action", ""):
            assert {"version", "idempotency_key"} <= names, attributes
        if "/facts/" in attributes.get("action", ""):
            assert "idempotency_key" in names, attributes


@every_page
def test_page_can_be_read_aloud(engine, name):
    page = Page(rendered(engine, name))
    identities = Counter(attributes["id"] for _tag, attributes in page.elements if attributes.get("id"))
    assert not [one for one, n in identities.items() if n > 1]
    labels = {attributes["for"] for attributes in page.of("label") if "for" in attributes}
    assert labels <= set(identities)
    for attributes in page.of("input", "select", "textarea", "button", "fieldset"):
        for other in attributes.get("aria-describedby", "").split():
            assert other in identities, attributes
    assert all("alt" in attributes for attributes in page.of("img"))
    assert page.of("h1"), "a page has one heading of the first order"
    assert [one for one in page.of("html") if one.get("lang")]


@every_page
def test_page_loads_nothing_from_outside_and_no_inline_code(engine, name):
    page = Page(rendered(engine, name))
    for _tag, attributes in page.elements:
        assert "style" not in attributes, attributes
        assert not [key for key in attributes if key.startswith(("on", "hx-on"))], attributes
        for key in ("src", "href", "action"):
            assert not re.match(r"(?:https?:)?//", attributes.get(key, "")), attributes
    run = [script for script in page.of("script") if script.get("type") != "application/json"]
    assert all(attributes.get("src") for attributes in run)
    assert not page.of("style")


@every_page
def test_page_speaks_english_without_failing(engine, name):
    assert "⟪missing" not in rendered(engine, name, language="en")


@pytest.mark.parametrize("name", ["new-call", "my-calls", "track"])
def test_large_type_is_in_the_first_byte(engine, name):
    assert re.search(r'<html[^>]*class="phone elder"', rendered(engine, name, elder=True))
    assert not re.search(r'<html[^>]*class="[^"]*elder', rendered(engine, name))


def test_refused_form_keeps_what_was_typed_and_points_at_what_is_missing(engine):
    page = rendered(engine, "new-call-refused")
    assert "路口积水" in page and 'href="#f-place"' in page and 'id="f-place-fault"' in page
    page = rendered(engine, "detail-409")
    assert "不归我们管" in page and "您写的没有丢" in page
    assert re.search(r'<details id="move-transfer"[^>]* open', page)


def test_a_move_that_is_not_allowed_stays_with_its_reason(engine):
    page = rendered(engine, "detail")
    assert re.search(r'aria-disabled="true"\s+aria-describedby="why-ask"', page)
    assert "先记一次联系，才能要求补充。" in page


def test_critical_calls_show_the_emergency_numbers(engine):
    page = rendered(engine, "new-call")
    assert all(f'href="tel:{number}"' in page for number in (110, 119, 120))


def test_colour_never_stands_alone(engine):
    """Beside every chip of a clock stand a sign and words."""
    page = rendered(engine, "queue")
    chips = re.findall(r'<span class="chip (?:ok|warn|bad|hold|stop)">(.*?)</span>', page)
    assert chips and all("<svg" in chip and re.sub(r"<[^>]+>", "", chip).strip() for chip in chips)
