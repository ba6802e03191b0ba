"""随手拍: a resident without an account reports, with a photo or a line, from a scanned sticker or a link.

No account and no puzzle. An address that sends more than its share is asked for a little work by its phone first
(`proof.js`), more of it the more it sends; without script it waits a few minutes. So neighbours behind one address get
through, and a flood costs whoever makes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases import intake
from cases.api import throttles
from cases.lifecycle import Need
from cases.own_calls import RESIDENT
from cases.queries import field
from cases.refusals import MoveRefused, not_ready
from cases.web import forms, here, track
from cases.web.answers import by_script, go, page, plain, private, problem, refusal_of
from ledger import clock

CHANNEL = "wechat"
WORDS = (Need("text", "text", False, gettext_lazy("怎么回事")),)
FILES = (Need("attachments", "ids", False, gettext_lazy("照片")),)
CONTACT_BY = {
    "sms": gettext_lazy("短信"),
    "phone": gettext_lazy("打电话"),
    "visit": gettext_lazy("上门告诉我"),
}
WORK_SALT, WORK_LASTS = "cases.report.work", dt.timedelta(minutes=10)
EASIEST, HARDEST = 14, 20  # leading zero bits of a SHA-256: a blink of a phone … half a minute


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form; posted, one call of a resident, and the way to its progress."""
    if request.method != "POST":
        q = plain(request.GET.get("place_q", ""), 120)
        return _form(request, {"place": plain(request.GET.get("place", ""), 40), "place_q": q})
    if request.POST.get("action") == "find":
        return _form(request, request.POST)
    over = _over(request)
    if over and not _worked(request):
        words = _("这会儿从这里报的人多。请等手机算几秒，自动再交；没有反应的话过几分钟再点，或打 12345。")
        refusal = {"status": 429, "sentence": words, "move": "", "fields": {}, "posted": {}}
        if by_script(request):  # draws nothing, so nothing is looked up for it
            return private(problem(429, detail=words))
        return _form(request, request.POST, refusal=refusal, work=_work(over), status=429)
    return _take(request)


def _take(request: HttpRequest) -> HttpResponse:
    at, by, sent = clock.now(), RESIDENT, None
    try:
        sent = forms.read(request, (*WORDS, *FILES))
        place, hits = _place_of(request.POST)
        caller = _caller(request.POST, request.actor.id)
        if not place:
            words = _("请说在哪里。") if not hits else _("有几个地点都对得上，请选一个。")
            raise not_ready(words, place_q=words)
        forms.store(request, sent, ["attachments"], by=by, at=at)
        with transaction.atomic():
            taken = intake.take_call(
                by=by,
                at=at,
                place_code=place,
                text=sent.details["text"],
                attachments=sent.details["attachments"],
                channel=CHANNEL,
                origin="resident",
                caller=caller,
                confidential=request.POST.get("confidential") == "1",
                lat=plain(request.POST.get("lat", ""), 20) or None,
                lng=plain(request.POST.get("lng", ""), 20) or None,
                request_key=sent.key,
                body_hash=sent.hash,
            )
    except MoveRefused as refused:
        refusal = refusal_of(refused, "", sent.posted if sent else request.POST, forms.labels_of(WORDS))
        if "caller" in refusal["fields"]:
            refusal["fields"]["caller_phone"] = refusal["fields"].pop("caller")
        return _form(request, sent.posted if sent else request.POST, refusal=refusal, status=refused.status)
    response = go(request, f"{reverse('cases:tracked', args=[taken.call.tracking_code])}?new=1")
    track.remember(request, response, taken.call)
    if request.actor.id is None:  # one of ours reports for whom he likes, but never has that one's voice
        track.give_voice(request, response, taken.call, at)
    return response


def _caller(posted: QueryDict, by: int | None) -> dict[str, Any]:
    """How to reach whoever reports; nobody has to be reachable, but has to have decided so."""
    contact = plain(posted.get("contact_by", ""), 8)
    caller = {
        "name": plain(posted.get("caller_name", ""), 80).strip(),
        "phone": plain(posted.get("caller_phone", ""), 40).strip(),
        "for_person": plain(posted.get("for_person", ""), 80).strip(),
        "contact_by": contact if contact in CONTACT_BY else "",
        "anonymous": posted.get("caller_anonymous") == "1",
        # who reads the form in a language gets texts in it; one of ours fills it in for somebody else
        "language": get_language() if by is None else "",
    }
    if not caller["phone"] and not caller["anonymous"]:
        words = _("请留电话，好告诉您结果；不想留就勾“不留名”。")
        raise not_ready(words, caller_phone=words)
    return caller


def _place_of(posted: QueryDict) -> tuple[str, list[dict[str, str]]]:
    """The code of the place that was scanned or chosen; else the only one that what was typed fits."""
    q = plain(posted.get("place_q", ""), 120).strip()
    if code := plain(posted.get("place_found", "") or ("" if q else posted.get("place", "")), 40).strip():
        return code, []
    hits = field.public_places(q)
    return field.the_one(hits, q), hits


def _form(
    request: HttpRequest,
    values: QueryDict | dict[str, str],
    *,
    refusal: dict[str, Any] | None = None,
    work: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    place = field.named_place(plain(values.get("place", ""), 40))
    q = plain(values.get("place_q", ""), 120)
    context = {
        "place": place,
        "place_q": q,
        "found": field.public_places(q),
        "here": here.of(request, values),
        "kept": values.getlist("attachments") if isinstance(values, QueryDict) else [],
        "contacts": [{"value": name, "label": label} for name, label in CONTACT_BY.items()],
        "values": values,
        "refusal": refusal,
        "work": work,
        "board_url": reverse("cases:board", args=[place["code"]]) if place and place["on_board"] else "",
        "staff_url": "" if request.actor.id is not None else _staff_url(place),
    }
    return page(request, "cases/public/report.html", context, status)


def _staff_url(place: dict[str, str] | None) -> str:
    here = reverse("cases:new_call") + (f"?{urlencode({'place': place['code']})}" if place else "")
    return f"{reverse('parties:login')}?{urlencode({'next': here})}"


# -- a flood costs whoever makes it


def _over(request: HttpRequest) -> int:
    """How many times its share this address has used up; 0 within it."""
    return throttles.times_over("report", throttles.address_of(request))


def _work(over: int) -> dict[str, Any]:
    """A task for the phone: find a number so that the digest of task and number begins with so many zero bits. How many
    stands in the task, under our seal: what was asked for is what is due, whatever comes in meanwhile."""
    bits = min(HARDEST, EASIEST + over.bit_length() - 1)
    task = signing.TimestampSigner(salt=WORK_SALT).sign(f"{bits}-{secrets.token_hex(8)}")
    return {"task": task, "bits": bits}


def _worked(request: HttpRequest) -> bool:
    """Whether the task was really given by us lately, is solved, and pays for the first time."""
    task, number = plain(request.POST.get("work", ""), 120), plain(request.POST.get("work_done", ""), 20)
    try:
        told = signing.TimestampSigner(salt=WORK_SALT).unsign(task, max_age=WORK_LASTS)
    except signing.BadSignature:
        return False
    digest = int.from_bytes(hashlib.sha256(f"{task}:{number}".encode()).digest(), "big")
    solved = digest >> (256 - int(told.partition("-")[0])) == 0
    return solved and cache.add(
        f"report:work:{hashlib.sha256(task.encode()).hexdigest()}", 1, int(WORK_LASTS.total_seconds())
    )
