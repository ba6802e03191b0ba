"""The shapes of a case and of what it names, for the published schema. Nothing here runs when a request is answered."""

from __future__ import annotations

from rest_framework import serializers as s

from cases import kinds
from cases.queries.colours import COLOURS

NULL = {"allow_null": True}


def texts() -> s.ListField:
    return s.ListField(child=s.CharField())


class Problem(s.Serializer):
    """RFC 9457. A 409 also carries the current `case`."""

    type = s.CharField()
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField()
    errors = s.DictField(child=texts(), required=False)
    case = s.DictField(required=False)


class PlaceName(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    kind = s.CharField()


class UnitName(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    short_name = s.CharField()


class PersonName(s.Serializer):
    username = s.CharField(**NULL)
    name = s.CharField()


class ItemName(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    category = s.CharField()
    category_name = s.CharField()


class Limit(s.Serializer):
    amount = s.FloatField()
    unit = s.CharField()
    basis = s.CharField()


class ChecklistItem(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    what_to_call = s.CharField()
    level = s.ChoiceField(choices=list(kinds.LEVELS))
    direct = s.BooleanField()
    kind = s.ChoiceField(choices=list(kinds.KINDS))
    lead = s.CharField(help_text="主办单位的编码或职责模板")
    assist = texts()
    urgency = s.ChoiceField(choices=list(kinds.URGENCIES))
    evidence = texts()
    check_required = s.BooleanField()
    sensitive = s.BooleanField()
    claimable = s.BooleanField()
    limit = Limit(**NULL)


class ChecklistCategory(s.Serializer):
    code = s.CharField()
    name = s.CharField()
    items = ChecklistItem(many=True)


class Clock(s.Serializer):
    stage = s.CharField()
    round = s.IntegerField()
    part = s.IntegerField(help_text="0 是主办，其余是协办")
    state = s.ChoiceField(choices=["running", "paused", "stopped"])
    outcome = s.CharField(**NULL)
    started_at = s.DateTimeField()
    due_at = s.DateTimeField()
    warn_at = s.DateTimeField(**NULL)
    stopped_at = s.DateTimeField(**NULL)
    breached_at = s.DateTimeField(**NULL)
    provisional = s.BooleanField()
    colour = s.ChoiceField(choices=list(COLOURS))
    against = UnitName(**NULL)


class Choice(s.Serializer):
    value = s.CharField()
    label = s.CharField()


class Need(s.Serializer):
    field = s.CharField()
    type = s.CharField()
    required = s.BooleanField()
    label = s.CharField()
    choices = Choice(many=True, required=False)
    of = s.CharField(required=False)


Need._declared_fields["label"] = s.CharField()  # a serializer's own `label` argument hides the field's name


class Offer(s.Serializer):
    name = s.CharField()
    needs = Need(many=True)
    enabled = s.BooleanField()
    why_not = s.CharField(**NULL)


Offer._declared_fields["label"] = s.CharField()


class MaskedCaller(s.Serializer):
    name = s.CharField()
    phone = s.CharField(help_text="138****5678")
    anonymous = s.BooleanField()
    contact_by = s.CharField()
    for_person = s.CharField()
    language = s.CharField(help_text="短信的语言；空：中文", **NULL)
    texts_stopped = s.BooleanField(help_text="这个号码退订了短信")
    masked = s.BooleanField()


class Call(s.Serializer):
    id = s.IntegerField()
    number = s.CharField(help_text="所属工单；并入的呼叫仍带自己的工单编号")
    tracking_code = s.CharField(**NULL)
    subject = s.CharField(**NULL)
    text = s.CharField(**NULL)
    hidden = s.BooleanField()
    channel = s.ChoiceField(choices=list(kinds.CHANNELS))
    caller = MaskedCaller(**NULL)
    reporter = PersonName(**NULL)
    called_at = s.DateTimeField()
    captured_at = s.DateTimeField(**NULL)
    received_at = s.DateTimeField()
    lat = s.FloatField(**NULL)
    lng = s.FloatField(**NULL)
    round = s.IntegerField(**NULL, help_text="在哪次巡查走访时发现的")
    withdrawn_at = s.DateTimeField(**NULL)
    told = s.CharField(**NULL)
    told_at = s.DateTimeField(**NULL)
    told_channel = s.CharField(**NULL)


class Uploaded(s.Serializer):
    id = s.UUIDField()
    kind = s.CharField(help_text="photo 或 voice")
    mime = s.CharField()
    size = s.IntegerField()
    width = s.IntegerField()
    height = s.IntegerField()
    uploaded_at = s.DateTimeField()
    sha256 = s.CharField()


class Attachment(s.Serializer):
    id = s.UUIDField()
    kind = s.CharField(help_text="photo 或 voice")
    mime = s.CharField()
    size = s.IntegerField()
    width = s.IntegerField()
    height = s.IntegerField()
    number = s.CharField(help_text="所属工单")
    seq = s.IntegerField(help_text="收入它的那条记录")
    uploaded_at = s.DateTimeField()


class Upload(s.Serializer):
    file = s.FileField()


class Part(s.Serializer):
    n = s.IntegerField()
    organisation = UnitName(**NULL)
    state = s.CharField()
    since = s.DateTimeField()
    signed_at = s.DateTimeField(**NULL)
    ended_at = s.DateTimeField(**NULL)
    result = s.CharField()


class Holding(s.Serializer):
    """一段经办，从派到起算；`worked_minutes` 不含挂账、待补充和办结以后。"""

    organisation = UnitName(**NULL)
    part = s.IntegerField(help_text="0 是主办，其余是协办")
    since = s.DateTimeField()
    until = s.DateTimeField(**NULL)
    signed_at = s.DateTimeField(**NULL)
    ended_by = s.CharField(**NULL)
    wall_minutes = s.IntegerField()
    opening_minutes = s.IntegerField()
    paused_minutes = s.IntegerField(help_text="其中挂账或待补充的")
    worked_minutes = s.IntegerField()
    share = s.FloatField(help_text="占办结时限", **NULL)


class CaseLine(s.Serializer):
    """工单在列表中的一行。"""

    number = s.CharField()
    status = s.ChoiceField(choices=list(kinds.STATUSES))
    status_label = s.CharField()
    version = s.IntegerField()
    title = s.CharField(**NULL)
    kind = s.ChoiceField(choices=list(kinds.KINDS))
    item = ItemName(**NULL)
    urgency = s.ChoiceField(choices=list(kinds.URGENCIES))
    level = s.ChoiceField(choices=list(kinds.LEVELS))
    resolved_level = s.ChoiceField(choices=list(kinds.LEVELS), **NULL)
    origin = s.ChoiceField(choices=list(kinds.ORIGINS))
    channel = s.ChoiceField(choices=list(kinds.CHANNELS))
    place = PlaceName(**NULL)
    path = PlaceName(many=True)
    place_text = s.CharField()
    holder = UnitName(**NULL)
    desk = UnitName(**NULL)
    callers = s.IntegerField()
    colour = s.ChoiceField(choices=list(COLOURS))
    due_at = s.DateTimeField(**NULL)
    promised_at = s.DateTimeField(**NULL)
    word_due_at = s.DateTimeField(help_text="领导批示要求的最早回复时间", **NULL)
    called_at = s.DateTimeField()
    received_at = s.DateTimeField()
    resolved_at = s.DateTimeField(**NULL)
    confidential = s.BooleanField()
    sensitive = s.BooleanField()
    words_hidden = s.BooleanField()


class Child(s.Serializer):
    """一事多处里的一处。"""

    number = s.CharField()
    status = s.ChoiceField(choices=list(kinds.STATUSES))


class Counts(s.Serializer):
    declines = s.IntegerField()
    reworks = s.IntegerField()
    reopens = s.IntegerField()


class CaseDispute(s.Serializer):
    """由谁办的争议：各方、裁定次数、可退单到几时、还可退几次。"""

    disputed_at = s.DateTimeField(help_text="有争议、等裁定的起始时间", **NULL)
    parties = UnitName(many=True)
    rulings = s.IntegerField()
    kept = s.BooleanField(help_text="末次裁定已写入职责清单")
    return_until = s.DateTimeField(**NULL)
    declines_left = s.IntegerField()
    release_asked = s.BooleanField()


class CaseClaims(s.Serializer):
    open = s.BooleanField(help_text="等人认领")
    opened_at = s.DateTimeField(help_text="受理台开放的时间", **NULL)
    promised = s.DateTimeField(help_text="认领时承诺的时间", **NULL)


class Case(CaseLine):
    """一件工单的全部；联系方式总是打码的。"""

    came_from = s.CharField(**NULL)
    holder_person = PersonName(**NULL)
    held_since = s.DateTimeField()
    signed_at = s.DateTimeField(**NULL)
    released = s.BooleanField()
    final = s.BooleanField()
    dispute = CaseDispute()
    claims = CaseClaims()
    answered_at = s.DateTimeField(**NULL)
    ended_at = s.DateTimeField(**NULL)
    verified_at = s.DateTimeField(**NULL)
    counts = Counts()
    proposed = UnitName(**NULL)
    unmatched = s.BooleanField()
    direct = s.BooleanField()
    routing_reason = s.CharField()
    limit = Limit(**NULL)
    external_ref = s.CharField(**NULL)
    parent = s.CharField(help_text="一事多处的母件", **NULL)
    children = Child(many=True)
    merged_into = s.CharField(**NULL)
    merged_from = texts()
    clocks = Clock(many=True)
    moves = Offer(many=True)
    facts = Offer(many=True)
    calls = Call(many=True)
    attachments = Attachment(many=True)
    parts = Part(many=True)
    holdings = Holding(many=True)


class CasePage(s.Serializer):
    results = CaseLine(many=True)
    next = s.URLField(**NULL)
    previous = s.URLField(**NULL)
