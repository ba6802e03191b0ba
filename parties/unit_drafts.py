"""Drafts of the tree of units: the engine is `grid.drafts`, `model=UnitDraft`; here stands what their steps are.

Commands and `args` (units and places by code; `~n` = opened by step n):
    open {name, code, kind, parent?, short_name?, aliases?, serves?, desk_of?, needs_release?} ·
    rename {unit, name?, short_name?, needs_release?, auto_dispatch?} · aliases {unit, aliases?} · move {unit, parent?} ·
    merge {units: [code, ...], target} · serve {unit, place} · leave {unit, place} · retire {unit} · restore {unit}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import finding
from grid.draft_base import DraftBase
from grid.drafts import base, reading
from grid.drafts.base import Args, Now, Ran, Run
from grid.drafts.reading import Command
from grid.drafts.seeing import related
from grid.errors import TreeRefused
from grid.followers import Impact
from grid.models import Place
from ledger import clock
from ledger.actor import Actor
from ledger.models import Entry
from parties import commands, consequences, directory, history
from parties.access import NotYours, keeps, kept_by
from parties.commands.reach import hold_places
from parties.errors import PartiesRefused
from parties.kinds import KINDS
from parties.models import Organisation, UnitDraft

CAPABILITY = "organisations"
PLACES = ("place", "serves", "desk_of")


class Units(base.Tree):
    model = UnitDraft
    subject = "units"
    capability = CAPABILITY
    no_right = gettext_lazy("您没有管理单位的权限。")
    no_right_here = gettext_lazy("这个单位不归您管理。")
    takes_along = frozenset({"move", "merge", "retire"})

    def read(self, command: str, args: Args) -> dict[str, Any]:
        return reading.read(COMMANDS, SHAPES, command, args)

    def references(self, command: str, args: Args) -> Iterator[str]:
        for name in ("unit", "parent", "target"):
            if args.get(name):
                yield str(args[name])
        yield from (str(ref) for ref in args.get("units", ()))

    def find(self, ref: str) -> Organisation:
        """By its code or `#id`, retired or not; a merged name does not lead on here."""
        rows = Organisation.objects.select_related("desk_of", "parent", "merged_into")
        if ref.startswith("#"):
            digits = ref[1:]
            found = rows.filter(pk=int(digits)).first() if digits.isdecimal() and len(digits) < 18 else None
        else:
            found = rows.filter(code=ref.strip()).first()
        if found is None:
            sentence = _("没有编码为“{code}”的单位。").format(code=ref[:40])
            raise TreeRefused(sentence, fields={"unit": _("没有")})
        return found

    def may(self, by: Actor, node: Organisation) -> bool:
        return keeps(by, node.path)

    def do(self, run: Run, command: str, args: Args) -> Ran:
        try:
            return COMMANDS[command].run(run, args)
        except PartiesRefused as refused:
            told = TreeRefused(refused.sentence, status=refused.status, fields=refused.fields)
            told.impacts = refused.impacts
            raise told from None
        except NotYours as refused:
            raise TreeRefused(refused.sentence, status=403) from None

    def lock(self, draft: DraftBase) -> None:
        """The places the steps name, then the units, each in the order of their ids."""
        named_places = [step["args"][name] for step in draft.steps for name in PLACES if name in step["args"]]
        hold_places(*map(finding.by_code, named_places))  # a place that is none, its own step refuses
        named = {int(pk) for step in draft.steps for pk in step["base"]}
        rows = Organisation.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=named)
        list(rows.order_by("pk"))

    def now(self, ids: Collection[int]) -> dict[int, Now]:
        rows = Organisation.objects.filter(pk__in=ids).order_by("pk")
        return {
            pk: Now(name, version, path)
            for pk, name, version, path in rows.values_list("pk", "name", "version", "path")
        }

    def since(self, versions: Mapping[int, int]) -> dict[int, list[str]]:
        """A unit's version grows with each of its entries, so the last ones are what came since."""
        missed = {pk: now.version - versions[pk] for pk, now in self.now(versions).items()}
        rows = Entry.objects.filter(subject_kind=Organisation.SUBJECT, subject_id__in=versions)
        found: dict[int, list[str]] = {}
        for entry in rows.order_by("subject_id", "-seq"):
            told = found.setdefault(entry.subject_id, [])
            if len(told) < missed[entry.subject_id]:
                day = f"{entry.at.astimezone(clock.LOCAL):%m-%d %H:%M}"
                label = history.LABELS.get(entry.event, entry.event)
                told.insert(0, _("{what}（{day}）").format(what=label, day=day))
        return found

    def names(self, several: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """From the directory in process; one statement where a step names a place."""
        found: dict[str, str] = {}
        wanted: set[str] = set()
        for step in several:
            for ref in self.references(step["command"], step["args"]):
                org = directory.by_id(int(ref[1:])) if ref.startswith("#") else directory.by_code(ref)
                if org is not None:
                    found[ref] = org.name
            wanted |= {str(step["args"][name]) for name in PLACES if name in step["args"]}
        if wanted:
            found |= dict(Place.objects.filter(code__in=wanted).values_list("code", "name"))
        return found

    def near(self, by: Actor, ids: Collection[int]) -> set[int]:
        if by.system or "read_all" in by.capabilities:
            return set(ids)
        mine = {grant.organisation_path for grant in by.grants} | set(kept_by(by))
        orgs = filter(None, map(directory.by_id, ids))
        return {org.id for org in orgs if org.id in by.units or related(org.path, mine)}

    def published_where(self, by: Actor) -> Q:
        found = Q(path="") if keeps(by, None) else Q(pk__in=[])  # what touched several roots
        for root in kept_by(by):
            found |= Q(path__startswith=root)
        return found

    def entry_path(self, draft: DraftBase) -> str:
        return ""  # what it touched is no place


# -- the commands as steps


def _open(run: Run, args: Args) -> Ran:
    parent: Organisation | None = run.find(args["parent"]) if "parent" in args else None
    unit = commands.open_organisation(
        parent=parent,
        code=args["code"],
        name=args["name"],
        kind=args["kind"],
        short_name=args.get("short_name", ""),
        aliases=args.get("aliases", ()),
        needs_release=args.get("needs_release", False),
        serves=[_place(args["serves"])] if "serves" in args else (),
        desk_of=_place(args["desk_of"]) if "desk_of" in args else None,
        **_why(run),
    )
    kind = KINDS[unit.kind].label
    words = _("新设{kind}“{name}”").format(kind=kind, name=unit.name)
    if parent is not None:
        words = _("在“{parent}”下新设{kind}“{name}”").format(parent=parent.name, kind=kind, name=unit.name)
    return Ran(unit, words, touched=[unit.pk], reverse=[_back("retire", unit)], opened=(unit,))


def _rename(run: Run, args: Args) -> Ran:
    unit = run.find(args["unit"])
    new = commands.rename_organisation(
        organisation=unit,
        version=unit.version,
        name=args.get("name"),
        short_name=args.get("short_name"),
        needs_release=args.get("needs_release"),
        auto_dispatch=args.get("auto_dispatch"),
        **_why(run),
    )
    before = {name: getattr(unit, name) for name in commands.SETTINGS}
    reverse = [_back("rename", unit, **before)]
    if new.name != unit.name:
        words = _("“{name}”改名为“{new}”").format(name=unit.name, new=new.name)
        reverse.append(_back("aliases", unit, aliases=list(unit.aliases)))
    elif new.short_name != unit.short_name:
        words = _("“{name}”的简称改为“{new}”").format(name=unit.name, new=new.short_name)
    else:
        words = _("“{name}”改设置").format(name=unit.name)
    return Ran(new, words, touched=[unit.pk], reverse=reverse)


def _aliases(run: Run, args: Args) -> Ran:
    unit = run.find(args["unit"])
    new = commands.rename_organisation(
        organisation=unit, version=unit.version, aliases=args.get("aliases", []), **_why(run)
    )
    listed = _("、").join(new.aliases) or _("没有")
    words = _("“{name}”的别名改为：{aliases}").format(name=unit.name, aliases=listed)
    reverse = [_back("aliases", unit, aliases=list(unit.aliases))]
    return Ran(new, words, touched=[unit.pk], reverse=reverse)


def _move(run: Run, args: Args) -> Ran:
    unit = run.find(args["unit"])
    parent: Organisation | None = run.find(args["parent"]) if "parent" in args else None
    below = (
        Organisation.objects.filter(path__startswith=unit.path, retired_at=None).exclude(pk=unit.pk).count()
    )
    moved = commands.move_organisation(organisation=unit, parent=parent, version=unit.version, **_why(run))
    words = _("“{name}”移到最上层").format(name=unit.name)
    if parent is not None:
        words = _("“{name}”移到“{parent}”之下").format(name=unit.name, parent=parent.name)
    along = [Impact("organisations", below, _("下面的 {n} 个单位一起移动").format(n=below))] if below else []
    back = {"parent": f"#{unit.parent_id}"} if unit.parent_id is not None else {}
    return Ran(moved, words, along, [unit.pk], [_back("move", unit, **back)])


def _merge(run: Run, args: Args) -> Ran:
    units, target = [run.find(ref) for ref in args["units"]], run.find(args["target"])
    found: list[Impact] = []
    for unit in units:
        found += consequences.impacts(consequences.UnitChange("merged", unit, target, run.at))
        commands.merge_organisation(organisation=unit, into=target, version=unit.version, **_why(run))
    names = _("、").join(unit.name for unit in units)
    words = _("“{names}”并入“{name}”").format(names=names, name=target.name)
    reverse = [_back("restore", unit) for unit in reversed(units)]
    return Ran(target, words, found, [unit.pk for unit in units], reverse, heirs=[target.pk])


def _serve(run: Run, args: Args) -> Ran:
    unit, place = run.find(args["unit"]), _place(args["place"])
    done = commands.begin_serving(organisation=unit, place=place, version=unit.version, **_why(run))
    words = _("“{name}”开始服务“{place}”").format(name=unit.name, place=place.name)
    return Ran(done, words, touched=[unit.pk], reverse=[_back("leave", unit, place=place.code)])


def _leave(run: Run, args: Args) -> Ran:
    unit, place = run.find(args["unit"]), _place(args["place"])
    done = commands.end_serving(organisation=unit, place=place, version=unit.version, **_why(run))
    words = _("“{name}”不再服务“{place}”").format(name=unit.name, place=place.name)
    return Ran(done, words, touched=[unit.pk], reverse=[_back("serve", unit, place=place.code)])


def _retire(run: Run, args: Args) -> Ran:
    unit = run.find(args["unit"])
    found = consequences.impacts(consequences.UnitChange("retired", unit, at=run.at))
    done = commands.retire_organisation(organisation=unit, version=unit.version, **_why(run))
    words = _("停用“{name}”").format(name=unit.name)
    return Ran(done, words, found, [unit.pk], [_back("restore", unit)])


def _restore(run: Run, args: Args) -> Ran:
    unit = run.find(args["unit"])
    into = unit.merged_into
    told = consequences.impacts(consequences.UnitChange("parted", unit, into, run.at)) if into else []
    done = commands.restore_organisation(organisation=unit, version=unit.version, **_why(run))
    words = _("恢复“{name}”").format(name=unit.name)
    if into is None:
        return Ran(done, words, touched=[unit.pk], reverse=[_back("retire", unit)])
    words = _("“{name}”从“{into}”分出").format(name=unit.name, into=into.name)
    reverse = [{"command": "merge", "args": {"units": [f"#{unit.pk}"], "target": f"#{into.pk}"}}]
    return Ran(done, words, told, [unit.pk], reverse, heirs=[into.pk])


def _why(run: Run) -> dict[str, Any]:
    return {"by": run.by, "at": run.at, "basis": run.basis}


def _back(command: str, unit: Organisation, **args: Any) -> dict[str, Any]:
    return {"command": command, "args": {"unit": f"#{unit.pk}", **args}}


def _place(code: str) -> Place:
    place = finding.by_code(code)
    if place is None:
        raise TreeRefused(_("没有编码为“{code}”的地点。").format(code=code[:40]), fields={"place": _("没有")})
    return place


COMMANDS: dict[str, Command] = {
    "open": Command(
        _open,
        ("name", "code", "kind"),
        ("parent", "short_name", "aliases", "serves", "desk_of", "needs_release"),
    ),
    "rename": Command(_rename, ("unit",), commands.SETTINGS),
    "aliases": Command(_aliases, ("unit",), ("aliases",)),
    "move": Command(_move, ("unit",), ("parent",)),
    "merge": Command(_merge, ("units", "target")),
    "serve": Command(_serve, ("unit", "place")),
    "leave": Command(_leave, ("unit", "place")),
    "retire": Command(_retire, ("unit",)),
    "restore": Command(_restore, ("unit",)),
}
SHAPES: Mapping[str, reading.Shape] = {
    "units": reading.words,
    "aliases": reading.words,
    "needs_release": lambda value: isinstance(value, bool),
    "auto_dispatch": lambda value: isinstance(value, bool),
}
UNITS = Units()
base.register(UNITS)
