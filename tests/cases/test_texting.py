"""The one way to write to a caller: planned with what it tells, secrets sealed."""

from __future__ import annotations

import pytest

from cases import texting
from cases.models import CallerText
from cases.notices import sealing
from tests import builders
from tests.town import MONDAY

pytestmark = pytest.mark.django_db


def test_what_nobody_may_read_stands_sealed(town):
    call = builders.a_case().calls.get()
    text = texting.send(call=call, kind="answered", fields={"unit": "社区", "rating_code": "482913"}, at=MONDAY)
    row = CallerText.objects.values().get(pk=text.pk)
    assert row["fields"] == {"unit": "社区"} and "482913" not in str(row)
    assert texting.fields_of(text) == {"unit": "社区", "rating_code": "482913"}
    text.sealed = text.sealed[:-4] + "AAA="
    with pytest.raises(sealing.Unreadable):
        texting.fields_of(text)


def test_without_a_number_nothing_is_written(town):
    call = builders.a_case(caller={"name": "李四", "contact_by": "visit"}).calls.get()
    assert texting.send(call=call, kind="answered", fields={}, at=MONDAY) is None
    assert not CallerText.objects.exists()
