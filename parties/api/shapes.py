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
