"""Cases by real moves, so that no test begins from an impossible one.

`a_case(at="in_hand")` walks the lifecycle table's own path from `take`; `walk` makes further moves. The people
are those of the demo town, the details the plainest that the table's needs accept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from cases import editing, intake, lifecycle, moves
from cases.models import Attachment, Case
from ledger.actor import Actor
from tests import town

STREET_ITEM = "0610"  # 建筑外立面不洁: street, straight to GV24, wants a photo
GRID_ITEM = "0301"  # 邻里纠纷: settled in the grid, no photo
TEXT = "前铺社区1号楼外墙被喷了涂料，麻烦清理。"
CALLER = {"name": "孟庆芳", "phone": "13905371234"}

# who makes a move, unless the test says otherwise: by the case's level for the desk's moves
DESK = {"grid": "shequ", "community": "shequ", "street": "jiedao", "district": "quji"}
BY = {
    "sign": "bumen",
    "decline": "bumen",
    "transfer": "bumen",
    "claim": "bumen",
    "resolve": "bumen",
    "resume": "bumen",
    "rule": "quji",
    "reopen": "zhiban",
    "unmerge": "zhiban",
    "withdraw": "zhiban",
    "supply": "wangge",
    "rework": "wangge",
}
DETAILS: dict[str, dict[str, Any]] = {
    "reject": {"ground": "not_our_matter", "instead": "请拨打 12345 转交通部门。", "told": True},
    "settle": {"result": "已当面调解，双方认可。"},
    "escalate": {"reason": "本级没有执法权。"},
    "hand_down": {"reason": "属社区日常事项。"},
    "dispatch": {"organisation": "GV24"},
    "recall": {"reason": "派错单位。"},
    "decline": {"ground": "not_our_duty", "organisation": "GV25"},
    "rule": {"organisation": "GV24", "grounds": "属地管理清单第 12 项。"},
    "transfer": {"organisation": "IN02", "reason": "属环卫作业范围。"},
    "hold": {"ground": "weather", "measure": "已围挡", "next_step": "雨停后施工"},
    "ask": {"question": "请说明具体位置。", "channel": "phone"},
    "supply": {"answer": "在1号楼北侧。"},
    "resolve": {"result": "外墙已清洗，附前后照片。"},
    "rework": {"reason": "北侧仍有涂料。"},
    "answer": {"told": "外墙已清洗完毕。", "channel": "phone"},
    "reopen": {"reason": "反映人说又出现了。"},
    "unmerge": {"reason": "不是同一件事。"},
    "withdraw": {"reason": "重复登记。"},
}
LATER = {"hold": dt.timedelta(days=10), "claim": dt.timedelta(days=5)}
WANTS_PHOTO = ("settle", "resolve")


def a_case(
    at: str = "received",
    *,
    through: Sequence[str] | None = None,
    when: dt.datetime = town.MONDAY,
    by: str | Actor = "wangge",
    place: str = town.GRID,
    item: str = STREET_ITEM,
    text: str = TEXT,
    caller: dict[str, Any] | None = CALLER,
    **call: Any,
) -> Case:
    """A case in a status, one minute per move. `through`: the moves after take, where the shortest path of
    the table is not the one wanted, e.g. ("accept", "dispatch", "sign")."""
    who = town.actor(by, when) if isinstance(by, str) else by
    taken = intake.take_call(by=who, at=when, place_code=place, item=item, text=text, caller=caller, **call)
    path = through if through is not None else lifecycle.path_to(at)[1:]
    case = walk(taken.case, *path)
    assert through is not None or case.status == at, (case.status, at)
    return case


def walk(case: Case, *names: str, by: str | Actor | None = None, **details: Any) -> Case:
    """Make these moves, each a minute after the last entry; `by` and `details` are for all of them."""
    for name in names:
        when = case.last_at + dt.timedelta(minutes=1)
        case = a_move(case, name, when=when, by=by, **details)
    return case


def a_move(
    case: Case, name: str, *, when: dt.datetime, by: str | Actor | None = None, **details: Any
) -> Case:
    """One move by the person who usually makes it."""
    system = not lifecycle.MOVES[name].by_people or name == "hold"
    who: Any = by or (town.SYSTEM if system else BY.get(name) or DESK[case.level])
    actor = town.actor(who, when) if isinstance(who, str) else who
    sent = {**DETAILS.get(name, {}), **details}
    if name in LATER and "until" not in sent:
        sent["until"] = when + LATER[name]
    if name in WANTS_PHOTO and "attachments" not in sent:
        sent["attachments"] = [a_photo(actor, when)]
    if name == "merge" and "target" not in sent:
        elder = Case.objects.filter(pk__lt=case.pk, status__in=lifecycle.OPEN).latest("pk")
        sent["target"] = elder.number
    return moves.perform(number=case.number, move=name, by=actor, at=when, version=case.version, **sent)


def a_fact(
    case: Case, name: str, *, by: str | Actor, when: dt.datetime | None = None, **details: Any
) -> Case:
    """Record one fact a minute after the last entry."""
    when = when or case.last_at + dt.timedelta(minutes=1)
    actor = town.actor(by, when) if isinstance(by, str) else by
    version = case.version if lifecycle.FACTS[name].bumps else None
    return editing.add_fact(number=case.number, fact=name, by=actor, at=when, version=version, **details)


def a_photo(by: Actor, when: dt.datetime = town.MONDAY) -> str:
    """The id of a photo that nobody has used yet; only its row, no file."""
    row = Attachment.objects.create(
        kind="photo",
        file="evidence/none.jpg",
        thumbnail="evidence/none-small.jpg",
        mime="image/jpeg",
        size=1234,
        sha256="0" * 64,
        width=640,
        height=480,
        uploaded_by_id=by.id,
        uploaded_at=when,
    )
    return str(row.pk)
