"""The filters of every list of cases, on pages and interfaces alike: name → how it narrows and how it is said.

Each narrows what the asker may see; none widens it. A value that cannot be read is a LookupError with its sentence.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import kinds, rulebook
from cases.kinds import OPEN
from cases.models import Relief
from cases.queries import colours, disputes
from cases.queries.search import at_or_below
from grid import finding
from grid.models import Place
from ledger import clock as host
from ledger import days
from ledger.actor import Actor
from ledger.versions import Cached
from parties import directory
from parties.models import Absence
from parties.models.absences import standing_q

Narrow = Callable[[str, Actor, dt.datetime], Q]
Words = Callable[[str], str]

CODE = re.compile(r"[0-9A-Z-]{2,40}")
MOST_CALLERS = 999
COLOURS = {
    "red": gettext_lazy("超时"),
    "yellow": gettext_lazy("临期"),
    "green": gettext_lazy("正常"),
    "violet": gettext_lazy("已暂停"),
    "grey": gettext_lazy("已停表"),
}
DUE = {
    "today": gettext_lazy("今天到期"),
    "late": gettext_lazy("已超时"),
    "away": gettext_lazy("经办人离岗期间到期"),
}
USERNAME = re.compile(r"[a-z0-9@.+_-]{1,64}")
STATUSES = {"open": gettext_lazy("在办"), **kinds.STATUSES}


@dataclass(frozen=True)
class Filter:
    """`choices`: what may be chosen, where that is a short list; `many`: several of them at once."""

    name: str
    label: object
    narrow: Narrow
    words: Words
    choices: Mapping[str, object] | None = None
    yes: bool = False


def split(raw: str) -> list[str]:
    """Several values stand with commas between them."""
    return [word.strip() for word in raw.split(",") if word.strip()]


def unknown(word: str) -> str:
    return _("没有“%(word)s”这个选项。") % {"word": word[:40]}


def _each(value: str, table: Mapping[str, object]) -> list[str]:
    wanted = split(value)
    for word in wanted:
        if word not in table:
            raise LookupError(unknown(word))
    return wanted


# -- those with a short list


def _one_of(name: str, label: object, table: Mapping[str, object]) -> Filter:
    def narrow(value: str, by: Actor, at: dt.datetime) -> Q:
        return Q(**{f"{name}__in": _each(value, table)})

    return Filter(name, label, narrow, _labels(table), table)


def _labels(table: Mapping[str, object]) -> Words:
    return lambda value: _("、").join(str(table[word]) for word in split(value) if word in table)


def _status(value: str, by: Actor, at: dt.datetime) -> Q:
    wanted: list[str] = []
    for word in _each(value, STATUSES):
        wanted += OPEN if word == "open" else [word]
    return Q(status__in=wanted)


def _colour(value: str, by: Actor, at: dt.datetime) -> Q:
    found = Q(pk__in=[])
    for word in _each(value, COLOURS):
        found |= colours.q(word, at)
    return found


def due_today_q(at: dt.datetime) -> Q:
    """Due by the end of the local day, and not late yet."""
    tomorrow = host.local_midnight(host.local_date(at) + dt.timedelta(days=1))
    return Q(next_due_at__gte=at, next_due_at__lt=tomorrow)


def _due(value: str, by: Actor, at: dt.datetime) -> Q:
    ways: dict[str, Callable[[dt.datetime], Q]] = {
        "today": due_today_q,
        "late": functools.partial(colours.q, "red"),
        "away": due_while_away_q,
    }
    return functools.reduce(operator.or_, (ways[word](at) for word in _each(value, DUE)), Q(pk__in=[]))


def _person(value: str, by: Actor, at: dt.datetime) -> Q:
    if not USERNAME.fullmatch(value):
        raise LookupError(_("经办人请填用户名。"))
    return Q(holder_account__username=value)


# -- those with a code


def place_named(word: str) -> Place | None:
    """The live place of a code, or the one that a name or its initials fit best."""
    word = word.strip()
    found = _places()
    if word not in found:
        if len(found) > 500:
            found.clear()
        hit = finding.by_code(word)
        if hit is None and not CODE.fullmatch(word):
            hit = next(iter(finding.search(word, limit=1)), None)
        found[word] = hit
    return found[word]


# what was found for a word, until a place changes
_places: Cached[dict[str, Place | None]] = Cached("places", dict)


def _place(value: str, by: Actor, at: dt.datetime) -> Q:
    place = place_named(value)
    if place is None:
        raise LookupError(_("没有编码为“%(code)s”的地点。") % {"code": value[:40]})
    return at_or_below(place)


def _place_words(value: str) -> str:
    place = place_named(value)
    return place.name if place else ""


def _unit(value: str) -> directory.Org | None:
    return directory.current(directory.by_code(value) or directory.named(value))


def _organisation(value: str, by: Actor, at: dt.datetime) -> Q:
    """Held by the organisation or one below it."""
    org = _unit(value)
    if org is None:
        raise LookupError(_("没有编码为“%(code)s”的单位。") % {"code": value[:40]})
    return Q(holder_id__in=sorted(directory.under(org.path)))


def _organisation_words(value: str) -> str:
    org = _unit(value)
    return (org.short_name or org.name) if org else ""


def _item(value: str, by: Actor, at: dt.datetime) -> Q:
    ids = []
    for code in split(value):
        item = rulebook.item(code)
        if item is None:
            raise LookupError(_("网格清单里没有“%(code)s”这一小项。") % {"code": code[:20]})
        ids.append(item.id)
    return Q(item_id__in=ids)


def _item_words(value: str) -> str:
    items = [rulebook.item(code) for code in split(value)]
    return _("、").join(item.name for item in items if item)


def _category(value: str, by: Actor, at: dt.datetime) -> Q:
    ids: list[int] = []
    for code in split(value):
        category = rulebook.category(code)
        if category is None:
            raise LookupError(_("网格清单里没有“%(code)s”这一大类。") % {"code": code[:20]})
        ids += [item.id for item in category.items]
    return Q(item_id__in=ids)


def _category_words(value: str) -> str:
    found = [rulebook.category(code) for code in split(value)]
    return _("、").join(category.name for category in found if category)


# -- numbers, days, yes


def _callers(value: str, by: Actor, at: dt.datetime) -> Q:
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value[:9]) <= MOST_CALLERS:
        raise LookupError(_("反映人数请填 1 至 %(most)s 的整数。") % {"most": MOST_CALLERS})
    return Q(callers__gte=int(value))


def _day(value: str, *, after: bool = False) -> dt.datetime:
    """The local midnight that begins the day, or the one that ends it."""
    try:
        return host.local_midnight(days.read(value) + dt.timedelta(days=int(after)))
    except days.NoDay as wrong:
        raise LookupError(wrong.sentence) from None


def _received_from(value: str, by: Actor, at: dt.datetime) -> Q:
    return Q(received_at__gte=_day(value))


def _received_until(value: str, by: Actor, at: dt.datetime) -> Q:
    return Q(received_at__lt=_day(value, after=True))


def _yes(name: str, label: object, q: Callable[[Actor], Q]) -> Filter:
    def narrow(value: str, by: Actor, at: dt.datetime) -> Q:
        if value not in ("0", "1"):
            raise LookupError(unknown(value))
        return q(by) if value == "1" else ~q(by)

    def words(value: str) -> str:
        return str(label) if value == "1" else _("不是“%(what)s”") % {"what": label}

    return Filter(name, label, narrow, words, yes=True)


def disputed_q(by: Actor) -> Q:
    """Sent back and not yet on its way again, or waiting for a ruling."""
    return disputes.RETURNED | disputes.DISPUTED


def mine_q(by: Actor) -> Q:
    """In one's hands, or in those of whom one stands in for."""
    return Q(holder_account_id__in=sorted({by.id, *by.stands_in})) if by.id is not None else Q(pk__in=[])


def due_while_away(at: dt.datetime) -> Exists:
    """Is or will who has it in hand be away when it falls due?"""
    away = Absence.objects.filter(
        standing_q(at),
        account=OuterRef("holder_account"),
        since__lte=OuterRef("next_due_at"),
        until__gt=OuterRef("next_due_at"),
    )
    return Exists(away)


def due_while_away_q(at: dt.datetime) -> Q:
    """Not late yet, and due while who has it in hand is away."""
    return Q(next_due_at__gte=at) & Q(due_while_away(at))


def waiting_relief() -> Exists:
    """Was a relief asked for and not answered? What ended meanwhile waits for none."""
    return Exists(Relief.objects.filter(case=OuterRef("pk"), state="asked"))


def waiting_relief_q(by: Actor) -> Q:
    return Q(status__in=OPEN) & Q(waiting_relief())


FILTERS = {
    one.name: one
    for one in (
        Filter("status", gettext_lazy("状态"), _status, _labels(STATUSES), STATUSES),
        Filter("colour", gettext_lazy("时限"), _colour, _labels(COLOURS), COLOURS),
        _one_of("urgency", gettext_lazy("紧急程度"), kinds.URGENCIES),
        _one_of("kind", gettext_lazy("类型"), kinds.KINDS),
        Filter("category", gettext_lazy("大类"), _category, _category_words),
        Filter("item", gettext_lazy("小项"), _item, _item_words),
        Filter("place", gettext_lazy("地点"), _place, _place_words),
        Filter("organisation", gettext_lazy("经办单位"), _organisation, _organisation_words),
        Filter(
            "person", gettext_lazy("经办人"), _person, lambda value: _("在 %(who)s 手上") % {"who": value}
        ),
        Filter("due", gettext_lazy("到期"), _due, _labels(DUE), DUE),
        _one_of("level", gettext_lazy("层级"), kinds.LEVELS),
        _one_of("origin", gettext_lazy("来源"), kinds.ORIGINS),
        _one_of("channel", gettext_lazy("渠道"), kinds.CHANNELS),
        Filter(
            "callers",
            gettext_lazy("反映人数不少于"),
            _callers,
            lambda value: _("不少于 %(n)s 人反映") % {"n": value},
        ),
        Filter(
            "since",
            gettext_lazy("登记从"),
            _received_from,
            lambda value: _("%(day)s 起登记") % {"day": value},
        ),
        Filter(
            "until",
            gettext_lazy("登记到"),
            _received_until,
            lambda value: _("%(day)s 止登记") % {"day": value},
        ),
        _yes("disputed", gettext_lazy("退单与争议"), disputed_q),
        _yes("unmatched", gettext_lazy("未配分工"), lambda by: Q(unmatched=True)),
        _yes("mine", gettext_lazy("我经手的"), mine_q),
        _yes("relief", gettext_lazy("申请待批"), waiting_relief_q),
        _yes("unclaimed", gettext_lazy("没有人领取"), lambda by: Q(holder_account_id=None)),
    )
}
