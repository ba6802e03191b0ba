"""Texts by any HTTP gateway: its request is a template of the endpoint, filled in; its answer is read by paths.

Placeholders: {phone} {text} {signature} {template_id} {params} {secret} {key} {timestamp}. {text} is whole, with the
signature before it. In a JSON body each stands inside its quotation marks, and {params}, an object, without; in a form
and in the address they are quoted for it. Nothing of an answer is kept but its code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

from cases.notices import texts
from cases.notices.channels import Message, Target, Undelivered
from cases.notices.channels.http import post
from ledger import clock

HOLE = re.compile(r"\{([a-z_]+)\}")
HOLES = ("phone", "text", "signature", "template_id", "params", "secret", "key", "timestamp")
FORMS = {"json": "application/json", "form": "application/x-www-form-urlencoded", "query": ""}


def send(message: Message, target: Target) -> str:
    """The gateway's name for it; empty where it gives none. With no gateway there is the demo's tray: nothing leaves."""
    if not target.gateway:
        return ""
    how = target.gateway
    values = values_of(message, target)
    as_json = how["form"] == "json"
    body = fill(how["body"], values, in_json if as_json else in_form).encode()
    headers = {name: fill(said, values, in_line) for name, said in how["headers"].items()}
    kind = {"Content-Type": FORMS[how["form"]]} if FORMS[how["form"]] else {}
    taken = post(fill(target.address, values, in_form), body, {**kind, **headers}, how["method"])
    return read(taken, how)


def is_keyed(target: Target) -> bool:
    """Is the gateway given our key, so that it knows a text that it was sent before?"""
    how = target.gateway
    return any("{key}" in one for one in (target.address, how["body"], *how["headers"].values()))


def values_of(message: Message, target: Target) -> dict[str, str]:
    how = target.gateway
    kind = message.event.removeprefix(texts.EVENT)
    return {
        "phone": target.phone,
        "text": texts.signed(message.words, how["signature"]),
        "signature": how["signature"],
        "template_id": texts.template_of(kind, message.language, how["templates"]),
        "params": json.dumps(dict(message.params), ensure_ascii=False),
        "secret": target.secret,
        "key": message.key,
        "timestamp": str(int(clock.now().timestamp())),
    }


def fill(template: str, values: Mapping[str, str], quoted: Callable[[str, str], str]) -> str:
    """Every placeholder replaced once; what is put in is not looked at again."""
    return HOLE.sub(
        lambda found: quoted(found[1], values[found[1]]) if found[1] in values else found[0], template
    )


def in_json(name: str, value: str) -> str:
    """Inside quotation marks; {params} is an object and stands without them."""
    return value if name == "params" else json.dumps(value, ensure_ascii=False)[1:-1]


def in_form(name: str, value: str) -> str:
    return quote_plus(value)


def in_line(name: str, value: str) -> str:
    return "".join(char for char in value if char.isprintable())


def read(taken: bytes, how: Mapping[str, Any]) -> str:
    """Undelivered where the answer says no, or does not say what it should."""
    if not how["ok_at"] and not how["id_at"]:
        return ""
    try:
        answer = json.loads(taken)
    except ValueError:
        raise Undelivered("answer", unsure=True) from None
    if how["ok_at"]:
        said = at_path(answer, how["ok_at"])
        if said is None:
            raise Undelivered("answer", unsure=True)
        if said not in how["ok"]:
            raise Undelivered("rejected", code_of(said))
    return (at_path(answer, how["id_at"]) or "")[:80] if how["id_at"] else ""


def dig(data: Any, path: str) -> Any:
    """What stands at `a.0.b`; None where nothing does."""
    for name in path.split("."):
        if isinstance(data, dict):
            data = data.get(name)
        elif isinstance(data, list) and name.isdecimal() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data


def at_path(data: Any, path: str) -> str | None:
    """As `dig`, as text."""
    data = dig(data, path)
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data) if isinstance(data, str | int | float) else None


def code_of(said: str) -> str:
    """A code and nothing else: gateways repeat the number and the text in their answers."""
    return said if re.fullmatch(r"[A-Za-z0-9_.:-]{1,40}", said) and not re.search(r"[0-9]{7}", said) else ""
