"""Names as people type them: suffixes dropped, pinyin and initials made at write time.

Pure text work, no query. The phrase tables of pypinyin load on first use, so a process that never
writes a place never pays for them.
"""

from __future__ import annotations

import functools
import re
import unicodedata

# Longest first: 社区居民委员会 must go before 居民委员会.
SUFFIXES: tuple[str, ...] = tuple(
    sorted(
        (
            "社区",
            "居委会",
            "社区居委会",
            "社区居民委员会",
            "居民委员会",
            "村委会",
            "村民委员会",
            "村村委会",
            "村村民委员会",
        ),
        key=len,
        reverse=True,
    )
)
SUFFIX_INITIALS: tuple[str, ...] = (
    "sqjmwyh",
    "sqjwh",
    "jmwyh",
    "ccmwyh",
    "cmwyh",
    "ccwh",
    "jwh",
    "cwh",
    "sq",
)

OFFICE_ENDING = re.compile(
    r"(居民委员会|居委会|村民委员会|村委会)$"
)  # what a place's office is called, not the place

_SPACE = re.compile(r"\s+")
_NOT_LETTERS = re.compile(r"[^a-z0-9]")
_HAN = re.compile(r"[\u4e00-\u9fff]+")

# Where the phrase table reads a common place name otherwise than its people do.
_SPOKEN = {
    "长沟": "chang gou",
    "长营": "chang ying",
    "长庄": "chang zhuang",
    "长埠": "chang bu",
    "长河": "chang he",
    "长胜": "chang sheng",
    "长兴": "chang xing",
    "朝阳": "chao yang",
    "大栅栏": "da shi lan",
    "东阿": "dong e",
    "单县": "shan xian",
    "乐亭": "lao ting",
    "会稽": "kuai ji",
    "都匀": "du yun",
    "铅山": "yan shan",
    "浚县": "xun xian",
    "蔚县": "yu xian",
    "洪洞": "hong tong",
    "枞阳": "zong yang",
    "歙县": "she xian",
    "涡阳": "guo yang",
    "黄陂": "huang pi",
    "新干": "xin gan",
    "大城": "dai cheng",
    "繁峙": "fan shi",
}
# A village is often a surname and a common noun; alone before the noun the surname's reading holds.
_SURNAMES = {
    "曾": "zeng",
    "仇": "qiu",
    "盖": "ge",
    "查": "zha",
    "单": "shan",
    "朴": "piao",
    "翟": "zhai",
    "解": "xie",
    "召": "shao",
    "种": "chong",
    "缪": "miao",
    "尉": "wei",
    "长": "chang",
}
_NOUNS = {
    "庄": "zhuang",
    "村": "cun",
    "楼": "lou",
    "店": "dian",
    "营": "ying",
    "屯": "tun",
    "家": "jia",
    "堂": "tang",
    "桥": "qiao",
    "集": "ji",
    "海": "hai",
    "寨": "zhai",
    "洼": "wa",
    "湾": "wan",
    "口": "kou",
    "坊": "fang",
    "铺": "pu",
    "堤": "di",
    "垓": "gai",
}


def tidy(name: str) -> str:
    """A name as it is stored: one spelling of full-width signs, no stray white space."""
    if name.isalnum() and unicodedata.is_normalized("NFKC", name):  # most names: nothing to do
        return name
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", name)).strip()


def normal(name: str) -> str:
    """A name as it is compared: lower case, without white space and without the usual suffix.

    观音阁社区居委会, 观音阁社区 and 观音阁 are one; a name that is nothing but a suffix stays."""
    text = _SPACE.sub("", tidy(name)).lower()
    if text.endswith(SUFFIXES):
        for suffix in SUFFIXES:
            if text.endswith(suffix) and len(text) > len(suffix):
                return text[: -len(suffix)]
    return text


@functools.cache
def _reader():
    """pypinyin with our own readings; loaded once per process, on the first write of a name."""
    import pypinyin

    spoken = dict(_SPOKEN)
    spoken.update(
        {
            surname + noun: f"{sound} {tail}"
            for surname, sound in _SURNAMES.items()
            for noun, tail in _NOUNS.items()
        }
    )
    pypinyin.load_phrases_dict(
        {phrase: [[sound] for sound in sounds.split()] for phrase, sounds in spoken.items()}
    )
    from pypinyin.seg import mmseg

    return pypinyin.lazy_pinyin, mmseg.seg.cut


@functools.lru_cache(maxsize=50_000)
def _sounds(words: str) -> tuple[str, ...]:
    """The sounds of some words that are read together. Villages share few words, so most are known."""
    read, _cut = _reader()
    sounds = (_NOT_LETTERS.sub("", sound.lower()) for sound in read(words))
    return tuple(sound for sound in sounds if sound)


def spell(name: str) -> tuple[str, str]:
    """(`guanyinge`, `gyg`): pinyin and initials of the name's normal form, phrase-aware."""
    text = normal(name)
    if _HAN.fullmatch(text):
        _read, cut = _reader()
        sounds = [sound for words in cut(text) for sound in _sounds(words)]
    else:
        sounds = list(_sounds(text))
    initials = "".join(sound if sound.isdigit() else sound[0] for sound in sounds)
    return "".join(sounds)[:160], initials[:40]


def without_suffix_initials(letters: str) -> str:
    """`gygsq` → `gyg`: what remains when the initials of a suffix were typed along."""
    for suffix in SUFFIX_INITIALS:
        if letters.endswith(suffix) and len(letters) > len(suffix):
            return letters[: -len(suffix)]
    return letters
