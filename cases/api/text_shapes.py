"""The shapes of standard texts."""

from __future__ import annotations

from rest_framework import serializers as s

from cases.api.shapes import NULL


class StandardText(s.Serializer):
    id = s.IntegerField()
    version = s.IntegerField(required=False)
    organisation = s.CharField(required=False, help_text="单位编码；空：全区通用", **NULL)
    item = s.CharField(required=False, **NULL)
    move = s.CharField(required=False, help_text="空：各步")
    title = s.CharField()
    text = s.CharField(help_text="{单位}、{小项}、{地点}、{期限}、{承办人}、{编号}、{今天}、{我} 用时填入")


class NewText(s.Serializer):
    organisation = s.CharField(required=False)
    item = s.CharField(required=False)
    move = s.CharField(required=False)
    title = s.CharField()
    text = s.CharField()


class ChangedText(NewText):
    version = s.IntegerField()
