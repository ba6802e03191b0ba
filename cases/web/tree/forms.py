"""The forms of a place's panel: each is read into one step of the draft."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from cases.queries import place_tree
from cases.web.answers import plain
from cases.web.tree import editor
from grid import facts, finding, queries
from grid.errors import TreeRefused
from ledger.actor import Actor

Args = dict[str, Any]


def _typed_place(posted: QueryDict, name: str, by: Actor) -> str:
    """The code of the one place meant: a code, or a name or initials that fit one place only."""
    typed = plain(posted.get(name, ""), 80).strip()
    if not typed or typed.startswith("~"):
        return typed
    if (place := finding.by_code(typed)) is not None:
        return place.code
    found = [hit for top in place_tree.roots(by) for hit in finding.search(typed, within=top, limit=7)]
    exact = [place for place in found if place.name == typed]
    if len(exact) == 1 or len(found) == 1:
        return (exact or found)[0].code
    if not found:
        raise TreeRefused(_("没找到“{q}”这个地点。").format(q=typed[:40]), fields={name: _("没找到")})
    words = _("；").join(f"{queries.path_text(place, below='street')} {place.code}" for place in found[:6])
    raise TreeRefused(_("有几个地点都对得上，请填编号：") + words, fields={name: _("请填编号")})


def _plain(*names: str) -> Callable[[QueryDict, Actor], Args]:
    return lambda posted, by: {name: plain(posted.get(name, ""), 400).strip() for name in ("place", *names)}


def _to(name: str) -> Callable[[QueryDict, Actor], Args]:
    return lambda posted, by: {"place": posted.get("place", ""), name: _typed_place(posted, name, by)}


def _open_args(posted: QueryDict, by: Actor) -> Args:
    code = plain(posted.get("code", ""), 40).strip()
    kept = {
        "kind": posted.get("kind", ""),
        "name": plain(posted.get("name", ""), 400),
        "parent": posted.get("place", ""),
    }
    return {**kept, "code": code} if code else kept


def _merge_args(posted: QueryDict, by: Actor) -> Args:
    """This place and what was ticked beside it, into one of them, into another one, or into a new one."""
    places = [posted.get("place", ""), *posted.getlist("also")]
    name = plain(posted.get("name", ""), 400).strip()
    target = _typed_place(posted, "target", by)
    if target and name:
        raise TreeRefused(_("请选并入哪里，或写新地点的名称，只要一样。"), fields={"target": _("请选择")})
    into = {"name": name} if name else {"target": target}
    return {"places": [code for code in places if code != target], **into}


def _split_args(posted: QueryDict, by: Actor) -> Args:
    """As many parts as names, one a line; beside every place below stands the number of its part."""
    names = [line.strip() for line in plain(posted.get("names", ""), 8000).splitlines() if line.strip()]
    below, chosen = posted.getlist("below"), posted.getlist("to")
    if len(below) != len(chosen):
        raise TreeRefused(_("表单不完整，请刷新页面再交一次。"), status=400)
    children: list[list[str]] = [[] for _name in names]
    for code, to in zip(below, chosen, strict=True):
        if not (to.isascii() and to.isdecimal() and 1 <= int(to[:4]) <= len(names)):
            sentence = _("“{code}”分到第“{to}”部分，可是只写了 {n} 个名称。")
            raise TreeRefused(
                sentence.format(code=code[:24], to=to[:4], n=len(names)), fields={"parts": _("没有这部分")}
            )
        children[int(to[:4]) - 1].append(code)
    parts = [{"name": name, "children": some} for name, some in zip(names, children, strict=True)]
    return {"place": posted.get("place", ""), "parts": parts}


def _fact_args(posted: QueryDict, by: Actor) -> Args:
    """What the form says otherwise than the place; an emptied field is to be empty."""
    place = editor.find_place(by, posted.get("place", ""))
    if posted.get("version") != str(place.version):
        raise TreeRefused(_("“{name}”刚被他人改过，请刷新后再试。").format(name=place.name), status=409)
    said: dict[str, Any] = {}
    for name, read in FACTS.items():
        if name in posted:
            said[name] = read(plain(posted[name], 2000).strip(), name)
    if posted.get("managed_by", "").strip():
        said["managed_by"] = _typed_place(posted, "managed_by", by)
    stood = place_tree.editable(place)
    changed = {name: value for name, value in said.items() if value != stood[name]}
    if not changed:
        raise TreeRefused(_("没有变化。"))
    if {"lon", "lat"} & changed.keys():
        changed |= {name: said[name] for name in ("lon", "lat") if name in said}
        changed |= {"datum": plain(posted["datum"], 20)} if posted.get("datum") else {}
    return {"place": posted.get("place", ""), **changed}


def _aliases(typed: str, name: str) -> list[str]:
    return [one.strip() for one in re.split("[、，,;；\n]", typed) if one.strip()]


def _whole(typed: str, name: str) -> int | None:
    digits = typed.replace(",", "").replace("，", "")
    if digits and not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise TreeRefused(_("{what}要填整数。").format(what=facts.LABELS[name]), fields={name: _("格式不对")})
    return int(digits) if digits else None


def _degrees(typed: str, name: str) -> float | None:
    try:
        found = float(typed) if typed else None
    except ValueError:
        found = math.inf
    if found is not None and not abs(found) <= 180:
        raise TreeRefused(
            _("{what}要填度数，如 116.5872。").format(what=facts.LABELS[name]), fields={name: _("格式不对")}
        )
    return found


def _word(typed: str, name: str) -> str | None:
    return typed or None


FACTS: dict[str, Callable[[str, str], Any]] = {
    "aliases": _aliases,
    "households": _whole,
    "residents": _whole,
    "managed_by": _word,
    "management": _word,
    "lon": _degrees,
    "lat": _degrees,
    "valid_from": _word,
}
READERS: dict[str, Callable[[QueryDict, Actor], Args]] = {
    "open": _open_args,
    "rename": _plain("name"),
    "recode": _plain("code"),
    "move": _to("parent"),
    "set_facts": _fact_args,
    "merge": _merge_args,
    "split": _split_args,
    "retire": _to("target"),
    "restore": _plain(),
}
