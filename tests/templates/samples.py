"""A context for every page, in the shapes the first comment of each template promises. Invented people and places."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.web.errors import TOLD
from tests.templates import samples_units

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=ZoneInfo("Asia/Shanghai"))


def ago(**spans) -> datetime:
    return NOW - timedelta(**spans)


def ahead(**spans) -> datetime:
    return NOW + timedelta(**spans)


def part(state="todo", colour="", percent=0, caption=""):
    return {"state": state, "colour": colour, "percent": percent, "caption": caption}


DONE = part("done", caption="15 分")
RAILS = {
    "new": {
        "accept": part("now", "green", 1, "剩 23 小时"),
        "resolve": part(caption="限 2 天"),
        "feedback": part(caption="限 3 天"),
    },
    "late": {
        "accept": DONE,
        "resolve": part("now", "red", 100, "超 3 小时 06 分"),
        "feedback": part(caption="限 3 天"),
    },
    "near": {
        "accept": DONE,
        "resolve": part("now", "yellow", 97, "剩 1 小时 12 分"),
        "feedback": part(caption="限 3 天"),
    },
    "run": {
        "accept": DONE,
        "resolve": part("now", "green", 41, "已用 22 小时 05 分"),
        "feedback": part(caption="限 3 天"),
    },
    "hold": {
        "accept": DONE,
        "resolve": part("hold", "violet", 46, "暂停至 12-01"),
        "feedback": part(caption="暂停"),
    },
    "told": {
        "accept": DONE,
        "resolve": part("done", caption="1 天 6 小时"),
        "feedback": part("done", caption="1 天 7 小时"),
    },
    "check": {"accept": DONE, "resolve": part("late", caption="超 2 小时办结"), "feedback": part("stop")},
}


def row(**given):
    """A case row: what queues, lists and phone cards print."""
    base = {
        "number": "370811001-20261120-0021",
        "version": 3,
        "title": "店招松动，有坠落风险",
        "status": "in_hand",
        "status_label": "办理中",
        "urgency": "normal",
        "urgency_label": "一般",
        "kind_label": "问题求助",
        "item_name": "广告招牌破损",
        "item_code": "0613",
        "level_label": "街道",
        "place_text": "观音阁社区 第03网格",
        "called_at": ago(hours=30),
        "holder_name": "综合执法中队",
        "holder_person": "王敏",
        "origin_label": "群众诉求",
        "channel_label": "网格员",
        "colour": "green",
        "time_words": "剩 23 小时 05 分",
        "stage_label": "办结",
        "rail": RAILS["run"],
        "url": "/cases/370811001-20261120-0021/",
        "mine": False,
        "unmatched": False,
        "tag": "",
        "percent": 60,
        "acts": [],
    }
    return {**base, **given}


ROWS = [
    row(colour="red", time_words="超 3 小时 06 分", rail=RAILS["late"], holder_person="", urgency="critical", urgency_label="特急"),
    row(number="370811001-20261118-0203", title="烧烤摊占道，油烟扰民", colour="yellow", time_words="剩 1 小时 12 分", rail=RAILS["near"], channel_label="随手拍", urgency="urgent", urgency_label="紧急"),
    row(number="370811001-20261119-0517", title="流动摊贩聚集校门口", status="assigned", status_label="待签收", time_words="签收剩 2 小时 49 分", holder_person="", origin_label="主动发现"),
    row(number="370811001-20261119-0188", title="建筑垃圾偷倒河边，气味很大，晚上还有车来，住户已经反映多次", mine=True, holder_person="陈晓岚"),
    row(number="370811001-20261117-0302", title="沿街晾晒反复出现", status="on_hold", status_label="已挂账", colour="violet", time_words="已挂账 · 至 12-01", rail=RAILS["hold"], mine=True, holder_person="陈晓岚"),
    row(number="370811001-20261120-0018", title="路边停放僵尸车", status="awaiting_info", status_label="待补充", colour="violet", time_words="待补充 · 剩 6 小时", rail=RAILS["hold"]),
    row(number="370811001-20261118-0871", title="夜间施工噪声", status="resolved", status_label="已办结", time_words="反馈剩 1 天 2 小时", rail={**RAILS["told"], "feedback": part("now", "green", 64, "剩 1 天 2 小时")}, channel_label="12345"),
    row(number="370811001-20261118-0840", title="小广告清理", status="resolved", status_label="已办结", colour="grey", time_words="已停表 · 待核查", rail=RAILS["check"], unmatched=True, item_name=""),
]  # fmt: skip

BOARD = {
    "place": {"name": "福星社区", "code": "370811001001", "path": "福星街道 · 福星社区"},
    "groups": [
        {"kind": "wish", "label": "微心愿", "cards": [
            {"id": 1, "title": "6号楼前加两盏路灯", "shown_at": ago(days=9), "steps": [{"on": NOW.date(), "words": "选好位置", "done": True}, {"on": None, "words": "装灯", "done": False}], "done": 1, "all": 2, "percent": 50, "photos": []},
        ]},
        {"kind": "project", "label": "微项目", "cards": []},
        {"kind": "done", "label": "办好的小事", "cards": [
            {"id": 2, "title": "北侧墙面洗干净了", "shown_at": ago(days=2), "steps": [], "done": 0, "all": 0, "percent": 0, "photos": [{"which": "before", "url": "/board/photos/2/before/", "width": 320, "height": 240}, {"which": "after", "url": "/board/photos/2/after/", "width": 320, "height": 240}]},
        ]},
    ],
    "figures": [{"name": "受理及时率", "words": "按时受理 ÷ 应受理", "now": {"num": 19, "den": 20, "percent": 95.0}, "before": None}],
    "edit_url": "",
}  # fmt: skip

PAGE = {"words": "第 1–8 件，共 27 件", "next": "?cursor=b", "previous": ""}
EMPTY = {
    "icon": "circle-check",
    "title": "都办完了",
    "sentence": "没有等您办的工单。新派来的会出现在这里，列表不会自己跳动。",
    "actions": [{"label": "看已办结", "url": "/cases/?status=resolved"}],
}
TABS = [
    {"label": "待我办理", "url": "?queue=mine", "count": 27, "late": False, "current": True},
    {"label": "待签收", "url": "?queue=sign", "count": 5, "late": False, "current": False},
    {"label": "超时与临期", "url": "?queue=breaching", "count": 6, "late": True, "current": False},
    {"label": "已退单", "url": "?queue=returned", "count": 2, "late": False, "current": False},
]


def need(field, type="text", required=True, label="", **more):
    return {
        "field": field,
        "type": type,
        "required": required,
        "label": label or field,
        "hint": "",
        "choices": [],
        **more,
    }


def move(name, label, fields=(), **more):
    base = {
        "name": name, "label": label, "key": "", "icon": "", "danger": False, "primary": False, "enabled": True,
        "why_not": "", "confirm": "", "note": "", "fields": list(fields), "url": f"/cases/x/moves/{name}/",
    }  # fmt: skip
    return {**base, **more}


ORGS = [
    {
        "label": "街道所属",
        "choices": [
            {"value": "TS02-370811001", "label": "综合执法中队"},
            {"value": "TS04-370811001", "label": "环卫所"},
        ],
    },
    {
        "label": "区直部门",
        "choices": [{"value": "GV24", "label": "区综合执法局"}, {"value": "GV09", "label": "区住建局"}],
    },
]
GROUNDS = [
    {"value": "not_our_duty", "label": "不属本单位职责"},
    {"value": "not_our_place", "label": "不属本单位辖区"},
]
CHANNELS = [
    {"value": "phone", "label": "电话"},
    {"value": "visit", "label": "上门"},
    {"value": "sms", "label": "短信"},
]

RESOLVE = move("resolve", "办结", [
    need("result", "text", True, "办结说明", hint="怎么处理的、结果如何、怎样防反复（反映人会看到）", rows=4),
    need("attachments", "ids", True, "照片", hint="本小项至少 1 张办好后的照片"),
], primary=True, key="B", icon="circle-check")  # fmt: skip
MOVES = [
    RESOLVE,
    move("transfer", "转派", [need("organisation", "code:organisation", True, "主办单位", choices=ORGS), need("reason", "text", True, "理由")], key="Z", icon="arrows-exchange"),
    move("ask", "要求补充", [need("question", "text", True, "要补充什么"), need("channel", "choice:contact_channels", False, "怎样联系的", choices=CHANNELS)], key="Q", icon="message-question", enabled=False, why_not="先记一次联系，才能要求补充。"),
    move("escalate", "上呼", [need("reason", "text", True, "理由"), need("wanted", "codes:organisation", False, "希望哪些单位办", choices=ORGS)], key="U", icon="arrow-up"),
    move("decline", "退单（剩 2 小时 10 分可退）", [need("ground", "choice:decline_grounds", True, "退单理由", choices=GROUNDS), need("organisation", "code:organisation", True, "应由谁办", choices=ORGS)], key="T", icon="arrow-back", danger=True, note="已签收，退单须负责人同意；本件还可退 2 次。"),
    move("withdraw", "撤回", [need("reason", "text", True, "理由")], icon="x", danger=True, confirm="撤回后工单即结束。确定吗？"),
]  # fmt: skip
FACTS = [
    move("note", "留言", [need("text", "text", True, "内容")], key="C", icon="message"),
    move("take_up", "领取", key="L", icon="user-check"),
    move("contact", "联系", [need("channel", "choice:contact_channels", True, "怎样联系的", choices=CHANNELS), need("text", "text", False, "说了什么"), need("reached", "bool", False, "已接通")], key="P", icon="phone"),
    move("interim", "阶段性反馈", [need("done", "text", True, "做了什么"), need("next", "text", True, "下一步"), need("until", "time", True, "下次答复时间"), need("channel", "choice:contact_channels", True, "怎样告知的", choices=CHANNELS)], icon="speakerphone"),
    move("assign", "分派到人", icon="user-plus", enabled=False, why_not="分派由本单位负责人做。"),
]  # fmt: skip

PHOTOS = [
    {"url": "/sample/photo-1.svg", "thumb": "/sample/photo-1.svg", "caption": "现场 1", "sound": False},
    {"url": "/sample/photo-2.svg", "thumb": "/sample/photo-2.svg", "caption": "盲道", "sound": False},
    {"url": "/sample/voice.m4a", "thumb": "", "caption": "来电录音 01:46", "sound": True},
]
CALLER = {
    "name": "周**",
    "phone": "138****2046",
    "masked": True,
    "reveal_url": "/cases/x/facts/reveal/",
    "anonymous": False,
}
CALL = {
    "number_label": "第 1 次反映",
    "told": {"words": "", "colour": "grey"},
    "text": "早餐店把桌椅摆到人行道上，盲道被占，视障居民出行不便。\n希望尽快清理，并说明后续管理办法。",
    "subject": "店外经营",
    "photos": PHOTOS,
    "caller": CALLER,
    "called_at": ago(hours=22),
    "channel_label": "12345",
}


def event(label, kind="done", **given):
    return {
        "at": ago(hours=2),
        "label": label,
        "who": "",
        "words": "",
        "quote": "",
        "photos": [],
        "kind": kind,
        **given,
    }


TIMELINE = [
    event("核查", "todo", at=None, who="办结后由网格长 杨静 到场，主办单位以外的人核"),
    event("办理中", "now", who="王敏"),
    event("延期", at=ago(minutes=21), who="街道指挥中心 孙琳 同意，时限 11-21 11:36 → 17:30，承诺不变", quote="理由：3 家商户约定 21 日午后统一移位并划线。"),
    event("阶段性反馈", "interim", quote="已劝离 4 家，其余 3 家约 10 点前收完，需复查并拍照。"),
    event("留言", "note", who="刘志强", quote="下午我也去。"),
    event("签收", who="王敏（B角），按时"),
    event("派遣至 综合执法中队，协办 福星物业", who="街道指挥中心 孙琳"),
    event("受理", words="用时 4 小时 04 分，按时；承诺 11-21 11:36 办结"),
    event("登记", words="12345 转来"),
]  # fmt: skip
CLOCKS = [
    {"stage": "resolve", "label": "办结", "state": "running", "colour": "green", "due_at": ahead(hours=31), "warn_at": ahead(hours=24), "words": "剩 1 天 7 小时 49 分", "against": "综合执法中队 · 王敏", "why_url": "/cases/x/clocks/resolve/why/"},
    {"stage": "feedback", "label": "反馈", "state": "running", "colour": "yellow", "due_at": ahead(hours=6), "warn_at": ahead(hours=1), "words": "剩 6 小时", "against": "街道指挥中心", "why_url": ""},
    {"stage": "accept", "label": "受理", "state": "stopped", "colour": "grey", "due_at": ago(hours=3), "warn_at": None, "words": "已停表", "against": "街道指挥中心", "why_url": ""},
]  # fmt: skip
SIMILAR = [
    {
        "number": "370811001-20261119-0477",
        "title": "菜市场后门垃圾没人收",
        "why": "同一社区，同一小项，2 天内，文字7成相同，都提到“菜市场后门”",
        "callers": 2,
        "elder": True,
        "words": "40 米 · 昨天 17:20 · 办理中 · 环卫所",
        "url": "/cases/b/",
        "target": "370811001-20261119-0477",
    },
    {
        "number": "370811001-20261118-0611",
        "title": "文昌路口垃圾桶满溢",
        "why": "同一街道，同一小项，3 天内",
        "callers": 1,
        "elder": True,
        "words": "210 米 · 11-18 14:02 · 待签收 · 环卫所",
        "url": "/cases/c/",
        "target": "370811001-20261118-0611",
    },
]
ROUTING = {
    "lead": "环卫所",
    "reason": "暴露垃圾在观音阁街道由环卫所主办（任办发〔2025〕18号，2026-01-01 起）；这是此地点最具体的一行，且允许街道直派，不必先上呼区里。",
    "direct": True,
    "matched": True,
    "assisting": [],
    "family": None,
    "merge": None,
}
WHY = {
    "label": "办结",
    "url": "/cases/x/clocks/resolve/why/",
    "due_at": ahead(hours=31),
    "provisional": False,
    "sentences": [
        "自 2026-09-30（周三）16:00 起，计 9 个工作小时，只计办公时间。",
        "2026-10-08（周四）11:00 同意延期 1 个工作小时。",
    ],
    "reason": "按通用规定，限 9 个工作小时，自本阶段开始时起算。",
    "yielded": ["按通用规定，限 2 日，自呼叫时起算，依据：123。"],
    "promised": "2026-10-02（周五）16:00；受理时告知，此后不变。",
    "warn": "2026-10-08（周四）15:12：总量为办公时间 9 小时，剩两成即 1 小时 48 分时预警。",
    "calendar": "通用工作日历；工作日 08:30–12:00、13:30–17:30；放假和调休通知已有 2018-01-01 至 2026-12-31。",
    "closing": ["到期时刻：2026-10-09（周五）08:30。"],
    "chapters": [
        {
            "title": "起算",
            "said": ["自 2026-09-30（周三）16:00 起，计 9 个工作小时，只计办公时间。"],
            "lines": [
                {
                    "days": "2026-09-30（周三）",
                    "what": "16:00–17:30",
                    "counted": "1 小时 30 分",
                    "total": "1 小时 30 分",
                    "left": "7 小时 30 分",
                },
                {
                    "days": "2026-10-01（周四）至 10-07（周三）",
                    "what": "国庆节放假",
                    "counted": "",
                    "total": "1 小时 30 分",
                    "left": "7 小时 30 分",
                },
                {
                    "days": "2026-10-08（周四）",
                    "what": "08:30–12:00、13:30–17:30",
                    "counted": "7 小时 30 分",
                    "total": "9 小时",
                    "left": "0",
                },
            ],
            "sum": "9 小时",
            "ends": "2026-10-08（周四）17:30",
            "lays": True,
            "opened": True,
        },
        {
            "title": "暂停",
            "said": ["2026-10-08（周四）11:00 起暂停。"],
            "lines": [],
            "sum": "",
            "ends": "",
            "lays": False,
            "opened": True,
        },
    ],
    "weekdays": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "weeks": [
        {
            "skipped": 0,
            "cells": [
                None,
                None,
                {
                    "date": NOW.date(),
                    "what": "08:30–12:00、13:30–17:30",
                    "is_open": True,
                    "counted": "1:30",
                    "marks": ["起 16:00"],
                },
                {"date": NOW.date(), "what": "国庆节", "is_open": False, "counted": "", "marks": []},
                {"date": NOW.date(), "what": "国庆节", "is_open": False, "counted": "", "marks": []},
                {"date": NOW.date(), "what": "国庆节", "is_open": False, "counted": "", "marks": []},
                {"date": NOW.date(), "what": "国庆节", "is_open": False, "counted": "", "marks": []},
            ],
        },
        {"skipped": 3, "cells": [None] * 7},
    ],
    "others": [
        {"label": "受理", "url": "/cases/x/clocks/accept/why/", "current": False},
        {"label": "办结", "url": "/cases/x/clocks/resolve/why/", "current": True},
    ],
}


def detail(**given):
    """A case as its own page shows it."""
    base = {
        **row(title="商户外摆桌椅挡住盲道", number="370811001-20261119-0241", time_words="剩 1 天 7 小时 49 分", item_name="店外经营", channel_label="12345"),
        "promised_at": ahead(hours=26), "due_at": ahead(hours=31), "clocks": CLOCKS, "calls": [CALL], "moves": MOVES, "facts": FACTS,
        "timeline": TIMELINE, "standing": [{"tone": "warn", "icon": "gavel", "words": "已到第三家，等裁定。", "url": "", "label": ""}], "escalation": None, "version": 7, "state": "7.11", "letters": "{}", "entries": 11, "may_tell": True, "gallery": {"before": [], "after": []}, "similar": [], "merge": None, "routing": ROUTING,
        "holders": [
            {"name": "街道指挥中心", "part": "", "since": ago(hours=22), "until": ago(hours=17), "wall_words": "5 小时",
             "opening_words": "4 小时 04 分", "paused_words": "", "worked_words": "4 小时 04 分", "percent": 10},
            {"name": "综合执法中队", "part": "协办", "since": ago(hours=17), "until": None, "wall_words": "17 小时",
             "opening_words": "6 小时", "paused_words": "1 小时", "worked_words": "5 小时", "percent": None},
        ],
        "findings": [{"url": "/findings/1/", "kind_label": "迟响应", "state_label": "待陈述", "colour": "yellow", "unit": "综合执法中队"}],
        "assisting": [{"name": "福星物业", "code": "WY-1", "words": "已签收", "colour": "green", "since": ago(hours=20), "until": None, "clock_words": "剩 6 小时", "worked_words": "3 小时", "result": "", "release_url": "/cases/x/facts/release_part/"}],
        "family": {"rows": [{"number": "GYG-1", "url": "/cases/g/", "title": "全街道清理小广告", "words": "观音阁街道 · 街道指挥中心", "status_label": "办理中", "colour": "green", "is_parent": True}], "progress": "1 / 3 处已办好"},
        "similar_words": "近 30 天同地点 4 件", "similar_url": "/cases/?near=x", "ledger_words": "台账 11 条，校验无误",
        "limit_words": "店外经营行业时限 4 个工作小时（参考）",
    }  # fmt: skip
    return {**base, **given}


PATROL = detail(
    title="河边漂浮物", calls=[{**CALL, "caller": None, "photos": [], "text": ""}], origin_label="主动发现", moves=[], facts=[], clocks=[],
    holders=[], assisting=[], family=None, similar_words="", similar_url="", ledger_words="", limit_words="", routing=None, promised_at=None,
    rail={**RAILS["new"], "feedback": part("stop")},
)  # fmt: skip

NAV = [
    {"label": "工作", "items": [
        {"key": "desk", "label": "受理与派遣", "url": "/desk/", "icon": "phone-incoming", "count": 8, "late": False},
        {"key": "queue", "label": "待办队列", "url": "/queue/", "icon": "inbox", "count": 27, "late": False},
        {"key": "breaching", "label": "超时与临期", "url": "/cases/?queue=breaching", "icon": "alarm", "count": 6, "late": True},
        {"key": "list", "label": "全部工单", "url": "/cases/", "icon": "files", "count": 0, "late": False},
    ]},
    {"label": "督办考核", "items": [{"key": "dashboard", "label": "运行看板", "url": "/dashboard/", "icon": "gauge", "count": 0, "late": False}]},
]  # fmt: skip
SHELL = {
    "live": "",
    "me": "d00d",
    "name": "陈晓岚",
    "unit": "综合执法中队",
    "place": "任城区 · 观音阁街道",
    "unread": 3,
    "todo": 4,
    "elder": False,
    "keys_off": False,
    "nav": NAV,
}
STRANGER = {
    "name": "",
    "unit": "",
    "place": "",
    "unread": 0,
    "todo": 0,
    "elder": False,
    "keys_off": False,
    "nav": [],
}

KINDS = [{"value": "problem", "label": "问题求助"}, {"value": "complaint", "label": "投诉举报"}]
ITEMS = [
    {
        "label": "城市管理",
        "choices": [{"value": "0601", "label": "0601 暴露垃圾"}, {"value": "0616", "label": "0616 店外经营"}],
    }
]
FORM = {
    "onward": {"goes": True, "words": "只受理也会直派：环卫所。"},
    "name": "accept_dispatch", "url": "/cases/x/moves/accept_dispatch/", "label": "受理并派遣", "key": "", "enabled": True, "why_not": "",
    "item": need("item", "code:item", True, "小项", choices=ITEMS, value="0601", refresh="/desk/?case=x"),
    "kind": need("kind", "choice:kinds", True, "类型", choices=KINDS, value="problem", empty=""),
    "level": need("level", "choice", True, "层级", choices=[{"value": "street", "label": "街道"}], value="street", empty=""),
    "urgency": need("urgency", "seg", True, "紧急程度", choices=[{"value": "normal", "label": "一般"}, {"value": "urgent", "label": "紧急"}, {"value": "critical", "label": "特急"}], value="normal"),
    "organisation": need("organisation", "code:organisation", True, "主办单位", choices=ORGS, value="TS04-370811001"),
    "assisting": need("assisting", "codes:organisation", False, "协办单位", choices=ORGS, value=["GV09"]),
    "direct": True, "reason": ROUTING["reason"], "promise_words": "承诺 11-22 08:12 前办结，受理即发短信告知反映人", "limit_words": "签收限 4 个工作小时 · 行业时限 4 个工作小时（参考）",
}  # fmt: skip
OTHERS = [
    move("accept", "只受理", [need("item", "code:item", True, "小项", choices=ITEMS, value="0601")], key="R"),
    move("start", "自办", key="S"),
    move("hand_down", "下交社区", [need("reason", "text", True, "理由")], key="V"),
    move("escalate", "上呼区级", [need("reason", "text", True, "理由")], key="U"),
    move(
        "ask",
        "要求补充",
        [need("question", "text", True, "要补充什么")],
        key="Q",
        enabled=False,
        why_not="没有能联系上的反映人。",
    ),
    move(
        "reject",
        "不予受理",
        [need("ground", "choice", True, "理由", choices=GROUNDS), need("told", "bool", True, "已告知反映人")],
        danger=True,
        confirm="不予受理后工单即结束。确定吗？",
    ),
]

TODOS = [
    {
        "number": "a",
        "kind_label": "核查",
        "colour": "green",
        "words": "第02网格 · 今天 17:30 前",
        "title": "单元门禁坏了",
        "hint": "福星物业说已办结，请到场看",
        "url": "/m/a/",
        "verb": "去核查",
    },
    {
        "number": "b",
        "kind_label": "补充",
        "colour": "yellow",
        "words": "剩 1 小时 20 分",
        "title": "沿街晾晒反复出现",
        "hint": "街道问：是哪几户？有没有照片？",
        "url": "/m/b/",
        "verb": "去补充",
    },
    {
        "number": "c",
        "kind_label": "告知",
        "colour": "red",
        "words": "反馈超 2 小时",
        "title": "夜间施工噪声",
        "hint": "已办结，请当面告诉王阿姨（无手机）",
        "url": "/m/c/",
        "verb": "去告知",
    },
]
PHONE_CASES = [
    row(title="市场东门外垃圾堆积", status="received", status_label="待受理", time_words="剩 23 小时", rail=RAILS["new"], acts=[{"label": "就地办结", "icon": "check", "url": "/m/a/#move-settle", "primary": False}, {"label": "上呼社区", "icon": "arrow-up", "url": "/m/a/#move-escalate", "primary": True}]),
    row(title="井盖破损，行人绊倒", colour="red", time_words="超 3 小时", rail=RAILS["late"], urgency="critical", urgency_label="特急", acts=[{"label": "催办", "icon": "bell-ringing", "url": "/m/b/#move-urge", "primary": False}]),
    row(title="烧烤摊占道，油烟扰民", colour="yellow", time_words="剩 1 小时 12 分", rail=RAILS["near"]),
    row(title="老旧围墙倾斜", status="on_hold", status_label="已挂账", colour="violet", time_words="至 12-01", rail=RAILS["hold"]),
    row(title="楼道灯不亮", status="answered", status_label="已反馈", colour="grey", time_words="", rail=RAILS["told"]),
]  # fmt: skip

CATEGORIES = [
    {
        "code": "05",
        "name": "公共安全",
        "items": [
            {"code": "0501", "name": "消防通道堵塞占用", "letters": "xq"},
            {"code": "0502", "name": "楼道堆物", "letters": "xq"},
        ],
    },
    {
        "code": "06",
        "name": "城市管理",
        "items": [
            {"code": "0601", "name": "暴露垃圾", "letters": "xq"},
            {"code": "0626", "name": "路灯不亮", "letters": "xq"},
        ],
    },
]
NEW_CALL = {
    "place": {"code": "370811001001003", "name": "第03网格", "letters": "dwg", "path_text": "观音阁街道 / 观音阁社区 / 第03网格"},
    "places": [{"label": "观音阁社区", "places": [{"code": "370811001001001", "name": "第01网格", "letters": "dwg"}, {"code": "370811001001002", "name": "第02网格", "letters": "dwg"}]}],
    "on_round": "", "found": [], "place_q": "", "looked": True, "similar": SIMILAR, "own": None, "is_own": True, "here": None,
    "tiles": [{"code": "0601", "name": "暴露垃圾", "letters": "xq"}, {"code": "0616", "name": "店外经营", "letters": "xq"}, {"code": "0619", "name": "机动车乱停放", "letters": "xq"}, {"code": "0626", "name": "路灯不亮", "letters": "xq"}, {"code": "0625", "name": "井盖缺失破损", "letters": "xq"}, {"code": "0301", "name": "邻里纠纷", "letters": "xq"}],
    "categories": CATEGORIES, "item_count": 131, "item_limit": "暴露垃圾行业时限：4 个工作小时（参考）", "can_settle": True, "duty_phone": "0537-0000000",
    "back": "/m/", "values": {}, "refusal": None, "listed": "", "item_q": "", "found_items": [], "kept": [], "kept_after": [],
}  # fmt: skip
REFUSED_CALL = {
    **NEW_CALL,
    "values": {"text": "路口积水", "origin": "resident", "urgency": "critical", "caller_phone": "123"},
    "place_q": "gyg",
    "found": [{"code": "370811001001", "name": "观音阁社区", "path_text": "观音阁街道 / 观音阁社区"}, {"code": "370811001001003", "name": "第03网格", "path_text": "观音阁街道 / 观音阁社区 / 第03网格"}],
    "refusal": {"status": 422, "sentence": "还差 2 样，补齐就能登记：", "move": "take", "fields": {"place": "“gyg”有两处，请在下面选一个。", "caller_phone": "电话要 11 位手机号或带区号的座机。"}, "posted": {}},
}  # fmt: skip

REFUSAL_422 = {
    "status": 422,
    "sentence": "还差 2 样，补齐就能办结：",
    "move": "resolve",
    "fields": {"result": "写一句办结说明。", "attachments": "本小项要有办理后的照片，拍一张再交。"},
    "posted": {"result": ""},
    "now": "",
    "yours": "",
}
REFUSAL_409 = {
    "status": 409,
    "sentence": "您打开之后，王敏 在 09:40 办结了这件事。",
    "move": "transfer",
    "fields": {},
    "posted": {"reason": "不归我们管"},
    "now": "7 家全部移位，已划线，附照片 2 张。",
    "yours": "已劝离 4 家，其余 3 家约 10 点前收完。",
}
REFUSAL_403 = {
    "status": 403,
    "sentence": "您能看这件工单，但同意退单要由本单位负责人办理。",
    "move": "",
    "fields": {},
    "posted": {},
    "now": "",
    "yours": "",
}

KPIS = [
    {"key": "accept", "label": "受理及时率", "rate": 97.6, "unit": "%", "numerator": 1122, "denominator": 1150, "target": 95, "deltas": [{"label": "环比", "points": 1.3}, {"label": "同比", "points": None}], "state": "ok", "figure_url": "/cases/?f=1", "num_url": "/cases/?f=1&n", "den_url": "/cases/?f=1&d", "spark": [92, 94, 95, 95, 97, 97.6]},
    {"key": "due", "label": "按期办结率", "rate": 93.9, "unit": "%", "numerator": 978, "denominator": 1042, "target": 92, "deltas": [{"label": "环比", "points": 1.7}, {"label": "同比", "points": None}], "state": "ok", "figure_url": "/cases/?f=2", "num_url": "/cases/?f=2&n", "den_url": "/cases/?f=2&d", "spark": [88, 90, 90, 92, 93, 93.9]},
    {"key": "promise", "label": "承诺兑现率", "rate": 89.6, "unit": "%", "numerator": 934, "denominator": 1042, "target": 92, "deltas": [{"label": "环比", "points": 0.4}, {"label": "同比", "points": None}], "state": "warn", "figure_url": "/cases/?f=3", "num_url": "/cases/?f=3&n", "den_url": "/cases/?f=3&d", "spark": [85, 87, 88, 89]},
    {"key": "feedback", "label": "反馈及时率", "rate": 86.2, "unit": "%", "numerator": 826, "denominator": 937, "target": 90, "deltas": [{"label": "环比", "points": -0.6}, {"label": "同比", "points": None}], "state": "bad", "figure_url": "/cases/?f=4", "num_url": "/cases/?f=4&n", "den_url": "/cases/?f=4&d", "spark": [88, 91, 92, 86]},
    {"key": "satisfied", "label": "满意率", "rate": None, "unit": "%", "numerator": 0, "denominator": 0, "target": 85, "deltas": [{"label": "环比", "points": None}, {"label": "同比", "points": None}], "state": "few", "figure_url": "/cases/?f=5", "num_url": "/cases/?f=5&n", "den_url": "/cases/?f=5&d", "spark": []},
]  # fmt: skip


def cell(words):
    return {"words": words, "numerator": 81, "num_url": "/n", "denominator": 90, "den_url": "/d"}


DASHBOARD = {
    "tools": {"fixed": "?from=2026-11-01", "moving": "?period=month", "csv": "?form=csv", "xlsx": "?form=xlsx", "hidden": {"place": "370811001"}, "as_of": "", "today": "2026-11-20", "here": "/dashboard/"},
    "as_of_at": None, "now_url": "/dashboard/", "changed_url": "/dashboard/later/", "weekly_url": "/dashboard/weekly/",
    "later_url": "/dashboard/later/",
    "trees": [{"label": "按当时的区划", "url": "?", "current": True}, {"label": "按今天的区划", "url": "?tree=today", "current": False}],
    "tree": "call",
    "weekdays": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "parts": {name: {"url": f"/dashboard/parts/{name}/", "title": name} for name in ("since", "rising", "spread", "shares", "voices", "instructed", "rounds")},
    "title": "观音阁街道运行看板",
    "holders_url": "/dashboard/holders/",
    "figures_url": "/dashboard/figures/",
    "screen_url": "/screen/",
    "period_words": "2026年11月1日–20日，截至 09:41 · 含下级 12 社区",
    "periods": [{"label": label, "url": f"?period={at}", "count": "", "late": False, "current": at == 2} for at, label in enumerate(("今日", "本周", "本月", "本季"))],
    "scopes": [],
    "kpis": KPIS,
    "intake": {"label": "本月登记", "value": 1150, "change": 6.2, "patrol": 386, "patrol_url": "/patrol", "green": 61, "yellow": 14, "red": 6, "green_url": "/g", "yellow_url": "/y", "red_url": "/r", "url": "/all"},
    "trend": {"title": "近 12 周走势", "unit": "%", "labels": ["9/1", "9/8", "9/15", "9/22", "9/29", "10/6", "10/13", "10/20", "10/27", "11/3", "11/10", "11/17"], "lines": [
        {"label": "受理及时率", "points": [93, 93.8, 94, 95, 94.6, 95.2, 96, 96.3, 96.1, 96.9, 97.2, 97.6], "cells": ["93%", "93.8%", "94%", "95%", "94.6%", "95.2%", "96%", "96.3%", "96.1%", "96.9%", "97.2%", "97.6%"], "off_target": False},
        {"label": "按期办结率", "points": [87, 88.2, 87.6, 89.4, 90.1, 90, 91.3, 91, 92.4, 92.2, 93.1, 93.9], "cells": ["87%", "88.2%", "87.6%", "89.4%", "90.1%", "90%", "91.3%", "91%", "92.4%", "92.2%", "93.1%", "93.9%"], "off_target": False},
        {"label": "满意率", "points": [84.6, 84.2, 85.1, None, 83.7, 84.4, 83, 82.8, 82.1, 81, 80.4, 79.5], "cells": ["84.6%", "84.2%", "85.1%", "–", "83.7%", "84.4%", "83%", "82.8%", "82.1%", "81%", "80.4%", "79.5%"], "off_target": True},
    ]},
    "breaching": {"late": 6, "late_url": "/late", "near": 14, "near_url": "/near", "url": "/queue/?queue=breaching", "rows": [{**one, "percent": 99} for one in ROWS[:2]]},
    "ranking": {
        "groups": [{"label": "执法类", "url": "?g=1", "count": "", "late": False, "current": False}, {"label": "市政公用类", "url": "?g=2", "count": "", "late": False, "current": True}],
        "columns": ["签收及时率", "按期办结率", "承诺兑现率"],
        "by_unit": True,
        "rows": [
            {"rank": 1, "name": "环卫所", "url": "/o/1", "count": 312, "count_url": "/c", "kept": 312, "kept_url": "/k", "cells": [cell("99.4%"), cell("98.1%"), cell("97.2%")], "score": 96.8, "delta": 1.2, "state": "ok", "few": ""},
            {"rank": 2, "name": "路灯管理所", "url": "/o/2", "count": 87, "count_url": "/c", "kept": 87, "kept_url": "/k", "cells": [cell("96.0%"), cell("92.5%"), cell("88.1%")], "score": 87.9, "delta": 2.1, "state": "warn", "few": ""},
            {"rank": 3, "name": "市政管理所", "url": "/o/3", "count": 133, "count_url": "/c", "kept": 133, "kept_url": "/k", "cells": [cell("91.7%"), cell("84.2%"), cell("78.5%")], "score": 80.2, "delta": -2.4, "state": "bad", "few": ""},
            {"rank": None, "name": "供热服务站", "url": "/o/4", "count": 6, "count_url": "/c", "kept": 6, "kept_url": "/k", "cells": [cell("100%"), cell("83.3%"), cell("83.3%")], "score": None, "delta": None, "state": "few", "few": "不足 10 件，只列数，不排名"},
        ],
        "words": "",
    },
    "places": [{"name": "观音阁社区", "url": "/p/1", "open": 41, "open_url": "/o", "late": 3, "late_url": "/l", "percent": 100}, {"name": "红星社区", "url": "/p/2", "open": 22, "open_url": "/o", "late": 0, "late_url": "/l", "percent": 54}],
    "top_items": [{"name": "暴露垃圾", "count": 286, "delta": 12, "percent": 100, "url": "/i/1"}, {"name": "店外经营", "count": 241, "delta": -5, "percent": 84, "url": "/i/2"}, {"name": "井盖缺失破损", "count": 52, "delta": None, "percent": 21, "url": "/i/3"}],
    "calendar": {"title": "每日登记热力日历", "words": "周一与周五集中，建议错峰排班", "weekdays": "一三五日", "weeks": [{"label": "7月" if w == 0 else "9月" if w == 8 else "", "first": "07-06", "days": [{"url": "/d", "n": (w * 7 + d) % 40, "step": (w * 5 + d * 3) % 6, "title": f"{(w * 7 + d) % 40} 件"} for d in range(7)]} for w in range(18)]},
}  # fmt: skip
EMPTY_DASHBOARD = {
    **DASHBOARD,
    "ranking": None,
    "places": [],
    "top_items": [],
    "calendar": None,
    "trend": {"title": "近 12 周走势", "unit": "%", "labels": [], "lines": []},
    "breaching": {"late": 0, "late_url": "/late", "near": 0, "near_url": "/near", "url": "/q", "rows": []},
}

TRACKED = {
    "status": "answered", "status_label": "已反馈", "title": "市场东门外垃圾堆了两天", "tracking_code": "48271903", "place_text": "文昌路 118 号旁",
    "called_at": ago(days=2), "rail": RAILS["told"], "photos": PHOTOS[:2],
    "answer": {"by": "环卫所", "words": "11月18日派 2 人 1 车清运完毕，已与市场约定每日 7 时、17 时两次清运，并加装提示牌。", "at": ago(hours=20)},
    "timeline": [event("已反馈", "now", words="3 天内没有评价就结案，不会替您默认“满意”；结案后 30 天内仍可要求重办。"), event("已办理，待您确认"), event("阶段性反馈", "interim", quote="垃圾已清运。接下来与市场商定固定清运时间，11月19日 18:00 前再答复您。"), event("观音阁街道已受理，交环卫所办理"), event("您反映了这件事")],
    "next_words": "3 天内没有评价就结案；结案后 30 天内仍可要求重办。",
    "question": "", "may_withdraw": False, "may_rate": True, "rated": "", "phone": "138****2046", "has_voice": False, "signed_in": False, "is_new": False, "slip_url": "/track/48271903/slip/",
}  # fmt: skip
RATE_FIELDS = [
    {"field": "solved", "label": "解决了吗", "choices": [{"value": "yes", "label": "解决了"}, {"value": "no", "label": "没有解决"}]},
    {"field": "step", "label": "满意吗", "choices": [{"value": "good", "label": "满意"}]},
]  # fmt: skip
SLIP = {
    "number": "370811001-20261120-0021", "tracking_code": "48271903", "title": "市场东门外垃圾堆积", "place_text": "观音阁社区 第03网格", "called_at": NOW,
    "item_name": "暴露垃圾", "unit": "观音阁社区居委会", "taken_by": "李桂芳", "caller_words": "周** 138****2046", "said": "市场东门外垃圾堆了两天没人清。", "answer_by": NOW, "track_url": "huying.example/track/", "qr_svg": "", "back": "/m/",
}  # fmt: skip
TOOLS = {
    "where": "queue", "url": "/queue/", "print_url": "?print=1", "stamp": "导出人：陈晓岚（城管中队） 2026-11-20 09:41；条件：待我办理；共 3 件。", "query": "tab=mine&urgency=critical", "tab": "mine", "sort": "", "q": "", "carried": {"queue": "mine"},
    "needs": [need("status", "choice", False, "状态", choices=[{"value": "in_hand", "label": "办理中"}], value="in_hand", empty="全部"), need("since", "date", False, "登记从")],
    "quick": [{"name": "mine", "label": "我经手的", "on": True}], "chips": [{"name": "urgency", "words": "特急", "url": "?tab=mine"}], "open": False,
    "clear": "?tab=mine", "words": "待我办理、特急", "total": "3", "is_saved": False, "savable": True, "name": "", "filters_url": "/filters/?where=queue",
    "sorts": [{"value": "due", "label": "剩余时间", "on": True}],
    "columns": {name: {"url": f"?sort={name}", "state": "ascending" if name == "left" else "none", "words": "剩余时间"} for name in ("title", "place", "left", "who", "source")},
}  # fmt: skip
QUEUE = {
    "tabs": TABS,
    "tools": TOOLS,
    "rows": ROWS,
    "page": PAGE,
    "live_tab": "mine",
    "live_since": NOW,
    "bulk": [{"name": "sign", "label": "签收", "icon": "signature", "url": "/bulk/sign/"}],
    "empty": EMPTY,
}
DISPATCH = {
    "asked": False,
    "tabs": TABS, "tools": {**TOOLS, "where": "desk"}, "rows": [{**one, "pane": "/desk/x/", "version": 3, "tag": "上呼" if at == 3 else ""} for at, one in enumerate(ROWS)], "bulk": [{"name": "accept", "label": "受理", "icon": "circle-check", "url": "/bulk/accept/"}], "list_words": "共 8 件 · 特急在前，再按受理时限", "live_tab": "received", "live_since": NOW,
    "case": detail(number=ROWS[3]["number"], title="市场东门外垃圾堆积", status="received", status_label="待受理", stage_label="受理", time_words="剩 2 小时 59 分", similar=SIMILAR, rail=RAILS["new"], escalation={"who": "李桂芳", "at": ago(hours=1), "words": "量大，社区没有清运车"}),
    "refusal": None, "page": PAGE, "empty": EMPTY, "form": FORM, "others": OTHERS, "merge": move("merge", "并案"), "next_number": "370811001-20261119-0188", "back": None,
}  # fmt: skip
LIST = {
    "tabs": TABS,
    "tools": {**TOOLS, "where": "list", "savable": False},
    "rows": ROWS,
    "page": PAGE,
    "bulk": [{"name": "sign", "label": "签收", "icon": "signature", "url": "/bulk/sign/"}],
}
QUIET = {"begins": "22:00", "ends": "07:00", "refusal": ""}
NOTICE_TOOLS = {
    "live_since": None,
    "tabs": TABS,
    "kinds": need("kind", "choice", False, "哪一类", choices=[("breached", "超时")], empty="全部"),
    "kept": {"kind": "breached"},
    "here": "/notices/?kind=breached",
}
NOTICE = {
    "id": 1,
    "at": NOW,
    "title": "派来 1 件",
    "words": "市场东门外垃圾堆积 · 签收剩 4 小时",
    "url": "/n/1",
    "read": False,
    "unread": True,
    "icon": "inbox",
    "colour": "",
    "for": "吴国栋",
    "earlier": [],
}
NOTICES = {
    **NOTICE_TOOLS,
    "notices": [{**NOTICE, "earlier": [{**NOTICE, "id": 3}]}, {**NOTICE, "id": 2, "at": ago(hours=5), "title": "快到时限", "words": "烧烤摊占道 · 剩 1 小时", "url": "/n/2", "read": True, "unread": False, "icon": "alarm", "colour": "yellow", "for": ""}],
    "unread": 1, "page": None,
}  # fmt: skip
NO_NOTICES = {**NOTICE_TOOLS, "kept": {}, "notices": [], "unread": 0, "page": None}
NOTICE_PREFERENCES = {
    "rows": [{"name": "assigned", "label": "派给我或本单位", "mail": "now", "mention": True, "own": False}, {"name": "tree", "label": "网格树变动", "mail": "day", "mention": False, "own": True}],
    "mails": [("off", "不发"), ("now", "马上发"), ("day", "每天早上汇总")], "email": need("email", "line", False, "邮箱"), "chat": need("chat_id", "line", False, "群机器人里的账号"),
    "refusal": None, "quiet": {**QUIET, "begins": "夜里", "refusal": "请把免打扰时段写成几点几分，例如 22:00。"},
}  # fmt: skip
CHANNEL = {
    "id": 7,
    "name": "综合执法值班群",
    "channel_label": "钉钉群机器人",
    "unit": "区综合执法局",
    "shown": "https://oapi.example/…",
    "signed": True,
    "kind_words": ["派给我或本单位", "超时"],
    "is_on": True,
    "paused_until": None,
    "sent_at": NOW,
    "columns": [[{"label": "", "hint": "", "fields": [need("name", "line", True, "名称")]}]],
    "prefix": "e7",
    "refusal": None,
}
CHANNELS = {
    "rows": [CHANNEL, {**CHANNEL, "id": 8, "prefix": "e8", "paused_until": NOW, "sent_at": None}, {**CHANNEL, "id": 9, "prefix": "e9", "is_on": False}],
    "may": True, "columns": [[{"label": "", "hint": "", "fields": [need("name", "line", True, "名称")]}]], "refusal": None,
}  # fmt: skip
GATEWAYS = {
    "rows": [{**CHANNEL, "prefix": "g7", "receipts_url": "http://127.0.0.1:8000/api/v1/texts/receipts/7/abc/"}],
    "may": True, "columns": [[{"label": "网址与请求", "hint": "可以写：{phone} {text}", "fields": [need("name", "line", True, "名称")]}], [{"label": "回执与退订", "hint": "", "fields": [need("receipts", "bool", False, "网关会推送回执")]}]], "refusal": None, "actions": None,
}  # fmt: skip
TRAY = {
    "rows": [{"id": 5, "kind_label": "请您评价", "phone": "138****2046", "text": "【呼应】请您评价您反映的“占道经营”办得怎样。", "segments": 2, "at": NOW}],
    "page": PAGE, "masked": True,
}  # fmt: skip
FAILURES = {
    "tabs": TABS, "tab": "given_up", "here": "/notices/failures/", "may": True, "refusal": None, "page": PAGE,
    "rows": [{"id": 5, "words": "新派来，待签收：占道经营", "to": "综合执法值班群", "unit": "区综合执法局", "shown": "https://oapi.example/…", "channel_label": "钉钉群机器人", "why": "对方没有收 (500)", "tries": 12, "at": NOW, "next_at": None}],
}  # fmt: skip
NUMBER = {"label": "巡查", "wanted": 20, "seen": 17, "unseen": 3, "late": 2, "percent": 85.0, "wanted_url": "/r/?show=all", "seen_url": "/r/?show=seen", "unseen_url": "/r/?show=unseen", "late_url": "/r/?show=late"}  # fmt: skip
NONE_ASKED = {**NUMBER, "label": "走访", "wanted": 0, "seen": 0, "unseen": 0, "late": 0, "percent": None}
DUE_ROUND = {"code": "370811001001003001", "name": "1 号楼", "kind": "patrol", "kind_label": "巡查", "words": "9 天前去过", "colour": "red"}  # fmt: skip
ROUNDS = {
    "may": True, "due": [{**DUE_ROUND, "tasks": [DUE_ROUND, {**DUE_ROUND, "kind": "visit", "kind_label": "走访", "words": "还没去过", "colour": "yellow"}]}, {**DUE_ROUND, "name": "2 号楼", "tasks": [DUE_ROUND]}],
    "mine": [{"title": "巡查 1 号楼", "at": ago(minutes=9), "url": "/m/new/?round=1"}], "due_count": 14, "due_url": "/r/", "days": 7,
    "cover": [{"label": "巡查", "number": {"seen": 17, "wanted": 20}, "url": "/r/?kind=patrol"}], "found_url": "/m/new/", "kept": [], "made_url": "/r/#made",
}  # fmt: skip
COVER = {
    "place": {"name": "观音阁社区", "code": "370811001001", "url": "/g/"}, "path": [{"name": "观音阁街道", "url": "/r/"}, {"name": "观音阁社区", "url": ""}],
    "spans": [{"label": "近 7 天", "url": "/r/", "current": True, "count": None, "late": False}, {"label": "近 30 天", "url": "/r/?days=30", "current": False, "count": None, "late": False}],
    "days": 7, "cover": {"kinds": [{"kind": "patrol", "label": "巡查"}, {"kind": "visit", "label": "走访"}], "whole": [NUMBER, NONE_ASKED], "rows": [{"name": "第03网格", "kind_label": "网格", "url": "/r/?place=3", "numbers": [NUMBER, NONE_ASKED]}]},
    "list": {"rows": [{**DUE_ROUND, "path_text": "观音阁社区 / 第03网格", "every": "7 天一次", "url": "/g/2"}], "label": "逾期的", "kind_label": "巡查", "tabs": [{"label": "逾期的", "url": "/r/", "current": True, "count": None}], "next": "/r/?after=1"},
    "rules_url": "/rules/rounds/",
    "made": [{"id": 1, "kind": "patrol", "kind_label": "巡查", "place": "1 号楼", "who": "李桂芳", "at": ago(hours=2), "text": "楼道堆了纸箱，已请住户搬走。", "photos": [{"url": "/a/1", "thumb": "/a/1?small=1", "caption": "", "sound": False}], "cases": [{"title": "1 号楼门前堆着垃圾", "url": "/c/1"}]}],
}  # fmt: skip
ROUND_RULES = {
    "rows": [{"place": {"name": "任城区"}, "place_kind_label": "网格", "kind_label": "巡查", "words": "每天一次", "since": ago(days=90).date(), "until": None, "to_come": False, "basis": "平台默认"}],
    "may": True, "fields": [{"field": "place", "type": "line", "label": "在哪里及以下", "required": True}], "refusal": None,
}  # fmt: skip
GRID = {
    "place": {"name": "第03网格", "code": "370811001001003", "kind_label": "网格", "path": [{"name": "观音阁街道", "url": ""}, {"name": "观音阁社区", "url": "/g/1"}], "households": 436, "residents": 1204},
    "counts": [{"label": "在办", "value": 9, "url": "/m/", "colour": ""}, {"label": "临期", "value": 2, "url": "/m/", "colour": "yellow"}, {"label": "超时", "value": 1, "url": "/m/", "colour": "red"}],
    "children": [{"name": "1 号楼", "code": "1", "kind_label": "楼栋", "url": "/g/2", "open": 3, "late": 1}, {"name": "2 号楼", "code": "2", "kind_label": "楼栋", "url": "/g/3", "open": 0, "late": 0}],
    "cases": PHONE_CASES[:2], "mine": [{"name": "第03网格", "url": "/g/", "current": True}, {"name": "第04网格", "url": "/g/4", "current": False}], "page": None,
    "people": [{"name": "李桂芳", "role_label": "网格员", "phone": "139****4821", "substitute": "马建军", "substitute_phone": "138****0000"}],
    "rounds": ROUNDS, "refusal": None, "values": {},
}  # fmt: skip
PROFILE = {
    "person": {"name": "陈晓岚", "username": "bumen", "phone": "138****2046"},
    "postings": [{"role_label": "部门承办人", "role_sentence": "签收、办理、办结；不归自己的可以退。", "where": "区综合执法局", "since": ago(days=400), "until": None, "on_duty": True, "substitute": "王敏", "standing_in": False, "waits": False}],
    "language": "zh-hans", "languages": [("zh-hans", "简体中文"), ("en", "英语")], "elder": False, "keys_off": False, "refusal": "",
}  # fmt: skip
TAKEN = {
    "number": "370811001-20261120-0021",
    "tracking_code": "48271903",
    "title": "市场东门外垃圾堆积",
    "place_text": "观音阁社区 第03网格",
    "settled": False,
    "has_caller": True,
    "joined": False,
    "case_url": "/m/a/",
    "slip_url": "/slip/a/",
    "call_again_url": "/m/new/",
}


class Blank:
    """Stands for a Django form nobody has filled in yet."""

    errors: dict = {}
    non_field_errors: list = []

    class username:
        value = ""


class Wrong(Blank):
    errors = {"__all__": ["x"]}
    non_field_errors = ["账号或密码不对，请再试一次。"]


REPORT = {"board_url": "/board/a/",
    "place": {"code": "370811001001001", "name": "福新里 3 号楼", "path_text": "任城区 / 福星街道 / 福星社区"},
    "place_q": "", "found": [], "here": {"place": {"code": "370811001001001", "name": "福星第一网格", "path_text": "福星街道 / 福星社区"}, "open": True, "chosen": True}, "kept": [], "contacts": [{"value": "sms", "label": "短信"}, {"value": "visit", "label": "上门告诉我"}],
    "values": {}, "refusal": None, "work": None, "staff_url": "/login/?next=/calls/new/",
}  # fmt: skip
ANON, WORKER, CLERK = "anon", "worker", "clerk"


def refused(status: int, **said: Any) -> dict[str, Any]:
    told = TOLD[status]
    return {"status": status, "told": told, "sentence": told.sentence, "hint": told.hint, **said}


# name of the page → (template, who looks, context)
PAGES = {
    "login": ("parties/login.html", ANON, {"form": Blank(), "next": "", "locked": False}),
    "login-wrong": ("parties/login.html", ANON, {"form": Wrong(), "next": "/queue/", "locked": False}),
    "login-locked": ("parties/login.html", ANON, {"form": Blank(), "next": "", "locked": True}),
    "profile": ("parties/profile.html", CLERK, PROFILE),
    "profile-none": ("parties/profile.html", CLERK, {**PROFILE, "postings": [], "refusal": "没有这种语言。"}),
    "password": ("parties/password.html", CLERK, {"form": [], "must": True}),
    "new-call": ("cases/field/new_call.html", WORKER, NEW_CALL),
    "new-call-refused": ("cases/field/new_call.html", WORKER, REFUSED_CALL),
    "new-call-bare": ("cases/field/new_call.html", WORKER, {**NEW_CALL, "place": None, "place_q": "福新", "tiles": [], "can_settle": False, "duty_phone": "", "item_limit": ""}),
    "new-call-item": ("cases/field/new_call.html", WORKER, {**NEW_CALL, "item_q": "lj", "listed": "0601", "found_items": [{"code": "0601", "name": "暴露垃圾", "letters": "bllj"}], "kept_after": ["1"]}),
    "new-call-round": ("cases/field/new_call.html", WORKER, {**NEW_CALL, "on_round": "来自 11-22 09:12 的巡查"}),
    "new-call-no-item": ("cases/field/new_call.html", WORKER, {**NEW_CALL, "item_q": "飞碟"}),
    "taken": ("cases/field/taken.html", WORKER, TAKEN),
    "taken-settled": ("cases/field/taken.html", WORKER, {**TAKEN, "settled": True, "has_caller": False}),
    "todo": ("cases/field/todo.html", WORKER, {"todos": TODOS, "page": None}),
    "todo-empty": ("cases/field/todo.html", WORKER, {"todos": [], "page": None}),
    "my-calls": ("cases/field/my_calls.html", WORKER, {"tabs": [{"label": "办理中", "url": "?t=open", "count": 9, "current": True, "hot": False}, {"label": "已反馈", "url": "?t=told", "count": 4, "current": False, "hot": False}, {"label": "已结案", "url": "?t=closed", "count": 57, "current": False, "hot": False}], "cases": PHONE_CASES, "page": PAGE}),
    "my-calls-empty": ("cases/field/my_calls.html", WORKER, {"tabs": [], "cases": [], "page": None}),
    "case": ("cases/field/case.html", WORKER, {"case": detail(), "refusal": None, "back": "/m/"}),
    "case-refused": ("cases/field/case.html", WORKER, {"case": detail(), "refusal": REFUSAL_422, "back": "/m/"}),
    "case-patrol": ("cases/field/case.html", WORKER, {"case": PATROL, "refusal": None, "back": "/m/"}),
    "grid": ("cases/field/grid.html", WORKER, GRID),
    "rounds": ("cases/desk/rounds.html", CLERK, COVER),
    "rounds-empty": ("cases/desk/rounds.html", CLERK, {**COVER, "cover": {"kinds": [], "whole": [], "rows": []}, "list": None, "made": [], "rules_url": ""}),
    "rounds-phone": ("cases/field/rounds.html", WORKER, COVER),
    "rounds-phone-empty": ("cases/field/rounds.html", WORKER, {**COVER, "cover": {"kinds": [], "whole": [], "rows": []}, "list": {**COVER["list"], "rows": [], "next": ""}, "made": []}),
    "round-rules": ("cases/rules/rounds.html", CLERK, ROUND_RULES),
    "round-rules-empty": ("cases/rules/rounds.html", CLERK, {**ROUND_RULES, "rows": [], "may": False}),
    "grid-refused": ("cases/field/grid.html", WORKER, {**GRID, "refusal": {**REFUSAL_422, "move": "round"}, "values": {"text": "写了的还在", "place": "1"}, "rounds": {**ROUNDS, "kept": ["1"]}}),
    "grid-empty": ("cases/field/grid.html", WORKER, {**GRID, "children": [], "cases": [], "mine": []}),
    "dispatch": ("cases/desk/dispatch.html", CLERK, DISPATCH),
    "dispatch-refused": ("cases/desk/dispatch.html", CLERK, {**DISPATCH, "refusal": {**REFUSAL_422, "move": "accept_dispatch", "fields": {"organisation": "区住建局不在您能派到的范围里；要它办，请上呼区级。"}, "sentence": "还不能派遣："}}),
    "dispatch-none": ("cases/desk/dispatch.html", CLERK, {**DISPATCH, "case": None, "form": None, "others": [], "merge": None, "page": None}),
    "dispatch-read": ("cases/desk/dispatch.html", CLERK, {**DISPATCH, "form": None, "others": [], "merge": None}),
    "dispatch-empty": ("cases/desk/dispatch.html", CLERK, {**DISPATCH, "rows": [], "case": None, "form": None}),
    "queue": ("cases/desk/queue.html", CLERK, QUEUE),
    "queue-empty": ("cases/desk/queue.html", CLERK, {**QUEUE, "rows": [], "bulk": [], "tools": {**TOOLS, "chips": [], "savable": False}}),
    "detail": ("cases/desk/detail.html", CLERK, {"case": detail(similar=SIMILAR), "refusal": None, "back": {"url": "/queue/", "label": "待办队列"}, "neighbours": {"words": "第 6 件，共 27 件", "next": "/cases/b/", "previous": "/cases/a/"}, "scene": {"words": "王敏 正在办理。", "ahead": True}, "why": WHY}),
    "detail-422": ("cases/desk/detail.html", CLERK, {"case": detail(), "refusal": REFUSAL_422, "back": {"url": "/queue/", "label": "待办队列"}, "neighbours": None, "scene": {"words": "", "ahead": False}, "why": None}),
    "detail-409": ("cases/desk/detail.html", CLERK, {"case": detail(), "refusal": REFUSAL_409, "back": {"url": "/queue/", "label": "待办队列"}, "neighbours": None, "scene": {"words": "", "ahead": False}, "why": None}),
    "detail-403": ("cases/desk/detail.html", CLERK, {"case": detail(), "refusal": REFUSAL_403, "back": {"url": "/queue/", "label": "待办队列"}, "neighbours": None, "scene": {"words": "", "ahead": False}, "why": None}),
    "detail-read": ("cases/desk/detail.html", CLERK, {"case": PATROL, "refusal": None, "back": {"url": "/cases/", "label": "全部工单"}, "neighbours": None, "scene": {"words": "", "ahead": False}, "why": None}),
    "why-phone": ("cases/field/why.html", WORKER, {"case": {"number": "370811001-20261119-0241", "url": "/cases/a/", "title": "商户外摆桌椅挡住盲道"}, "why": WHY}),
    "why": ("cases/desk/why.html", CLERK, {"case": {"number": "370811001-20261119-0241", "url": "/cases/a/", "title": "商户外摆桌椅挡住盲道"}, "why": WHY}),
    "list": ("cases/desk/list.html", CLERK, LIST),
    "saved": ("cases/desk/saved.html", CLERK, {"where": "queue", "rows": [{"pk": 1, "name": "特急的", "words": "待我办理、特急", "url": "/queue/?urgency=critical", "act": "/filters/1/", "mine": True, "owner": "陈晓岚", "start": True, "shared": True, "unit": "城管中队", "stale": True}], "refusal": "已有同名的筛选，请换一个名字。", "query": "tab=mine", "back": "/queue/"}),
    "list-empty": ("cases/desk/list.html", CLERK, {**LIST, "rows": []}),
    "notices": ("cases/desk/notices.html", CLERK, NOTICES),
    "notice-preferences": ("cases/notice_preferences.html", CLERK, NOTICE_PREFERENCES),
    "channels": ("cases/desk/channels.html", CLERK, CHANNELS),
    "channels-empty": ("cases/desk/channels.html", CLERK, {"rows": [], "may": False, "columns": [], "refusal": None}),
    "gateways": ("cases/desk/gateways.html", CLERK, GATEWAYS),
    "gateways-empty": ("cases/desk/gateways.html", CLERK, {**GATEWAYS, "rows": [], "may": False, "columns": []}),
    "tray": ("cases/public/tray.html", ANON, TRAY),
    "tray-empty": ("cases/public/tray.html", ANON, {"rows": [], "page": None, "masked": False}),
    "failures": ("cases/desk/failures.html", CLERK, FAILURES),
    "failures-empty": ("cases/desk/failures.html", CLERK, {**FAILURES, "rows": [], "page": None}),
    "notices-phone": ("cases/field/notices.html", WORKER, NOTICES),
    "notices-phone-empty": ("cases/field/notices.html", WORKER, NO_NOTICES),
    "notices-empty": ("cases/desk/notices.html", CLERK, NO_NOTICES),
    "dashboard": ("cases/desk/dashboard.html", CLERK, DASHBOARD),
    "dashboard-empty": ("cases/desk/dashboard.html", CLERK, EMPTY_DASHBOARD),
    "report": ("cases/public/report.html", ANON, REPORT),
    "report-refused": ("cases/public/report.html", ANON, {**REPORT, "place": None, "place_q": "福", "values": {"text": "单元门坏了"}, "kept": ["6f1c"], "found": [{"code": "370811001", "name": "福星街道", "path_text": "任城区 / 福星街道"}], "refusal": {"status": 422, "sentence": "请说在哪里。", "move": "", "fields": {"place_q": "请说在哪里。", "caller_phone": "电话号码不对：只写数字。"}, "posted": {}}, "work": {"task": "a:b:c", "bits": 14}}),
    "track": ("cases/public/track.html", ANON, {"values": {}, "refusal": None, "result": None}),
    "track-refused": ("cases/public/track.html", ANON, {"values": {"code": "4827", "tail": "20"}, "refusal": {"status": 404, "sentence": "没有找到。请核对查询码和电话后四位。", "move": "", "fields": {"code": "查询码是 8 位数字。"}, "posted": {}}, "result": None}),
    "track-result": ("cases/public/track.html", ANON, {"values": {}, "refusal": None, "act": "", "kept": [], "rate_fields": RATE_FIELDS, "result": TRACKED}),
    "track-code-wrong": ("cases/public/track.html", ANON, {"values": {"step": "good", "sent": "1"}, "refusal": {"status": 422, "sentence": "评价码不对。", "move": "", "fields": {"rating_code": "评价码不对。"}, "posted": {}}, "act": "rate", "kept": [], "rate_fields": RATE_FIELDS, "result": TRACKED}),
    "track-asked": ("cases/public/track.html", ANON, {"values": {"answer": "在北侧"}, "refusal": None, "act": "supply", "kept": ["6f1c"], "rate_fields": RATE_FIELDS, "result": {**TRACKED, "status": "awaiting_info", "status_label": "待补充", "question": "请说明具体位置。", "may_withdraw": True, "may_rate": False, "phone": ""}}),
    "track-new": ("cases/public/track.html", ANON, {"values": {}, "refusal": None, "act": "", "kept": [], "rate_fields": RATE_FIELDS, "result": {**TRACKED, "status": "received", "status_label": "待受理", "answer": None, "photos": [], "is_new": True, "may_withdraw": True, "may_rate": False, "has_voice": True}}),
    "track-rated": ("cases/public/track.html", ANON, {"values": {}, "refusal": None, "act": "", "kept": [], "rate_fields": RATE_FIELDS, "result": {**TRACKED, "rail": None, "rated": "解决了 · 满意", "may_rate": False}}),
    "track-open": ("cases/public/track.html", ANON, {"values": {}, "refusal": None, "act": "", "kept": [], "rate_fields": RATE_FIELDS, "result": {**TRACKED, "status": "in_hand", "status_label": "办理中", "answer": None, "photos": [], "rail": RAILS["late"], "next_words": ""}}),
    "slip": ("cases/public/slip.html", ANON, SLIP),
    "board": ("cases/public/board.html", ANON, BOARD),
    "board-empty": ("cases/public/board.html", ANON, {**BOARD, "groups": [{**group, "cards": []} for group in BOARD["groups"]], "edit_url": "/board/a/edit/"}),
    "board-edit": ("cases/desk/board.html", CLERK, {"place": BOARD["place"], "groups": [{**group, "cards": [{**card, "version": 1, "planned": group["kind"] != "done"} for card in group["cards"]]} for group in BOARD["groups"]], "editing": None, "values": {"title": "", "kind": "wish"}, "kinds": [{"value": "wish", "label": "微心愿"}, {"value": "project", "label": "微项目"}], "steps": [{"n": 1, "words": "选址", "on": "2026-11-20", "done": True, "up": False, "down": False}, {"n": 2, "words": "", "on": "", "done": False, "up": False, "down": False}], "focus": 2, "look": BOARD["groups"][0]["cards"][0], "refusal": None, "board_url": "/board/a/"}),
    "board-ended": ("cases/public/board_ended.html", ANON, {"name": "福星社区", "boards": [{"name": "福星东社区", "url": "/board/b/"}]}),
    "board-poster": ("cases/public/board_poster.html", ANON, {"place": BOARD["place"], "board_url": "http://huying.test/board/a/", "report_url": "http://huying.test/report/?place=a", "board_qr": SLIP["qr_svg"], "report_qr": SLIP["qr_svg"], "back": "/board/a/"}),
    "case-board": ("cases/desk/case_board.html", CLERK, {"number": "370811001-20261120-0021", "title": "店招松动", "place": BOARD["place"], "unfit": "", "standing": None, "look": None, "photos": [{"id": "6f1c", "url": "/attachments/6f1c/", "at": NOW}], "values": {}, "refusal": None}),
    "case-board-standing": ("cases/desk/case_board.html", CLERK, {"number": "370811001-20261120-0021", "title": "店招松动", "place": BOARD["place"], "unfit": "", "standing": {**BOARD["groups"][2]["cards"][0], "version": 1}, "photos": [], "values": {}, "refusal": None}),
    "400": ("errors/refused.html", CLERK, refused(400, sentence="没有写版本号。")),
    "403": ("errors/refused.html", CLERK, refused(403)),
    "404": ("errors/refused.html", ANON, refused(404)),
    "409": ("errors/refused.html", CLERK, {**refused(409), "sentence": "您打开之后，王敏 在 09:40 办结了这件事。", "case_url": "/cases/a/"}),
    "422": ("errors/refused.html", CLERK, {**refused(422), "sentence": "还差 1 样：", "fields": {"result": "写一句办结说明。"}, "actions": [{"label": "回到工单", "url": "/cases/a/", "primary": True}]}),
    "429": ("errors/refused.html", ANON, refused(429)),
    "500": ("500.html", ANON, {"duty_phone": "0537-0000000", "reference": "20-0941-7F3"}),
    "500-bare": ("500.html", ANON, {}),
    "csrf": ("403_csrf.html", ANON, {}),
}  # fmt: skip


PAGES |= samples_units.PAGES


def shell_of(viewer: str) -> dict:
    return STRANGER if viewer == ANON else {**SHELL, "nav": NAV if viewer == CLERK else []}
