"""Whose figures a request asks for, and when: shared by every page and answer that shows figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.figures import trees
from cases.figures.asking import PERIODS, Period, Subject, subject_of
from cases.queries import weekly_report
from cases.scope import hidden
from grid.finding import by_code
from grid.queries import lineage
from ledger import clock as host
from ledger import days
from ledger.actor import Actor
from parties import directory
from parties.access import Scope, scope_of
from parties.gate import OutOfScope

PERIOD_LABELS = {
    "today": gettext_lazy("今日"),
    "week": gettext_lazy("本周"),
    "last_week": gettext_lazy("上周"),
    "month": gettext_lazy("本月"),
    "last_month": gettext_lazy("上月"),
    "quarter": gettext_lazy("本季"),
    "year": gettext_lazy("本年"),
}


@dataclass(frozen=True)
class Asked:
    """`link` are the parameters that name subject and period in an address; `name` is the period's, where it has
    one; `as_of` the past instant as which the figures are read, None for now."""

    subject: Subject
    period: Period
    name: str
    link: dict[str, str]
    as_of: dt.datetime | None = None

    @property
    def title(self) -> str:
        """Whose."""
        if self.subject.organisation is not None:
            return self.subject.organisation.name
        return self.subject.place.name if self.subject.place else ""

    @property
    def whose(self) -> dict[str, str]:
        """The parameters without the period."""
        return {key: value for key, value in self.link.items() if key not in ("from", "to")}

    @property
    def period_words(self) -> str:
        return _("%(since)s 至 %(until)s") % {"since": self.link["from"], "until": self.link["to"]}

    def tools(self, page: str, kept: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What components/view_tools.html needs: the view's own address by its days, by its period's name where it has
        one, as files, as of now; and what changed later."""
        link = {**self.link, **(kept or {})}
        moving = {**self.whose, **(kept or {}), "period": self.name} if self.name else {}
        now = {key: value for key, value in link.items() if key != "as_of"}

        def to(link: Mapping[str, str], **more: str) -> str:
            return f"{page}?{urlencode({**link, **more})}"

        return {
            "tools": {
                "fixed": to(link),
                "moving": to(moving) if moving else "",
                "csv": to(link, form="csv"),
                "xlsx": to(link, form="xlsx"),
                "hidden": now,
                "as_of": host.local_date(self.as_of).isoformat() if self.as_of else "",
                "today": host.local_date(host.now()).isoformat(),
            },
            "as_of_at": self.as_of,
            "now_url": to(now),
            "changed_url": f"{reverse('cases:figures_later')}?{urlencode(now)}",
        }

    def trees(self, page: str, kept: Mapping[str, str] | None = None) -> list[dict[str, object]]:
        """The same page by each tree."""
        here = {key: value for key, value in {**self.link, **(kept or {})}.items() if key != "tree"}
        return [
            {
                "label": str(label),
                "url": f"{page}?{urlencode({**here, 'tree': name} if name != trees.CALL else here)}",
                "current": name == self.subject.tree,
            }
            for name, label in trees.WORDS.items()
        ]

    def periods(self, page: str, kept: Mapping[str, str] | None = None) -> list[dict[str, object]]:
        """The same page for each named period."""
        here = {key: value for key, value in self.link.items() if key not in ("from", "to")}
        here |= kept or {}
        return [
            {
                "label": str(label),
                "url": f"{page}?{urlencode({**here, 'period': name})}",
                "current": name == self.name,
            }
            for name, label in PERIOD_LABELS.items()
        ]


def asked_of(request: HttpRequest, at: dt.datetime) -> Asked:
    """`?place=&organisation=&period=|from=&to=`; without a subject, where the reader is posted."""
    return figures_asked(request.actor, request.GET, at)


def figures_asked(actor: Actor, params: Mapping[str, str], at: dt.datetime) -> Asked:
    """The same of a program's parameters."""
    subject, link = subject_asked(actor, params)
    period, name = period_asked(params, at)
    return _asked(subject, link, period, name, params, at)


def _asked(
    subject: Subject,
    link: dict[str, str],
    period: Period,
    name: str,
    params: Mapping[str, str],
    at: dt.datetime,
) -> Asked:
    as_of = as_of_asked(params, at)
    link = {**link, "from": period.first.isoformat(), "to": period.last.isoformat()}
    if as_of is not None:
        link["as_of"] = params["as_of"]
    return Asked(subject.as_at(as_of), period, name, link, as_of)


def asked_week(actor: Actor, params: Mapping[str, str], at: dt.datetime) -> Asked:
    """`?place=&organisation=&week=&as_of=`: an ISO week, by default the last whole one."""
    subject, link = subject_asked(actor, params)
    return _asked(subject, link, weekly_report.week_asked(params.get("week", ""), at), "", params, at)


def as_of_asked(params: Mapping[str, str], at: dt.datetime) -> dt.datetime | None:
    """`as_of` a past day: as it ended; or a past instant, local where it names no zone. Today, what is to come and what
    cannot be read are now."""
    word = params.get("as_of", "")
    try:
        day = days.read(word)
    except days.NoDay:
        return _instant(word, at)
    if day >= host.local_date(at):
        return None
    return host.local_midnight(day + dt.timedelta(days=1)) - dt.timedelta(microseconds=1)


def _instant(word: str, at: dt.datetime) -> dt.datetime | None:
    try:
        then = dt.datetime.fromisoformat(word)
        then = then.replace(tzinfo=then.tzinfo or host.LOCAL).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return then if days.FIRST.year < then.year and then < at else None


def subject_asked(actor: Actor, params: Mapping[str, str]) -> tuple[Subject, dict[str, str]]:
    """The place and the organisation asked for, and the parameters that name them; one of the two in scope, else
    404: who reads a place reads how every unit did there, who reads a unit reads how it did at any place."""
    scope, without = scope_of(actor), hidden(actor)
    path, org, mine, link = "", None, False, {}
    tree = trees.tree_named(params.get("tree", ""))
    if tree != trees.CALL:
        link["tree"] = tree
    if code := params.get("organisation", ""):
        org = directory.current(directory.by_code(code))
        if org is None:
            raise OutOfScope(_("没有找到，或不在您的范围内。"))
        mine = scope.covers_organisation(org.path) or org.id in scope.organisation_ids
        link["organisation"] = org.code
    if code := params.get("place", ""):
        place = by_code(code)
        if place is None or not (mine or scope.covers_path(place.path)):
            raise OutOfScope(_("没有找到，或不在您的范围内。"))
        path, link["place"] = place.path, place.code
    elif org is not None and not mine:
        raise OutOfScope(_("没有找到，或不在您的范围内。"))
    if path or org:
        return subject_of(path, org, without, tree), link
    return _own(actor, scope, link, without, tree)


def _own(
    actor: Actor, scope: Scope, link: dict[str, str], without: tuple[int, ...], tree: str
) -> tuple[Subject, dict[str, str]]:
    if scope.places:
        path = min(scope.places, key=len)
        line = list(lineage(path).values())
        return subject_of(path, None, without, tree), {**link, "place": line[-1].code}
    units = [directory.by_id(unit) for unit in sorted(actor.units)]
    if units and units[0] is not None:
        return subject_of("", units[0], without, tree), {**link, "organisation": units[0].code}
    if scope.reads_all:
        return Subject(without=without, tree=tree), link
    raise OutOfScope(_("您还没有任职，看不到运行看板。"))


def period_asked(params: Mapping[str, str], at: dt.datetime) -> tuple[Period, str]:
    """(period, its name); a pair of days wins over a name; what cannot be read is this month."""
    try:
        first, last = (days.read(params.get(name, "")) for name in ("from", "to"))
        if first <= last:
            period = Period.of_days(first, last)
            named = [name for name in PERIODS if Period.named(name, at) == period]
            return period, named[0] if named else ""
    except days.NoDay:
        pass
    name = params.get("period", "month")
    name = name if name in PERIODS else "month"
    return Period.named(name, at), name
