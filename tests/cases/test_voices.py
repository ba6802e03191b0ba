from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.voices import NotAVoice, recognise
from tests.cases import sounds

PAGE = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"


@pytest.mark.parametrize("mime", sounds.ALL)
def test_known_formats(mime):
    assert recognise(sounds.ALL[mime]()) == mime


def test_closed_webm_too():
    assert recognise(sounds.webm(open_ended=False)) == "audio/webm"


@pytest.mark.parametrize("mime", sounds.ALL)
def test_with_something_behind(mime):
    with pytest.raises(NotAVoice):
        recognise(sounds.ALL[mime]() + PAGE)


@pytest.mark.parametrize("mime", sounds.ALL)
def test_only_the_first_bytes(mime):
    """A signature alone makes no recording."""
    with pytest.raises(NotAVoice):
        recognise(sounds.ALL[mime]()[:14] + PAGE)


@pytest.mark.parametrize("mime", ["audio/wav", "audio/ogg", "audio/mp4", "audio/amr"])
def test_cut_off(mime):
    with pytest.raises(NotAVoice):
        recognise(sounds.ALL[mime]()[:-9])


def test_films_are_no_voice():
    for film in (sounds.m4a(b"vide"), sounds.webm(b"V_VP8")):
        with pytest.raises(NotAVoice):
            recognise(film)


@given(st.binary(max_size=400), st.sampled_from(sorted(sounds.ALL)), st.integers(0, 40))
def test_never_fails_otherwise(noise, mime, kept):
    """Whatever comes: a known type or NotAVoice."""
    try:
        assert recognise(sounds.ALL[mime]()[:kept] + noise).startswith("audio/")
    except NotAVoice:
        pass
