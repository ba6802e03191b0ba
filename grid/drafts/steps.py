"""One step of a draft: what it names, what it does, how it is taken back.

A step is plain JSON: `{"n": 3, "command": "move", "args": {...}, "base": {"41": 7}}`. Places stand in `args` by
code; `~3` is the place that step 3 opens, `~3.2` the second part of what step 3 splits, `#41` the place with that
id. `base` holds the version of every standing place that the step names, as its author saw it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from grid import commands, facts, kinds
from grid.codes import tidy
from grid.commands import Outcome, Part
from grid.commands.counts import COUNTED
from grid.drafts import reading
from grid.drafts.base import Args, Ran, Run
from grid.drafts.reading import Command, Shape
from grid.errors import TreeRefused
from grid.models import Place, PlaceName
from grid.queries import children
from ledger import days

# numbers a step may carry: their types, the least and the most
BOUNDS: Mapping[str, tuple[tuple[type, ...], int, int]] = {
    "lon": ((int, float), -180, 180),
    "lat": ((int, float), -90, 90),
    "households": ((int,), 0, 2**31 - 1),
    "residents": ((int,), 0, 2**31 - 1),
}


def find(ref: str) -> Place:
    """The very place that a reference names, retired or not: nothing leads on to a successor here."""
    if ref.startswith("#"):
        found = Place.objects.filter(pk=int(ref[1:])).first() if _is_id(ref[1:]) else None
    else:
        code = tidy(ref)
        found = Place.objects.filter(code=code).first()
        if found is None:
            former = (
                PlaceName.objects.filter(kind=PlaceName.Kind.CODE, value=code).select_related("place").first()
            )
            found = former.place if former else None
    if found is None:
        raise TreeRefused(_("没有编码为“{code}”的地点。").format(code=ref[:40]), fields={"place": _("没有")})
    return found


def _is_id(digits: str) -> bool:
    return digits.isascii() and digits.isdecimal() and len(digits) <= 18


def references(command: str, args: Args) -> Iterator[str]:
    """Every place that a step names."""
    for name in ("place", "parent", "target", "managed_by"):
        if args.get(name):
            yield str(args[name])
    for name in ("places", "targets"):
        yield from (str(ref) for ref in args.get(name, ()))
    for part in args.get("parts", ()):
        yield from (str(ref) for ref in part.get("children", ()))


def _is_number(name: str) -> Callable[[Any], bool]:
    types, least, most = BOUNDS[name]
    return lambda value: type(value) in types and least <= value <= most


def _is_part(part: Any) -> bool:
    return (
        isinstance(part, dict)
        and not part.keys() - {"name", "code", "children", "boundary"}
        and isinstance(part.get("name"), str)
        and isinstance(part.get("code") or "", str)
        and isinstance(part.get("children", []), list)
        and all(isinstance(one, str) for one in part.get("children", []))
        and isinstance(part.get("boundary") or {}, dict)
    )


SHAPES: Mapping[str, Shape] = {
    "places": reading.words,
    "targets": reading.words,
    "aliases": reading.words,
    "parts": lambda value: isinstance(value, list) and all(_is_part(one) for one in value),
    "boundary": lambda value: isinstance(value, dict),
    **{name: _is_number(name) for name in BOUNDS},
}


# -- the commands as steps


def _carried(run: Run, args: Args) -> dict[str, Any]:
    """What of `facts.FIELDS` the arguments say, as the commands take it."""
    carried = {name: args[name] for name in facts.FIELDS if name in args}
    if carried.get("valid_from"):
        try:
            carried["valid_from"] = days.read(carried["valid_from"])
        except days.NoDay as wrong:
            raise TreeRefused(wrong.sentence, fields={"valid_from": _("格式不对")}) from None
    if carried.get("managed_by"):
        carried["managed_by"] = run.find(carried["managed_by"])
    return carried


def _open(run: Run, args: Args) -> Ran:
    carried = _carried(run, args)
    above = run.find(args["parent"]) if "parent" in args else None
    place = commands.open_place(
        kind=args["kind"], name=args["name"], parent=above, code=args.get("code"), **carried, **run.why
    )
    words = _("新设{kind}“{name}”").format(kind=kinds.label(place.kind), name=place.name)
    if above:
        words = _("在“{parent}”下新设{kind}“{name}”").format(
            parent=above.name, kind=kinds.label(place.kind), name=place.name
        )
    return Ran(place, words, touched=[place.pk], reverse=[_back("retire", place)], opened=(place,))


def _rename(run: Run, args: Args) -> Ran:
    place = run.find(args["place"])
    outcome = commands.rename_place(place=place, name=args["name"], version=place.version, **run.why)
    words = _("“{name}”改名为“{new}”").format(name=place.name, new=outcome.place.name)
    return _ran(outcome, words, [place.pk], [_back("rename", place, name=place.name)])


def _recode(run: Run, args: Args) -> Ran:
    place = run.find(args["place"])
    outcome = commands.recode_place(place=place, code=args["code"], version=place.version, **run.why)
    words = _("“{name}”的编码由 {code} 改为 {new}").format(
        name=place.name, code=place.code, new=outcome.place.code
    )
    return _ran(outcome, words, [place.pk], [_back("recode", place, code=place.code)])


def _move(run: Run, args: Args) -> Ran:
    place, above = run.find(args["place"]), run.find(args["parent"])
    before = place.above
    outcome = commands.move_place(place=place, parent=above, version=place.version, **run.why)
    words = _("“{name}”移到“{parent}”之下").format(name=place.name, parent=above.name)
    return _ran(outcome, words, [place.pk], [_back("move", place, parent=_id(before))] if before else [])


def _set_facts(run: Run, args: Args) -> Ran:
    place, values = run.find(args["place"]), _carried(run, args)
    before = {name: getattr(place, name) for name in values if name != "datum"}
    outcome = commands.set_facts(place=place, values=values, version=place.version, **run.why)
    words = _("“{name}”改资料：{what}").format(
        name=place.name, what=_("、").join(str(facts.LABELS[name]) for name in before)
    )
    former = {name: _as_argument(value) for name, value in before.items()}
    return _ran(outcome, words, [place.pk], [_back("set_facts", place, **former)])


def _as_argument(value: Any) -> Any:
    if isinstance(value, Place):
        return _id(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _merge(run: Run, args: Args) -> Ran:
    places = [run.find(ref) for ref in args["places"]]
    below = {place.pk: list(children(place)) for place in places}
    into = {"target": run.find(args["target"])} if "target" in args else {}
    new = {name: args[name] for name in ("name", "code") if name in args}
    outcome = commands.merge_places(
        places=places, versions=[place.version for place in places], **into, **new, **run.why
    )
    heir = outcome.opened[0] if outcome.opened else into["target"]
    words = _("“{names}”并入“{name}”").format(names=_("、").join(p.name for p in places), name=heir.name)
    reverse: list[dict[str, Any]] = []
    if into and (former := _counts_before(heir)):
        reverse.append(_back("set_facts", heir, **former))
    for place in places:
        reverse.append(_back("restore", place))
        reverse += [
            _back("move", child, parent=_id(place)) for child in below[place.pk] if child.pk != heir.pk
        ]
    touched = [pk for place in places for pk in (place.pk, *(child.pk for child in below[place.pk]))]
    if into and former:
        touched.append(heir.pk)
    if outcome.opened:
        reverse.append(_back("retire", heir, target=_id(places[0])))
        touched.append(heir.pk)
    ran = _ran(outcome, words, touched, reverse)
    ran.heirs, ran.opened = [heir.pk], outcome.opened
    return ran


def _counts_before(heir: Place) -> dict[str, Any]:
    """What the numbers of a place were that a merge has added to."""
    now = Place.objects.get(pk=heir.pk)
    return {name: getattr(heir, name) for name in COUNTED if getattr(heir, name) != getattr(now, name)}


def _split(run: Run, args: Args) -> Ran:
    place = run.find(args["place"])
    parts = [
        Part(
            name=part["name"],
            code=part.get("code") or None,
            children=tuple(run.find(ref) for ref in part.get("children", ())),
            carried={"boundary": part["boundary"]} if part.get("boundary") else {},
        )
        for part in args["parts"]
    ]
    outcome = commands.split_place(place=place, version=place.version, parts=parts, **run.why)
    words = _("“{name}”拆分为“{names}”").format(
        name=place.name, names=_("”“").join(new.name for new in outcome.opened)
    )
    moved = [child for part in parts for child in part.children]
    reverse = [_back("restore", place)]
    if place.kind != kinds.ESTATE:
        reverse += [_back("move", child, parent=_id(place)) for child in moved]
    reverse += [_back("retire", new, target=_id(place)) for new in outcome.opened]
    touched = [place.pk, *(child.pk for child in moved), *(new.pk for new in outcome.opened)]
    ran = _ran(outcome, words, touched, reverse)
    ran.opened = outcome.opened
    return ran


def _retire(run: Run, args: Args) -> Ran:
    place = run.find(args["place"])
    heirs = [run.find(ref) for ref in ([args["target"]] if "target" in args else args.get("targets", ()))]
    handed = args.get(
        "buildings", ()
    )  # by an undo only: those that the steps before it gave to the heirs again
    outcome = commands.retire_place(
        place=place, version=place.version, successors=heirs, buildings=handed, **run.why
    )
    words = _("停用“{name}”").format(name=place.name)
    if heirs:
        names = _("”“").join(heir.name for heir in heirs)
        words = _("停用“{name}”，由“{heir}”承接").format(name=place.name, heir=names)
    ran = _ran(outcome, words, [place.pk], [_back("restore", place)])
    ran.heirs = [heir.pk for heir in heirs]
    return ran


def _restore(run: Run, args: Args) -> Ran:
    place = run.find(args["place"])
    heirs = list(place.successions.order_by("pk").values_list("new_id", flat=True))
    theirs = dict(Place.objects.filter(managed_by__in=heirs).values_list("pk", "managed_by_id"))
    outcome = commands.restore_place(place=place, version=place.version, **run.why)
    words = _("恢复“{name}”").format(name=place.name)
    back, handed = [], {}
    if len(heirs) > 1:  # of an estate that was split: which buildings each part had
        came = Place.objects.filter(pk__in=theirs, managed_by=place).order_by("pk")
        back = [_back("set_facts", one, managed_by=f"#{theirs[one.pk]}") for one in came]
        handed = {"buildings": [one.pk for one in came]}
    back.append(
        _back("retire", place, **({"targets": [f"#{pk}" for pk in heirs]} if heirs else {}), **handed)
    )
    ran = _ran(outcome, words, [place.pk], back)
    ran.heirs = heirs
    return ran


def _ran(outcome: Outcome, words: str, touched: list[int], reverse: list[dict[str, Any]]) -> Ran:
    return Ran(outcome.place, words, outcome.impacts, touched, reverse)


def _back(command: str, place: Place, **args: Any) -> dict[str, Any]:
    return {"command": command, "args": {"place": _id(place), **args}}


def _id(place: Place) -> str:
    return f"#{place.pk}"


FACTS = tuple(name for name in facts.FIELDS if name != "boundary")
COMMANDS: dict[str, Command] = {
    "open": Command(_open, ("kind", "name"), ("parent", "code", *facts.FIELDS)),
    "rename": Command(_rename, ("place", "name")),
    "recode": Command(_recode, ("place", "code")),
    "move": Command(_move, ("place", "parent")),
    "set_facts": Command(_set_facts, ("place",), FACTS, one_of=FACTS, clears=True),
    "merge": Command(_merge, ("places",), ("target", "name", "code"), one_of=("target", "name")),
    "split": Command(_split, ("place", "parts")),
    "retire": Command(_retire, ("place",), ("target", "targets")),
    "restore": Command(_restore, ("place",)),
}
