"""The shapes of the answers, for the published schema."""

from __future__ import annotations

from rest_framework import serializers


class PlaceShape(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()


class UnitShape(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.CharField()


class Me(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    places = PlaceShape(many=True)
    organisations = UnitShape(many=True)
    capabilities = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField()


class OrganisationShape(UnitShape):
    aliases = serializers.ListField(child=serializers.CharField())
    kind_label = serializers.CharField()
    level = serializers.CharField()
    parent = serializers.CharField(allow_null=True)
    template = serializers.CharField(allow_null=True)
    serves = PlaceShape(many=True)
    needs_release = serializers.BooleanField()
    auto_dispatch = serializers.BooleanField(help_text="受理台：受理后按职责行直派")
    retired = serializers.BooleanField()
    merged_into = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(required=False, help_text="只在单个单位里")


class NewOrganisation(serializers.Serializer):
    """`parent`: the code of the unit above; nothing for one that hangs under none."""

    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    parent = serializers.CharField(required=False)
    short_name = serializers.CharField(required=False)
    aliases = serializers.ListField(child=serializers.CharField(), required=False)
    serves = serializers.CharField(required=False, help_text="地点编码")
    desk_of = serializers.CharField(required=False, help_text="地点编码")
    needs_release = serializers.BooleanField(required=False)
    basis = serializers.CharField(help_text="依据")


class OrganisationChange(serializers.Serializer):
    """What a change asks for: rename name, short_name, needs_release, auto_dispatch; aliases aliases; serve and leave place; move
    parent; merge into; retire nothing more."""

    version = serializers.IntegerField()
    basis = serializers.CharField(help_text="依据")
    name = serializers.CharField(required=False)
    short_name = serializers.CharField(required=False)
    needs_release = serializers.BooleanField(required=False)
    auto_dispatch = serializers.BooleanField(required=False)
    aliases = serializers.ListField(child=serializers.CharField(), required=False)
    place = serializers.CharField(required=False, help_text="地点编码")
    parent = serializers.CharField(required=False, help_text="单位编码")
    into = serializers.CharField(required=False, help_text="单位编码")


class Difference(serializers.Serializer):
    label = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class Consequence(serializers.Serializer):
    subject = serializers.CharField()
    count = serializers.IntegerField()
    sentence = serializers.CharField()
    blocks = serializers.BooleanField()


class OrganisationChanged(serializers.Serializer):
    organisation = OrganisationShape(allow_null=True)
    changes = Difference(many=True)
    impacts = Consequence(many=True)
    dry_run = serializers.BooleanField()


class PostingShape(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    duty = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_null=True)
    organisation = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)
    on_duty = serializers.BooleanField()
    confirmed = serializers.BooleanField()
    substitute = serializers.CharField(allow_null=True)
    substitute_from = serializers.DateTimeField(allow_null=True)
    substitute_until = serializers.DateTimeField(allow_null=True)


class AccountShape(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True, help_text="只见首尾")
    language = serializers.CharField()
    is_active = serializers.BooleanField()
    must_change_password = serializers.BooleanField()
    opened_at = serializers.DateTimeField()
    postings = PostingShape(many=True, required=False)


class AccountPage(serializers.Serializer):
    results = AccountShape(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class PostingPage(serializers.Serializer):
    results = PostingShape(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class NewAccount(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField(required=False)
    language = serializers.CharField(required=False)


class NewPosting(serializers.Serializer):
    """`place` or `organisation`, one of the two. Days are local; `until` is the last day."""

    account = serializers.CharField(help_text="用户名")
    role = serializers.CharField()
    duty = serializers.CharField(
        required=False, help_text="职务：group_lead 楼组长、guide 引导员（按楼栋长任职）"
    )
    place = serializers.CharField(required=False)
    organisation = serializers.CharField(required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    on_duty = serializers.BooleanField(required=False)


class StaffAct(serializers.Serializer):
    """What an act asks for: post as a new posting; substitute substitute, since, until; reveal reason."""

    role = serializers.CharField(required=False)
    duty = serializers.CharField(required=False)
    place = serializers.CharField(required=False)
    organisation = serializers.CharField(required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)
    on_duty = serializers.BooleanField(required=False)
    substitute = serializers.CharField(required=False, help_text="用户名")
    reason = serializers.ChoiceField(["urgent", "handover", "correct", "complaint"], required=False)


class StaffDone(serializers.Serializer):
    account = AccountShape()
    posting = PostingShape(allow_null=True)
    impacts = Consequence(many=True)
    dry_run = serializers.BooleanField()
    password = serializers.CharField(required=False, help_text="只在这一次回答里")
    phone = serializers.CharField(required=False, help_text="只在这一次回答里")


class GroundPerson(serializers.Serializer):
    username = serializers.CharField()
    name = serializers.CharField()
    phone = serializers.CharField(allow_blank=True, help_text="只见首尾")
    role = serializers.CharField()
    duty = serializers.CharField(allow_blank=True, help_text="职务：group_lead 楼组长、guide 引导员")
    place = serializers.CharField()
    on_duty = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)
    substitute = serializers.CharField(allow_blank=True)
    substitute_phone = serializers.CharField(allow_blank=True, help_text="只见首尾")


class GroundPeople(serializers.Serializer):
    place = serializers.CharField()
    people = GroundPerson(many=True)
    gaps = serializers.DictField(child=serializers.IntegerField(), help_text="缺口种类 → 多少处")


class Gap(serializers.Serializer):
    gap = serializers.CharField()
    name = serializers.CharField()
    where = serializers.CharField(allow_blank=True)
    code = serializers.CharField(required=False, help_text="地点编码")
    unit = serializers.CharField(required=False, help_text="单位编码")
    username = serializers.CharField(required=False)
    until = serializers.DateTimeField(required=False, allow_null=True)


class GapPage(serializers.Serializer):
    results = Gap(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


COMMANDS = ("open", "rename", "aliases", "move", "merge", "serve", "leave", "retire", "restore")


class NewUnitStep(serializers.Serializer):
    """command 和 args：open {name, code, kind, parent?, short_name?, aliases?, serves?, desk_of?, needs_release?} ·
    rename {unit, name?, short_name?, needs_release?, auto_dispatch?} · aliases {unit, aliases?} · move {unit, parent?} ·
    merge {units, target} · serve {unit, place} · leave {unit, place} · retire {unit} · restore {unit}；
    “~3”指第 3 步新设的单位。"""

    command = serializers.ChoiceField(choices=COMMANDS)
    args = serializers.DictField()
