"""The shapes of what is told while it happens: news, tickets, who is looking."""

from __future__ import annotations

from rest_framework import serializers as s

from cases.api.shapes import texts


class Live(s.Serializer):
    counts = s.DictField(child=s.CharField(), help_text="导航上的数字")
    late = texts()
    fresh = s.IntegerField(help_text="列表打开以后新到的件数")
    fresh_words = s.CharField()
    here = s.DictField(child=s.CharField(), help_text="工单编号 → 谁正在办理")


class LiveTicket(s.Serializer):
    url = s.CharField(help_text="text/event-stream；没有实时进程时为空，请轮询")
    seconds = s.IntegerField()


class Lease(s.Serializer):
    lease = s.CharField(required=False, help_text="上一次得到的；没有就是刚来")
    take = s.BooleanField(required=False, help_text="接手：排到别人前面")


class Somebody(s.Serializer):
    name = s.CharField()
    since = s.DateTimeField()
    lead = s.BooleanField()


class Presence(s.Serializer):
    lease = s.CharField()
    words = s.CharField()
    ahead = s.BooleanField(help_text="别人先在办")
    here = Somebody(many=True)
    version = s.IntegerField()
    entries = s.IntegerField()


class Colleague(s.Serializer):
    username = s.CharField()
    name = s.CharField()
    unit = s.CharField()
