"""The profile decides, then a cookie, then Chinese; the browser is never asked."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory

from config.language import LanguageMiddleware, language_of


def request(user_language=None, cookie=None, session=True, header="en-US,en;q=0.9"):
    asked = RequestFactory().get("/", headers={"Accept-Language": header})
    if cookie is not None:
        asked.COOKIES["huying_language"] = cookie
    if session:
        asked.COOKIES["sessionid"] = "x"
    known = user_language is not None
    asked.user = SimpleNamespace(is_authenticated=known, language=user_language)
    return asked


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        (request(), "zh-hans"),
        (request(cookie="en"), "en"),
        (request(cookie="tlh"), "zh-hans"),
        (request(user_language="zh-hans", cookie="en"), "zh-hans"),
        (request(user_language="en"), "en"),
        (request(user_language=""), "zh-hans"),
    ],
)
def test_who_decides(asked, spoken):
    assert language_of(asked) == spoken


def test_the_answer_says_its_language_and_leaves_none_behind():
    from django.http import HttpResponse
    from django.utils import translation

    before = translation.get_language()
    answer = LanguageMiddleware(lambda _: HttpResponse(translation.get_language()))(request(cookie="en"))
    assert answer.content == b"en"
    assert answer["Content-Language"] == "en"
    assert translation.get_language() == before
