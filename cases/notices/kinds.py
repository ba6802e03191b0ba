"""Kinds of notices: which events belong together for the reader, and how each kind reaches people by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

OFF, NOW, HOUR, DAY = "off", "now", "hour", "day"
MAILS = {
    OFF: _("不发"),
    NOW: _("马上发"),
    HOUR: _("每小时汇总"),
    DAY: _("每天早上汇总"),
}


@dataclass(frozen=True)
class Kind:
    """`mail`: how it is mailed unless somebody chose otherwise; `mention`: are those it concerns named in a group."""

    name: str
    label: object
    events: tuple[str, ...]
    mail: str
    mention: bool = False


# fmt: off
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (
    Kind("assigned", _("派给我或本单位"), (
        "case.received", "case.escalated", "case.handed_down", "case.assigned", "case.ruled", "case.transferred",
        "case.person_assigned", "case.passed_on", "account.handed_work", "part.opened", "case.lifted"), NOW, True),
    Kind("returned", _("退回、争议、返工、重办"), (
        "case.declined", "case.recalled", "case.reworked", "case.reopened", "disputed", "case.stated",
        "case.release_asked", "case.release_refused"), NOW, True),
    Kind("warned", _("快到期"), ("clock.warned",), HOUR),
    Kind("breached", _("超时"), ("clock.breached", "clock.silent", "clock.overdue"), NOW, True),
    Kind("urged", _("催办、要求补充、补充来了"), ("case.urged", "case.asked", "case.supplied"), NOW, True),
    Kind("instructed", _("批示和回复"), ("case.instructed", "case.word_due", "case.word_late", "case.instruction_answered"), NOW, True),
    Kind("mentioned", _("有人提到我"), ("case.noted",), NOW, True),
    Kind("relief", _("延期、挂账"), (
        "relief.asked", "relief.raised", "relief.unanswered", "relief.granted", "relief.refused",
        "relief.review_due"), NOW),
    Kind("progress", _("我登记的办到哪一步"), (
        "case.settled", "case.resolved", "case.answered", "case.missed",
        "case.interim_missed", "case.closed", "case.rejected"), DAY),
    Kind("finding", _("认定"), (
        "finding.drafted", "finding.stated", "finding.confirmed", "finding.dropped", "finding.withdrawn"), HOUR),
    Kind("tree", _("网格树变动"), ("draft.published", "draft.failed", "unit_draft.published", "unit_draft.failed"), DAY),
    Kind("people", _("离岗与替班"), (
        "account.absence_set", "account.absence_changed", "account.absence_ended"), NOW),
    Kind("channel", _("消息发不出去"), ("endpoint.paused",), NOW),
)})
# fmt: on
OTHER = "progress"  # of an event that no kind names
KIND_OF: Mapping[str, str] = MappingProxyType(
    {event: kind.name for kind in KINDS.values() for event in kind.events}
)

# who sits at the desk all day sees it there; who oversees many reads a summary
BY_ROLE: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "street_dispatcher": {"assigned": OFF, "returned": OFF, "warned": OFF, "breached": HOUR},
        "shift_lead": {"assigned": OFF, "returned": HOUR, "warned": OFF, "breached": HOUR},
        "district_dispatcher": {"assigned": OFF, "returned": HOUR, "warned": OFF, "breached": HOUR},
        "department_head": {"assigned": HOUR, "warned": DAY},
        "street_official": {"breached": DAY},
        "supervisor": {"breached": HOUR},
    }
)


def kind_of(event: str) -> str:
    return KIND_OF.get(event, OTHER)


def mail_by_default(kind: str, roles: Iterable[str]) -> str:
    """Of several roles the one that hears soonest."""
    order = list(MAILS)
    found = [BY_ROLE.get(role, {}).get(kind, KINDS[kind].mail) for role in roles] or [KINDS[kind].mail]
    ranked = [NOW, HOUR, DAY, OFF]
    assert set(found) <= set(order)
    return min(found, key=ranked.index)
