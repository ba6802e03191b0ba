"""Command: many duty rows at once, from a sheet or a form: what each line would do, then all of it or nothing.

A line says how things shall stand: the same row there already is no change; another one on the matter gives way; an
earlier end dates it. Rows that no line speaks of stay. A line marked 建议 does nothing until its mark is changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from cases import duty_edits, rulebook
from cases.models.duty_draft import DutyDraft
from cases.models.rules import DutyRow
from cases.refusals import MoveRefused, not_ready, not_yours
from cases.routing import concern, duty_sheets
from cases.routing.duty_sheets import Line
from cases.routing.facts import Duty
from cases.routing.revision import Clash, Difference, Revision, apply, says_the_same
from grid.models import Place
from grid.queries import lineages
from ledger import clock
from ledger.actor import Actor
from parties import access, directory

OPEN, CHANGE, END, SAME, SUGGESTED, WRONG = "open", "change", "end", "same", "suggested", "wrong"
KEPT = 20  # drafts of a person; older ones go when a new one comes


@dataclass(frozen=True, slots=True)
class Effect:
    """What a line does. `row`: as it would be; `problem`: why it cannot."""

    line: Line
    does: str
    row: Duty | None = None
    problem: str = ""


@dataclass
class Plan:
    """What all lines come to, on the rows as they stand."""

    effects: list[Effect] = field(default_factory=list)
    difference: Difference = field(default_factory=Difference)
    paths: set[str] = field(default_factory=set)

    @property
    def counts(self) -> Counter[str]:
        return Counter(one.does for one in self.effects)

    @property
    def problems(self) -> list[tuple[int, str]]:
        return [(one.line.number, one.problem) for one in self.effects if one.does == WRONG]

    def rows(self) -> tuple[Duty, ...]:
        """All rows as they would be."""
        return apply(rulebook.duty_rows(), self.difference)


def keep(*, content: Iterable[Line], name: str, by: Actor, at: dt.datetime) -> DutyDraft:
    """Keep lines as a draft of one's own."""
    if not by.may("rules"):
        raise not_yours(_("您没有修改职责行的权限。"))
    old = DutyDraft.objects.filter(author_id=by.id).order_by("-pk").values_list("pk", flat=True)[KEPT - 1 :]
    DutyDraft.objects.filter(pk__in=list(old)).delete()
    lines = [[line.number, dict(line.cells)] for line in content]
    return DutyDraft.objects.create(author_id=by.id, created_at=at, name=name[:120], lines=lines)


def try_change(
    *, row: int, by: Actor, at: dt.datetime, since: dt.date | None = None, **changes: Any
) -> DutyDraft:
    """Keep what `duty_edits.change_duty` would do as a draft of one line, to be replayed first."""
    old = duty_edits.row_of(row)
    access.require(by, "rules", path=old.place.path)
    new = duty_edits.as_changed(old, at=at, since=since, **changes)
    return _keep_one(new, old.place, by=by, at=at, instead_of=row)


def try_end(*, row: int, by: Actor, at: dt.datetime, on: dt.date | None = None) -> DutyDraft:
    """As `try_change`, of `duty_edits.end_duty`."""
    old = duty_edits.row_of(row)
    access.require(by, "rules", path=old.place.path)
    ended = replace(rulebook.duty_of(old), until=on or clock.local_date(at))
    return _keep_one(ended, old.place, by=by, at=at, ends=row)


def _keep_one(row: Duty, place: Place, *, by: Actor, at: dt.datetime, **about: int) -> DutyDraft:
    """`about`: instead_of or ends, the row it speaks of; no sheet has these columns."""
    unit = directory.by_id(row.organisation_id)
    cells = {
        **about,
        "item": row.item,
        "category": row.category,
        "place": place.code,
        "organisation": unit.code if unit is not None else "",
        "template": row.template,
        "part": row.part,
        "direct": "1" if row.direct else "",
        "since": row.since.isoformat(),
        "until": row.until.isoformat() if row.until else "",
        "basis": row.basis,
    }
    return keep(content=[form_line(cells)], name="", by=by, at=at)


def lines_of(draft: DutyDraft) -> list[Line]:
    return [duty_sheets.line_of(number, cells) for number, cells in draft.lines]


def plan(lines: Sequence[Line], *, by: Actor, at: dt.datetime, book: Revision | None = None) -> Plan:
    """What each line would do; writes nothing. Three statements, however many lines there are."""
    today = clock.local_date(at)
    book = Revision.of(rulebook.duty_rows(), today) if book is None else book
    places, told = _places({line.cells.get("place", "") for line in lines}), Plan()
    lineages(one.path for found in places.values() for one in found)  # their names, at once
    for line in lines:
        try:
            told.effects.append(_effect(line, places, book, told, by, at))
        except (MoveRefused, Clash) as problem:
            refused = duty_edits.refusal_of(problem) if isinstance(problem, Clash) else problem
            told.effects.append(Effect(line, WRONG, problem=str(refused.sentence)))
    told.difference = book.difference()
    return told


def publish(draft: DutyDraft, *, by: Actor, at: dt.datetime) -> Difference:
    """Let everything hold that the lines say, or nothing; one entry. MoveRefused 422 with the first problem."""
    lines, told = lines_of(draft), Plan()

    def change(book: Revision) -> None:
        nonlocal told
        told = plan(lines, by=by, at=at, book=book)
        if told.problems:
            number, words = told.problems[0]
            raise not_ready(
                _("%(n)s 行有错，什么都没有写入。第 %(number)s 行：%(words)s")
                % {"n": len(told.problems), "number": number, "words": words}
            )

    if DutyDraft.objects.filter(pk=draft.pk, published_at=None).count() == 0:
        raise not_ready(_("这份草稿已经发布过了。"))
    found = duty_edits.publish(
        by=by, at=at, change=change, paths=(), payload={"draft": draft.pk, "lines": len(lines)}
    )
    draft.published_at = at
    draft.save(update_fields=["published_at"])
    return found


# -- one line


def _effect(
    line: Line, places: Mapping[str, list[Place]], book: Revision, told: Plan, by: Actor, at: dt.datetime
) -> Effect:
    if line.suggested:
        return Effect(line, SUGGESTED)
    if line.problems:
        return Effect(line, WRONG, problem="；".join(line.problems))
    place = _the_place(line.cells.get("place", ""), places)
    if not by.may("rules", path=place.path):
        raise not_yours(_("“%(name)s”不在您负责的范围内。") % {"name": place.name})
    if (pk := line.cells.get("ends", "")) and line.until is not None:
        told.paths.add(place.path)
        row = book.rows.get(int(pk))
        duty_edits.end_in(book, int(pk), line.until)
        return Effect(line, END, row and replace(row, until=line.until))
    item, category = _matter(line)
    new = duty_edits.said(
        at=at,
        place=place,
        item=item,
        category=category,
        organisation=_unit(line.cells.get("organisation", "")),
        template=_template(line.cells.get("template", "")),
        part=line.part,
        direct=bool(line.direct),
        since=max(line.since or book.today, book.today),
        until=line.until,
        basis=line.cells.get("basis", ""),
    )
    if line.until is not None and line.until <= book.today:
        return Effect(line, SAME, new)  # what is over is over
    told.paths.add(place.path)
    if pk := line.cells.get("instead_of", ""):
        book.open(new, instead_of=int(pk))
        return Effect(line, CHANGE, new)
    alike = [row for row in book.same_matter(new) if says_the_same(row, new) and _meets(row, new)]
    if any(row.until == new.until and row.since <= new.since for row in alike):
        return Effect(line, SAME, new)
    for row in alike:
        if row.since <= new.since and new.until is not None and (row.until is None or row.until > new.until):
            book.end(row.id, new.until)
            return Effect(line, END, new)
    for row in alike:
        if row.since <= new.since and row.until is not None:
            new = replace(new, since=row.until)  # it goes on from there
    gives_way = any(_meets(row, new) for row in book.same_matter(new))
    book.open(new)
    return Effect(line, CHANGE if gives_way else OPEN, new)


def _meets(row: Duty, new: Duty) -> bool:
    return (row.until is None or row.until > new.since) and (new.until is None or row.since < new.until)


def _matter(line: Line) -> tuple[str, str]:
    item, category = line.cells.get("item", ""), line.cells.get("category", "")
    if item and rulebook.item(item) is None:
        named = [one.code for one in rulebook.items() if one.name == item]
        if len(named) != 1:
            raise not_ready(_("没有小项“%(word)s”。") % {"word": item[:40]})
        item = named[0]
    if category and rulebook.category(category) is None:
        named = [one.code for one in rulebook.categories() if one.name == category]
        if len(named) != 1:
            raise not_ready(_("没有大类“%(word)s”。") % {"word": category[:40]})
        category = named[0]
    return item, category


def _unit(word: str) -> directory.Org | None:
    if not word:
        return None
    found = directory.by_code(word) or directory.named(word)
    if found is None:
        raise not_ready(_("没有找到单位“%(word)s”。") % {"word": word[:40]})
    return found


def _template(word: str) -> str:
    known = concern.templates()
    if not word or word in known:
        return word
    named = [code for code, name in known.items() if name == word]
    return named[0] if len(named) == 1 else word


def _places(words: set[str]) -> dict[str, list[Place]]:
    """word → the places that go by it: by code; else by name, with what stands above before a slash."""
    wanted = {word for word in words if word}
    found = {place.code: [place] for place in Place.objects.filter(code__in=wanted).defer("boundary")}
    parts = {
        word: [part.strip() for part in word.split("/") if part.strip()] for word in wanted - found.keys()
    }
    names = {part for every in parts.values() for part in every}
    named: dict[str, list[Place]] = {}
    for place in Place.objects.filter(name__in=names, retired_at=None).defer("boundary"):
        named.setdefault(place.name, []).append(place)
    for word, every in parts.items():
        fits = named.get(every[-1], []) if every else []
        for above in every[:-1]:
            roots = tuple(place.path for place in named.get(above, []))
            fits = [place for place in fits if roots and place.path.startswith(roots)]
        found[word] = fits
    return found


def _the_place(word: str, places: Mapping[str, list[Place]]) -> Place:
    if not word:
        raise not_ready(_("没有写地点。"))
    found = places.get(word, [])
    if len(found) > 1:
        codes = "、".join(place.code for place in found[:5])
        raise not_ready(_("叫“%(word)s”的地点有几处：%(codes)s。") % {"word": word[:40], "codes": codes})
    if not found:
        raise not_ready(_("没有地点“%(word)s”。") % {"word": word[:40]})
    return found[0]


# -- out


def exported(rows: Iterable[DutyRow]) -> Iterable[dict[str, str]]:
    """Rows as lines of a sheet that imports to no change."""
    for row in rows:
        duty = rulebook.duty_of(row)
        item = rulebook.item(duty.item) if duty.item else None
        names = [item.name if item else row.category.name if row.category else "", row.place.name]
        names.append(row.organisation.name if row.organisation else concern.template_name(row.template))
        yield {
            "item": duty.item,
            "category": duty.category,
            "place": row.place.code,
            "organisation": row.organisation.code if row.organisation else "",
            "template": row.template,
            "part": row.part,
            "direct": "是" if row.direct else "",
            "since": row.since.isoformat(),
            "until": row.until.isoformat() if row.until else "",
            "basis": row.basis,
            "note": " · ".join(names),
        }


def form_line(cells: Mapping[str, Any]) -> Line:
    """One line as a form would write it."""
    return duty_sheets.line_of(1, {name: str(value) for name, value in cells.items() if value})
