"""What every test may rely on: real servers, fresh caches, and a real browser where one is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as trying

from ledger import versions
from tests.answering import Answering
from tests.servers import TestServers, find_chromium

REQUIRED = "HUYING_REQUIRE_BROWSER"
NO_BROWSER = "not run: no Chromium found (apt-get install chromium, or set HUYING_CHROMIUM)"

# how long an example takes says something of the machine, nothing of the code
trying.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
trying.load_profile("untimed")

servers_key = pytest.StashKey[TestServers]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once per session, before anything is collected by parallel workers."""
    given = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if hasattr(config, "workerinput") or config.option.collectonly or all(given):
        return
    assert settings.configured or settings.VALKEY  # the test settings choose the folder's name
    servers = TestServers(Path(os.environ["HUYING_TEST_HOME"]), postgres=not given[0], valkey=not given[1])
    config.stash[servers_key] = servers
    servers.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    servers = config.stash.get(servers_key, None)
    if servers is not None:
        servers.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped, visibly; where it is required they fail instead."""
    if find_chromium() or os.environ.get(REQUIRED) == "1":
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and not find_chromium():
        pytest.fail(f"{REQUIRED}=1, but no Chromium was found", pytrace=False)


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """Rules cached by version must not outlive the rolled-back transaction they were read in."""
    versions.clear_all()
    yield
    versions.clear_all()


@pytest.fixture
def town(db: None) -> Any:
    """The small town with its people, see tests/town.py; the fixture is that module."""
    from tests import town as small_town

    small_town.plant()
    return small_town


@pytest.fixture
def served(transactional_db: None, settings: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """This process serving pages to real browsers, each answer with its number of statements. A browser that leaves
    does not take its requests along: the server still answers them, and a table must not be emptied under one that
    reads it."""
    # before the server begins: it reads its middleware once, for all tests of the process
    settings.MIDDLEWARE = ["tests.browser.counting.CountStatements", *settings.MIDDLEWARE]
    server = request.getfixturevalue("live_server")
    answering = Answering()
    yield server
    answering.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, driven by playwright's synchronous interface."""
    from playwright.sync_api import sync_playwright  # only where a browser is there is it needed

    # Playwright runs an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        microphone = [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
        ]  # one that beeps
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", *microphone]
        )
        yield chromium
        chromium.close()
