"""The shapes of the duty rows' bodies and answers, for the published schema."""

from __future__ import annotations

from rest_framework import serializers as s

from cases import duty_import
from cases.models.rules import DutyRow
from cases.queries import duties
from cases.routing import explain, lint

NULL = {"allow_null": True}


class DutyRowShape(s.Serializer):
    id = s.IntegerField()
    item = s.CharField(**NULL)
    category = s.CharField(**NULL)
    name = s.CharField(help_text="小项或大类的名称")
    place = s.CharField()
    place_name = s.CharField()
    organisation = s.CharField(**NULL)
    template = s.CharField(**NULL, help_text="镇街机构：各地用自己的那一个")
    unit_name = s.CharField()
    part = s.ChoiceField(choices=DutyRow.Part.values)
    direct = s.BooleanField(help_text="街道可直派")
    since = s.DateField()
    until = s.DateField(**NULL, help_text="失效的第一天")
    basis = s.CharField()
    state = s.ChoiceField(choices=list(duties.TABS))


class DutyPage(s.Serializer):
    results = DutyRowShape(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class DutyChange(s.Serializer):
    """不写的照旧。"""

    organisation = s.CharField(required=False)
    template = s.CharField(required=False)
    part = s.ChoiceField(choices=DutyRow.Part.values, required=False)
    direct = s.BooleanField(required=False)
    since = s.DateField(required=False, help_text="不写是今天")
    until = s.DateField(required=False, **NULL)
    basis = s.CharField(required=False)


class NewDuty(DutyChange):
    """`item` 和 `category` 写一个，`organisation` 和 `template` 写一个。"""

    item = s.CharField(required=False)
    category = s.CharField(required=False)
    place = s.CharField()


class DutyEnd(s.Serializer):
    on = s.DateField(required=False, help_text="失效日；不写是今天")


class DutyCandidate(s.Serializer):
    row = s.IntegerField()
    why = s.ChoiceField(choices=explain.ORDER)
    words = s.CharField()
    organisation = s.CharField(**NULL)


class DutyTest(s.Serializer):
    matched = s.BooleanField()
    lead = s.CharField(**NULL)
    assisting = s.ListField(child=s.CharField())
    direct = s.BooleanField()
    unambiguous = s.BooleanField()
    reason = s.CharField()
    candidates = DutyCandidate(many=True)


class DutyGap(s.Serializer):
    item = s.CharField()
    why = s.ChoiceField(choices=[lint.NO_ROW, lint.ENDED, lint.UNFILLED])
    sentence = s.CharField()
    communities = s.ListField(child=s.CharField())


class DutyLint(s.Serializer):
    gaps = DutyGap(many=True)
    overlaps = s.ListField(child=s.ListField(child=s.IntegerField()))
    ended_units = s.ListField(child=s.IntegerField())
    retired_places = s.ListField(child=s.IntegerField())
    unfilled = s.DictField(child=s.ListField(child=s.CharField()))


class DutyLine(s.Serializer):
    """一行，同导入表的列；小项、大类、地点、单位可写编码或名称。"""

    item = s.CharField(required=False)
    category = s.CharField(required=False)
    place = s.CharField()
    organisation = s.CharField(required=False)
    template = s.CharField(required=False)
    part = s.CharField(required=False)
    direct = s.CharField(required=False)
    since = s.DateField(required=False)
    until = s.DateField(required=False)
    basis = s.CharField(required=False)
    status = s.CharField(required=False, help_text="建议：不导入")


class DutySheet(s.Serializer):
    rows = DutyLine(many=True)


class DutyEffect(s.Serializer):
    number = s.IntegerField(help_text="第几行，从 1 数")
    does = s.ChoiceField(
        choices=[
            duty_import.OPEN,
            duty_import.CHANGE,
            duty_import.END,
            duty_import.SAME,
            duty_import.SUGGESTED,
            duty_import.WRONG,
        ]
    )
    problem = s.CharField()


class DutyImport(s.Serializer):
    published = s.BooleanField()
    effects = DutyEffect(many=True)


class DutyProposal(s.Serializer):
    item = s.CharField()
    place = s.CharField()
    organisation = s.CharField()
    support = s.IntegerField()
    total = s.IntegerField()
    confidence = s.FloatField()
    alternatives = s.DictField(child=s.IntegerField(), help_text="单位编码 → 次数")


class NewDutyDraft(NewDuty):
    """`row` 写明改哪一行：`end` 为真是终止（`on` 是失效日），否则是变更；不写 `row` 是新的一行。"""

    row = s.IntegerField(required=False)
    end = s.BooleanField(required=False)
    on = s.DateField(required=False)
    place = s.CharField(required=False)


class DutyReplayAsked(s.Serializer):
    since = s.DateField()
    until = s.DateField(help_text="含这一天")
    place = s.CharField(required=False, help_text="地点，含以下")


class DutyDraftLine(s.Serializer):
    id = s.IntegerField()
    name = s.CharField()
    created_at = s.DateTimeField()
    published_at = s.DateTimeField(**NULL)
    replay = s.ChoiceField(choices=["none", "waiting", "running", "done", "failed"])


class DutyMoved(s.Serializer):
    now = s.CharField(**NULL, help_text="单位编码；空：留在受理台")
    then = s.CharField(**NULL)
    cases = s.IntegerField()


class DutyMovedCase(s.Serializer):
    number = s.CharField()
    now = s.CharField(**NULL)
    then = s.CharField(**NULL)


class DutyDraftShape(DutyDraftLine):
    effects = DutyEffect(many=True)
    since = s.DateField(**NULL)
    until = s.DateField(**NULL)
    place = s.CharField(**NULL)
    done = s.IntegerField()
    total = s.IntegerField()
    day = s.DateField(**NULL, help_text="按哪一天的职责行推演")
    cases = s.IntegerField(**NULL)
    same = s.IntegerField(**NULL)
    moved = DutyMoved(many=True)
    listed = DutyMovedCase(many=True)
