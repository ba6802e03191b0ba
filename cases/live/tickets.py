"""A ticket to listen: which topics, from which origin, signed, good for two minutes to come in with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.request import split_domain_port

SALT = "huying.live"
GOOD_FOR = 120  # seconds between the page and its connection


@dataclass(frozen=True)
class Ticket:
    topics: frozenset[str]
    origin: str


def address(request: HttpRequest, topics: Iterable[str]) -> str:
    """Where this page listens, with its ticket; "" where no live process runs (the page asks by itself)."""
    where = settings.LIVE_URL
    if not where:
        return ""
    if where.startswith(":"):  # the supervisor's own: this host, another port
        host, _port = split_domain_port(request.get_host())
        where = f"{request.scheme}://{host}{where}/live/"
    origin = f"{request.scheme}://{request.get_host()}"
    return f"{where}?{urlencode({'ticket': mint(topics, origin)})}"


def mint(topics: Iterable[str], origin: str) -> str:
    return signing.dumps({"t": " ".join(topics), "o": origin}, salt=SALT, compress=True)


def read(text: str) -> Ticket | None:
    """The ticket, if it is ours and fresh."""
    try:
        said = signing.loads(text, salt=SALT, max_age=GOOD_FOR)
        return Ticket(frozenset(said["t"].split()), said["o"])
    except (signing.BadSignature, ValueError, KeyError, TypeError, AttributeError):
        return None
