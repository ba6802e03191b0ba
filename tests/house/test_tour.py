"""Every page there is, is looked at by the tours of access and layout, or it is said here why not."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.tour import DESK_TOURS, PHONE_TOURS, Stop

NO_PAGE = "answers with data, a file or a redirect, or takes a form only"
ITS_OWN = "a browser test of its own makes what it shows"
SAME = "shows the page of another stop again, with what was refused"
QUIET = """healthz parties:home parties:logout parties:preferences parties:export parties:boundaries_export
    parties:stickers parties:unit_find parties:unit_rows parties:account_act parties:posting_act
    cases:attachment cases:board_photo cases:boards cases:channel cases:desk_case cases:duty_export cases:exports
    cases:export_file cases:gateway cases:letters cases:manifest cases:notice cases:outbox cases:paper
    cases:relief_answer cases:saved_filter cases:screen_board cases:search_suggest cases:service_worker
    cases:similar_calls cases:near_calls cases:here cases:track_code cases:track_photo cases:track_rate cases:track_supply
    cases:track_withdraw cases:tree_find cases:tree_rows cases:weekly_pdf"""
UNTOURED = {
    **dict.fromkeys(
        QUIET.split(),
        NO_PAGE,
    ),
    **dict.fromkeys(["cases:finding_act", "cases:absence", "parties:ground_post"], SAME),
    "cases:tree_publication": ITS_OWN,  # test_tree
    "parties:unit_publication": ITS_OWN,  # test_units
    "cases:sticker": "leads on to a call or a report (test_whereabouts); who takes none reads a line and a number",
    "cases:simulation": "a worker makes it in its own time; its page is rendered in tests/templates",
    "cases:calendar_notice": "for admins, once a year, a table of days; rendered in tests/templates",
    "parties:sheet": "shows what was handed in as a file; rendered in tests/templates",
}


def names(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            if one.namespace not in ("admin", "api"):
                yield from names(one, f"{before}{one.namespace}:" if one.namespace else before)
        elif isinstance(one, URLPattern) and one.name:
            yield before + one.name


def stops() -> list[Stop]:
    return [stop for tours in (PHONE_TOURS, DESK_TOURS) for round_ in tours.values() for stop in round_]


def test_every_page_is_on_a_tour_or_it_is_said_why_not():
    toured, known = {stop.shows for stop in stops()}, set(names(get_resolver()))
    assert sorted(known - toured - UNTOURED.keys()) == []
    assert sorted(toured & UNTOURED.keys()) == [], "these are on the tour now"
    assert sorted((toured | UNTOURED.keys()) - known - {"404"}) == [], "there are no such pages"


def test_a_page_in_every_mode():
    """What only variants show would never be read in large type or in English."""
    alone = {stop.shows for stop in stops()} - {stop.shows for stop in stops() if not stop.variant}
    assert not alone
