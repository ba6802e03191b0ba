"""Samples of the pages of units, people and posts, in the shapes their templates promise."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

THEN = datetime(2026, 9, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SOON = datetime(2026, 12, 1, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
BASIS = {
    "field": "basis",
    "label": "依据（文号）",
    "type": "line",
    "required": True,
    "hint": "",
    "value": None,
}
NODES = [
    {
        "name": "临江区人民政府", "url": "/organisations/QF/", "label": "人民政府", "icon": "building-bank",
        "small": "2 个下级", "current": False, "chips": [],
        "children": [
            {"name": "城管局", "url": "/organisations/GV24/", "label": "政府部门", "icon": "building-bank",
             "small": "", "current": True, "chips": []},
            {"name": "清河街道办事处", "url": "/organisations/JD/", "label": "街道办事处、镇政府", "icon": "building",
             "small": "3 个下级", "current": False, "chips": [("stop", "", "已停用")], "opens": True},
        ],
    }
]  # fmt: skip
WAYS = [
    {"name": "rename", "label": "改名", "icon": "pencil", "key": "F2", "danger": False, "at_once": False,
     "url": "/organisations/GV24/rename/",
     "fields": [{"field": "name", "label": "名称", "type": "line", "required": True, "hint": "", "value": "城管局"}, BASIS]},
    {"name": "merge", "label": "并入", "icon": "arrows-join", "key": "", "danger": True, "at_once": False,
     "url": "/organisations/GV24/merge/", "fields": [BASIS]},
]  # fmt: skip
UNIT = {
    "name": "城管局", "code": "GV24", "short_name": "城管", "aliases": ["执法局"], "kind_label": "政府部门",
    "icon": "building-bank", "level_label": "区级", "template": "", "needs_release": True,
    "line": [{"name": "区政府", "url": "/organisations/QF/"}], "desk_of": "", "opened_at": THEN, "retired_at": None,
    "merged_into": None, "version": 3, "estates": False, "inside": True, "open": 12,
    "servings": [{"code": "990102", "name": "清河街道", "where": "临江区", "estate": False, "since": THEN, "until": None},
                 {"code": "990103", "name": "福星家园", "where": "", "estate": True, "since": THEN, "until": SOON}],
    "people": [{"name": "吴海涛", "username": "bumen", "phone": "138****2046", "role_label": "部门承办人", "since": THEN,
                "until": SOON, "on_duty": True, "waits": True, "substitute": "何志远"}],
    "history": [{"at": THEN, "label": "设立", "words": "服务 清河街道", "who": "系统", "basis": "清办发〔2026〕31号"}],
}  # fmt: skip
EDITOR = {
    "noun": "unit", "label": "单位树", "hint": "名称、简称", "home": "/organisations/", "rows": "/organisations/rows/",
    "find": "/organisations/find/", "draft": "/organisations/draft/", "panel": "/organisations/CODE/", "current": "GV24",
    "staffed": "", "words": {"total": "个在用", "nobody": "无人任职"}, "labels": {"office": "镇街机构"},
    "icons": {"office": "building"}, "holds": None, "retired": "",
}  # fmt: skip
DESK = {
    "label": "单位", "here": "units", "home": "/organisations/", "draft": "/organisations/draft/",
    "published": "/organisations/published/",
}  # fmt: skip
DRAFT = {
    "id": 7, "basis": "清办发〔2026〕31号", "effective_on": "", "version": 3, "problem": "“城管局”已被他人改动：移动。",
    "steps": [{"n": 1, "label": "改名", "css": "info", "words": "城管局 → 综合执法局", "json": "{}"}],
}  # fmt: skip
WAITING = [{
    "draft": {"effective_on": SOON, "basis": "清办发〔2026〕31号"}, "author": "系统管理员", "url": "/organisations/published/7/",
    "steps": [{"label": "改名", "words": "城管局 → 综合执法局"}], "more": 2,
}]  # fmt: skip
UNITS = {
    "q": "", "hits": None, "nodes": NODES, "editor": EDITOR, "retired": False, "unit": UNIT, "ways": WAYS, "leave": True,
    "here": "GV24", "back": "/organisations/GV24/", "admin": True, "desk": DESK, "draft": DRAFT, "refusal": None, "total": 3,
    "waiting": WAITING,
}  # fmt: skip
FOUND = [{"name": "城管局", "code": "GV24", "url": "/organisations/GV24/", "label": "政府部门", "icon": "building-bank",
          "where": "区政府", "retired": True}]  # fmt: skip
CHECK = {
    "title": "并入 · 城管局", "changes": [{"label": "状态", "before": "在用", "after": "并入“住建局”"}],
    "impacts": [{"sentence": "3 项任职转到“住建局”", "blocks": False, "count": 3, "examples": ("李桂芳 科员",)}], "blocked": "", "action": "/organisations/GV24/merge/",
    "hidden": [("version", "3"), ("into", "GV13")], "confirm": "并入", "danger": True, "back": "/organisations/GV24/",
}  # fmt: skip
UNDOING = {
    "refusal": "",
    "changes": [{"n": 1, "sentence": "改回", "impacts": CHECK["impacts"], "problem": ""}],
}
CRUMB = {"url": "/organisations/", "label": "单位"}
ROW = {
    "id": 5, "name": "李桂芳", "username": "wangge", "phone": "139****4821", "role_label": "网格员",
    "where": "清河街道 / 福星社区 / 第 03 网格", "since": THEN, "until": SOON, "on_duty": True, "waits": True,
    "substitute": "马建军", "substitute_from": THEN, "substitute_until": SOON,
}  # fmt: skip
END = {"name": "end-5", "label": "结束任职", "icon": "logout", "key": "", "danger": True, "at_once": False,
       "url": "/postings/5/end/", "fields": []}  # fmt: skip
LEND = {"name": "substitute-5", "label": "定 AB 角", "icon": "users", "key": "", "danger": False, "at_once": True,
        "url": "/postings/5/substitute/", "fields": [{**BASIS, "field": "substitute", "label": "B角的用户名"}]}  # fmt: skip
PERSON = {
    "person": {
        "username": "wangge", "name": "李桂芳", "phone": "139****4821", "has_phone": True, "language": "简体中文",
        "is_active": True, "must_change_password": True, "opened_at": THEN, "last_login": None, "elsewhere": 1,
        "postings": [{**ROW, "ended": False, "acts": [END, LEND]}, {**ROW, "id": 6, "ended": True, "acts": []}],
        "history": [{"at": THEN, "label": "任职", "words": "网格员", "who": "系统", "basis": ""}],
    },
    "acts": [{**LEND, "name": "post", "label": "任职", "url": "/people/wangge/post/"}], "refusal": None, "shown": None,
}  # fmt: skip
PEOPLE = {
    "tabs": [{"label": "在任", "url": "?tab=standing", "count": 25, "late": False, "current": True}], "tab": "standing",
    "filters": [{**BASIS, "field": "q", "label": "姓名或用户名", "required": False}], "filtered": True, "rows": [ROW],
    "page": {"words": "共 25 项", "next": "?cursor=x", "previous": None}, "may": True,
}  # fmt: skip
GROUND = {
    "place": {"name": "福星社区", "code": "990102004", "kind_label": "社区/村",
              "path": [{"name": "清河街道", "code": ""}, {"name": "福星社区", "code": "990102004"}]},
    "gaps": [{"label": "网格没有网格员", "count": 3, "late": True, "current": False, "url": "?gap=no_worker"}],
    "gap": None, "found": [], "page": None,
    "groups": [{"label": "网格员", "people": [{**ROW, "place_name": "福星社区", "substitute_phone": "138****0000", "duty": ""}]},
               {"label": "楼组长、引导员", "people": [{**ROW, "place_name": "3号楼", "substitute_phone": "", "duty": "guide"}]},
               {"label": "网格长", "people": []}],
    "children": [{"code": "990102004003", "name": "第 03 网格", "kind_label": "网格", "people": [{**ROW, "place_name": ""}],
                  "missing": ["网格长"]}],
    "looks": True, "ways": [{**LEND, "name": "post", "label": "在此任职"}], "refusal": None,
}  # fmt: skip
GAP = {
    **GROUND, "gap": {"label": "网格没有网格员", "todo": "给网格任一名网格员"},
    "found": [{"name": "第 05 网格", "where": "福星社区", "code": "990102004005", "until": None, "url": "/ground/?place=1"},
              {"name": "李桂芳 · 网格员", "where": "第 03 网格", "until": SOON, "url": "", "code": ""}],
    "page": {"words": "共 3 处", "next": None, "previous": None},
}  # fmt: skip
CLERK = "clerk"
PAGES = {
    "units": ("parties/units.html", CLERK, UNITS),
    "units-refused": ("parties/units.html", CLERK, {**UNITS, "refusal": {"status": 422, "sentence": "没找到“甲”这个单位。"}}),
    "units-draft": ("drafts/check.html", CLERK, {
        "desk": DESK, "draft": DRAFT, "refusal": None, "stale": True, "left": 1, "tomorrow": THEN, "checked": {
            "blocking": [{"n": 1, "in_full": "第 1 步：“城管局”已被他人改动：移动。"}],
            "changes": [{"n": 1, "sentence": "“城管局”改名为“综合执法局”", "impacts": CHECK["impacts"], "problem": ""},
                        {"n": 2, "sentence": "", "impacts": [], "problem": "该单位已停用。"}]}}),
    "units-draft-none": ("drafts/check.html", CLERK, {"desk": DESK, "draft": None, "checked": None, "left": 0}),
    "units-published": ("drafts/published.html", CLERK, {"undoing": UNDOING,
        "desk": DESK, "rows": [{"draft": {"pk": 7, "basis": "甲", "status": "published", "published_at": THEN,
                                          "get_status_display": "已发布"}, "card": DRAFT, "undone": False, "mine": False, "author": "李桂芳"}],
        "left": [{"draft": {"pk": 8, "basis": "", "problem": "您没有管理单位的权限。"}, "card": DRAFT}]}),
    "units-published-none": ("drafts/published.html", CLERK, {"desk": DESK, "rows": [], "left": [], "undoing": None}),
    "units-root": ("parties/units.html", CLERK, {**UNITS, "unit": None}),
    "units-found": ("parties/units.html", CLERK, {**UNITS, "q": "cgj", "hits": FOUND, "unit": None, "ways": []}),
    "units-none": ("parties/units.html", CLERK, {**UNITS, "nodes": [], "unit": None, "ways": [], "total": 0}),
    "units-read": ("parties/units.html", CLERK, {**UNITS, "ways": [], "leave": False, "admin": False, "draft": None, "unit": {
        **UNIT, "inside": False, "open": None, "people": [], "history": [], "servings": [], "retired_at": SOON,
        "desk_of": "清河街道", "merged_into": {"name": "住建局", "url": "/organisations/GV13/"}}}),
    "check": ("parties/check.html", CLERK, {"check": CHECK, "here": "units", "crumb": CRUMB}),
    "check-blocked": ("parties/check.html", CLERK, {"check": {**CHECK, "changes": [], "blocked": "还不能这样改：3 件没有去处。",
        "impacts": [{"sentence": "3 件没有去处", "blocks": True}]}, "here": "units", "crumb": CRUMB}),
    "people": ("parties/people.html", CLERK, PEOPLE),
    "people-none": ("parties/people.html", CLERK, {**PEOPLE, "rows": [], "may": False, "filtered": False}),
    "person": ("parties/person.html", CLERK, PERSON),
    "person-secret": ("parties/person.html", CLERK, {**PERSON, "shown": {"what": "password", "secret": "abcd-2345-efgh"}}),
    "person-new": ("parties/person_new.html", CLERK, {"fields": [{**BASIS, "field": "username", "label": "用户名"}], "refusal": None}),
    "ground": ("parties/ground.html", CLERK, GROUND),
    "ground-none": ("parties/ground.html", CLERK, {**GROUND, "groups": [], "children": [], "ways": []}),
    "gap": ("parties/ground.html", CLERK, GAP),
    "gap-none": ("parties/ground.html", CLERK, {**GAP, "found": []}),
}  # fmt: skip
