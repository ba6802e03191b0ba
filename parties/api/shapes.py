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
    """What a change asks for: rename name, short_name, needs_release; aliases aliases; serve and leave place; move
    parent; merge into; retire nothing more."""

    version = serializers.IntegerField()
    basis = serializers.CharField(help_text="依据")
    name = serializers.CharField(required=False)
    short_name = serializers.CharField(required=False)
    needs_release = serializers.BooleanField(required=False)
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
