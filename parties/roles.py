"""Roles as readable data: a name, a sentence, what one may do. The one table role → capabilities.

A row whose capabilities begin with `+` adds to the row before it; `=name` means the same as that row.
Authority comes from live postings in these roles only; where it reaches is the posting's subtree.
Every posted role reads its scope; "read_all" reads everywhere and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

BELOW_STREET = ("community", "section", "grid", "building", "unit", "household", "estate")
GROUND = ("street", *BELOW_STREET)
AREAS = ("city", "district", "street", "community")
ORGANISATION = "organisation"


class Row(NamedTuple):
    name: str
    label: object
    sentence: object
    capabilities: str
    seats: tuple[str, ...]  # the kinds of place one may be posted to; "organisation": to a unit
    home: str  # the URL name of the first screen
    desk: bool = False  # posted to a place, one works for the place's desk
    waits: bool = False  # such a posting waits for a second person


# fmt: off
TABLE = (
    Row("building_lead", _("楼栋长"), _("替本楼栋居民上报，跟进办到哪一步。"),
        "take",
        (*BELOW_STREET,), "cases:new_call", desk=True),
    Row("grid_worker", _("网格员"), _("走访网格，记录呼叫，小事就地办结，其余上呼，办后核查、告知。"),
        "take settle escalate resolve answer verify contact arrive round",
        GROUND, "cases:new_call", desk=True),
    Row("grid_lead", _("网格长"), _("带一个网格，除网格员的工作外还受理、要求补充。"),
        "+ accept ask",
        GROUND, "cases:new_call", desk=True),
    Row("community_clerk", _("社区工作人员"), _("在社区受理、自办、派遣、下交或上呼。"),
        "+ reject start dispatch hand_down recall sign decline claim merge relief.ask",
        BELOW_STREET, "cases:desk", desk=True),
    Row("street_dispatcher", _("街道派遣员"), _("在街道指挥中心受理、派遣，看住时限。"),
        "take accept reject start settle escalate hand_down dispatch recall sign transfer ask contact resolve "
        "answer verify merge relief.ask relief.grant backdate",
        ("street",), "cases:desk", desk=True),
    Row("shift_lead", _("值班长"), _("带一个班次，裁定退单，拆并、撤销、重办。"),
        "+ adjudicate unmerge withdraw reopen",
        ("street",), "cases:desk", desk=True),
    Row("street_official", _("街道领导"), _("看本辖区的全局，作批示，看落实。"),
        "read instruct",
        AREAS, "cases:dashboard"),
    Row("district_dispatcher", _("区级派遣员"), _("在区指挥中心受理、派遣、裁定街道上呼的事项。"),
        "=shift_lead",
        ("city", "district"), "cases:desk", desk=True),
    Row("department_clerk", _("部门承办人"), _("签收、办理、办结；不属本单位的退回，办不完的申请延期。"),
        "sign decline claim transfer ask contact arrive resolve answer relief.ask",
        (ORGANISATION,), "cases:queue"),
    Row("department_head", _("部门负责人"), _("把工作交到人，对外发出的在需要时放行。"),
        "+ release assign",
        (ORGANISATION,), "cases:queue"),
    Row("supervisor", _("督查员"), _("催办、签发督办单，确认认定，主持考评；不碰办理记录。"),
        "read urge order adjudicate reopen relief.grant finding.confirm appraise",
        (*AREAS, ORGANISATION), "cases:dashboard", waits=True),
    Row("return_visitor", _("回访员"), _("反馈之后联系居民：联系上没有、解决没有、满意没有。"),
        "return_visit",
        (*AREAS, ORGANISATION), "cases:queue", waits=True),
    Row("admin", _("系统管理员"), _("管理地点、单位、账号和规则；不办件、不打分。"),
        "tree organisations accounts rules",
        (*AREAS, ORGANISATION), "cases:rules", waits=True),
    Row("auditor", _("审计员"), _("可看全部，不能改动。"),
        "read read_all",
        (*AREAS, ORGANISATION), "cases:dashboard", waits=True),
)
# fmt: on

# What each capability is called where a refusal names it.
CAPABILITIES: Mapping[str, object] = MappingProxyType(
    {
        "take": _("登记"),
        "settle": _("就地办结"),
        "escalate": _("上呼"),
        "resolve": _("办结"),
        "answer": _("反馈"),
        "verify": _("核查"),
        "contact": _("联系"),
        "arrive": _("报到"),
        "round": _("巡查走访"),
        "accept": _("受理"),
        "ask": _("要求补充"),
        "reject": _("不予受理"),
        "start": _("自办"),
        "dispatch": _("派遣"),
        "hand_down": _("下交"),
        "recall": _("收回"),
        "sign": _("签收"),
        "decline": _("退单"),
        "claim": _("认领"),
        "transfer": _("转派"),
        "merge": _("并案"),
        "unmerge": _("拆并"),
        "withdraw": _("撤销"),
        "reopen": _("重办"),
        "adjudicate": _("裁定"),
        "backdate": _("补录"),
        "relief.ask": _("申请延期或挂账"),
        "relief.grant": _("批准延期或挂账"),
        "release": _("放行"),
        "assign": _("分派到人"),
        "read": _("查阅"),
        "read_all": _("查阅全部"),
        "instruct": _("批示"),
        "urge": _("催办"),
        "order": _("督办"),
        "finding.confirm": _("确认认定"),
        "appraise": _("考评"),
        "return_visit": _("回访"),
        "tree": _("管理地点"),
        "organisations": _("管理单位"),
        "accounts": _("管理账号"),
        "rules": _("管理规则"),
    }
)


@dataclass(frozen=True)
class Role:
    """One role as the rest of the house sees it."""

    name: str
    label: object
    sentence: object
    capabilities: frozenset[str]
    seats: tuple[str, ...]
    home: str
    works_for_desk: bool
    waits: bool
    rank: int  # the later in the table, the higher: names the role of somebody with several


def expand(rows: tuple[Row, ...]) -> dict[str, Role]:
    """Resolve `+` and `=`. A capability without a name of its own is a slip and stops the boot."""
    roles: dict[str, Role] = {}
    before: frozenset[str] = frozenset()
    for rank, row in enumerate(rows):
        if row.capabilities.startswith("="):
            capabilities = roles[row.capabilities[1:]].capabilities
        elif row.capabilities.startswith("+"):
            capabilities = before | frozenset(row.capabilities[1:].split())
        else:
            capabilities = frozenset(row.capabilities.split())
        unknown = capabilities - CAPABILITIES.keys()
        if unknown:
            raise ValueError(f"{row.name}: unknown capabilities {sorted(unknown)}")
        before = capabilities
        roles[row.name] = Role(
            row.name, row.label, row.sentence, capabilities, row.seats, row.home, row.desk, row.waits, rank
        )
    return roles


ROLES: Mapping[str, Role] = MappingProxyType(expand(TABLE))

# A posting in one of these gives nobody anything until a second person confirmed it.
WAITING = frozenset(role.name for role in ROLES.values() if role.waits)
# Those who, posted to a place, work for that place's desk; the others only look after it.
DESK_ROLES = frozenset(role.name for role in ROLES.values() if role.works_for_desk)

# Those whose day is outdoors, on the phone.
OUTDOORS = frozenset(role.name for role in ROLES.values() if role.home == "cases:new_call")


class Duty(NamedTuple):
    """A word for what somebody does where the role's name does not say it; it gives no right of its own."""

    name: str
    label: object
    roles: tuple[str, ...]  # those it may stand beside


DUTIES: Mapping[str, Duty] = MappingProxyType(
    {
        duty.name: duty
        for duty in (
            Duty("group_lead", _("楼组长"), ("building_lead",)),
            Duty("guide", _("引导员"), ("building_lead",)),
        )
    }
)


def title_of(role: str, duty: str = "") -> str:
    """What somebody so posted is called."""
    return str(DUTIES[duty].label if duty in DUTIES else ROLES[role].label)


def home_of(roles: tuple[str, ...]) -> str:
    """The URL name of the first screen for somebody with these roles; nobody's: the profile."""
    known = [ROLES[name] for name in roles if name in ROLES]
    return max(known, key=lambda role: role.rank).home if known else "parties:profile"
