"""Whom this house may call: only http and https, never itself or its neighbourhood by accident.

A name is looked up once and the connection goes to the address that was judged, so that no second answer of the
name's owner leads elsewhere. With a list (HUYING_NOTICE_HOSTS: host names, addresses, networks) only those; without
one everything but loopback, link-local and what is no place of a host. Demo and tests may call loopback.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from cases.notices.channels import Undelivered

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Judged:
    """An address that may be called: the URL in parts and the host's numeric address."""

    url: SplitResult
    host: str
    port: int
    ip: str


def judge(address: str) -> Judged:
    """Undelivered where it may not be called or leads nowhere."""
    url, host, port = parts(address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Undelivered("resolve", host) from None
    ips = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    if not ips or not all(_may(host, ip) for ip in ips):
        raise Undelivered("refused", host)
    return Judged(url, host, port, str(ips[0]))


def parts(address: str) -> tuple[SplitResult, str, int]:
    """The parts of a URL that could be called at all."""
    try:
        url = urlsplit(address)
        host, port = url.hostname or "", url.port
    except ValueError:
        raise Undelivered("address") from None
    plain = address.isascii() and address.isprintable() and " " not in address
    if url.scheme not in ("http", "https") or not host or url.username or url.password or not plain:
        raise Undelivered("address")
    return url, host, port or (443 if url.scheme == "https" else 80)


def _may(host: str, ip: Address) -> bool:
    ip = getattr(ip, "ipv4_mapped", None) or ip
    listed: list[str] = settings.NOTICE_HOSTS
    if listed:
        return any(_fits(rule, host, ip) for rule in listed)
    if ip.is_loopback:
        return bool(settings.DEMO or settings.TESTING)
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved)


def _fits(rule: str, host: str, ip: Address) -> bool:
    try:
        return ip in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        rule, host = rule.lower(), host.lower()
        return host == rule or (rule.startswith(".") and host.endswith(rule))
