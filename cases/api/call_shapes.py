"""The shapes of what is sent to a case, and of the answers: new calls, moves, facts."""

from __future__ import annotations

from django.conf import settings
from rest_framework import serializers as s

from cases import kinds
from cases.api.shapes import Case


class NewCaller(s.Serializer):
    name = s.CharField(required=False)
    phone = s.CharField(required=False)
    anonymous = s.BooleanField(required=False)
    contact_by = s.CharField(required=False)
    for_person = s.CharField(required=False)
    language = s.ChoiceField(
        choices=[code for code, _name in settings.LANGUAGES],
        required=False,
        help_text="发给反映人的短信用什么语言",
    )


class NewCall(s.Serializer):
    """文字、照片、录音，留一样就行。"""

    place = s.CharField(help_text="地点编码，街道或以下；旧编码也认")
    text = s.CharField(required=False)
    attachments = s.ListField(child=s.UUIDField(), required=False)
    subject = s.CharField(required=False)
    item = s.CharField(required=False)
    kind = s.ChoiceField(choices=list(kinds.KINDS), required=False)
    urgency = s.ChoiceField(choices=list(kinds.URGENCIES), required=False)
    channel = s.ChoiceField(choices=list(kinds.CHANNELS), required=False)
    origin = s.ChoiceField(choices=list(kinds.ORIGINS), required=False)
    caller = NewCaller(required=False)
    about = s.CharField(required=False, help_text="单位编码，或 account:用户名")
    confidential = s.BooleanField(required=False)
    lat = s.FloatField(required=False)
    lng = s.FloatField(required=False)
    captured_at = s.DateTimeField(required=False)
    called_at = s.DateTimeField(required=False)
    external_ref = s.CharField(required=False)
    outer_due_at = s.DateTimeField(required=False)
    round = s.IntegerField(required=False, help_text="本人哪次巡查走访时发现的")
    join = s.CharField(required=False, help_text="在办工单编号：作为它的另一位反映人，不另立一件")


class Taken(s.Serializer):
    number = s.CharField()
    tracking_code = s.CharField()
    joined = s.BooleanField(help_text="并入了在办的一件；编号是那一件的")
    case = Case()


class MoveBody(s.Serializer):
    """`version` 必填；其余字段按 `moves[].needs`。"""

    version = s.IntegerField()
    item = s.CharField(required=False)
    kind = s.ChoiceField(choices=list(kinds.KINDS), required=False)
    reason = s.CharField(required=False)
    ground = s.CharField(required=False)
    grounds = s.CharField(required=False)
    instead = s.CharField(required=False)
    result = s.CharField(required=False)
    attachments = s.ListField(child=s.UUIDField(), required=False)
    organisation = s.CharField(required=False)
    assisting = s.ListField(child=s.CharField(), required=False)
    wanted = s.ListField(child=s.CharField(), required=False)
    until = s.DateTimeField(required=False)
    measure = s.CharField(required=False)
    next_step = s.CharField(required=False)
    question = s.CharField(required=False)
    answer = s.CharField(required=False)
    told = s.CharField(required=False, help_text="反馈：告诉了什么；不予受理：是否已告知（true）")
    everywhere = s.BooleanField(required=False, help_text="反馈母件：也这样答复下面各处的反映人")
    channel = s.ChoiceField(choices=list(kinds.CONTACT_CHANNELS), required=False)
    target = s.CharField(required=False)


class FactBody(s.Serializer):
    """字段按 `facts[].needs`；改小项、地点、紧急程度、经办人的要带 `version`。"""

    version = s.IntegerField(required=False)
    text = s.CharField(required=False)
    reason = s.CharField(required=False)
    attachments = s.ListField(child=s.UUIDField(), required=False)
    channel = s.ChoiceField(choices=list(kinds.CONTACT_CHANNELS), required=False)
    reached = s.BooleanField(required=False)
    captured_at = s.DateTimeField(
        required=False, help_text="联系、报到、制止：没有信号时手机记下的时间，72 小时以内；时钟按它停"
    )
    done = s.CharField(required=False, help_text="核查：是否办好（true）；阶段性反馈：做了什么")
    next = s.CharField(required=False)
    until = s.DateTimeField(required=False)
    person = s.CharField(required=False)
    item = s.CharField(required=False)
    kind = s.ChoiceField(choices=list(kinds.KINDS), required=False)
    place = s.CharField(required=False)
    urgency = s.ChoiceField(choices=list(kinds.URGENCIES), required=False)
    assisting = s.ListField(child=s.CharField(), required=False, help_text="单位编码")
    call = s.IntegerField(required=False, help_text="calls[].id")
    told = s.CharField(required=False)
    parent = s.CharField(required=False, help_text="母件的工单编号")
    places = s.ListField(child=s.CharField(), required=False, help_text="地点编码")


class Contact(s.Serializer):
    number = s.CharField()
    tracking_code = s.CharField()
    name = s.CharField()
    phone = s.CharField()
    anonymous = s.BooleanField()
    contact_by = s.CharField()
    for_person = s.CharField()
    text = s.CharField()


class Moved(Case):
    warnings = s.ListField(
        child=s.CharField(), required=False, help_text="办成了但要留意的，如派去的单位现在没有人能签收"
    )
    places = s.DictField(
        required=False, help_text="只在带 `everywhere` 的“反馈”的回答里：各处办得怎样，如批量办理"
    )


class Recorded(Case):
    contacts = Contact(many=True, required=False, help_text="只在“显示联系方式”的回答里")
    split_into = s.CharField(required=False, help_text="只在“拆出一次反映”的回答里：新工单的编号")
