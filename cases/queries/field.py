"""The phone of the people outdoors: what waits for them, what they reported, their grid, a new call."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Case as OneOf
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import rulebook
from cases.kinds import ENDED, OPEN
from cases.models import Caller, Case, Part, Words
from cases.queries import case_list, lists
from cases.queries.masking import words_for
from cases.queries.rail import left_words
from cases.scope import near_q, visible
from cases.templatetags.huying import hm
from grid import finding, queries, tree
from grid.kinds import UPPER, rank
from grid.models import Place
from ledger.actor import Actor, Grant
from parties import directory

TILES = 6
USUAL = ("0601", "0502", "0503", "0616", "0625", "0301")  # for who has logged nothing yet
MOST_PLACES = 200
MOST_TODOS = 50
FOUND_AT_MOST = 12
IN_HANDS = ("received", "accepted", "assigned", "in_hand")


# -- 要我办


def todo_rows(actor: Actor) -> QuerySet[Case]:
    """Cases that wait for this person; `waits` says for what: word, supply, door, door_interim, door_wish, handle,
    part, verify or tell."""
    supply, verify, tell = supply_q(actor), case_list.to_verify_q(actor), tell_q(actor)
    door, handle, part = door_q(actor), handle_q(actor), part_q(actor)
    word = word_q(actor)
    waits = OneOf(
        When(word, then=Value("word")),
        When(door & Q(door_interim=True), then=Value("door_interim")),
        When(door & WISHED, then=Value("door_wish")),
        When(door, then=Value("door")),
        When(supply, then=Value("supply")),
        When(handle, then=Value("handle")),
        When(part, then=Value("part")),
        When(verify, then=Value("verify")),
        default=Value("tell"),
        output_field=CharField(),
    )
    return visible(actor).filter(word | supply | door | handle | part | verify | tell).annotate(waits=waits)


def supply_q(actor: Actor) -> Q:
    """Something is asked, and this person reported it or works the ground it lies on."""
    known = Q(reporter_ids__contains=[actor.id])
    for grant in actor.grants_for("take"):
        if grant.place_path and rank(grant.place_kind) > rank("community"):
            known |= Q(path__startswith=grant.place_path)
    return Q(status="awaiting_info") & known


def tell_q(actor: Actor) -> Q:
    """Resolved, with a caller whom this person took the call from and may tell."""
    if not actor.may("answer"):
        return Q(pk__in=[])
    return Q(status="resolved", origin="resident", reporter_ids__contains=[actor.id])


def handle_q(actor: Actor) -> Q:
    """In this person's own hands: taken up, or handed out by name."""
    return Q(holder_account_id=actor.id, status__in=IN_HANDS)


def word_q(actor: Actor) -> Q:
    """An official waits for word on what this person, or nobody yet in the unit, has in hand."""
    mine = Q(holder_account_id=actor.id)
    return Q(word_due_at__isnull=False) & (
        mine | Q(holder_account_id__isnull=True, holder_id__in=sorted(actor.units))
    )


def part_q(actor: Actor) -> Q:
    """A part in somebody else's case is open at the unit this person works for."""
    part = Part.objects.filter(
        case=OuterRef("pk"), organisation_id__in=sorted(actor.units), state__in=Part.OPEN
    )
    return Q(open_parts__gt=0, status__in=IN_HANDS) & Q(Exists(part))


def door_q(actor: Actor) -> Q:
    """代访: the text with an answer, final or interim, did not arrive, or the caller asked to be told at the door; and
    this person works the ground on which the caller lives."""
    ground = Q(pk__in=[])
    for grant in actor.grants_for("answer"):
        if grant.place_path and rank(grant.place_kind) > rank("community"):
            ground |= Q(path__startswith=grant.place_path)
    open_to = Q(sensitive=False, confidential=False) | near_q(actor)
    waiting = Q(status="resolved", door_interim=False) | Q(status__in=OPEN, door_interim=True)
    return waiting & Q(door_since__isnull=False) & ground & open_to


# who asked that somebody come
WISHED = Q()
for _case in ("call__case", "call__case__merged_into"):
    WISHED |= Q(
        Exists(Caller.objects.filter(contact_by="visit", call__withdrawn_at=None, **{_case: OuterRef("pk")}))
    )

TODO_WORDS = {
    "word": (gettext_lazy("批示"), gettext_lazy("去回复"), "report"),
    "door": (gettext_lazy("代访"), gettext_lazy("去上门"), "answer"),
    "door_interim": (gettext_lazy("代访"), gettext_lazy("去上门"), "interim"),
    "door_wish": (gettext_lazy("代访"), gettext_lazy("去上门"), "answer"),
    "supply": (gettext_lazy("补充"), gettext_lazy("去补充"), "supply"),
    "handle": (gettext_lazy("经办"), gettext_lazy("去办理"), "resolve"),
    "part": (gettext_lazy("协办"), gettext_lazy("去办理"), "resolve"),
    "verify": (gettext_lazy("核查"), gettext_lazy("去核查"), "verify"),
    "tell": (gettext_lazy("告知"), gettext_lazy("去告知"), "answer"),
}
TODO_STAGE = {
    "word": "resolve",
    "handle": "resolve",
    "part": "resolve",
    "door": "feedback",
    "door_interim": "feedback",
    "door_wish": "feedback",
    "supply": "ask",
    "verify": "verify",
    "tell": "feedback",
}


def todos(actor: Actor, at: dt.datetime) -> list[dict[str, Any]]:
    """What waits, the most urgent first; three statements."""
    found = list(lists.with_names(todo_rows(actor)).order_by("next_due_at", "id")[:MOST_TODOS])
    clocks = lists.clocks_of(found)
    asked = _questions([case.pk for case in found if case.waits == "supply"])
    shown = []
    for case, row in zip(found, lists.rows_of_clocks(actor, found, clocks, at), strict=True):
        label, verb, anchor = TODO_WORDS[case.waits]
        clock = next(
            (
                one
                for one in clocks.get(case.pk, [])
                if one.stage == TODO_STAGE[case.waits] and one.state == "running"
            ),
            None,
        )
        holder = directory.name_of(case.holder_id, short=True)
        hints = {
            "door": _("答复短信没有送达，请上门告诉反映人"),
            "door_interim": _("阶段性反馈的短信没有送达，请上门告诉反映人"),
            "door_wish": _("反映人要上门告诉他，请带上答复去"),
            "word": _("领导批示，%(at)s 前回复") % {"at": hm(case.word_due_at)} if case.word_due_at else "",
            "handle": _("在您手上，办好了写明结果"),
            "part": _("%(unit)s主办，本单位协办") % {"unit": holder},
            "supply": words_for(actor, case, asked.get(case.pk, "")),
            "verify": _("反映人说没有解决，请到场看")
            if case.doubted_at is not None
            else _("%(unit)s说已办结，请到场看") % {"unit": holder},
            "tell": _("%(unit)s已办结，请告诉反映人") % {"unit": holder},
        }
        due_at = clock.due_at if clock else None
        colour = lists.colours.of_clock(clock, at) if clock else row["colour"]
        if case.waits == "word" and case.word_due_at is not None:
            due_at, colour = case.word_due_at, "red" if case.word_due_at < at else "yellow"
        words = [case.place_text, left_words(due_at, at) if due_at else "", lists.callers_words(case)]
        shown.append(
            {
                "number": case.number,
                "kind_label": str(label),
                "colour": colour,
                "words": " · ".join(one for one in words if one),
                "title": row["title"],
                "hint": hints[case.waits],
                "url": f"{row['url']}?back={reverse('cases:todo')}#move-{anchor}",
                "verb": str(verb),
            }
        )
    return shown


def _questions(ids: list[int]) -> dict[int, str]:
    """Case id → what was asked last."""
    if not ids:
        return {}
    rows = Words.objects.filter(case_id__in=ids, texts__has_key="question").order_by("seq")
    return {row.case_id: row.texts["question"] for row in rows}


# -- 我的

MY_TABS = {
    "open": (gettext_lazy("办理中"), OPEN),
    "told": (gettext_lazy("已反馈"), ("answered",)),
    "ended": (gettext_lazy("已结案"), ENDED),
}


def my_calls(actor: Actor, tab: str) -> QuerySet[Case]:
    """What this person reported."""
    return visible(actor).filter(reporter_ids__contains=[actor.id], status__in=MY_TABS[tab][1])


def with_acts(actor: Actor, found: list[Case], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the one or two things this person may well do next; the case's own page has the rest."""
    for case, row in zip(found, rows, strict=True):
        row["acts"] = [
            {"label": str(label), "icon": icon, "url": f"{row['url']}#move-{anchor}", "primary": primary}
            for label, icon, anchor, primary in _acts(actor, case, row["colour"])
        ]
    return rows


def _acts(actor: Actor, case: Case, colour: str):
    if case.status == "received" and case.level in ("grid", "community"):
        if actor.may("settle", path=case.path):
            yield _("就地办结"), "check", "settle", False
        if actor.may("escalate", path=case.path):
            yield _("上呼"), "arrow-up", "escalate", True
    elif case.status == "awaiting_info":
        yield _("补充"), "message-plus", "supply", True
    elif case.status == "resolved" and case.has_caller and actor.may("answer", path=case.path):
        yield _("告知反映人"), "message-check", "answer", True
    elif case.status in OPEN and colour == "red":
        yield _("催办"), "bell-ringing", "urge", False


# -- where


def ground_of(actor: Actor, capability: str | None = None) -> list[Grant]:
    """The postings at places, the lowest place first."""
    grants = actor.grants if capability is None else actor.grants_for(capability)
    posted = {grant.place_id: grant for grant in grants if grant.place_path}
    return sorted(posted.values(), key=lambda grant: (-rank(grant.place_kind), grant.place_path))


# -- a new call


def tiles(actor: Actor) -> list[dict[str, str]]:
    """The items this person used last, filled up with the usual ones."""
    used = (
        Case.objects.filter(reporter_ids__contains=[actor.id], item_id__isnull=False)
        .order_by("-id")
        .values_list("item_id", flat=True)[:60]
    )
    known = [item for pk in dict.fromkeys(used) if (item := rulebook.item_by_id(pk)) and not item.retired]
    usual = [item for code in USUAL if (item := rulebook.item(code)) and not item.retired]
    chosen = list(dict.fromkeys([*known, *usual]))[:TILES]
    return [{"code": item.code, "name": item.name} for item in chosen]


def call_places(actor: Actor, *, choose: bool = True) -> tuple[dict[str, str] | None, list[dict[str, Any]]]:
    """(the own place, chosen beforehand; the others in reach by group). Outdoors the own grid is meant unless
    something else is said; a desk says where (`choose` False)."""
    posted = ground_of(actor, "take")
    if not posted:
        return None, []
    found = queries.light().in_bulk([grant.place_id for grant in posted])
    homes = [found[grant.place_id] for grant in posted if grant.place_id in found]
    own = next((place for place in homes if _takes_calls(place.kind)), None)
    shown = None
    if own is not None and choose:
        shown = _option(own) | {"path_text": queries.path_text(own, below="district")}
    below = _ground(own or homes[0])
    others = [place for place in homes if _takes_calls(place.kind)]
    groups = [
        (_("%(place)s以下") % {"place": (own or homes[0]).name}, below),
        (_("我负责的"), [place for place in others if shown is None or place.code != shown["code"]]),
    ]
    return shown, [
        {"label": label, "places": [_option(one) for one in inside]} for label, inside in groups if inside
    ]


def _takes_calls(kind: str) -> bool:
    return kind not in UPPER or kind == "street"


def _ground(top: Place) -> list[Place]:
    """All that lies below a place, where that is not too much to choose from; else what lies directly below."""
    inside = (
        queries.light().filter(tree.within(top), retired_at=None).exclude(pk=top.pk).exclude(kind="estate")
    )
    found = list(inside.order_by("path")[: MOST_PLACES + 1]) if top.kind not in UPPER else []
    if 0 < len(found) <= MOST_PLACES:
        return found
    return [place for place in queries.children(top)[:MOST_PLACES] if place.kind != "estate"]


def _option(place: Place) -> dict[str, str]:
    """`letters`: the pinyin initials, by which a script finds it in the page."""
    return {"code": place.code, "name": place.name, "letters": place.name_initials}


def found_places(actor: Actor, q: str) -> list[dict[str, str]]:
    """What somebody typed for a place, inside the reach of `take`; best first, each with its path."""
    if not q.strip():
        return []
    roots = [grant.place_id for grant in ground_of(actor, "take")]
    found: dict[str, Place] = {}
    for root in queries.light().filter(pk__in=roots):
        for place in finding.search(q, within=root, limit=FOUND_AT_MOST):
            if _takes_calls(place.kind):
                found.setdefault(place.code, place)
    return _with_paths(list(found.values()))


def place_at(actor: Actor, lng: float, lat: float) -> tuple[dict[str, str] | None, bool]:
    """(the lowest place whose boundary holds the point, whether this reader may call from there)."""
    place = finding.at_point(lng, lat)
    if place is None or not _takes_calls(place.kind):
        return None, False
    ground = ground_of(actor, "take")
    open_to = actor.id is None or any(tree.contains(grant.place_path, place.path) for grant in ground)
    return _with_paths([place])[0], open_to


def public_places(q: str) -> list[dict[str, str]]:
    """What a resident typed for a place; anywhere, for places are open to all."""
    hits = finding.search(q, limit=FOUND_AT_MOST * 2) if q.strip() else []
    return _with_paths([place for place in hits if _takes_calls(place.kind)])


def the_one(hits: list[dict[str, str]], q: str) -> str:
    """The code of the only place that fits, or of the one called exactly so; empty where it stays open."""
    exact = [hit for hit in hits if q.casefold() in (hit["name"].casefold(), hit["code"].casefold())]
    return (exact or hits)[0]["code"] if len(hits) == 1 or len(exact) == 1 else ""


def named_place(code: str) -> dict[str, str] | None:
    """The place that a link to a form names, as of a scanned sticker: chosen beforehand while it stands."""
    place = finding.by_code(code) if code else None
    if place is None or not place.is_live:
        return None
    has_board = any(one.kind == "community" for one in queries.lineage(place).values())
    return {**_with_paths([place])[0], "on_board": "1" if has_board else ""}


def _with_paths(found: list[Place]) -> list[dict[str, str]]:
    return [
        {"code": place.code, "name": place.name, "path_text": queries.path_text(place, below="district")}
        for place in found[:FOUND_AT_MOST]
    ]
