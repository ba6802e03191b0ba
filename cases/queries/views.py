"""A view: one list of a desk page as its address says it. Pages show it, bulk moves and exports take it whole, saved
filters keep it; all of them mean the same cases.

`where` is the page (desk, queue, list), `tab` one of its named lists, the rest are filters of `narrowing`, `q` and
`sort`. What the actor may not see is in none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.figures import parts, trees
from cases.figures.behind import CODES, figure_of
from cases.kinds import OPEN
from cases.models import Case, Relief
from cases.queries import case_list, disputes, lists, narrowing, ordering, reliefs
from cases.scope import visible
from grid.paging import Key
from ledger.actor import Actor

Rows = Callable[[Actor, dt.datetime], QuerySet[Case]]
LONGEST = 1000  # characters of a query that is kept


@dataclass(frozen=True)
class Tab:
    """One named list. `quiet`: shown only where there is something in it."""

    label: object
    rows: Rows
    quiet: bool = False


def _at_desk(status: str, **more: int) -> Rows:
    return lambda actor, at: lists.held(actor, lists.desks_of(actor)).filter(status=status, **more)


def _asked(actor: Actor, at: dt.datetime) -> QuerySet[Case]:
    waiting = Relief.objects.filter(state="asked").values("case")
    return lists.in_hand(actor).filter(pk__in=waiting)


TABS: Mapping[str, Mapping[str, Tab]] = {
    "desk": {
        "received": Tab(gettext_lazy("待受理"), _at_desk("received")),
        "accepted": Tab(gettext_lazy("待派遣"), _at_desk("accepted", declines=0)),
        "disputes": Tab(
            gettext_lazy("退单与争议"),
            lambda actor, at: disputes.listed(actor),
        ),
        "breaching": Tab(
            gettext_lazy("超时与临期"), lambda actor, at: lists.listed(actor).filter(lists.near_q(at))
        ),
        "reliefs": Tab(
            gettext_lazy("申请待批"),
            lambda actor, at: visible(actor).filter(pk__in=reliefs.waiting_for(actor).values("case")),
        ),
    },
    "queue": {
        "mine": Tab(gettext_lazy("待我办理"), lambda actor, at: lists.in_hand(actor)),
        "sign": Tab(gettext_lazy("待签收"), lambda actor, at: lists.in_hand(actor).filter(status="assigned")),
        "assist": Tab(
            gettext_lazy("协办"),
            lambda actor, at: visible(actor).filter(lists.assisting_q(actor)),
            quiet=True,
        ),
        "breaching": Tab(
            gettext_lazy("超时与临期"), lambda actor, at: lists.in_hand(actor).filter(lists.near_q(at))
        ),
        "returned": Tab(
            gettext_lazy("已退单"),
            lambda actor, at: lists.listed(actor).filter(last_decliner_id__in=lists.units_of(actor)),
        ),
        "word": Tab(gettext_lazy("待回批示"), lambda actor, at: lists.wanted(actor), quiet=True),
        "reliefs": Tab(gettext_lazy("申请中"), _asked, quiet=True),
        "claims": Tab(gettext_lazy("可认领"), lambda actor, at: disputes.claimable(actor), quiet=True),
    },
    "list": {
        "all": Tab(gettext_lazy("全部"), lambda actor, at: lists.listed(actor)),
        "open": Tab(gettext_lazy("在办"), lambda actor, at: lists.listed(actor).filter(status__in=OPEN)),
        "reported": Tab(
            gettext_lazy("我登记的"),
            lambda actor, at: lists.listed(actor).filter(
                Q(reporter_ids__contains=[actor.id]) if actor.id is not None else Q(pk__in=[])
            ),
        ),
    },
}
SORT = {"desk": "urgency", "queue": "due", "list": "-received"}
FILTERS = (*narrowing.FILTERS, "q", "queue")
FIGURE = (
    "figure",
    "part",
    "from",
    "to",
    "tree",
    *(name for name in parts.NAMES if name not in narrowing.FILTERS),
)  # a number of the dashboard: it comes with a link and goes with it
OWN = ("tab", "sort", *FILTERS, *FIGURE)
QUEUES = {
    "mine": gettext_lazy("待我办理"),
    "reported": gettext_lazy("我登记的"),
    "returned": gettext_lazy("退单待派"),
    "disputed": gettext_lazy("有争议"),
    "claims": gettext_lazy("可认领"),
    "breaching": gettext_lazy("超时"),
    "word": gettext_lazy("待回批示"),
    "all": gettext_lazy("全部"),
}


@dataclass
class View:
    """`query` is the view's own part of the address, without what says nothing; `faults` what could not be read."""

    where: str
    tab: str
    query: dict[str, str]
    rows: QuerySet[Case]
    order: tuple[Key, ...]
    sort: str
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name, value in self.query.items() if name not in ("tab", "sort")}

    def address(self, **changed: str | None) -> str:
        """The query string of this view with some of it changed, or left out (None)."""
        return address(self.where, {**self.query, **changed})

    @property
    def words(self) -> str:
        """The whole view in words, for whoever reads a print or a file."""
        tab = str(TABS[self.where][self.tab].label)
        return _("、").join([tab, *(chip["words"] for chip in self.chips)])

    @property
    def chips(self) -> list[dict[str, str]]:
        """Each filter in words, and the view without it."""
        return [
            {"name": name, "words": words, "url": f"?{self.address(**dict.fromkeys(gone))}"}
            for name, words, gone in self._said()
        ]

    def _said(self) -> list[tuple[str, str, tuple[str, ...]]]:
        found: list[tuple[str, str, tuple[str, ...]]] = []
        for name, value in self.filters.items():
            if name == "q":
                found.append((name, f"“{value}”", (name,)))
            elif name == "queue":
                found.append((name, str(QUEUES.get(value, value)), (name,)))
            elif name == "figure":
                found.append((name, _figure_words(self.filters), FIGURE))
            elif name in narrowing.FILTERS and (words := narrowing.FILTERS[name].words(value)):
                found.append((name, words, (name,)))
        return found


def _figure_words(asked: Mapping[str, str]) -> str:
    code = asked["figure"]
    since, until = asked.get("from", "")[:10], asked.get("to", "")[:10]
    words = [str(figure_of(code).name) if code in CODES else code]
    words += [_("%(since)s 至 %(until)s") % {"since": since, "until": until}] if since else []
    if asked.get("tree") == trees.TODAY:
        words.append(str(trees.WORDS[trees.TODAY]))
    return _("、").join(words)


def address(where: str, query: Mapping[str, str | None]) -> str:
    return urlencode({name: query[name] for name in OWN if query.get(name)})


def parse(query: str) -> dict[str, str]:
    """A kept query, as `view` takes it."""
    return dict(parse_qsl(query))


def view(actor: Actor, at: dt.datetime, where: str, asked: Mapping[str, str]) -> View:
    """The view that an address asks for. A filter that cannot be read is left out and named in `faults`."""
    tabs = TABS[where]
    tab = asked.get("tab", "")
    tab = tab if tab in tabs else next(iter(tabs))
    sort = ordering.known(asked.get("sort", "")) or SORT[where]
    said = {name: " ".join(asked.get(name, "").split()) for name in OWN}
    query = {name: value for name, value in said.items() if value} | {"tab": tab, "sort": sort}
    if sort == SORT[where]:
        del query["sort"]
    rows, faults = _rows(tabs[tab], actor, at, query)
    for name in faults:
        query.pop(name, None)
    order = ordering.keys_of(sort)
    return View(where, tab, query, ordering.ready(rows, order), order, sort, faults)


def _rows(
    tab: Tab, actor: Actor, at: dt.datetime, query: Mapping[str, str]
) -> tuple[QuerySet[Case], dict[str, str]]:
    rows = tab.rows(actor, at)
    if "figure" not in query:
        return case_list.narrowed(rows, actor, at, query)
    # of a dashboard's number place and organisation name whose it is
    behind = {name: query[name] for name in (*FIGURE, "place", "organisation") if name in query}
    rest = {name: value for name, value in query.items() if name not in behind}
    try:
        counted = case_list.asked_for(actor, at, behind).base
    except case_list.BadFilter as bad:
        return rows, bad.fields
    rows = counted if tab is TABS["list"]["all"] else rows.filter(pk__in=counted.values("pk"))
    return case_list.narrowed(rows, actor, at, rest)
