"""The whole product as its own processes, for real browsers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.browser.visitor import Visitor
from tests.config.product import Product, command, data_folder, eventually


@contextmanager
def running(calls: int) -> Iterator[Product]:
    """A demo town with so many calls, served on a free port; beat and worker have reported for work."""
    with data_folder() as folder:
        loading = command(folder, "demo_town", "--calls", str(calls), HUYING_DEMO="1")
        said, _ = loading.communicate(timeout=300)
        assert loading.returncode == 0, said
        product = Product(folder, "--demo")
        try:
            product.wait_ready()
            eventually(product.is_well, 120)
            yield product
        finally:
            product.stop()


@pytest.fixture(scope="module")
def quiet_town() -> Iterator[Product]:
    """Nobody has called yet."""
    with running(0) as product:
        yield product


@pytest.fixture(scope="session")
def busy_town() -> Iterator[Product]:
    """A few dozen calls at every station of their way."""
    with running(40) as product:
        yield product


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a phone's camera would hand over."""
    picture = Image.new("RGB", (1200, 900), "#c9d7ee")
    ImageDraw.Draw(picture).rectangle((300, 250, 900, 700), fill="#5b7f3a")
    data = io.BytesIO()
    picture.save(data, "JPEG")
    path = tmp_path_factory.mktemp("camera") / "现场.jpg"
    path.write_bytes(data.getvalue())
    return path


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """`visit(product, "wangge", viewport=PHONE)`: somebody at a browser of their own. Afterwards nothing may have
    gone wrong behind any page."""
    guests: list[Visitor] = []

    def arrive(product: Product, username: str = "", **wishes: Any) -> Visitor:
        guests.append(Visitor(browser, product.address, username, **wishes))
        return guests[-1]

    yield arrive
    problems = [problem for guest in guests for problem in guest.problems]
    for guest in guests:
        guest.leave()
    assert not problems, "\n".join(problems)
