"""The kinds of place and what may sit under what: a small table, no model, no query."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """One kind of place.

    `rank` grows downwards; `digits` is the length of a code in the shipped form (None: no shipped form);
    `first` is where the numbers of this kind begin under one parent, so that kinds which share a code
    length (grids and estates of a community) keep apart."""

    name: str
    label: Promise
    rank: int
    digits: int | None = None
    first: int = 1
    words: tuple[str, ...] = ()  # what a sheet may write instead of the name


TABLE: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("province", _("省"), 0, 2, words=("省", "自治区", "直辖市")),
        Kind("city", _("市"), 1, 4, words=("市", "地市", "地级市", "州", "盟")),
        Kind("district", _("区县"), 2, 6, words=("区县", "区", "县", "县级市", "county")),
        Kind("street", _("街道/镇"), 3, 9, words=("街道/镇", "街道", "镇", "乡", "乡镇", "town")),
        Kind(
            "community", _("社区/村"), 4, 12, words=("社区/村", "社区", "村", "居委会", "村委会", "village")
        ),
        Kind("section", _("片区"), 5, 15, first=601, words=("片区",)),
        Kind("grid", _("网格"), 6, 15, words=("网格",)),
        Kind("building", _("楼栋"), 7, 18, words=("楼栋", "楼", "栋")),
        Kind("unit", _("单元"), 8, 20, words=("单元",)),
        Kind("household", _("户"), 9, 24, words=("户",)),
        Kind("estate", _("小区"), 6, 15, first=701, words=("小区",)),
    )
}

KINDS: tuple[str, ...] = tuple(TABLE)
CHOICES = [(kind.name, kind.label) for kind in TABLE.values()]

STREET = "street"
ESTATE = "estate"
TOP = "province"
UPPER: tuple[str, ...] = ("province", "city", "district")  # stand above the trees, on plain links
ROOTS: tuple[str, ...] = (*UPPER, STREET)  # carry no `parent`; the street is the root of its tree
INNER: tuple[str, ...] = tuple(name for name in KINDS if name not in ROOTS)  # live inside a street's tree


# how an estate is looked after 物业方式: name → (label, what a sheet may write)
MANAGEMENT: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "company": (_("物业公司"), ("物业公司", "物业企业", "专业物业", "市场化物业")),
    "owners": (_("业主自管"), ("业主自管", "业主自筹", "业主自治", "自管")),
    "community": (_("社区托管"), ("社区托管", "社区代管", "街道托管", "托底物业", "红色物业")),
    "employer": (_("单位管理"), ("单位管理", "单位自管", "产权单位管理")),
    "none": (_("无人管理"), ("无人管理", "无物业", "弃管", "无", "三无")),
}
MANAGEMENT_CHOICES = [(name, label) for name, (label, _words) in MANAGEMENT.items()]


def read_management(word: str) -> str | None:
    """How an estate is looked after, as a sheet says it, or None."""
    word = word.strip().lower()
    if word in MANAGEMENT:
        return word
    return next((name for name, (_label, words) in MANAGEMENT.items() if word in words), None)


def rank(kind: str) -> int:
    """0 for a province, growing downwards."""
    return TABLE[kind].rank


def label(kind: str) -> Promise:
    return TABLE[kind].label


def may_hold(parent: str, child: str) -> bool:
    """May a place of kind `child` sit directly under one of kind `parent`?

    A child's rank is below its parent's and ranks may be skipped, so all known shapes fit. An estate is a
    child of the community beside its grids and holds nothing itself: buildings hang on their grid and name
    their estate. Inside a street's tree everything needs the street above it."""
    if parent == ESTATE:
        return False
    if child == ESTATE:
        return parent == "community"
    if child in INNER and parent in UPPER:
        return False
    return rank(parent) < rank(child)


def may_stand_alone(kind: str) -> bool:
    """May a place of this kind be the top of everything (a deployment need not reach up to the province)?"""
    return kind in UPPER


def may_succeed(old: str, new: str) -> bool:
    """May a place of kind `new` take over what led to one of kind `old`: the same kind, or a wider one."""
    return old == new or (new != ESTATE and rank(new) < rank(old))


def read(word: str) -> str | None:
    """The kind that a sheet means by `word` (its name, label or a usual word), or None."""
    word = word.strip().lower()
    if word in TABLE:
        return word
    return next((kind.name for kind in TABLE.values() if word in kind.words), None)
