"""Codes: an identity given once, never parsed for ancestry, never reused."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from grid import kinds
from grid.errors import TreeRefused
from grid.models import CODE, Place

LONGEST = 24
_FORM = re.compile(CODE)


def tidy(code: str) -> str:
    """A code as it is stored: upper case, without white space around it."""
    return code.strip().upper()


def is_well_formed(code: str) -> bool:
    return bool(_FORM.match(code))


@contextlib.contextmanager
def given_once(code: str) -> Iterator[None]:
    """Say it in words when the same code was given in another tree, a moment ago."""
    try:
        yield
    except IntegrityError as problem:
        if "grid_place_code" in str(problem) or "placename_code_never_again" in str(problem):
            raise refused_as_used(tidy(code)) from None
        raise


def check_free(code: str, but_for: Place | None = None) -> None:
    """Refuse a code that is malformed, in use, or was ever in use (by another place than `but_for`)."""
    if not is_well_formed(code):
        raise TreeRefused(
            _("编码格式不对：只用数字、大写字母和连字符，2 到 24 位。"), fields={"code": _("格式不对")}
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM grid_place WHERE code = %s) "
            "OR EXISTS (SELECT 1 FROM grid_placename WHERE kind = 'code' AND value = %s AND place_id <> %s)",
            [code, code, but_for.pk if but_for else 0],
        )
        if cursor.fetchone()[0]:
            raise refused_as_used(code)


def refused_as_used(code: str) -> TreeRefused:
    return TreeRefused(
        _("编码 {code} 已用过，编码不能重复使用。").format(code=code), fields={"code": _("已用过")}
    )


def next_code(above: Place | None, kind: str) -> str:
    """A free code for a new place of `kind` under `above`: the code above it and the next number.

    In the shipped form the number fills the code up to the length of its kind; under a code of another
    form it is three digits after a hyphen. The caller holds the tree, so nobody else numbers here."""
    if above is None:
        raise TreeRefused(_("最上级的地点须自带编码。"), fields={"code": _("必填")})
    entry = kinds.TABLE[kind]
    width = (entry.digits or 0) - len(above.code)
    prefix = above.code
    if width < 2 or not above.code.isdigit():
        prefix, width = f"{above.code}-", 3
    if len(prefix) + width > LONGEST:
        raise TreeRefused(_("上级编码太长，请自带编码。"), fields={"code": _("必填")})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind = %s AND coalesce(parent_id, superior_id) = %s, code FROM grid_place "
            "WHERE code LIKE %s AND length(code) = %s "
            "UNION ALL SELECT false, value FROM grid_placename "
            "WHERE kind = 'code' AND value LIKE %s AND length(value) = %s",
            [kind, above.pk, prefix + "%", len(prefix) + width, prefix + "%", len(prefix) + width],
        )
        rows = [
            (own, int(tail)) for own, code in cursor.fetchall() if (tail := code[len(prefix) :]).isdigit()
        ]
    taken = {number for _own, number in rows}
    number = max((n for own, n in rows if own), default=entry.first - 1) + 1
    while number in taken:
        number += 1
    if number >= 10**width:  # the block is full: any hole will do
        number = next((n for n in range(1, 10**width) if n not in taken), 0)
    if not number:
        raise TreeRefused(_("该上级之下的编码已用完，请自带编码。"), fields={"code": _("必填")})
    return f"{prefix}{number:0{width}d}"
