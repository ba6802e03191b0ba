"""A sheet of commands: one change a row, named in the column 操作, becomes steps of a draft.

    操作 · 编码 · 名称 · 上级编码 · 类型 · 新编码 · 目标编码 · 下级编码
    新增 (名称, 上级编码, 类型, 编码 if wanted) · 改名 (编码, 名称) · 改码 (编码, 新编码) · 移动 (编码, 上级编码) ·
    合并 (编码 into 目标编码) · 停用 (编码, 目标编码 if somebody takes over) · 恢复 (编码) ·
    拆分 (编码, 名称 of one part, 下级编码 that it takes over, 新编码 if wanted): one row for each part

Rows build on each other in their order: a place that a row opens with a code may be named by the rows below it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import codes, drafts, kinds, sheets
from grid.columns import COLUMNS
from grid.errors import TreeRefused, Unreadable
from grid.models import Draft
from ledger.actor import Actor

WORDS = {
    "open": ("新增", "新建", "open"),
    "rename": ("改名", "更名", "rename"),
    "recode": ("改码", "recode"),
    "move": ("移动", "迁移", "move"),
    "merge": ("合并", "merge"),
    "split": ("拆分", "split"),
    "retire": ("停用", "撤销", "retire"),
    "restore": ("恢复", "restore"),
}
HEADS = {
    "does": ("操作", "command"),
    "new_code": ("新编码", "new_code"),
    "target": ("目标编码", "目标", "target"),
    "children": ("下级编码", "下级", "children"),
    **{name: (name, *COLUMNS[name]) for name in ("code", "name", "parent_code", "level")},
}
MOST = 500  # rows
LARGEST = 4 * 1024 * 1024  # bytes after unpacking: so many rows need far less, and it is read while one waits
_MEANT = {word.lower(): name for name, words in HEADS.items() for word in words}
_DOES = {word: command for command, words in WORDS.items() for word in words}


def is_one(file: IO[bytes]) -> bool:
    """Does the file have the column 操作? A large one is none, unread. Its place is the beginning again."""
    try:
        lines = sheets.lines_of(file, 1, LARGEST)
    except TreeRefused:
        return False  # whoever reads it next says what is wrong with it
    finally:
        file.seek(0)
    return "does" in _named(lines[0][1] if lines else ())


def to_draft(file: IO[bytes], *, by: Actor, at: dt.datetime, basis: str = "") -> Draft:
    """Add the rows to one's open draft, or to a new one; all of them or none. Raises Unreadable with every bad
    row."""
    lines = sheets.lines_of(file, MOST + 2, LARGEST)
    names = _named(lines[0][1])
    rows = [(number, _cells(names, cells)) for number, cells in lines[1:] if any(cells)]
    if not rows or len(rows) > MOST:
        raise Unreadable(_("操作表要有 1 到 {n} 行。").format(n=MOST))
    problems: list[tuple[int, str]] = []
    with transaction.atomic():
        draft = drafts.of(by).filter(status=Draft.Status.OPEN).first() or drafts.open_draft(
            by=by, at=at, basis=basis
        )
        opened: dict[str, str] = {}
        for number, said in _with_parts(rows):
            try:
                command, args = _step(said, opened)
                if command == "open" and args.get("code"):
                    opened[args["code"]] = f"~{draft.next_step}"
                for n, part in enumerate(args.get("parts", ()), start=1):
                    if part.get("code"):
                        opened[part["code"]] = f"~{draft.next_step}.{n}"
                draft = drafts.add(draft, command=command, args=args, by=by, at=at)
            except TreeRefused as refusal:
                problems.append((number, refusal.sentence))
        if problems:
            raise Unreadable(_("有 {n} 处问题，草稿没有改动。").format(n=len(problems)), problems)
    return draft


def _named(header: Sequence[str]) -> list[str]:
    return [_MEANT.get(cell.strip().lower(), "") for cell in header]


def _cells(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}


def _with_parts(rows: Sequence[tuple[int, dict[str, Any]]]) -> list[tuple[int, dict[str, Any]]]:
    """The same with all rows of one split in the first of them."""
    found: list[tuple[int, dict[str, Any]]] = []
    splits: dict[str, dict[str, Any]] = {}
    for number, said in rows:
        if _DOES.get(said.get("does", "").lower()) != "split":
            found.append((number, said))
            continue
        code = codes.tidy(said.get("code", ""))
        if code not in splits:
            splits[code] = {**said, "parts": []}
            found.append((number, splits[code]))
        splits[code]["parts"].append(said)
    return found


def _step(said: dict[str, Any], opened: dict[str, str]) -> tuple[str, dict[str, Any]]:
    word = said.get("does", "").lower()
    command = _DOES.get(word)
    if command is None:
        raise TreeRefused(_("不认识的操作“{word}”").format(word=word[:20]))

    def place(name: str) -> str:
        code = codes.tidy(said.get(name, ""))
        return opened.get(code, code)

    code, name, above, target = place("code"), said.get("name", ""), place("parent_code"), place("target")
    if command == "open":
        kind = kinds.read(said.get("level", ""))
        if kind is None:
            raise TreeRefused(_("不认识的类型“{level}”").format(level=said.get("level", "")))
        own = codes.tidy(said.get("code", ""))
        return command, {"kind": kind, "name": name, "parent": above, "code": own}
    if command == "split":
        return command, {"place": code, "parts": [_part(one, opened) for one in said["parts"]]}
    args: dict[str, dict[str, Any]] = {
        "rename": {"place": code, "name": name},
        "recode": {"place": code, "code": codes.tidy(said.get("new_code", ""))},
        "move": {"place": code, "parent": above},
        "merge": {"places": [code] if code else [], "target": target},
        "retire": {"place": code, "target": target},
        "restore": {"place": code},
    }
    return command, args[command]


def _part(said: dict[str, str], opened: dict[str, str]) -> dict[str, Any]:
    below = [codes.tidy(one) for one in re.split("[、，,;；\\s]+", said.get("children", "")) if one]
    part = {"name": said.get("name", ""), "children": [opened.get(code, code) for code in below]}
    own = codes.tidy(said.get("new_code", ""))
    return {**part, "code": own} if own else part
