"""What the rounds look like in the schema."""

from __future__ import annotations

from rest_framework import serializers as s

from cases.kinds import ROUNDS
from grid import kinds as places

NULL = {"allow_null": True}
KIND = list(ROUNDS)


class RoundPlace(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    kind = s.ChoiceField(choices=list(places.KINDS))


class Round(s.Serializer):
    """`made_at`：什么时候去的；离线记下的同 `captured_at`。"""

    id = s.IntegerField()
    place = RoundPlace()
    kind = s.ChoiceField(choices=KIND)
    made_at = s.DateTimeField()
    captured_at = s.DateTimeField(**NULL)
    received_at = s.DateTimeField()
    made_by = s.CharField(help_text="谁去的")
    text = s.CharField(allow_blank=True)
    attachments = s.ListField(child=s.UUIDField())
    cases = s.ListField(child=s.CharField(), help_text="这次发现后登记的工单，看得到的")


class RoundPage(s.Serializer):
    results = Round(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class NewRound(s.Serializer):
    place = s.CharField(help_text="街道以下的地点编码")
    kind = s.ChoiceField(choices=KIND)
    text = s.CharField(required=False)
    attachments = s.ListField(child=s.UUIDField(), required=False)
    captured_at = s.DateTimeField(required=False, help_text="手机记下的时间，最多 72 小时以前")


class AskedRound(s.Serializer):
    """一处该做的巡查或走访。`due`：今天或更早该去；`late`：已过了该去的日子。"""

    place = RoundPlace()
    path = RoundPlace(many=True)
    kind = s.ChoiceField(choices=KIND)
    every_days = s.IntegerField()
    last_at = s.DateTimeField(**NULL)
    due = s.BooleanField()
    late = s.BooleanField()


class CoverNumbers(s.Serializer):
    """`rate`：去过 ÷ 应去；没有应去的为空。"""

    kind = s.ChoiceField(choices=KIND)
    numerator = s.IntegerField(help_text="去过的地点")
    denominator = s.IntegerField(help_text="应去的地点")
    rate = s.FloatField(**NULL)
    late = s.IntegerField(help_text="到今天已逾期的地点")


class CoverRow(s.Serializer):
    place = RoundPlace()
    numbers = CoverNumbers(many=True)


class RoundCover(s.Serializer):
    place = RoundPlace()
    since = s.DateField()
    until = s.DateField()
    numbers = CoverNumbers(many=True)
    below = CoverRow(many=True)


class RuledPlace(s.Serializer):
    code = s.CharField()
    name = s.CharField()


class RoundRule(s.Serializer):
    """`every_days` 为 0 是不要求。"""

    place = RuledPlace()
    place_kind = s.ChoiceField(choices=list(places.INNER))
    place_kind_label = s.CharField()
    kind = s.ChoiceField(choices=KIND)
    kind_label = s.CharField()
    every_days = s.IntegerField()
    words = s.CharField()
    since = s.DateField()
    until = s.DateField(**NULL)
    to_come = s.BooleanField()
    basis = s.CharField()


class NewRoundRule(s.Serializer):
    place = s.CharField(help_text="地点编码，管其及以下")
    place_kind = s.ChoiceField(choices=list(places.INNER))
    kind = s.ChoiceField(choices=KIND)
    every_days = s.IntegerField(min_value=0, max_value=366)
    since = s.DateField(required=False, help_text="不写是今天")
    basis = s.CharField()
