"""The shapes of bodies and answers, for the published schema."""

from __future__ import annotations

from rest_framework import serializers as s

from grid import kinds

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
    valid_from = s.DateField(required=False)
    basis = s.CharField(required=False)


class PlaceMove(s.Serializer):
    """rename 要 name，move 要 parent，retire 可带 target（承接地点）。"""

    version = s.IntegerField()
    name = s.CharField(required=False)
    parent = s.CharField(required=False)
    target = s.CharField(required=False)
    basis = s.CharField(required=False)


class Impact(s.Serializer):
    subject = s.CharField()
    count = s.IntegerField()
    sentence = s.CharField()
    blocks = s.BooleanField()


class PlaceMoved(PlaceInFull):
    """演练（dry_run=1）时是现在的样子，加上会有什么影响。"""

    dry_run = s.BooleanField()
    impacts = Impact(many=True)
