"""Events in words. A notice keeps facts; the sentence is made when it is read, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.models.finding import KINDS

STAGES = {
    "accept": gettext_lazy("受理"),
    "dispatch": gettext_lazy("派遣"),
    "sign": gettext_lazy("签收"),
    "resolve": gettext_lazy("办结"),
    "verify": gettext_lazy("核查"),
    "feedback": gettext_lazy("反馈"),
    "return_visit": gettext_lazy("回访"),
    "contact": gettext_lazy("联系"),
    "arrive": gettext_lazy("报到"),
    "secure": gettext_lazy("制止、围护"),
    "hold": gettext_lazy("挂账"),
    "ask": gettext_lazy("补充"),
    "grace": gettext_lazy("等待期"),
    "relief": gettext_lazy("审批"),
}

TEMPLATES = {
    "case.received": gettext_lazy("新工单待受理：%(title)s"),
    "case.escalated": gettext_lazy("下级上呼，待受理：%(title)s"),
    "case.handed_down": gettext_lazy("上级下交，待受理：%(title)s"),
    "case.assigned": gettext_lazy("新派来，待签收：%(title)s"),
    "case.ruled": gettext_lazy("裁定由您单位办理，待签收：%(title)s"),
    "case.transferred": gettext_lazy("转派给您单位，待签收：%(title)s"),
    "case.recalled": gettext_lazy("派遣已收回：%(title)s"),
    "case.declined": gettext_lazy("被退单，待重新派遣：%(title)s"),
    "disputed": gettext_lazy("有争议，待裁定：%(title)s"),
    "case.stated": gettext_lazy("争议单位已陈述意见：%(title)s"),
    "case.release_asked": gettext_lazy("请您放行：%(title)s"),
    "case.release_refused": gettext_lazy("负责人没有放行：%(title)s"),
    "case.asked": gettext_lazy("要求补充：%(title)s"),
    "case.supplied": gettext_lazy("已补充，请继续办理：%(title)s"),
    "case.resolved": gettext_lazy("已办结，请告知反映人：%(title)s"),
    "case.settled": gettext_lazy("已就地办结：%(title)s"),
    "case.reworked": gettext_lazy("核查没通过，返工：%(title)s"),
    "case.reopened": gettext_lazy("重办：%(title)s"),
    "case.rejected": gettext_lazy("不予受理：%(title)s"),
    "case.answered": gettext_lazy("已反馈：%(title)s"),
    "case.interim_missed": gettext_lazy("阶段性反馈的短信没有送达，请改用别的方式或等网格员代访：%(title)s"),
    "case.missed": gettext_lazy("答复短信没有送达，请改用别的方式或等网格员代访：%(title)s"),
    "case.closed": gettext_lazy("已结案：%(title)s"),
    "part.opened": gettext_lazy("请您单位协办，待签收：%(title)s"),
    "case.lifted": gettext_lazy("反映的人多，紧急程度已提高：%(title)s"),
    "case.noted": gettext_lazy("留言里提到了您：%(title)s"),
    "case.urged": gettext_lazy("催办：%(title)s"),
    "case.instructed": gettext_lazy("领导批示，%(until)s 前回复：%(title)s"),
    "case.word_due": gettext_lazy("批示快到回复时间（%(until)s）：%(title)s"),
    "case.word_late": gettext_lazy("批示已过回复时间（%(until)s）：%(title)s"),
    "case.instruction_answered": gettext_lazy("您的批示有回复：%(title)s"),
    "case.person_assigned": gettext_lazy("分派给您办理：%(title)s"),
    "case.passed_on": gettext_lazy("同事交接给您：%(title)s"),
    "account.handed_work": gettext_lazy("交给您 %(count)s 件工单，在待办队列“我经手的”里"),
    "account.absence_set": gettext_lazy("%(who)s %(since)s 至 %(until)s 离岗"),
    "account.absence_changed": gettext_lazy("%(who)s的离岗改为 %(since)s 至 %(until)s"),
    "account.absence_ended": gettext_lazy("%(who)s已返岗"),
    "relief.asked": gettext_lazy("有申请待您批复：%(title)s"),
    "relief.raised": gettext_lazy("下级逾期未批，转由您批复：%(title)s"),
    "relief.unanswered": gettext_lazy("申请已过批复时限，仍在等您：%(title)s"),
    "relief.granted": gettext_lazy("申请已批准：%(title)s"),
    "relief.refused": gettext_lazy("申请未获批准：%(title)s"),
    "relief.review_due": gettext_lazy("挂账已过八成，请复核：%(title)s"),
    "clock.warned": gettext_lazy("%(stage)s快到期：%(title)s"),
    "clock.breached": gettext_lazy("%(stage)s已超时：%(title)s"),
    "clock.silent": gettext_lazy("%(stage)s超时一天仍无响应：%(title)s"),
    "clock.overdue": gettext_lazy("%(stage)s超时后仍未完成：%(title)s"),
    "finding.drafted": gettext_lazy("“%(kind)s”待认定，您单位可以陈述：%(title)s"),
    "finding.stated": gettext_lazy("单位已陈述，“%(kind)s”待您认定：%(title)s"),
    "finding.confirmed": gettext_lazy("已认定“%(kind)s”：%(title)s"),
    "finding.dropped": gettext_lazy("“%(kind)s”不予认定：%(title)s"),
    "finding.withdrawn": gettext_lazy("“%(kind)s”已自动撤回：%(title)s"),
    "draft.published": gettext_lazy("您所在的网格树有变动：%(names)s"),
    "draft.failed": gettext_lazy("网格树的改动没能按时生效：%(problem)s"),
    "endpoint.paused": gettext_lazy("消息通道“%(endpoint)s”连续发不出去，已暂停，稍后自动再试"),
    "unit_draft.published": gettext_lazy("您所在的单位有变动：%(names)s"),
    "unit_draft.failed": gettext_lazy("单位的改动没能按时生效：%(problem)s"),
}


def sentence(event: str, facts: Mapping[str, Any], title: str) -> str:
    """One line for the inbox."""
    template = TEMPLATES.get(event)
    if template is None:
        return _("工单有变化：%(title)s") % {"title": title}
    stage = STAGES.get(str(facts.get("stage", "")), "")
    kind = KINDS.get(str(facts.get("kind", "")), "")
    names = pgettext("between names", "、").join(facts.get("names", ()))
    if (count := facts.get("count", 0)) > len(facts.get("names", ())):
        names = _("%(names)s等 %(n)s 处") % {"names": names, "n": count}
    said = {"title": title, "stage": stage, "kind": kind, "names": names, "problem": facts.get("problem", "")}
    said |= {name: facts.get(name, "") for name in ("count", "since", "until")}
    said["who"] = facts.get("who_name") or _("同事")
    said["endpoint"] = facts.get("endpoint", "")
    return str(template) % said
