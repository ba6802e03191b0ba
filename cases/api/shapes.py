"""The shapes of bodies and answers, for the published schema. Nothing here runs when a request is answered."""

from __future__ import annotations

from rest_framework import serializers as s

from cases import kinds
from cases.queries.colours import COLOURS
from cases.reliefs.policy import GROUNDS, STATES, TABLE

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


class NewCaller(s.Serializer):
    name = s.CharField(required=False)
    phone = s.CharField(required=False)
    anonymous = s.BooleanField(required=False)
    contact_by = s.CharField(required=False)
    for_person = s.CharField(required=False)


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
    places = s.DictField(
        required=False, help_text="只在带 `everywhere` 的“反馈”的回答里：各处办得怎样，如批量办理"
    )


class Recorded(Case):
    contacts = Contact(many=True, required=False, help_text="只在“显示联系方式”的回答里")
    split_into = s.CharField(required=False, help_text="只在“拆出一次反映”的回答里：新工单的编号")


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


class WaitsFor(s.Serializer):
    rung = s.CharField(help_text="street、district 或 supervisor")
    desk = UnitName(**NULL)


class Relief(s.Serializer):
    """延期、挂账、剔除的一份申请。"""

    id = s.IntegerField(help_text="本工单的第几份")
    number = s.CharField()
    kind = s.ChoiceField(choices=list(TABLE))
    kind_label = s.CharField()
    state = s.ChoiceField(choices=list(STATES))
    state_label = s.CharField()
    ground = s.CharField()
    ground_label = s.CharField()
    amount = s.IntegerField(**NULL)
    unit = s.CharField(**NULL)
    until = s.DateTimeField(**NULL)
    asked_at = s.DateTimeField()
    asked_by = PersonName(**NULL)
    organisation = UnitName(**NULL)
    due_before = s.DateTimeField()
    due_after = s.DateTimeField(**NULL)
    waits_for = WaitsFor(**NULL)
    decided_at = s.DateTimeField(**NULL)
    decided_by = PersonName(**NULL)
    texts = s.DictField(child=s.CharField())
    answer = s.CharField(**NULL)
    hidden = s.BooleanField()


class Reliefs(s.Serializer):
    results = Relief(many=True)


class NewRelief(s.Serializer):
    """在办结时限之前提出；批准的话从提出之时算起。"""

    kind = s.ChoiceField(choices=list(TABLE))
    ground = s.ChoiceField(choices=list(GROUNDS))
    reason = s.CharField()
    measure = s.CharField(help_text="这期间的安全措施")
    told = s.CharField(required=False, help_text="怎样告知反映人的；有反映人时必填")
    amount = s.IntegerField(required=False, help_text="延期多少，按原时限的单位；不填为原时限再给一次")
    until = s.DateTimeField(required=False, help_text="挂账至")
    next_step = s.CharField(required=False, help_text="挂账时必填")
    attachments = s.ListField(child=s.UUIDField(), required=False, help_text="挂账、剔除必须有凭据")


class ReliefAnswer(s.Serializer):
    reason = s.CharField(required=False, help_text="不批准时必填")


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
