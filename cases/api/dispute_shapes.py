"""The shapes of what a desk reads before it rules."""

from __future__ import annotations

from rest_framework import serializers as s

NULL = {"allow_null": True}


class Item(s.Serializer):
    name = s.CharField()
    level = s.CharField()
    lead = s.CharField(help_text="清单主办")


class Duty(s.Serializer):
    unit = s.CharField()
    part = s.CharField()
    place = s.CharField()
    whole = s.BooleanField(help_text="整个大类的规定")
    basis = s.CharField()
    since = s.DateField()


class Decline(s.Serializer):
    ground = s.CharField()
    named = s.CharField()
    words = s.CharField()
    who = s.CharField()
    at = s.DateTimeField()


class Statement(s.Serializer):
    words = s.CharField()
    round = s.IntegerField()
    who = s.CharField()
    at = s.DateTimeField()


class Party(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    now = s.BooleanField(help_text="现在在它手里")
    named = s.BooleanField(help_text="被指名，未经手")
    minutes = s.CharField(help_text="计入它的办公时间")
    declines = Decline(many=True)
    statements = Statement(many=True)
    silent = s.BooleanField()


class Ruling(s.Serializer):
    unit = s.CharField()
    final = s.BooleanField()
    grounds = s.CharField()
    who = s.CharField()
    at = s.DateTimeField()


class PastRuling(s.Serializer):
    number = s.CharField()
    title = s.CharField()
    place_text = s.CharField()
    unit = s.CharField()
    final = s.BooleanField()
    grounds = s.CharField()
    at = s.DateTimeField()
    kept = s.BooleanField()


class Dispute(s.Serializer):
    """各方的理由、陈述和用时，职责行及依据，同类裁定。"""

    waits = s.BooleanField(help_text="有争议，等裁定")
    since = s.DateTimeField(**NULL)
    round = s.IntegerField()
    final = s.BooleanField()
    declines = s.IntegerField()
    desk = s.CharField(help_text="裁定单位")
    item = Item(**NULL)
    duties = Duty(many=True)
    parties = Party(many=True)
    rulings = Ruling(many=True)
    past = PastRuling(many=True)
    kept = s.BooleanField()
