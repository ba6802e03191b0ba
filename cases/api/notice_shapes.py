"""Shapes of messages: choices, channels, deliveries."""

from __future__ import annotations

from rest_framework import serializers as s

from cases.kinds import URGENCIES
from cases.models.deliveries import CHANNELS, NoticeDelivery
from cases.notices.channels import ERRORS
from cases.notices.kinds import KINDS, MAILS

NULL = {"allow_null": True}


class Notice(s.Serializer):
    id = s.IntegerField()
    event = s.CharField()
    kind = s.CharField(help_text="哪一类，见消息偏好")
    text = s.CharField()
    number = s.CharField(**NULL)
    at = s.DateTimeField()
    read_at = s.DateTimeField(**NULL)
    quiet_until = s.DateTimeField(**NULL)


class NoticePage(s.Serializer):
    results = Notice(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class ReadBody(s.Serializer):
    """`ids`，或 `all`（可同时带 `kind`、`case`）。"""

    ids = s.ListField(child=s.IntegerField(), required=False)
    all = s.BooleanField(required=False)
    kind = s.ChoiceField(choices=list(KINDS), required=False)
    case = s.CharField(required=False)


class Done(s.Serializer):
    done = s.IntegerField(help_text="实际改动了几条")


class Preference(s.Serializer):
    kind = s.ChoiceField(choices=list(KINDS))
    label = s.CharField()
    mail = s.ChoiceField(choices=list(MAILS))
    mention = s.BooleanField(help_text="群机器人里 @")
    own = s.BooleanField(help_text="自己选的；否则是默认")


class Preferences(s.Serializer):
    email = s.CharField(allow_blank=True)
    chat_id = s.CharField(allow_blank=True, help_text="企业微信、钉钉里的账号")
    quiet_from = s.CharField(help_text="HH:MM")
    quiet_until = s.CharField(help_text="HH:MM，与 quiet_from 相同即不设")
    choices = Preference(many=True)


class ChoiceBody(s.Serializer):
    mail = s.ChoiceField(choices=list(MAILS))
    mention = s.BooleanField()


class PreferencesBody(s.Serializer):
    """给出哪项改哪项。"""

    email = s.CharField(required=False, allow_blank=True)
    chat_id = s.CharField(required=False, allow_blank=True)
    quiet_from = s.CharField(required=False)
    quiet_until = s.CharField(required=False)
    choices = s.DictField(child=ChoiceBody(), required=False, help_text="{kind: {mail, mention}}")


class Channel(s.Serializer):
    """地址和密钥存下后不再给出；`shown` 只认得出是哪里。"""

    id = s.IntegerField()
    name = s.CharField()
    channel = s.ChoiceField(choices=list(CHANNELS))
    organisation = s.CharField()
    shown = s.CharField()
    signed = s.BooleanField(help_text="有密钥")
    kinds = s.ListField(child=s.ChoiceField(choices=list(KINDS)))
    least_urgency = s.ChoiceField(choices=list(URGENCIES))
    is_on = s.BooleanField()
    failures = s.IntegerField(help_text="连续失败几次")
    paused_until = s.DateTimeField(**NULL)
    sent_at = s.DateTimeField(help_text="上次送到", **NULL)


class ChannelChange(s.Serializer):
    name = s.CharField(required=False, max_length=60)
    address = s.CharField(required=False, max_length=500, write_only=True)
    secret = s.CharField(required=False, allow_blank=True, max_length=200, write_only=True)
    kinds = s.ListField(child=s.ChoiceField(choices=list(KINDS)), required=False)
    least_urgency = s.ChoiceField(choices=list(URGENCIES), required=False)
    is_on = s.BooleanField(required=False)


class NewChannel(ChannelChange):
    organisation = s.CharField(help_text="单位编码或名称")
    channel = s.ChoiceField(choices=list(CHANNELS))


class Delivery(s.Serializer):
    id = s.IntegerField()
    state = s.ChoiceField(choices=list(NoticeDelivery.STATES))
    channel = s.ChoiceField(choices=list(CHANNELS))
    words = s.CharField()
    number = s.CharField(**NULL)
    to = s.CharField(help_text="通道的名称，或收件人")
    shown = s.CharField()
    error = s.ChoiceField(choices=list(ERRORS), **NULL)
    why = s.CharField(**NULL)
    left_as = s.CharField(help_text="短信：用什么语言、拆成几条、有没有改用中文", **NULL)
    tries = s.IntegerField()
    at = s.DateTimeField()
    next_at = s.DateTimeField(help_text="下次再试", **NULL)
    ended_at = s.DateTimeField(**NULL)


class DeliveryPage(s.Serializer):
    results = Delivery(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)


class FailureIds(s.Serializer):
    ids = s.ListField(child=s.IntegerField())
