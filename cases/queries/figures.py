"""The figures of SPEC §8 that today's records feed, live from clocks and cases.

A stage counts in the period of its due instant; open past due counts as missed; a round that another move
ended before its due leaves both sides, and so do excluded and merged cases. Places are those a clock had when
it stopped or fell due, so last month's ranking stands when a grid moves today. Breach entries are never read:
only stop against due. Every number opens to its cases by `cases_behind`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models import Value as Constant
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext_lazy as _

from cases.models.case import ANCESTORS, UNCOUNTED, Case
from cases.models.clock import Clock
from cases.models.relief import Relief
from grid.queries import PlaceLite, by_ids, lineage
from ledger import clock as host
from parties import directory

FEW = 10  # fewer than this: shown, grey, not ranked


@dataclass(frozen=True)
class Figure:
    """One rate: `stage` for those of clocks, `relief` for shares of cases relieved; `target` in percent, of a share
    the most; `formula` in words."""

    code: str
    name: object
    formula: object
    target: float
    stage: str = ""
    relief: str = ""


FIGURES: dict[str, Figure] = {
    figure.code: figure
    for figure in (
        Figure("accept_on_time", _("受理及时率"), _("按时受理 ÷ 应受理"), 95, "accept"),
        Figure("dispatch_on_time", _("派遣及时率"), _("按时派遣 ÷ 应派遣"), 95, "dispatch"),
        Figure("sign_on_time", _("签收及时率"), _("按时签收 ÷ 应签收"), 95, "sign"),
        Figure(
            "resolve_on_time",
            _("按期办结率"),
            _("在时限内办结且未被推翻 ÷ 应办结（挂账中的不计）"),
            92,
            "resolve",
        ),
        Figure("promise_kept", _("承诺兑现率"), _("在承诺时间内办结 ÷ 应兑现"), 92),
        Figure("feedback_on_time", _("反馈及时率"), _("按时反馈 ÷ 应反馈"), 90, "feedback"),
        Figure("verify_on_time", _("核查及时率"), _("按时核查 ÷ 应核查"), 90, "verify"),
        Figure("settled_at_level", _("就地办结率"), _("在登记层级办结 ÷ 该层级登记并已办结"), 60),
        Figure("extended", _("延期率"), _("批准过延期的 ÷ 本期登记"), 5, relief="extension"),
        Figure("held", _("挂账率"), _("批准过挂账的 ÷ 本期登记"), 5, relief="hold"),
        Figure("excluded", _("剔除率"), _("批准剔除的 ÷ 本期登记（含剔除的）"), 2, relief="exclusion"),
    )
}
BY_STAGE = {figure.stage: figure for figure in FIGURES.values() if figure.stage}
STAGES = tuple(BY_STAGE)


@dataclass(frozen=True)
class Value:
    """numerator ÷ denominator; no rate where there is nothing to divide by."""

    numerator: int = 0
    denominator: int = 0

    def __add__(self, other: Value) -> Value:
        return Value(self.numerator + other.numerator, self.denominator + other.denominator)

    @property
    def rate(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def few(self) -> bool:
        return self.denominator < FEW

    def json(self) -> dict[str, Any]:
        rate = self.rate
        return {
            "numerator": self.numerator,
            "denominator": self.denominator,
            "rate": None if rate is None else round(rate, 4),
        }


@dataclass(frozen=True)
class Period:
    """[since, until) as instants; days are local."""

    since: dt.datetime
    until: dt.datetime

    @classmethod
    def of_days(cls, first: dt.date, last: dt.date) -> Period:
        """Both days included."""
        return cls(host.local_midnight(first), host.local_midnight(last + dt.timedelta(days=1)))

    @property
    def before(self) -> Period:
        """The stretch of the same length just before: what 环比 compares with."""
        return Period(self.since - (self.until - self.since), self.since)


@dataclass(frozen=True)
class Subject:
    """Whose figures: a place with all below it, an organisation with all below it, or both."""

    place: PlaceLite | None = None
    place_path: str = ""
    organisation: directory.Org | None = None

    def of_cases(self) -> Q:
        found = self.of_place("")
        if self.organisation is not None:
            found &= Q(unit_ids__overlap=sorted(self.units()))
        return found

    def of_open(self) -> Q:
        """What is open here and now: for an organisation what it holds, not what has passed through it."""
        found = self.of_place("")
        if self.organisation is not None:
            found &= Q(holder_id__in=sorted(self.units()))
        return found

    def of_clocks(self) -> Q:
        found = self.of_place("")
        if self.organisation is not None:
            found &= Q(organisation_id__in=self.units())
        return found

    def of_place(self, prefix: str) -> Q:
        """Rows at the place or below it; `prefix` leads to those that have place columns ("case__")."""
        if self.place is None:
            return Q()
        if self.place.kind in ANCESTORS:
            return Q(**{f"{prefix}{self.place.kind}_id": self.place.id})
        return Q(**{f"{prefix}path__startswith": self.place_path})

    def units(self) -> frozenset[int]:
        """The organisation with all below it; nothing where none was asked for."""
        return directory.under(self.organisation.path) if self.organisation else frozenset()


ONE = Constant(1)  # a row, whatever it holds: a key would not stand in the indexes
# the few that do not count are struck out: joining all that do would cost more than all the rest
COUNTED_CASE = ~Exists(Case.objects.filter(UNCOUNTED, pk=OuterRef("case_id")))
# ended before due by another move, or undone: leaves both sides
LEFT = (Q(outcome="ended") & Q(stopped_at__lte=F("due_at"))) | Q(outcome="cancelled") | Q(state="paused")
IN_TIME = Q(outcome="met") & Q(stopped_at__lte=F("due_at"))


def decided(at: dt.datetime) -> Q:
    """Clocks that count by `at`: stopped, or past their due."""
    return (Q(state="stopped") | Q(due_at__lt=at)) & ~LEFT


def _clocks(subject: Subject, since: dt.datetime, until: dt.datetime, at: dt.datetime) -> QuerySet[Clock]:
    return Clock.objects.filter(
        subject.of_clocks(), COUNTED_CASE, decided(at), stage__in=STAGES, due_at__gte=since, due_at__lt=until
    )


@dataclass
class Measured:
    """What the clocks say of a subject and two periods: in all, and for each of what stands beside each other
    in a ranking (id → values by figure code)."""

    now: dict[str, Value]
    before: dict[str, Value]
    each: dict[int, dict[str, Value]]
    each_before: dict[int, dict[str, Value]]


def measure(subject: Subject, period: Period, at: dt.datetime, group: str = "") -> Measured:
    """Every figure of a stage, in one statement. Grouped by the places one kind below, or (`group`) by the
    units that the clocks ran against; the groups add up to the whole."""
    key = ranked_by(subject, group)
    here, earlier = Q(due_at__gte=period.since), Q(due_at__lt=period.since)
    rows = (
        _clocks(subject, period.before.since, period.until, at)
        .order_by()
        .values(key, "stage")
        .annotate(
            den=Count(ONE, filter=here),
            num=Count(ONE, filter=here & IN_TIME),
            den_before=Count(ONE, filter=earlier),
            num_before=Count(ONE, filter=earlier & IN_TIME),
        )
    )
    found = Measured({code: Value() for code in FIGURES}, {code: Value() for code in FIGURES}, {}, {})
    for row in rows:
        code = BY_STAGE[row["stage"]].code
        now, before = Value(row["num"], row["den"]), Value(row["num_before"], row["den_before"])
        found.now[code] += now
        found.before[code] += before
        if row[key] is not None:
            found.each.setdefault(row[key], {})[code] = now
            found.each_before.setdefault(row[key], {})[code] = before
    return found


def ranked_by(subject: Subject, group: str) -> str:
    """The column of a clock that a ranking groups by."""
    return "organisation_id" if group or subject.place is None else f"{next_kind(subject.place)}_id"


CASE_FIGURES = tuple(code for code, figure in FIGURES.items() if not figure.stage)
Both = tuple[dict[str, Value], dict[str, Value]]


def count(subject: Subject, period: Period, at: dt.datetime) -> Both:
    """The figures that stand on the cases themselves, of the period and of the one before; one statement."""
    asked = [
        counted(subject, excluded=code == "excluded")
        .filter(_span(code, Period(period.before.since, period.until)))
        .annotate(code=Constant(code))
        .values_list("code")
        .annotate(
            **{
                f"{part}_{name}": Count(ONE, filter=_case_side(code, part, when, at))
                for name, when in (("now", period), ("before", period.before))
                for part in ("numerator", "denominator")
            }
        )
        for code in CASE_FIGURES
    ]
    now, before = dict.fromkeys(CASE_FIGURES, Value()), dict.fromkeys(CASE_FIGURES, Value())
    for code, *sides in asked[0].union(*asked[1:], all=True):
        now[code], before[code] = Value(*sides[:2]), Value(*sides[2:])
    return now, before


def summary(subject: Subject, period: Period, at: dt.datetime) -> dict[str, Value]:
    """Every figure of the period, by code. Two statements."""
    return {**measure(subject, period, at).now, **count(subject, period, at)[0]}


def counted(subject: Subject, *, excluded: bool = False) -> QuerySet[Case]:
    """The cases of a subject that count; the share of what was excluded counts those too."""
    rows = Case.objects.filter(subject.of_cases()).exclude(status="merged")
    return rows if excluded else rows.filter(excluded=False)


def _span(code: str, period: Period) -> Q:
    """What a figure of cases can be about in a period."""
    column = {"promise_kept": "promised_at", "settled_at_level": "resolved_at"}.get(code, "received_at")
    return Q(**{f"{column}__gte": period.since, f"{column}__lt": period.until})


def _case_side(code: str, part: str, period: Period, at: dt.datetime) -> Q:
    side = _span(code, period)
    if code == "promise_kept":
        side &= Q(resolved_at__isnull=False) | Q(promised_at__lt=at)
        side &= ~Q(status__in=("rejected", "withdrawn"), resolved_at__isnull=True)
        return side & Q(resolved_at__lte=F("promised_at")) if part == "numerator" else side
    if kind := FIGURES[code].relief:
        return side & relieved(kind) if part == "numerator" else side
    return side & Q(resolved_level=F("raised_level")) if part == "numerator" else side


def relieved(kind: str) -> Q:
    """Cases that were granted this kind of relief: few, and found by their own index."""
    return Q(pk__in=Relief.objects.filter(kind=kind, state="granted").values("case_id"))


def cases_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> Q:
    """The filter over Case for the cases that a number counts. A case with several rounds of a stage counts
    once here and per round in the rate."""
    if code == "registered":
        return subject.of_cases() & Q(excluded=False) & ~Q(status="merged") & _received(period)
    figure = FIGURES[code]
    if not figure.stage:
        counts = Q() if code == "excluded" else Q(excluded=False)
        return subject.of_cases() & counts & ~Q(status="merged") & _case_side(code, part, period, at)
    clocks = _clocks(subject, period.since, period.until, at).filter(stage=figure.stage)
    if part == "numerator":
        clocks = clocks.filter(IN_TIME)
    elif part == "missed":
        clocks = clocks.exclude(IN_TIME)
    return Q(pk__in=clocks.values("case_id"))


def _received(period: Period) -> Q:
    return Q(received_at__gte=period.since, received_at__lt=period.until)


def trend(subject: Subject, weeks: int, at: dt.datetime, codes: Iterable[str]) -> list[dict[str, Any]]:
    """Week by week, the oldest first: {since, figures: {code: Value}}. One statement."""
    stages = {FIGURES[code].stage: code for code in codes if FIGURES[code].stage}
    today = host.local_date(at)
    monday = today - dt.timedelta(days=today.weekday())
    first = monday - dt.timedelta(weeks=weeks - 1)
    rows = (
        _clocks(subject, host.local_midnight(first), host.local_midnight(monday + dt.timedelta(weeks=1)), at)
        .filter(stage__in=stages)
        .order_by()
        .annotate(week=TruncWeek("due_at", tzinfo=host.LOCAL))
        .values("week", "stage")
        .annotate(den=Count(ONE), num=Count(ONE, filter=IN_TIME))
    )
    found: dict[dt.date, dict[str, Value]] = {}
    for row in rows:
        week = row["week"].astimezone(host.LOCAL).date()
        found.setdefault(week, {})[stages[row["stage"]]] = Value(row["num"], row["den"])
    return [
        {
            "since": (week := first + dt.timedelta(weeks=n)),
            "until": week + dt.timedelta(days=6),
            "figures": {code: found.get(week, {}).get(code, Value()) for code in stages.values()},
        }
        for n in range(weeks)
    ]


def ranking(subject: Subject, measured: Measured, group: str = "") -> list[dict[str, Any]]:
    """Comparable ones beside each other, by their rate over all stages; small samples stand unranked at the end."""
    by_unit = ranked_by(subject, group) == "organisation_id"
    shown = _named_units(measured, group) if by_unit else _named_places(measured)
    shown.sort(key=lambda one: (one["few"], -(one["score"] or 0), one["name"]))
    rank = 0
    for one in shown:
        rank += not one["few"]
        one["rank"] = None if one["few"] else rank
    return shown


def next_kind(place: PlaceLite | None) -> str:
    below = {
        "district": "street",
        "street": "community",
        "community": "grid",
        "section": "grid",
        "grid": "building",
    }
    return below.get(place.kind, "district") if place else "district"


def _named_places(measured: Measured) -> list[dict[str, Any]]:
    places = by_ids(measured.each)
    return [
        _ranked(places[pk].name, places[pk].code, places[pk].kind, measured, pk)
        for pk in measured.each
        if pk in places
    ]


def _named_units(measured: Measured, group: str) -> list[dict[str, Any]]:
    units = {pk: directory.by_id(pk) for pk in measured.each}
    return [
        _ranked(unit.short_name or unit.name, unit.code, unit.kind, measured, pk)
        for pk, unit in units.items()
        if unit is not None and (not group or unit.kind in GROUPS.get(group, (group,)))
    ]


# who is comparable with whom
GROUPS: dict[str, tuple[str, ...]] = {
    "department": ("department", "branch", "institution", "party", "mass", "vertical"),
    "utility": ("utility",),
    "office": ("office",),
    "committee": ("committee",),
    "desk": ("desk",),
    "property": ("property",),
}
GROUP_LABELS = {
    "department": _("区直部门"),
    "utility": _("公用企业"),
    "office": _("镇街机构"),
    "committee": _("社区"),
    "desk": _("指挥中心"),
}


def _ranked(name: str, code: str, kind: str, measured: Measured, pk: int) -> dict[str, Any]:
    values = measured.each[pk]
    n, score = _score(values)
    _n, earlier = _score(measured.each_before[pk])
    return {
        "name": name,
        "code": code,
        "kind": kind,
        "figures": {one: values.get(one, Value()) for one in FIGURES if FIGURES[one].stage},
        "n": n,
        "score": score,
        "delta": None if score is None or earlier is None else score - earlier,
        "few": n < FEW,
    }


def _score(values: dict[str, Value]) -> tuple[int, float | None]:
    """(what was due in all, the share that was kept)."""
    total = sum((value for value in values.values()), Value())
    return total.denominator, total.rate


def subject_of(place_path: str = "", organisation: directory.Org | None = None) -> Subject:
    """A subject from a place's id-path and an organisation."""
    line = list(lineage(place_path).values()) if place_path else []
    return Subject(line[-1] if line else None, place_path, organisation)
