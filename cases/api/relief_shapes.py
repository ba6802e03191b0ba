"""The shapes of reliefs: asked for, answered."""

from __future__ import annotations

from rest_framework import serializers as s

from cases.api.shapes import NULL, PersonName, UnitName
from cases.reliefs.policy import GROUNDS, STATES, TABLE


class WaitsFor(s.Serializer):
    rung = s.CharField(help_text="street、district 或 supervisor")
    desk = UnitName(**NULL)


class Relief(s.Serializer):
    """延期、挂账、剔除的一份申请。"""

    id = s.IntegerField(help_text="本工单的第几份")
    number = s.CharField()
    kind = s.ChoiceField(choices=list(TABLE))
    kind_label = s.CharField()
    state = s.ChoiceField(choices=list(STATES))
    state_label = s.CharField()
    ground = s.CharField()
    ground_label = s.CharField()
    amount = s.IntegerField(**NULL)
    unit = s.CharField(**NULL)
    until = s.DateTimeField(**NULL)
    asked_at = s.DateTimeField()
    asked_by = PersonName(**NULL)
    organisation = UnitName(**NULL)
    due_before = s.DateTimeField()
    due_after = s.DateTimeField(**NULL)
    waits_for = WaitsFor(**NULL)
    decided_at = s.DateTimeField(**NULL)
    decided_by = PersonName(**NULL)
    texts = s.DictField(child=s.CharField())
    answer = s.CharField(**NULL)
    hidden = s.BooleanField()


class Reliefs(s.Serializer):
    results = Relief(many=True)


class NewRelief(s.Serializer):
    """在办结时限之前提出；批准的话从提出之时算起。"""

    kind = s.ChoiceField(choices=list(TABLE))
    ground = s.ChoiceField(choices=list(GROUNDS))
    reason = s.CharField()
    measure = s.CharField(help_text="这期间的安全措施")
    told = s.CharField(required=False, help_text="怎样告知反映人的；有反映人时必填")
    amount = s.IntegerField(required=False, help_text="延期多少，按原时限的单位；不填为原时限再给一次")
    until = s.DateTimeField(required=False, help_text="挂账至")
    next_step = s.CharField(required=False, help_text="挂账时必填")
    attachments = s.ListField(child=s.UUIDField(), required=False, help_text="挂账、剔除必须有凭据")


class ReliefAnswer(s.Serializer):
    reason = s.CharField(required=False, help_text="不批准时必填")
