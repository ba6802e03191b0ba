"""Many cases, one `perform` each, with what became of each. No case waits for another, none is half done: every one is a
transaction of its own, checked as if it were the only one. Its request key is the bulk's and its number's, so that a
bulk sent twice, or taken up again after its worker died, acts once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from cases import editing, errands, moves, rulebook
from cases.lifecycle import FACTS, MOVES, Need
from cases.models import Bulk, Case
from cases.people import hands
from cases.refusals import MoveRefused, malformed, not_ready, not_yours
from cases.reliefs import asking
from cases.reliefs.policy import TABLE
from cases.routing import decide
from cases.scope import visible
from grid.queries import lineage
from ledger import clock
from ledger.actor import Actor
from ledger.book import CHAIN, record
from ledger.models import Entry
from parties import directory
from parties.access import actor_of
from parties.commands.accounts import lock
from parties.gate import OutOfScope
from parties.leading import led_units
from parties.models import Account

MOST = 500
AT_ONCE = 20  # so many while one waits
KEY = "bulk:"
STEP = 10  # cases between two signs of life


@dataclass
class One:
    """One case of a bulk: what the bulk says, and the key under which it acts once."""

    number: str
    version: int
    by: Actor
    at: dt.datetime
    details: Mapping[str, Any]
    key: tuple[str, str]


@dataclass(frozen=True)
class Way:
    """Something that may be done to many. `who`: the capability without which it is not offered, "" for anybody."""

    name: str
    label: object
    icon: str
    who: str
    needs: tuple[Need, ...]
    do: Callable[[One], object]
    listed: bool = True  # offered over lists
    led: bool = False  # for who leads a unit or a desk's shift

    def may(self, by: Actor) -> bool:
        return bool(led_units(by)) if self.led else not self.who or by.may(self.who)


def _chain(*names: str) -> Callable[[One], object]:
    def do(one: One) -> object:
        details = dict(one.details)
        if "dispatch" in names and not details.get("organisation"):
            details |= _proposed(one)
        steps = [
            (name, {need.field: details[need.field] for need in MOVES[name].needs if need.field in details})
            for name in names
        ]
        return moves.perform_chain(
            number=one.number, steps=steps, by=one.by, at=one.at, version=one.version,
            request_key=one.key[0], body_hash=one.key[1],
        )  # fmt: skip

    return do


def _proposed(one: One) -> dict[str, Any]:
    """To whom the duty rows send this case; a refusal where they say nobody, or somebody who just sent it back."""
    case = visible(one.by).filter(number=one.number).first()
    if case is None:
        return {}  # the move says so
    item = rulebook.item(one.details.get("item", "")) or rulebook.item_by_id(case.item_id)
    found = decide.decide(item, case.kind, lineage(case.path), one.at)
    lead = directory.by_id(found.lead)
    if lead is None:
        raise not_ready(_("分工里没有它的主办单位，请单独派遣。"))
    if case.declines and found.lead == case.last_decliner_id:
        raise not_ready(_("它刚退过单：请看退单理由，另选一家，或请上级裁定。"))
    helping = [org.code for org in map(directory.by_id, found.assisting) if org is not None]
    return {"organisation": lead.code, "assisting": helping}


def _fact(name: str) -> Callable[[One], object]:
    def do(one: One) -> object:
        return editing.add_fact(
            number=one.number, fact=name, by=one.by, at=one.at, version=one.version,
            request_key=one.key[0], body_hash=one.key[1], **one.details,
        )  # fmt: skip

    return do


def _to_somebody(name: str) -> Callable[[One], object]:
    """Into somebody's hands: the named, or whoever has the lightest when it is this case's turn."""
    do = _fact(name)

    def give(one: One) -> object:
        details = dict(one.details)
        if not details.get("person"):
            details["person"] = _lightest(one)
        return do(replace(one, details=details))

    return give


def _lightest(one: One) -> str:
    rows = visible(one.by).select_related("about_account", "holder_account")
    case = rows.filter(number=one.number).first()
    if case is None:
        return ""  # the fact says so
    found = hands.suggestion(case, one.by, one.at)
    if found is None:
        raise not_ready(_("承办单位现在没有别人可以接这一件：不在岗，或不能办它。"))
    return found.username


def _extension(one: One) -> object:
    return asking.ask(
        number=one.number, kind="extension", by=one.by, at=one.at,
        request_key=one.key[0], body_hash=one.key[1], **one.details,
    )  # fmt: skip


PERSON = Need("person", "code:account", False, gettext_lazy("经办人"))
REMARK = Need("reason", "text", False, gettext_lazy("交接说明"))
GIVES = ("assign", "pass_on")  # what puts a case into somebody's hands; each of them is told once
LEAD = Need("organisation", "code:organisation", False, gettext_lazy("主办单位"))
WAYS = {
    way.name: way
    for way in (
        Way("accept_dispatch", gettext_lazy("受理并派遣"), "send", "dispatch", (LEAD,), _chain("accept", "dispatch")),
        Way("accept", gettext_lazy("受理"), "circle-check", "accept", (), _chain("accept")),
        Way("dispatch", gettext_lazy("派遣"), "send", "dispatch", (LEAD,), _chain("dispatch")),
        Way("sign", gettext_lazy("签收"), "signature", "sign", (), _chain("sign")),
        Way("take_up", gettext_lazy("领取"), "user-check", "sign", (), _fact("take_up")),
        Way("assign", gettext_lazy("分派到人"), "user-plus", "", (PERSON, REMARK), _to_somebody("assign"), led=True),
        Way("pass_on", gettext_lazy("交接"), "arrows-exchange", "sign", (PERSON, REMARK), _to_somebody("pass_on")),
        Way("put_back", gettext_lazy("放回单位"), "arrow-back", "sign", (), _fact("put_back")),
        Way("claim", gettext_lazy("认领"), "hand-grab", "claim", MOVES["claim"].needs, _chain("claim")),
        Way("answer_places", gettext_lazy("反馈各处"), "message-check", "answer",
            tuple(need for need in MOVES["answer"].needs if need.required), _chain("answer"), listed=False),
        Way("extension", gettext_lazy("申请延期"), "hourglass", "relief.ask",
            tuple(need for need in TABLE["extension"].needs if need.type != "ids"), _extension),
    )
}  # fmt: skip


def offered(by: Actor) -> list[Way]:
    """What this person may try on many."""
    return [way for way in WAYS.values() if way.listed and way.may(by)]


def ask(
    *,
    by: Actor,
    at: dt.datetime,
    move: Any,
    cases: Any,
    details: Mapping[str, Any],
    request_key: str,
    body_hash: str,
) -> Bulk:
    """Write down what is to be done, to which cases, in which version one saw them. `run` does it."""
    way = WAYS.get(move) if isinstance(move, str) else None
    if way is None:
        raise malformed(_("没有这种批量办理。"), move=_("没有这个选项。"))
    if not way.may(by):
        raise not_yours(_("您没有“%(move)s”的权限。") % {"move": way.label})
    wanted = _readable(cases)
    if not wanted:
        raise not_ready(_("请先选中工单。"), cases=_("请先选中工单。"))
    if len(wanted) > MOST:
        raise not_ready(_("一次最多 %(n)s 件，请分几次。") % {"n": MOST}, cases=_("太多了。"))
    missing = [need for need in way.needs if need.required is True and not details.get(need.field)]
    if missing:
        faults = {need.field: _("请填写“%(label)s”。") % {"label": need.label} for need in missing}
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    kept = {need.field: details[need.field] for need in way.needs if details.get(need.field)}
    return errands.begin(
        Bulk, by=by, request_key=request_key, body_hash=body_hash, asked_at=at, move=way.name,
        details=kept, cases=wanted, total=len(wanted),
    )  # fmt: skip


def _readable(cases: Any) -> list[list[Any]]:
    """[[number, version]] without doubles, in the order they were sent."""
    found: dict[str, int] = {}
    if not isinstance(cases, list | tuple):
        raise malformed(_("请先选中工单。"), cases=_("请写成列表。"))
    for one in cases:
        number, version = (
            (one.get("number"), one.get("version")) if isinstance(one, Mapping) else (None, None)
        )
        moves.check_version_is_readable(version)
        if not isinstance(number, str) or not 0 < len(number) <= 32 or "\x00" in number:
            raise malformed(_("有工单编号读不懂。"), cases=_("请核对。"))
        found.setdefault(number, int(version))
    return [[number, version] for number, version in found.items()]


def run(*, pk: int) -> Bulk | None:
    """Do what is left to do of a bulk; None where somebody else is at it."""
    with errands.alone(Bulk, pk) as row:
        if row is None or row.is_over:
            return row
        by = actor_of(row.asked_by_id, clock.now())
        with override(by.language):
            _work(row, by)
        return row


def _work(row: Bulk, by: Actor) -> None:
    results = list(row.results)
    errands.save(row, state=Bulk.State.RUNNING, done=len(results))
    for number, version in row.cases[len(results) :]:
        results.append([number, *_one(row, by, number, version)])
        if len(results) % STEP == 0:
            errands.save(row, results=results, done=len(results))
    with transaction.atomic():
        _tell_receivers(row, by, results)
        errands.save(
            row,
            results=results,
            done=len(results),
            state=Bulk.State.DONE,
            details={},
            finished_at=clock.now(),
        )


def _tell_receivers(row: Bulk, by: Actor, results: Sequence[Sequence[Any]]) -> None:
    """Who was given cases hears of it once, however many they are."""
    given = Counter(one[3] for one in results if len(one) > 3 and one[3] not in (None, by.id))
    for pk in sorted(given):
        account, payload = lock(Account(pk=pk)), {"bulk": row.pk, "cases": given[pk]}
        record(subject=account, event="account.handed_work", by=by, at=clock.now(), payload=payload)
        account.save(update_fields=[*CHAIN])


def is_told_together(entry: Entry) -> bool:
    """Does somebody hear of this by the one notice of its bulk?"""
    events = {FACTS[name].event for name in GIVES}
    return entry.event in events and entry.request_key.startswith(KEY)


def _one(row: Bulk, by: Actor, number: str, version: int) -> tuple[Any, ...]:
    """("" or why not, status), and into whose hands, where it was given to somebody."""
    key = (f"{KEY}{row.pk}:{number}", row.body_hash)
    try:
        done = WAYS[row.move].do(One(number, version, by, clock.now(), row.details, key))
    except MoveRefused as refused:
        return str(refused.sentence), refused.status
    except OutOfScope as outside:
        return outside.sentence, 404
    return ("", 200, done.holder_account_id) if row.move in GIVES and isinstance(done, Case) else ("", 200)


def receivers(row: Bulk) -> dict[int, dict[str, str]]:
    """Account → {username, name} of those into whose hands it gave cases; one statement, none for nobody."""
    given = {one[3] for one in row.results if len(one) > 3 and one[3] is not None}
    rows = Account.objects.filter(pk__in=given).values_list("pk", "username", "person__name") if given else ()
    return {pk: {"username": username, "name": name} for pk, username, name in rows}


def chosen(by: Actor, picked: Iterable[str]) -> list[dict[str, Any]]:
    """What ticked boxes say, `number@version`; what cannot be read is left out."""
    found = []
    for one in picked:
        number, _at, version = one.rpartition("@")
        if number and version.isascii() and version.isdigit():
            found.append({"number": number, "version": int(version[:9])})
    return found


def all_of(rows: Any) -> list[dict[str, Any]]:
    """Every case of a view, as it stands now; at most one more than a bulk takes."""
    return list(rows.values("number", "version")[: MOST + 1])


def titles(by: Actor, numbers: Sequence[str]) -> dict[str, Case]:
    """The cases of a report that its reader may still see."""
    return {case.number: case for case in visible(by).filter(number__in=list(numbers))}
