"""Past dispatches as a file tells them: one line each, in any order; two names of one unit become one.

Nothing is dropped in silence: what cannot teach anything is counted by its reason, what was taken for one unit is
told."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.routing.learning import Sent
from grid import sheets
from grid.errors import Unreadable

MOST_LINES = 1_000_000
LARGEST = 200 * 1024 * 1024
NOBODY = frozenset({"", "-", "—", "--", "无", "/", "N/A"})
TEST = "测试"
OFFICE = re.compile(r"^(.+?)[（(]([^（()）]*(?:办事处|街道|镇|乡))[)）]$")
# what each column is for, and how the file of the Pingshan district calls it
COLUMNS = {
    "at": "created_at",
    "matter": "type_l3",
    "category": "type_l2",
    "community": "community",
    "street": "street",
    "unit": "unit",
    "unit_id": "unit_id",
}
NEEDED = ("at", "matter", "unit")
REASONS = {
    "nobody": gettext_lazy("没有写单位"),
    "test": gettext_lazy("测试单位"),
    "matter": gettext_lazy("没有写类型"),
    "time": gettext_lazy("时间读不懂"),
    "unmapped": gettext_lazy("类型没有对应的小项"),
}


@dataclass
class Past:
    """What a file gave: `sent` in order of time, how many lines were left out and why, and which names were taken
    for one unit (name → the others)."""

    sent: list[Sent] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    one_unit: dict[str, list[str]] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        return len(self.sent) + self.skipped.total()

    def halves(self, share: float) -> tuple[list[Sent], list[Sent]]:
        """The earlier part of that share, and the later one."""
        cut = round(len(self.sent) * share)
        return self.sent[:cut], self.sent[cut:]


def read(
    path: Path | str, columns: Mapping[str, str], items: Mapping[str, tuple[str, str]] | None = None
) -> Past:
    """The dispatches of a file (CSV, gzipped or XLSX). `columns`: ours → the file's, "" for none. `items`: the file's
    word for a matter → (item, category); what it lacks is left out and counted. Raises Unreadable."""
    try:
        with Path(path).open("rb") as file:
            lines = sheets.lines_of(file, MOST_LINES, LARGEST)
    except OSError as problem:
        raise Unreadable(
            _("文件打不开：{why}").format(why=problem.strerror or problem.__class__.__name__)
        ) from None
    if not lines:
        raise Unreadable(_("文件是空的。"))
    at = _columns([cell.strip() for cell in lines[0][1]], columns)
    found, past = [], Past()
    for n, (_number, cells) in enumerate(lines[1:]):
        if not any(cell.strip() for cell in cells):
            continue
        told = {name: cells[i].strip() if i < len(cells) else "" for name, i in at.items()}
        sent, reason = _one(told, items)
        if sent is None:
            past.skipped[reason] += 1
        else:
            found.append((sent, told.get("unit_id", ""), n))
    names = _names([(sent.unit, ident, sent.street) for sent, ident, _n in found])
    found.sort(key=lambda one: (one[0].at, one[2]))
    for sent, ident, _n in found:
        past.sent.append(replace(sent, unit=names[sent.unit, ident, sent.street]))
    others: dict[str, set[str]] = defaultdict(set)
    for (name, _ident, _street), shown in names.items():
        if name != shown:
            others[shown].add(name)
    past.one_unit = {shown: sorted(every) for shown, every in sorted(others.items())}
    return past


def _columns(header: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    at = {name: header.index(word) for name, word in columns.items() if word and word in header}
    lacking = [columns.get(name) or name for name in NEEDED if name not in at]
    if lacking:
        words = {"columns": "、".join(lacking), "there": "、".join(header[:30])}
        raise Unreadable(_("缺少列：{columns}。文件里有：{there}").format(**words))
    return at


def _one(told: Mapping[str, str], items: Mapping[str, tuple[str, str]] | None) -> tuple[Sent | None, str]:
    matter, category, unit = told["matter"], told.get("category", ""), told["unit"]
    if unit in NOBODY:
        return None, "nobody"
    if TEST in unit:
        return None, "test"
    if not matter:
        return None, "matter"
    if items is not None:
        if matter not in items:
            return None, "unmapped"
        matter, category = items[matter]
    try:
        at = dt.datetime.fromisoformat(told["at"])
    except ValueError:
        return None, "time"
    return Sent(
        matter, category, told.get("community", ""), told.get("street", ""), unit, at.replace(tzinfo=None)
    ), ""


# -- two names of one unit

Named = tuple[str, str, str]  # name, number, street


def _names(seen: Iterable[Named]) -> dict[Named, str]:
    """What to call each: by its number where the file has numbers, else by the name without the office in brackets
    where that name alone stands in the same street too. No two units are called the same."""
    times = Counter(seen)
    plain = {(name, street) for name, _ident, street in times}
    groups: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    key_of: dict[Named, tuple[str, ...]] = {}
    for named, n in times.items():
        name, ident, street = named
        office = OFFICE.match(name)
        bare = office.group(1) if office else name
        if ident:
            key: tuple[str, ...] = ("#", ident)
        elif office and (bare, street) in plain:
            key = (bare,)
        else:
            key = (name,)
        key_of[named] = key
        groups[key][name] += n
    of_several = Counter(name for names in groups.values() for name in names)
    shown: dict[tuple[str, ...], str] = {}
    taken: dict[str, tuple[str, ...]] = {}
    for key, names in sorted(groups.items(), key=lambda one: (-one[1].total(), one[0])):
        by_use = sorted(names, key=lambda name: (of_several[name] > 1, -names[name], len(name), name))
        name = next((one for one in by_use if one not in taken), f"{by_use[0]}（{key[-1]}）")
        taken[name] = key
        shown[key] = name
    return {named: shown[key] for named, key in key_of.items()}


def items_of(path: Path | str, code: str, words: str, category: str) -> dict[str, tuple[str, str]]:
    """The file's word for a matter → (item, category), from a checklist with a column of such words between
    semicolons. Raises Unreadable."""
    with Path(path).open("rb") as file:
        lines = sheets.lines_of(file, MOST_LINES, LARGEST)
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    lacking = [name for name in (code, words) if name not in header]
    if lacking:
        raise Unreadable(_("缺少列：{columns}").format(columns="、".join(lacking)))
    found: dict[str, tuple[str, str]] = {}
    for _number, cells in lines[1:]:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        for word in row.get(words, "").replace("；", ";").split(";"):
            if word.strip():
                found.setdefault(word.strip(), (row[code], row.get(category, "")))
    return found
