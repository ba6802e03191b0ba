"""The catalogue: every figure once, with its name, its words, its two sides as conditions over rows.

Four kinds of rows feed them. A *clock* counts in the period of its due instant: stopped, or past due and open; a
round that another move ended before its due leaves both sides. A *case* counts in the period of the column that
`when` names. A *stay* is a finished one of a case with a unit, in the period in which it ended. A *voice* is a
caller's, one per matter: in the period in which it was told the answer or said the last word on it. Excluded and merged
cases leave both sides everywhere. Breach entries are never read: only stop against due.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.kinds import SATISFIED
from cases.models.case import Case
from cases.models.holding import Holding
from cases.models.relief import Relief

Words = str | Promise
CLOCK, CASE, STAY, VOICE, INSTRUCTION = ("clock", "case", "stay", "voice", "instruction")
SHARE, MINUTES = ("%", "minutes")

# -- conditions over clocks

# ended before due by another move, undone, or resting now: leaves both sides
LEFT = (Q(outcome="ended") & Q(stopped_at__lte=F("due_at"))) | Q(outcome="cancelled") | Q(state="paused")
DONE = Q(outcome="met")
IN_TIME = DONE & Q(stopped_at__lte=F("due_at"))


def decided(at: dt.datetime) -> Q:
    """Clocks that count by `at`: stopped, or past their due."""
    return (Q(state="stopped") | Q(due_at__lt=at)) & ~LEFT


# -- conditions over cases


def relieved(kind: str, by: dt.datetime | None = None) -> Q:
    """Cases that were granted this kind of relief (`by` an instant): few, and found by their own index."""
    granted = Relief.objects.filter(kind=kind, state="granted")
    if by is not None:
        granted = granted.filter(decided_at__lte=by)
    return Q(case_pk__in=granted.values("case_id"))


def promised(at: dt.datetime) -> Q:
    """The promise was kept or is over; who was refused or took the call back was promised nothing any more."""
    over = Q(resolved_at__isnull=False) | Q(promised_at__lt=at)
    return over & ~Q(status__in=("rejected", "withdrawn"), resolved_at__isnull=True, ended_at__lte=at)


# a decline that stood: the case is not with the decliner, and never came back to it
CAME_BACK = Holding.objects.filter(
    case_id=OuterRef("case_id"), organisation_id=OuterRef("organisation_id"), since__gte=OuterRef("until")
)
STOOD = ~Q(case__holder_id=F("organisation_id")) & ~Exists(CAME_BACK)


@dataclass(frozen=True)
class Figure:
    """`den` gives the condition of the denominator as of an instant, `num` the one that a row counted there must meet
    besides to count in the numerator. `target` in percent; of one that should be small (`up` false) the most."""

    code: str
    name: Words
    num_words: Words
    den_words: Words
    rows: str
    when: str
    num: Q
    den: Callable[[dt.datetime], Q] = lambda at: Q()
    target: float | None = None
    up: bool = True
    stage: str = ""
    relief: str = ""
    with_excluded: bool = False
    unit: str = SHARE

    @property
    def formula(self) -> str:
        return f"{self.num_words} ÷ {self.den_words}" if self.unit == SHARE else str(self.num_words)


def _clock(
    code: str,
    name: Words,
    num_words: Words,
    den_words: Words,
    stage: str,
    target: float,
    *,
    num: Q = IN_TIME,
) -> Figure:
    return Figure(code, name, num_words, den_words, CLOCK, "due_at", num, decided, target, stage=stage)


def _case(code: str, name: Words, num_words: Words, den_words: Words, num: Q, **more) -> Figure:
    return Figure(code, name, num_words, den_words, CASE, more.pop("when", "received_at"), num, **more)


def _voice(
    code: str, name: Words, num_words: Words, den_words: Words, num: Q, target: float, when: str = "rated_at"
) -> Figure:
    return Figure(code, name, num_words, den_words, VOICE, when, num, target=target)


REGISTERED = _("本期登记")
VALID = _("有效评价（每位反映人每件只算最后一次）")

FIGURES: dict[str, Figure] = {
    figure.code: figure
    for figure in (
        _clock("accept_on_time", _("受理及时率"), _("按时受理"), _("应受理"), "accept", 95),
        _clock("dispatch_on_time", _("派遣及时率"), _("按时派遣"), _("应派遣"), "dispatch", 95),
        _clock("sign_on_time", _("签收及时率"), _("按时签收"), _("应签收"), "sign", 95),
        _clock("contacted", _("响应率"), _("按时联系到反映人"), _("应联系反映人"), "contact", 95),
        _clock(
            "resolve_on_time",
            _("按期办结率"),
            _("在时限内办结且未被推翻"),
            _("应办结（挂账中的不计）"),
            "resolve",
            92,
        ),
        _case(
            "promise_kept",
            _("承诺兑现率"),
            _("在承诺时间内办结"),
            _("应兑现"),
            Q(resolved_at__lte=F("promised_at")),
            when="promised_at",
            den=promised,
            target=92,
        ),
        _clock(
            "resolved",
            _("办结率"),
            _("已办结且未被推翻"),
            _("应办结（挂账中的不计）"),
            "resolve",
            95,
            num=DONE,
        ),
        _clock(
            "feedback_on_time", _("反馈及时率"), _("按时反馈（含阶段性反馈）"), _("应反馈"), "feedback", 90
        ),
        _clock("verify_on_time", _("核查及时率"), _("按时核查"), _("应核查"), "verify", 90),
        _case(
            "settled_at_level",
            _("就地办结率"),
            _("在登记层级办结"),
            _("本期办结"),
            Q(resolved_level=F("raised_level")),
            when="resolved_at",
            target=60,
        ),
        _case(
            "self_settled",
            _("自报自结率"),
            _("登记人自己当场办结"),
            _("本期办结"),
            Q(self_settled=True),
            when="resolved_at",
            target=40,
            up=False,
        ),
        _case(
            "reworked",
            _("返工率"),
            _("办结后被要求返工过"),
            _("本期首次办结"),
            Q(reworks__gt=0),
            when="first_resolved_at",
            target=5,
            up=False,
        ),
        _case(
            "reopened",
            _("重办率"),
            _("办结后重办过"),
            _("本期首次办结"),
            Q(reopens__gt=0),
            when="first_resolved_at",
            target=3,
            up=False,
        ),
        _case(
            "declined",
            _("退单率"),
            _("被承办单位退过"),
            _("本期登记并派遣出去"),
            Q(declines__gt=0),
            den=lambda at: Q(first_dispatched_at__isnull=False),
            target=5,
            up=False,
        ),
        Figure(
            "declined_rightly",
            _("有效退单率"),
            _("退后没有再派回"),
            _("本期退单"),
            STAY,
            "until",
            STOOD,
            lambda at: Q(ended_by="decline"),
            target=80,
        ),
        _case(
            "extended",
            _("延期率"),
            _("批准过延期"),
            REGISTERED,
            relieved("extension"),
            target=5,
            up=False,
            relief="extension",
        ),
        _case(
            "held",
            _("挂账率"),
            _("批准过挂账"),
            REGISTERED,
            relieved("hold"),
            target=5,
            up=False,
            relief="hold",
        ),
        _case("withdrawn", _("撤回率"), _("已撤销"), REGISTERED, Q(status="withdrawn"), target=3, up=False),
        _case(
            "rejected", _("不予受理率"), _("不予受理"), REGISTERED, Q(status="rejected"), target=5, up=False
        ),
        _case(
            "excluded",
            _("剔除率"),
            _("批准剔除"),
            _("本期登记（含剔除的）"),
            relieved("exclusion"),
            target=2,
            up=False,
            relief="exclusion",
            with_excluded=True,
        ),
        _case(
            "repeated",
            _("重复诉求率"),
            _("有第二位反映人或重办过"),
            _("本期登记的群众诉求"),
            Q(callers__gt=1) | Q(reopens__gt=0),
            den=lambda at: Q(origin="resident"),
            target=10,
            up=False,
        ),
        _case("patrol", _("主动发现率"), _("巡查发现"), REGISTERED, Q(origin="patrol"), target=50),
        _case(
            "handling_time",
            _("办理时长"),
            _("从首次派遣到最后一次有效办结的办公时间，取中位数，另列平均"),
            _("本期办结且派遣过"),
            Q(),
            when="resolved_at",
            den=lambda at: Q(first_dispatched_at__isnull=False),
            up=False,
            unit=MINUTES,
        ),
        _voice("solved", _("解决率"), _("反映人说已解决"), VALID, Q(solved="yes"), 85),
        _voice("satisfied", _("满意率"), _("非常满意、满意、基本满意"), VALID, Q(step__in=SATISFIED), 90),
        _voice(
            "rated",
            _("评价覆盖率"),
            _("评价了这次答复"),
            _("已答复的反映人"),
            Q(rated_at__gte=F("told_at")),
            30,
            "told_at",
        ),
    )
}
RATES = {code: figure for code, figure in FIGURES.items() if figure.unit == SHARE}
HANDLING = FIGURES["handling_time"]  # of minutes, no share: cases.figures.durations
OF_CLOCKS = {code: figure for code, figure in RATES.items() if figure.rows == CLOCK}
OF_ROWS = {code: figure for code, figure in RATES.items() if figure.rows != CLOCK}
# the figure that says whether a stage was kept, by stage
BY_STAGE = {figure.stage: figure for figure in OF_CLOCKS.values() if figure.num is IN_TIME}
STAGES = tuple(BY_STAGE)

# the few that do not count are struck out: joining all that do would cost more than all the rest
UNCOUNTED_OF = ~Exists(Case.objects.filter(Q(excluded=True) | Q(status="merged"), pk=OuterRef("case_id")))
