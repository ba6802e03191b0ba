"""Duty rows for those who keep them: lists, one row with its history, holes and overlaps, and who would get a call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import CharField, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import rulebook
from cases.models.rules import DutyRow, RuleTable
from cases.routing import concern, explain, lint
from cases.routing.facts import Duty
from grid import finding, paging
from grid.models import Place
from grid.paging import Key
from grid.queries import PlaceLite, by_ids, lineages
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory
from parties.models import Account

TABS = {
    "live": gettext_lazy("在用"),
    "coming": gettext_lazy("未到生效日"),
    "past": gettext_lazy("已失效"),
}
CSS = {"live": "ok", "coming": "info", "past": "stop"}
ORDER = (Key("matter"), Key("place_path"), Key("id"))
FILTERS = ("tab", "q", "item", "place", "organisation", "part")
NEAR = 30  # places that a word in the search box may mean
FEW = 8  # names in a sentence


# -- lists


def condition(asked: Mapping[str, str]) -> Q:
    """What `asked` wants, tab aside: item (code, or category code), place (code or name: rows at or below it),
    organisation (code or name; with the rows of templates it fills), part, q."""
    wanted = Q()
    if code := asked.get("item", "").strip():
        item = rulebook.item(code)
        wanted &= Q(item__code=code) | Q(category__code=item.category if item is not None else code)
    if words := asked.get("place", "").strip():
        place = place_named(words)
        wanted &= Q(place__path__startswith=place.path) if place is not None else Q(pk__in=[])
    if words := asked.get("organisation", "").strip():
        units = [unit] if (unit := directory.by_code(words)) else directory.search(words, retired=True)
        wanted &= Q(organisation__in=[one.id for one in units]) | Q(
            template__in={one.template for one in units if one.template}
        )
    if asked.get("part", "") in DutyRow.Part.values:
        wanted &= Q(part=asked["part"])
    if q := asked.get("q", "").strip():
        wanted &= _meant(q)
    return wanted


def in_tab(tab: str, today: dt.date) -> QuerySet[DutyRow]:
    """The rows of a tab: live, coming, past; of any other name all."""
    rows = DutyRow.objects.select_related("item", "category", "place", "organisation")
    if tab == "live":
        return rows.filter(Q(until=None) | Q(until__gt=today), since__lte=today)
    if tab == "coming":
        return rows.filter(since__gt=today)
    return rows.filter(until__lte=today) if tab == "past" else rows


def place_named(words: str) -> Place | None:
    """By code, name or pinyin initials; the likeliest."""
    return finding.by_code(words) or next(iter(finding.search(words, limit=1)), None)


def _meant(q: str) -> Q:
    """Rows whose matter, unit, template or place goes by this word, also by pinyin initials; or whose Basis has it."""
    word = q.lower()
    items = [one.id for one in rulebook.items() if _is_meant(word, one.code, one.name)]
    categories = [one.id for one in rulebook.categories() if _is_meant(word, one.code, one.name)]
    units = directory.search(q, retired=True)
    templates = [code for code, name in concern.templates().items() if _is_meant(word, code, name)]
    places = [place.pk for place in finding.search(q, limit=NEAR)]
    return (
        Q(item__in=items)
        | Q(category__in=categories)
        | Q(organisation__in=[unit.id for unit in units])
        | Q(template__in=templates)
        | Q(place__in=places)
        | Q(basis__icontains=q)
    )


def _is_meant(word: str, code: str, name: str) -> bool:
    initials = word.isascii() and word.isalpha() and word in directory.initials_of(name)
    return code.lower() == word or word in name.lower() or initials


def in_order(rows: QuerySet[DutyRow]) -> QuerySet[DutyRow]:
    """As lists page through them: by matter, then by place."""
    matter = Coalesce("item__code", "category__code", output_field=CharField())
    return rows.annotate(matter=matter, place_path=F("place__path"))


def page(
    rows: QuerySet[DutyRow], asked: Mapping[str, str], today: dt.date, size: int = 50
) -> tuple[list[dict[str, Any]], paging.Page]:
    """One page of rows, and the page. Raises paging.BadPage."""
    wanted = {name: asked[name] for name in (*FILTERS, "cursor") if asked.get(name)}
    found = paging.page(in_order(rows), ORDER, {**wanted, "page_size": str(size)})
    return lines(found.rows, today), found


# -- one row


def lines(rows: Sequence[DutyRow], today: dt.date) -> list[dict[str, Any]]:
    """Rows as lists print them; at most one statement for the names of places."""
    paths = lineages(row.place.path for row in rows)
    return [_line(row, paths[row.place.path], today) for row in rows]


def _line(row: DutyRow, line: Mapping[str, PlaceLite], today: dt.date) -> dict[str, Any]:
    state = state_of(row, today)
    return {
        "id": row.pk,
        "url": reverse("cases:duty", args=[row.pk]),
        **matter_words(rulebook.duty_of(row)),
        "place": _below_district(line),
        "place_code": row.place.code,
        "unit": target_words(row.organisation_id, row.template),
        "unit_code": row.organisation.code if row.organisation else "",
        "template": row.template,
        "gone": row.organisation is not None and row.organisation.retired_at is not None,
        "part": row.part,
        "part_label": DutyRow.Part(row.part).label,
        "direct": row.direct,
        "since": row.since,
        "until": row.until,
        "basis": row.basis,
        "state": state,
        "state_label": TABS[state],
        "css": CSS[state],
    }


def _below_district(line: Mapping[str, PlaceLite]) -> str:
    names = [place.name for kind, place in line.items() if kind not in ("province", "city")]
    return " / ".join(names[1:] or names)


def state_of(row: DutyRow | Duty, today: dt.date) -> str:
    if row.until is not None and row.until <= today:
        return "past"
    return "coming" if row.since > today else "live"


def matter_words(row: Duty) -> dict[str, str]:
    """{code, matter, sort, whole} of a row: the item, or the whole category."""
    item = rulebook.item(row.item) if row.item else None
    if item is not None:
        return {"code": item.code, "matter": item.name, "sort": _("小项"), "whole": ""}
    category = rulebook.category(row.category)
    name = category.name if category is not None else row.category
    return {"code": row.category, "matter": name, "sort": _("大类"), "whole": "1"}


def target_words(organisation_id: int | None, template: str) -> str:
    """The unit's short name; for a template what such offices are called, and that each place has its own."""
    if organisation_id is not None:
        return directory.name_of(organisation_id, short=True)
    return _("各地的%(name)s") % {"name": concern.template_name(template)}


def history(row: DutyRow) -> list[dict[str, Any]]:
    """What happened to the rows of this matter in this place, the newest first: when, who, what; two statements."""
    same = DutyRow.objects.filter(
        item=row.item_id, category=row.category_id, place=row.place_id, part=row.part
    )
    ids = list(same.order_by("-since", "-pk").values_list("pk", flat=True)[:60])
    told = Q(pk__in=[])
    for pk in ids:
        told |= Q(payload__row=pk) | Q(payload__begun__contains=[pk]) | Q(payload__ended__contains=[pk])
    entries = list(
        Entry.objects.filter(told, subject_kind=RuleTable.SUBJECT, event__in=list(EVENTS)).order_by("-seq")[
            :60
        ]
    )
    names = dict(
        Account.objects.filter(pk__in={one.actor_id for one in entries if one.actor_id}).values_list(
            "pk", "person__name"
        )
    )
    return [
        {
            "at": one.at,
            "who": names.get(one.actor_id, "") or _("系统"),
            "what": str(EVENTS.get(one.event, one.event)),
            "until": one.payload.get("until") if one.event == "rules.duty_ended" else "",
            "ruling": one.payload.get("ruling", ""),
        }
        for one in entries
    ]


EVENTS = {
    "rules.duty_opened": gettext_lazy("写下一行；原来的到那天为止"),
    "rules.duty_ended": gettext_lazy("终止一行"),
    "rules.duty_published": gettext_lazy("随一批改动发布"),
    "rules.duty_moved": gettext_lazy("随地点变动转移"),
}


def others(row: DutyRow, today: dt.date) -> list[dict[str, Any]]:
    """The other rows on the same matter in the same place, newest first."""
    rows = DutyRow.objects.select_related("item", "category", "place", "organisation").filter(
        item=row.item_id, category=row.category_id, place=row.place_id
    )
    return lines(list(rows.exclude(pk=row.pk).order_by("-since", "-pk")[:30]), today)


def row_json(line: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the interface shows it, from `lines`."""
    is_item = rulebook.item(line["code"]) is not None
    return {
        "id": line["id"],
        "item": line["code"] if is_item else None,
        "category": None if is_item else line["code"],
        "name": line["matter"],
        "place": line["place_code"],
        "place_name": line["place"],
        "organisation": line["unit_code"] or None,
        "template": line["template"] or None,
        "unit_name": line["unit"],
        "part": line["part"],
        "direct": line["direct"],
        "since": line["since"].isoformat(),
        "until": line["until"].isoformat() if line["until"] else None,
        "basis": line["basis"],
        "state": line["state"],
    }


# -- holes and overlaps


def roots_of(actor: Actor) -> tuple[str, ...]:
    """The places whose rows this person keeps (id-paths); none: all."""
    if actor.system or actor.may("read_all"):
        return ()
    return tuple(sorted({grant.place_path for grant in actor.grants_for("rules") if grant.place_path}))


def report(found: lint.Report) -> dict[str, Any]:
    """A lint as its page prints it: sentences, each opening to what it speaks of."""
    rows = [*found.dead_units, *found.dead_places, *(row for one in found.overlaps for row in one.rows)]
    places = by_ids({row.place_id for row in [*rows, *(gap.row for gap in found.gaps if gap.row)]})
    return {
        "communities": found.communities,
        "clean": found.clean,
        "gaps": [_gap(gap, found.communities) for gap in found.gaps],
        "overlaps": [
            {**matter_words(one.rows[0]), "place": _name(places, one.rows[0]), "rows": _short(one.rows)}
            for one in found.overlaps
        ],
        "dead_units": [{**matter_words(row), "place": _name(places, row), **_one(row)} for row in found.dead_units],
        "dead_places": [
            {**matter_words(row), "place": _name(places, row), **_one(row)} for row in found.dead_places
        ],
        "unfilled": [
            {
                "template": concern.template_name(code),
                "words": ngettext(
                    "%(n)s 个镇街没有这样的单位", "%(n)s 个镇街没有这样的单位", len(streets)
                ) % {"n": len(streets)},
                "streets": streets,
            }
            for code, streets in found.unfilled.items()
        ],
    }  # fmt: skip


def _gap(gap: lint.Gap, communities: int) -> dict[str, Any]:
    item = rulebook.item(gap.item)
    words = {
        "code": gap.item,
        "item": item.name if item else gap.item,
        "n": len(gap.spots),
        "unit": target_words(gap.row.organisation_id, gap.row.template) if gap.row else "",
    }
    if gap.why == lint.NO_ROW:
        sentence = _("%(code)s %(item)s 在 %(n)s 个社区没有承办单位")
    elif gap.why == lint.ENDED:
        sentence = _("%(code)s %(item)s 在 %(n)s 个社区写的是%(unit)s，但它已停用")
    else:
        sentence = _("%(code)s %(item)s 在 %(n)s 个社区写的是%(unit)s，但那里没有这样的单位")
    everywhere = len(gap.spots) == communities
    by_street: dict[str, list[str]] = {}
    for spot in () if everywhere else gap.spots:
        by_street.setdefault(spot.street, []).append(spot.name)
    return {
        "item": gap.item,
        "why": gap.why,
        "n": len(gap.spots),
        "everywhere": everywhere,
        "sentence": sentence % words,
        "streets": [{"name": name, "places": places} for name, places in by_street.items()],
        "row_url": reverse("cases:duty", args=[gap.row.id]) if gap.row and gap.row.id > 0 else "",
        "new_url": f"{reverse('cases:duty_new')}?item={gap.item}"
        + ("" if everywhere else f"&place={gap.spots[0].code}"),
    }


def _name(places: Mapping[int, PlaceLite], row: Duty) -> str:
    return places[row.place_id].name if row.place_id in places else ""


def _short(rows: Iterable[Duty]) -> list[dict[str, Any]]:
    return [_one(row) for row in rows]


def _one(row: Duty) -> dict[str, Any]:
    return {
        "url": reverse("cases:duty", args=[row.id]) if row.id > 0 else "",
        "unit": target_words(row.organisation_id, row.template),
        "since": row.since,
        "until": row.until,
    }


# -- who would get it


def candidates(found: Sequence[explain.Verdict]) -> list[dict[str, Any]]:
    """Verdicts as the tester prints them; at most one statement for names of places."""
    places = by_ids({one.row.place_id for one in found})
    return [
        {
            **matter_words(one.row),
            **_one(one.row),
            "place": _name(places, one.row),
            "named": directory.name_of(one.unit, short=True) if one.unit is not None else "",
            "part": DutyRow.Part(one.row.part).label,
            "basis": one.row.basis,
            "words": one.words,
            "wins": one.why == explain.WINS,
            "helps": one.why == explain.HELPS,
        }
        for one in found
    ]
