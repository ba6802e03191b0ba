import pytest

from grid import naming


@pytest.mark.parametrize(
    "name",
    [
        "观音阁",
        "观音阁社区",
        "观音阁居委会",
        "观音阁社区居委会",
        "观音阁社区居民委员会",
        "观音阁居民委员会",
        " 观音 阁社区居委会 ",
    ],
)
def test_usual_suffixes_do_not_matter(name):
    assert naming.normal(name) == "观音阁"


@pytest.mark.parametrize("name", ["甄庄村委会", "甄庄村民委员会", "甄庄村村委会", "甄庄村村民委员会"])
def test_village_suffixes_do_not_matter(name):
    assert naming.normal(name) == "甄庄"


def test_a_name_that_is_only_a_suffix_stays():
    assert naming.normal("社区") == "社区"


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("观音阁社区居委会", "guanyinge", "gyg"),
        ("长沟镇", "changgouzhen", "cgz"),
        ("曾庄村村委会", "zengzhuang", "zz"),
        ("重庆路社区", "chongqinglu", "cql"),
        ("朝阳社区", "chaoyang", "cy"),
        ("阳光100社区", "yangguang100", "yg100"),
        ("ＡＢ座", "abzuo", "az"),
    ],
)
def test_spelling_knows_phrases(name, pinyin, initials):
    assert naming.spell(name) == (pinyin, initials)


def test_initials_of_a_suffix_typed_along():
    assert naming.without_suffix_initials("gygsq") == "gyg"
    assert naming.without_suffix_initials("gygsqjwh") == "gyg"
    assert naming.without_suffix_initials("sq") == "sq"
