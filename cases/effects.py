"""What a move does to the clocks: the effects of the lifecycle table, carried out on the board."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils.translation import override

from cases import captured, kinds, rulebook
from cases.guards import Context, check_is_due
from cases.lifecycle import MILESTONES, Effect
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.sla import clock as sla
from cases.sla.board import ClockBoard
from grid.queries import Lineage
from parties import directory

# what a holder is waited for before the case goes on
HANDED_OVER = ("accept", "dispatch", "sign", *MILESTONES)
# a stage under the name its rule has, where that is another clock's stage
STAGE = {"reaccept": "accept"}
VOID_FLOOR_HOURS = 4


def carry_out(effects: tuple[Effect, ...], c: Context) -> None:
    """Apply a row's effects in order. Starting opens the next round; stopping what is not open does nothing."""
    for effect in effects:
        VERBS[effect.verb](effect, c)


def let_go(effects: tuple[Effect, ...], c: Context) -> None:
    """Before the case changes hands: the stages that the move ends stop against whom they ran against. Carrying
    the effects out afterwards finds them stopped."""
    for effect in effects:
        if effect.verb in ("stop", "end"):
            for stage in effect.stages:
                if stage in HANDED_OVER:
                    _halt(stage, c, "met" if effect.verb == "stop" else "ended")


def stopped_by(effects: tuple[Effect, ...], c: Context) -> list[Clock]:
    """The clocks that these effects will stop."""
    stages = [stage for effect in effects if effect.verb in ("stop", "end") for stage in effect.stages]
    return [row for stage in stages if (row := c.board.open(stage)) is not None]


def _halt(stage: str, c: Context, outcome: str) -> None:
    """Stopped as of now, or of when a phone without a signal kept that it was done."""
    row = c.board.open(stage)
    if row is not None:
        c.board.stop(stage, c.at if c.done is None else captured.stops_at(row, c.done, c.at), outcome)


def rule_of(stage: str, case: Case, at: dt.datetime, against: int | None = None) -> sla.Rule:
    """The rule a new clock of this stage gets for this case, running against the holder unless told."""
    rule = rule_if_any(stage, case, at, against)
    if rule is None:
        raise LookupError(f"no policy tells how long {stage} may take")
    return rule


def rule_if_any(stage: str, case: Case, at: dt.datetime, against: int | None = None) -> sla.Rule | None:
    """As `rule_of`; None where no policy sets the stage."""
    item = rulebook.item_by_id(case.item_id)
    with override(settings.LANGUAGE_CODE):  # its reason is kept: in the language of the record, whoever acts
        return rulebook.rule_for(
            stage,
            item=item,
            kind=case.kind,
            urgency=case.urgency,
            level=case.level,
            at=at,
            organisation=case.holder_id if against is None else against,
            path=case.path,
        )


def start_stage(stage: str, c: Context) -> None:
    case, board = c.case, c.board
    name = STAGE.get(stage, stage)
    if stage == "hold":
        since = c.granted or c.at
        rule = sla.Rule("hold", 0, "until", until=c.sent["until"])
        board.start("hold", rule, anchor=since, at=since, organisation=case.holder_id)
        return
    against = verify_desk(case, c.lineage) if name == "verify" else case.holder_id
    rule = rule_of(stage, case, c.at, against)
    first = board.latest(name) is None
    anchor = case.called_at if rule.anchor == "call" and first else c.at
    if name == "accept" and first:  # an offline call's is anchored on receipt (intake says so)
        anchor = c.sent.get("accept_anchor", anchor)
    # what a phone kept may be done with before it arrives: the caller's clocks ran from the call on
    since = anchor if first and c.sent.get("offline") and rule.anchor == "call" else c.at
    board.start(name, rule, anchor=anchor, at=c.at, since=min(since, c.at), organisation=against)


def verify_desk(case: Case, lineage: Lineage) -> int:
    """The desk against which the check runs: its own, or the one above where that desk handled it."""
    level = case.level
    while level is not None:
        desk = directory.desk_at(lineage, level)
        if desk is not None and desk.id not in case.handler_units:
            return desk.id
        level = kinds.above(level)
    return case.desk_id


def _start(effect: Effect, c: Context) -> None:
    for stage in effect.stages:
        start_stage(stage, c)


def _stop(effect: Effect, c: Context) -> None:
    for stage in effect.stages:
        _halt(stage, c, "met")


def _end(effect: Effect, c: Context) -> None:
    for stage in effect.stages:
        _halt(stage, c, "ended")


def _end_all(effect: Effect, c: Context) -> None:
    c.board.end_all(c.at)


def _call_off(effect: Effect, c: Context) -> None:
    c.board.end_all(c.at, "cancelled")


def _pause(effect: Effect, c: Context) -> None:
    """A hold counts from its filing: nothing is counted since."""
    for stage in effect.stages:
        c.board.pause(stage, c.granted or c.at)


def rests_from(c: Context) -> dt.datetime:
    """Since when the holder rests in the new status: a hold counts from its filing, as far as this stay goes and
    no rest stands there already."""
    rested = [dt.datetime.fromisoformat(rest["to"]) for rest in c.case.rests if "to" in rest]
    return max([c.granted or c.done_at, c.case.held_since, *rested])


def term_end(c: Context) -> dt.datetime:
    """The end of the hold or question that this move ended: who comes later than its due time, be it a person or
    the sweep, has given nothing away meanwhile. Now, where it ended none."""
    terms = filter(None, (c.board.latest("hold"), c.board.latest("ask")))
    return min([c.at, *(term.due_at for term in terms if term.stopped_at == c.at)])


def _resume(effect: Effect, c: Context) -> None:
    at = term_end(c)
    for stage in effect.stages:
        c.board.resume(stage, at)


def _void(effect: Effect, c: Context) -> None:
    for stage in effect.stages:
        c.board.void(stage, c.at, VOID_FLOOR_HOURS, organisation=c.case.holder_id)


def _adopt(effect: Effect, c: Context) -> None:
    """At the first acceptance the confirmed item's policy takes the place of the resolve limit; a longer
    answer limit follows it."""
    if c.case.promised_at is not None:
        return
    for stage in ("resolve", "feedback"):
        row = c.board.latest(stage)
        # a limit that came with the case from outside stands
        if row is not None and row.state == "running" and row.rule.get("unit") != "until":
            rule = rule_of(stage, c.case, c.at)
            c.board.replace_rule(stage, rule, c.at)


def _promise(effect: Effect, c: Context) -> None:
    row = c.board.latest("resolve")
    if c.case.promised_at is None and row is not None:
        c.case.promised_at = row.due_at


def _verify_if_due(effect: Effect, c: Context) -> None:
    """Also where only the phone's word makes it punctual."""
    c.case.verified_at = None
    if check_is_due(c.case) or c.saved:
        start_stage("verify", c)


def _feedback_if_caller(effect: Effect, c: Context) -> None:
    if c.case.has_caller:
        start_stage("feedback", c)


def _approach(effect: Effect, c: Context) -> None:
    """The milestones that a policy sets for this case, against whoever is to handle it now: contact only where there
    is a caller whom this unit has not reached yet."""
    for stage in effect.stages:
        if stage == "contact" and (not c.case.has_caller or c.case.holder_id in c.case.contacted_by):
            continue
        if rule_if_any(stage, c.case, c.at) is not None:
            start_stage(stage, c)


def _unmerge(effect: Effect, c: Context) -> None:
    c.board.undo_end(c.case.ended_at, c.at)


VERBS = {
    "start": _start,
    "stop": _stop,
    "end": _end,
    "end_all": _end_all,
    "call_off": _call_off,
    "pause": _pause,
    "resume": _resume,
    "void": _void,
    "adopt": _adopt,
    "promise": _promise,
    "verify_if_due": _verify_if_due,
    "feedback_if_caller": _feedback_if_caller,
    "approach": _approach,
    "unmerge": _unmerge,
}


def settle_in(c: Context) -> None:
    """The clocks that run on after the case came home stand there, against its holder and its desk."""
    c.board.relocate(c.at)
    c.board.rehold(c.case.holder_id, c.case.holder_account_id)
    c.board.recheck(verify_desk(c.case, c.lineage))


def worst(rows: list[Clock]) -> tuple[dt.datetime | None, dt.datetime | None, bool]:
    """(earliest due, earliest warning, paused) of what runs: what a list sorts and colours by."""
    running = [row for row in rows if row.state == "running" and row.stage not in TERMS]
    paused = any(row.state == "paused" for row in rows)
    due = min((row.due_at for row in running), default=None)
    warn = min((row.warn_at for row in running if row.warn_at), default=None)
    return due, warn, paused


__all__ = ["ClockBoard", "carry_out", "rule_of", "start_stage", "verify_desk", "worst"]
