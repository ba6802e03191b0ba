"""Strings are gathered from code and templates, and the catalogue is compiled without gettext."""

import gettext

import pytest

from config import words


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "cases").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "cases" / "some.py").write_text(
        'from django.utils.translation import gettext as _, ngettext\nA = _("受理")\nB = ngettext("%(n)s 件", "%(n)s 件", 2)\n'
    )
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}<h1>{% translate "我的工单" %}</h1>{% blocktranslate %}共 {{ n }} 件{% endblocktranslate %}'
    )
    monkeypatch.setattr(words, "PROJECT", tmp_path)
    monkeypatch.setattr(words, "CATALOGUE", tmp_path / "locale" / "en" / "LC_MESSAGES" / "django.po")
    return tmp_path


def test_gathering_finds_code_and_templates(project):
    found = {message.id for message in words.gather() if message.id}
    assert found == {"受理", ("%(n)s 件", "%(n)s 件"), "我的工单", "共 %(n)s 件"}


def test_the_catalogue_is_complete_only_when_translated(project):
    assert len(words.faults()) == 4
    words.update()
    assert {fault.split("：")[0] for fault in words.faults()} == {"没有英文译文"}
    text = words.CATALOGUE.read_text()
    text = text.replace('msgid "受理"\nmsgstr ""', 'msgid "受理"\nmsgstr "Accept"')
    text = text.replace('msgid "我的工单"\nmsgstr ""', 'msgid "我的工单"\nmsgstr "My cases"')
    text = text.replace('msgid "共 %(n)s 件"\nmsgstr ""', 'msgid "共 %(n)s 件"\nmsgstr "%(m)s in all"')
    text = text.replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(n)s case"\nmsgstr[1] "%(n)s cases"')
    words.CATALOGUE.write_text(text)
    assert [fault.split("：")[0] for fault in words.faults()] == ["占位符不一致"]
    words.CATALOGUE.write_text(text.replace("%(m)s in all", "%(n)s in all"))
    assert words.faults() == []

    words.update()  # changes nothing: what is translated stays
    assert words.faults() == []
    (written,) = words.compile_all()
    with written.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("受理") == "Accept"
    assert compiled.ngettext("%(n)s 件", "%(n)s 件", 2) == "%(n)s cases"
    assert words.compile_all() == []
