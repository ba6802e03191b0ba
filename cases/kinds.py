"""The plain words of the work: statuses, kinds, urgencies, levels, origins, channels (SPEC §2, §5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STATUSES = {
    "received": _("待受理"),
    "accepted": _("待派遣"),
    "assigned": _("待签收"),
    "in_hand": _("办理中"),
    "on_hold": _("已挂账"),
    "awaiting_info": _("待补充"),
    "resolved": _("已办结"),
    "answered": _("已反馈"),
    "closed": _("已结案"),
    "rejected": pgettext_lazy("status", "不予受理"),
    "withdrawn": _("已撤销"),
    "merged": _("已并案"),
}
OPEN = ("received", "accepted", "assigned", "in_hand", "on_hold", "awaiting_info", "resolved")
ENDED = ("closed", "rejected", "withdrawn", "merged")
WORK_DONE = ("resolved", "answered", *ENDED)  # nobody has to do the work itself any more

# what a resident reads; the rest as staff read it
RESIDENT_STATUSES = {**STATUSES, "resolved": _("已办理，待您确认"), "accepted": _("已受理")}

KINDS = {
    "problem": _("问题求助"),
    "complaint": _("投诉举报"),
    "dispute": _("矛盾纠纷"),
    "enquiry": _("咨询"),
    "suggestion": _("建议"),
    "praise": _("表扬"),
    "errand": _("代办"),
    "wish": _("微心愿"),
    "project": _("微项目"),
    "meeting": _("议事"),
    "task": _("下派"),
}
CLAIMABLE_KINDS = ("wish", "project")

URGENCIES = {"normal": _("一般"), "urgent": _("紧急"), "critical": _("特急")}
URGENCY_RANK = {name: rank for rank, name in enumerate(URGENCIES)}

LEVELS = {"grid": _("网格"), "community": _("社区"), "street": _("街道"), "district": _("区")}
LEVEL_ORDER = tuple(LEVELS)
# the committee is the desk of the community and of its grids
DESK_RANK = {"grid": 1, "community": 1, "street": 2, "district": 3}

ROUNDS = {"patrol": _("巡查"), "visit": _("走访")}

ORIGINS = {"resident": _("群众诉求"), "patrol": _("主动发现")}

CHANNELS = {
    "phone": _("来电"),
    "visit": _("来访"),
    "app": _("网格员"),
    "web": _("网页"),
    "wechat": _("随手拍"),
    "sms": _("短信"),
    "letter": _("来信"),
    "hotline": _("12345"),
    "camera": _("监控"),
    "import": _("导入"),
}
# channels by which somebody speaks to us: without other word, the call has a caller
CALLER_CHANNELS = ("phone", "visit", "web", "wechat", "sms", "letter", "hotline")

# how somebody was told or asked
CONTACT_CHANNELS = {
    "phone": _("电话"),
    "visit": _("上门"),
    "sms": _("短信"),
    "wechat": _("微信"),
    "letter": _("书面"),
    "public": _("公开答复"),
}

# whoever reported, without an account: the call is the right
RESIDENT = "resident"

# what a caller or somebody visited says of it, best first; the first three count as satisfied
SATISFACTION = {
    "very_good": _("非常满意"),
    "good": _("满意"),
    "fair": _("基本满意"),
    "poor": _("不满意"),
    "very_poor": _("非常不满意"),
}
SATISFIED = ("very_good", "good", "fair")
SOLVED = {"yes": _("解决了"), "partly": _("解决了一部分"), "no": _("没有解决")}

REJECT_GROUNDS = {
    "not_our_matter": _("不属于网格呼叫受理范围"),
    "lawsuit": _("已进入诉讼、仲裁、复议程序"),
    "repeated": _("同一事项已有终结答复"),
    "no_facts": _("无具体事实，补充后仍无法核实"),
    "emergency_line": _("应拨打 110、119、120、122"),
}
DECLINE_GROUNDS = {
    "not_our_duty": _("不属本单位职责"),
    "not_our_place": _("不属本单位辖区"),
    "wrong_facts": _("事实与派遣内容不符"),
    "needs_lead": _("须由其他单位牵头"),
}
HOLD_GROUNDS = {
    "weather": _("天气原因无法施工"),
    "procedure": _("须走招标、审批、鉴定程序"),
    "funds": _("资金待落实"),
    "lawsuit": _("涉诉涉法待结论"),
    "season": _("季节性事项"),
}
EXTENSION_GROUNDS = {
    "complex": _("情况复杂，须查勘、检测或鉴定"),
    "several_units": _("须几个单位配合"),
    "materials": _("材料、配件或人手待到位"),
    "procedure": _("须走招标、审批、公示程序"),
    "weather": _("天气原因耽误"),
    "caller": _("反映人要求改期"),
}
EXCLUSION_GROUNDS = {
    "force_majeure": _("不可抗力"),
    "beyond_district": _("超出本区职权，已依规报送上级"),
    "law": _("依法依规不能办理，已书面答复"),
    "legacy": _("历史遗留，已列入专项台账"),
    "no_substance": _("反映不实，已查证并留有凭据"),
}


def above(level: str) -> str | None:
    """The level one up; None above the district."""
    at = LEVEL_ORDER.index(level)
    return LEVEL_ORDER[at + 1] if at + 1 < len(LEVEL_ORDER) else None


def below(level: str) -> str | None:
    """The level one down; None below the grid."""
    at = LEVEL_ORDER.index(level)
    return LEVEL_ORDER[at - 1] if at else None
