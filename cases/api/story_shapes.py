"""The shapes of what a case has gone through: its timeline, and why a deadline is where it is."""

from __future__ import annotations

from rest_framework import serializers as s

from cases.api.shapes import NULL, Attachment, texts


class Doer(s.Serializer):
    username = s.CharField(**NULL)
    name = s.CharField()
    role = s.CharField()
    role_label = s.CharField()
    system = s.BooleanField()


class TimelineEntry(s.Serializer):
    seq = s.IntegerField()
    event = s.CharField()
    at = s.DateTimeField()
    recorded_at = s.DateTimeField()
    actor = Doer()
    details = s.DictField()
    texts = s.DictField(child=s.CharField())
    hidden = s.BooleanField()
    attachments = Attachment(many=True)


TimelineEntry._declared_fields["label"] = s.CharField()


class Timeline(s.Serializer):
    results = TimelineEntry(many=True)


class WhyLine(s.Serializer):
    """Like days in a row: what they count towards the step, and what has been counted with them."""

    words = s.CharField()
    counted = s.FloatField()
    total = s.FloatField()

    def get_fields(self):
        return {"from": s.DateField(), "to": s.DateField(), **super().get_fields()}


class WhyStep(s.Serializer):
    kind = s.ChoiceField(["start", "pause", "stop", "resume", "void", "extend", "cap", "replan"])
    at = s.DateTimeField()
    due_at = s.DateTimeField()
    said = texts()
    unit = s.ChoiceField(["day", "second"])
    lines = WhyLine(many=True)


class Why(s.Serializer):
    due_at = s.DateTimeField()
    provisional = s.BooleanField()
    sentences = texts()
    steps = WhyStep(many=True)
