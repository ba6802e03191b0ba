"""THE table of moves, and the table of facts beside them (SPEC §5).

From here come the buttons, the API's list of moves and its refusals, the status constraint,
LIFECYCLE.md, the test grid and the path that test builders walk. A fact about a transition that is
typed anywhere else means this table lacks a column. Imports no model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from cases.kinds import ENDED, OPEN, STATUSES

SYSTEM = "system"  # a capability nobody is posted with
INTEREST = ""  # no capability: whoever has a part in the matter, as the `who` column says


@dataclass(frozen=True, eq=False)  # each is itself: what is drawn of it is kept by it
class Need:
    """One field of a move's form. `required`: yes, no, "case" (what the case has need not be sent) or "item"
    (as the item's evidence says)."""

    field: str
    type: str  # text | choice:<list> | code:item | code:organisation | codes:organisation | bool | time | ids | number
    required: bool | str = True
    label: object = ""


@dataclass(frozen=True)
class Effect:
    """What a move does to one clock: start, stop (its own move), end (another move), pause, resume, void…"""

    verb: str
    stages: tuple[str, ...] = ()

    def __add__(self, other: Effect | tuple[Effect, ...]) -> tuple[Effect, ...]:
        return (self, *(other if isinstance(other, tuple) else (other,)))

    def __radd__(self, other: tuple[Effect, ...]) -> tuple[Effect, ...]:
        return (*other, self)


def start(*stages: str) -> Effect:
    return Effect("start", stages)


def stop(*stages: str) -> Effect:
    """Stopped by the move that the stage waits for: counts as kept or missed."""
    return Effect("stop", stages)


def end(*stages: str) -> Effect:
    """Stopped by another move: if that was before due, the round leaves both sides of a rate."""
    return Effect("end", stages)


def pause(*stages: str) -> Effect:
    return Effect("pause", stages)


def resume(*stages: str) -> Effect:
    return Effect("resume", stages)


def void(*stages: str) -> Effect:
    """The stop did not stand: the same clock runs on with what was left."""
    return Effect("void", stages)


END_ALL = Effect("end_all")
CALL_OFF = Effect("call_off")  # as end_all, but to be undone: a merge's clocks leave both sides of every rate
ADOPT = Effect("adopt")  # the confirmed item's resolve policy takes the place of the default, once
PROMISE = Effect("promise")  # the promise is fixed, the first time
VERIFY_IF_DUE = Effect("verify_if_due")
FEEDBACK_IF_CALLER = Effect("feedback_if_caller")
# to show oneself to the caller and on the spot, where a policy sets a time for it; the facts of these names stop them
MILESTONES = ("contact", "arrive", "secure")
APPROACH = Effect("approach", MILESTONES)  # whoever is to handle it now has them anew
LEAVE = Effect("end", MILESTONES)


@dataclass(frozen=True)
class Move:
    """One row. `to` has several statuses where the case decides (see `chooses`); `capability` may differ
    by source status; `who` names the rule of cases.authority that finds the posting one acts by;
    `holder` says whose the case is afterwards."""

    name: str
    label: object
    sources: tuple[str, ...]
    to: tuple[str, ...]
    capability: str | dict[str, str]
    who: str
    guards: tuple[str, ...]
    needs: tuple[Need, ...]
    clocks: tuple[Effect, ...]
    announces: str
    holder: str = "same"  # same | desk | unit | organisation | up | down | last
    key: str = ""
    icon: str = ""
    danger: bool = False
    confirm: object = ""
    chooses: str = ""  # "" | came_from | second_time_up

    def capability_from(self, status: str) -> str:
        return self.capability if isinstance(self.capability, str) else self.capability.get(status, SYSTEM)

    @property
    def by_people(self) -> bool:
        """Is it anybody's to make, or does the system make it by itself?"""
        return self.capability != SYSTEM


def moves(*rows: Move) -> dict[str, Move]:
    table = {row.name: row for row in rows}
    if len(table) != len(rows):
        raise ValueError("two rows bear the same name")
    for row in rows:
        unknown = {*row.sources, *row.to} - set(STATUSES)
        if unknown:
            raise ValueError(f"{row.name}: no such status {unknown}")
    return table


ITEM = Need("item", "code:item", "case", _("小项"))
KIND = Need("kind", "choice:kinds", "case", _("类型"))
REASON = Need("reason", "text", True, _("理由"))
RESULT = Need("result", "text", True, _("办结说明"))
EVIDENCE = Need("attachments", "ids", False, _("照片"))
PROOF = Need("attachments", "ids", "item", _("照片"))
LEAD = Need("organisation", "code:organisation", True, _("主办单位"))
ASSIST = Need("assisting", "codes:organisation", False, _("协办单位"))

# of what a phone without a signal kept: CAPTURED where it counts from when it was done, KEPT where it is only told
CAPTURED = Need("captured_at", "time", False, _("手机记下的时间"))
KEPT = Need("captured_at", "time", False, _("手机记下的时间，只作记录"))

# of a caller whom the text with the answer did not reach: what shows that somebody stood at the door
AT_THE_DOOR = (
    Need("attachments", "ids", False, _("签名、录音")),
    Need("signed", "text", False, _("签收人、见证人")),
)
WHICH_CALLER = Need("call", "call", True, _("哪一位反映人"))

# fmt: off
MOVES = moves(
    Move("take", _("登记"), (), ("received",), "take", "taker", (), (),
         start("accept", "resolve") + FEEDBACK_IF_CALLER,
         "case.received", holder="desk", key="A", icon="circle-plus"),
    Move("accept", _("受理"), ("received",), ("accepted",), "accept", "desk", ("has_item",), (ITEM, KIND),
         ADOPT + stop("accept") + PROMISE + start("dispatch"),
         "case.accepted", holder="desk", key="R", icon="circle-check"),
    Move("reject", _("不予受理"), ("received", "accepted"), ("rejected",),
         {"received": "accept", "accepted": "adjudicate"}, "desk", (),
         (Need("ground", "choice:reject_grounds", True, _("理由")),
          Need("instead", "text", True, _("应向哪里反映")),
          Need("told", "bool", True, _("已告知反映人"))),
         (END_ALL,), "case.rejected", key="T", icon="ban", danger=True,
         confirm=_("不予受理后工单即结束。确定吗？")),
    Move("start", _("自办"), ("accepted",), ("in_hand",), "start", "desk", ("not_final",), (),
         stop("dispatch") + APPROACH, "case.started", holder="unit", key="S", icon="player-play"),
    Move("settle", _("就地办结"), ("received", "accepted"), ("resolved",), "settle", "desk",
         ("has_item", "not_final", "children_done"), (ITEM, KIND, RESULT, PROOF, CAPTURED),
         (stop("accept", "dispatch", "resolve"), LEAVE, VERIFY_IF_DUE),
         "case.settled", holder="unit", key="E", icon="checks"),
    Move("escalate", _("上呼"), ("received", "accepted", "in_hand"), ("received",), "escalate", "desk_or_holder",
         ("not_at_top", "not_final"),
         (REASON, Need("wanted", "codes:organisation", False, _("希望哪些单位办"))),
         (end("accept", "dispatch"), LEAVE, start("reaccept")), "case.escalated", holder="up", key="U", icon="arrow-up"),
    Move("hand_down", _("下交"), ("received", "accepted"), ("received",), "hand_down", "desk",
         ("not_at_bottom", "handed_down_once"), (REASON,),
         (end("accept", "dispatch"), start("reaccept")), "case.handed_down", holder="down", key="V", icon="arrow-down"),
    Move("dispatch", _("派遣"), ("accepted",), ("assigned",), "dispatch", "desk", (), (LEAD, ASSIST),
         (stop("dispatch"), start("sign"), APPROACH), "case.assigned", holder="organisation", key="I", icon="send"),
    Move("recall", _("收回"), ("assigned",), ("accepted",), "recall", "sender", ("may_be_recalled",), (REASON,),
         (end("sign"), LEAVE, start("dispatch")), "case.recalled", holder="desk", icon="arrow-back-up"),
    Move("sign", _("签收"), ("assigned",), ("in_hand",), "sign", "holder", (), (),
         (stop("sign"),), "case.signed", holder="same", key="S", icon="signature"),
    Move("claim", _("认领"), ("accepted",), ("in_hand",), "claim", "claimer", ("is_claimable",),
         (Need("until", "time", True, _("承诺办结时间")),),
         stop("dispatch") + APPROACH, "case.claimed", holder="unit", icon="hand-grab"),
    Move("decline", _("退单"), ("assigned", "in_hand"), ("accepted",), "decline", "holder",
         ("not_final", "declined_at_most_twice", "inside_return_window", "released_if_signed"),
         (Need("ground", "choice:decline_grounds", True, _("退单理由")),
          Need("organisation", "code:organisation", True, _("应由谁办")),
          Need("reason", "text", False, _("说明"))),
         (end("sign"), LEAVE, start("dispatch")), "case.declined", holder="desk", key="T", icon="arrow-back", danger=True),
    Move("rule", _("裁定"), ("accepted", "assigned"), ("assigned",), "adjudicate", "adjudicator",
         ("was_disputed",), (LEAD, Need("grounds", "text", True, _("裁定依据"))),
         (stop("dispatch"), end("sign"), LEAVE, start("sign"), APPROACH), "case.ruled", holder="organisation", key="O",
         icon="gavel"),
    Move("transfer", _("转派"), ("in_hand",), ("assigned",), "transfer", "holder", (), (LEAD, REASON),
         (LEAVE, start("sign"), APPROACH), "case.transferred", holder="organisation", key="Z", icon="arrows-exchange"),
    Move("hold", _("挂账"), ("in_hand", "accepted"), ("on_hold",), "relief.grant", "granter", ("is_granted",),
         (Need("ground", "choice:hold_grounds", True, _("挂账理由")),
          Need("until", "time", True, _("挂账至")),
          Need("measure", "text", True, _("安全措施")),
          Need("next_step", "text", True, _("下一步"))),
         pause("dispatch", "resolve", "feedback") + start("hold"), "case.held", key="G", icon="player-pause"),
    Move("resume", _("恢复"), ("on_hold",), ("in_hand", "accepted"), "relief.ask", "holder", (), (),
         end("hold") + resume("dispatch", "resolve", "feedback"), "case.resumed", icon="player-play",
         chooses="came_from"),
    Move("ask", _("要求补充"), ("received", "accepted", "in_hand"), ("awaiting_info",), "ask", "desk_or_holder",
         ("has_reachable_caller", "asked_once", "before_half_of_the_stage", "has_contact"),
         (Need("question", "text", True, _("要补充什么")),
          Need("channel", "choice:contact_channels", False, _("怎样联系的"))),
         pause("resolve") + start("ask"), "case.asked", key="Q", icon="message-question"),
    Move("supply", _("补充"), ("awaiting_info",), ("received", "accepted", "in_hand"), INTEREST, "informant", (),
         (Need("answer", "text", True, _("补充内容")), EVIDENCE, KEPT),
         stop("ask") + resume("resolve"), "case.supplied", icon="message-plus", chooses="came_from"),
    Move("resolve", _("办结"), ("in_hand",), ("resolved",), "resolve", "holder",
         ("parts_done", "children_done", "released_if_wanted"), (RESULT, PROOF, CAPTURED),
         (stop("resolve"), LEAVE, VERIFY_IF_DUE), "case.resolved", key="B", icon="circle-check"),
    Move("rework", _("返工"), ("resolved",), ("in_hand",), "verify", "outsider", (),
         (Need("reason", "text", True, _("缺什么")), EVIDENCE, CAPTURED),
         void("resolve") + end("verify"), "case.reworked", holder="last", icon="rotate", danger=True),
    Move("answer", _("反馈"), ("resolved",), ("answered",), "answer", "answerer", ("has_caller", "children_done"),
         (Need("told", "text", True, _("告诉了反映人什么")),
          Need("channel", "choice:contact_channels", True, _("怎样告知的")),
          Need("everywhere", "bool", False, _("也这样答复下面各处的反映人")), *AT_THE_DOOR, CAPTURED),
         stop("feedback") + start("grace"), "case.answered", key="W", icon="message-check"),
    Move("miss", _("短信没有送达"), ("resolved", "answered"), ("resolved",), SYSTEM, "system", (),
         (WHICH_CALLER,),
         void("feedback") + end("grace", "return_visit"), "case.missed", icon="alert-triangle"),
    Move("close", _("结案"), ("answered", "resolved"), ("closed",), SYSTEM, "system", ("may_close", "children_done"), (),
         (stop("grace", "return_visit"), END_ALL), "case.closed", icon="archive"),
    Move("reopen", _("重办"), ("answered", "closed"), ("in_hand", "received"), "reopen", "reopener",
         ("within_thirty_days",), (REASON,),
         (void("resolve"), end("verify", "grace", "return_visit"), FEEDBACK_IF_CALLER), "case.reopened",
         holder="last", icon="refresh", danger=True, chooses="second_time_up"),
    Move("merge", _("并案"), OPEN, ("merged",), "merge", "merger", (),
         (Need("target", "case", True, _("并入哪一件")),),
         (CALL_OFF,), "case.merged", key="M", icon="arrows-join"),
    Move("unmerge", _("拆并"), ("merged",), OPEN, "unmerge", "unmerger", (), (REASON,),
         (Effect("unmerge"),), "case.unmerged", icon="arrows-split", chooses="came_from"),
    Move("withdraw", _("撤回"), tuple(s for s in OPEN if s != "resolved"), ("withdrawn",), "withdraw", "withdrawer", (),
         (REASON,), (END_ALL,), "case.withdrawn", icon="x", danger=True,
         confirm=_("撤回后工单即结束。确定吗？")),
)
# fmt: on


@dataclass(frozen=True)
class FactKind:
    """Something recorded beside the moves: the status stays. `needs` as for moves."""

    name: str
    label: object
    capability: str
    who: str
    needs: tuple[Need, ...]
    event: str
    sources: tuple[str, ...] = OPEN
    bumps: bool = False  # does it move the version: changes of item, kind, place, level, urgency, holder
    icon: str = ""
    key: str = ""
    guards: tuple[str, ...] = ()

    @property
    def by_people(self) -> bool:
        """As of a move."""
        return self.capability != SYSTEM


NOTE = Need("text", "text", True, _("内容"))
PUBLIC = Need("public", "bool", False, _("反映人可见"))
LIVE = (*OPEN, "answered")
WORKED = tuple(status for status in OPEN if status != "resolved")  # somebody's hands are on it

# fmt: off
FACTS = {row.name: row for row in (
    FactKind("note", _("留言"), INTEREST, "party", (NOTE, PUBLIC), "case.noted", (*LIVE, *ENDED), icon="message", key="C"),
    FactKind("attach", _("添加材料"), INTEREST, "party", (Need("attachments", "ids", True, _("照片、录音")),),
             "case.attached", LIVE, icon="photo-plus"),
    FactKind("urge", _("催办"), INTEREST, "interested", (Need("text", "text", False, _("说明")),), "case.urged",
             icon="bell-ringing"),
    FactKind("instruct", _("批示"), "instruct", "official",
             (Need("text", "text", True, _("批示内容")), Need("until", "time", False, _("何时前回复"))), "case.instructed",
             (*LIVE, "closed"), icon="pencil"),
    FactKind("report", _("回复批示"), INTEREST, "holder", (Need("text", "text", True, _("办到哪一步")), EVIDENCE),
             "case.instruction_answered", (*LIVE, *ENDED), icon="message-check", guards=("was_instructed",)),
    FactKind("reveal", _("显示联系方式"), INTEREST, "party", (REASON,), "case.revealed", (*LIVE, *ENDED), icon="eye"),
    FactKind("stop_texts", _("退订短信"), "accept", "street_desk", (WHICH_CALLER, REASON), "case.texts_stopped",
             (*LIVE, *ENDED), icon="ban", guards=("has_caller",)),
    FactKind("resume_texts", _("恢复短信"), "accept", "street_desk", (WHICH_CALLER, REASON), "case.texts_resumed",
             (*LIVE, *ENDED), icon="message", guards=("has_caller",)),
    FactKind("contact", _("联系"), "contact", "worker",
             (Need("channel", "choice:contact_channels", True, _("怎样联系的")),
              Need("text", "text", False, _("说了什么")),
              Need("reached", "bool", False, _("已接通")), CAPTURED), "case.contacted", LIVE, icon="phone", key="P"),
    FactKind("arrive", _("报到"), "arrive", "worker", (Need("text", "text", False, _("说明")), CAPTURED),
             "case.arrived", icon="map-pin-check", key="D"),
    FactKind("secure", _("制止、围护"), "arrive", "worker",
             (Need("text", "text", True, _("采取的措施")), EVIDENCE, CAPTURED), "case.secured", icon="shield-check", key="N"),
    FactKind("interim", _("阶段性反馈"), "answer", "informer",
             (Need("done", "text", True, _("做了什么")), Need("next", "text", True, _("下一步")),
              Need("until", "time", True, _("下次答复时间")),
              Need("channel", "choice:contact_channels", True, _("怎样告知的")), *AT_THE_DOOR, CAPTURED), "case.interim",
             icon="speakerphone", key="F"),
    FactKind("miss_interim", _("阶段性反馈的短信没有送达"), SYSTEM, "system", (WHICH_CALLER,), "case.interim_missed",
             icon="alert-triangle"),
    FactKind("tell", _("单独答复一位"), "answer", "answerer",
             (WHICH_CALLER, Need("told", "text", True, _("告诉了反映人什么")),
              Need("channel", "choice:contact_channels", True, _("怎样告知的")), *AT_THE_DOOR, CAPTURED), "case.caller_told", ("resolved",),
             icon="message-user", guards=("has_caller",)),
    FactKind("verify", _("核查"), "verify", "outsider",
             (Need("done", "bool", True, _("确已办好")), Need("text", "text", False, _("核查情况")), EVIDENCE, CAPTURED),
             "case.verified", ("resolved", "answered", "closed"), icon="eye-check", guards=("may_be_checked",)),
    FactKind("take_up", _("领取"), INTEREST, "holder", (), "case.taken_up",
             ("received", "accepted", "assigned", "in_hand"), bumps=True, icon="user-check", key="L"),
    FactKind("assign", _("分派到人"), INTEREST, "leader", (Need("person", "code:account", True, _("经办人")), Need("reason", "text", False, _("交接说明"))),
             "case.person_assigned", WORKED, bumps=True, icon="user-plus"),
    FactKind("pass_on", _("交接"), INTEREST, "owner",
             (Need("person", "code:account", True, _("交给谁")), Need("reason", "text", False, _("交接说明"))),
             "case.passed_on", WORKED, bumps=True, icon="arrows-exchange"),
    FactKind("put_back", _("放回单位"), INTEREST, "owner_or_leader", (), "case.put_back", WORKED, bumps=True,
             icon="arrow-back"),
    FactKind("assist", _("增加协办"), "dispatch", "sender",
             (Need("assisting", "codes:organisation", True, _("协办单位")),), "part.opened",
             ("assigned", "in_hand"), bumps=True, icon="users-plus", key="H"),
    FactKind("release_part", _("放开协办"), "dispatch", "sender",
             (Need("organisation", "code:organisation", True, _("协办单位")),), "part.released",
             ("assigned", "in_hand"), bumps=True, icon="users-minus"),
    FactKind("release", _("放行"), "release", "holder", (), "case.released", ("assigned", "in_hand"), icon="lock-open",
             guards=("not_released",)),
    FactKind("ask_release", _("请负责人放行"), "sign", "holder", (REASON,), "case.release_asked",
             ("assigned", "in_hand"), icon="lock", guards=("not_released", "release_is_needed")),
    FactKind("refuse_release", _("不放行"), "release", "holder", (REASON,), "case.release_refused",
             ("assigned", "in_hand"), icon="lock", guards=("release_was_asked",)),
    FactKind("state", _("陈述意见"), INTEREST, "disputant",
             (Need("text", "text", True, _("本单位的意见")), EVIDENCE), "case.stated",
             ("received", "accepted", "assigned"), icon="message-2", guards=("is_disputed", "stated_once")),
    FactKind("keep_ruling", _("写入职责清单"), "adjudicate", "judge",
             (Need("place", "code:place", True, _("适用范围")),), "case.ruling_kept",
             ("assigned", "in_hand", "on_hold", "awaiting_info", "resolved", "answered", "closed"), icon="list-check",
             guards=("was_ruled", "ruling_not_kept")),
    FactKind("open_claims", _("开放认领"), "dispatch", "desk", (), "case.opened_to_claims", ("accepted",),
             icon="heart-handshake", guards=("may_be_offered",)),
    FactKind("close_claims", _("停止认领"), "dispatch", "desk", (), "case.closed_to_claims", ("accepted",),
             icon="eye-off", guards=("was_offered",)),
    FactKind("link", _("挂到母件"), "merge", "merger", (Need("parent", "case", True, _("母件")),), "case.linked",
             bumps=True, icon="hierarchy"),
    FactKind("unlink", _("脱开"), "merge", "merger", (REASON,), "case.unlinked", bumps=True, icon="unlink",
             guards=("stands_under_another",)),
    FactKind("split", _("拆出一次反映"), "unmerge", "unmerger", (Need("call", "call", True, _("哪一次反映")), REASON),
             "case.caller_split", bumps=True, icon="arrows-split"),
    FactKind("spread", _("分到几处"), "merge", "merger",
             (Need("places", "codes:place", True, _("哪几处")), Need("text", "text", True, _("各处要办什么"))),
             "case.spread", tuple(s for s in OPEN if s != "resolved"), bumps=True, icon="sitemap",
             guards=("stands_under_none",)),
    FactKind("reclassify", _("改小项"), "accept", "desk_above",
             (Need("item", "code:item", True, _("小项")), Need("kind", "choice:kinds", False, _("类型")), REASON),
             "case.reclassified", bumps=True, icon="category"),
    FactKind("relocate", _("改地点"), "accept", "desk_above", (Need("place", "code:place", True, _("地点")), REASON),
             "case.relocated", bumps=True, icon="map-pin"),
    FactKind("urgency", _("改紧急程度"), "accept", "desk_above",
             (Need("urgency", "choice:urgencies", True, _("紧急程度")), REASON), "case.urgency_changed", bumps=True,
             icon="alert-triangle"),
)}
# fmt: on

# the stage clock that shows an open case is being waited for, by status (the first that fits)
STAGE_OF = {
    "received": ("accept",),
    "accepted": ("dispatch",),
    "assigned": ("sign",),
    "in_hand": ("resolve",),
    "on_hold": ("hold",),
    "awaiting_info": ("ask",),
    "resolved": ("verify", "feedback"),
}


def open_to(status: str) -> tuple[Move, ...]:
    """The moves that leave a status, in the table's order."""
    return tuple(move for move in MOVES.values() if status in move.sources)


def events() -> tuple[str, ...]:
    """Everything this table announces."""
    names = [move.announces for move in MOVES.values()] + [fact.event for fact in FACTS.values()]
    return tuple(dict.fromkeys(names))


def path_to(status: str) -> tuple[str, ...]:
    """The shortest list of moves from nothing to a status, for test builders."""
    paths: dict[str, tuple[str, ...]] = {"received": ("take",)}
    frontier: Iterable[str] = ("received",)
    while frontier:
        reached = []
        for source in frontier:
            for move in open_to(source):
                if move.chooses or (not move.by_people and status != "closed"):
                    continue
                for target in move.to:
                    if target not in paths:
                        paths[target] = (*paths[source], move.name)
                        reached.append(target)
        frontier = reached
    return paths[status]
