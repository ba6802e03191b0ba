"""Commands that keep a community's public board. Its clerks and desks write wishes and projects, and release pictures of
what was done with a sentence of their own. Each writes one entry into the card's chain, never the words.

What a caller said, is called, or where exactly he lives stands on no board: a sentence that gives it away is refused."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import board_places, needs, replays
from cases.disputes import closed_to
from cases.models import Attachment, BoardCard, Call, Case
from cases.models.board import PLANNED
from cases.refusals import MoveRefused, malformed, not_ready, not_yours
from cases.scope import covers, reads_words
from grid.models import Place
from ledger import book
from ledger.actor import Actor
from parties import gate
from parties.access import can

KEEPER = "start"  # those who work in the name of a committee, a street, the district
MOST_TITLE, MOST_STEP, MOST_STEPS = 80, 60, 8
MOVED = "board.card_moved"
DONE_WITH = ("resolved", "answered", "closed")
BETWEEN_PEOPLE = ("complaint", "dispute")  # a picture would point at somebody
NUMBER = re.compile(r"[0-9]{1,9}")
PHONE = re.compile(r"\d[\d\- ]{5,}\d")
HOUSEHOLD = re.compile(r"[0-9一二三四五六七八九十]+\s*(?:室|单元|户|门)|\d+-\d+-\d+")
QUOTED = 8  # so many characters in a row of what a caller said are a quotation


def may_keep(by: Actor, place: Place) -> bool:
    return can(by, KEEPER, path=place.path)


def write(
    *, by: Actor, at: dt.datetime, place: Place, kind: str, title: str, steps: Any, pk: int | None = None,
    version: Any = None, request_key: str = "", body_hash: str = "",
) -> BoardCard:  # fmt: skip
    """A new wish or project, or a new wording or progress of one. Refuses (409) what somebody else has changed."""
    if (earlier := _replayed(by, request_key, body_hash)) is not None:
        return earlier
    fit = planned(by=by, at=at, place=place, kind=kind, title=title, steps=steps)
    with transaction.atomic():
        row = _new(fit) if pk is None else _held(pk, place, version)
        if row.kind == "done":
            raise not_ready(_("办好的小事来自工单，只能撤下再放。"))
        if pk is not None:
            row.version += 1
        row.kind, row.title, row.steps = fit.kind, fit.title, fit.steps
        row.save()
        _record("board.card_written", row, by, at, {"steps": len(row.steps)}, request_key, body_hash)
    return row


def planned(*, by: Actor, at: dt.datetime, place: Place, kind: str, title: str, steps: Any) -> BoardCard:
    """The wish or project as it would stand on the board, unwritten."""
    _need_keeper(by, place)
    faults: dict[str, str] = {}
    if kind not in PLANNED:
        faults["kind"] = _("请选微心愿或微项目。")
    row = BoardCard(
        place=place, kind=kind, title=_sentence(title, faults), steps=_steps(steps, faults), shown_at=at
    )
    if faults:
        raise not_ready("；".join(dict.fromkeys(faults.values())), **faults)
    return row


def release(
    *, by: Actor, at: dt.datetime, case: Case, title: str, after: str, before: str = "", looked: bool = False,
    request_key: str = "", body_hash: str = "",
) -> BoardCard:  # fmt: skip
    """Put what was done on the board of its community: pictures of the case, a sentence of the desk's own. `looked`:
    somebody has looked that nobody can be known by the pictures."""
    if (earlier := _replayed(by, request_key, body_hash)) is not None:
        return earlier
    fit = released(by=by, at=at, case=case, title=title, after=after, before=before)
    if not looked:
        sentence = _("请先看清照片上认不出人、门牌和车牌。")
        raise not_ready(sentence, looked=sentence)
    with transaction.atomic():
        row = _new(fit)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise MoveRefused("stale", _("这件工单已经在公示板上。")) from None
        photos = [str(pk) for pk in (row.before_id, row.after_id) if pk is not None]
        _record(
            "board.card_written", row, by, at, {"case": case.pk, "photos": photos}, request_key, body_hash
        )
    return row


def released(
    *, by: Actor, at: dt.datetime, case: Case, title: str, after: str, before: str = ""
) -> BoardCard:  # fmt: skip
    """What was done, as it would stand on the board, unwritten."""
    place = board_places.of_case(case)
    if place is None or not may_release(by, case, place):
        raise not_yours(_("由社区和受理台决定哪些办好的事放上公示板。"))
    if sentence := unfit(case):
        raise not_ready(sentence)
    faults: dict[str, str] = {}
    words = _sentence(title, faults, case)
    photos = {str(one.pk): one for one in photos_of(by, case)}
    chosen = {name: _picture(raw, photos) for name, raw in (("before", before), ("after", after))}
    for name, raw in (("before", before), ("after", after)):
        if (raw or name == "after") and chosen[name] is None:
            faults[name] = _("请从这件工单的照片里选一张。")
    if faults:
        raise not_ready("；".join(dict.fromkeys(faults.values())), **faults)
    return BoardCard(place=place, kind="done", title=words, case=case, shown_at=at, **chosen)


def retire(
    *, by: Actor, at: dt.datetime, pk: int, place: Place, version: Any, request_key: str = "", body_hash: str = ""
) -> BoardCard:  # fmt: skip
    """Take a card off the board; its pictures are given out no more."""
    if (earlier := _replayed(by, request_key, body_hash)) is not None:
        return earlier
    _need_keeper(by, place)
    with transaction.atomic():
        row = _held(pk, place, version)
        row.retired_at = at
        row.version += 1
        row.save()
        _record("board.card_retired", row, by, at, {}, request_key, body_hash)
    return row


def carry(*, row: BoardCard, place: Place, by: Actor, at: dt.datetime) -> None:
    """The card stands on another community's board, whose community took over; inside the change of the tree."""
    before, row.place = row.place_id, place
    row.version += 1
    row.save()
    _record(MOVED, row, by, at, {"before": before})


# -- what may be shown


def may_release(by: Actor, case: Case, place: Place | None) -> bool:
    return place is not None and covers(by, case) and reads_words(by, case) and may_keep(by, place)


def offers(by: Actor, case: Case) -> bool:
    """Is the way to the board shown beside the case? No statement: the place itself is asked for on the way."""
    return bool(case.community_id) and can(by, KEEPER, path=case.path) and not unfit(case)


def unfit(case: Case) -> str:
    """Why nothing of this case may stand on a board; "" where it may."""
    if (
        case.sensitive
        or case.confidential
        or case.kind in BETWEEN_PEOPLE
        or case.about_organisation_id
        or case.about_account_id
    ):
        return _("敏感、保密、投诉和纠纷的事不上公示板。")
    if case.status not in DONE_WITH:
        return _("办结以后才能放上公示板。")
    return ""


def photos_of(by: Actor, case: Case) -> list[Attachment]:
    """The pictures of the case that this reader sees, as they came in."""
    rows = Attachment.objects.filter(case=case, kind="photo").exclude(seq__in=closed_to(by, case))
    return list(rows.order_by("seq", "uploaded_at", "pk")[:40])


def shown(pk: int, which: str) -> Attachment | None:
    """The picture of a card that stands on a board."""
    if which not in ("before", "after"):
        return None
    rows = BoardCard.objects.filter(pk=pk, retired_at=None, place__retired_at=None)
    row = rows.select_related(which).first()
    return getattr(row, which) if row is not None else None


def gives_away(words: str, case: Case | None) -> str:
    """What a sentence tells of a caller that nobody may learn from a board; "" where it tells nothing."""
    if PHONE.search(words) or HOUSEHOLD.search(words):
        return _("不要写电话和门牌，写到楼或小区为止。")
    if case is None:
        return ""
    bare = re.sub(r"\W", "", words)
    for call in Call.objects.filter(case=case).select_related("caller"):
        caller = getattr(call, "caller", None)
        names = (caller.name, caller.for_person) if caller else ()
        if any(len(name) > 1 and name in words for name in names):
            return _("不要写反映人或当事人的称呼。")
        said = re.sub(r"\W", "", f"{call.subject} {call.text}")
        if any(bare[n : n + QUOTED] in said for n in range(len(bare) - QUOTED + 1)):
            return _("不要照抄反映人的原话，请用自己的话写一句。")
    return ""


# -- parts


def _sentence(raw: str, faults: dict[str, str], case: Case | None = None) -> str:
    try:
        words = " ".join(needs.text(raw, limit=MOST_TITLE).split())
    except needs.Unfit as unfit_:
        faults["title"] = str(unfit_)
        return ""
    if sentence := gives_away(words, case):
        faults["title"] = sentence
    return words


def _steps(raw: Any, faults: dict[str, str]) -> list[dict[str, Any]]:
    """[{on, words, done}], in their order; empty ones are left out."""
    found: list[dict[str, Any]] = []
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not all(isinstance(one, dict) for one in raw):
        faults["steps"] = _("步骤没有写对。")
        return found
    for one in raw:
        said, on = one.get("words") or "", one.get("on") or ""
        if not said and not on:
            continue
        try:
            words = " ".join(needs.text(said, limit=MOST_STEP).split())
            day = dt.date.fromisoformat(on).isoformat() if on else ""
        except (needs.Unfit, ValueError, TypeError):
            faults["steps"] = _("每一步写一句话（最多 %(n)s 个字），日期可以不填。") % {"n": MOST_STEP}
            continue
        if sentence := gives_away(words, None):
            faults["steps"] = sentence
        found.append({"on": day, "words": words, "done": one.get("done") is True})
    if not found and "steps" not in faults:
        faults["steps"] = _("至少写一步，让大家看到进展。")
    if len(found) > MOST_STEPS:
        faults["steps"] = _("最多 %(n)s 步。") % {"n": MOST_STEPS}
    return found


def _picture(raw: Any, photos: dict[str, Attachment]) -> Attachment | None:
    try:
        return photos.get(str(uuid.UUID(str(raw)))) if raw else None
    except ValueError:
        return None


def _replayed(by: Actor, request_key: str, body_hash: str) -> BoardCard | None:
    """The card that this very request wrote before. Another form under the same key is refused."""
    entry = replays.entry_of(by, request_key, body_hash, BoardCard.SUBJECT)
    return BoardCard.objects.get(pk=entry.subject_id) if entry is not None else None


def _new(fit: BoardCard) -> BoardCard:
    """On a community that still stands: one that is just being merged takes nothing more along."""
    place = Place.objects.select_for_update(no_key=True).get(pk=fit.place_id)
    if not place.is_live:
        raise MoveRefused("stale", _("这个社区刚刚并入别的社区，请从那里的公示板再放。"))
    return fit


def _need_keeper(by: Actor, place: Place) -> None:
    if not may_keep(by, place):
        raise not_yours(_("公示板由本社区和上级受理台维护。"))


def _held(pk: int, place: Place, version: Any) -> BoardCard:
    row = gate.find(BoardCard.objects.select_for_update().filter(retired_at=None, place=place), pk=pk)
    if isinstance(version, bool) or not NUMBER.fullmatch(str(version)):
        raise malformed(_("请带上您看到的版本号再提交。"), version=_("缺少版本号。"))
    if int(version) != row.version:
        raise MoveRefused("stale", _("这一条刚被别人改过，请看最新的再改。"))
    return row


def _record(
    event: str, row: BoardCard, by: Actor, at: dt.datetime, facts: dict[str, Any], request_key: str = "",
    body_hash: str = "",
) -> None:  # fmt: skip
    payload = {"kind": row.kind, "place": row.place_id, "version": row.version, **facts}
    book.record(
        subject=row, event=event, by=by, at=at, path=row.place.path, payload=payload,
        request_key=request_key, body_hash=body_hash,
    )  # fmt: skip
    row.save(update_fields=["chain_head", "chain_length"])
