"""What comes after in the demo town: callers rate, officials ask for word, the committee keeps its board. By the same
commands as everybody's, once."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from django.db.models import QuerySet

from cases import board, editing, moves, rating, rulebook
from cases.demo import pictures
from cases.demo.cast import Cast
from cases.demo.recipes import HOUR
from cases.lifecycle import FACTS, MOVES
from cases.models import BoardCard, Call, Case, Instruction, Voice
from cases.models.call import matter_of
from cases.refusals import MoveRefused
from grid.models import Place
from ledger.actor import Actor
from parties.demo import STREET

SEED = 123
RELEASED = 3
# how many say so: solved, step, what became of it where it is not solved
SAID: tuple[tuple[str, str, str], ...] = (
    ("no", "very_poor", "done"),
    ("no", "poor", "not done"),
    ("partly", "fair", "waits"),
    *((("yes", "very_good", ""),) * 4),
    *((("yes", "good", ""),) * 4),
    *((("yes", "fair", ""),) * 2),
    ("yes", "poor", ""),
)
WISHES = (
    ("wish", "给凉亭添两张能靠背的长椅", (("量好尺寸", True), ("定下样式", True), ("装好", False))),
    ("wish", "周末教老人用手机交水电费", (("招到四位志愿者", True), ("开课", False))),
    ("project", "楼前空地改成非机动车棚", (("问过各楼意见", True), ("街道批下钱", True), ("铺地面", True), ("装充电桩", False))),
)  # fmt: skip


def tell(now: dt.datetime) -> None:
    """A second time nothing."""
    cast, chance = Cast(now), Random(SEED)  # noqa: S311  a play, no secret
    street = Place.objects.get(code=STREET)
    cases = Case.objects.filter(path__startswith=street.path, last_at__lt=now - HOUR)
    if not Voice.objects.exclude(rated_at=None).exists():
        _callers_rate(cases, cast, chance, now)
    if not Instruction.objects.exists():
        _officials_ask(cases, cast, chance, now)
    if not BoardCard.objects.exists():
        _a_board_is_kept(cast, now)


def _callers_rate(cases: QuerySet[Case], cast: Cast, chance: Random, now: dt.datetime) -> None:
    told = Call.objects.filter(case__in=cases, told_at__isnull=False, origin="resident", withdrawn_at=None)
    left = list(SAID)
    for call in told.select_related("case").order_by("-told_at", "pk"):
        case = matter_of(call)
        at = max(case.last_at, call.told_at or now) + HOUR * chance.uniform(0.1, 0.4)
        if not left:
            return
        if at > now or rating.why_not(call, case, at):
            continue
        solved, step, then = left.pop(0)
        rating.rate(call=call, sent={"solved": solved, "step": step}, at=at)
        if then in ("done", "not done"):
            _look(Case.objects.get(pk=case.pk), cast, chance, min(at + HOUR / 2, now), done=then == "done")


def _look(case: Case, cast: Cast, chance: Random, at: dt.datetime, *, done: bool) -> None:
    """Somebody from outside the chain looks whether it is done; if it is not, it is opened again."""
    if not done:
        by = cast.who(MOVES["reopen"], case, chance)
        moves.perform(
            number=case.number,
            move="reopen",
            by=by,
            at=at,
            version=case.version,
            reason="到现场看过，问题还在。",
        )
        return
    by = cast.who(FACTS["verify"], case, chance)
    photo = pictures.photo(chance, by=by, at=at, done=True)
    words = "到现场看过，确已办好，照片附后。"
    _noted(case, "verify", by, at, done=True, text=words, attachments=[photo])


def _officials_ask(cases: QuerySet[Case], cast: Cast, chance: Random, now: dt.datetime) -> None:
    """One is answered, one waits, of one the time is over."""
    official = cast.named("lingdao")
    in_hand = cases.filter(status="in_hand", about_organisation=None, about_account=None)
    ways = (
        ("late", "请说明为什么还没有办好，先把现场围起来。"),
        ("answered", "群众反映多次，请尽快处理并回话。"),
        ("waits", "请会同社区一起看，拿出办法。"),
    )
    for (way, words), case in zip(ways, in_hand.order_by("last_at", "pk"), strict=False):
        at = case.last_at + HOUR / 2
        until = {"until": at + (now - at) / 2} if way == "late" else {"until": now + 40 * HOUR}
        case = _noted(case, "instruct", official, at, text=words, **until)
        if way == "answered":
            by = cast.who(FACTS["report"], case, chance)
            _noted(case, "report", by, at + HOUR / 4, text="已到现场，明天上午完工，并已告诉反映人。")


def _noted(case: Case, fact: str, by: Actor, at: dt.datetime, **said: Any) -> Case:
    editing.add_fact(number=case.number, fact=fact, by=by, at=at, version=case.version, **said)
    return Case.objects.get(pk=case.pk)


def _a_board_is_kept(cast: Cast, now: dt.datetime) -> None:
    keeper = cast.named("shequ")
    place = next((grant.place_id for grant in keeper.grants if grant.place_kind == "community"), None)
    if place is None:
        return
    home = Place.objects.get(pk=place)
    for kind, title, steps in WISHES:
        told = [{"words": words, "done": done} for words, done in steps]
        board.write(by=keeper, at=now, place=home, kind=kind, title=title, steps=told)
    done = Case.objects.filter(path__startswith=home.path, status__in=board.DONE_WITH).order_by(
        "-resolved_at", "pk"
    )
    released = 0
    for case in done[:40]:
        photos = [] if board.unfit(case) else board.photos_of(keeper, case)
        item = rulebook.item_by_id(case.item_id) if case.item_id else None
        if released == RELEASED or not photos or item is None:
            continue
        try:
            board.release(
                by=keeper,
                at=now,
                case=case,
                title=f"{item.name}的事办好了",
                after=str(photos[-1].pk),
                looked=True,
            )
        except MoveRefused:  # the item is called by what somebody said
            continue
        released += 1
