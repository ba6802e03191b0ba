"""What is kept in words is kept in the language of the record, whoever acts and however they read."""

from __future__ import annotations

import pytest
from django.utils import translation

from cases.models import Clock
from tests.builders import a_case, walk

pytestmark = pytest.mark.django_db


def test_reasons_are_kept_in_the_language_of_the_record(town):
    with translation.override("en"):
        case = walk(a_case(), "accept", by="jiedao")
    assert "主办" in case.routing_reason
    reasons = {clock.stage: clock.rule["reason"] for clock in Clock.objects.filter(case=case)}
    assert set(reasons) == {"accept", "dispatch", "resolve", "feedback"}
    assert all("规定" in reason for reason in reasons.values()), reasons
