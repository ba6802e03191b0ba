"""What the tests of messages begin with: an endpoint, a person with a mailbox, everything delivered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cases.models import Case, Endpoint, NoticeDelivery
from cases.notices import endpoints, sealing, sending
from ledger import clock, post
from parties.ids import fresh_id
from parties.models import Person
from tests import builders, town


def an_endpoint(
    address: str, organisation: str = "GV24", *, by: str = "admin", channel: str = "webhook", **sent: Any
) -> Endpoint:
    values = {
        "name": f"通道{Endpoint.objects.count() + 1}",
        "secret": "s3cret",
        "kinds": ["assigned", "returned"],
    }
    return endpoints.open_endpoint(
        by=town.actor(by),
        at=clock.now(),
        organisation=organisation,
        channel=channel,
        address=address,
        **{**values, **sent},
    )


def a_case(at: str = "received", **how: Any) -> Case:
    """A case of a moment ago: what is told of it may leave at once."""
    return builders.a_case(at, **{"when": clock.now() - dt.timedelta(minutes=30), **how})


def a_mailbox(username: str, email: str = "", chat_id: str = "") -> str:
    email = email or f"{username}@renqu.example"
    Person.objects.filter(accounts__username=username).update(email=email, chat_id=chat_id)
    return email


def deliver_all() -> int:
    """Entries to reactions, messages to receivers; how many parcels were tried."""
    post.deliver_pending()
    return sending.send_due()


def make_due(minutes: int = 60 * 24) -> None:
    """As if so many minutes had passed for what waits outside."""
    then = clock.now() - dt.timedelta(seconds=1)
    late = clock.now() + dt.timedelta(minutes=minutes)
    NoticeDelivery.objects.filter(state__in=NoticeDelivery.OPEN, next_at__lte=late).update(next_at=then)
    Endpoint.objects.filter(paused_until__lte=late).update(paused_until=then)


A_GATEWAY = {
    "method": "POST",
    "form": "json",
    "headers": {"Authorization": "Bearer {secret}"},
    "body": '{"mobile": "{phone}", "content": "{text}", "sign": "{signature}", "template": "{template_id}",'
    ' "params": {params}, "id": "{key}"}',
    "signature": "呼应",
    "templates": {"received": "SMS_1"},
    "ok_at": "code",
    "ok": ["0"],
    "id_at": "id",
    "receipts": True,
    "receipt_hours": 24,
    "per_minute": 0,
    "quiet": ["21:00", "08:00"],
}


def a_gateway(address: str, organisation: str = "QF-370811", **how: Any) -> Endpoint:
    """Of the district, unless said, so that every case has it."""
    return Endpoint.objects.create(
        pk=fresh_id(Endpoint),
        organisation=town.org(organisation),
        name=f"短信{Endpoint.objects.count() + 1}",
        channel="sms",
        address=sealing.seal(address),
        shown="127.0.0.1",
        secret=sealing.seal("s3cret"),
        kinds=[],
        gateway={**A_GATEWAY, **how},
    )
