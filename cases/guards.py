"""The named conditions the table mentions: they read, they change nothing. A guard gives the sentence that
says why not, or nothing. The same sentences stand on grey buttons and in refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import claims, hearing, kinds, rulebook, vacant
from cases.models.case import Case
from cases.models.holding import Part
from cases.sla import clock as sla
from cases.sla.board import ClockBoard
from grid.queries import Lineage
from ledger.actor import Actor, Grant
from parties import directory
from parties.leading import works_for

MOST_DECLINES = 2
MOST_NAMED = 5
REOPEN_DAYS = dt.timedelta(days=30)


@dataclass
class Context:
    """What a guard may look at. `sent`: clean values of the form, empty when only a button is drawn."""

    case: Case
    by: Actor
    at: dt.datetime
    grant: Grant
    board: ClockBoard
    lineage: Lineage
    sent: dict[str, Any] = field(default_factory=dict)
    drawing: bool = False  # a button is drawn: what the form will ask for is not missing yet
    granted: dt.datetime | None = None  # a relief was granted by its command: since when it counts
    done: dt.datetime | None = None  # a phone without a signal kept when it was done: since when it counts

    saved: bool = False  # ... and only by that its resolve is in time
    kept: dict[str, Any] = field(default_factory=dict)  # what the entry tells of it

    @property
    def done_at(self) -> dt.datetime:
        return self.done or self.at

    @property
    def item(self) -> rulebook.Item | None:
        return self.sent.get("item") or rulebook.item_by_id(self.case.item_id)


def has_item(c: Context) -> str | None:
    """An item of the checklist is chosen, by the case or in the form."""
    return None if c.item or c.drawing else _("受理前要选定小项。")


def has_caller(c: Context) -> str | None:
    """Somebody called: there is a person to tell."""
    return None if c.case.has_caller else _("这是主动发现，没有反映人可反馈。")


def has_reachable_caller(c: Context) -> str | None:
    """A caller left a way to be reached."""
    return None if c.case.has_caller and c.case.reachable else _("没有联系得上的反映人，不能要求补充。")


def has_contact(c: Context) -> str | None:
    """The unit has a contact record with the caller, or the form says how it made one."""
    if c.drawing or c.sent.get("channel") or c.grant.unit_id in c.case.contacted_by:
        return None
    return _("要先与反映人联系：请写明怎样联系的。")


def asked_once(c: Context) -> str | None:
    """The holder has not asked before: once per holder."""
    return _("本单位已要求补充过一次。") if c.grant.unit_id in c.case.asked_by else None


def before_half_of_the_stage(c: Context) -> str | None:
    """Less than half of the running stage is gone, and of the work's own time, which the question would stop."""
    stages = (c.board.stage_clock(c.case.status), c.board.open("resolve"))
    if any(row is not None and c.board.used_share(row, c.at) >= 0.5 for row in stages):
        return _("这一段的时间已过一半，不能再要求补充。")
    return None


def not_at_top(c: Context) -> str | None:
    """There is a level above: not from the district."""
    return _("已在区级，没有更高一级可呼。") if c.case.level == "district" else None


def not_at_bottom(c: Context) -> str | None:
    """There is a level below that the place has."""
    lower = kinds.below(c.case.level)
    if lower is None or (lower not in c.lineage and lower != "grid"):
        return _("没有更低一级可下交。")
    if lower == "grid" and "grid" not in c.lineage:
        return _("这个地点没有网格，不能再下交。")
    return None


def handed_down_once(c: Context) -> str | None:
    """Once per case."""
    return _("一件工单只能下交一次。") if c.case.handed_down else None


def not_final(c: Context) -> str | None:
    """The assignment does not rest on a final ruling."""
    return _("这是最终裁定的派遣，不能退、不能收回、不能上呼。") if c.case.final else None


def may_be_recalled(c: Context) -> str | None:
    """The assignment does not rest on a final ruling, or rests with a unit where nobody could sign."""
    return None if vacant.held_by_nobody(c.case, c.at) else not_final(c)


def declined_at_most_twice(c: Context) -> str | None:
    """At most two declines per case."""
    return _("已退过两次，不能再退，请上级裁定。") if c.case.declines >= MOST_DECLINES else None


def return_window_until(case: Case, board: ClockBoard) -> dt.datetime | None:
    """Until when the holder may decline: the policy of the stage "decline", from dispatch on, by the calendar that
    the clock of the signature was started with: a calendar that changes later moves neither."""
    if case.dispatched_at is None:
        return None
    item = rulebook.item_by_id(case.item_id)
    rule = rulebook.rule_for(
        "decline",
        item=item,
        kind=case.kind,
        urgency=case.urgency,
        level=case.level,
        at=case.dispatched_at,
        organisation=case.holder_id,
        path=case.path,
    )
    signs = [row for row in board.rows if row.stage == "sign" and row.part == 0]
    sent = next((row for row in signs if row.started_at == case.dispatched_at), None)
    ref = sent.rule.get("calendar", rule.calendar) if sent is not None else rule.calendar
    return sla.start(rule, case.dispatched_at, case.dispatched_at, rulebook.calendar(ref)).due_at


def inside_return_window(c: Context) -> str | None:
    """Within the policy of the stage `decline`, counted from dispatch: 4 work_hour, critical 1 hour."""
    until = return_window_until(c.case, c.board)
    if until is None:
        return _("这件工单不是派遣来的，不能退。")
    return _("可退单的时间已过。") if c.at > until else None


def released_if_signed(c: Context) -> str | None:
    """Once signed, only with the nod of the unit's head."""
    if c.case.status == "in_hand" and not c.case.released:
        return _("已签收，退单须先由本单位负责人放行。")
    return None


def released_if_wanted(c: Context) -> str | None:
    """Where the unit wants it, only with the nod of its head."""
    holder = directory.by_id(c.case.holder_id)
    if holder is not None and holder.needs_release and not c.case.released:
        return _("本单位办结须先由负责人放行。")
    return None


def parts_done(c: Context) -> str | None:
    """Every assisting part is done or released."""
    if not c.case.open_parts:
        return None
    units = [directory.name_of(part.organisation_id, short=True) for part in Part.open_of(c.case)]
    names = pgettext("between names", "、").join(units)
    return _("%(units)s的协办还没有办完，派遣的受理台放开后才能办结。") % {"units": names}


def children_done(c: Context) -> str | None:
    """Every place of a matter that was spread is done, or was cut loose."""
    if not c.case.child_count:
        return None
    rows = Case.objects.filter(parent_id=c.case.pk).exclude(status__in=kinds.WORK_DONE).order_by("pk")
    if numbers := list(rows.values_list("number", flat=True)[:MOST_NAMED]):
        names = pgettext("between names", "、").join(numbers)
        return _("下面还有几处没有办好：%(numbers)s。办好或脱开后，母件才能办结。") % {"numbers": names}
    return None


def stands_under_another(c: Context) -> str | None:
    """It is one of the places of a matter that another case stands for."""
    return None if c.case.parent_id is not None else _("这件工单没有挂在母件下面。")


def stands_under_none(c: Context) -> str | None:
    """It is no place of another's matter: there is one level."""
    return _("母件不能再挂在别的工单下面，只有一层。") if c.case.parent_id is not None else None


def was_disputed(c: Context) -> str | None:
    """Somebody declined it, or it is assigned and disputed."""
    if c.case.status == "accepted" and not c.case.declines:
        return _("没有退单或争议，直接派遣即可。")
    return None


def is_claimable(c: Context) -> str | None:
    """Kinds wish and project, items marked so, and what its desk opened are open to claims."""
    return None if claims.is_open(c.case) else _("这件工单不开放认领。")


def may_be_offered(c: Context) -> str | None:
    """Not open to claims yet, and nothing that only desk and holder may read."""
    if c.case.sensitive or c.case.confidential:
        return _("内容不公开的工单不能开放认领。")
    if c.case.disputed_at is not None:
        return _("这件工单有争议，等裁定，不开放认领。")
    return _("这件工单已经开放认领。") if claims.is_open(c.case) else None


def was_offered(c: Context) -> str | None:
    """Its desk opened it to claims."""
    return None if c.case.offered_at is not None else _("这件工单不是受理台开放认领的。")


def not_released(c: Context) -> str | None:
    """The head has not nodded yet."""
    return _("负责人已经放行。") if c.case.released else None


def release_is_needed(c: Context) -> str | None:
    """The unit wants the nod for a resolve, or a decline after signing wants it; and nobody asked yet."""
    if c.case.release_asked:
        return _("已请负责人放行，等他答复。")
    holder = directory.by_id(c.case.holder_id)
    if c.case.status == "in_hand" or (holder is not None and holder.needs_release):
        return None
    return _("签收前退单不用负责人放行。")


def release_was_asked(c: Context) -> str | None:
    """The unit's people asked for the nod."""
    return None if c.case.release_asked else _("没有人请求放行。")


def was_instructed(c: Context) -> str | None:
    """An official waits for word."""
    return None if c.case.word_due_at is not None else _("没有等回复的批示。")


def was_ruled(c: Context) -> str | None:
    """A desk ruled on a matter of the checklist."""
    return None if c.case.rulings and c.case.item_id else _("这件工单没有裁定可写入职责清单。")


def ruling_not_kept(c: Context) -> str | None:
    """The last ruling is no duty row yet."""
    return _("这次裁定已写入职责清单。") if c.case.ruled_row_id is not None else None


def is_disputed(c: Context) -> str | None:
    """Three units had it or two sent it back: a desk above has to rule."""
    return None if c.case.disputed_at is not None else _("这件工单没有争议，不用陈述。")


def stated_once(c: Context) -> str | None:
    """Each unit speaks once in a round."""
    spoken = [unit for unit in c.case.party_ids if any(works_for(g, unit) for g in c.by.grants)]
    if spoken and set(spoken) <= set(c.case.stated_ids):
        return _("本单位已陈述过，等裁定。")
    return None


def is_granted(c: Context) -> str | None:
    """Done by the grant of a relief, never by itself."""
    return None if c.granted else _("挂账须先由承办单位申请，由批准申请的人办理。")


def may_close(c: Context) -> str | None:
    """A due check is made, the caller was told, and the grace is over."""
    if c.case.doubted_at is not None or (check_is_due(c.case) and c.case.verified_at is None):
        return _("还没有核查。")
    if c.case.status == "resolved" and c.case.has_caller:
        return _("还没有反馈。")
    waits = c.case.status == "answered" and c.board.open("grace") and not c.board.is_due("grace", c.at)
    return _("反馈后的等待期还没有过。") if waits and not hearing.everybody_spoke(c.case) else None


def may_be_checked(c: Context) -> str | None:
    """A check is made before the end; afterwards only where a caller says that it is not solved."""
    return _("已经结案，没有要核查的。") if c.case.status == "closed" and c.case.doubted_at is None else None


def check_is_due(case: Case) -> bool:
    """A check comes before the end where there is no caller or the item demands it."""
    item = rulebook.item_by_id(case.item_id)
    return not case.has_caller or (item is not None and item.check_required)


def within_thirty_days(c: Context) -> str | None:
    """Within 30 days of answer or close."""
    return _("反馈或结案已超过 30 天，请重新登记。") if is_long_over(c.case, c.at) else None


def is_long_over(case: Case, at: dt.datetime) -> bool:
    """Answered and closed so long ago that it is not opened again."""
    since = max(filter(None, (case.answered_at, case.ended_at)), default=None)
    return since is not None and at - since > REOPEN_DAYS


GUARDS: dict[str, Callable[[Context], str | None]] = {
    guard.__name__: guard
    for guard in (
        has_item,
        has_caller,
        has_reachable_caller,
        has_contact,
        asked_once,
        before_half_of_the_stage,
        not_at_top,
        not_at_bottom,
        handed_down_once,
        not_final,
        may_be_recalled,
        declined_at_most_twice,
        inside_return_window,
        released_if_signed,
        released_if_wanted,
        parts_done,
        children_done,
        stands_under_another,
        stands_under_none,
        was_disputed,
        is_claimable,
        may_be_offered,
        was_offered,
        not_released,
        release_is_needed,
        release_was_asked,
        is_disputed,
        stated_once,
        was_instructed,
        was_ruled,
        ruling_not_kept,
        is_granted,
        may_close,
        may_be_checked,
        within_thirty_days,
    )
}


def why_not(names: tuple[str, ...], context: Context) -> str | None:
    """The first guard's sentence that forbids, or None."""
    for name in names:
        if sentence := GUARDS[name](context):
            return sentence
    return None
