"""The phone of the people outdoors: a new call, what waits for me, what I reported, my grid."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import captured, intake, moves, needs, rulebook
from cases.kinds import CHANNELS
from cases.lifecycle import Need
from cases.models import Attachment, Call
from cases.queries import checklist, field, likely, lists, nearby, ordering, rounds
from cases.queries.masking import title_for
from cases.refusals import MoveRefused, not_ready
from cases.web import forms, here, shell
from cases.web.answers import go, page, params, plain, refusal_of
from grid import finding
from ledger import clock
from ledger.actor import Actor
from parties import gate
from parties.gate import OutOfScope, signed_in

WORDS = (
    Need("text", "text", False, gettext_lazy("怎么回事")),
    Need("result", "text", False, gettext_lazy("怎么办好的")),
)
FILES = (
    Need("attachments", "ids", False, gettext_lazy("照片、录音")),
    Need("after", "ids", False, gettext_lazy("办好后的照片")),
)
PASSED_ON = ("urgency", "origin", "lat", "lng", "captured_at")
DESK_CHANNELS = ("phone", "visit", "letter", "hotline", "wechat", "sms")


# -- a new call


@gate.needs("take")
@require_http_methods(["GET", "HEAD", "POST"])
def new_call(request: HttpRequest) -> HttpResponse:
    """Take a call by photo, voice or words; with a result, settle it on the spot in the same go."""
    if request.method != "POST":
        q = plain(request.GET.get("place_q", ""), 120)
        found = field.found_places(request.actor, q)
        asked = {name: plain(request.GET.get(name, ""), 40) for name in ("origin", "round")}
        return _form(
            request, values=asked, place_q=q, found=found, at=plain(request.GET.get("place", ""), 40)
        )
    q = plain(request.POST.get("place_q", ""), 120)
    if request.POST.get("action") == "find":
        return _form(request, values=request.POST, place_q=q, found=field.found_places(request.actor, q))
    if request.POST.get("action") == "find_item":
        return _form(request, values=request.POST, place_q=q)
    if request.POST.get("action") == "similar":
        return _form(request, values=request.POST, place_q=q, similar=_similar(request))
    return _take(request)


@gate.needs("take")
@require_POST
def similar_calls(request: HttpRequest) -> HttpResponse:
    """What is open already and sounds like what is being typed: the part of the form that offers to join it. Posted,
    so that nobody's words stand in an address."""
    shown = _similar(request)
    return page(request, "components/join.html", {"similar": shown, "chosen": _join(request), "asked": True})


@gate.needs("take")
@require_safe
def near_calls(request: HttpRequest) -> HttpResponse:
    """What is open on one's own ground: a phone keeps it, to offer it without a network."""
    shown = {"rows": nearby.open_near(request.actor), "at": clock.now()}
    return page(request, "components/near.html", shown)


def _similar(request: HttpRequest) -> list[dict[str, Any]]:
    try:
        place = finding.by_code(_place_of(request.actor, request.POST))
    except MoveRefused:  # not clear yet where: the form will say so
        place = None
    if place is None:
        return []
    item = plain(request.POST.get("item", ""), 20)
    text = plain(request.POST.get("text", ""), 4000)
    return likely.rows(
        request.actor, likely.for_call(request.actor, place, clock.now(), item=item, text=text)
    )


def _join(request: HttpRequest) -> str:
    return plain(request.POST.get("join", ""), 40).strip()


def _take(request: HttpRequest) -> HttpResponse:
    at, by = clock.now(), request.actor
    settles = request.POST.get("action") == "settle"
    sent = None
    try:
        sent = forms.read(request, (*WORDS, *FILES))
        place = _place_of(by, request.POST)
        files = forms.store(
            request, sent, ["attachments", "after"] if settles else ["attachments"], by=by, at=at
        )
        details = _details(request, sent, place, at)
        try:
            taken = _write(by, at, sent, files, details, settles=settles)
        except MoveRefused as refused:
            if "join" not in refused.fields or request.POST.get("join_else") != "own":
                raise
            number, details["join"] = details["join"], ""
            taken = _write(by, at, sent, files, details, settles=settles)
            told = _("您选的 %(number)s 已经不能并入，已另立一件：%(own)s。")
            messages.warning(request, told % {"number": number, "own": taken.case.number})
    except MoveRefused as refused:
        posted = sent.posted if sent else request.POST
        found = refused.hits if isinstance(refused, SeveralPlaces) else []
        refusal = refusal_of(refused, getattr(refused, "move", ""), posted, forms.labels_of(WORDS))
        if "caller" in refusal["fields"]:
            refusal["fields"]["caller_phone"] = refusal["fields"].pop("caller")
            refusal["lone"] = "caller_phone" if refusal["lone"] else ""
        q = plain(request.POST.get("place_q", ""), 120)
        similar = _similar(request) if _join(request) else []
        return _form(
            request,
            values=posted,
            place_q=q,
            found=found,
            refusal=refusal,
            similar=similar,
            status=refused.status,
        )
    return go(request, reverse("cases:taken", args=[taken.case.number]))


def _write(
    by: Actor,
    at: dt.datetime,
    sent: forms.Sent,
    files: list[Attachment],
    details: dict[str, Any],
    *,
    settles: bool,
) -> intake.Taken:
    """The call, and its case settled at once where that is what was pressed: both or neither."""
    with transaction.atomic():
        if settles and details["join"]:
            raise not_ready(_("并入别人的工单后，由它的承办单位办结。"), join=_("请点“登记”，或另立一件。"))
        whole = sent.details["attachments"] + sent.details["after"]
        at_take, at_settle = _shares(by, sent, files, details) if settles else (whole, [])
        taken = intake.take_call(
            by=by, at=at, attachments=at_take, request_key=sent.key, body_hash=sent.hash, **details
        )
        if settles:
            try:
                moves.perform(
                    number=taken.case.number,
                    move="settle",
                    by=by,
                    at=at,
                    version=taken.case.version,
                    request_key=f"{sent.key}:settle" if sent.key else "",
                    body_hash=sent.hash,
                    result=sent.details["result"],
                    captured_at=details["captured_at"],
                    attachments=at_settle,
                )
            except MoveRefused as refused:
                refused.move = "settle"
                raise
    return taken


def _details(request: HttpRequest, sent: forms.Sent, place: str, at: dt.datetime) -> dict[str, Any]:
    """What `take_call` takes, from the form's fields. What a phone kept for too long is timed at its receipt rather
    than refused: nothing that was logged is lost."""
    posted = request.POST
    details: dict[str, Any] = {name: plain(posted.get(name, ""), 60) for name in PASSED_ON}
    details |= {
        "place_code": place,
        "text": sent.details["text"],
        "item": plain(posted.get("item", ""), 20),
        "channel": "app",
        "join": _join(request),
        "round": plain(posted.get("round", ""), 40),
    }
    if not shell.is_field(request.actor):
        channel = posted.get("channel", "phone")
        details["channel"] = channel if channel in DESK_CHANNELS else "phone"
    for name in ("lat", "lng"):
        details[name] = details[name] or None
    if captured.is_too_old(_instant(details["captured_at"]) or at, at):
        details["captured_at"] = ""
    if details["origin"] != "patrol":
        caller = {
            "name": plain(posted.get("caller_name", ""), 80).strip(),
            "phone": plain(posted.get("caller_phone", ""), 40).strip(),
            "anonymous": posted.get("caller_anonymous") == "1",
            "for_person": plain(posted.get("for_person", ""), 80).strip(),
            "contact_by": "visit" if posted.get("contact_by") == "visit" else "",
        }
        chosen = plain(posted.get("language", ""), 8)
        details["caller"] = {**caller, "language": chosen} if any(caller.values()) else None
    return details


def _instant(raw: str) -> dt.datetime | None:
    try:
        return needs.instant(raw)
    except needs.Unfit:  # the command says so
        return None


def _shares(
    by: Actor, sent: forms.Sent, fresh: list[Attachment], details: dict[str, Any]
) -> tuple[list[str], list[str]]:
    """Which files belong to the call and which prove that it was settled: those taken afterwards prove it, the others
    are the call's. Where none was: recordings are the call's, photos the proof; where nothing else was said, the first of
    several photos speaks for the call, and beside a single one the item's name does."""
    ids = sent.details["attachments"]
    if after := sent.details["after"]:
        if not details["text"].strip() and not ids and (item := rulebook.item(details["item"])) is not None:
            details["subject"] = item.name
        return ids, after
    kinds = {str(file.pk): file.kind for file in fresh}
    older = [pk for pk in ids if pk not in kinds]
    if older:
        kinds |= forms.kinds_of(older, by)
    voices = [pk for pk in ids if kinds.get(pk) == "voice"]
    photos = [pk for pk in ids if pk not in voices]
    if not details["text"].strip() and not voices:
        if len(photos) > 1:
            return photos[:1], photos[1:]
        item = rulebook.item(details["item"])
        if photos and item is not None:
            details["subject"] = item.name
    return voices, photos


def _place_of(actor: Actor, posted: QueryDict) -> str:
    """The code of the place that was chosen among what was found, or typed, or preselected, in that order of
    weight. Raises MoveRefused where what was typed fits none or several."""
    if found := plain(posted.get("place_found", ""), 40).strip():
        return found
    q = plain(posted.get("place_q", ""), 120).strip()
    if not q:
        return plain(posted.get("place", ""), 40).strip()
    hits = field.found_places(actor, q)
    if code := field.the_one(hits, q):
        return code
    if not hits:
        raise not_ready(
            _("没找到“%(q)s”这个地点。") % {"q": q},
            place=_("去掉“社区”再试，或输拼音首字母；也可用上面的地点。"),
        )
    raise SeveralPlaces(hits)


class SeveralPlaces(MoveRefused):
    """What was typed fits several places."""

    def __init__(self, hits: list[dict[str, str]]) -> None:
        super().__init__(
            "not_ready", _("有几个地点都对得上，请选一个。"), fields={"place": _("请在下面选一个。")}
        )
        self.hits = hits


def _form(
    request: HttpRequest,
    *,
    values: QueryDict | dict[str, Any] | None = None,
    place_q: str = "",
    found: list[dict[str, str]] | None = None,
    refusal: dict[str, Any] | None = None,
    similar: list[dict[str, Any]] | None = None,
    status: int = 200,
    at: str = "",
) -> HttpResponse:
    actor = request.actor
    own, places = field.call_places(actor, choose=shell.is_field(actor))
    values = values if values is not None else {}
    place = field.named_place(at or plain(values.get("place", ""), 40)) or own
    is_own = own is not None and place is not None and place["code"] == own["code"]
    posted = values if isinstance(values, QueryDict) else QueryDict()
    tiles, chosen = field.tiles(actor), plain(posted.get("item", ""), 20)
    item_q = plain(posted.get("item_q", ""), 60).strip()
    context = {
        "place": place,
        "own": None if is_own else own,
        "is_own": is_own,
        "places": places,
        "here": here.of(request, values),
        "found": found or [],
        "place_q": place_q,
        "tiles": tiles,
        "listed": "" if chosen in {tile["code"] for tile in tiles} else chosen,
        "item_q": item_q,
        "found_items": checklist.found(item_q) if posted.get("action") == "find_item" else [],
        "categories": checklist.offered(),
        "item_count": len(rulebook.items()),
        "can_settle": actor.may("settle"),
        "back": reverse("cases:my_calls") if shell.is_field(actor) else reverse("parties:home"),
        "channels": []
        if shell.is_field(actor)
        else [{"value": name, "label": CHANNELS[name]} for name in DESK_CHANNELS],
        "languages": [{"value": code, "label": name} for code, name in settings.LANGUAGES],
        "kept": posted.getlist("attachments"),
        "kept_after": posted.getlist("after"),
        "on_round": rounds.named(actor, plain(values.get("round", "") or "", 40)),
        "similar": similar or [],
        "looked": similar is not None,
        "values": values,
        "refusal": refusal,
    }
    return page(request, "cases/field/new_call.html", context, status)


@signed_in
@require_safe
def taken(request: HttpRequest, number: str) -> HttpResponse:
    """What to tell the resident, right after: for whoever took the call."""
    actor = request.actor
    calls = Call.objects.filter(case__number=plain(number), reporter_id=actor.id).select_related(
        "case", "caller"
    )
    call = calls.order_by("-id").first()
    if call is None:
        raise OutOfScope(_("没有找到，或不在您的范围内。"))
    case = call.case
    caller = getattr(call, "caller", None)
    context = {
        "number": case.number,
        "tracking_code": call.tracking_code,
        "title": title_for(actor, case),
        "place_text": case.place_text,
        "settled": case.status != "received" and case.resolved_at is not None,
        "has_caller": caller is not None and bool(caller.phone_tail),
        "joined": call.received_at > case.received_at or case.status == "merged",
        "case_url": reverse("cases:detail", args=[case.number]),
        "slip_url": reverse("cases:slip", args=[case.number]),
        "call_again_url": reverse("cases:new_call"),
    }
    return page(request, "cases/field/taken.html", context)


# -- what waits, what I reported


@signed_in
@require_safe
def todo(request: HttpRequest) -> HttpResponse:
    """要我办: to supply, to verify, to tell."""
    context = {
        "todos": field.todos(request.actor, clock.now()),
        "page": None,
        "my_calls_url": reverse("cases:my_calls"),
        "rounds_url": f"{reverse('cases:grid')}#rounds" if request.actor.may("round") else "",
    }
    return page(request, "cases/field/todo.html", context)


@signed_in
@require_safe
def my_calls(request: HttpRequest) -> HttpResponse:
    """我的: what I reported, by how far it came."""
    actor, at, asked = request.actor, clock.now(), params(request)
    tab = asked.get("tab", "open")
    tab = tab if tab in field.MY_TABS else "open"
    wanted = {name: field.my_calls(actor, name) for name in field.MY_TABS}
    numbers = shell.count(request, wanted)
    found, pager = lists.page_of(
        lists.with_names(wanted[tab]), ordering.NEWEST, {**asked, "tab": tab}, numbers[tab], size=20
    )
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?tab={name}",
                "count": lists.shown(numbers[name]),
                "current": name == tab,
                "hot": False,
            }
            for name, (label, _statuses) in field.MY_TABS.items()
        ],
        "cases": field.with_acts(actor, found, lists.rows_of(actor, found, at)),
        "page": pager if pager and (pager["next"] or pager["previous"]) else None,
    }
    return page(request, "cases/field/my_calls.html", context)
