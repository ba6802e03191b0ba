"""The shapes of bodies and answers, for the published schema."""

from __future__ import annotations

from rest_framework import serializers as s

from grid import kinds
from grid.models import Draft as DraftRow

Status = DraftRow.Status

NULL = {"allow_null": True}


class PathStep(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    kind = s.CharField()


class Place(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    kind = s.ChoiceField(choices=list(kinds.KINDS))
    parent = s.CharField(**NULL)
    path = PathStep(many=True)
    version = s.IntegerField()
    aliases = s.ListField(child=s.CharField())
    managed_by = s.CharField(**NULL)
    management = s.ChoiceField(choices=list(kinds.MANAGEMENT), allow_blank=True)
    lon = s.FloatField(**NULL)
    lat = s.FloatField(**NULL)
    households = s.IntegerField(**NULL)
    residents = s.IntegerField(**NULL)
    valid_from = s.DateField(**NULL)
    retired_at = s.DateTimeField(**NULL)
    successors = s.ListField(child=s.CharField())


class PlaceInFull(Place):
    boundary = s.DictField(**NULL)
    datum = s.CharField()


class PlacePage(s.Serializer):
    results = Place(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class NewPlace(s.Serializer):
    kind = s.ChoiceField(choices=list(kinds.KINDS))
    name = s.CharField()
    parent = s.CharField(required=False, help_text="上级编码；省可以没有")
    code = s.CharField(required=False, help_text="不写则自动编")
    aliases = s.ListField(child=s.CharField(), required=False)
    boundary = s.DictField(required=False)
    lon = s.FloatField(required=False)
    lat = s.FloatField(required=False)
    households = s.IntegerField(required=False)
    residents = s.IntegerField(required=False)
    managed_by = s.CharField(required=False, help_text="所属小区的编码")
    management = s.ChoiceField(choices=list(kinds.MANAGEMENT), required=False, help_text="只写在小区上")
    valid_from = s.DateField(required=False)
    basis = s.CharField(required=False)


class Part(s.Serializer):
    name = s.CharField(required=False, help_text="split：这一部分的名称")
    code = s.CharField(required=False, help_text="split：不写则自动编；merge：一并并入的地点")
    children = s.ListField(child=s.CharField(), required=False, help_text="split：分给它的下级编码")
    boundary = s.DictField(required=False)
    version = s.IntegerField(required=False, help_text="merge：您看到的版本号")


class PlaceMove(s.Serializer):
    """rename 要 name，recode 要 code，move 要 parent，merge 要 target 或新地点的 name（可带 parts），split 要 parts，
    retire 可带 target（承接地点；几个一起承接用 targets），set_facts 要改哪样带哪样（null 为去掉）。at 是今天之后的零点（日期即可）时，到时才生效，回答里有 draft。"""

    version = s.IntegerField()
    name = s.CharField(required=False)
    code = s.CharField(required=False)
    parent = s.CharField(required=False)
    target = s.CharField(required=False)
    targets = s.ListField(child=s.CharField(), required=False)
    aliases = s.ListField(child=s.CharField(), required=False, allow_null=True)
    households = s.IntegerField(required=False, **NULL)
    residents = s.IntegerField(required=False, **NULL)
    managed_by = s.CharField(required=False, help_text="所属小区的编码", **NULL)
    management = s.ChoiceField(choices=list(kinds.MANAGEMENT), required=False, **NULL)
    lon = s.FloatField(required=False, **NULL)
    lat = s.FloatField(required=False, **NULL)
    datum = s.CharField(required=False, help_text="lon、lat 的坐标基准")
    valid_from = s.DateField(required=False, **NULL)
    parts = Part(many=True, required=False)
    at = s.CharField(required=False)
    basis = s.CharField(required=False)


class Impact(s.Serializer):
    subject = s.CharField()
    count = s.IntegerField()
    sentence = s.CharField()
    blocks = s.BooleanField()
    examples = s.ListField(child=s.CharField())


class PlaceMoved(PlaceInFull):
    """演练（dry_run=1）时是现在的样子，加上会有什么影响。"""

    dry_run = s.BooleanField()
    impacts = Impact(many=True)
    draft = s.IntegerField(**NULL)


class PlaceThen(s.Serializer):
    """一个地点在某一天结束时的样子。"""

    code = s.CharField()
    name = s.CharField()
    kind = s.ChoiceField(choices=list(kinds.KINDS))
    parent = s.CharField(**NULL)
    path = PathStep(many=True)
    retired = s.BooleanField()
    as_of = s.DateField()


class PlaceDifference(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    kind = s.ChoiceField(choices=list(kinds.KINDS))
    changes = s.ListField(
        child=s.ChoiceField(choices=["opened", "renamed", "recoded", "moved", "retired", "restored"])
    )
    before = PlaceThen(**NULL)
    after = PlaceThen(**NULL)


class DifferencePage(s.Serializer):
    results = PlaceDifference(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class PlaceEvent(s.Serializer):
    at = s.DateTimeField()
    event = s.CharField()
    label = s.CharField()
    sentence = s.CharField()
    role = s.CharField()
    basis = s.CharField()
    draft = s.IntegerField(**NULL)


class History(s.Serializer):
    code = s.CharField()
    results = PlaceEvent(many=True)


COMMANDS = ("open", "rename", "recode", "move", "set_facts", "merge", "split", "retire", "restore")


class NewStep(s.Serializer):
    """command 和 args：open {kind, name, parent?, code?, …} · rename {place, name} · recode {place, code} ·
    move {place, parent} · set_facts {place, 要改的（null 为去掉）} · merge {places, target 或 name} ·
    split {place, parts} · retire {place, target? 或 targets?} · restore {place}；“~3”指第 3 步新设的地点，“~3.2”指第 3 步拆出的第二部分。"""

    command = s.ChoiceField(choices=COMMANDS)
    args = s.DictField()


class DraftStep(NewStep):
    n = s.IntegerField()


class NewDraft(s.Serializer):
    basis = s.CharField(required=False)
    effective_on = s.DateField(required=False, allow_null=True, help_text="今天之后的一天：那天零点生效")


class Draft(s.Serializer):
    id = s.IntegerField()
    status = s.ChoiceField(choices=Status.choices)
    basis = s.CharField()
    effective_on = s.DateField(**NULL)
    version = s.IntegerField()
    problem = s.CharField()
    changed_at = s.DateTimeField()
    published_at = s.DateTimeField(**NULL)
    undoes = s.IntegerField(**NULL)
    undone = s.BooleanField()
    mine = s.BooleanField()
    steps = DraftStep(many=True)
    elsewhere = s.IntegerField(help_text="不在您范围内的步数")


class DraftPage(s.Serializer):
    results = Draft(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class DraftMove(s.Serializer):
    """arrange 要 order（各步的序号）。"""

    order = s.ListField(child=s.IntegerField(), required=False)
    basis = s.CharField(required=False)


class CheckedStep(s.Serializer):
    n = s.IntegerField()
    command = s.CharField()
    sentence = s.CharField()
    place = PathStep(**NULL)
    impacts = Impact(many=True)
    problem = s.CharField()


class Blocking(s.Serializer):
    n = s.IntegerField(**NULL)
    sentence = s.CharField()
    status = s.IntegerField()


class Waiting(s.Serializer):
    """别的待生效的改动，涉及同样的对象。"""

    draft = s.IntegerField()
    effective_on = s.DateField()
    steps = s.IntegerField()


class Checked(s.Serializer):
    publishable = s.BooleanField()
    changes = CheckedStep(many=True)
    blocking = Blocking(many=True)
    waiting = Waiting(many=True)
